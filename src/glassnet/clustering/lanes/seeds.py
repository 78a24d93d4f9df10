"""`EpochSeeds`: the seeds of the epochs, as a run's stream of sample orders."""

from typing import Any

import numpy as np

from glassnet.engines.seeding import ShuffleStream, StreamPosition
from glassnet.typing import Array

LARGEST = 1 << 53  # a JSON number


class EpochSeeds(ShuffleStream):
    """One number per epoch, from which every process derives the order of its rows.

    Examples
    --------
    >>> seeds = EpochSeeds(np.random.default_rng(0))
    >>> first = seeds.take(1)
    >>> again = EpochSeeds.at(seeds.position())
    >>> bool((again.take(2) == seeds.take(2)).all())
    True
    """

    def __init__(self, rng: np.random.Generator) -> None:
        super().__init__(1, rng, shuffle=True)

    @classmethod
    def at(cls, position: StreamPosition) -> "EpochSeeds":
        """Return the seeds from a position on."""
        bits = position.bits()
        bits.state = position.state
        return cls(np.random.Generator(bits))

    def take(self, n_epochs: int) -> Array:
        """Return the seeds of the next epochs, (n_epochs, 1)."""
        return np.asarray([[int(self._rng.integers(LARGEST))] for _ in range(n_epochs)], np.int64)

    def bookmark(self) -> Any:
        """Return a marker of the current position."""
        return self._rng.bit_generator.state

    def position(self, bookmark: Any = None) -> StreamPosition:
        """Return the current position, or that of a bookmark."""
        bits = self._rng.bit_generator
        return StreamPosition(type(bits), bits.state if bookmark is None else bookmark, 1, 0)
