"""Temperature scaling: calibrates probabilities with one number fitted on validation rows."""

import numpy as np
from scipy.optimize import brentq

from glassnet.core.network import Network
from glassnet.typing import Array

HOTTEST = 20.0
"""The temperature is searched between 1/20 and 20; outside that range, calibration is not the problem."""


def probabilities(Z: Array) -> Array:
    """Return class probabilities (n_rows, n_classes) for logits (n_rows, n_classes), or (n_rows, 1) for two classes.

    >>> probabilities(np.asarray([[0.0], [np.log(3)]])).round(6).tolist()
    [[0.5, 0.5], [0.25, 0.75]]
    """
    Z = _of_all_classes(Z)
    e = np.exp(Z - Z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def best_temperature(Z: Array, labels: Array, weights: Array | None = None) -> float:
    r"""Return the temperature T with the smallest cross-entropy of ``softmax(Z / T)``.

    .. math:: \frac{d}{d\beta} \sum_i w_i \Big( \log \sum_j e^{\beta z_{ij}} - \beta \sum_j t_{ij} z_{ij} \Big)
        = \sum_i w_i \sum_j (p_{ij} - t_{ij}) z_{ij} = 0, \qquad \beta = 1 / T

    The cross-entropy is convex in beta, so its slope has one root (Guo et al. 2017).

    Parameters
    ----------
    Z : array of shape (n_rows, n_out)
        Logits of validation rows.
    labels : array of shape (n_rows,)
        Classes as whole numbers from 0.
    weights : array of shape (n_rows,), optional
        Sample weights.

    Notes
    -----
    The targets are smoothed as if one more row were spread over all classes (Platt 1999). If all n validation rows are
    predicted correctly, the probabilities then stay about 1/n below 1 instead of approaching it.

    Examples
    --------
    Three of four rows with log-odds 2 belong to the class. The additional row makes the targets 0.9 and 0.1, with mean
    0.7, whose log-odds are 0.847298.

    >>> T = best_temperature(np.asarray([[2.0], [2.0], [2.0], [2.0]]), np.asarray([1, 1, 1, 0]))
    >>> round(2.0 / T, 6)
    0.847298
    """
    Z = _of_all_classes(np.asarray(Z, dtype=np.float64))
    n_rows, n_classes = Z.shape
    targets = np.full(Z.shape, 1.0 / n_classes / (n_rows + 1))
    targets[np.arange(n_rows), labels] += n_rows / (n_rows + 1)
    w = np.ones(n_rows) if weights is None else np.asarray(weights, dtype=np.float64)

    def slope(beta: float) -> float:
        return float(w @ ((probabilities(beta * Z) - targets) * Z).sum(axis=1))

    low, high = 1.0 / HOTTEST, HOTTEST
    if slope(low) >= 0:  # the logits are uninformative or inverted
        return HOTTEST
    if slope(high) <= 0:
        return 1.0 / HOTTEST
    return 1.0 / float(brentq(slope, low, high, xtol=1e-12))


def with_temperature(network: Network, temperature: float) -> Network:
    """Return the network with its last weights and biases, and so its logits, divided by the temperature.

    Its outputs are then the calibrated probabilities.

    >>> net = Network.from_weights([([[4.0]], [2.0])], output="sigmoid")
    >>> colder = with_temperature(net, 2.0)
    >>> colder.W[1].tolist(), colder.b[1].tolist()
    ([[2.0]], [1.0])
    """
    theta = network.theta.copy()
    for slot in network.layout.slots:
        if slot.layer == network.n_layers:
            theta[slot.offset : slot.offset + slot.size] /= temperature
    return network.with_theta(theta)


def _of_all_classes(Z: Array) -> Array:
    """Return one logit per class; for two classes, the first one is 0."""
    return np.hstack([np.zeros_like(Z), Z]) if Z.shape[1] == 1 else Z
