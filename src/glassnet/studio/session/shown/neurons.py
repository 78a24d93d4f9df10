"""The card of a neuron: its activations over the data, and the rows that excite it most."""

import numpy as np

from glassnet.core.backward import backward
from glassnet.core.catalog.costs import Cost
from glassnet.core.forward import forward
from glassnet.core.network import Network
from glassnet.drawing.words import short
from glassnet.errors import LayerIndexError
from glassnet.studio.messages import NeuronCard
from glassnet.studio.understanding.numbers import histogram
from glassnet.typing import Array

MOST_ROWS = 2_000
BINS = 20
TOP = 5


def check_neuron(network: Network, layer: int, index: int) -> None:
    """Raise if a network has no such neuron."""
    if not 1 <= layer <= network.n_layers or index >= network.sizes[layer]:
        raise LayerIndexError(
            f"there is no neuron {index} in layer {layer}: layers count from 1 to {network.n_layers}, neurons from 0; "
            f"the sizes are {'-'.join(map(str, network.sizes))}."
        )


def sample_of(n_rows: int) -> Array:
    """Return the positions of at most `MOST_ROWS` rows, evenly spaced."""
    if n_rows <= MOST_ROWS:
        return np.arange(n_rows)
    return np.unique(np.linspace(0, n_rows - 1, MOST_ROWS).astype(np.int64))


def neuron_card(
    network: Network, cost: Cost, X: Array, Y: Array, numbers: Array, targets: list[str], layer: int, index: int
) -> NeuronCard:
    """Return the card of a neuron over these rows; `numbers` are theirs in the user's table."""
    check_neuron(network, layer, index)
    with np.errstate(all="ignore"):
        trace = forward(network, X)
        delta = backward(network, trace, Y, cost=cost).delta[layer][:, index]  # (n_rows,)
    a = np.asarray(trace.A[layer][:, index], dtype=np.float64)  # (n_rows,)
    finite = a[np.isfinite(a)]
    counts, edges = histogram(finite, BINS) if len(finite) else (np.zeros(1, int), np.asarray([0.0, 1.0]))
    order = np.argsort(-np.where(np.isfinite(a), a, -np.inf), kind="stable")[:TOP]
    blame = float(np.mean(np.abs(delta)))
    return NeuronCard(
        layer=layer,
        index=index,
        edges=tuple(float(edge) for edge in edges),
        counts=tuple(int(count) for count in counts),
        n_rows=len(a),
        words=_words(a, finite),
        rows=tuple((int(numbers[i]), float(a[i]), targets[i]) for i in order if np.isfinite(a[i])),
        blame=blame if np.isfinite(blame) else None,
    )


def _words(a: Array, finite: Array) -> str:
    if len(finite) < len(a):
        return f"not a finite number for {(len(a) - len(finite)) / len(a):.0%} of the rows"
    zero = float(np.mean(a == 0))
    if zero == 1.0:
        return "zero for all rows: it is dead"
    if zero > 0:
        return f"zero for {zero:.0%} of the rows"
    if float(np.ptp(a)) < 1e-6 * max(1.0, float(np.abs(a).max())):
        return "the same for all rows"
    return f"from {short(float(a.min()))} to {short(float(a.max()))}"
