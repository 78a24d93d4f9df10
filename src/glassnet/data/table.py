"""The `Table`: named columns of equal length, each of one of four types. Every way into the library ends here."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from glassnet.data.notation.column_reading import ColumnReading, objects
from glassnet.data.rows import in_row
from glassnet.data.suggestions import suggestion
from glassnet.data.type_inference import MISSING_MARKERS, read_column, refuse_surrogates
from glassnet.errors import ColumnError, DataError, ShapeError
from glassnet.typing import Array

Notations: TypeAlias = Callable[[Sequence[str]], Sequence[str]]
"""What `Schema.notations` is: for column names, how the text of each was read in training."""

LONGEST_RANGE = 10_000_000
"""A longer range is not written out: it takes no memory itself, but its numbers do."""


@dataclass(frozen=True, eq=False)
class Table:
    """Columns by name.

    Parameters
    ----------
    names : tuple of str
        Column names, all different.
    columns : tuple of arrays
        One per name, each of shape (n_rows,): float64 (NaN is missing), bool, datetime64[us] (NaT is missing), or
        object
        (text or None; True, False or None for a Boolean column with missing values).
    is_array : bool
        Whether it came from an array or a list of rows, without column names.
    is_matrix : bool
        Whether it came from an array of numbers. Nothing is left out of such a table.
    readings : tuple of ColumnReading
        How each column was read; empty if unknown.
    rows : array of shape (n_rows,), optional
        Which rows of the user's table these are, for messages; without it they are all of them.

    Examples
    --------
    >>> table = table_from({"mass": [3750, 3800], "sex": ["male", "female"]})
    >>> table.n_rows, table["mass"].tolist()
    (2, [3750.0, 3800.0])
    """

    names: tuple[str, ...]
    columns: tuple[Array, ...]
    is_array: bool = False
    is_matrix: bool = False
    readings: tuple[ColumnReading, ...] = ()
    rows: Array | None = None

    def __post_init__(self) -> None:
        refuse_doubles(self.names)
        refuse_surrogates("the column name", self.names)
        lengths = {len(column) for column in self.columns}
        if len(self.names) != len(self.columns) or len(lengths) > 1:
            raise ShapeError(
                f"{len(self.names)} names came with columns of lengths {[len(column) for column in self.columns]}; "
                "a table needs one name per column and columns of one length."
            )

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.columns[0]) if self.columns else 0

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __getitem__(self, name: str) -> Array:
        if name not in self.names:
            raise ColumnError(f"there is no column {name!r}; {suggestion(name, self.names)}")
        return self.columns[self.names.index(name)]

    def select(self, names: Sequence[str]) -> "Table":
        """Return the table with these columns only, in this order."""
        readings = tuple(self.reading(name) for name in names) if self.readings else ()
        return replace(self, names=tuple(names), columns=tuple(self[name] for name in names), readings=readings)

    def reading(self, name: str) -> ColumnReading:
        """Return how a column was read."""
        return self.readings[self.names.index(name)] if self.readings else ColumnReading()

    def notations(self, names: Sequence[str]) -> list[str]:
        """Return how the text of each of these columns was read here: new rows beside it are read alike.

        >>> table_from({"mass": ["1,5", "2"]}).notations(["mass", "height"])
        ['1.234,56', '']
        """
        if self.is_array and not set(self.names) <= set(names):
            names = [f"x{k}" for k in range(len(names))]
        return [self.reading(name).notation if name in self.names else "" for name in names]

    def in_row(self, position: int) -> str:
        """Return in words which row of the user's table a position is.

        >>> table_from({"age": [41, 50, 62]}).take([2]).in_row(0)
        'in row 2 (counted from 0)'
        """
        return in_row(position, self.rows)

    def drop(self, names: Sequence[str]) -> "Table":
        """Return the table without these columns; each must exist."""
        for name in names:
            self[name]
        return self.select([name for name in self.names if name not in names])

    def take(self, rows: Array) -> "Table":
        """Return the table with these rows only: positions in the wanted order, or a Boolean mask."""
        before = np.arange(self.n_rows) if self.rows is None else self.rows
        return replace(self, columns=tuple(column[rows] for column in self.columns), rows=before[rows])

    def head(self, n: int = 5) -> "Table":
        """Return the first `n` rows."""
        return self.take(np.arange(min(n, self.n_rows)))

    def row(self, i: int) -> dict[str, Any]:
        """Return row `i` as values by column name."""
        return {name: column[i] for name, column in zip(self.names, self.columns, strict=True)}


def table_from(
    X: Any,
    *,
    names: Sequence[str] | None = None,
    missing: Sequence[str] = MISSING_MARKERS,
    notations: Notations | None = None,
) -> Table:
    """Return a `Table` of anything tabular.

    Parameters
    ----------
    X : DataFrame, mapping, array or list of rows
        A frame of any kind that narwhals knows (pandas, polars, Arrow, ...), columns by name, a 2-D NumPy array, or a
        list of rows. A `Table` is returned as it is.
    names : sequence of str, optional
        Column names for arrays and lists; without them the columns are x0, x1, ...
    missing : sequence of str
        Texts that mean "no value".
    notations : callable, optional
        `Schema.notations` of a model, so that text is read as in training; without it each column's own values decide.

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
        return columns_read(names_of(X), [_listed(name, column) for name, column in X.items()], missing, notations)
    if isinstance(X, np.ndarray | list | tuple):
        return _from_rows(X, names, missing, notations)
    from glassnet.data.reading.frames import from_frame

    return from_frame(X, missing, notations)


def columns_read(
    names: Sequence[str],
    columns: Sequence[Any],
    missing: Sequence[str],
    notations: Notations | None = None,
    **kind: Any,
) -> Table:
    """Return a table of columns as they were written; `kind` is what else the table is."""
    known = [""] * len(names) if notations is None else notations(names)
    read = [_read_any(name, values, missing, how) for name, values, how in zip(names, columns, known, strict=True)]
    return Table(tuple(names), tuple(c for c, _ in read), readings=tuple(how for _, how in read), **kind)


def _read_any(name: str, column: Any, missing: Sequence[str], notation: str) -> tuple[Array, ColumnReading]:
    """Return a column as it was read; one of a frame as in its frame."""
    if hasattr(column, "to_numpy"):
        from glassnet.data.reading.frames import from_series

        return from_series(name, column, missing, notation)
    return read_column(name, column, missing, notation)


def names_of(names: Iterable[Any]) -> tuple[str, ...]:
    """Return column names as text; refuse one that is no name.

    >>> names_of(["age", 1])
    ('age', '1')
    """
    listed = list(names)
    for k, name in enumerate(listed):
        if name is None or name != name:
            raise ColumnError(
                f"the column at place {k} (counted from 0) has no name ({name}), but each needs one; try renaming it."
            )
    return tuple(str(name) for name in listed)


def refuse_doubles(names: Sequence[str], where: str = "") -> None:
    """Raise if a column name occurs twice; `where` names the file."""
    name, n = max(Counter(names).items(), key=lambda item: item[1], default=("", 0))
    if n > 1:
        raise ColumnError(
            f"the column name {name!r} occurs {n} times{where and f' in {where}'}, but each column needs a name of its "
            "own; try renaming it."
        )


def _listed(name: Any, column: Any) -> Any:
    """Return a mapping's column as a list or array; refuse anything else, and count before copying."""
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
    """Raise if a range is too long to be written out.

    >>> refuse_endless("y", range(10))
    """
    if isinstance(values, range) and values[LONGEST_RANGE : LONGEST_RANGE + 1]:  # len() fails beyond 64 bits
        raise DataError(
            f"{what} is {values!r}, a range of more than {LONGEST_RANGE:,} numbers, which is hardly data; if it is, "
            f"pass them as an array."
        )


def _from_rows(X: Any, names: Sequence[str] | None, missing: Sequence[str], notations: Notations | None) -> Table:
    array = _two_dimensional(X)
    column_names = names_of(names) if names is not None else tuple(f"x{k}" for k in range(array.shape[1]))
    if len(column_names) != array.shape[1]:
        raise ShapeError(
            f"{len(column_names)} names were given for {array.shape[1]} columns; give one name per column."
        )
    is_matrix = array.dtype.kind in "iufb"
    if array.dtype.kind in "fb":  # one copy with contiguous columns instead of one copy per column
        with np.errstate(over="ignore", invalid="ignore"):
            array = np.asfortranarray(array) if array.dtype == bool else np.array(array, dtype=np.float64, order="F")
    columns = [array[:, k] for k in range(array.shape[1])]
    is_array = names is None
    return columns_read(column_names, columns, missing, notations, is_array=is_array, is_matrix=is_array and is_matrix)


def _two_dimensional(X: Any) -> Array:
    array = X if isinstance(X, np.ndarray) else array_of_rows(X)
    if isinstance(array, np.matrix):  # whose rows and columns stay two-dimensional
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
    """Return a list of rows as an array: of numbers where all are, else of objects.

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
    """Return rows of numbers as an array; of objects where one is too large for NumPy."""
    array = np.asarray(rows)
    return array if array.dtype.kind in "iufb" or array.size == 0 else np.asarray(rows, dtype=object)


def _is_stream(row: Any) -> bool:
    return hasattr(row, "__next__")
