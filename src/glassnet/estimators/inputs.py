"""Converts X of any type to a `Table` and y to an array, by scikit-learn's rules where they apply."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.validation import _check_feature_names, check_array, column_or_1d, validate_data

from glassnet.csr import check_sparse, checked_csr
from glassnet.data.cells import is_nothing
from glassnet.data.notation.column_reading import ColumnReading
from glassnet.data.reading.lazy import refuse_lazy
from glassnet.data.reading.tabular import array_of_rows, refuse_endless, table_from
from glassnet.data.row_words import in_row
from glassnet.data.table import Notations, Table
from glassnet.data.type_inference import read_column
from glassnet.errors import DataError, GlassnetError, ShapeError
from glassnet.typing import Array

Inputs: TypeAlias = Table | Any
"""A `Table`, or a sparse matrix in CSR form."""

ROWS_AT_A_TIME = 1 << 16


def read_X(estimator: Any, X: Any, *, reset: bool, notations: Notations | None = None, copy: bool = True) -> Inputs:
    """Return `X` as a `Table`, or as CSR if it is sparse; set or check the number and names of columns.

    In fit, `reset` is True and sets ``n_features_in_`` and ``feature_names_in_``. Afterwards, text is read as in fit:
    with `notations`, by default those of the model. Without `copy`, the table may be a view of X, and must not outlive
    the call.
    """
    refuse_lazy(X)
    if not reset and notations is None and getattr(estimator, "schema_", None) is not None:
        notations = estimator.schema_.notations
    with in_one_sentence():
        if issparse(X):
            X = checked_csr(X)  # before compiled code of SciPy uses its indices
            return validate_data(estimator, X, reset=reset, accept_sparse="csr", dtype=[np.float64, np.float32])
        if isinstance(X, Table) or is_frame(X):
            table = X if isinstance(X, Table) else table_from(X, notations=notations, copy=copy)
            if reset:
                _note_names(estimator, X, table)
            return table
        _refuse_no_table(X)
        array = array_of_rows(X) if isinstance(X, (list, tuple)) else X
        finite: Any = "allow-nan" if _is_numeric(array) else False
        array = validate_data(estimator, array, reset=reset, dtype=None, ensure_all_finite=finite)
    # A model fitted on a frame may not use all columns, so an array gets the frame's names.
    names = getattr(estimator, "feature_names_in_", None)
    return table_from(array, names=names, notations=notations, copy=copy)


@contextmanager
def in_one_sentence() -> Iterator[None]:
    """Convert scikit-learn's errors about data to a `DataError` in one line."""
    try:
        with np.errstate(invalid="ignore", over="ignore"):  # from casts of numbers that are rejected afterwards
            yield
    except GlassnetError:
        raise
    except (ValueError, TypeError, OverflowError) as error:
        raise DataError(" ".join(str(error).split())) from None


def _refuse_no_table(X: Any) -> None:
    is_listed = isinstance(X, str | bytes | set | frozenset | range | Iterator | int | float | complex)
    if X is None or is_listed:
        raise DataError(
            f"X is of the type {type(X).__name__}, but a table was expected: a DataFrame, a 2-D array, a list of rows "
            f"or a dict of columns."
        )
    if getattr(getattr(X, "dtype", None), "kind", "") == "c":
        raise DataError(
            "Complex data not supported: X has complex numbers, but a network takes real ones; try its real and "
            "imaginary parts as two columns."
        )


def is_plain_array(estimator: Any, X: Any) -> bool:
    """Whether X is a numeric array with the model's columns by position, which needs no validation per column.

    With few rows or many columns, validating each column takes longer than the network.
    """
    if type(X) is not np.ndarray or X.ndim != 2 or X.dtype.kind not in "fiu" or X.itemsize > 8 or len(X) == 0:
        return False
    n_columns = estimator.n_features_in_
    has_all = X.shape[1] == n_columns == len(estimator.encoder_.steps)  # columns of an array with text may be excluded
    return has_all and not hasattr(estimator, "feature_names_in_")


def is_frame(X: Any) -> bool:
    """Whether X is a data frame of any library, or a dict of columns."""
    return isinstance(X, dict) or hasattr(X, "__dataframe__") or hasattr(X, "__arrow_c_stream__")


def read_y(y: Any, *, multi_output: bool, n_rows: int | None = None) -> Array:
    """Return the target as an array (n_rows,), or (n_rows, n_targets) if several targets are allowed.

    A sparse indicator matrix becomes dense. `n_rows` is the number of rows of X, if known.

    Raises
    ------
    DataError
        If y is None, has NaN or infinite numbers, or has more columns than allowed; worded as in scikit-learn.
    """
    if y is None:
        raise DataError("requires y to be passed, but the target y is None; write fit(X, y).")
    if isinstance(y, str | bytes | set | frozenset | dict | Iterator):
        raise DataError(
            f"y is of the type {type(y).__name__}, but a list or an array of one value per row was expected; try "
            f"list(...)."
        )
    refuse_lazy(y, "y")
    refuse_endless("y", y)
    if n_rows is not None and not issparse(y) and hasattr(y, "__len__") and np.ndim(y) and len(y) != n_rows:
        raise ShapeError(
            f"Found input variables with inconsistent numbers of samples: [{n_rows}, {len(y)}]; y needs one value for "
            f"each row of X."
        )
    if hasattr(y, "toarray"):  # sparse
        check_sparse(y, "y")
        y = y.toarray()
    if hasattr(y, "to_numpy"):  # a frame or a column of one
        y = np.asarray(y)
    with in_one_sentence():
        if np.asarray(y).dtype.kind == "c":
            raise DataError("Complex data not supported: y contains complex numbers, but the target must be real.")
        y = _in_float64(y)
        array = check_array(y, ensure_2d=False, dtype=None, allow_nd=False, input_name="y")
        if array.dtype.kind == "O":
            _refuse_gaps(array)
            _refuse_exact_numbers(array)
        if array.ndim == 2 and not (multi_output and array.shape[1] > 1):
            array = column_or_1d(array, warn=True)
    return array


def _in_float64(y: Any) -> Any:
    """Return floats of more than 64 bits as float64; the largest become infinite and are rejected later."""
    if getattr(y, "dtype", None) is None or y.dtype.kind != "f" or y.dtype.itemsize <= 8:
        return y
    with np.errstate(over="ignore", invalid="ignore"):
        return y.astype(np.float64)


def read_quantity(y: Array, notation: str = "") -> tuple[Array, ColumnReading]:
    """Return a text target as numbers, read like a column of X, and its notation; others unchanged.

    >>> read_quantity(np.asarray(["$1,000.50", "$20"]))[0].tolist()
    [1000.5, 20.0]
    """
    if y.ndim != 1 or not (y.dtype.kind in "UT" or (y.dtype.kind == "O" and all(isinstance(v, str) for v in y))):
        return y, ColumnReading()
    values, reading = read_column("y", y, (), notation)
    return (values, reading) if values.dtype.kind == "f" else (y, ColumnReading())


def column_names(y: Any) -> tuple[str, ...]:
    """Return the column names of a frame with several columns, else none.

    >>> import pandas as pd
    >>> column_names(pd.DataFrame({"rain": [1, 0], "wind": [1, 1]})), column_names([1, 0])
    (('rain', 'wind'), ())
    """
    names = tuple(str(name) for name in y.columns) if hasattr(y, "to_numpy") and hasattr(y, "columns") else ()
    return names if len(names) > 1 else ()


def _refuse_gaps(y: Array) -> None:
    gaps = [k for k, value in enumerate(y.tolist()) if is_nothing(value)]
    if gaps:
        raise DataError(f"y is missing {in_row(gaps[0])}, but every row needs a target; try leaving such rows out.")


def _refuse_exact_numbers(y: Array) -> None:
    """Reject Decimals and Fractions, which NumPy stores as objects."""
    for start in range(0, len(y), ROWS_AT_A_TIME):  # lists of rows take many times the memory of the array
        some = y[start : start + ROWS_AT_A_TIME]
        for k, row in enumerate(some.reshape(len(some), -1).tolist(), start):
            for value in row:
                if isinstance(value, Decimal | Fraction):
                    raise DataError(
                        f"y has the {type(value).__name__} {value} {in_row(k)}, but a target is plain numbers, text or "
                        f"Booleans; try [float(value) for value in y], or for classes [str(value) for value in y]."
                    )


def n_rows(inputs: Inputs) -> int:
    """Return the number of rows."""
    return int(inputs.n_rows if isinstance(inputs, Table) else inputs.shape[0])


def precision_of(X: Any) -> str:
    """Return "float32" for an array, sparse matrix or frame of float32, else "float64".

    >>> precision_of(np.zeros((2, 2), np.float32)), precision_of([[1.0]])
    ('float32', 'float64')
    """
    kinds = X.dtypes if hasattr(X, "dtypes") and not hasattr(X, "dtype") else [getattr(X, "dtype", None)]
    return "float32" if {str(kind).lower() for kind in kinds} == {"float32"} else "float64"


def refuse_too_large(numbers: Any, dtype: str, name: str) -> None:
    """Raise if numbers exceed the maximum of the network's dtype: 3.4e38 for float32."""
    values: Array = getattr(numbers, "data", numbers) if issparse(numbers) else numbers
    largest = float(max(np.max(values, initial=0.0), -np.min(values, initial=0.0)))
    end = float(np.finfo(dtype).max)
    if largest > end:
        raise DataError(
            f"{name} contains values as large as {largest:.3g}, but the maximum of dtype={dtype!r} is {end:.2g}; "
            f"try scaling them down, or dtype='float64'."
        )


def row_numbers(inputs: Inputs) -> Array:
    """Return the row numbers in the user's table."""
    known = inputs.rows if isinstance(inputs, Table) else None
    return np.arange(n_rows(inputs)) if known is None else known


def numbers_in_table(X: Any) -> Array | None:
    """Return the row numbers of a part of a table, and None for all other data."""
    return X.rows if isinstance(X, Table) else None


def n_columns(inputs: Inputs) -> int:
    """Return the number of columns; for a sparse matrix the mean number of stored values per row, rounded up."""
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
        _check_feature_names(estimator, X, reset=True)  # scikit-learn's rules for pandas
    else:
        estimator.feature_names_in_ = np.asarray(table.names, dtype=object)
