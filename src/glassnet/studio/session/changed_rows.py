"""A row with other values: what a reader asks "what if" with."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet.data.table import Table
from glassnet.errors import ParameterError
from glassnet.typing import Array


def changed_row(row: Table, values: Mapping[str, Any]) -> Table:
    """Return a row with other values."""
    columns = []
    for name, column in zip(row.names, row.columns, strict=True):
        columns.append(_as_column(name, column, values[name]) if name in values else column)
    for name in values:
        if name not in row:
            raise ParameterError(f"there is no input {name!r}; the inputs are {', '.join(map(repr, row.names[:12]))}.")
    return Table(row.names, tuple(columns))


def _as_column(name: str, column: Array, value: Any) -> Array:
    if column.dtype.kind == "f":
        if isinstance(value, str):
            raise ParameterError(f"{name}={value!r} is not a number.")
        return np.asarray([np.nan if value is None else float(value)])
    if column.dtype.kind == "M":
        return np.asarray(["NaT" if value is None else value], dtype=column.dtype)
    if column.dtype.kind == "b" and value is not None:
        return np.asarray([str(value).lower() in ("true", "1", "1.0")])
    return np.asarray([value], dtype=object)
