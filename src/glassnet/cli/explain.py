"""`glassnet explain`: the arithmetic of one prediction, number by number."""

from typing import Annotated, Any

import typer

from glassnet.cli.console import emit_json, note
from glassnet.cli.inputs import load_model, read_for, target_of
from glassnet.cli.options import Data, Json, Model, Target
from glassnet.data.promotion import is_missing
from glassnet.data.table import Table
from glassnet.errors import ParameterError
from glassnet.estimators.scoring import observed


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
    _check_row(row, source.table.n_rows)
    one = source.table.take([row])
    truth, why_not = (None, "--no-target was given") if no_target else _truth(fitted, one, target)
    explanation = open_row(fitted, one) if truth is None else open_row(fitted, one, target=truth)
    notices = [*source.notices, *([f"forward pass only: {why_not}."] if why_not else [])]
    if json:
        emit_json({"row": row, "source": source.description, "notices": notices, **explanation.to_dict()})
        return
    typer.echo(explanation.to_text())
    for notice in notices:
        note(notice)


def _check_row(row: int, n_rows: int) -> None:
    if not 0 <= row < n_rows:
        raise ParameterError(f"there is no row {row}; rows count from 0, and the last one here is {n_rows - 1}.")


def _truth(model: Any, one: Table, asked: str | None) -> tuple[Any, str]:
    """Return the row's target, or None and why there is none."""
    name = target_of(model, asked)
    if name is None:
        return None, "the model does not know what its target is called (--target names it)"
    if name not in one and asked is None:
        return None, f"the data has no column {name!r}"
    if is_missing(one[name]).any():
        return None, f"the row has no value of {name!r}"
    value = observed(model, one, name).values.tolist()[0]
    classes = model.target_encoder_.classes
    if classes is not None and value not in classes.tolist():
        return None, f"{name!r} is {value!r}, a class that the model does not know"
    return value, ""
