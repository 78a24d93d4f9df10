"""The first number of a step that is not finite: where it is, and the operation that gave it."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from glassnet.core.backward import Gradients
from glassnet.core.catalog.costs import COMBINED, Cost, losses_of_trace
from glassnet.core.expressions.breaking import breaking
from glassnet.core.expressions.tree import Expression
from glassnet.core.forward import Trace
from glassnet.core.network import Network
from glassnet.engines.base import Divergence
from glassnet.escaping import brief
from glassnet.typing import Array

LONGEST = 400  # characters of an operation, whose own functions may have any name


class BrokenStep:
    """The passes of a step that met a number that is not finite.

    Parameters
    ----------
    network : Network
        Before the step.
    cost : Cost
    trace, gradients
        Of the step's rows.
    Y : array of shape (n_batch, n_out)
        Their targets.
    rows : array of shape (n_batch,), optional
        The numbers of these rows among those of training.
    """

    def __init__(
        self, network: Network, cost: Cost, trace: Trace, gradients: Gradients, Y: Array, rows: Array | None = None
    ) -> None:
        self._network, self._cost, self._trace, self._grads, self._Y = network, cost, trace, gradients, Y
        self._rows = np.arange(len(Y)) if rows is None else rows

    def divergence(self, step: int) -> Divergence:
        """Return the first number that is not finite, in the order of computation."""
        last = self._network.n_layers
        for quantity, layer, values in self._numbers():
            bad = np.argwhere(~np.isfinite(values))
            if len(bad) == 0:
                continue
            place = tuple(int(each) for each in bad[0])
            row, operation = self._origin(quantity, layer, place, float(values[place]))
            number = None if row is None else int(self._rows[row])
            unit = 0 if quantity == "cost" else place[-1]
            return Divergence(step, layer, unit, quantity, row=number, operation=brief(operation, LONGEST))
        return Divergence(step, last, 0, "cost", operation="the penalty is not finite")

    def _numbers(self) -> Iterator[tuple[str, int, Array]]:
        """Yield the name, the layer and the values of all numbers, in the order of computation."""
        trace, grads = self._trace, self._grads
        yield "input", 0, trace.X
        yield "A", 0, trace.A[0]
        for layer, Z in trace.Z.items():
            yield "Z", layer, Z
            yield "A", layer, trace.A[layer]
        yield "cost", len(trace.Z), np.asarray([grads.cost])
        for layer, delta in reversed(list(grads.delta.items())):
            yield "delta", layer, delta
            if layer == 0:
                yield from ((f"d{name}", 0, gradient.T) for name, gradient in grads.dfront.items())
                continue
            yield "dW", layer, grads.dW[layer].T
            for quantity, gradient in (("db", grads.db[layer]), ("dslope", grads.dslope[layer])):
                if gradient is not None:
                    yield quantity, layer, gradient

    def _origin(self, quantity: str, layer: int, place: tuple[int, ...], value: float) -> tuple[int | None, str]:
        """Return the row within the minibatch, if it is one, and the operation."""
        if quantity == "input":
            return place[0], f"the value is {value:g} in {self._trace.X.dtype}"
        if quantity == "cost":
            return self._origin_of_cost(layer, value)
        if quantity == "dW":
            return self._origin_of_weight(layer, place[0], place[1], value)
        if quantity not in ("Z", "A", "delta"):
            return None, f"the sum {f'of delta[{layer}] ' if quantity == 'db' else ''}over the rows is {value:g}"
        row, unit = place
        if quantity == "Z":
            W, a = self._network.W[layer][unit], self._trace.A[layer - 1][row]
            return row, _of_sum(f"W[{layer}][{unit}, {{k}}]", W, f"A[{layer - 1}]", a, value)
        if quantity == "A":
            return row, self._of_activation(layer, row, unit, value)
        return row, self._of_error_signal(layer, row, unit, value)

    def _origin_of_cost(self, layer: int, value: float) -> tuple[int | None, str]:
        sigma, Z, A = self._network.activation[layer], self._trace.Z[layer], self._trace.A[layer]
        losses = losses_of_trace(self._cost, sigma, Z, A, self._Y)
        bad = np.argwhere(~np.isfinite(losses))
        if len(bad) == 0:
            return None, f"the sum of the losses of {len(losses)} rows is {value:g}"
        row, unit = map(int, bad[0])
        loss = float(losses[row, unit])
        if (sigma.builtin_name, self._cost.builtin_name) in COMBINED:
            return row, f"cost {self._cost.name!r} is {loss:g} for z = {Z[row, unit]:.6g}"
        return row, self._of_loss(self._cost.expression, "the loss", row, unit, loss)

    def _of_loss(self, formula: Expression | None, what: str, row: int, unit: int, value: float) -> str:
        o, t = self._trace.A[-1][row, unit], self._Y[row, unit]
        values = {**self._cost.parameters, "o": o[None], "t": t[None]}
        return _broken(formula, values) or (
            f"{what} of cost {self._cost.name!r} is {value:g} for the output {o:.6g} and the target {t:.6g}"
        )

    def _of_activation(self, layer: int, row: int, unit: int, value: float) -> str:
        if layer == 0:
            return f"the front gives {value:g}"
        sigma, z = self._network.activation[layer], self._trace.Z[layer][row, unit]
        f = self._trace.F[layer][row, unit]
        if np.isfinite(f):
            return f"its learned slope, or dropout, gives {value:g} for z = {z:.6g}"
        found = _broken(sigma.expression, {**sigma.parameters, "z": z[None]})
        return found or f"activation {sigma.name!r} is {f:g} for z = {z:.6g}"

    def _of_error_signal(self, layer: int, row: int, unit: int, value: float) -> str:
        if layer == self._network.n_layers:
            slope = self._cost.prime(self._trace.A[-1], self._Y)[row, unit]
            if not np.isfinite(slope):
                return self._of_loss(self._cost.derivative_expression, "the slope", row, unit, float(slope))
            return self._of_slope(layer, row, unit, slope, value)
        weights, above = self._network.W[layer + 1][:, unit], self._grads.delta[layer + 1][row]
        with np.errstate(all="ignore"):
            dA = np.sum(weights * above)
        if not np.isfinite(dA):
            return _of_sum(f"W[{layer + 1}][{{k}}, {unit}]", weights, f"delta[{layer + 1}]", above, float(dA))
        return f"the front gives {value:g}" if layer == 0 else self._of_slope(layer, row, unit, dA, value)

    def _of_slope(self, layer: int, row: int, unit: int, dA: Any, value: float) -> str:
        sigma, Z = self._network.activation[layer], self._trace.Z[layer]
        z, f = Z[row, unit], self._trace.F[layer][row, unit]
        values = {**sigma.parameters, "z": z[None], "a": f[None]}
        found = _broken(sigma.derivative_expression, values)
        return found or f"the slope of {sigma.name!r} at z = {z:.6g}, times the error signal {dA:.6g}, is {value:g}"

    def _origin_of_weight(self, layer: int, k: int, unit: int, value: float) -> tuple[int | None, str]:
        delta, a = self._grads.delta[layer][:, unit], self._trace.A[layer - 1][:, k]
        with np.errstate(all="ignore"):
            bad = np.flatnonzero(~np.isfinite(delta * a))
        if len(bad) == 0:
            return None, f"the sum of delta[{layer}] · A[{layer - 1}] over the rows is {value:g}"
        row = int(bad[0])
        return row, f"delta[{layer}] · A[{layer - 1}] is {value:g} for {delta[row]:.6g} · {a[row]:.6g}"


def broken_update(
    step: int, before: Network, after: Network, gradient: Array, eta: float, solver: str
) -> Divergence | None:
    """Return the first parameter that is not finite after a step; None if all are."""
    for slot, values in after.layout.unpack(after.theta):
        bad = np.argwhere(~np.isfinite(values.T))
        if len(bad) == 0:
            continue
        place = tuple(int(each) for each in bad[0])[::-1]
        index = slot.offset + int(np.ravel_multi_index(place, slot.shape))
        operation = (
            f"the step of solver {solver!r} turns {after.layout.name_of(index)} = {before.theta[index]:.6g} with the "
            f"gradient {gradient[index]:.6g} and the learning rate {eta:.6g} into {after.theta[index]:g}"
        )
        return Divergence(step, slot.layer, place[0], slot.name, operation=brief(operation, LONGEST))
    return None


def _of_sum(weight: str, weights: Array, name: str, others: Array, value: float) -> str:
    """Return the product that is not finite, or the largest term of a sum that is not."""
    with np.errstate(all="ignore"):
        products = weights * others
    sizes = np.where(np.isnan(products), np.inf, np.abs(products))
    k = int(np.argmax(sizes))
    term = f"{weight.format(k=k)} · {name} = {weights[k]:.6g} · {others[k]:.6g}"
    if not np.isfinite(products[k]):
        return f"{term} is {products[k]:g}"
    return f"the sum over {len(products)} terms is {value:g}; the largest is {term}"


def _broken(formula: Expression | None, values: Mapping[str, Any]) -> str:
    """Return the broken operation of a formula, and "" for one that has no single letters, such as softmax."""
    if formula is None:
        return ""
    try:
        return breaking(formula, values)
    except (KeyError, TypeError):
        return ""
