"""One step of a solver on this row: weights, solver memory and cost, before and after."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.core.backward import Gradients
from glassnet.core.catalog.costs import cost_of_trace
from glassnet.core.catalog.optimizers import Rule
from glassnet.core.catalog.solvers import Solver
from glassnet.core.forward import forward
from glassnet.core.network import Network
from glassnet.core.records import ByLayer
from glassnet.explanation.subject.step import Step, memory_letters
from glassnet.explanation.subject.subject import Subject
from glassnet.typing import Array


@dataclass(frozen=True, eq=False)
class Update:
    """One step, such as ``new = old - learning rate · gradient``.

    Attributes
    ----------
    solver : Solver
        The solver.
    learning_rate : float
        eta.
    network : Network
        The network after the step.
    rates : ByLayer of dict
        Learning rates of each layer's "W", "b" and "slope", and in layer 0 of the front's slots; 0 where frozen.
    quantities : dict of str to array (n_params,) or float
        All quantities of the step by letter: "old", "g", "eta", "new", the memory before ("m_old") and after ("m"), and
        the solver's parameters ("beta1").
    cost_before, cost_after : float
        Cost of this row.
    words : str
        The kind of step, and how training differs.
    """

    solver: Solver
    learning_rate: float
    network: Network
    rates: ByLayer[dict[str, float]]
    quantities: Mapping[str, Any]
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

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of the step, in order."""
        return self.solver.rules

    @property
    def has_memory(self) -> bool:
        """Whether the solver has a memory."""
        return len(self.rules) > 1

    def at(self, l: int, j: int, k: int | None) -> dict[str, float]:
        """Return the value of every letter for the weight into neuron j of layer l from neuron k, None for the bias."""
        slot = self.network.layout.slot(l, "b" if k is None else "W")
        assert slot is not None
        return self.at_place(slot.offset + (j if k is None else j * slot.shape[1] + k))

    def at_place(self, place: int) -> dict[str, float]:
        """Return the value of every letter for one position in theta."""
        return {
            letter: float(value if np.ndim(value) == 0 else value[place]) for letter, value in self.quantities.items()
        }

    def of_layer(self, letter: str, l: int, name: str) -> Array | None:
        """Return one quantity in the shape of a layer's "W", "b" or "slope"; None if the layer has none."""
        return self.network.layout.view(self.quantities[letter], l, name)

    @property
    def memory(self) -> tuple[str, ...]:
        """The letters of per-parameter quantities, apart from old, gradient, learning rate and new."""
        plain = {"old", "g", "eta", "new", "weight_decay"}
        return tuple(letter for letter, value in self.quantities.items() if np.ndim(value) and letter not in plain)


def update(subject: Subject, grads: Gradients) -> Update:
    """Return the step for a subject with a target."""
    assert subject.cost is not None
    step, network = subject.step, subject.network
    with np.errstate(all="ignore"):
        quantities = _quantities(step, network, grads.grad)
        after = network.with_theta(quantities["new"])
        trace = forward(after, subject.trace.X)
        cost = cost_of_trace(subject.cost, after.activation[-1], trace.Z[-1], trace.A[-1], subject.Y)
    each: list[dict[str, float]] = [{} for _ in range(after.n_layers + 1)]
    for slot in after.layout.slots:
        each[slot.layer][slot.name] = 0.0 if slot.frozen else step.learning_rate * slot.factor
    rates: ByLayer[dict[str, float]] = ByLayer(each, name="rates", first=0)
    costs = float(grads.cost), float(cost)
    return Update(step.solver, step.learning_rate, after, rates, quantities, *costs, step.words)


def _quantities(step: Step, network: Network, grad: Array) -> dict[str, Any]:
    """Return the value of every letter of the step; `new` is bit-identical to the solver's result."""
    layout, theta = network.layout, network.theta
    rates = layout.rates(theta)
    eta = step.learning_rate * rates
    parameters: dict[str, Any] = dict(step.solver.parameters)
    if "weight_decay" in parameters:
        parameters["weight_decay"] = parameters["weight_decay"] * layout.decays(theta)
    has_memory = len(step.solver.rules) > 1
    g = grad * (rates > 0) if has_memory and not layout.is_uniform else grad  # frozen ones have no memory
    new, _ = step.solver.take_step(theta, g, step.memory, eta=eta, parameters=parameters)
    known: dict[str, Any] = {**parameters, **memory_letters(step.memory), "eta": eta, "old": theta, "g": g}
    for rule in step.solver.rules:
        known[rule.letter] = rule.value(known)
    return {**known, "new": new}
