"""`RowSource`: the rows of a table in groups, each of which can be read without the others."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from glassnet.data.table import Columns, Table
from glassnet.errors import ShapeError
from glassnet.typing import Array


class RowSource(Protocol):
    """Rows of a table, wherever they are, in groups that can be read alone.

    Any number of threads may read at the same time. Each column has one type in all groups.

    Attributes
    ----------
    n_rows : int
        Number of rows.
    names : tuple of str
        Names of the columns.
    group_sizes : tuple of int
        Number of rows of each group, in order.
    """

    @property
    def n_rows(self) -> int:
        """Number of rows."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""

    @property
    def description(self) -> str:
        """What tells these rows from others: a fingerprint of the rows, or of what describes them in their files."""

    @property
    def group_sizes(self) -> tuple[int, ...]:
        """Number of rows of each group, in order."""

    def group(self, k: int) -> Table:
        """Return the rows of one group; `Table.rows` has their numbers in the source."""

    def pieces(self, k: int) -> Iterator[Table]:
        """Yield the rows of one group in parts of a moderate size, in order."""

    def select(self, names: Sequence[str]) -> "RowSource":
        """Return the source with only these columns, in this order; the others are not read."""

    def take(self, order: Array) -> Table:
        """Return rows by number, in this order; `Table.rows` has the numbers."""


def group_starts(source: RowSource) -> Array:
    """Return the number of the first row of each group, and at the end the number of rows.

    >>> from glassnet.data.rows.in_memory import TableSource
    >>> from glassnet.data.reading.tabular import table_from
    >>> group_starts(TableSource(table_from({"age": [41, 50, 62]}), rows_per_group=2)).tolist()
    [0, 2, 3]
    """
    return np.cumsum([0, *source.group_sizes])


def all_pieces(source: RowSource) -> Iterator[Table]:
    """Yield all rows in parts of a moderate size, in order.

    >>> from glassnet.data.rows.in_memory import TableSource
    >>> from glassnet.data.reading.tabular import table_from
    >>> source = TableSource(table_from({"age": [41, 50, 62]}), rows_per_group=2)
    >>> [table.n_rows for table in all_pieces(source)]
    [2, 1]
    """
    for k in range(len(source.group_sizes)):
        yield from source.pieces(k)


def checked_rows(order: Array, n_rows: int) -> Array:
    """Return row numbers as an array; raise a ShapeError if one is not in the source.

    >>> checked_rows(np.asarray([2, 0]), 3).tolist()
    [2, 0]
    """
    numbers = np.asarray(order)
    if numbers.dtype == bool:
        numbers = np.flatnonzero(numbers)
    wrong = numbers[(numbers < 0) | (numbers >= n_rows)]
    if len(wrong):
        raise ShapeError(f"row {int(wrong[0])} was asked for, but the source has the rows 0 to {n_rows - 1}.")
    return numbers


def taken_by_groups(source: RowSource, order: Array) -> Table:
    """Return rows by number, in this order, reading each group that has any of them once.

    >>> from glassnet.data.rows.in_memory import TableSource
    >>> from glassnet.data.reading.tabular import table_from
    >>> source = TableSource(table_from({"age": [41, 50, 62]}), rows_per_group=2)
    >>> taken_by_groups(source, [2, 0])["age"].tolist()
    [62.0, 41.0]
    """
    numbers, starts = checked_rows(order, source.n_rows), group_starts(source)
    group_of = np.searchsorted(starts, numbers, side="right") - 1
    parts, places = [], []
    for k in np.unique(group_of):
        at = np.flatnonzero(group_of == k)
        parts.append(source.group(int(k)).take(numbers[at] - starts[k]))
        places.append(at)
    if not parts:
        return source.group(0).take(np.arange(0))
    back = np.argsort(np.concatenate(places), kind="stable")
    columns = (np.concatenate([part.columns[c] for part in parts])[back] for c in range(len(source.names)))
    first = parts[0]
    return Table(first.names, tuple(columns), first.is_array, first.is_matrix, first.readings, rows=numbers)


def stored_columns(table: Table) -> Sequence[Array]:
    """Return the columns of a table in the precision in which they are stored, which takes half of the memory or less.

    >>> from glassnet.data.table import Columns
    >>> [column.dtype for column in stored_columns(Table(("x",), Columns([np.zeros(2, np.float32)])))]
    [dtype('float32')]
    """
    columns = table.columns
    return columns.stored if isinstance(columns, Columns) and columns.rows is None else columns


def whole_table(source: RowSource) -> Table:
    """Return all rows of a source as a table in memory.

    >>> from glassnet.data.rows.in_memory import TableSource
    >>> from glassnet.data.reading.tabular import table_from
    >>> whole_table(TableSource(table_from({"age": [41, 50, 62]}), rows_per_group=2))["age"].tolist()
    [41.0, 50.0, 62.0]
    """
    groups = [source.group(k) for k in range(len(source.group_sizes))]
    first = groups[0]
    stored = [list(stored_columns(group)) for group in groups]
    columns = []
    for c in range(len(first.names)):
        columns.append(np.concatenate([of_group[c] for of_group in stored]))
        for of_group in stored:  # so that a column is held twice only while it is made
            of_group[c] = None
    return Table(first.names, Columns(columns), first.is_array, readings=first.readings)
