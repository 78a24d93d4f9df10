"""`TableSource`: the rows of a table in memory."""

from collections.abc import Iterator, Sequence

import numpy as np

from glassnet.data.fingerprint import fingerprint
from glassnet.data.rows.row_source import checked_rows
from glassnet.data.table import Table
from glassnet.typing import Array

ROWS_PER_GROUP = 1 << 16


class TableSource:
    """A table in memory as a `RowSource`.

    Parameters
    ----------
    table : Table
    rows_per_group : int
        Rows of each group; the last has the rest.

    Examples
    --------
    >>> from glassnet.data.reading.tabular import table_from
    >>> source = TableSource(table_from({"age": [41, 50, 62]}), rows_per_group=2)
    >>> source.group_sizes, source.group(1)["age"].tolist()
    ((2, 1), [62.0])
    """

    def __init__(self, table: Table, rows_per_group: int = ROWS_PER_GROUP) -> None:
        self.table, self._rows_per_group = table, rows_per_group

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return self.table.n_rows

    @property
    def description(self) -> str:
        """The fingerprint of the table."""
        return fingerprint(self.table)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return self.table.names

    @property
    def group_sizes(self) -> tuple[int, ...]:
        """Number of rows of each group, in order."""
        whole, rest = divmod(self.n_rows, self._rows_per_group)
        return (self._rows_per_group,) * whole + (rest,) * (rest > 0)

    def group(self, k: int) -> Table:
        """Return the rows of one group."""
        first = k * self._rows_per_group
        return self.table.take(np.arange(first, first + self.group_sizes[k]))

    def pieces(self, k: int) -> Iterator[Table]:
        """Yield the rows of one group."""
        yield self.group(k)

    def select(self, names: Sequence[str]) -> "TableSource":
        """Return the source with only these columns, in this order."""
        return TableSource(self.table.select(names), self._rows_per_group)

    def take(self, order: Array) -> Table:
        """Return rows by number, in this order."""
        return self.table.take(checked_rows(order, self.n_rows))
