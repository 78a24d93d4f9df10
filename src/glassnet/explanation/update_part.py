"""One step of gradient descent on this row: every weight before and after, and the cost before and after."""

from dataclasses import dataclass

import numpy as np

from glassnet.core.backward import Gradients, descend
from glassnet.core.costs import cost_of_trace
from glassnet.core.forward import forward
from glassnet.core.network import Network
from glassnet.core.records import ByLayer
from glassnet.explanation.subject import Subject
from glassnet.typing import Array


@dataclass(frozen=True, eq=False)
class Update:
    """``new = old - learning rate · gradient``.

    Attributes
    ----------
    learning_rate : float
        eta.
    network : Network
        After the step.
    rates : ByLayer of dict
        The learning rate of each layer's "W" and "b"; 0 where frozen.
    cost_before, cost_after : float
        Of this row.
    words : str
        What kind of step this is, and how training differs.
    """

    learning_rate: float
    network: Network
    rates: ByLayer[dict[str, float]]
    cost_before: float
    cost_after: float
    words: str

    @property
    def W(self) -> ByLayer[Array]:
        """The new weights."""
        return self.network.W

    @property
    def b(self) -> ByLayer[Array | None]:
        """The new biases."""
        return self.network.b


def update(subject: Subject, grads: Gradients) -> Update:
    """Return the step for a subject that has a target."""
    eta = subject.learning_rate
    after = descend(subject.network, grads, learning_rate=eta)
    assert subject.cost is not None
    with np.errstate(all="ignore"):
        trace = forward(after, subject.trace.A[0])
        cost = cost_of_trace(subject.cost, after.activation[-1], trace.Z[-1], trace.A[-1], subject.Y)
    each: list[dict[str, float]] = [{} for _ in range(after.n_layers)]
    for slot in after.layout.slots:
        each[slot.layer - 1][slot.name] = 0.0 if slot.frozen else eta * slot.factor
    return Update(eta, after, ByLayer(each, name="rates"), float(grads.cost), float(cost), subject.step_words)
