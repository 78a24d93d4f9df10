"""The states that a run keeps on its way."""

from dataclasses import dataclass

from glassnet.engines.base import State
from glassnet.engines.seeding import ShuffleStream, StreamPosition


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """Where a run was after so many epochs.

    Attributes
    ----------
    epochs : int
        How many were done.
    state : State or None
        None stands for the start weights and a solver that remembers nothing.
    position : StreamPosition
        Where the stream of orders was.
    """

    epochs: int
    state: State | None
    position: StreamPosition


class CheckpointPolicy:
    """Keeps at most so many states of a run, evenly spaced however long it becomes.

    They are those after every epoch, then, as soon as there are too many, after every second one, every fourth, ...
    """

    def __init__(self, most: int, start: Checkpoint) -> None:
        self._most, self._gap = most, 1
        self._start = start
        self._kept: list[Checkpoint] = []
        self._factors: list[tuple[int, float]] = [(0, 1.0)]

    def at_most(self, n_epochs: int, done: int) -> int:
        """Return how many epochs to take after `done` ones, of `n_epochs`, so as not to pass by a state to keep."""
        return min(n_epochs, self._gap - done % self._gap) if self._most else n_epochs

    def offer(self, done: int, state: State, stream: ShuffleStream) -> None:
        """Keep the state after `done` epochs if it is one of those to keep."""
        if not self._most or done % self._gap:
            return
        self._kept.append(Checkpoint(done, state, stream.position()))
        while len(self._kept) > self._most:
            self._gap *= 2
            self._kept = [kept for kept in self._kept if kept.epochs % self._gap == 0]

    def slow_down(self, epochs: int, factor: float) -> None:
        """Note that an adaptive learning rate is `factor` times the first one after so many epochs."""
        self._factors.append((epochs, factor))

    @property
    def kept(self) -> tuple[Checkpoint, ...]:
        """The start, and the states kept."""
        return (self._start, *self._kept)

    @property
    def factors(self) -> tuple[tuple[int, float], ...]:
        """(epochs done, factor of the learning rate from there on)."""
        return tuple(self._factors)
