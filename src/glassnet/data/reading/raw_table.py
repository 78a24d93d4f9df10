"""The result of a reader: raw columns, before missing markers and types are applied."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.data.notation.column_reading import objects
from glassnet.data.reading.tabular import columns_read
from glassnet.data.table import Notations, Table, refuse_doubles
from glassnet.errors import SourceError
from glassnet.typing import Array


@dataclass(frozen=True, eq=False)
class RawTable:
    """Names and raw columns; `where` names their origin in messages."""

    names: tuple[str, ...]
    columns: tuple[Array, ...]
    where: str

    @classmethod
    def checked(cls, names: Sequence[str], types: Sequence[str], columns: Sequence[Array], where: str) -> "RawTable":
        """Return a raw table of DuckDB's columns with JSON values unpacked; raise an error for duplicate names."""
        refuse_doubles(names, where)
        unpacked = [_unpack_json(c) if kind == "JSON" else c for c, kind in zip(columns, types, strict=True)]
        return cls(tuple(names), tuple(unpacked), where)

    def refuse_difference(self, other: "RawTable") -> None:
        """Raise a SourceError if another table has other columns."""
        if set(other.names) != set(self.names):
            raise SourceError(_difference(self, other))

    def promoted(self, missing: Sequence[str], notations: Notations | None = None) -> Table:
        """Return the table with missing markers and types applied, or as in training; raise an error without rows."""
        refuse_no_rows(len(self.columns[0]) if self.columns else 0, self.where)
        return columns_read(self.names, self.columns, missing, notations)


def refuse_no_rows(n_rows: int, where: str) -> None:
    """Raise a SourceError if a table has no rows.

    >>> refuse_no_rows(3, "a.csv")
    """
    if n_rows == 0:
        raise SourceError(
            f"{where} has column names but no rows; at least one row below the names was expected. "
            "Check that it is the file you meant."
        )


def stacked(tables: Sequence[RawTable], where: str) -> RawTable:
    """Concatenate raw tables with the same columns, in the given order.

    >>> one = RawTable(("a",), (np.asarray([1]),), "one.csv")
    >>> stacked([one, one], "*.csv").columns[0].tolist()
    [1, 1]
    """
    first = tables[0]
    if len(tables) == 1:
        return first
    for table in tables[1:]:
        first.refuse_difference(table)
    return RawTable(first.names, tuple(_joined([_column(t, name) for t in tables]) for name in first.names), where)


def _column(table: RawTable, name: str) -> Array:
    return table.columns[table.names.index(name)]


def _difference(first: RawTable, other: RawTable) -> str:
    lacks = [name for name in first.names if name not in other.names]
    adds = [name for name in other.names if name not in first.names]
    parts = [f"lacks {name!r}" for name in lacks[:1]] + [f"has {name!r} in addition" for name in adds[:1]]
    return (
        f"{other.where} does not have the columns of {first.where}: it {' and '.join(parts)}. "
        "Files read together need the same columns; try a narrower pattern."
    )


def _joined(columns: Sequence[Array]) -> Array:
    if len({column.dtype for column in columns}) == 1:
        has_masks = any(isinstance(column, np.ma.MaskedArray) for column in columns)
        library: Any = np.ma if has_masks else np
        return library.concatenate(columns)
    values = [value for column in columns for value in column.astype(object).tolist()]
    return objects(values)


def _unpack_json(column: Array) -> Array:
    """Return the values of a column of mixed types, which DuckDB returns as JSON text."""
    import json

    return objects([None if text is None else json.loads(text) for text in np.ma.asarray(column).tolist()])
