"""Rows dealt to training, validation and test by a seeded rule that needs no row in memory."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from glassnet.data.rows.row_source import RowSource, taken_by_groups
from glassnet.data.table import Table
from glassnet.data.type_inference import is_missing
from glassnet.typing import Array

TRAIN, VALIDATION, TEST = range(3)


@dataclass(frozen=True)
class Deal:
    """Which part each row of a source belongs to: each row by a random number of its own.

    The shares hold on average: of n rows, a part with the share p has p n rows, give or take 2 sqrt(p (1 - p) n) in 95
    of 100 deals.

    Examples
    --------
    >>> deal = Deal((0.6, 0.2, 0.2), seed=0)
    >>> np.bincount(deal.parts_of(group=3, n_rows=1000)).tolist()
    [598, 203, 199]
    """

    shares: tuple[float, float, float]
    seed: int

    def parts_of(self, group: int, n_rows: int) -> Array:
        """Return the part of each row of a group: 0 trains, 1 validates, 2 tests."""
        return self.dealt(group)(n_rows)

    def dealt(self, group: int) -> Callable[[int], Array]:
        """Return a function that deals the next so many rows of a group.

        >>> deal = Deal((0.6, 0.2, 0.2), seed=0)
        >>> following = deal.dealt(3)
        >>> [*following(2), *following(3)] == deal.parts_of(3, 5).tolist()
        True
        """
        if self.shares[TRAIN] >= 1:
            return lambda n_rows: np.zeros(n_rows, np.int8)
        rng, (first, second) = np.random.default_rng([self.seed, group]), np.cumsum(self.shares[:2]).tolist()

        def following(n_rows: int) -> Array:
            drawn = rng.random(n_rows)
            return (drawn >= first).view(np.int8) + (drawn >= second)

        return following


@dataclass(frozen=True, eq=False)
class PartSource:
    """The rows of one part of a source that have a target, as a `RowSource`.

    Attributes
    ----------
    source : RowSource
    target : str
    deal : Deal
    part : int
    group_sizes : tuple of int
        Number of the part's rows in each group of the source.

    Examples
    --------
    >>> from glassnet.data.reading.tabular import table_from
    >>> from glassnet.data.rows.in_memory import TableSource
    >>> table = table_from({"x": [1, 2, 3, 4], "y": ["a", "NA", "b", "a"]})
    >>> part = PartSource(TableSource(table, 3), "y", Deal((1.0, 0.0, 0.0), seed=0), TRAIN, (2, 1))
    >>> part.group(0)["x"].tolist(), part.n_rows
    ([1.0, 3.0], 3)
    """

    source: RowSource
    target: str
    deal: Deal
    part: int
    group_sizes: tuple[int, ...]

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return sum(self.group_sizes)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return self.source.names

    @property
    def description(self) -> str:
        """What tells these rows from others."""
        return f"{self.source.description} {self.deal} {self.part} of {self.target!r}"

    def group(self, k: int) -> Table:
        """Return the rows of one group."""
        table = self.source.group(k)
        return table.part(self._chosen(table, self.deal.dealt(k)))

    def pieces(self, k: int) -> Iterator[Table]:
        """Yield the rows of one group in parts."""
        dealt = self.deal.dealt(k)
        for table in self.source.pieces(k):
            chosen = self._chosen(table, dealt)
            if len(chosen) == table.n_rows:  # without a copy of each column while it is used
                yield table
            elif len(chosen):
                yield table.part(chosen)

    def select(self, names: Sequence[str]) -> "PartSource":
        """Return the source with only these columns, and the target, which decides what the rows are."""
        also = () if self.target in names else (self.target,)
        return replace(self, source=self.source.select([*names, *also]))

    def take(self, order: Array) -> Table:
        """Return rows by number, in this order."""
        return taken_by_groups(self, order)

    def _chosen(self, table: Table, dealt: Callable[[int], Array]) -> Array:
        """Return the positions of the part's rows among the next ones of a group."""
        gaps = is_missing(table.unconverted(self.target))
        return np.flatnonzero((dealt(table.n_rows) == self.part) & ~gaps)
