"""The record of one activation function, the table of all, and the check of a user's own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

from glassnet.arrays import as_floats, namespace
from glassnet.core import activations as f
from glassnet.core.choices import choose
from glassnet.core.records import Listing
from glassnet.errors import ParameterError
from glassnet.typing import Array, Spec


@dataclass(frozen=True)
class Activation:
    r"""An activation function with its derivative.

    .. math:: A = \sigma(Z), \qquad \delta = \frac{\partial C}{\partial A} \odot \sigma'(Z)

    Parameters
    ----------
    name : str
        What it is called in specifications and model files.
    function : callable
        ``function(Z, **parameters) -> A``, elementwise on an array (n_batch, n_out).
    derivative : callable
        ``derivative(Z, A, **parameters)`` -> the slope at each element; it may use either.
    parameters : dict
        Further arguments of both, such as ``{"slope": 0.01}``.
    range : tuple of float
        The open interval that A stays in; it decides which costs fit.
    reaches_ends : bool
        Whether A can equal the ends of its range.
    kinks : tuple of float
        Where the derivative jumps; the gradient check steps aside there.
    formula, derivative_formula, when_to_use : str
        For people; see ``glassnet.activations()``.

    Raises
    ------
    ParameterError
        When a network is made with a user's own activation whose derivative is not the slope of its function.

    Examples
    --------
    >>> import numpy as np
    >>> sine = Activation("sine", np.sin, lambda Z, A: np.cos(Z), range=(-1.0, 1.0))
    >>> sine(np.asarray([0.0]))
    array([0.])
    """

    name: str
    function: Callable[..., Array]
    derivative: Callable[..., Array]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    formula: str = ""
    derivative_formula: str = ""
    range: tuple[float, float] = (-inf, inf)
    reaches_ends: bool = False
    kinks: tuple[float, ...] = ()
    when_to_use: str = ""

    def __call__(self, Z: Array) -> Array:
        """Return A = sigma(Z)."""
        return self.function(Z, **self.parameters)

    def prime(self, Z: Array, A: Array) -> Array:
        """Return sigma'(Z), given also A = sigma(Z)."""
        return self.derivative(Z, A, **self.parameters)

    def pullback(self, Z: Array, A: Array, dA: Array) -> Array:
        """Return the blame at Z for the blame `dA` at A: the chain rule's step through this function."""
        if self.derivative is f.softmax_pullback:  # a whole row at once: each output depends on every z
            return self.derivative(Z, A, dA)
        return dA * self.prime(Z, A)

    @property
    def spec(self) -> str | tuple[str, dict[str, Any]]:
        """The name, with the parameters where there are any: what a file stores."""
        return (self.name, dict(self.parameters)) if self.parameters else self.name

    @property
    def is_builtin(self) -> bool:
        """Whether it comes with glassnet, so that its name alone brings it back."""
        own = ACTIVATIONS.get(self.name)
        return own is not None and own.function is self.function and own.derivative is self.derivative


ACTIVATIONS: dict[str, Activation] = {
    entry.name: entry
    for entry in (
        Activation("step", f.step, f.step_prime, {}, "1 if z >= 0 else 0", "0", (0, 1), True, (0.0,),
                   "to show the perceptron; no gradient, so it cannot be trained"),
        Activation("identity", f.identity, f.identity_prime, {}, "z", "1", (-inf, inf), False, (),
                   "regression outputs"),
        Activation("sigmoid", f.sigmoid, f.sigmoid_prime, {}, "1 / (1 + exp(-z))", "a (1 - a)", (0, 1), False, (),
                   "the probability of yes; one neuron is logistic regression"),
        Activation("tanh", f.tanh, f.tanh_prime, {}, "(exp(z) - exp(-z)) / (exp(z) + exp(-z))", "1 - a^2",
                   (-1, 1), False, (), "small hidden layers; zero-centered"),
        Activation("relu", f.relu, f.relu_prime, {}, "max(0, z)", "1 if z > 0 else 0", (0, inf), True, (0.0,),
                   "hidden layers; fast, but units can die"),
        Activation("leaky_relu", f.leaky_relu, f.leaky_relu_prime, {"slope": 0.01}, "z if z > 0 else slope z",
                   "1 if z > 0 else slope", (-inf, inf), False, (0.0,), "like relu where units die"),
        Activation("elu", f.elu, f.elu_prime, {"alpha": 1.0}, "z if z > 0 else alpha (exp(z) - 1)",
                   "1 if z > 0 else a + alpha", (-inf, inf), False, (0.0,), "smooth below zero, mean near zero"),
        Activation("selu", f.selu, f.selu_prime, {}, "1.0507 (z if z > 0 else 1.6733 (exp(z) - 1))",
                   "1.0507 if z > 0 else a + 1.7581", (-f.SELU_SCALE * f.SELU_ALPHA, inf), False, (0.0,),
                   "deep plain networks; keeps mean 0 and variance 1"),
        Activation("gelu", f.gelu, f.gelu_prime, {}, "z/2 (1 + tanh(0.79788 (z + 0.044715 z^3)))",
                   "(1 + t)/2 + z/2 (1 - t^2) 0.79788 (1 + 0.134145 z^2)", (-0.171, inf), False, (),
                   "smooth relu of transformers"),
        Activation("silu", f.silu, f.silu_prime, {}, "z / (1 + exp(-z))", "s + a (1 - s)", (-0.279, inf), False, (),
                   "smooth relu, also called swish"),
        Activation("mish", f.mish, f.mish_prime, {}, "z tanh(log(1 + exp(z)))", "t + z (1 - t^2) s",
                   (-0.309, inf), False, (), "smooth relu that did well on tables"),
        Activation("softplus", f.softplus, f.softplus_prime, {}, "log(1 + exp(z))", "1 / (1 + exp(-z))",
                   (0, inf), False, (), "positive outputs, such as counts with the poisson cost"),
        Activation("softsign", f.softsign, f.softsign_prime, {}, "z / (1 + |z|)", "1 / (1 + |z|)^2", (-1, 1), False,
                   (), "like tanh with slower saturation"),
        Activation("hard_sigmoid", f.hard_sigmoid, f.hard_sigmoid_prime, {}, "clip(z/6 + 1/2, 0, 1)",
                   "1/6 if |z| < 3 else 0", (0, 1), True, (-3.0, 3.0), "a sigmoid of straight lines"),
        Activation("softmax", f.softmax, f.softmax_pullback, {}, "exp(z_j) / sum_k exp(z_k)",
                   "a_j ([j = k] - a_k)", (0, 1), False, (), "the probabilities of several classes"),
    )
}  # fmt: skip

ALIASES = {"logistic": "sigmoid", "linear": "identity", "swish": "silu"}


def resolve_activation(spec: Spec) -> Activation:
    """Return the activation that `spec` names; a user's own is checked before its first use.

    Examples
    --------
    >>> resolve_activation(("leaky_relu", {"slope": 0.2})).parameters["slope"]
    0.2
    """
    entry = choose(spec, ACTIVATIONS, kind="activation", aliases=ALIASES, record=Activation)
    if not entry.is_builtin:
        if entry.name in ACTIVATIONS or entry.name in ALIASES:
            raise ParameterError(
                f"activation {entry.name!r} has functions of its own, but that name belongs to glassnet; "
                f"give it another one, such as 'my_{entry.name}'."
            )
        _check_derivative(entry)
    return entry


def _check_derivative(entry: Activation) -> None:
    """Shock the input of a user's function a little and compare the change with the derivative that was given."""
    points = [-2.7, -1.3, -0.6, -0.2, 0.15, 0.45, 1.1, 2.3]
    Z = as_floats([[z for z in points if all(abs(z - kink) > 0.01 for kink in entry.kinks)]])
    shock = 1e-5
    try:
        slope = (entry(Z + shock) - entry(Z - shock)) / (2 * shock)
        given = entry.prime(Z, entry(Z))
    except Exception as failure:
        raise ParameterError(
            f"activation {entry.name!r} failed on an array of shape {Z.shape}: "
            f"{type(failure).__name__}: {failure}. "
            f"Expected function(Z) and derivative(Z, A) that work elementwise on arrays."
        ) from failure
    if getattr(slope, "shape", None) != Z.shape or getattr(given, "shape", None) != Z.shape:
        raise ParameterError(
            f"activation {entry.name!r} does not keep the shape of its input {Z.shape}: the function gives "
            f"{getattr(slope, 'shape', 'no array')}, the derivative {getattr(given, 'shape', 'no array')}."
        )
    xp = namespace(Z)
    error = xp.abs(slope - given) / xp.maximum(xp.ones_like(Z), xp.abs(slope))
    worst = int(xp.argmax(error))
    if not float(error[0, worst]) < 1e-6:  # also when it is not a number
        z = float(Z[0, worst])
        raise ParameterError(
            f"the derivative of activation {entry.name!r} is not the slope of its function: at z = {z:g} it says "
            f"{float(given[0, worst]):.6g}, but a small shock gives {float(slope[0, worst]):.6g}. "
            f"Correct derivative(Z, A), or name the points where the slope jumps in kinks=(...)."
        )


def activations() -> Listing:
    """Return the table of all activation functions: formula, derivative, range and when to use each.

    Returns
    -------
    Listing
        One row per activation; prints itself.

    Examples
    --------
    >>> import glassnet as gn
    >>> gn.activations()["sigmoid"]["derivative"]
    'a (1 - a)'
    """
    return Listing(
        tuple(
            {
                "name": entry.name,
                "formula": entry.formula,
                "derivative": entry.derivative_formula,
                "range": interval(entry),
                "when_to_use": entry.when_to_use,
            }
            for entry in ACTIVATIONS.values()
        )
    )


def interval(entry: Activation) -> str:
    """Return an activation's range in the usual notation."""
    low, high = entry.range
    left = "[" if entry.reaches_ends and low > -inf else "("
    right = "]" if entry.reaches_ends and high < inf else ")"
    return f"{left}{low:g}, {high:g}{right}"
