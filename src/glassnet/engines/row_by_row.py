"""Forward propagation of many rows on NumPy, with one matrix product per row."""

from typing import Any

import numpy as np

from glassnet.core.front import front_forward
from glassnet.core.network import Network
from glassnet.core.slope import apply_slope
from glassnet.engines.base import NeedsSlowPath
from glassnet.typing import Array

ROWS_AT_A_TIME = 128  # limits memory; does not affect the numbers


class RowByRow:
    """Computes outputs of rows with any activations; the same row gets the same bits regardless of the other rows.

    In a product of many rows, the rounding of a row would depend on its position.
    """

    def __init__(self, network: Network, n_jobs: int | None = None) -> None:
        self.network, self.n_jobs = network, n_jobs

    @staticmethod
    def supports(network: Network) -> str | None:
        """Return why outputs of the network cannot be computed; None, as they always can."""
        return None

    def __call__(self, theta: Array, X: Array, columns: Any = None) -> tuple[Array, Array]:
        """Return Z[L] and A[L], (n_rows, n_out), for dense or sparse rows.

        Raises
        ------
        NeedsSlowPath
            With `columns`, as it does not encode.
        """
        if columns is not None:
            raise NeedsSlowPath
        network = self.network.with_theta(np.asarray(theta, self.network.theta.dtype))
        dtype, n_rows, n_out = network.theta.dtype, X.shape[0], network.sizes[-1]
        Z_L, A_L = np.empty((n_rows, n_out), dtype), np.empty((n_rows, n_out), dtype)
        for start in range(0, n_rows, ROWS_AT_A_TIME):
            some = slice(start, start + ROWS_AT_A_TIME)
            rows = X[some].toarray() if hasattr(X, "toarray") else X[some]
            with np.errstate(all="ignore"):
                Z_L[some], A_L[some] = _row_by_row(network, np.ascontiguousarray(rows, dtype=dtype))
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
