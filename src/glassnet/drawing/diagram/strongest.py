"""Selects the neurons and connections of a large network that a diagram shows, by their effect on the next layer."""

from collections.abc import Sequence

import numpy as np

from glassnet.core.network import Network
from glassnet.typing import Array

MOST_CONNECTIONS = 30  # drawn into a layer with grouped neurons; more would become a gray area


def strongest_neurons(network: Network, a: Sequence[Array] | None, most: int) -> tuple[tuple[int, ...], ...]:
    """Return the shown neurons of each layer 0..L, in order.

    Layers of up to `most` neurons are complete. Larger layers show `most` - 1 neurons: from the outputs back, the ones
    with the largest sum of absolute weights into the shown neurons of the next layer, times the row's activations if
    there is a row. Shown outputs have the largest activations, or the largest incoming weights.

    Parameters
    ----------
    network : Network
    a : sequence of arrays (n_out,), or None
        The row's activations of the layers 0..L.
    most : int

    Examples
    --------
    >>> net = Network.from_weights([([[0.1, -5.0, 0.2, 3.0]], None)])
    >>> strongest_neurons(net, None, most=3)
    ((1, 3), (0,))
    """
    L = network.n_layers
    last = np.asarray(a[L]) if a is not None else np.abs(np.asarray(network.W[L])).sum(axis=1)
    shown = {L: _largest(last, most)}
    for l in range(L, 0, -1):
        W = np.abs(np.asarray(network.W[l]))[list(shown[l])]  # (n_shown, n_in)
        strength = W.sum(axis=0)  # (n_in,)
        if a is not None:
            strength = strength * np.abs(np.asarray(a[l - 1]))
        shown[l - 1] = _largest(strength, most)
    return tuple(shown[l] for l in range(L + 1))


def _largest(strength: Array, most: int) -> tuple[int, ...]:
    if len(strength) <= most:
        return tuple(range(len(strength)))
    ranked = np.argsort(-np.nan_to_num(strength), kind="stable")[: most - 1]
    return tuple(sorted(ranked.tolist()))


def strongest_connections(weights: Array, *, whole: bool) -> list[tuple[int, int]]:
    """Return the drawn positions (j, k) in `weights` (n_shown, n_in_shown), weakest first.

    All of them if both layers are complete. Else the strongest one into and out of each neuron, so that each is
    connected, and then the strongest of the rest, up to MOST_CONNECTIONS.

    >>> strongest_connections(np.asarray([[0.1, -3.0], [2.0, 0.5]]), whole=True)
    [(0, 0), (1, 1), (1, 0), (0, 1)]
    """
    strength = np.nan_to_num(np.abs(weights))
    order = np.argsort(strength, axis=None, kind="stable")  # weakest first
    if whole:
        kept = order.tolist()
    else:
        n_in = weights.shape[1]
        needed = {j * n_in + int(k) for j, k in enumerate(strength.argmax(axis=1))}
        needed |= {int(j) * n_in + k for k, j in enumerate(strength.argmax(axis=0))}
        room = max(0, MOST_CONNECTIONS - len(needed))
        others = [place for place in order.tolist() if place not in needed]
        chosen = needed | set(others[len(others) - min(room, len(others)) :])
        kept = [place for place in order.tolist() if place in chosen]
    return [(place // weights.shape[1], place % weights.shape[1]) for place in kept]
