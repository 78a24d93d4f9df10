r"""Second derivatives of activations and losses, by the rules of calculus from the formulas of the catalog.

A function that a user gave without a formula has no such rules: there, a central difference of its derivative stands
in, which is exact to about nine digits.
"""

from collections.abc import Callable
from functools import cache
from math import inf
from typing import Any

from glassnet.arrays import namespace
from glassnet.core.catalog import activations as f
from glassnet.core.catalog.activation import Activation
from glassnet.core.catalog.costs import Cost
from glassnet.core.expressions.derivatives import derivative
from glassnet.core.expressions.stable import stable
from glassnet.core.expressions.tree import Expression, Letter, Number
from glassnet.core.formula_function import FormulaFunction
from glassnet.typing import Array

SHOCK = 6e-6  # the cube root of float64's rounding: best for a central difference
ZERO = Number(0)
z, a, o = Letter("z"), Letter("a"), Letter("o")


def second_of_activation(sigma: Activation, Z: Array, A: Array) -> Array | None:
    r"""Return :math:`\sigma''(Z)` at each element, given also ``A = sigma(Z)``; None where it is 0 for every z.

    Not for softmax, whose derivative is a matrix: see `moved_pullback`.

    >>> import numpy as np
    >>> from glassnet.core.catalog.activation import ACTIVATIONS
    >>> Z = np.asarray([[0.5]])
    >>> round(float(second_of_activation(ACTIVATIONS["tanh"], Z, np.tanh(Z))[0, 0]), 4)  # -2 a (1 - a²)
    -0.7269
    >>> second_of_activation(ACTIVATIONS["relu"], Z, Z) is None
    True
    """
    if not sigma.is_builtin and sigma.source is None:
        return _difference(lambda near: sigma.prime(near, sigma(near)), Z, (-inf, inf))
    slope = (
        sigma.derivative.expression if isinstance(sigma.derivative, FormulaFunction) else sigma.derivative_expression
    )
    assert slope is not None
    formula = _slope_of_slope(slope)
    return None if formula == ZERO else FormulaFunction("", formula, ("z", "a"))(Z, A, **sigma.parameters)


def second_of_cost(cost: Cost, A: Array, Y: Array) -> Array | None:
    """Return the second derivative of each element's loss by the output, (n_batch, n_out); None where it is 0.

    >>> import numpy as np
    >>> from glassnet.core.catalog.costs import COSTS
    >>> second_of_cost(COSTS["poisson"], np.asarray([[2.0]]), np.asarray([[3.0]]))  # t / o²
    array([[0.75]])
    """
    if not cost.is_builtin and cost.source is None:
        return _difference(lambda near: cost.prime(near, Y), A, cost.outputs)
    loss = cost.loss.expression if isinstance(cost.loss, FormulaFunction) else cost.expression
    assert loss is not None
    formula = _twice(loss)
    return None if formula == ZERO else FormulaFunction("", formula, ("o", "t"))(A, Y, **cost.parameters)


def moved_pullback(Z: Array, A: Array, dA: Array, RA: Array, RdA: Array) -> Array:
    r"""Return how fast a softmax's error signal at Z changes, as its activations A and the error signal dA change.

    .. math:: R\{\delta_j\} = R\{a_j\} \Big(d_j - \sum_k d_k a_k\Big)
              + a_j \Big(R\{d_j\} - \sum_k R\{d_k\} a_k + d_k R\{a_k\}\Big)
    """
    xp = namespace(Z)
    mean = xp.sum(dA * A, axis=-1, keepdims=True)
    moved = xp.sum(RdA * A + dA * RA, axis=-1, keepdims=True)
    return RA * (dA - mean) + A * (RdA - moved)


def is_softmax(sigma: Activation) -> bool:
    """Whether each output depends on all pre-activations of the layer."""
    return sigma.derivative is f.softmax_pullback


@cache
def _slope_of_slope(slope: Expression) -> Expression:
    """Return the second derivative by z of an activation, from its derivative in z and a = sigma(z)."""
    slope = stable(slope)
    through_a = derivative(slope, a)
    direct = derivative(slope, z)
    return direct if through_a == ZERO else _simple_sum(direct, through_a * slope)


def _simple_sum(first: Expression, second: Expression) -> Expression:
    return second if first == ZERO else first + second


@cache
def _twice(loss: Expression) -> Expression:
    """Return the second derivative of a loss by the output, from the loss itself, where nothing cancels."""
    return derivative(derivative(stable(loss), o), o)


def _difference(prime: Callable[[Array], Any], at: Array, inside: tuple[float, float]) -> Array:
    """Return a central difference of a derivative; its points stay inside of an open interval."""
    xp = namespace(at)
    shock = SHOCK * xp.maximum(xp.abs(at), xp.ones_like(at))
    for end in inside:
        if abs(end) < inf:
            shock = xp.minimum(shock, 0.5 * xp.abs(at - end))
    return (prime(at + shock) - prime(at - shock)) / (2.0 * shock)
