"""`EncodedRows`: rows as a network takes them, encoded group by group into the arrays that it trains on."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from glassnet.data.encoding.encoder import Encoder
from glassnet.data.fingerprint import fingerprint
from glassnet.data.rows.row_source import RowSource, all_pieces
from glassnet.data.table import Table
from glassnet.typing import Array

ROWS_OF_FINGERPRINT = 256


class Arrays(NamedTuple):
    """Inputs, targets and weights of some rows; weights are None if all are equal."""

    X: Array  # (n_rows, n_inputs)
    Y: Array  # (n_rows, n_out)
    weights: Array | None  # (n_rows,)

    @classmethod
    def empty(cls, n_rows: int, n_inputs: int, n_out: int, dtype: Any, *, weighted: bool) -> "Arrays":
        """Return arrays to be filled."""
        weights = np.empty(n_rows, np.float64) if weighted else None
        return cls(np.empty((n_rows, n_inputs), dtype), np.empty((n_rows, n_out), dtype), weights)

    def part(self, rows: Any) -> "Arrays":
        """Return some rows, as views if `rows` is a slice."""
        return Arrays(self.X[rows], self.Y[rows], None if self.weights is None else self.weights[rows])


@dataclass(frozen=True, eq=False)
class EncodedRows:
    """Rows of a source with their encoding, of which a window is in memory at a time.

    Attributes
    ----------
    source : RowSource
    encoder : Encoder
        Of the inputs.
    targets : callable
        ``targets(table)`` gives Y (n_rows, n_out).
    n_out : int
    weights : callable or None
        ``weights(table)`` gives the weights (n_rows,), of mean 1 over all rows.
    window : int
        The number of rows that are shuffled together; twice as many are in memory.
    names_of_targets : sequence of str or None
        The columns that `targets` looks at; by default all.

    Examples
    --------
    >>> from glassnet.data.reading.tabular import table_from
    >>> from glassnet.data.rows.in_memory import TableSource
    >>> source = TableSource(table_from({"x0": [1, 2, 3], "y": [0, 1, 1]}), rows_per_group=2)
    >>> rows = EncodedRows(source, Encoder.identity(1), lambda table: table["y"][:, None], n_out=1)
    >>> rows.shape, rows.loaded(np.float64).Y.ravel().tolist()
    ((3, 1), [0.0, 1.0, 1.0])
    """

    source: RowSource
    encoder: Encoder
    targets: Callable[[Table], Array]
    n_out: int
    weights: Callable[[Table], Array] | None = None
    window: int = 1 << 17
    names_of_targets: Sequence[str] | None = None

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return self.source.n_rows

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and of inputs."""
        return self.n_rows, self.encoder.n_inputs

    @property
    def fits(self) -> bool:
        """Whether the window holds all rows."""
        return self.window >= self.n_rows

    @cached_property
    def fingerprint(self) -> str:
        """A fingerprint of the rows, their windows and their encoding, which is seen from the first rows."""
        sizes, described = np.asarray([self.window, *self.source.group_sizes]), np.asarray([self.source.description])
        return fingerprint(sizes, described, *self.loaded(np.float64, ROWS_OF_FINGERPRINT))

    def empty(self, n_rows: int, dtype: Any) -> Arrays:
        """Return arrays for some rows."""
        return Arrays.empty(n_rows, self.encoder.n_inputs, self.n_out, dtype, weighted=self.weights is not None)

    def fill(self, arrays: Arrays, table: Table) -> None:
        """Write rows of the source, encoded, into arrays of as many rows."""
        self.encoder.fill(arrays.X, table)
        arrays.Y[:] = self.targets(table)
        if arrays.weights is not None and self.weights is not None:
            arrays.weights[:] = self.weights(table)

    def loaded(self, dtype: Any, n_rows: int | None = None) -> Arrays:
        """Return the first `n_rows` rows, by default all, with targets and weights in float64."""
        n = self.n_rows if n_rows is None else min(n_rows, self.n_rows)
        X, Y, weights = self.empty(n, dtype)
        arrays, done = Arrays(X, np.empty(Y.shape, np.float64), weights), 0
        for table in all_pieces(self.source):
            m = min(table.n_rows, n - done)
            self.fill(arrays.part(slice(done, done + m)), table if m == table.n_rows else table.between(0, m))
            done += m
            if done == n:
                break
        return arrays

    def windows(self, groups: Any, buffers: Iterator[Arrays]) -> Iterator[int]:
        """Fill one buffer after the other with the rows of these groups, and yield the number of rows in it."""
        arrays, done = next(buffers), 0
        for table in self._pieces(groups):
            start = 0
            while start < table.n_rows:
                m = min(table.n_rows - start, len(arrays.Y) - done)
                some = table if m == table.n_rows else table.between(start, start + m)
                self.fill(arrays.part(slice(done, done + m)), some)
                start, done = start + m, done + m
                if done == len(arrays.Y):
                    yield done
                    arrays, done = next(buffers), 0
        if done:
            yield done

    def _pieces(self, groups: Any) -> Iterator[Table]:
        for k in groups:
            yield from self.source.pieces(int(k))
