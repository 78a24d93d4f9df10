"""`Cost`, the table of built-in costs, and the only place where 1/n enters a value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

from glassnet.arrays import as_floats, namespace, quietly
from glassnet.core.catalog import losses as f
from glassnet.core.catalog.activation import Activation
from glassnet.core.choices import choose, spec_of, without_inherited
from glassnet.core.expressions.dialects.text import text
from glassnet.core.expressions.evaluation import evaluate
from glassnet.core.expressions.tree import Expression, over
from glassnet.core.formula_function import FormulaFunction
from glassnet.core.matrices import as_matrix, as_targets, as_weights
from glassnet.core.own_functions import as_expected, call_own, refuse_nameless
from glassnet.core.records import Listing
from glassnet.errors import ParameterError
from glassnet.typing import Array, Spec

EXPECTED = "loss(A, Y) and derivative(A, Y), which return one number for each output"


@dataclass(frozen=True)
class Cost:
    r"""A cost: its loss per output, the derivative, and the required outputs and targets.

    .. math:: C = \frac1n \sum_i \sum_j loss(A_{ij}, Y_{ij})

    Parameters
    ----------
    name : str
        The name in specifications and model files.
    loss : callable
        ``loss(A, Y, **parameters)`` -> the loss of each element, (n_batch, n_out).
    derivative : callable
        ``derivative(A, Y, **parameters)`` -> its derivative by the output.
    parameters : dict
        Further arguments of both, such as ``{"delta": 1.0}``.
    formula, derivative_formula, when_to_use : str
        Texts for readers; see ``glassnet.costs()``.
    outputs : tuple of float
        The open interval of outputs with a finite loss.
    targets : tuple of float
        The closed interval of valid targets.
    has_kink : bool
        Whether the derivative jumps where output and target are equal; the gradient check skips such points.
    expression, derivative_expression : Expression, optional
        The loss of one output o with target t and its derivative by o, as trees, used by explanations. `from_formula`
        creates them from a text.

    See Also
    --------
    Cost.from_formula : a cost from its formula alone, including the derivative.

    Examples
    --------
    >>> import glassnet as gn
    >>> cubed = gn.Cost("cubed", lambda A, Y: abs(A - Y) ** 3, lambda A, Y: 3 * (A - Y) * abs(A - Y))
    >>> gn.cost(cubed, [[3.0]], [[1.0]])
    8.0
    """

    name: str
    loss: Callable[..., Array]
    derivative: Callable[..., Array]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    formula: str = ""
    derivative_formula: str = ""
    outputs: tuple[float, float] = (-inf, inf)
    targets: tuple[float, float] = (-inf, inf)
    has_kink: bool = False
    when_to_use: str = ""
    expression: Expression | None = field(default=None, repr=False)
    derivative_expression: Expression | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        refuse_nameless("cost", self.name)

    @classmethod
    def from_formula(
        cls,
        name: str,
        formula: str,
        *,
        parameters: Mapping[str, float] | None = None,
        outputs: tuple[float, float] = (-inf, inf),
        targets: tuple[float, float] = (-inf, inf),
        when_to_use: str = "",
    ) -> "Cost":
        """Create a cost from the formula of its loss, for one output o with target t.

        The formula is parsed, never executed, and differentiated by the rules of calculus. Training uses the reference
        engine. Explanations show the formula with numbers.

        Parameters
        ----------
        name : str
            One word. Under the name of a built-in cost it is still this one, which readers may mistake.
        formula : str
            Such as ``"log(1 + (t - o)^2)"``; see `Activation.from_formula` for the syntax.
        parameters : dict of str to float, optional
            The values of other letters in the formula.
        outputs : tuple of float
            The open interval of outputs with a finite loss; it determines the compatible output activations.
        targets : tuple of float
            The closed interval of valid targets.
        when_to_use : str
            A text for readers.

        Returns
        -------
        Cost

        Raises
        ------
        ParameterError
            If the formula is invalid, or does not give finite numbers with the slope of its derivative.

        Examples
        --------
        >>> import glassnet as gn
        >>> cauchy = gn.Cost.from_formula("cauchy", "log(1 + (t - o)^2)")
        >>> cauchy.derivative_formula
        '-2 (t - o) / (1 + (t - o)^2)'
        >>> round(gn.cost(cauchy, [[3.0]], [[1.0]]), 6)
        1.609438
        """
        from glassnet.core.reading_formulas import inside, interval_of, read_formula

        read = read_formula(name, formula, parameters, kind="cost", letters=("o", "t"))
        entry = cls(
            name,
            read.function,
            read.slope,
            outputs=interval_of(outputs, f"cost {name!r}: outputs"),
            targets=interval_of(targets, f"cost {name!r}: targets"),
            when_to_use=when_to_use,
            **read.fields,
        )
        _check_formula(entry, [(o, t) for o in inside(entry.outputs) for t in inside(entry.targets, closed=True)])
        return entry

    def of_outputs(self, A: Array, Y: Array) -> Array:
        """Return the loss of each element, (n_batch, n_out)."""
        return self._of("loss", A, Y)

    def prime(self, A: Array, Y: Array) -> Array:
        """Return the derivative of each element's loss by the output, (n_batch, n_out)."""
        return self._of("derivative", A, Y)

    def _of(self, part: str, A: Array, Y: Array) -> Array:
        """Return the values of one of the two functions; of a user's, after a check."""
        function = getattr(self, part)
        if self.is_builtin or self.source is not None:
            return function(A, Y, **self.parameters)
        what = f"cost {self.name!r}"
        values = call_own(function, (A, Y), parameters=self.parameters, what=what, expected=EXPECTED)
        return as_expected(values, A, what=what, part=part)

    @property
    def spec(self) -> str | tuple[str, dict[str, Any]]:
        """The name, with its parameters if any, as stored in files."""
        return spec_of(self.name, self.parameters)

    @property
    def builtin_name(self) -> str:
        """The name if it is built in, else "": a user-defined one may bear any name."""
        own = COSTS.get(self.name)
        if own is self:
            return self.name
        if own is None or own.loss is not self.loss or own.derivative is not self.derivative:
            return ""
        return self.name if own.parameters.keys() == self.parameters.keys() else ""

    @property
    def is_builtin(self) -> bool:
        """Whether it is built in, with any values of its parameters, so that its name is enough to restore it."""
        return bool(self.builtin_name)

    @property
    def source(self) -> str | None:
        """The formula's text if `from_formula` created it."""
        return self.loss.source if isinstance(self.loss, FormulaFunction) else None

    def sides(self, A: Array, Y: Array) -> list[Array]:
        """Return on which side of every kink each element lies."""
        if self.source is not None and self.expression is not None:
            from glassnet.core.expressions.branches import switches

            values = {**self.parameters, "o": A, "t": Y}
            return [evaluate(switch, values) > 0 for switch in switches(self.expression)]
        is_huber = self.builtin_name == "huber"
        if self.has_kink or is_huber:
            kink = self.parameters["delta"] if is_huber else 0.0
            return [kink < A - Y, -kink < A - Y]
        return []


def _builtin(
    name: str, loss: Callable[..., Array], derivative: Callable[..., Array], formulas: tuple[Expression, Expression],
    use: str, **options: Any,
) -> Cost:  # fmt: skip
    loss_formula, slope = formulas
    return Cost(
        name, loss, derivative, options.pop("parameters", {}), text(over("sum", "", loss_formula)), text(slope),
        when_to_use=use, expression=loss_formula, derivative_expression=slope, **options,
    )  # fmt: skip


COSTS: dict[str, Cost] = {
    entry.name: entry
    for entry in (
        _builtin("error", f.error, f.error_prime, (f.ERROR, f.ERROR_PRIME),
                 "to show why it fails: opposite errors cancel and it has no minimum"),
        _builtin("absolute_error", f.absolute_error, f.absolute_error_prime,
                 (f.ABSOLUTE_ERROR, f.ABSOLUTE_ERROR_PRIME),
                 "regression towards the median; robust to outliers", has_kink=True),
        _builtin("half_squared_error", f.half_squared_error, f.half_squared_error_prime,
                 (f.HALF_SQUARED_ERROR, f.HALF_SQUARED_ERROR_PRIME),
                 "the textbook's cost; its derivative is the error itself"),
        _builtin("squared_error", f.squared_error, f.squared_error_prime, (f.SQUARED_ERROR, f.SQUARED_ERROR_PRIME),
                 "regression towards the mean (mean squared error)"),
        _builtin("huber", f.huber, f.huber_prime, (f.HUBER, f.HUBER_PRIME), "regression with outliers",
                 parameters={"delta": 1.0}),
        _builtin("binary_cross_entropy", f.binary_cross_entropy, f.binary_cross_entropy_prime,
                 (f.BINARY_CROSS_ENTROPY, f.BINARY_CROSS_ENTROPY_PRIME),
                 "yes or no, also several at once, on sigmoid outputs", outputs=(0, 1), targets=(0, 1)),
        _builtin("cross_entropy", f.cross_entropy, f.cross_entropy_prime, (f.CROSS_ENTROPY, f.CROSS_ENTROPY_PRIME),
                 "one class of several, on softmax outputs", outputs=(0, 1), targets=(0, 1)),
        _builtin("poisson", f.poisson, f.poisson_prime, (f.POISSON, f.POISSON_PRIME),
                 "counts, on positive outputs such as softplus", outputs=(0, inf), targets=(0, inf)),
        _builtin("pinball", f.pinball, f.pinball_prime, (f.PINBALL, f.PINBALL_PRIME),
                 "a quantile, such as the 90th percentile", parameters={"quantile": 0.5}, has_kink=True),
    )
}  # fmt: skip

ALIASES = {"mean_squared_error": "squared_error", "mse": "squared_error", "log_loss": "cross_entropy"}

# Pairs whose combined delta is exactly A - Y, with the loss computed from Z, which never overflows.
COMBINED: dict[tuple[str, str], Callable[[Array, Array], Array]] = {
    ("sigmoid", "binary_cross_entropy"): f.binary_cross_entropy_of_z,
    ("softmax", "cross_entropy"): f.cross_entropy_of_z,
}
COMBINED_FORMULAS: dict[tuple[str, str], Expression] = {
    ("sigmoid", "binary_cross_entropy"): f.BINARY_CROSS_ENTROPY_OF_Z,
    ("softmax", "cross_entropy"): f.CROSS_ENTROPY_OF_Z,
}


FORMULAS = {
    "loss": ("expression", "formula"),
    "derivative": ("derivative_expression", "derivative_formula"),
}
"""The fields with a function of a cost, and those with its formulas."""


def resolve_cost(spec: Spec) -> Cost:
    """Return the cost that `spec` names.

    Examples
    --------
    >>> resolve_cost(("pinball", {"quantile": 0.9})).parameters["quantile"]
    0.9
    """
    entry = choose(spec, COSTS, kind="cost", aliases=ALIASES, record=Cost)
    if not entry.is_builtin:
        return without_inherited(entry, COSTS, FORMULAS)
    if entry.builtin_name == "pinball" and not 0 < entry.parameters["quantile"] < 1:
        raise ParameterError(
            f"cost 'pinball': quantile = {entry.parameters['quantile']} must lie between 0 and 1; 0.5 is the median."
        )
    if entry.builtin_name == "huber" and not entry.parameters["delta"] > 0:
        raise ParameterError(f"cost 'huber': delta = {entry.parameters['delta']} must be positive; 1.0 is usual.")
    return entry


def _check_formula(entry: Cost, pairs: list[tuple[float, float]]) -> None:
    """Refuse a formula with values that are not finite, or whose derivative is not its slope."""
    A, Y = (as_floats([column]).T for column in zip(*pairs))  # (n_pairs, 1)
    shock = 1e-5
    losses, given = entry.of_outputs(A, Y), entry.prime(A, Y)
    slopes = (entry.of_outputs(A + shock, Y) - entry.of_outputs(A - shock, Y)) / (2 * shock)
    with quietly(namespace(A)):
        sides = zip(entry.sides(A - 1e-3, Y), entry.sides(A + 1e-3, Y))
        is_kink = sum((below != above for below, above in sides), start=A != A)
    for i, (o, t) in enumerate(pairs):
        loss, slope, said = float(losses[i, 0]), float(slopes[i, 0]), float(given[i, 0])
        if not abs(loss) < inf:
            raise ParameterError(
                f"cost {entry.name!r}: its formula gives {loss:g} for the output o = {o:g} and the target t = {t:g}; "
                f"restrict it with outputs=(low, high) and targets=(low, high)."
            )
        if not bool(is_kink[i, 0]) and not abs(said - slope) <= 1e-6 * max(1.0, abs(slope)):
            raise ParameterError(
                f"the derivative of cost {entry.name!r} is not the slope of its formula: at o = {o:g}, t = {t:g} it "
                f"is {said:.6g}, but a small shock gives {slope:.6g}. Try a formula without jumps."
            )


def cost(name: Spec, A: Array, Y: Array, *, weights: Array | None = None) -> float:
    r"""Compute the cost of outputs for the given targets.

    .. math:: C = \frac1n \sum_i w_i \sum_j loss(A_{ij}, Y_{ij})

    Parameters
    ----------
    name : str, tuple or Cost
        One of ``glassnet.costs()``, such as ``"half_squared_error"`` or ``("pinball", {"quantile": 0.9})``.
    A : array of shape (n_batch, n_out)
        Output activations; for cross-entropy rows sum to 1.
    Y : array of shape (n_batch, n_out)
        Targets.
    weights : array of shape (n_batch,), optional
        Weight of each sample; 1 by default.

    Returns
    -------
    float
        Mean over samples, **sum** over outputs, without any penalty.

    Raises
    ------
    ParameterError
        If the cost is unknown.
    ShapeError
        If the shapes of A, Y and weights do not match.

    Notes
    -----
    scikit-learn's squared error also divides by the number of outputs; glassnet never does. If a probability has
    rounded to 0 or 1, the cross-entropies are infinite here; training computes them from Z and remains exact.

    Examples
    --------
    >>> import glassnet as gn
    >>> targets, outputs = [[2.0, 3.0, 5.0, 9.0]], [[1.0, 5.0, 3.0, 6.0]]
    >>> [gn.cost(name, outputs, targets) for name in ("error", "absolute_error", "half_squared_error")]
    [4.0, 8.0, 9.0]
    """
    entry = resolve_cost(name)
    A = as_matrix(A, "A")
    Y = as_targets(Y, A)
    return float(mean_over_samples(entry.of_outputs(A, Y), as_weights(weights, A)))


def mean_over_samples(losses: Array, weights: Array | None, n: int | None = None) -> Array:
    """Return the sum over outputs, averaged over n samples, by default the ones given.

    1/n enters values here, and dW and db in `backward`.
    """
    xp = namespace(losses)
    per_sample = xp.sum(losses, axis=1)  # (n_batch,)
    if weights is not None:
        per_sample = per_sample * weights
    return xp.sum(per_sample) / (losses.shape[0] if n is None else n)


def cost_of_trace(
    entry: Cost, output: Activation, Z: Array, A: Array, Y: Array, weights: Array | None = None, n: int | None = None
) -> Array:
    """Return the cost of a forward pass."""
    return mean_over_samples(losses_of_trace(entry, output, Z, A, Y), weights, n)


def losses_of_trace(entry: Cost, output: Activation, Z: Array, A: Array, Y: Array) -> Array:
    """Return each output's loss (n_batch, n_out), computed from `Z` if the pair allows it, which avoids overflow."""
    combined = COMBINED.get((output.builtin_name, entry.builtin_name))
    return combined(Z, Y) if combined else entry.of_outputs(A, Y)


def output_delta(entry: Cost, output: Activation, Z: Array, A: Array, Y: Array) -> Array:
    """Return delta[L] (n_batch, n_out), the error signal at the output layer, not divided by n."""
    if (output.builtin_name, entry.builtin_name) in COMBINED:
        return A - Y
    return output.pullback(Z, A, entry.prime(A, Y))


def costs() -> Listing:
    """Return the table of all costs: formula per sample, derivative by the output, required outputs, when to use each.

    Returns
    -------
    Listing
        One row per cost; prints itself. The value is always the mean over samples.

    Examples
    --------
    >>> import glassnet as gn
    >>> gn.costs()["half_squared_error"]["derivative"]
    'o - t'
    """
    return Listing(
        tuple(
            {
                "name": entry.name,
                "formula": entry.formula,
                "derivative": entry.derivative_formula,
                "range": f"outputs in ({entry.outputs[0]:g}, {entry.outputs[1]:g})",
                "when_to_use": entry.when_to_use,
            }
            for entry in COSTS.values()
        )
    )
