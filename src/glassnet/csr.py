"""Validation of sparse matrices. Floor 0: imports nothing of the project but its errors.

SciPy validates the index arrays of a matrix only when it is created, and only in part. Invalid indices from a later
change or a damaged file would make SciPy's compiled code, and ours, access memory out of bounds.
"""

from typing import Any

import numpy as np

from glassnet.errors import DataError, ShapeError
from glassnet.typing import Array


def checked_csr(X: Any, name: str = "X") -> Any:
    """Return a sparse matrix in CSR format, after validating its index arrays.

    Raises
    ------
    DataError
        If an index is out of bounds.
    ShapeError
        If X is a vector.

    Examples
    --------
    >>> from scipy.sparse import coo_array
    >>> checked_csr(coo_array([[0.0, 2.0], [4.0, 0.0]])).indices.tolist()
    [1, 0]
    """
    if len(X.shape) != 2:
        raise ShapeError(f"{name} has the shape {tuple(X.shape)}, but rows and columns were expected; try X[None, :].")
    check_sparse(X, name)
    matrix = X.tocsr()
    if matrix is not X:
        check_sparse(matrix, name)
    return matrix


def check_sparse(X: Any, name: str = "X") -> None:
    """Raise a DataError if an index of a sparse matrix or vector is out of bounds."""
    kind, shape = getattr(X, "format", None), tuple(map(int, X.shape))
    if kind in ("csr", "csc", "bsr"):
        blocks = X.blocksize if kind == "bsr" else (1, 1)
        n_rows, n_columns = (length // block for length, block in zip((1, *shape)[-2:], blocks, strict=True))
        lengths = (n_columns, n_rows) if kind == "csc" else (n_rows, n_columns)
        check_entries(np.asarray(X.indptr), np.asarray(X.indices), len(X.data), lengths, name)
    elif kind == "coo":
        for places, n in zip(map(np.asarray, X.coords), shape, strict=True):
            if places.shape != np.shape(X.data) or places.dtype.kind not in "iu":
                _refuse(name, f"it has {len(X.data)} values, but a different number of coordinates")
            _check_range(places, n, name)
    elif kind == "dia" and (np.ndim(X.data) != 2 or len(X.offsets) != len(X.data)):
        _refuse(name, "its numbers of offsets and diagonals differ")


def check_entries(indptr: Array, indices: Array, n_entries: int, shape: tuple[int, int], name: str = "X") -> None:
    """Raise a DataError unless `indptr` and `indices` are valid CSR index arrays for this shape."""
    n_rows, n_columns = shape
    if indptr.ndim != 1 or indices.ndim != 1 or indptr.dtype.kind not in "iu" or indices.dtype.kind not in "iu":
        _refuse(name, "its indptr and indices are not one-dimensional integer arrays")
    if len(indptr) != n_rows + 1:
        _refuse(name, f"its indptr has {len(indptr)} numbers, but {n_rows + 1} were expected")
    if len(indices) != n_entries:
        _refuse(name, f"it has {n_entries} values, but {len(indices)} indices")
    # not by differences, which may overflow
    if indptr[0] != 0 or indptr[-1] > n_entries or (indptr[1:] < indptr[:-1]).any():
        _refuse(name, f"its indptr does not increase from 0 to {n_entries}, the number of its values")
    _check_range(indices, n_columns, name)


def _check_range(indices: Array, n: int, name: str) -> None:
    if len(indices) and not 0 <= (least := int(indices.min())) <= (most := int(indices.max())) < n:
        _refuse(name, f"index {least if least < 0 else most} is out of bounds for size {n}")


def _refuse(name: str, why: str) -> None:
    raise DataError(
        f"{name} is a sparse matrix whose index arrays are damaged: {why}; try building it again from rows, "
        f"columns and values."
    )
