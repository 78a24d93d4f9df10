"""`glassnet predict`: one prediction per row, in the order of the input."""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from glassnet.cli.console import Emitter, emit_json, report, report_notes, working
from glassnet.cli.files import check_output, refuse_own_input
from glassnet.cli.inputs import load_model, read_for, target_of
from glassnet.cli.options import Data, Force, Json, Model
from glassnet.data.table import Table
from glassnet.data.writing import check_ending, records, write_csv, write_table
from glassnet.errors import ParameterError
from glassnet.estimators.judging.scoring import predicted
from glassnet.files import write_whole
from glassnet.typing import Array
from glassnet.wording import counted


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
    force: Force = False,
    json: Json = False,
) -> None:
    """Predict the target of every row of DATA.

    The result has one line per row of DATA, in the same order: the row's number from 0, the prediction, and the
    probability of each class. Without --output or --json, it is printed as CSV.
    """
    ending = ".csv" if output is None else check_ending(output)
    if spreadsheet_safe and (ending != ".csv" or json):
        raise ParameterError("--spreadsheet-safe applies to CSV only; leave it out, or end --output in .csv.")
    if output is not None:
        refuse_own_input(output, data, model)
        check_output(output, force=force)
    fitted = load_model(model)
    source = read_for(fitted, data)
    with working("predicting"):
        names, columns = _predictions(fitted, source.table, with_inputs)
    if output is not None:
        write_whole(output, lambda part: write_table(part, ending, names, columns, spreadsheet_safe))
        report(f"{counted(source.table.n_rows, 'prediction')} written to {output}")
    report_notes(source.notices)
    if json:
        emit_json(records(names, columns))
    elif output is None:
        write_csv(Emitter(), names, columns, spreadsheet_safe)


def _predictions(model: Any, rows: Table, with_inputs: bool) -> tuple[list[str], list[Array]]:
    prediction, probabilities = predicted(model, rows)
    target = target_of(model) or "y"
    made: dict[str, Array] = {"row": np.arange(rows.n_rows)}
    kept = dict(zip(rows.names, rows.columns, strict=True)) if with_inputs else {}
    answers = _answers(model, target, prediction, probabilities)
    made |= {name: values for name, values in kept.items() if name != "row"}
    made |= {_free(name, made): values for name, values in answers.items()}
    return list(made), list(made.values())


def _answers(model: Any, target: str, prediction: Array, probabilities: Array | None) -> dict[str, Array]:
    if prediction.ndim == 2:
        names = model.target_encoder_.names
        answers = {f"predicted {name}": column for name, column in zip(names, prediction.T, strict=True)}
        of_labels = () if probabilities is None else zip(names, probabilities.T, strict=True)
        return answers | {f"P({name})": column for name, column in of_labels}
    answers = {f"predicted {target}": prediction}
    if probabilities is not None:
        named = zip(model.target_encoder_.names, probabilities.T, strict=True)
        answers |= {f"P({target}={label})": column for label, column in named}
    return answers


def _free(name: str, taken: dict[str, Array]) -> str:
    return name if name not in taken else _free(f"{name} (new)", taken)
