"""The distribution of the weights of each layer."""

from dataclasses import dataclass

import numpy as np

from glassnet.core.network import Network
from glassnet.drawing.small.plot import bin_edges
from glassnet.typing import Array

BINS = 24
NEAR_ZERO = 0.01  # relative to the largest weight of the layer


@dataclass(frozen=True, eq=False)
class LayerWeights:
    """The weights into one layer, without its biases.

    Attributes
    ----------
    layer : int
    n_weights : int
    edges, counts : arrays of shape (n + 1,), (n,), usually n = BINS
        A histogram that is symmetric around 0; one bar if they are too large or too near for more, empty if a weight is
        not finite.
    norm : float
        Root of the sum of squares.
    near_zero : float
        Share of weights smaller than `NEAR_ZERO` times the largest one.
    largest : float
        Largest absolute weight.
    """

    layer: int
    n_weights: int
    edges: Array
    counts: Array
    norm: float
    near_zero: float
    largest: float


def weights_of(network: Network) -> tuple[LayerWeights, ...]:
    """Return the distribution of W[l] for the layers 1..L.

    >>> net = Network.from_weights([([[3.0, 0.0], [0.01, -4.0]], None)], output="identity")
    >>> (layer,) = weights_of(net)
    >>> layer.near_zero, layer.largest, round(layer.norm, 3), layer.counts.sum().item()
    (0.5, 4.0, 5.0, 4)
    """
    return tuple(_of_layer(l, np.asarray(W, dtype=np.float64).ravel()) for l, W in network.W.items())


def _of_layer(l: int, w: Array) -> LayerWeights:
    size = np.abs(w)
    largest = float(size.max())
    if not np.isfinite(largest):
        return LayerWeights(l, len(w), np.empty(0), np.empty(0, dtype=int), float("nan"), float("nan"), largest)
    widest = largest if largest > 0 else 1.0
    counts, edges = np.histogram(w, bin_edges(np.asarray([-widest, widest]), BINS))
    near_zero = float(np.mean(size < NEAR_ZERO * largest)) if largest > 0 else 1.0
    with np.errstate(over="ignore"):  # the norm of huge weights is infinite
        norm = float(np.linalg.norm(w))
    return LayerWeights(l, len(w), edges, counts, norm, near_zero, largest)
