"""What a run leaves behind so that it can be opened again: its settings, where its orders come from, a few states."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from glassnet.data.fingerprint import fingerprint
from glassnet.errors import ReplayError
from glassnet.training.checkpoints import Checkpoint
from glassnet.training.history import History
from glassnet.training.plan import Data, Plan, check_data
from glassnet.typing import Array

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
    kept : tuple of Checkpoint
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
    kept: tuple[Checkpoint, ...]
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
