"""What users give as matrices, targets and sample weights, in the shapes that core computes with."""

from typing import Any

from glassnet.arrays import as_floats, namespace
from glassnet.errors import ShapeError
from glassnet.typing import Array


def as_matrix(value: Any, name: str) -> Array:
    """Return `value` as a float matrix (n_batch, columns); one row may be given flat.

    >>> as_matrix([1, 2], "X").tolist()
    [[1.0, 2.0]]
    """
    array = as_floats(value)
    if array.ndim == 1:
        array = array[None, :]
    if array.ndim != 2:
        raise ShapeError(f"{name} has {array.ndim} dimensions; expected a matrix with one row per sample.")
    return array


def as_weights(value: Any, like: Array) -> Array | None:
    """Return sample weights as an array (n_batch,) beside the matrix `like` (n_batch, columns); None stays None.

    >>> as_weights([2, 1], as_matrix([[0.5], [0.25]], "A")).tolist()
    [2.0, 1.0]
    """
    if value is None:
        return None
    weights = namespace(like).asarray(value, dtype=like.dtype)
    if weights.shape != like.shape[:1]:
        raise ShapeError(
            f"weights have shape {tuple(weights.shape)}; expected one number per sample: ({like.shape[0]},)."
        )
    return weights


def as_targets(value: Any, A: Array) -> Array:
    """Return `value` as one target per output (n_batch, n_out); with a single output a flat list is its column.

    >>> as_targets([1, 0], as_matrix([[0.5], [0.25]], "A")).tolist()
    [[1.0], [0.0]]
    """
    Y = as_floats(value)
    Y = Y[:, None] if Y.ndim == 1 and A.shape[1] == 1 else as_matrix(Y, "Y")
    if A.shape != Y.shape:
        raise ShapeError(
            f"outputs have shape {tuple(A.shape)} but targets {tuple(Y.shape)}; expected one target per output, "
            f"as a matrix (n_batch, n_out)."
        )
    return Y
