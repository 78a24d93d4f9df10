"""Encoding of sparse matrices: scaling without shift, so that zeros stay zero and are not stored."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet.csr import checked_csr
from glassnet.data.encoding.scaling import Scale, smooth_clip
from glassnet.data.row_words import in_row
from glassnet.errors import DataError
from glassnet.typing import Array


def is_sparse(X: Any) -> bool:
    """Return whether X is a SciPy sparse matrix or array, without importing SciPy.

    >>> is_sparse(np.zeros((2, 2)))
    False
    """
    return hasattr(X, "tocsr") and hasattr(X, "toarray")


def factors(X: Any) -> Array:
    """Return 1 / the largest magnitude of each column, 0 for a column of zeros.

    >>> from scipy.sparse import csr_array
    >>> factors(csr_array([[0.0, 2.0, 0.0], [4.0, 0.0, 0.0]])).tolist()
    [0.25, 0.5, 0.0]
    """
    matrix = _finite(X)
    largest = np.zeros(X.shape[1])
    np.maximum.at(largest, matrix.indices, np.abs(matrix.data))
    with np.errstate(divide="ignore", over="ignore"):
        inverse = np.where(largest > 0, 1.0 / largest, 0.0)
    return np.where(np.isfinite(inverse), inverse, 0.0)


def encode(X: Any, scales: Sequence[Scale]) -> Any:
    """Return X scaled and clipped column by column, as a csr_array of float64."""
    matrix = _finite(X)
    factor = np.asarray([scale.factor for scale in scales])
    clipped = np.asarray([scale.is_clipped for scale in scales], dtype=bool)
    with np.errstate(over="ignore"):
        z = matrix.data * factor[matrix.indices]
    matrix.data = np.where(clipped[matrix.indices], smooth_clip(z), z)
    return matrix


def _finite(X: Any) -> Any:
    """Return a CSR copy in float64; raise a DataError naming column and row of NaN or infinity."""
    from scipy.sparse import csr_array

    matrix = csr_array(checked_csr(X), dtype=np.float64, copy=True)
    matrix.sum_duplicates()
    bad = np.flatnonzero(~np.isfinite(matrix.data))
    if len(bad):
        row = int(np.searchsorted(matrix.indptr, bad[0], side="right")) - 1
        raise DataError(
            f"column 'x{matrix.indices[bad[0]]}' is {matrix.data[bad[0]]} {in_row(row)}, but a sparse matrix needs "
            f"finite numbers; try leaving the row out."
        )
    return matrix
