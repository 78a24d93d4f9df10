"""Checkpoints: the states that a run stores for replay."""

from dataclasses import dataclass, replace

from glassnet.engines.base import State
from glassnet.engines.seeding import ShuffleStream, StreamPosition


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """The state of a run after a number of epochs.

    Attributes
    ----------
    epochs : int
        Number of finished epochs.
    state : State or None
        None stands for the initial weights and an empty solver memory.
    position : StreamPosition
        Position in the stream of sample orders.
    """

    epochs: int
    state: State | None
    position: StreamPosition


class CheckpointPolicy:
    """Stores a limited number of evenly spaced states of a run of any length.

    It starts with every epoch and, when the limit is exceeded, goes over to every second epoch, every fourth, ...
    """

    def __init__(self, most: int, start: Checkpoint) -> None:
        self._most, self._start = most, start
        self._spaced: tuple[int, tuple[Checkpoint, ...]] = 1, ()  # replaced as a whole, in case of an interrupt
        self._factors: list[tuple[int, float]] = [(0, 1.0)]

    @classmethod
    def resume(
        cls, most: int, kept: tuple[Checkpoint, ...], factors: tuple[tuple[int, float], ...]
    ) -> "CheckpointPolicy":
        """Return a policy that continues from what an earlier part of the run stored."""
        policy = cls(most, kept[0])
        policy._factors = list(factors)
        if len(kept) > 1:
            policy._spaced = kept[1].epochs, kept[1:]  # the first is at the first multiple of the gap
        return policy

    def at_most(self, n_epochs: int, done: int) -> int:
        """Return how many of `n_epochs` to run after `done` epochs without skipping a checkpoint."""
        gap = self._spaced[0]
        return min(n_epochs, gap - done % gap) if self._most else n_epochs

    def offer(self, done: int, state: State, stream: ShuffleStream) -> None:
        """Store the state after `done` epochs if it is due."""
        gap, kept = self._spaced
        if not self._most or done % gap:
            return
        # a copy has plain arrays: many states of an engine that leaves them on a device would fill it
        kept = (*kept, Checkpoint(done, replace(state), stream.position()))
        while len(kept) > self._most:
            gap *= 2
            kept = tuple(each for each in kept if each.epochs % gap == 0)
        self._spaced = gap, kept

    def slow_down(self, epochs: int, factor: float) -> None:
        """Record the factor of an adaptive learning rate from this epoch on."""
        if self._factors[-1] != (epochs, factor):
            self._factors.append((epochs, factor))

    @property
    def kept(self) -> tuple[Checkpoint, ...]:
        """The start and the stored states."""
        return (self._start, *self._spaced[1])

    @property
    def factors(self) -> tuple[tuple[int, float], ...]:
        """Pairs (finished epochs, factor of the learning rate from there on)."""
        return tuple(self._factors)
