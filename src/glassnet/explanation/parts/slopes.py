"""The learned slopes for one row, and their gradients."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from glassnet.core.backward import Gradients
from glassnet.core.layout import Slot
from glassnet.errors import ParameterError
from glassnet.explanation.parts.worked_parameter import WorkedParameter
from glassnet.explanation.subject.subject import Subject
from glassnet.typing import Array


@dataclass(frozen=True, eq=False)
class SlopePart:
    """The gradients of the slopes: ``∂E/∂slope = ∂E/∂a · (f - z)``.

    Attributes
    ----------
    slots : tuple of Slot
        Slots of the layers with slopes.
    names : dict of int to tuple of str
        Names of their neurons.
    theta, grad : arrays (n_params,)
        All parameters, and their gradients.
    dE_da, bends : dict of int to array (n_out,)
        Derivative by each activation, and ``f - z``, the effect of the activation function.
    """

    slots: tuple[Slot, ...]
    names: dict[int, tuple[str, ...]]
    theta: Array
    grad: Array
    dE_da: dict[int, Array]
    bends: dict[int, Array]

    @property
    def n_params(self) -> int:
        """Number of slopes."""
        return sum(slot.size for slot in self.slots)

    def largest(self, n: int) -> tuple[WorkedParameter, ...]:
        """Return the n slopes with the largest gradients, largest first."""
        return tuple(sorted(self.parameters(), key=lambda each: -abs(each.gradient))[:n])

    def parameters(self) -> Iterator[WorkedParameter]:
        """Yield all slopes, in the order of theta."""
        for slot in self.slots:
            for j in range(slot.size):
                yield self._parameter(slot, j)

    def parameter(self, name: str) -> WorkedParameter:
        """Return the slope with this name, such as "hidden1.3: slope", or entry, such as "slope[1][2]"."""
        for each in self.parameters():
            if name in (each.name, each.entry):
                return each
        raise ParameterError(f"there is no slope {name!r}; one of them is {next(self.parameters()).name!r}.")

    def _parameter(self, slot: Slot, j: int) -> WorkedParameter:
        l, place = slot.layer, slot.offset + j
        factors = (("∂E/∂a", float(self.dE_da[l][j])), ("(f - z)", float(self.bends[l][j])))
        value, gradient = float(self.theta[place]), float(self.grad[place])
        return WorkedParameter(f"{self.names[l][j]}: slope", slot.entry(j), value, gradient, factors, place)


def slope_part(subject: Subject, grads: Gradients) -> SlopePart | None:
    """Return the slopes of a subject with a target; None without slopes."""
    network, trace = subject.network, subject.trace
    slots = tuple(slot for slot in network.layout.slots if slot.name == "slope")
    if not slots:
        return None
    layers = [slot.layer for slot in slots]
    with np.errstate(all="ignore"):
        return SlopePart(
            slots,
            {l: subject.names[l] for l in layers},
            network.theta,
            grads.grad,
            {l: (grads.delta[l + 1] @ network.W[l + 1])[0] for l in layers},
            {l: (trace.F[l] - trace.Z[l])[0] for l in layers},
        )
