"""`glassnet draw`: a diagram of a model's network."""

from pathlib import Path
from typing import Annotated, Any

import typer

from glassnet.cli.console import caution, emit, emit_json, report, working
from glassnet.cli.files import refuse_own_input
from glassnet.cli.inputs import load_model, one_network, read_for
from glassnet.cli.one_row import take_row, truth
from glassnet.cli.options import Force, Json, Member, Model, Target, Theme
from glassnet.cli.pictures import check_picture, write_picture
from glassnet.errors import ParameterError


def draw(
    model: Model,
    data: Annotated[
        list[str] | None,
        typer.Argument(metavar="[DATA...]", show_default=False, help="Files or a query with the row to show."),
    ] = None,
    row: Annotated[
        int | None, typer.Option(metavar="N", show_default=False, help="Which row of DATA, counted from 0.")
    ] = None,
    target: Target = None,
    no_target: Annotated[bool, typer.Option("--no-target", help="Show the row's values, but no blame.")] = False,
    most: Annotated[int, typer.Option(metavar="N", help="Largest number of neurons drawn per layer.")] = 12,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", readable=False, help="A .svg, .png, .pdf or .html file."),
    ] = None,
    theme: Theme = "auto",
    member: Member = None,
    force: Force = False,
    json: Json = False,
) -> None:
    """Draw the network of a model, optionally with the values and the blame of one row.

    With DATA, the neurons show the values of the first row, or of --row. If its target is known, arrows show how the
    blame flows back. Without --output or --json, the picture is printed as SVG.
    """
    from glassnet.drawing.diagram.draw import draw as draw_network

    if output is not None:
        refuse_own_input(output, data or [], model)
    check_picture(output, theme, force=force)
    if not data and (row is not None or target is not None or no_target):
        raise ParameterError("--row, --target and --no-target need DATA, but none was given.")
    fitted = one_network(load_model(model), member)
    one, known, notices = _row(fitted, data, row or 0, target, no_target) if data else (None, None, [])
    with working("drawing"):
        diagram = draw_network(fitted, one, known, most=most, theme=theme)
    if output is not None:
        write_picture(diagram, output)
    for notice in notices:
        caution(notice)
    if json:
        emit_json({"output": None if output is None else str(output), "notices": notices, **diagram.to_dict()})
    elif output is None:
        emit(diagram.svg)
    else:
        report(f"{diagram.title} drawn in {output}")


def _row(model: Any, data: list[str], row: int, target: str | None, no_target: bool) -> tuple[Any, Any, list[str]]:
    source = read_for(model, data)
    one = take_row(source.table, row)
    known, why_not = truth(model, one, target, wanted=not no_target)
    remarks = [f"no blame is drawn: {why_not}."] if why_not and not no_target else []
    return one, known, [*source.notices, *remarks]
