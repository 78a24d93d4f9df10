"""Outputs for new rows, where a row's numbers do not depend on the rows beside it."""

import numpy as np

from glassnet.core.forward import forward
from glassnet.core.network import Network
from glassnet.typing import Array

# Matrix products round differently for different numbers of rows. Every product here has exactly this many, the last
# block filled up with zeros, so that the same row gets the same bits whatever batch it comes in.
BLOCK_ROWS = 128


def outputs(network: Network, A0: Array) -> tuple[Array, Array]:
    """Return Z[L] and A[L] (n_rows, n_out) in float64 for encoded rows, dense or sparse.

    Examples
    --------
    >>> net = Network.create([2, 3, 1], seed=0)
    >>> A0 = np.random.default_rng(0).normal(size=(300, 2))
    >>> bool((outputs(net, A0)[1][200:] == outputs(net, A0[200:])[1]).all())
    True
    """
    network = network.astype("float64")
    n_rows, n_out = A0.shape[0], network.sizes[-1]
    Z, A = np.empty((n_rows, n_out)), np.empty((n_rows, n_out))
    block = np.zeros((BLOCK_ROWS, network.sizes[0]))
    with np.errstate(all="ignore"):
        for start in range(0, n_rows, BLOCK_ROWS):
            rows = A0[start : start + BLOCK_ROWS]
            n = rows.shape[0]
            block[:n] = rows.toarray() if hasattr(rows, "toarray") else rows
            block[n:] = 0.0
            trace = forward(network, block)
            Z[start : start + n] = trace.Z[-1][:n]
            A[start : start + n] = trace.A[-1][:n]
    return Z, A
