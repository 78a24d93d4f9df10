"""The gap between training and validation: how much worse a network does on rows that it was not trained on."""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr

from glassnet.core.catalog.costs import COMBINED, Cost
from glassnet.core.forward import forward
from glassnet.core.network import Network
from glassnet.typing import Array

CHUNK = 1024  # rows at a time, which bounds the memory of wide networks
LEVEL = 0.05


@dataclass(frozen=True)
class Gap:
    """The mean losses of two sets of rows.

    Attributes
    ----------
    training, validation : float
        Mean loss over the rows.
    p_value : float
        Probability of a difference at least as large between two samples of the same rows (Welch's t-test, 1947); NaN
        for a single row in either.
    """

    training: float
    validation: float
    p_value: float

    @property
    def difference(self) -> float:
        """Validation minus training: positive where the network does worse on new rows."""
        return self.validation - self.training

    @property
    def is_beyond_chance(self) -> bool:
        """Whether chance alone would hardly make such a difference."""
        return self.p_value < LEVEL


def gap_of(training: Array, validation: Array) -> Gap:
    """Return the gap of the losses of each row, (n_training,) and (n_validation,).

    >>> gap = gap_of(np.asarray([0.1, 0.2, 0.3]), np.asarray([0.8, 1.0, 0.9]))
    >>> round(gap.difference, 6), gap.is_beyond_chance
    (0.7, True)
    """
    means = float(np.mean(training)), float(np.mean(validation))
    n = np.asarray([len(training), len(validation)])
    if n.min() < 2:
        return Gap(*means, float("nan"))
    errors = np.asarray([np.var(training, ddof=1), np.var(validation, ddof=1)]) / n  # squared, of the means
    total = float(errors.sum())
    if not total > 0:
        return Gap(*means, float(means[0] == means[1]))
    freedom = total**2 / float(np.sum(errors**2 / (n - 1)))
    return Gap(*means, float(2 * stdtr(freedom, -abs(means[1] - means[0]) / np.sqrt(total))))


def losses_of(network: Network, X: Array, Y: Array, cost: Cost) -> Array:
    """Return the loss of each row, summed over outputs, (n_rows,), in float64.

    >>> from glassnet.core.catalog.costs import resolve_cost
    >>> net, cost = Network.from_weights([([[1.0]], [0.0])], output="identity"), resolve_cost("half_squared_error")
    >>> losses_of(net, np.asarray([[1.0], [3.0]]), np.asarray([[0.0], [0.0]]), cost).tolist()
    [0.5, 4.5]
    """
    network = network.with_theta(np.asarray(network.theta, dtype=np.float64))
    last = network.activation[network.n_layers]
    combined = COMBINED.get((last.builtin_name, cost.builtin_name))
    losses = np.empty(len(X))
    for start in range(0, len(X), CHUNK):
        rows = slice(start, start + CHUNK)
        with np.errstate(all="ignore"):
            trace = forward(network, X[rows])
            each = combined(trace.Z[-1], Y[rows]) if combined else cost.of_outputs(trace.A[-1], Y[rows])
        losses[rows] = each.sum(axis=1)
    return losses
