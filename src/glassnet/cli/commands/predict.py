"""`glassnet predict`: one prediction per row, in the order of the input."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from glassnet.cli.console import Emitter, report, report_notes, working
from glassnet.cli.files import check_output, is_device, refuse_own_input
from glassnet.cli.inputs import load_model, new_rows, one_source
from glassnet.cli.options import Data, Force, Json, Model
from glassnet.data.writing.in_parts import WRITERS, PrintedJsonWriter, SafeCsvWriter
from glassnet.data.writing.tables import check_ending
from glassnet.errors import ParameterError
from glassnet.escaping import visible_json
from glassnet.estimators.streaming.prediction_file import ResumablePredictions, write_predictions
from glassnet.files import scratch_folder, write_whole
from glassnet.wording import counted

_BLOCK = 1 << 14  # characters


def predict(
    model: Model,
    data: Data,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", readable=False, help="Write a .csv, .parquet or .json file."),
    ] = None,
    with_inputs: Annotated[bool, typer.Option("--with-inputs", help="Include the columns of DATA.")] = False,
    spreadsheet_safe: Annotated[
        bool,
        typer.Option(
            "--spreadsheet-safe",
            help="In CSV, put ' before texts and names that a spreadsheet would run as a formula (= + - @).",
        ),
    ] = False,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Keep what is predicted in FILE.partial until the end, and continue from there after a kill.",
        ),
    ] = False,
    force: Force = False,
    json: Json = False,
) -> None:
    """Predict the target of every row of DATA.

    The result has one line per row of DATA, in the same order: the row's number from 0, the prediction, and the
    probability of each class. Without --output or --json, it is printed as CSV. DATA may be larger than the memory.
    """
    ending = ".csv" if output is None else check_ending(output)
    if spreadsheet_safe and (ending != ".csv" or json):
        raise ParameterError("--spreadsheet-safe applies to CSV only; leave it out, or end --output in .csv.")
    if resume and (output is None or is_device(output)):
        raise ParameterError("--resume needs --output FILE, beside which the predictions are kept.")
    if output is not None:
        refuse_own_input(output, data, model)
        check_output(output, force=force)
    fitted = load_model(model)
    unfinished = None
    if resume and output is not None:
        options = {"with_inputs": with_inputs, "spreadsheet_safe": spreadsheet_safe, "ending": ending}
        unfinished = ResumablePredictions(fitted, one_source(data), output, options)
        _report_unfinished(unfinished, output)
    source = new_rows(fitted, data)
    rows, writer = source.rows, SafeCsvWriter if spreadsheet_safe else WRITERS[ending]
    with ExitStack() as stack:
        with working("predicting"):
            if unfinished is not None:
                unfinished.write(fitted, rows, writer, with_inputs=with_inputs)
            elif output is not None:
                write_whole(output, lambda part: write_predictions(fitted, rows, writer, part, with_inputs=with_inputs))
            printed = None  # a failure prints nothing
            if json or output is None:
                printed = stack.enter_context(scratch_folder()) / "printed"
                as_printed = PrintedJsonWriter if json else writer
                write_predictions(fitted, rows, as_printed, printed, with_inputs=with_inputs)
        if output is not None:
            report(f"{counted(rows.n_rows, 'prediction')} written to {output}")
        report_notes(source.notices)
        if printed is not None:
            _print(printed, json=json)


def _report_unfinished(unfinished: ResumablePredictions, output: Path) -> None:
    if unfinished.is_anew:
        report(f"Note: {output}.partial is by another model, of other data or with other options; starting anew.")
    elif unfinished.is_changed:
        report(f"Note: {output}.partial was cut or edited since it was written; starting anew.")
    elif unfinished.n_before:
        report(f"{counted(unfinished.n_before, 'prediction')} found in {output}.partial; continuing from there")


def _print(path: Path, *, json: bool) -> None:
    out = Emitter()
    with path.open(encoding="utf-8", newline="") as file:
        while text := file.read(_BLOCK):
            out.write(visible_json(text) if json else text)
    if json:
        out.write("\n")
    sys.stdout.flush()
