"""Gradient checking: shocks one weight slightly and compares the change of the cost with backpropagation."""

from dataclasses import dataclass
from typing import Any

from glassnet.arrays import as_floats, namespace
from glassnet.core.backward import backward
from glassnet.core.catalog.costs import Cost, cost_of_trace, resolve_cost
from glassnet.core.catalog.penalties import Penalty
from glassnet.core.forward import Trace, forward
from glassnet.core.matrices import as_matrix, as_weights
from glassnet.core.network import Network
from glassnet.errors import ParameterError
from glassnet.typing import Array, Spec

COMPLEX_SHOCK = 1e-30
REAL_SHOCK = 7e-4  # the fifth root of float64's rounding: best for a difference of fourth order
SMALL_GRADIENT = 1e-3  # of the largest one: errors of smaller derivatives are relative to this
ZERO_GRADIENT = 1e-8  # if all derivatives are 0 up to rounding: error on softmax, whose outputs always sum to 1


@dataclass(frozen=True)
class Shock:
    """One parameter's derivative by backpropagation and by a small isolated shock."""

    name: str
    backpropagated: float
    measured: float
    relative_error: float


@dataclass(frozen=True)
class GradientCheck:
    """The result of a gradient check.

    Attributes
    ----------
    max_relative_error : float
        Largest difference, relative to the larger of the two derivatives, but at least to a thousandth of the network's
        largest one and to 1e-8, so that derivatives that are 0 up to rounding do not count.
    worst : Shock
        The parameter with the largest error.
    shocks : tuple of Shock
        All checked parameters.
    at_kinks : tuple of str
        Parameters skipped because their shock crossed a kink, where no derivative exists.
    method : {"complex step", "central differences"}
        The method of measuring derivatives.
    """

    max_relative_error: float
    worst: Shock | None
    shocks: tuple[Shock, ...]
    at_kinks: tuple[str, ...]
    method: str

    def __str__(self) -> str:
        lines = [
            f"{len(self.shocks)} derivatives by {self.method}: largest relative error {self.max_relative_error:.1e}"
        ]
        if self.worst:
            worst = self.worst
            lines.append(f"worst: {worst.name}: backpropagation {worst.backpropagated:.9g}, shock {worst.measured:.9g}")
        if self.at_kinks:
            lines.append(f"left out at kinks: {', '.join(self.at_kinks)}")
        return "\n".join(lines)


def check_gradients(
    network: Network,
    X: Array,
    Y: Array,
    *,
    cost: Spec,
    penalty: Penalty | None = None,
    weights: Array | None = None,
    method: str = "auto",
) -> GradientCheck:
    r"""Compare backpropagation with small isolated shocks to each weight and bias.

    .. math:: \frac{\partial C}{\partial w} \approx \frac{\operatorname{Im} C(w + i h)}{h}, \qquad
              \frac{\partial C}{\partial w} \approx \frac{8 (C_{+h} - C_{-h}) - (C_{+2h} - C_{-2h})}{12 h}

    Parameters
    ----------
    network : Network
        Checked in float64, regardless of its precision.
    X, Y : arrays (n_batch, n_features), (n_batch, n_out)
        Samples and targets.
    cost : str, tuple or Cost
        One of ``glassnet.costs()``.
    penalty : Penalty, optional
        Added to the cost and to the gradient.
    weights : array of shape (n_batch,), optional
        Weight of each sample.
    method : {"auto", "complex_step", "central_differences"}
        Complex step has no cancellation and agrees to about 1e-15, but needs functions that accept complex numbers, as
        all built-in ones do; auto uses central differences for user-defined activations and costs.

    Returns
    -------
    GradientCheck
        ``check.max_relative_error`` and ``check.worst``.

    Raises
    ------
    ParameterError
        If the cost does not fit the output activation, or the method is unknown.

    Examples
    --------
    >>> import glassnet as gn
    >>> net = gn.Network.create([2, 3, 1], seed=0)
    >>> check = gn.check_gradients(net, [[0.0, 1.0], [1.0, 1.0]], [[1.0], [0.0]], cost="binary_cross_entropy")
    >>> check.max_relative_error < 1e-12
    True
    """
    if method not in ("auto", "complex_step", "central_differences"):
        raise ParameterError(f"method={method!r} is not known. Choose from: auto, complex_step, central_differences.")
    entry, penalty = resolve_cost(cost), penalty or Penalty()
    network, X, Y = network.astype("float64"), as_matrix(X, "X"), as_floats(Y)
    weights = as_weights(weights, X)
    grads = backward(network, forward(network, X), Y, cost=entry, weights=weights)
    given = grads.grad + penalty.gradient(network.theta, network.layout.decays(network.theta))
    is_ours = all(part.is_builtin for part in (entry, *network.activation))
    use_complex = method == "complex_step" or (method == "auto" and is_ours)
    problem = _Problem(network, X, Y, entry, penalty, weights)
    measured = [problem.complex_step(i) if use_complex else problem.central(i) for i in range(network.n_params)]
    return _compare(
        network, [float(g) for g in given], measured, "complex step" if use_complex else "central differences"
    )


def _compare(network: Network, given: list[float], measured: list[float | None], method: str) -> GradientCheck:
    floor = max(SMALL_GRADIENT * max(abs(g) for g in given), ZERO_GRADIENT)
    shocks, at_kinks = [], []
    for index, (g, m) in enumerate(zip(given, measured, strict=True)):
        name = network.layout.name_of(index)
        if m is None:
            at_kinks.append(name)
        else:
            shocks.append(Shock(name, g, m, abs(g - m) / max(abs(g), abs(m), floor)))
    worst = max(shocks, key=lambda shock: shock.relative_error, default=None)
    return GradientCheck(worst.relative_error if worst else 0.0, worst, tuple(shocks), tuple(at_kinks), method)


@dataclass(frozen=True)
class _Problem:
    network: Network
    X: Array
    Y: Array
    cost: Cost
    penalty: Penalty
    weights: Array | None

    def objective(self, theta: Array) -> tuple[Any, Trace]:
        network = self.network.with_theta(theta)
        trace = forward(network, self.X)
        L = network.n_layers
        value = cost_of_trace(self.cost, network.activation[L], trace.Z[L], trace.A[L], self.Y, self.weights)
        return value + self.penalty.term(theta, network.layout.decays(theta)), trace

    def shocked(self, index: int, shock: Any) -> Array:
        theta = self.network.theta
        xp = namespace(theta)
        at = xp.arange(theta.shape[0]) == index
        return xp.where(at, theta + shock, theta + 0 * shock)

    def complex_step(self, index: int) -> float:
        value, _ = self.objective(self.shocked(index, 1j * COMPLEX_SHOCK))
        return float(namespace(self.X).imag(value)) / COMPLEX_SHOCK

    def central(self, index: int) -> float | None:
        values = {}
        for factor in (-2, -1, 1, 2):
            value, trace = self.objective(self.shocked(index, factor * REAL_SHOCK))
            values[factor] = (float(value), self._sides(trace, self.shocked(index, factor * REAL_SHOCK)))
        if values[-2][1] != values[2][1]:
            return None
        near, far = values[1][0] - values[-1][0], values[2][0] - values[-2][0]
        return (8.0 * near - far) / (12.0 * REAL_SHOCK)

    def _sides(self, trace: Trace, theta: Array) -> list[bool]:
        """Return the side of every kink for each number; across a kink there is no derivative to measure."""
        xp = namespace(self.X)
        sides = [trace.Z[layer] > kink for layer, sigma in self.network.activation.items() for kink in sigma.kinks]
        sides += self.cost.sides(trace.A[-1], self.Y)
        if self.penalty.l1:
            sides.append(theta * self.network.layout.decays(theta) > 0)
        return [bool(value) for side in sides for value in xp.reshape(side, (-1,))]
