"""`glassnet explain`: the arithmetic of one prediction."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from glassnet.cli.console import echo, emit, emit_json, note, report, report_notes, working
from glassnet.cli.files import check_output, refuse_own_input
from glassnet.cli.inputs import load_model, one_network, read_for
from glassnet.cli.one_row import take_row, truth
from glassnet.cli.options import Data, Force, Json, Member, Model, Target
from glassnet.errors import ParameterError
from glassnet.explanation.formats.workbook.render import estimated_bytes
from glassnet.files import write_whole

LARGE_WORKBOOK = 2_000_000  # bytes; larger workbooks are announced

FORMATS: dict[str, tuple[str, Callable[[Any], str] | None]] = {
    "text": (".txt", lambda explanation: explanation.to_text() + "\n"),
    "markdown": (".md", lambda explanation: explanation.to_markdown()),
    "latex": (".tex", lambda explanation: explanation.to_latex()),
    "html": (".html", lambda explanation: explanation.to_html()),
    "json": (".json", lambda explanation: explanation.to_json(indent=2) + "\n"),
    "xlsx": (".xlsx", None),
}
"""For each format its file suffix and the method that writes it as text; a workbook is not text."""

_NAMES = " or ".join(", ".join(FORMATS).rsplit(", ", 1))


def explain(
    model: Model,
    data: Data,
    row: Annotated[int, typer.Option(metavar="N", help="Which row of DATA, counted from 0.")] = 0,
    target: Target = None,
    no_target: Annotated[bool, typer.Option("--no-target", help="Show the forward pass only.")] = False,
    weight: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", show_default=False, help="Show one weight only: 'age -> hidden1.3', w10, W1,6 or a bias b2."
        ),
    ] = None,
    notation: Annotated[
        str, typer.Option(metavar="NAME", help="Naming of the weights: names, by_input, by_neuron or from_to.")
    ] = "names",
    solver: Annotated[
        str | None,
        typer.Option(metavar="NAME", show_default=False, help="Solver of the step; else the model's own."),
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(metavar="NUMBER", show_default=False, help="Learning rate of the step; else the model's own."),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="NAME", show_default=False,
            help=f"{_NAMES}; else by the suffix of --output.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", readable=False, show_default=False, help="Write a file."),
    ] = None,
    member: Member = None,
    force: Force = False,
    json: Json = False,
) -> None:  # fmt: skip
    """Explain one prediction: forward pass, cost, backward pass and update, with every number.

    Cost, backward pass and update need the row's target; without it, only the forward pass is shown. An ensemble is
    shown as the mean of its networks; --member selects one network. An Excel workbook (--output row.xlsx) has live
    formulas: change a weight and watch the cost change.
    """
    from glassnet.explanation.explain import explain as open_row

    chosen = _format(format, output, json=json)
    if output is not None:
        refuse_own_input(output, data, model)
        check_output(output, force=force)
    fitted = load_model(model)
    if member is not None or weight is not None:
        fitted = one_network(fitted, member)
    source = read_for(fitted, data)
    one = take_row(source.table, row)
    known, why_not = truth(fitted, one, target, wanted=not no_target)
    options: dict[str, Any] = {"notation": notation, "solver": solver, "learning_rate": learning_rate}
    explanation = open_row(fitted, one, target=known, **options)
    notices = [*source.notices, *([f"forward pass only: {why_not}."] if why_not else [])]
    if weight is not None:
        _one_weight(explanation, weight, output, json=json)
        return
    if output is not None:
        if chosen == "xlsx":
            _announce(explanation)
        with working("writing"):
            _write(explanation, chosen, output)
        report(f"row {row} written to {output}")
        report_notes(notices)
    if json:
        emit_json({"row": row, "source": source.description, "notices": notices, **explanation.to_dict()})
    elif output is None:
        _show(explanation, chosen, notices)


def _format(requested: str | None, output: Path | None, *, json: bool) -> str:
    """Return the requested format, or the one of the file's suffix."""
    endings = {ending: name for name, (ending, _) in FORMATS.items()}
    chosen = requested
    if chosen is None:
        chosen = "text" if output is None else endings.get(output.suffix.lower())
        if chosen is None:
            raise ParameterError(
                f"--output {str(output)!r} has an unknown ending; end it in one of {', '.join(endings)}, or "
                "say --format."
            )
    if chosen not in FORMATS:
        raise ParameterError(f"--format {chosen!r} is not known; choose from {', '.join(FORMATS)}.")
    if chosen == "xlsx" and output is None:
        raise ParameterError("a workbook must be written to a file; try --output row.xlsx.")
    if json and requested not in (None, "json") and output is None:
        raise ParameterError(f"--json and --format {requested} contradict each other; leave one of them out.")
    return chosen


def _show(explanation: Any, chosen: str, notices: list[str]) -> None:
    """Print on stdout; notes follow a text on stdout, and go to stderr for any other format."""
    write = FORMATS[chosen][1]
    assert write is not None
    if chosen == "text":
        wide = shutil.get_terminal_size().columns if sys.stdout.isatty() else 88
        echo(explanation.to_text(width=min(max(wide, 60), 110)))
        for notice in notices:
            note(notice)
        return
    emit(write(explanation))
    report_notes(notices)


def _announce(explanation: Any) -> None:
    """Announce the size of a large workbook before it is written."""
    n_bytes = 0 if hasattr(explanation, "members") else estimated_bytes(explanation)
    if n_bytes > LARGE_WORKBOOK:
        report(
            f"Note: the workbook will have about {n_bytes / 1e6:.0f} MB and takes a while to write; --no-target leaves "
            "most of it out, --format html folds what is wide."
        )


def _write(explanation: Any, chosen: str, output: Path) -> None:
    as_text = FORMATS[chosen][1]

    def write(part: Path) -> None:
        if as_text is None:
            explanation.to_xlsx(part)
        else:
            part.write_text(as_text(explanation), encoding="utf-8")

    write_whole(output, write)


def _one_weight(explanation: Any, address: str, output: Path | None, *, json: bool) -> None:
    if output is not None:
        raise ParameterError("--weight prints one weight on the terminal; leave --output out.")
    worked = explanation.weight(address)
    if json:
        emit_json(worked.to_dict())
    else:
        echo(worked.to_text())
