"""The orders of the samples, drawn outside the engines, so that every engine follows the same trajectory."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.typing import Array

# Numbers per drawn block, first and at most: for a small table, one call covers many epochs.
FIRST_NUMBERS, MOST_NUMBERS = 1 << 13, 1 << 18


@dataclass(frozen=True)
class StreamPosition:
    """A position in a stream of orders: the state before its latest block, and the number of epochs taken from it.

    A position is a few numbers; the block, which has thousands, is drawn again instead of stored.
    """

    bits: type  # bit generator, such as numpy.random.PCG64
    state: Any  # state of the bit generator, before the block was drawn
    numbers: int  # requested numbers of the block
    taken: int  # epochs taken from the block


class ShuffleStream:
    """The order of the rows in each epoch, drawn in blocks, independently of the numbers taken at a time."""

    def __init__(self, n_samples: int, rng: np.random.Generator, *, shuffle: bool) -> None:
        self._n_rows = n_samples
        self._rng, self._shuffle = rng, shuffle
        self._none: Array = np.empty((0, n_samples), dtype=np.int64)
        self._block = self._none
        self._numbers = FIRST_NUMBERS
        self._drawn: tuple[Any, int, int] | None = None  # of the latest block: state before it, numbers, epochs

    @classmethod
    def resume(cls, n_samples: int, position: StreamPosition, *, shuffle: bool) -> "ShuffleStream":
        """Return a stream that continues from a position; the position is not modified."""
        bits = position.bits()
        bits.state = position.state
        stream = cls(n_samples, np.random.Generator(bits), shuffle=shuffle)
        stream._numbers = position.numbers
        if position.taken:
            stream.take(position.taken)
        return stream

    def bookmark(self) -> tuple[tuple[Any, int, int] | None, int]:
        """Return a cheap marker of the current position, for `position`."""
        return self._drawn, len(self._block)

    def position(self, bookmark: tuple[tuple[Any, int, int] | None, int] | None = None) -> StreamPosition:
        """Return the current position, or that of a bookmark at most one block old."""
        bits = self._rng.bit_generator
        drawn, left = self.bookmark() if bookmark is None else bookmark
        if drawn is not None and left > 0:
            state, numbers, n_epochs = drawn
            return StreamPosition(type(bits), state, numbers, n_epochs - left)
        if drawn is not self._drawn and self._drawn is not None:
            return StreamPosition(type(bits), *self._drawn[:2], 0)
        return StreamPosition(type(bits), bits.state, self._numbers, 0)

    def take(self, n_epochs: int) -> Array:
        """Return the orders of at least one and at most `n_epochs` epochs, (n_epochs, n_samples)."""
        if not self._shuffle:
            return np.tile(np.arange(self._n_rows), (n_epochs, 1))
        if len(self._block) == 0:
            # blocks grow alike in every run, so that a longer run begins with the orders of a shorter one
            n_epochs_of_block = max(1, self._numbers // self._n_rows)
            self._drawn = self._rng.bit_generator.state, self._numbers, n_epochs_of_block
            block = np.arange(self._n_rows)[None]
            self._block = block if n_epochs_of_block == 1 else np.repeat(block, n_epochs_of_block, axis=0)
            self._rng.permuted(self._block, axis=1, out=self._block)
            self._numbers = min(2 * self._numbers, MOST_NUMBERS)
        taken, left = self._block[:n_epochs], self._block[n_epochs:]
        self._block = left if len(left) else self._none  # which does not keep the block in memory
        return taken
