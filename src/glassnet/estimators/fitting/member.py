"""`Member`: one trained network of an estimator. An ensemble has several."""

from dataclasses import dataclass, field, replace

import numpy as np

from glassnet.core.network import Network
from glassnet.engines.base import State
from glassnet.estimators.fitting.calibration import Calibration
from glassnet.estimators.fitting.last_training import Trained, forget_data
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
    """

    network: Network
    history: History
    calibration: Calibration | None = None
    state: State | None = field(default=None, repr=False)
    trained: Trained | None = field(default=None, repr=False)

    @property
    def as_trained(self) -> Network:
        """The network after its last step, without the temperature, to continue training."""
        if self.state is not None:
            return self.network.with_theta(self.state.theta)
        if self.calibration is None:
            return self.network
        return with_temperature(self.network, 1.0 / self.calibration.temperature)


def refitted(member: Member, result: TrainingResult) -> Member:
    """Return the member after a second training on all rows, with the temperature of the first."""
    n = len(result.history)
    reason = f"trained again on all rows for {n} epochs, the best number on the rows held out"
    history = member.history.extended(replace(result.history, stopped="epochs", stop_reason=reason))
    network = result.network
    if member.calibration is not None:
        network = with_temperature(network, member.calibration.temperature)
    # the second training used all rows, so its replay holds out none
    trained = (
        None
        if member.trained is None
        else replace(member.trained, recording=forget_data(result.recording), holds_out=False)
    )
    return Member(network, history, member.calibration, result.state, trained)


def member_seeds(seed: int, n_networks: int) -> list[int]:
    """Return a seed for each network; the first is `seed`, so the first network equals the single network.

    >>> member_seeds(7, 1), len(set(member_seeds(7, 8)))
    ([7], 8)
    """
    others = np.random.SeedSequence(seed).generate_state(n_networks)[1:] >> 1
    return [seed, *others.tolist()]
