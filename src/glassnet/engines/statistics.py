"""Statistics of each layer, which engines compute on request: its units, its error signal, and its next step."""

from typing import Any, NamedTuple

import numpy as np

from glassnet.arrays import namespace
from glassnet.core.catalog.activation import Activation
from glassnet.core.network import Network
from glassnet.core.records import ByLayer
from glassnet.typing import Array

FLAT = 1e-6  # share of the largest slope of an activation below which a slope counts as 0
SATURATED = 0.01  # ... below which a unit is near an end of its range


class LayerStatistics(NamedTuple):
    """One layer over some rows.

    Attributes
    ----------
    flat : array of shape (n_out,) or None
        For each unit, the share of rows in which its slope is 0: at most `FLAT` of the largest slope of its activation.
        None for activations without slopes of single units: softmax and step.
    saturated : array of shape (n_out,) or None
        The share of rows in which its slope is below `SATURATED` of the largest.
    mean, spread : array of shape (n_out,)
        Mean and standard deviation of each unit's activation.
    error : float
        Root mean square of the error signal over rows and units.
    weights : float
        Norm of the weights W.
    gradient : float
        Norm of their gradient as the solver receives it: with the penalty, after clipping.
    update : float or None
        Norm of the change of the weights in one step; None if none was asked for, and for L-BFGS and a user's own
        solver, which take none on request.
    """

    flat: Array | None
    saturated: Array | None
    mean: Array
    spread: Array
    error: float
    weights: float
    gradient: float
    update: float | None


class Statistics(NamedTuple):
    """All layers 1..L over some rows, and the cost of these rows, without penalty."""

    cost: float
    layers: ByLayer[LayerStatistics]


class Activity(NamedTuple):
    """The first statistics of a layer, from the numbers of each row."""

    flat: Array | None
    saturated: Array | None
    mean: Array
    spread: Array
    error: Any


def activity(slopes: Array | None, largest: float, A: Array, delta: Array) -> Activity:
    """Return the statistics of a layer from its slopes, activations and error signals, each (n_rows, n_out).

    `largest` is the largest slope of the activation.
    """
    xp = namespace(A)
    flat = saturated = None
    if slopes is not None:
        size = xp.abs(slopes)  # (n_rows, n_out)
        flat, saturated = (
            xp.mean(xp.astype(is_below, A.dtype), axis=0)  # (n_out,)
            for is_below in (size <= FLAT * largest, size < SATURATED * largest)
        )
    error = xp.sqrt(xp.mean(xp.square(delta)))
    return Activity(flat, saturated, xp.mean(A, axis=0), xp.std(A, axis=0), error)


def slopes_of(sigma: Activation, Z: Array, F: Array) -> Array | None:
    """Return the slope of each unit in each row, or None if its activation has no slopes of single units."""
    return sigma.prime(Z, F) if largest_slope(sigma) > 0 else None


def largest_slope(sigma: Activation) -> float:
    """Return the size of the largest slope of an activation; 0 if it has no slopes of single units."""
    if sigma.builtin_name == "softmax":
        return 0.0
    Z = np.linspace(-8.0, 8.0, 1601)[:, None]
    with np.errstate(all="ignore"):
        return float(np.nanmax(np.abs(np.asarray(sigma.prime(Z, sigma(Z))))))


def statistics_of(
    network: Network, cost: float, activities: list[Activity], gradient: Array, after: Array | None
) -> Statistics:
    """Return the statistics of a network's layers.

    Parameters
    ----------
    network : Network
    cost : float
    activities : list of Activity
        Of the layers 1..L.
    gradient : array of shape (n_params,)
        As the solver receives it.
    after : array of shape (n_params,) or None
        The parameters after a step.
    """
    with np.errstate(all="ignore"):  # the numbers of a broken network may be anything
        layers = [
            LayerStatistics(
                _exact(found.flat),
                _exact(found.saturated),
                np.asarray(found.mean, np.float64),
                np.asarray(found.spread, np.float64),
                float(found.error),
                _norm(W),
                _norm(_weights(network, gradient, l)),
                None if after is None else _norm(_weights(network, after, l).astype(np.float64) - W),
            )
            for found, (l, W) in zip(activities, network.W.items(), strict=True)
        ]
    return Statistics(float(cost), ByLayer(layers, name="layers"))


def _weights(network: Network, vector: Array, l: int) -> Any:
    return network.layout.view(vector, l, "W")


def _exact(values: Array | None) -> Array | None:
    return None if values is None else np.asarray(values, np.float64)


def _norm(values: Array) -> float:
    return float(np.sqrt(np.sum(np.square(values, dtype=np.float64))))  # in float32, 1e20 squared is infinite
