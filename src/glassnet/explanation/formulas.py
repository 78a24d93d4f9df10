"""The formulas of activations and costs with numbers put in."""

import math
import re
from collections.abc import Mapping

import numpy as np

from glassnet.core import activations as f
from glassnet.core.activation import Activation
from glassnet.core.costs import Cost
from glassnet.explanation.numbers import factor, number

_MINUS_OR_NAME = re.compile(r"(?<![\w.])(-?)([A-Za-z_]+)(?![\w(])")
_BRANCHES = re.compile(r"([^()]*\()?(.*?) if z (>=?) 0 else (.*)")
_NEEDLESS = re.compile(r"(?:^|(?<=[(|]))\((-[\d.]+(?:e[+-]\d+)?)\)(?=[ /)|])|(?<=, )\((-[\d.]+(?:e[+-]\d+)?)\)(?=\))")


def put_in(formula: str, values: Mapping[str, float]) -> str:
    """Return a formula with numbers in place of its letters.

    >>> put_in("1 / (1 + exp(-z))", {"z": -0.9})
    '1 / (1 + exp(0.9))'
    >>> put_in("a (1 - a)", {"a": 0.25})
    '0.25 · (1 - 0.25)'
    """

    def value(match: re.Match[str]) -> str:
        minus, name = match.groups()
        if name not in values:
            return match[0]
        return number(-values[name]) if minus else factor(values[name])

    text = _MINUS_OR_NAME.sub(value, formula)
    text = re.sub(r"(?<=[\d)]) (?=[\d(]|[a-z]+\()", " · ", text)  # what stands side by side is multiplied
    return _NEEDLESS.sub(lambda match: match[1] or match[2], text)


def activation_with_numbers(sigma: Activation, z: float) -> str:
    """Return an activation's formula at z; softmax, which takes a whole layer, is written by its layer.

    >>> from glassnet.core.activation import ACTIVATIONS
    >>> activation_with_numbers(ACTIVATIONS["leaky_relu"], -2.0)
    '0.01 · (-2)'
    """
    if not sigma.formula:
        return f"{sigma.name}({number(z)})"
    return put_in(_chosen(sigma.formula, z), {"z": z, **_parameters(sigma)})


def derivative_with_numbers(sigma: Activation, z: float, a: float) -> str:
    """Return the formula of an activation's derivative at z, where a is its value there.

    >>> from glassnet.core.activation import ACTIVATIONS
    >>> derivative_with_numbers(ACTIVATIONS["tanh"], 0.5, 0.4621171)
    '1 - 0.462117^2'
    """
    if not sigma.derivative_formula:
        return f"{sigma.name}'({number(z)})"
    return put_in(_chosen(sigma.derivative_formula, z), {"z": z, "a": a, **_shorthand(sigma, z), **_parameters(sigma)})


def derivative_formula(sigma: Activation) -> str:
    """Return the formula of an activation's derivative, with what its shorthand letters stand for."""
    meaning = {"silu": "s = 1 / (1 + exp(-z))", "gelu": "t the tanh above",
               "mish": "t = tanh(log(1 + exp(z))), s = 1 / (1 + exp(-z))"}.get(sigma.name)  # fmt: skip
    text = sigma.derivative_formula or f"{sigma.name}'(z)"
    return f"{text} with {meaning}" if meaning else text


LEANS = "slope·f + (1 - slope)·z"
LEANS_BACK = "slope·∂f/∂z + 1 - slope"
"""A learned slope: a, and its derivative, where f is what the activation function gives."""


def of_f(formula: str, sigma: Activation) -> str:
    """Return an activation's formula for neurons with slopes: f in place of a, and its own parameters as numbers.

    >>> from glassnet.core.activation import ACTIVATIONS
    >>> of_f("1 if z > 0 else a + alpha", ACTIVATIONS["elu"])
    '1 if z > 0 else f + 1'
    """
    return put_in(re.sub(r"(?<!\w)a(?!\w)", "f", formula), _parameters(sigma))


def leaning_with_numbers(slope: float, f: float, z: float) -> str:
    """Return `LEANS` with its numbers put in.

    >>> leaning_with_numbers(0.75, 0.0, -2.0)
    '0.75·0 + (1 - 0.75)·(-2)'
    """
    return f"{number(slope)}·{factor(f)} + (1 - {factor(slope)})·{factor(z)}"


def leaning_back_with_numbers(slope: float, df_dz: float) -> str:
    """Return `LEANS_BACK` with its numbers put in."""
    return f"{number(slope)}·{factor(df_dz)} + 1 - {factor(slope)}"


def loss_with_numbers(cost: Cost, output: float, target: float) -> str:
    """Return the loss of one output with its numbers put in.

    >>> from glassnet.core.costs import COSTS
    >>> loss_with_numbers(COSTS["half_squared_error"], 0.7711201, 0.0)
    '1/2 · (0 - 0.77112)^2'
    """
    formula = loss_formula(cost)
    error = abs(target - output)
    if cost.name == "huber":
        small = error <= cost.parameters["delta"]
        return put_in("1/2 e^2" if small else "delta (e - delta/2)", {"e": error, **cost.parameters})
    if cost.name == "pinball":
        formula = "q (t - o)" if target > output else "(1 - q) (o - t)"
        return put_in(formula, {"q": cost.parameters["quantile"], "t": target, "o": output})
    return put_in(formula, {"t": target, "o": output})


def loss_formula(cost: Cost) -> str:
    """Return the formula of one output's loss, without the sum over outputs.

    >>> from glassnet.core.costs import COSTS
    >>> loss_formula(COSTS["cross_entropy"])
    '-t log(o)'
    """
    return "t - o" if cost.name == "error" else cost.formula.removeprefix("sum ")


def _chosen(formula: str, z: float) -> str:
    """Return the branch that holds at z, where a formula has two."""
    branches = _BRANCHES.fullmatch(formula)
    if branches is None:
        return formula
    scale, above, comparison, below = branches.groups()
    holds = z > 0 or (comparison == ">=" and z == 0)
    if scale is None:
        return above if holds else below
    return f"{scale[:-1]}{above}" if holds else f"{scale}{below}"  # as in 1.0507 (z if z > 0 else ...)


def _parameters(sigma: Activation) -> dict[str, float]:
    return {name: value for name, value in sigma.parameters.items() if isinstance(value, int | float)}


def _shorthand(sigma: Activation, z: float) -> dict[str, float]:
    """Return the values of the letters that only some derivatives use."""
    Z = np.asarray([z])
    if sigma.name == "silu":
        return {"s": float(f.sigmoid(Z)[0])}
    if sigma.name == "mish":
        return {"s": float(f.sigmoid(Z)[0]), "t": math.tanh(float(f.softplus(Z)[0]))}
    if sigma.name == "gelu":
        return {"t": math.tanh(f.GELU_SLOPE * (z + f.GELU_CUBIC * z**3))}
    return {}


def cost_derivative_with_numbers(cost: Cost, output: float, target: float) -> str:
    """Return ``∂loss/∂output`` of one output with its numbers put in.

    >>> from glassnet.core.costs import COSTS
    >>> cost_derivative_with_numbers(COSTS["half_squared_error"], 0.7711201, 0.0)
    '0.77112 - 0'
    """
    if cost.name == "pinball":
        formula = "0" if target == output else "-q" if target > output else "1 - q"
        return put_in(formula, {"q": cost.parameters["quantile"]})
    return put_in(cost.derivative_formula, {"t": target, "o": output, **cost.parameters})
