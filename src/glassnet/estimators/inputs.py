"""From whatever people hold their table in to the project's own `Table`, by scikit-learn's rules where they apply."""

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
from glassnet.data.rows import in_row
from glassnet.data.table import Notations, Table
from glassnet.data.type_inference import read_column
from glassnet.errors import DataError, GlassnetError, ShapeError
from glassnet.typing import Array

Inputs: TypeAlias = Table | Any
"""A `Table`, or a sparse matrix in CSR form."""


def read_X(estimator: Any, X: Any, *, reset: bool, notations: Notations | None = None) -> Inputs:
    """Return `X` as a `Table`, or as CSR if it is sparse; note or check the number of columns and their names.

    `reset` is True in fit, where ``n_features_in_`` and ``feature_names_in_`` are set, and False afterwards, where text
    is read as it was in fit: by `notations`, else by the model's own.
    """
    refuse_lazy(X)
    if not reset and notations is None and getattr(estimator, "schema_", None) is not None:
        notations = estimator.schema_.notations
    with in_one_sentence():
        if issparse(X):
            X = checked_csr(X)  # before SciPy's own code follows its indices
            return validate_data(estimator, X, reset=reset, accept_sparse="csr", dtype=[np.float64, np.float32])
        if isinstance(X, Table) or is_frame(X):
            table = X if isinstance(X, Table) else table_from(X, notations=notations)
            if reset:
                _note_names(estimator, X, table)
            return table
        _refuse_no_table(X)
        array = array_of_rows(X) if isinstance(X, (list, tuple)) else X
        finite: Any = "allow-nan" if _is_numeric(array) else False
        array = validate_data(estimator, array, reset=reset, dtype=None, ensure_all_finite=finite)
    # A frame may have columns that are not used: an array in its place is read by the frame's names.
    return table_from(array, names=getattr(estimator, "feature_names_in_", None), notations=notations)


@contextmanager
def in_one_sentence() -> Iterator[None]:
    """Let what scikit-learn says about data end as a `DataError` of one line."""
    try:
        with np.errstate(invalid="ignore", over="ignore"):  # its casts, of numbers that are refused afterwards
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
    """Whether X is an array of numbers with the model's columns by position, so that they need no look one by one.

    To look at each column by itself takes longer than the network, where rows are few or columns are many.
    """
    if type(X) is not np.ndarray or X.ndim != 2 or X.dtype.kind not in "fiu" or X.itemsize > 8 or len(X) == 0:
        return False
    n_columns = estimator.n_features_in_
    has_all = X.shape[1] == n_columns == len(estimator.encoder_.steps)  # of an array with text, columns may be left out
    return has_all and not hasattr(estimator, "feature_names_in_")


def is_frame(X: Any) -> bool:
    """Whether X is a data frame: columns with names, of any library."""
    return isinstance(X, dict) or hasattr(X, "__dataframe__") or hasattr(X, "__arrow_c_stream__")


def read_y(y: Any, *, multi_output: bool, n_rows: int | None = None) -> Array:
    """Return the target as an array (n_rows,), or (n_rows, n_targets) where several are allowed.

    A sparse indicator matrix of several labels is filled in. `n_rows` is how many rows X has, if known.

    Raises
    ------
    DataError
        If it is None, has NaN or infinite numbers, or more columns than allowed; in scikit-learn's words.
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
    if hasattr(y, "to_numpy"):  # a frame or one of its columns
        y = np.asarray(y)
    with in_one_sentence():
        if np.asarray(y).dtype.kind == "c":
            raise DataError("Complex data not supported: y has complex numbers, but a target is real.")
        y = _in_float64(y)
        array = check_array(y, ensure_2d=False, dtype=None, allow_nd=False, input_name="y")
        if array.dtype.kind == "O":
            _refuse_gaps(array)
            _refuse_exact_numbers(array)
        if array.ndim == 2 and not (multi_output and array.shape[1] > 1):
            array = column_or_1d(array, warn=True)
    return array


def _in_float64(y: Any) -> Any:
    """Return floats longer than 64 bits as float64; the largest become infinite, which is refused as such."""
    if getattr(y, "dtype", None) is None or y.dtype.kind != "f" or y.dtype.itemsize <= 8:
        return y
    with np.errstate(over="ignore", invalid="ignore"):
        return y.astype(np.float64)


def read_quantity(y: Array, notation: str = "") -> tuple[Array, ColumnReading]:
    """Return a target of text as the numbers that it means, as columns of X are read, and how; others as they are.

    >>> read_quantity(np.asarray(["$1,000.50", "$20"]))[0].tolist()
    [1000.5, 20.0]
    """
    if y.ndim != 1 or not (y.dtype.kind in "UT" or (y.dtype.kind == "O" and all(isinstance(v, str) for v in y))):
        return y, ColumnReading()
    values, reading = read_column("y", y, (), notation)
    return (values, reading) if values.dtype.kind == "f" else (y, ColumnReading())


def column_names(y: Any) -> tuple[str, ...]:
    """Return the names of a frame's columns where it has several, else none.

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
    """Say what is wrong with numbers that NumPy takes for any other object."""
    for k, row in enumerate(y.reshape(len(y), -1).tolist()):
        for value in row:
            if isinstance(value, Decimal | Fraction):
                raise DataError(
                    f"y has the {type(value).__name__} {value} {in_row(k)}, but a target is plain numbers, text or "
                    f"Booleans; try [float(value) for value in y], or for classes [str(value) for value in y]."
                )


def n_rows(inputs: Inputs) -> int:
    """Return the number of rows."""
    return int(inputs.n_rows if isinstance(inputs, Table) else inputs.shape[0])


def refuse_too_large(numbers: Any, dtype: str, name: str) -> None:
    """Raise if numbers that reach the network as they are have no place in its dtype: float32 ends at 3.4e38."""
    values: Array = getattr(numbers, "data", numbers) if issparse(numbers) else numbers
    largest = float(max(np.max(values, initial=0.0), -np.min(values, initial=0.0)))
    end = float(np.finfo(dtype).max)
    if largest > end:
        raise DataError(
            f"{name} has numbers as large as {largest:.3g}, but dtype={dtype!r} ends at {end:.2g}; try "
            f"dividing them, or dtype='float64'."
        )


def row_numbers(inputs: Inputs) -> Array:
    """Return which rows of the user's table these are."""
    known = inputs.rows if isinstance(inputs, Table) else None
    return np.arange(n_rows(inputs)) if known is None else known


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
