"""`glassnet activations | costs | solvers`: tables of the built-in functions."""

from pathlib import Path
from typing import Annotated

import typer

from glassnet.cli.console import emit_json, report, table, working
from glassnet.cli.options import Force, Json, Theme
from glassnet.cli.pictures import check_picture, write_picture
from glassnet.core.catalog.activation import activations as list_activations
from glassnet.core.catalog.costs import costs as list_costs
from glassnet.core.catalog.solvers import solvers as list_solvers
from glassnet.core.records import Listing


def activations(
    plot: Annotated[
        Path | None,
        typer.Option(metavar="FILE", readable=False, help="Draw the curves: a .svg, .png, .pdf or .html file."),
    ] = None,
    theme: Theme = "auto",
    force: Force = False,
    json: Json = False,
) -> None:
    """List the activation functions: formula, derivative, range and when to use each.

    --plot also draws their curves and slopes.
    """
    if plot is not None:
        from glassnet.drawing.charts.activation_chart import activation_curves

        check_picture(plot, theme, force=force)
        with working("drawing"):
            write_picture(activation_curves(theme=theme), plot)
        report(f"the curves are drawn in {plot}")
    _show(list_activations(), json)


def costs(json: Json = False) -> None:
    """List the costs: formula per sample, derivative, required outputs and when to use each."""
    _show(list_costs(), json)


def solvers(json: Json = False) -> None:
    """List the solvers: formula of one step, learning rate, parameters and when to use each."""
    _show(list_solvers(), json)


def _show(listing: Listing, json: bool) -> None:
    if json:
        emit_json(listing.to_dict())
        return
    heads = list(listing.rows[0])
    rows = [[row[head] for head in heads] for row in listing]
    table([head.replace("_", " ") for head in heads], rows, first="bold", spaced=True)
