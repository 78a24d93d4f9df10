"""The rows of a lane in memory: one piece at a time, encoded for the engine."""

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from glassnet.clustering.lanes.dealing import Piece, order_within
from glassnet.data.rows.encoded_rows import Arrays, EncodedRows
from glassnet.engines.base import CONSTANT, Engine, Factors, State, Sums
from glassnet.training.samples import Data
from glassnet.typing import Array

ROWS_PER_GROUP = 1 << 12  # of arrays in memory, where a group costs nothing


class Groups(Protocol):
    """Groups of encoded rows, parts of which can be loaded alone."""

    sizes: tuple[int, ...]
    weighted: bool

    def loaded(self, piece: Piece) -> Arrays:
        """Return the rows of a piece."""


class StreamedGroups:
    """The groups of a source of rows."""

    def __init__(self, rows: EncodedRows, dtype: np.dtype) -> None:
        self._rows, self._dtype = rows, dtype
        self.sizes, self.weighted = tuple(rows.source.group_sizes), rows.weights is not None

    def loaded(self, piece: Piece) -> Arrays:
        """Return the rows of a piece."""
        arrays = self._rows.empty(piece.n_rows, self._dtype)
        at = -piece.start  # of the next table's first row
        for table in self._rows.source.pieces(piece.group):
            first, last = max(0, -at), min(table.n_rows, piece.n_rows - at)
            if first < last:
                some = table if (first, last) == (0, table.n_rows) else table.between(first, last)
                self._rows.fill(arrays.part(slice(at + first, at + last)), some)
            at += table.n_rows
            if at >= piece.n_rows:
                break
        return arrays


class GroupsInMemory:
    """Arrays in memory, as groups of rows that follow each other."""

    def __init__(self, data: Data, rows_per_group: int = ROWS_PER_GROUP) -> None:
        self._data, self._rows_per_group = data, rows_per_group
        n, self.weighted = data.n_samples, data.weights is not None
        self.sizes = tuple(min(rows_per_group, n - start) for start in range(0, n, rows_per_group))

    def loaded(self, piece: Piece) -> Arrays:
        """Return the rows of a piece, without a copy."""
        first = piece.group * self._rows_per_group
        rows = slice(first + piece.start, first + piece.stop)
        X, Y, weights = self._data.X, self._data.Y, self._data.weights
        return Arrays(X[rows], Y[rows], None if weights is None else weights[rows])


class Lane:
    """The rows of one lane in one epoch, in their order; only one piece is in memory.

    Parameters
    ----------
    pieces : sequence of Piece
    groups : Groups
    engine : Engine
        Of any rows; see `Engine.on`.
    seed : int or None
        Of the epoch; None leaves the rows in their order.
    done : int
        Number of rows that were used before the run was interrupted; pieces that lie before are not read.
    """

    def __init__(self, pieces: tuple[Piece, ...], groups: Groups, engine: Engine, seed: int | None, done: int) -> None:
        self._pieces, self._groups, self._make, self._seed = iter(pieces), groups, engine.on, seed
        self._engine: Engine | None = None
        self._order: Array = np.empty(0, np.int64)  # of the rows of the piece that are not used yet
        self._skip = done

    def sums(self, state: State, n_rows: int, factors: Factors = CONSTANT, first: int = 0) -> Sums | None:
        """Return the sums over the next rows; None over no rows. See `Engine.accumulate` for `first`."""
        total: Sums | None = None
        for engine, rows in self._next(n_rows):
            found = engine.accumulate(state, rows, factors, first)
            total = found if total is None else total + found
            first += len(rows)
        return total

    def _next(self, n_rows: int) -> Iterator[tuple[Engine, Array]]:
        """Yield the next rows, as an engine and row numbers in its data for each piece that has some of them."""
        while n_rows:
            while not len(self._order):
                self._open(next(self._pieces))
            assert self._engine is not None
            rows, self._order = self._order[:n_rows], self._order[n_rows:]
            n_rows -= len(rows)
            yield self._engine, rows

    def _open(self, piece: Piece) -> None:
        if self._skip >= piece.n_rows:
            self._skip -= piece.n_rows
            return
        self._engine = None  # its memory is free before the next piece is read
        self._engine = self._make(*self._groups.loaded(piece))
        self._order, self._skip = order_within(piece, self._seed)[self._skip :], 0
