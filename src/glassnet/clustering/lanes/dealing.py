"""Which rows each lane has in an epoch, and how many of them each minibatch takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from glassnet.typing import Array

PIECES_PER_LANE = 2  # at least, so that the lanes get about as many rows each


class Piece(NamedTuple):
    """Rows of a group, from `start` to before `stop`."""

    group: int
    start: int
    stop: int

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return self.stop - self.start


def pieces_of(group_sizes: Sequence[int], n_lanes: int) -> list[Piece]:
    """Return the pieces that are dealt: whole groups, or parts of groups if there are too few for the lanes.

    >>> pieces_of([5, 4], n_lanes=2)
    [Piece(group=0, start=0, stop=2), Piece(group=0, start=2, stop=5), Piece(group=1, start=0, stop=2), \
Piece(group=1, start=2, stop=4)]
    """
    n = max(1, -(-PIECES_PER_LANE * n_lanes // len(group_sizes)))
    found = []
    for group, size in enumerate(group_sizes):
        borders = [size * k // n for k in range(n + 1)]
        found += [Piece(group, *pair) for pair in pairwise(borders) if pair[0] < pair[1]]
    return found


@dataclass(frozen=True)
class Deal:
    """The pieces of each lane in one epoch, and the rows of each minibatch.

    A minibatch takes from each lane its share, so that all lanes end with the epoch: it has the rows that come first
    if row i of a lane of n rows gets the key (i + 1/2) / n, and of equal keys the lower lane comes first. So it has
    as many rows as a minibatch in memory, and they depend on the number of lanes but not on that of processes.

    Attributes
    ----------
    lanes : tuple of tuple of Piece
    batch_size : int
    """

    lanes: tuple[tuple[Piece, ...], ...]
    batch_size: int

    @cached_property
    def lengths(self) -> Array:
        """Number of rows of each lane."""
        return np.asarray([sum(piece.n_rows for piece in lane) for lane in self.lanes], np.int64)

    def taken(self, step: int) -> Array:
        """Return how many rows of each lane the minibatches before this step take, (n_lanes,).

        >>> deal = Deal(((Piece(0, 0, 6),), (Piece(1, 0, 3),)), batch_size=3)
        >>> [deal.taken(step).tolist() for step in range(4)]
        [[0, 0], [2, 1], [4, 2], [6, 3]]
        """
        lengths = self.lengths
        n_rows = int(lengths.sum())
        n = min(step * self.batch_size, n_rows)
        counts = np.minimum(np.floor(lengths * (n / n_rows) + 0.5).astype(np.int64), lengths)  # nearly right
        with np.errstate(divide="ignore", invalid="ignore"):
            while True:
                following = np.where(counts < lengths, (counts + 0.5) / lengths, np.inf)
                latest = np.where(counts > 0, (counts - 0.5) / lengths, -np.inf)
                first, last = int(np.argmin(following)), len(lengths) - 1 - int(np.argmax(latest[::-1]))
                excess = int(counts.sum()) - n
                if excess == 0 and (latest[last], last) < (following[first], first):
                    return counts
                counts[first] += excess <= 0
                counts[last] -= excess >= 0


def deal_of(pieces: Sequence[Piece], n_lanes: int, batch_size: int, seed: int | None) -> Deal:
    """Deal pieces out to the lanes: in an order drawn from the seed, each to the lane with the fewest rows so far.

    Without a seed they are dealt as they come.

    >>> deal = deal_of([Piece(0, 0, 5), Piece(1, 0, 3), Piece(2, 0, 3)], n_lanes=2, batch_size=4, seed=None)
    >>> [[piece.group for piece in lane] for lane in deal.lanes]
    [[0], [1, 2]]
    """
    order = range(len(pieces)) if seed is None else np.random.default_rng(seed).permutation(len(pieces))
    lanes: list[list[Piece]] = [[] for _ in range(n_lanes)]
    lengths = [0] * n_lanes
    for k in order:
        lane = lengths.index(min(lengths))
        lanes[lane].append(pieces[k])
        lengths[lane] += pieces[k].n_rows
    return Deal(tuple(map(tuple, lanes)), batch_size)


def order_within(piece: Piece, seed: int | None) -> Array:
    """Return the order of the rows of a piece, counted from its first."""
    if seed is None:
        return np.arange(piece.n_rows)
    return np.random.default_rng([seed, piece.group, piece.start]).permutation(piece.n_rows)
