"""What a run leaves behind so that it can be opened again: its settings, where its orders come from, a few states."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from glassnet.data.fingerprint import fingerprint
from glassnet.engines.base import State
from glassnet.engines.seeding import Mark, Orders
from glassnet.errors import ReplayError
from glassnet.training.history import History
from glassnet.training.plan import Data, Plan, check_data
from glassnet.typing import Array


@dataclass(frozen=True, eq=False)
class Kept:
    """Where a run was after so many epochs.

    Attributes
    ----------
    epochs : int
        How many were done.
    state : State or None
        None stands for the start weights and a solver that remembers nothing.
    mark : Mark
        Where the stream of orders was.
    """

    epochs: int
    state: State | None
    mark: Mark


class Keeper:
    """Keeps at most so many states of a run, evenly spaced however long it becomes.

    They are those after every epoch, then, as soon as there are too many, after every second one, every fourth, ...
    """

    def __init__(self, most: int, start: Kept) -> None:
        self._most, self._gap = most, 1
        self._start = start
        self._kept: list[Kept] = []
        self._factors: list[tuple[int, float]] = [(0, 1.0)]

    def at_most(self, n_epochs: int, done: int) -> int:
        """Return how many epochs to take after `done` ones, of `n_epochs`, so as not to pass by a state to keep."""
        return min(n_epochs, self._gap - done % self._gap) if self._most else n_epochs

    def offer(self, done: int, state: State, orders: Orders) -> None:
        """Keep the state after `done` epochs if it is one of those to keep."""
        if not self._most or done % self._gap:
            return
        self._kept.append(Kept(done, state, orders.mark()))
        while len(self._kept) > self._most:
            self._gap *= 2
            self._kept = [kept for kept in self._kept if kept.epochs % self._gap == 0]

    def slow_down(self, epochs: int, factor: float) -> None:
        """Note that an adaptive learning rate is `factor` times the first one after so many epochs."""
        self._factors.append((epochs, factor))

    @property
    def kept(self) -> tuple[Kept, ...]:
        """The start, and the states kept."""
        return (self._start, *self._kept)

    @property
    def factors(self) -> tuple[tuple[int, float], ...]:
        """(epochs done, factor of the learning rate from there on)."""
        return tuple(self._factors)


MOST_BYTES = 1 << 22  # of the samples that go into a fingerprint, and of their targets


@dataclass(frozen=True, eq=False)
class Recording:
    """Everything that decides a run but its data, of which it knows the fingerprint.

    Attributes
    ----------
    plan : Plan
        Without data.
    engine : str
        Who executed it.
    n_jobs : int or None
        Threads that computed.
    fingerprint : str
        Of samples, targets and weights.
    history : History
        What the run told about itself.
    kept : tuple of Kept
        The start, and the states kept on the way.
    factors : tuple of (int, float)
        From how many epochs on an adaptive learning rate was so many times the first one.
    given : tuple or None
        The very objects that training was given, (X, Y, weights). They do not go into pickles and copies.
    """

    plan: Plan
    engine: str
    n_jobs: int | None
    fingerprint: str
    history: History
    kept: tuple[Kept, ...]
    factors: tuple[tuple[int, float], ...]
    given: tuple[Any, Any, Any] | None = field(repr=False)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "given": None}

    def without_data(self) -> "Recording":
        """Return the same, without holding on to the data."""
        return replace(self, given=None)

    def plan_for(self, given: tuple[Any, Any, Any] | None) -> Plan:
        """Return the plan with its data, which must be those of the run.

        Raises
        ------
        ReplayError
            If they are others, or none are given and none are known.
        """
        given = self.given if given is None else given
        if given is None:
            raise ReplayError("a copy of a result does not hold the data of its run; pass them: replay(X, Y).")
        data = check_data(self.plan.problem.network, *given, "X")
        found = fingerprint_of(data)
        if found != self.fingerprint:
            raise ReplayError(
                f"X, Y and weights are not those that this run was trained on: their fingerprint is {found[:8]}, that "
                f"of the run {self.fingerprint[:8]}; pass the same rows in the same order, unchanged."
            )
        return replace(self.plan, data=data)

    def rates(self, plan: Plan, epochs: int, n_epochs: int) -> Array:
        """Return the learning rate of each step of the epochs after the first `epochs`."""
        rates = plan.rates(epochs, n_epochs)
        factors = np.ones_like(rates)
        for since, factor in self.factors:
            factors[max(0, since - epochs) * plan.steps_per_epoch :] = factor
        return factors * rates


def fingerprint_of(data: Data) -> str:
    """Return the fingerprint of checked data: how they were given (lists, one flat target) makes no difference.

    Of a large table it takes rows evenly spread, so that it costs no run a noticeable time; a replay compares every
    epoch that it goes through with the history besides.
    """
    return fingerprint(*(_some_rows(each) for each in (data.X, data.Y)), data.weights)


def _some_rows(values: Any) -> Any:
    is_large = isinstance(values, np.ndarray) and values.nbytes > MOST_BYTES
    return values[:: -(-values.nbytes // MOST_BYTES)] if is_large else values


def bare(plan: Plan) -> Plan:
    """Return a plan without its data."""
    network = plan.problem.network
    none = Data(np.empty((0, network.n_inputs)), np.empty((0, network.sizes[-1])), None)
    return replace(plan, data=none, validation=None)
