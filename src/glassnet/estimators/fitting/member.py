"""One trained network of an estimator, which has one of them or, as an ensemble, several."""

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
    """A network, how it was trained, and what its probabilities are worth.

    Attributes
    ----------
    network : Network
        As it predicts: with the temperature in its last layer.
    history : History
        Of all its epochs.
    calibration : Calibration or None
        On the rows that it held out; None for quantities, and where no rows were held out.
    state : State or None
        The solver's memory, from which training can go on; a model file does not hold it.
    trained : Trained or None
        How its last training can be opened again; a model file does not hold that either.
    """

    network: Network
    history: History
    calibration: Calibration | None = None
    state: State | None = field(default=None, repr=False)
    trained: Trained | None = field(default=None, repr=False)

    @property
    def as_trained(self) -> Network:
        """The network as its last step left it, without the temperature: where training goes on."""
        if self.state is not None:
            return self.network.with_theta(self.state.theta)
        if self.calibration is None:
            return self.network
        return with_temperature(self.network, 1.0 / self.calibration.temperature)


def refitted(member: Member, result: TrainingResult) -> Member:
    """Return the member as it is after a second training on all rows, with the temperature found in the first."""
    n = len(result.history)
    reason = f"trained again on all rows, for the {n} epochs that were best on those held out"
    history = member.history.extended(replace(result.history, stopped="epochs", stop_reason=reason))
    network = result.network
    if member.calibration is not None:
        network = with_temperature(network, member.calibration.temperature)
    # the second training took all rows: to open it, none are held out
    trained = (
        None
        if member.trained is None
        else replace(member.trained, recording=forget_data(result.recording), holds_out=False)
    )
    return Member(network, history, member.calibration, result.state, trained)


def member_seeds(seed: int, n_networks: int) -> list[int]:
    """Return a seed for each network; the first is `seed` itself, so that an ensemble begins with the single network.

    >>> member_seeds(7, 1), len(set(member_seeds(7, 8)))
    ([7], 8)
    """
    others = np.random.SeedSequence(seed).generate_state(n_networks)[1:] >> 1
    return [seed, *others.tolist()]
