"""`glassnet activations | costs | solvers`: the tables of what there is."""

from glassnet.cli.console import emit_json, table
from glassnet.cli.options import Json
from glassnet.core.activation import activations as list_activations
from glassnet.core.costs import costs as list_costs
from glassnet.core.records import Listing
from glassnet.core.solvers import solvers as list_solvers


def activations(json: Json = False) -> None:
    """List the activation functions: formula, derivative, range and when to use each."""
    _show(list_activations(), json)


def costs(json: Json = False) -> None:
    """List the costs: formula per sample, derivative, outputs needed and when to use each."""
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
