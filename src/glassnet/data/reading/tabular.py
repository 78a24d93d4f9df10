"""Converts dictionaries, lists of rows, arrays and frames to a `Table`."""

from collections.abc import Mapping, Sequence
from operator import is_
from typing import Any

import numpy as np

from glassnet.data.notation.column_reading import ColumnReading, objects
from glassnet.data.reading.frames import from_frame
from glassnet.data.table import Columns, Notations, Table, names_of
from glassnet.data.type_inference import MISSING_MARKERS, read_column
from glassnet.errors import DataError, ShapeError
from glassnet.typing import Array

LONGEST_RANGE = 10_000_000
"""Maximum length of a range, whose numbers take memory once expanded."""


def table_from(
    X: Any,
    *,
    names: Sequence[str] | None = None,
    missing: Sequence[str] = MISSING_MARKERS,
    notations: Notations | None = None,
    copy: bool = True,
) -> Table:
    """Return tabular data as a `Table`.

    Parameters
    ----------
    X : DataFrame, mapping, array or list of rows
        A frame supported by narwhals (pandas, polars, Arrow, ...), columns by name, a 2-D NumPy array, or a list of
        rows. A `Table` is returned unchanged.
    names : sequence of str, optional
        Column names for arrays and lists; without them the columns are x0, x1, ...
    missing : sequence of str
        Texts that mean "no value".
    notations : callable, optional
        `Schema.notations` of a model, to read text as in training; by default detected from each column's values.
    copy : bool
        Whether the table stays the same if the caller's data change later. Without it, columns of numbers are views of
        them where possible, so that a large table is not held twice; such a table must not outlive the call.

    Returns
    -------
    Table

    Examples
    --------
    >>> table_from([[1, 2], [3, 4]]).names
    ('x0', 'x1')
    >>> table_from({"age": ["41", "?"]})["age"].tolist()
    [41.0, nan]
    """
    if isinstance(X, Table):
        return X
    if isinstance(X, Mapping):
        columns = [_listed(name, column) for name, column in X.items()]
        return columns_read(names_of(X), columns, missing, notations, copy=copy)
    if isinstance(X, np.ndarray | list | tuple):
        return _from_rows(X, names, missing, notations, copy=copy)
    return from_frame(X, missing, notations, copy=copy)


def columns_read(
    names: Sequence[str],
    columns: Sequence[Any] | Array,
    missing: Sequence[str],
    notations: Notations | None = None,
    *,
    copy: bool = True,
    **kind: Any,
) -> Table:
    """Return a table from raw columns; `kind` has further attributes of the table."""
    known = [""] * len(names) if notations is None else notations(names)
    given = list(columns)
    read = [
        _read_any(name, values, missing, how, copy=copy) for name, values, how in zip(names, given, known, strict=True)
    ]
    made: Sequence[Array] = tuple(column for column, _ in read)
    if not copy:
        is_matrix = isinstance(columns, np.ndarray) and all(map(is_, made, given))
        made = Columns(columns if is_matrix else made)
    return Table(tuple(names), made, readings=tuple(how for _, how in read), **kind)


def _read_any(
    name: str, column: Any, missing: Sequence[str], notation: str, *, copy: bool
) -> tuple[Array, ColumnReading]:
    """Return a column and its reading; a frame's column keeps its type."""
    if hasattr(column, "to_numpy"):
        from glassnet.data.reading.frames import from_series

        return from_series(name, column, missing, notation, copy=copy)
    return read_column(name, column, missing, notation, copy=copy)


def _listed(name: Any, column: Any) -> Any:
    """Return a mapping's column as a list or array; reject other types, and check ranges before copying."""
    is_column = hasattr(column, "__len__") and hasattr(column, "__iter__") and not isinstance(column, str | bytes)
    if not is_column or isinstance(column, Mapping | set | frozenset):
        raise DataError(
            f"column {str(name)!r} is a {type(column).__name__}, but a list or an array of one value per row was "
            f"expected; try list(...), or [value] for one row."
        )
    refuse_endless(f"column {str(name)!r}", column)
    if isinstance(column, np.ndarray) and column.ndim != 1:
        raise ShapeError(f"column {str(name)!r} has shape {column.shape}, but one value per row was expected.")
    return column


def refuse_endless(what: str, values: Any) -> None:
    """Raise a DataError if a range is too long to expand.

    >>> refuse_endless("y", range(10))
    """
    if isinstance(values, range) and values[LONGEST_RANGE : LONGEST_RANGE + 1]:  # len() overflows beyond 64 bits
        raise DataError(
            f"{what} is {values!r}, a range of more than {LONGEST_RANGE:,} numbers, which is hardly data; if it is, "
            f"pass them as an array."
        )


def _from_rows(
    X: Any, names: Sequence[str] | None, missing: Sequence[str], notations: Notations | None, *, copy: bool
) -> Table:
    array = _two_dimensional(X)
    column_names = names_of(names) if names is not None else tuple(f"x{k}" for k in range(array.shape[1]))
    if len(column_names) != array.shape[1]:
        raise ShapeError(
            f"{len(column_names)} names were given for {array.shape[1]} columns; give one name per column."
        )
    is_matrix = array.dtype.kind in "iufb"
    if array.dtype == bool:
        array = np.asfortranarray(array)
    elif array.dtype.kind == "f" and copy:
        with np.errstate(over="ignore", invalid="ignore"):  # one contiguous copy instead of one per column
            array = np.array(array, dtype=np.float64, order="F")
    copy, is_array = copy and array.dtype.kind != "f", names is None
    return columns_read(
        column_names, array.T, missing, notations, copy=copy, is_array=is_array, is_matrix=is_array and is_matrix
    )


def _two_dimensional(X: Any) -> Array:
    array = X if isinstance(X, np.ndarray) else array_of_rows(X)
    if isinstance(array, np.matrix):  # its rows and columns stay two-dimensional
        array = np.asarray(array)
    if array.dtype.names:
        raise DataError(
            "X is a structured NumPy array, but a 2-D array or a frame was expected; try pandas.DataFrame(X)."
        )
    if array.dtype.kind == "c":
        raise DataError(
            "Complex data not supported: X has complex numbers, but a network takes real ones; "
            "try its real and imaginary parts as two columns."
        )
    if array.ndim != 2:
        raise ShapeError(
            f"X has {array.ndim} dimension(s) and shape {array.shape}, but rows and columns were expected; "
            "try X.reshape(-1, 1) for one column or X.reshape(1, -1) for one row."
        )
    return array


def array_of_rows(rows: Any) -> Array:
    """Return a list of rows as an array of numbers if possible, else of objects.

    >>> array_of_rows([[1, "a"], [None, "b"]]).tolist()
    [[1, 'a'], [None, 'b']]
    """
    for i, row in enumerate(rows):
        if isinstance(row, range | str | bytes | set | frozenset | Mapping) or _is_stream(row):
            raise ShapeError(
                f"row {i} of X (counted from 0) is a {type(row).__name__}, but a row is a list of values; try a list "
                f"of lists, or a frame."
            )
    lengths = {len(row) if isinstance(row, list | tuple | np.ndarray) else None for row in rows}
    if len(lengths) > 1:
        raise ShapeError("the rows of X have different lengths; every row needs one value per column.")
    types = {type(value) for row in rows if isinstance(row, list | tuple) for value in row}
    if types <= {float, int, bool, np.float64, np.float32, np.int64, np.int32, np.bool_}:
        return _numbers(rows)
    if lengths == {None} or not lengths or not types:
        return np.asarray(rows)
    array = np.empty((len(rows), lengths.pop() or 0), dtype=object)
    for i, row in enumerate(rows):
        array[i] = objects(list(row))
    return array


def _numbers(rows: Any) -> Array:
    """Return rows of numbers as an array; as objects if a number is too large for NumPy."""
    array = np.asarray(rows)
    return array if array.dtype.kind in "iufb" or array.size == 0 else np.asarray(rows, dtype=object)


def _is_stream(row: Any) -> bool:
    return hasattr(row, "__next__")
