"""Checkpoints: the states that a run stores for replay."""

from dataclasses import dataclass

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
        self._most, self._gap = most, 1
        self._start = start
        self._kept: list[Checkpoint] = []
        self._factors: list[tuple[int, float]] = [(0, 1.0)]

    @classmethod
    def resume(
        cls, most: int, kept: tuple[Checkpoint, ...], factors: tuple[tuple[int, float], ...]
    ) -> "CheckpointPolicy":
        """Return a policy that continues from what an earlier part of the run stored."""
        policy = cls(most, kept[0])
        policy._kept, policy._factors = list(kept[1:]), list(factors)
        if policy._kept:
            policy._gap = policy._kept[0].epochs  # the first multiple of the gap
        return policy

    def at_most(self, n_epochs: int, done: int) -> int:
        """Return how many of `n_epochs` to run after `done` epochs without skipping a checkpoint."""
        return min(n_epochs, self._gap - done % self._gap) if self._most else n_epochs

    def offer(self, done: int, state: State, stream: ShuffleStream) -> None:
        """Store the state after `done` epochs if it is due."""
        if not self._most or done % self._gap:
            return
        self._kept.append(Checkpoint(done, state, stream.position()))
        while len(self._kept) > self._most:
            self._gap *= 2
            self._kept = [kept for kept in self._kept if kept.epochs % self._gap == 0]

    def slow_down(self, epochs: int, factor: float) -> None:
        """Record the factor of an adaptive learning rate from this epoch on."""
        if self._factors[-1] != (epochs, factor):
            self._factors.append((epochs, factor))

    @property
    def kept(self) -> tuple[Checkpoint, ...]:
        """The start and the stored states."""
        return (self._start, *self._kept)

    @property
    def factors(self) -> tuple[tuple[int, float], ...]:
        """Pairs (finished epochs, factor of the learning rate from there on)."""
        return tuple(self._factors)
