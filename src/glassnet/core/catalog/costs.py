"""The record of one cost, the table of all, and the one place where 1/n stands in a value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

from glassnet.arrays import as_floats, namespace, quietly
from glassnet.core.catalog import losses as f
from glassnet.core.catalog.activation import Activation
from glassnet.core.choices import choose, refuse_taken, spec_of
from glassnet.core.expressions.dialects.text import text
from glassnet.core.expressions.evaluation import evaluate
from glassnet.core.expressions.tree import Expression, over
from glassnet.core.formula_function import FormulaFunction
from glassnet.core.matrices import as_matrix, as_targets, as_weights
from glassnet.core.records import Listing
from glassnet.errors import ParameterError
from glassnet.typing import Array, Spec


@dataclass(frozen=True)
class Cost:
    r"""A cost: its loss per output, the derivative, and what outputs and targets it needs.

    .. math:: C = \frac1n \sum_i \sum_j loss(A_{ij}, Y_{ij})

    Parameters
    ----------
    name : str
        What it is called in specifications and model files.
    loss : callable
        ``loss(A, Y, **parameters)`` -> the loss of each element, (n_batch, n_out).
    derivative : callable
        ``derivative(A, Y, **parameters)`` -> its derivative by the output.
    parameters : dict
        Further arguments of both, such as ``{"delta": 1.0}``.
    formula, derivative_formula, when_to_use : str
        For people; see ``glassnet.costs()``.
    outputs : tuple of float
        The open interval of outputs in which it is finite.
    targets : tuple of float
        The closed interval of sensible targets.
    has_kink : bool
        Whether the derivative jumps where output and target are equal; the gradient check steps aside there.
    expression, derivative_expression : Expression, optional
        The loss of one output o with its target t, and its derivative by o, as trees, from which explanations are
        written. `from_formula` makes them from a text.

    See Also
    --------
    Cost.from_formula : a cost from its formula alone, with everything that follows from it.

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
        """Return a cost that is given by the loss of one output o with its target t.

        The formula is parsed, never run as code, and differentiated by the rules of calculus. Training uses the
        reference engine. Explanations show it with its numbers.

        Parameters
        ----------
        name : str
            One word that is not the name of a built-in cost.
        formula : str
            Such as ``"log(1 + (t - o)^2)"``; for what may stand in it see `Activation.from_formula`.
        parameters : dict of str to float, optional
            The values of other letters in the formula.
        outputs : tuple of float
            The open interval of outputs in which it is finite; it decides which output activations fit.
        targets : tuple of float
            The closed interval of sensible targets.
        when_to_use : str
            For people.

        Returns
        -------
        Cost

        Raises
        ------
        ParameterError
            If the formula cannot be read, or does not give finite numbers with the slope that its derivative says.

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

        read = read_formula(name, formula, parameters, kind="cost", taken={**COSTS, **ALIASES}, letters=("o", "t"))
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
        return self.loss(A, Y, **self.parameters)

    def prime(self, A: Array, Y: Array) -> Array:
        """Return the derivative of each element's loss by the output, (n_batch, n_out)."""
        return self.derivative(A, Y, **self.parameters)

    @property
    def spec(self) -> str | tuple[str, dict[str, Any]]:
        """The name, with the parameters where there are any: what a file stores."""
        return spec_of(self.name, self.parameters)

    @property
    def is_builtin(self) -> bool:
        """Whether it comes with glassnet, so that its name alone brings it back."""
        own = COSTS.get(self.name)
        return own is not None and own.loss is self.loss and own.derivative is self.derivative

    @property
    def source(self) -> str | None:
        """The formula's text if everything follows from it, as `from_formula` has it."""
        return self.loss.source if isinstance(self.loss, FormulaFunction) else None

    def sides(self, A: Array, Y: Array) -> list[Array]:
        """Say on which side of every kink each element lies."""
        if self.source is not None and self.expression is not None:
            from glassnet.core.expressions.branches import switches

            values = {**self.parameters, "o": A, "t": Y}
            return [evaluate(switch, values) > 0 for switch in switches(self.expression)]
        if self.has_kink or self.name == "huber":
            kink = self.parameters.get("delta", 0.0)
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
                 "regression towards the median; calm about outliers", has_kink=True),
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

# Pairs whose combined delta is exactly A - Y, with the loss computed from Z so that it never overflows.
COMBINED: dict[tuple[str, str], Callable[[Array, Array], Array]] = {
    ("sigmoid", "binary_cross_entropy"): f.binary_cross_entropy_of_z,
    ("softmax", "cross_entropy"): f.cross_entropy_of_z,
}
COMBINED_FORMULAS: dict[tuple[str, str], Expression] = {
    ("sigmoid", "binary_cross_entropy"): f.BINARY_CROSS_ENTROPY_OF_Z,
    ("softmax", "cross_entropy"): f.CROSS_ENTROPY_OF_Z,
}


def resolve_cost(spec: Spec) -> Cost:
    """Return the cost that `spec` names.

    Examples
    --------
    >>> resolve_cost(("pinball", {"quantile": 0.9})).parameters["quantile"]
    0.9
    """
    entry = choose(spec, COSTS, kind="cost", aliases=ALIASES, record=Cost)
    if not entry.is_builtin:
        refuse_taken(entry.name, {**COSTS, **ALIASES}, kind="cost")
    if entry.name == "pinball" and not 0 < entry.parameters["quantile"] < 1:
        raise ParameterError(
            f"cost 'pinball': quantile = {entry.parameters['quantile']} must lie between 0 and 1; 0.5 is the median."
        )
    if entry.name == "huber" and not entry.parameters["delta"] > 0:
        raise ParameterError(f"cost 'huber': delta = {entry.parameters['delta']} must be positive; 1.0 is usual.")
    return entry


def _check_formula(entry: Cost, pairs: list[tuple[float, float]]) -> None:
    """Refuse a formula that is not finite where it should be, or whose derivative is not its slope."""
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
                f"say where it holds with outputs=(low, high) and targets=(low, high)."
            )
        if not bool(is_kink[i, 0]) and not abs(said - slope) <= 1e-6 * max(1.0, abs(slope)):
            raise ParameterError(
                f"the derivative of cost {entry.name!r} is not the slope of its formula: at o = {o:g}, t = {t:g} it "
                f"is {said:.6g}, but a small shock gives {slope:.6g}. Try a formula without jumps."
            )


def cost(name: Spec, A: Array, Y: Array, *, weights: Array | None = None) -> float:
    r"""Return how far the outputs are from the targets.

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
        How much each sample counts; 1 by default.

    Returns
    -------
    float
        Mean over samples, **sum** over outputs. No penalty is in it.

    Raises
    ------
    ParameterError
        If the cost is not known.
    ShapeError
        If A, Y and weights do not fit each other.

    Notes
    -----
    scikit-learn's squared error also divides by the number of outputs; glassnet never does. Where a probability has
    rounded to 0 or 1 the cross-entropies are infinite here; training computes them from Z and stays exact.

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


def mean_over_samples(losses: Array, weights: Array | None) -> Array:
    """Sum over outputs, mean over samples: where 1/n enters the value, as `backward` is where it enters dW and db."""
    xp = namespace(losses)
    per_sample = xp.sum(losses, axis=1)  # (n_batch,)
    if weights is not None:
        per_sample = per_sample * weights
    return xp.sum(per_sample) / losses.shape[0]


def cost_of_trace(entry: Cost, output: Activation, Z: Array, A: Array, Y: Array, weights: Array | None = None) -> Array:
    """Return the cost of a forward pass, from `Z` where the pair allows it and so without overflow."""
    combined = COMBINED.get((output.name, entry.name))
    losses = combined(Z, Y) if combined else entry.of_outputs(A, Y)  # (n_batch, n_out)
    return mean_over_samples(losses, weights)


def output_delta(entry: Cost, output: Activation, Z: Array, A: Array, Y: Array) -> Array:
    """Return delta[L] (n_batch, n_out), the error signal at the output layer, not divided by n."""
    if (output.name, entry.name) in COMBINED:
        return A - Y
    return output.pullback(Z, A, entry.prime(A, Y))


def costs() -> Listing:
    """Return the table of all costs: formula per sample, derivative by the output, outputs needed, when to use each.

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
