"""The sums over a data set for blame: one forward and one backward pass, in batches of rows."""

from dataclasses import dataclass

import numpy as np

from glassnet.core.backward import backward
from glassnet.core.catalog.costs import COMBINED, Cost
from glassnet.core.forward import forward
from glassnet.core.front import N_WAVES
from glassnet.core.network import Network
from glassnet.typing import Array

CHUNK = 2048
"""Rows per batch, which limits the memory for a large data set."""


@dataclass(frozen=True, eq=False)
class Passes:
    """Means over all rows; index l is the layer, 0 the inputs.

    Attributes
    ----------
    activity, signal, outward : list of arrays (n_l,)
        Means of ``|a|``, of ``|delta|``, and of ``|a_k| sum_j |delta_j|`` over the neurons j of the next layer: the sum
        of the absolute gradients of the outgoing weights.
    losses : array (n_rows,)
        Each row's cost.
    A : array (n_rows, n_out)
        The outputs.
    """

    activity: list[Array]
    signal: list[Array]
    outward: list[Array]
    losses: Array
    A: Array


def run_passes(network: Network, X: Array, Y: Array, cost: Cost) -> Passes:
    """Return the sums for a float64 network."""
    L, n = network.n_layers, len(Y)
    activity, signal, outward = ([np.zeros(size) for size in network.sizes] for _ in range(3))
    signal[0] = np.zeros(network.n_inputs)
    losses, outputs = np.empty(n), np.empty((n, network.sizes[-1]))
    combined = COMBINED.get((network.activation[L].builtin_name, cost.builtin_name))
    for start in range(0, n, CHUNK):
        rows = slice(start, min(start + CHUNK, n))
        with np.errstate(all="ignore"):
            trace = forward(network, X[rows])
            grads = backward(network, trace, Y[rows], cost=cost, inputs=True)
            each = combined(trace.Z[L], Y[rows]) if combined else cost.of_outputs(trace.A[L], Y[rows])
        losses[rows], outputs[rows] = each.sum(axis=1), trace.A[L]
        for l in range(L + 1):
            size = np.abs(trace.A[l])
            activity[l] += size.sum(axis=0) / n
            delta = grads.delta[l] if l or grads.dX is None else grads.dX
            signal[l] += np.abs(delta).sum(axis=0) / n
            if l < L:
                outward[l] += size.T @ np.abs(grads.delta[l + 1]).sum(axis=1) / n
    outward[L] = signal[L]
    if network.front is not None:  # the waves of an input count for the input
        waves = outward[0][network.n_inputs :].reshape(-1, N_WAVES).sum(axis=1)
        outward[0] = outward[0][: network.n_inputs]
        outward[0][list(network.front.embedded)] += waves
    return Passes(activity, signal, outward, losses, outputs)
