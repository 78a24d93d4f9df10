"""The `Table`: named columns of equal length, each of one of four types. Every way into the library ends here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.data.names import suggestion
from glassnet.data.promotion import MISSING_MARKERS, promote
from glassnet.errors import ColumnError, DataError, ShapeError
from glassnet.typing import Array


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
        Whether it came from a plain array without column names. Nothing is left out of such a table.

    Examples
    --------
    >>> table = table_from({"mass": [3750, 3800], "sex": ["male", "female"]})
    >>> table.n_rows, table["mass"].tolist()
    (2, [3750.0, 3800.0])
    """

    names: tuple[str, ...]
    columns: tuple[Array, ...]
    is_array: bool = False

    def __post_init__(self) -> None:
        refuse_doubles(self.names)
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
        return replace(self, names=tuple(names), columns=tuple(self[name] for name in names))

    def drop(self, names: Sequence[str]) -> "Table":
        """Return the table without these columns; each must exist."""
        for name in names:
            self[name]
        return self.select([name for name in self.names if name not in names])

    def take(self, rows: Array) -> "Table":
        """Return the table with these rows only: positions in the wanted order, or a Boolean mask."""
        return replace(self, columns=tuple(column[rows] for column in self.columns))

    def head(self, n: int = 5) -> "Table":
        """Return the first `n` rows."""
        return self.take(np.arange(min(n, self.n_rows)))

    def row(self, i: int) -> dict[str, Any]:
        """Return row `i` as values by column name."""
        return {name: column[i] for name, column in zip(self.names, self.columns, strict=True)}


def table_from(X: Any, *, names: Sequence[str] | None = None, missing: Sequence[str] = MISSING_MARKERS) -> Table:
    """Return a `Table` of anything tabular.

    Parameters
    ----------
    X : DataFrame, mapping, array or list of rows
        A frame of any kind that narwhals knows (pandas, polars, Arrow, ...), columns by name, a 2-D NumPy array, or a
        list of rows. A `Table` is returned as it is.
    names : sequence of str, optional
        Column names for arrays and lists; without them the columns are x0, x1, ... and the table counts as a plain
        array.
    missing : sequence of str
        Texts that mean "no value".

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
        return _from_columns(X, missing)
    if isinstance(X, np.ndarray | list | tuple):
        return _from_rows(X, names, missing)
    from glassnet.data.frames import from_frame

    return from_frame(X, missing)


def refuse_doubles(names: Sequence[str]) -> None:
    """Raise if a column name occurs twice."""
    doubles = sorted({name for name in names if list(names).count(name) > 1}) if len(set(names)) < len(names) else []
    if doubles:
        raise ColumnError(
            f"the column name {doubles[0]!r} occurs {list(names).count(doubles[0])} times, but each column "
            f"needs a name of "
            "its own; try renaming it."
        )


def _from_columns(columns: Mapping[Any, Any], missing: Sequence[str]) -> Table:
    names = tuple(str(name) for name in columns)
    return Table(
        names, tuple(promote(name, column, missing) for name, column in zip(names, columns.values(), strict=True))
    )


def _from_rows(X: Any, names: Sequence[str] | None, missing: Sequence[str]) -> Table:
    array = _two_dimensional(X)
    column_names = tuple(names) if names is not None else tuple(f"x{k}" for k in range(array.shape[1]))
    if len(column_names) != array.shape[1]:
        raise ShapeError(
            f"{len(column_names)} names were given for {array.shape[1]} columns; give one name per column."
        )
    if array.dtype.kind in "iufb":  # one copy with contiguous columns instead of one copy per column
        array = np.asfortranarray(array) if array.dtype == bool else np.array(array, dtype=np.float64, order="F")
    columns = tuple(promote(name, array[:, k], missing) for k, name in enumerate(column_names))
    return Table(column_names, columns, is_array=names is None)


def _two_dimensional(X: Any) -> Array:
    array = X if isinstance(X, np.ndarray) else _array_of_rows(X)
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


def _array_of_rows(rows: Any) -> Array:
    lengths = {len(row) if isinstance(row, list | tuple | np.ndarray) else None for row in rows}
    if len(lengths) > 1:
        raise ShapeError("the rows of X have different lengths; every row needs one value per column.")
    types = {type(value) for row in rows if isinstance(row, list | tuple) for value in row}
    return np.asarray(rows, dtype=object if str in types or type(None) in types else None)
