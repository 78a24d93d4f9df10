"""`Member`: one trained network of an estimator. An ensemble has several."""

from dataclasses import dataclass, field, replace

import numpy as np

from glassnet.core.catalog.optimizers import NoState
from glassnet.core.network import Network
from glassnet.core.quasi_newton.direction import CurvatureMemory
from glassnet.engines.base import State
from glassnet.estimators.fitting.calibration import Calibration
from glassnet.estimators.fitting.last_training import Trained
from glassnet.estimators.fitting.temperature import with_temperature
from glassnet.training.history import History
from glassnet.training.result import TrainingResult


@dataclass(frozen=True, eq=False)
class Member:
    """A network with its training history and calibration.

    Attributes
    ----------
    network : Network
        The network for predictions, with the temperature in its last layer.
    history : History
        History of all its epochs.
    calibration : Calibration or None
        Calibration on its validation rows; None for quantities and without validation rows.
    state : State or None
        The solver's memory, to continue training; not stored in model files.
    trained : Trained or None
        The record of its last training, for replay; not stored in model files.
    n_earlier : int
        Number of epochs before the last `fit` or `partial_fit`.
    n_seen : int
        Number of rows trained on, counted once per epoch.
    """

    network: Network
    history: History
    calibration: Calibration | None = None
    state: State | None = field(default=None, repr=False)
    trained: Trained | None = field(default=None, repr=False)
    n_earlier: int = 0
    n_seen: int = 0

    @property
    def as_trained(self) -> Network:
        """The network after its last step, without the temperature, to continue training."""
        if self.state is not None:
            return self.network.with_theta(self.state.theta)
        if self.calibration is None:
            return self.network
        return with_temperature(self.network, 1.0 / self.calibration.temperature)


def state_to_keep(state: State) -> State:
    """Return a state without the memory of L-BFGS: twenty times as large as the network, and no fit continues with it.

    >>> state_to_keep(State(np.zeros(1), CurvatureMemory(np.ones((9, 1)), np.ones((9, 1)), np.ones(9), 3, 5))).solver
    NoState()
    """
    return replace(state, solver=NoState()) if isinstance(state.solver, CurvatureMemory) else state


def refitted(member: Member, result: TrainingResult, n_rows: int) -> Member:
    """Return the member after a second training on all `n_rows` rows, with the temperature of the first."""
    n = len(result.history)
    reason = f"trained again on all rows for {n} epochs, the best number on the rows held out"
    history = member.history.extended(replace(result.history, stopped="epochs", stop_reason=reason))
    network = result.network
    if member.calibration is not None:
        network = with_temperature(network, member.calibration.temperature)
    # the second training used all rows, so its replay holds out none
    trained = None if member.trained is None else replace(member.trained, recording=result.recording, holds_out=False)
    n_seen = member.n_seen + n * n_rows
    return Member(network, history, member.calibration, state_to_keep(result.state), trained, member.n_earlier, n_seen)


def member_seeds(seed: int, n_networks: int) -> list[int]:
    """Return a seed for each network; the first is `seed`, so the first network equals the single network.

    >>> member_seeds(7, 1), len(set(member_seeds(7, 8)))
    ([7], 8)
    """
    others = np.random.SeedSequence(seed).generate_state(n_networks)[1:] >> 1
    return [seed, *others.tolist()]
