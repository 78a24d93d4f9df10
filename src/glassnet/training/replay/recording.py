"""The recording of a run for replay: its settings, its source of sample orders, a few checkpoints."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from glassnet.data.fingerprint import fingerprint
from glassnet.errors import ReplayError
from glassnet.training.checkpoints import Checkpoint
from glassnet.training.history import History
from glassnet.training.plan import Plan, check_data
from glassnet.training.samples import Data, Samples, StreamedData
from glassnet.typing import Array

MOST_BYTES = 1 << 22  # limit of the samples in a fingerprint, and of their targets


@dataclass(frozen=True, eq=False)
class Recording:
    """All settings of a run, plus a fingerprint of its data.

    Attributes
    ----------
    plan : Plan
        The plan without data.
    engine : str
        The engine of the run.
    n_jobs : int or None
        Number of threads.
    fingerprint : str
        Fingerprint of samples, targets and weights.
    history : History
        The history of the run.
    kept : tuple of Checkpoint
        The start and the stored checkpoints.
    factors : tuple of (int, float)
        Pairs (finished epochs, factor of an adaptive learning rate from there on).
    given : tuple or None
        The objects passed to training, (X, Y, weights); not included in pickles and copies.
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
        """Return the recording without references to the data."""
        return replace(self, given=None)

    def plan_for(self, given: tuple[Any, Any, Any] | None) -> Plan:
        """Return the plan with the data of the run.

        Raises
        ------
        ReplayError
            If the data differ from those of the run, or are missing.
        """
        given = self.given if given is None else given
        if given is None:
            raise ReplayError("a copy of a result does not hold the data of its run; pass them: replay(X, Y).")
        data = check_data(self.plan.problem.network, *given, "X")
        found = fingerprint_of(data)
        if found != self.fingerprint:
            raise ReplayError(
                f"X, Y and weights differ from the data of this run (fingerprint {found[:8]} instead of "
                f"{self.fingerprint[:8]}); pass the same rows in the same order, unchanged."
            )
        return replace(self.plan, data=data)

    def rates(self, plan: Plan, epochs: int, n_epochs: int) -> Array:
        """Return the learning rate of each step of the epochs after the first `epochs`."""
        rates = plan.rates(epochs, n_epochs)
        factors = np.ones_like(rates)
        for since, factor in self.factors:
            factors[max(0, since - epochs) * plan.steps_per_epoch :] = factor
        return factors * rates


def fingerprint_of(data: Samples) -> str:
    """Return the fingerprint of validated data; their original form (lists, one flat target) does not matter.

    Large tables are sampled at evenly spaced rows to save time; a replay also compares every epoch with the history.
    """
    if isinstance(data, StreamedData):
        return data.rows.fingerprint
    return fingerprint(*(_some_rows(each) for each in (data.X, data.Y)), data.weights)


def _some_rows(values: Any) -> Any:
    is_large = isinstance(values, np.ndarray) and values.nbytes > MOST_BYTES
    return values[:: -(-values.nbytes // MOST_BYTES)] if is_large else values


def bare(plan: Plan) -> Plan:
    """Return the plan without its data."""
    network = plan.problem.network
    none = Data(np.empty((0, network.n_inputs)), np.empty((0, network.sizes[-1])), None)
    return replace(plan, data=none, validation=None)
