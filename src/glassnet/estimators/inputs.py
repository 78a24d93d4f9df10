"""From whatever people hold their table in to the project's own `Table`, by scikit-learn's rules where they apply."""

from typing import Any, TypeAlias

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.validation import _check_feature_names, check_array, column_or_1d, validate_data

from glassnet.csr import check_sparse, checked_csr
from glassnet.data.table import Table, table_from
from glassnet.errors import DataError
from glassnet.typing import Array

Inputs: TypeAlias = Table | Any
"""A `Table`, or a sparse matrix in CSR form."""


def read_X(estimator: Any, X: Any, *, reset: bool) -> Inputs:
    """Return `X` as a `Table`, or as CSR if it is sparse; note or check the number of columns and their names.

    `reset` is True in fit, where ``n_features_in_`` and ``feature_names_in_`` are set, and False afterwards.
    """
    if issparse(X):
        X = checked_csr(X)  # before SciPy's own code follows its indices
        return validate_data(estimator, X, reset=reset, accept_sparse="csr", dtype=[np.float64, np.float32])
    if isinstance(X, Table) or is_frame(X):
        table = X if isinstance(X, Table) else table_from(X)
        if reset:
            _note_names(estimator, X, table)
        return table
    if isinstance(X, (list, tuple)) and np.asarray(X).dtype.kind in "US":
        X = np.asarray(X, dtype=object)  # beside text NumPy would make text of None, too
    array = validate_data(
        estimator, X, reset=reset, dtype=None, ensure_all_finite="allow-nan" if _is_numeric(X) else False
    )
    # A frame may have columns that are not used: an array in its place is read by the frame's names.
    names = getattr(estimator, "feature_names_in_", None)
    return table_from(array.astype(np.float64) if array.dtype.kind in "biuf" else array, names=names)


def is_plain_array(estimator: Any, X: Any) -> bool:
    """Whether X is an array of numbers with the model's columns by position, so that they need no look one by one.

    To look at each column by itself takes longer than the network, where rows are few or columns are many.
    """
    if type(X) is not np.ndarray or X.ndim != 2 or X.dtype.kind not in "fiu" or X.itemsize > 8 or len(X) == 0:
        return False
    return X.shape[1] == estimator.n_features_in_ and not hasattr(estimator, "feature_names_in_")


def is_frame(X: Any) -> bool:
    """Whether X is a data frame: columns with names, of any library."""
    return isinstance(X, dict) or hasattr(X, "__dataframe__") or hasattr(X, "__arrow_c_stream__")


def read_y(y: Any, *, multi_output: bool) -> Array:
    """Return the target as an array (n_rows,), or (n_rows, n_targets) where several are allowed.

    A sparse indicator matrix of several labels is filled in.

    Raises
    ------
    ValueError
        If it is None, has NaN or infinite numbers, or more columns than allowed; in scikit-learn's words.
    """
    if y is None:
        raise ValueError("requires y to be passed, but the target y is None; write fit(X, y).")
    if hasattr(y, "toarray"):  # sparse
        check_sparse(y, "y")
        y = y.toarray()
    if hasattr(y, "to_numpy"):  # a frame or one of its columns
        y = np.asarray(y)
    array = check_array(y, ensure_2d=False, dtype=None, allow_nd=False, input_name="y")
    if array.dtype.kind == "O":
        _refuse_gaps(array)
    if array.ndim == 2 and not (multi_output and array.shape[1] > 1):
        array = column_or_1d(array, warn=True)
    return array


def column_names(y: Any) -> tuple[str, ...]:
    """Return the names of a frame's columns where it has several, else none.

    >>> import pandas as pd
    >>> column_names(pd.DataFrame({"rain": [1, 0], "wind": [1, 1]})), column_names([1, 0])
    (('rain', 'wind'), ())
    """
    names = tuple(str(name) for name in y.columns) if hasattr(y, "to_numpy") and hasattr(y, "columns") else ()
    return names if len(names) > 1 else ()


def _refuse_gaps(y: Array) -> None:
    gaps = [k for k, value in enumerate(y.tolist()) if value is None]
    if gaps:
        raise DataError(f"y is missing in row {gaps[0] + 1}, but every row needs a target; try leaving such rows out.")


def n_rows(inputs: Inputs) -> int:
    """Return the number of rows."""
    return int(inputs.n_rows if isinstance(inputs, Table) else inputs.shape[0])


def n_columns(inputs: Inputs) -> int:
    """Return how many numbers a row has to be multiplied with weights; of a sparse matrix those that are stored."""
    if isinstance(inputs, Table):
        return len(inputs.names)
    return -(-int(inputs.nnz) // max(int(inputs.shape[0]), 1))


def take(inputs: Inputs, rows: Array) -> Inputs:
    """Return some of the rows, in the order given."""
    return inputs.take(rows) if isinstance(inputs, Table) else inputs[rows]


def _is_numeric(X: Any) -> bool:
    return getattr(X, "dtype", None) is None or X.dtype.kind in "biufc"


def _note_names(estimator: Any, X: Any, table: Table) -> None:
    estimator.n_features_in_ = len(table.names)
    if hasattr(X, "columns") and hasattr(X, "iloc"):
        _check_feature_names(estimator, X, reset=True)  # scikit-learn's own rules for pandas
    else:
        estimator.feature_names_in_ = np.asarray(table.names, dtype=object)
