"""The target of a table: the labeled rows, and its values in the user's types."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from glassnet.data.columns.column import quoted, whole_numbers
from glassnet.data.table import Table
from glassnet.data.type_inference import is_missing
from glassnet.errors import DataError
from glassnet.typing import Array

if TYPE_CHECKING:
    from glassnet.data.columns.schema import Schema


def target_names(target: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the target's names as a tuple.

    >>> target_names("y"), target_names(None)
    (('y',), ())
    """
    if target is None:
        return ()
    return (target,) if isinstance(target, str) else tuple(target)


def labeled_rows(table: Table, target: str | Sequence[str] | None) -> Table:
    """Return the rows with a target. A plain array must have no missing targets.

    Examples
    --------
    >>> from glassnet.data.reading.tabular import table_from
    >>> labeled_rows(table_from({"x": [1, 2], "y": ["a", "NA"]}), "y").n_rows
    1
    """
    gaps = np.zeros(table.n_rows, dtype=bool)
    for name in target_names(target):
        gaps = gaps | is_missing(table[name])
    if not gaps.any():
        return table
    if table.is_array:
        row = table.in_row(int(np.flatnonzero(gaps)[0]))
        raise DataError(f"the target is missing {row}, but every row needs one; try leaving such rows out.")
    return table.take(~gaps)


def target_values(table: Table, schema: "Schema") -> Array:
    """Return the target of a table: whole-number classes as int64, text as objects, else floats.

    Returns
    -------
    array of shape (n_rows,), or (n_rows, n_targets) if the schema has a tuple of targets

    Examples
    --------
    >>> from glassnet.data.columns.schema_inference import infer_schema
    >>> from glassnet.data.reading.tabular import table_from
    >>> table = table_from({"x": [1.5, 2.5, 3.5], "y": [0, 1, 1]})
    >>> target_values(table, infer_schema(table, target="y")).tolist()
    [0, 1, 1]
    """
    columns = []
    for target in schema.targets:
        values = table[target.name]
        if schema.task == "regression":
            columns.append(_quantity(target.name, values))
        else:
            columns.append(values.astype(bool) if target.kind == "boolean" else whole_numbers(values))
    if not columns:
        raise DataError("the schema has no target; name one when the schema is inferred.")
    return np.column_stack(columns) if isinstance(schema.target, tuple) else columns[0]


def _quantity(name: str, values: Array) -> Array:
    if values.dtype.kind not in "fb":
        example = next((value for value in values.tolist() if value is not None), None)
        raise DataError(
            f"target {name!r} has the value {quoted(example)}, but was a number in training; try correcting the column."
        )
    return values.astype(np.float64)
