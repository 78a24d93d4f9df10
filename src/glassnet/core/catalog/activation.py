"""`Activation`, the table of built-in activations, and the checks of user-defined ones."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

from glassnet.arrays import as_floats, namespace, quietly
from glassnet.core.catalog import activations as f
from glassnet.core.choices import choose, spec_of, without_inherited
from glassnet.core.expressions.dialects.text import text
from glassnet.core.expressions.tree import Expression
from glassnet.core.formula_function import FormulaFunction
from glassnet.core.own_functions import as_expected, call_own, refuse_nameless
from glassnet.core.records import Listing
from glassnet.errors import ParameterError
from glassnet.typing import Array, Spec

EXPECTED = "function(Z) and derivative(Z, A) that work elementwise on arrays"


@dataclass(frozen=True)
class Activation:
    r"""An activation function with its derivative.

    .. math:: A = \sigma(Z), \qquad \delta = \frac{\partial C}{\partial A} \odot \sigma'(Z)

    Parameters
    ----------
    name : str
        The name in specifications and model files.
    function : callable
        ``function(Z, **parameters) -> A``, elementwise on an array (n_batch, n_out).
    derivative : callable
        ``derivative(Z, A, **parameters)`` -> the slope at each element, from Z or A.
    parameters : dict
        Further arguments of both, such as ``{"slope": 0.01}``.
    range : tuple of float
        The open interval that contains A; it determines the compatible costs.
    reaches_ends : bool
        Whether A can equal the ends of its range.
    kinks : tuple of float
        Points where the derivative jumps; the gradient check skips them.
    formula, derivative_formula, when_to_use : str
        Texts for readers; see ``glassnet.activations()``.
    expression, derivative_expression : Expression, optional
        The formula and its derivative as trees in z and a, used by explanations. `from_formula` creates them from a
        text.

    Raises
    ------
    ParameterError
        When a network is created with a user-defined activation whose derivative is not the slope of its function.

    See Also
    --------
    Activation.from_formula : an activation from its formula alone, including the derivative.

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
    expression: Expression | None = field(default=None, repr=False)
    derivative_expression: Expression | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        refuse_nameless("activation", self.name)

    @classmethod
    def from_formula(
        cls,
        name: str,
        formula: str,
        *,
        parameters: Mapping[str, float] | None = None,
        range: tuple[float, float] = (-inf, inf),
        when_to_use: str = "",
    ) -> "Activation":
        """Create an activation from its formula in z.

        The formula is parsed, never executed, and differentiated by the rules of calculus. Training uses the reference
        engine. Explanations show the formula with numbers, and model files store it.

        Parameters
        ----------
        name : str
            One word. Under the name of a built-in activation it is still this one, which readers may mistake.
        formula : str
            Such as ``"z / (1 + exp(-beta z))"``. Juxtaposition multiplies, ``^`` is a power, ``|z|`` an absolute value.
            The functions are exp, log, log1p, expm1, sqrt, abs, sign, tanh, sin, cos, atan, sigmoid, softplus, min,
            max, clip(z, low, high) and where(z > 0, ..., ...), also written ``... if z > 0 else ...``.
        parameters : dict of str to float, optional
            The values of other letters in the formula.
        range : tuple of float
            The open interval that contains the values; it determines the compatible costs.
        when_to_use : str
            A text for readers.

        Returns
        -------
        Activation

        Raises
        ------
        ParameterError
            If the formula is invalid, or does not give finite numbers with the slope of its derivative.

        Examples
        --------
        >>> import glassnet as gn
        >>> swoosh = gn.Activation.from_formula("swoosh", "log(1 + exp(z - 1)) - 0.08 z")
        >>> swoosh.derivative_formula
        '1 / (1 + exp(1 - z)) - 0.08'
        >>> gn.Network.create([2, 3, 1], hidden=swoosh, seed=0)
        Network 2-3-1: swoosh, sigmoid; 13 parameters, float64
        """
        from glassnet.core.expressions.branches import kinks
        from glassnet.core.reading_formulas import interval_of, line, read_formula

        read = read_formula(name, formula, parameters, kind="activation", letters=("z",))
        with quietly(namespace()):
            jumps = kinks(read.expression, "z", read.parameters, line(-32.0, 32.0, 1024))
        entry = cls(
            name,
            read.function,
            read.slope,
            range=interval_of(range, f"activation {name!r}: range"),
            kinks=jumps,
            when_to_use=when_to_use,
            **read.fields,
        )
        _check_values(entry, as_floats([*line(-20.0, 20.0, 320), *entry.kinks])[None, :])  # with 0 itself
        _check_derivative(entry)
        return entry

    def __call__(self, Z: Array) -> Array:
        """Return A = sigma(Z)."""
        return self._of("function", Z)

    def prime(self, Z: Array, A: Array) -> Array:
        """Return sigma'(Z), given also A = sigma(Z)."""
        return self._of("derivative", Z, A)

    def _of(self, part: str, *arrays: Array) -> Array:
        """Return the values of one of the two functions; of a user's, after a check."""
        function = getattr(self, part)
        if self.is_builtin or self.source is not None:
            return function(*arrays, **self.parameters)
        what = f"activation {self.name!r}"
        values = call_own(function, arrays, parameters=self.parameters, what=what, expected=EXPECTED)
        return as_expected(values, arrays[0], what=what, part=part)

    def pullback(self, Z: Array, A: Array, dA: Array) -> Array:
        """Return the error signal at Z for the error signal `dA` at A: the chain rule for this function."""
        if self.derivative is f.softmax_pullback:  # a whole row at once: each output depends on every z
            return self.derivative(Z, A, dA)
        return dA * self.prime(Z, A)

    @property
    def spec(self) -> str | tuple[str, dict[str, Any]]:
        """The name, with its parameters if any, as stored in files."""
        return spec_of(self.name, self.parameters)

    @property
    def builtin_name(self) -> str:
        """The name if it is built in, else "": a user-defined one may bear any name."""
        own = ACTIVATIONS.get(self.name)
        if own is self:
            return self.name
        if own is None or own.function is not self.function or own.derivative is not self.derivative:
            return ""
        return self.name if own.parameters.keys() == self.parameters.keys() else ""

    @property
    def is_builtin(self) -> bool:
        """Whether it is built in, with any values of its parameters, so that its name is enough to restore it."""
        return bool(self.builtin_name)

    @property
    def source(self) -> str | None:
        """The formula's text if `from_formula` created it; stored in model files."""
        return self.function.source if isinstance(self.function, FormulaFunction) else None


def _builtin(
    name: str,
    function: Callable[..., Array],
    derivative: Callable[..., Array],
    formulas: tuple[Expression, Expression],
    parameters: Mapping[str, Any],
    range: tuple[float, float],
    reaches_ends: bool,
    kinks: tuple[float, ...],
    when_to_use: str,
) -> Activation:
    formula, slope = formulas
    words = text(formula), text(slope)
    return Activation(
        name, function, derivative, parameters, *words, range, reaches_ends, kinks, when_to_use, formula, slope
    )


ACTIVATIONS: dict[str, Activation] = {
    entry.name: entry
    for entry in (
        _builtin("step", f.step, f.step_prime, (f.STEP, f.STEP_PRIME), {}, (0, 1), True, (0.0,),
                 "to show the perceptron; no gradient, so it cannot be trained"),
        _builtin("identity", f.identity, f.identity_prime, (f.IDENTITY, f.IDENTITY_PRIME), {}, (-inf, inf), False, (),
                 "regression outputs"),
        _builtin("sigmoid", f.sigmoid, f.sigmoid_prime, (f.SIGMOID, f.SIGMOID_PRIME), {}, (0, 1), False, (),
                 "the probability of yes; one neuron is logistic regression"),
        _builtin("tanh", f.tanh, f.tanh_prime, (f.TANH, f.TANH_PRIME), {}, (-1, 1), False, (),
                 "small hidden layers; zero-centered"),
        _builtin("relu", f.relu, f.relu_prime, (f.RELU, f.RELU_PRIME), {}, (0, inf), True, (0.0,),
                 "hidden layers; fast, but units can die"),
        _builtin("leaky_relu", f.leaky_relu, f.leaky_relu_prime, (f.LEAKY_RELU, f.LEAKY_RELU_PRIME), {"slope": 0.01},
                 (-inf, inf), False, (0.0,), "relu without dying units"),
        _builtin("elu", f.elu, f.elu_prime, (f.ELU, f.ELU_PRIME), {"alpha": 1.0}, (-inf, inf), False, (0.0,),
                 "smooth below zero, mean near zero"),
        _builtin("selu", f.selu, f.selu_prime, (f.SELU, f.SELU_PRIME), {}, (-f.SELU_SCALE * f.SELU_ALPHA, inf), False,
                 (0.0,), "deep plain networks; keeps mean 0 and variance 1"),
        _builtin("gelu", f.gelu, f.gelu_prime, (f.GELU, f.GELU_PRIME), {}, (-0.171, inf), False, (),
                 "smooth relu of transformers"),
        _builtin("silu", f.silu, f.silu_prime, (f.SILU, f.SILU_PRIME), {}, (-0.279, inf), False, (),
                 "smooth relu, also called swish"),
        _builtin("mish", f.mish, f.mish_prime, (f.MISH, f.MISH_PRIME), {}, (-0.309, inf), False, (),
                 "smooth relu that did well on tables"),
        _builtin("softplus", f.softplus, f.softplus_prime, (f.SOFTPLUS, f.SOFTPLUS_PRIME), {}, (0, inf), False, (),
                 "positive outputs, such as counts with the poisson cost"),
        _builtin("softsign", f.softsign, f.softsign_prime, (f.SOFTSIGN, f.SOFTSIGN_PRIME), {}, (-1, 1), False, (),
                 "like tanh with slower saturation"),
        _builtin("hard_sigmoid", f.hard_sigmoid, f.hard_sigmoid_prime, (f.HARD_SIGMOID, f.HARD_SIGMOID_PRIME), {},
                 (0, 1), True, (-3.0, 3.0), "a sigmoid of straight lines"),
        _builtin("softmax", f.softmax, f.softmax_pullback, (f.SOFTMAX, f.SOFTMAX_PRIME), {}, (0, 1), False, (),
                 "the probabilities of several classes"),
    )
}  # fmt: skip

ALIASES = {"logistic": "sigmoid", "linear": "identity", "swish": "silu"}


FORMULAS = {
    "function": ("expression", "formula"),
    "derivative": ("derivative_expression", "derivative_formula"),
}
"""The fields with a function of an activation, and those with its formulas."""


def resolve_activation(spec: Spec) -> Activation:
    """Return the activation that `spec` names; a user-defined one is checked before its first use.

    Examples
    --------
    >>> resolve_activation(("leaky_relu", {"slope": 0.2})).parameters["slope"]
    0.2
    """
    entry = choose(spec, ACTIVATIONS, kind="activation", aliases=ALIASES, record=Activation)
    if not entry.is_builtin:
        entry = without_inherited(entry, ACTIVATIONS, FORMULAS)
        _check_derivative(entry)
    return entry


def _check_values(entry: Activation, Z: Array) -> None:
    """Refuse a formula that is not finite, or leaves its range, near 0."""
    A = entry(Z)
    for letter, values in (("formula", A), ("derivative", entry.prime(Z, A))):
        for z, value in zip(Z[0], values[0]):
            if not abs(float(value)) < inf:
                raise ParameterError(
                    f"activation {entry.name!r}: its {letter} gives {float(value):g} at z = {float(z):g}; expected a "
                    f"finite number for every z. Try another form, such as log(1 + |z|) for log(z)."
                )
    low, high = entry.range
    for z, value in zip(Z[0], A[0]):
        if not low <= float(value) <= high:
            raise ParameterError(
                f"activation {entry.name!r}: its formula gives {float(value):g} at z = {float(z):g}, outside of "
                f"range=({low:g}, {high:g}); widen the range."
            )


def _check_derivative(entry: Activation) -> None:
    """Compare the derivative of a user-defined function with small shocks to its input."""
    points = [-2.7, -1.3, -0.6, -0.2, 0.15, 0.45, 1.1, 2.3]
    Z = as_floats([[z for z in points if all(abs(z - kink) > 0.01 for kink in entry.kinks)]])
    shock = 1e-5
    slope = (entry(Z + shock) - entry(Z - shock)) / (2 * shock)
    given = entry.prime(Z, entry(Z))
    xp = namespace(Z)
    if not Z.shape[1]:  # kinks everywhere
        return
    error = xp.abs(slope - given) / xp.maximum(xp.ones_like(Z), xp.abs(slope))
    worst = int(xp.argmax(error))
    if not float(error[0, worst]) < 1e-6:  # also for NaN
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
