"""`glassnet explain`: the arithmetic of one prediction, number by number."""

from typing import Annotated

import typer

from glassnet.cli.console import emit_json, note
from glassnet.cli.inputs import load_model, read_for
from glassnet.cli.one_row import take_row, truth
from glassnet.cli.options import Data, Json, Model, Target


def explain(
    model: Model,
    data: Data,
    row: Annotated[int, typer.Option(metavar="N", help="Which row of DATA, counted from 0.")] = 0,
    target: Target = None,
    no_target: Annotated[bool, typer.Option("--no-target", help="Show the forward pass only.")] = False,
    json: Json = False,
) -> None:
    """Open one prediction: forward pass, cost, backward pass and update, with every number.

    Cost, backward pass and update need the row's target. Where it is not known, only the forward pass is shown.
    """
    from glassnet.explanation.explain import explain as open_row

    fitted = load_model(model)
    source = read_for(fitted, data)
    one = take_row(source.table, row)
    known, why_not = truth(fitted, one, target, wanted=not no_target)
    explanation = open_row(fitted, one) if known is None else open_row(fitted, one, target=known)
    notices = [*source.notices, *([f"forward pass only: {why_not}."] if why_not else [])]
    if json:
        emit_json({"row": row, "source": source.description, "notices": notices, **explanation.to_dict()})
        return
    typer.echo(explanation.to_text())
    for notice in notices:
        note(notice)
