"""One row of DATA and its target, if known, for `explain` and `draw`."""

from typing import Any

from glassnet.cli.inputs import target_of
from glassnet.data.table import Table
from glassnet.data.type_inference import is_missing
from glassnet.errors import ParameterError
from glassnet.estimators.judging.scoring import observed


def take_row(table: Table, row: int) -> Table:
    """Return one row, counted from 0, as a table."""
    if not 0 <= row < table.n_rows:
        raise ParameterError(f"there is no row {row}; rows count from 0, and the last one here is {table.n_rows - 1}.")
    return table.take([row])


def truth(model: Any, one: Table, requested: str | None, *, wanted: bool) -> tuple[Any, str]:
    """Return the row's target, or None and the reason; `wanted` is False with --no-target."""
    if not wanted:
        return None, "--no-target was given"
    name = target_of(model, requested)
    if name is None:
        return None, "the model does not store the name of its target (--target names it)"
    if name not in one and requested is None:
        return None, f"the data has no column {name!r}"
    if is_missing(one[name]).any():
        return None, f"the row has no value of {name!r}"
    value = observed(model, one, name).values.tolist()[0]
    classes = model.target_encoder_.classes
    if classes is not None and value not in classes.tolist():
        return None, f"{name!r} is {value!r}, a class unknown to the model"
    return value, ""
