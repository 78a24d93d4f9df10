"""Outputs of new rows; a row's numbers do not depend on its batch."""

from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from glassnet.core.front import front_forward
from glassnet.core.network import Network
from glassnet.core.slope import apply_slope
from glassnet.typing import Array

# Custom activations run in NumPy with one matrix product per row, because in a product of many rows the rounding of a
# row depends on its position.
ROWS_AT_A_TIME = 128  # limits memory; does not affect the numbers

# Compiled forward passes for reuse. They are not thread-safe, so a caller removes one from here while using it.
_forwards: WeakKeyDictionary[Network, Any] = WeakKeyDictionary()


def outputs(network: Network, A0: Array, *, n_jobs: int | None = None) -> tuple[Array, Array]:
    """Return Z[L] and A[L] (n_rows, n_out) in float64 for encoded rows, dense or sparse.

    Examples
    --------
    >>> net = Network.create([2, 3, 1], seed=0)
    >>> A0 = np.random.default_rng(0).normal(size=(300, 2))
    >>> bool((outputs(net, A0)[1][200:] == outputs(net, A0[200:])[1]).all())
    True
    """
    if is_compiled(network):
        return _compiled(network, A0, n_jobs)
    network = network.astype("float64")
    n_rows, n_out = A0.shape[0], network.sizes[-1]
    Z_L, A_L = np.empty((n_rows, n_out)), np.empty((n_rows, n_out))
    for start in range(0, n_rows, ROWS_AT_A_TIME):
        some = slice(start, start + ROWS_AT_A_TIME)
        rows = A0[some].toarray() if hasattr(A0, "toarray") else A0[some]
        with np.errstate(all="ignore"):
            Z_L[some], A_L[some] = _row_by_row(network, np.ascontiguousarray(rows, dtype=np.float64))
    return Z_L, A_L


def is_compiled(network: Network) -> bool:
    """Whether predictions run in machine code, which cannot call custom activations."""
    return all(sigma.is_builtin for sigma in network.activation)


def outputs_of_numbers(
    network: Network, X: Array, columns: tuple[Array, Array], *, n_jobs: int | None = None
) -> tuple[Array, Array]:
    """Return the same as `outputs` for rows of raw numbers and a compiled network.

    The rows are encoded in the same pass, on all cores, with the arrays of `Encoder.as_arrays`.

    Raises
    ------
    NeedsSlowPath
        If a number cannot be encoded.
    """
    return _compiled(network, X, n_jobs, columns)


def _compiled(
    network: Network, X: Array, n_jobs: int | None, columns: tuple[Array, Array] | None = None
) -> tuple[Array, Array]:
    from glassnet.engines.cpu.forward import Forward

    forward = _forwards.pop(network, None)
    if forward is None or forward.n_jobs != n_jobs:
        forward = Forward(network.astype("float64"), n_jobs)
    Z_L, A_L = forward(network.theta, X, columns)  # theta may have been changed in place
    _forwards[network] = forward
    return Z_L, A_L


def _row_by_row(network: Network, A: Array) -> tuple[Array, Array]:
    """Compute the forward pass as `glassnet.forward` does, with one matrix product per row."""
    if network.front is not None:
        values = network.front_values
        A = np.concatenate([front_forward(network.front, values, row[None, :])[1] for row in A])  # (n_batch, sizes[0])
    Z = A
    parts = zip(network.activation, network.W, network.b, network.slope, strict=True)
    for sigma, W, b, slope in parts:
        Z = (A[:, None, :] @ W.T)[:, 0, :]  # (n_batch, n_out)
        Z = Z if b is None else Z + b  # (n_batch, n_out)
        A = apply_slope(sigma(Z), Z, slope)  # (n_batch, n_out)
    return Z, A
