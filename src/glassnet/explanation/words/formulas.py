"""The formulas of activations and costs with numbers, from the formula trees in core."""

from collections.abc import Mapping
from typing import Any

from glassnet.core.catalog.activation import Activation
from glassnet.core.catalog.activations import SHIFTED_SOFTMAX, e_j, m, z_j
from glassnet.core.catalog.activations import z as z_of_layer
from glassnet.core.catalog.costs import Cost
from glassnet.core.expressions.parsing import parse
from glassnet.core.expressions.put_in import put_in
from glassnet.core.expressions.signs import Applied, Value
from glassnet.core.expressions.tree import Expression, Letter, exp, replaced
from glassnet.core.slope import DF_DZ, SLOPE_BACKWARD, SLOPE_FORMULA
from glassnet.errors import ParameterError

z, o = Letter("z"), Letter("o")
SOFTMAX = replaced(replaced(SHIFTED_SOFTMAX, e_j, exp(z_j - m)), z_j, z_of_layer)
"""Softmax in its stable form: m is the largest z of the layer, s the sum of all exp(z - m)."""


def activation_formula(sigma: Activation) -> Expression:
    """Return an activation's formula, or its name if it is user-defined without one.

    >>> from glassnet.core.catalog.activation import ACTIVATIONS
    >>> from glassnet.core.expressions.dialects.text import written
    >>> written(activation_formula(ACTIVATIONS["relu"]))
    'max(0, z)'
    """
    if sigma.builtin_name == "softmax":
        return SOFTMAX
    return sigma.expression or _read(sigma.formula, ("z", *sigma.parameters)) or Applied(sigma.name, z)


def derivative_formula(sigma: Activation) -> Expression:
    """Return the formula of an activation's derivative, with its abbreviations expanded."""
    own = sigma.derivative_expression or _read(sigma.derivative_formula, ("z", "a", *sigma.parameters))
    return own or Applied(f"{sigma.name}'", z)


def activation_with_numbers(sigma: Activation, z: float) -> Expression:
    """Return an activation's formula at z; for softmax, which needs a whole layer, see its layer.

    >>> from glassnet.core.catalog.activation import ACTIVATIONS
    >>> from glassnet.core.expressions.dialects.text import written
    >>> written(activation_with_numbers(ACTIVATIONS["leaky_relu"], -2.0))
    '0.01 · (-2)'
    """
    return put_in(activation_formula(sigma), {"z": z, **_numbers(sigma.parameters)})


def derivative_with_numbers(sigma: Activation, z: float, a: float) -> Expression:
    """Return the formula of an activation's derivative at z, where a is its value there.

    >>> from glassnet.core.catalog.activation import ACTIVATIONS
    >>> from glassnet.core.expressions.dialects.text import written
    >>> written(derivative_with_numbers(ACTIVATIONS["tanh"], 0.5, 0.4621171))
    '1 - 0.462117^2'
    """
    return put_in(derivative_formula(sigma), {"z": z, "a": a, **_numbers(sigma.parameters)})


def of_f(formula: Expression, sigma: Activation) -> Expression:
    """Return an activation's formula for neurons with slopes: f for a, and parameters as numbers.

    >>> from glassnet.core.catalog.activation import ACTIVATIONS
    >>> from glassnet.core.expressions.dialects.text import written
    >>> elu = ACTIVATIONS["elu"]
    >>> written(of_f(derivative_formula(elu), elu))
    '1 if z > 0 else f + 1'
    """
    return put_in(replaced(formula, Letter("a"), Letter("f")), _numbers(sigma.parameters))


def slope_with_numbers(slope: float, f: float, z: float) -> Expression:
    """Return the activation of a neuron with a slope, with its numbers.

    >>> from glassnet.core.expressions.dialects.text import written
    >>> written(slope_with_numbers(0.75, 0.0, -2.0))
    '0.75·0 + (1 - 0.75)·(-2)'
    """
    return put_in(SLOPE_FORMULA, {"slope": slope, "f": f, "z": z})


def slope_backward_with_numbers(slope: float, df_dz: float) -> Expression:
    """Return the derivative of the activation of a neuron with a slope, with its numbers."""
    return put_in(replaced(SLOPE_BACKWARD, DF_DZ, Value(df_dz)), {"slope": slope})


def loss_formula(cost: Cost) -> Expression:
    """Return the formula of one output's loss.

    >>> from glassnet.core.catalog.costs import COSTS
    >>> from glassnet.core.expressions.dialects.text import text
    >>> text(loss_formula(COSTS["cross_entropy"]))
    '-t log(o)'
    """
    return cost.expression or _read(cost.formula, ("o", "t", *cost.parameters)) or Applied(cost.name, o)


def loss_with_numbers(cost: Cost, output: float, target: float) -> Expression:
    """Return the loss of one output with its numbers.

    >>> from glassnet.core.catalog.costs import COSTS
    >>> from glassnet.core.expressions.dialects.text import written
    >>> written(loss_with_numbers(COSTS["half_squared_error"], 0.7711201, 0.0))
    '1/2 · (0 - 0.77112)^2'
    """
    return put_in(loss_formula(cost), {"o": output, "t": target, **_numbers(cost.parameters)})


def cost_derivative_formula(cost: Cost) -> Expression:
    """Return the formula of ``∂loss/∂output``."""
    own = cost.derivative_expression or _read(cost.derivative_formula, ("o", "t", *cost.parameters))
    return own or Applied(f"{cost.name}'", o)


def cost_derivative_with_numbers(cost: Cost, output: float, target: float) -> Expression:
    """Return ``∂loss/∂output`` of one output with its numbers.

    >>> from glassnet.core.catalog.costs import COSTS
    >>> from glassnet.core.expressions.dialects.text import written
    >>> written(cost_derivative_with_numbers(COSTS["half_squared_error"], 0.7711201, 0.0))
    '0.77112 - 0'
    """
    return put_in(cost_derivative_formula(cost), {"o": output, "t": target, **_numbers(cost.parameters)})


def _read(formula: str, letters: tuple[str, ...]) -> Expression | None:
    """Return the tree of a user's formula; None if it cannot be parsed."""
    try:
        return parse(formula, letters) if formula else None
    except ParameterError:
        return None


def _numbers(parameters: Mapping[str, Any]) -> dict[str, float]:
    return {name: value for name, value in parameters.items() if isinstance(value, int | float)}
