"""The record of one cost, the table of all, which output activations they fit, and the one place where 1/n stands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

from glassnet.arrays import as_floats, namespace
from glassnet.core import losses as f
from glassnet.core.activation import Activation, interval
from glassnet.core.choices import choose
from glassnet.core.records import Listing
from glassnet.errors import ParameterError, ShapeError
from glassnet.typing import Array, Spec


@dataclass(frozen=True)
class Cost:
    """A cost: its loss per element, the derivative, and what outputs and targets it needs."""

    name: str
    loss: Callable[..., Array]
    derivative: Callable[..., Array]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    formula: str = ""
    derivative_formula: str = ""
    outputs: tuple[float, float] = (-inf, inf)  # the open interval in which it is finite
    targets: tuple[float, float] = (-inf, inf)  # the closed interval of sensible targets
    has_kink: bool = False  # at output = target
    when_to_use: str = ""

    def of_outputs(self, A: Array, Y: Array) -> Array:
        """Return the loss of each element, (n_batch, n_out)."""
        return self.loss(A, Y, **self.parameters)

    def prime(self, A: Array, Y: Array) -> Array:
        """Return the derivative of each element's loss by the output, (n_batch, n_out)."""
        return self.derivative(A, Y, **self.parameters)

    @property
    def spec(self) -> str | tuple[str, dict[str, Any]]:
        """The name, with the parameters where there are any: what a file stores."""
        return (self.name, dict(self.parameters)) if self.parameters else self.name


COSTS: dict[str, Cost] = {
    entry.name: entry
    for entry in (
        Cost("error", f.error, f.error_prime, {}, "sum (t - o)", "-1", when_to_use="to show why it fails: opposite "
             "errors cancel and it has no minimum"),
        Cost("absolute_error", f.absolute_error, f.absolute_error_prime, {}, "sum |t - o|", "sign(o - t)",
             has_kink=True, when_to_use="regression towards the median; calm about outliers"),
        Cost("half_squared_error", f.half_squared_error, f.half_squared_error_prime, {}, "sum 1/2 (t - o)^2", "o - t",
             when_to_use="the textbook's cost; its derivative is the error itself"),
        Cost("squared_error", f.squared_error, f.squared_error_prime, {}, "sum (t - o)^2", "2 (o - t)",
             when_to_use="regression towards the mean (mean squared error)"),
        Cost("huber", f.huber, f.huber_prime, {"delta": 1.0}, "sum 1/2 e^2 if |e| <= delta else delta (|e| - delta/2)",
             "clip(o - t, -delta, delta)", when_to_use="regression with outliers"),
        Cost("binary_cross_entropy", f.binary_cross_entropy, f.binary_cross_entropy_prime, {},
             "sum -t log(o) - (1 - t) log(1 - o)", "(o - t) / (o (1 - o))", (0, 1), (0, 1),
             when_to_use="yes or no, also several at once, on sigmoid outputs"),
        Cost("cross_entropy", f.cross_entropy, f.cross_entropy_prime, {}, "sum -t log(o)", "-t / o", (0, 1), (0, 1),
             when_to_use="one class of several, on softmax outputs"),
        Cost("poisson", f.poisson, f.poisson_prime, {}, "sum o - t log(o)", "1 - t / o", (0, inf), (0, inf),
             when_to_use="counts, on positive outputs such as softplus"),
        Cost("pinball", f.pinball, f.pinball_prime, {"quantile": 0.5}, "sum q (t - o) if t > o else (1 - q)(o - t)",
             "-q if t > o else 1 - q", has_kink=True, when_to_use="a quantile, such as the 90th percentile"),
    )
}  # fmt: skip

ALIASES = {"mean_squared_error": "squared_error", "mse": "squared_error", "log_loss": "cross_entropy"}

# Pairs whose combined delta is exactly A - Y, with the loss computed from Z so that it never overflows.
COMBINED: dict[tuple[str, str], Callable[[Array, Array], Array]] = {
    ("sigmoid", "binary_cross_entropy"): f.binary_cross_entropy_of_z,
    ("softmax", "cross_entropy"): f.cross_entropy_of_z,
}


def resolve_cost(spec: Spec) -> Cost:
    """Return the cost that `spec` names.

    Examples
    --------
    >>> resolve_cost(("pinball", {"quantile": 0.9})).parameters["quantile"]
    0.9
    """
    entry = choose(spec, COSTS, kind="cost", aliases=ALIASES, record=Cost)
    if entry.name == "pinball" and not 0 < entry.parameters["quantile"] < 1:
        raise ParameterError(
            f"cost 'pinball': quantile = {entry.parameters['quantile']} must lie between 0 and 1; 0.5 is the median."
        )
    if entry.name == "huber" and not entry.parameters["delta"] > 0:
        raise ParameterError(f"cost 'huber': delta = {entry.parameters['delta']} must be positive; 1.0 is usual.")
    return entry


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
    """Return delta[L] (n_batch, n_out), the blame at the output layer, not divided by n."""
    if (output.name, entry.name) in COMBINED:
        return A - Y
    return output.pullback(Z, A, entry.prime(A, Y))


def check_pair(output: Activation, entry: Cost, n_out: int) -> None:
    """Refuse an output activation on which this cost is infinite, meaningless or without gradient.

    Raises
    ------
    ParameterError
        With the reason and a pair that works.
    """
    if output.name == "step":
        raise ParameterError(
            "output activation 'step' cannot be trained by gradients: its derivative is 0 everywhere; try 'sigmoid'."
        )
    if output.name == "softmax" and n_out == 1:
        raise ParameterError(
            "output activation 'softmax' with a single output is always 1; use 'sigmoid' with 'binary_cross_entropy', "
            "or one output per class."
        )
    if entry.name == "cross_entropy" and output.name != "softmax":
        raise ParameterError(
            f"cost 'cross_entropy' needs outputs that sum to 1, but the output activation is {output.name!r}; "
            f"use 'softmax', or 'binary_cross_entropy' on 'sigmoid'."
        )
    low, high = entry.outputs
    inside = low <= output.range[0] and output.range[1] <= high and not (output.reaches_ends and entry.outputs[0] == 0)
    if not inside or (entry.name == "binary_cross_entropy" and output.name == "softmax"):
        suggestion = "softplus" if high == inf else "sigmoid"
        raise ParameterError(
            f"cost {entry.name!r} does not fit the output activation {output.name!r} with range {interval(output)}; "
            f"it needs one independent output in ({low:g}, {high:g}) per target: try {suggestion!r}."
        )


def check_targets(entry: Cost, Y: Array) -> None:
    """Refuse targets that are not finite or lie outside of what this cost means.

    Raises
    ------
    DataError, ParameterError
        With the first value that does not fit.
    """
    xp = namespace(Y)
    if not bool(xp.all(xp.isfinite(Y))):
        raise ParameterError("Y has values that are not finite numbers; leave those rows out or fill them in.")
    low, high = float(xp.min(Y)), float(xp.max(Y))
    if low < entry.targets[0] or high > entry.targets[1]:
        wrong = low if low < entry.targets[0] else high
        raise ParameterError(
            f"cost {entry.name!r} needs targets in [{entry.targets[0]:g}, {entry.targets[1]:g}], but Y has {wrong:g}."
        )
    if entry.name == "cross_entropy" and float(xp.max(xp.abs(xp.sum(Y, axis=1) - 1.0))) > 1e-4:
        raise ParameterError("cost 'cross_entropy' needs targets whose rows sum to 1, one column per class (one-hot).")


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


def as_matrix(value: Any, name: str) -> Array:
    """Return `value` as a float matrix (n_batch, columns); one row may be given flat."""
    array = as_floats(value)
    if array.ndim == 1:
        array = array[None, :]
    if array.ndim != 2:
        raise ShapeError(f"{name} has {array.ndim} dimensions; expected a matrix with one row per sample.")
    return array


def as_weights(value: Any, like: Array) -> Array | None:
    """Return sample weights as an array (n_batch,) beside the matrix `like` (n_batch, columns); None stays None."""
    if value is None:
        return None
    weights = namespace(like).asarray(value, dtype=like.dtype)
    if weights.shape != like.shape[:1]:
        raise ShapeError(
            f"weights have shape {tuple(weights.shape)}; expected one number per sample: ({like.shape[0]},)."
        )
    return weights


def as_targets(value: Any, A: Array) -> Array:
    """Return `value` as one target per output (n_batch, n_out); with a single output a flat list is its column."""
    Y = as_floats(value)
    Y = Y[:, None] if Y.ndim == 1 and A.shape[1] == 1 else as_matrix(Y, "Y")
    if A.shape != Y.shape:
        raise ShapeError(
            f"outputs have shape {tuple(A.shape)} but targets {tuple(Y.shape)}; expected one target per output, "
            f"as a matrix (n_batch, n_out)."
        )
    return Y
