"""The `Table`: named columns of equal length and of four types, the common form of all input data."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from glassnet.data.notation.column_reading import ColumnReading
from glassnet.data.row_words import in_row
from glassnet.data.spill.columns_file import StoredColumn
from glassnet.data.suggestions import suggestion
from glassnet.data.type_inference import refuse_surrogates
from glassnet.errors import ColumnError, ShapeError
from glassnet.typing import Array

Notations: TypeAlias = Callable[[Sequence[str]], Sequence[str]]
"""The type of `Schema.notations`: from column names to their notations in training."""


@dataclass(frozen=True, eq=False)
class Table:
    """Columns by name.

    Parameters
    ----------
    names : tuple of str
        Column names, all different.
    columns : sequence of arrays
        One per name, each of shape (n_rows,): float64 (NaN is missing), bool, datetime64[us] (NaT is missing), or
        object (text or None; True, False or None for a Boolean column with missing values). They are not to be written
        to: a column of numbers may be a view of the user's array, so that a large table is not held twice. `Columns`
        make numbers of another precision float64 when a column is asked for.
    is_array : bool
        Whether it came from an array or a list of rows, without column names.
    is_matrix : bool
        Whether it came from an array of numbers, of which no column is excluded.
    readings : tuple of ColumnReading
        Reading of each column; empty if unknown.
    rows : array of shape (n_rows,), optional
        Row numbers in the user's table, for messages; by default all rows.

    Examples
    --------
    >>> from glassnet.data.reading.tabular import table_from
    >>> table = table_from({"mass": [3750, 3800], "sex": ["male", "female"]})
    >>> table.n_rows, table["mass"].tolist()
    (2, [3750.0, 3800.0])
    """

    names: tuple[str, ...]
    columns: Sequence[Array]
    is_array: bool = False
    is_matrix: bool = False
    readings: tuple[ColumnReading, ...] = ()
    rows: Array | None = None

    def __post_init__(self) -> None:
        refuse_doubles(self.names)
        refuse_surrogates("the column name", self.names)
        lengths = {self.n_rows} if isinstance(self.columns, Columns) else {len(column) for column in self.columns}
        if len(self.names) != len(self.columns) or len(lengths) > 1:
            raise ShapeError(
                f"{len(self.names)} names came with columns of lengths {[len(column) for column in self.columns]}; "
                "a table needs one name per column and columns of one length."
            )

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        if isinstance(self.columns, Columns):
            return self.columns.n_rows
        return len(self.columns[0]) if self.columns else 0

    @property
    def matrix(self) -> Array | None:
        """The user's own array (n_rows, n_columns), if the table is all of an array of numbers."""
        stored = self.columns.stored if isinstance(self.columns, Columns) and self.columns.rows is None else ()
        return stored.T if isinstance(stored, np.ndarray) else None

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def _place(self, name: str) -> int:
        if name not in self.names:
            raise ColumnError(f"there is no column {name!r}; {suggestion(name, self.names)}")
        return self.names.index(name)

    def __getitem__(self, name: str) -> Array:
        # contiguous, because strides through a user's matrix would be slow in every use
        return np.ascontiguousarray(self.columns[self._place(name)])

    def unconverted(self, name: str) -> Array:
        """Return a column without making numbers of another precision float64.

        >>> from glassnet.data.reading.tabular import table_from
        >>> table_from(np.ones((2, 1), np.float32), copy=False).unconverted("x0").dtype
        dtype('float32')
        """
        place = self._place(name)
        return self.columns.as_stored(place) if isinstance(self.columns, Columns) else self.columns[place]

    def stored(self, name: str) -> StoredColumn | None:
        """Return a column as it is in a file, if all of its rows are there."""
        column = self.columns.stored[self._place(name)] if isinstance(self.columns, Columns) else None
        is_whole = isinstance(self.columns, Columns) and self.columns.rows is None
        return column if is_whole and isinstance(column, StoredColumn) else None

    def select(self, names: Sequence[str]) -> "Table":
        """Return the table with only these columns, in this order."""
        readings = tuple(self.reading(name) for name in names) if self.readings else ()
        return replace(self, names=tuple(names), columns=self._columns_of(names), readings=readings)

    def _columns_of(self, names: Sequence[str]) -> Sequence[Array]:
        places = [self._place(name) for name in names]
        if places == list(range(len(self.columns))):
            return self.columns
        if isinstance(self.columns, Columns):
            return Columns([self.columns.stored[k] for k in places], self.columns.rows)
        return tuple(self.columns[k] for k in places)

    def reading(self, name: str) -> ColumnReading:
        """Return the reading of a column."""
        return self.readings[self.names.index(name)] if self.readings else ColumnReading()

    def notations(self, names: Sequence[str]) -> list[str]:
        """Return the notation of each of these columns, to read new rows in the same way.

        >>> from glassnet.data.reading.tabular import table_from
        >>> table_from({"mass": ["1,5", "2"]}).notations(["mass", "height"])
        ['1.234,56', '']
        """
        if self.is_array and not set(self.names) <= set(names):
            names = [f"x{k}" for k in range(len(names))]
        return [self.reading(name).notation if name in self.names else "" for name in names]

    def in_row(self, position: int) -> str:
        """Return the row of the user's table at a position, in words.

        >>> from glassnet.data.reading.tabular import table_from
        >>> table_from({"age": [41, 50, 62]}).take([2]).in_row(0)
        'in row 2 (counted from 0)'
        """
        return in_row(position, self.rows)

    def drop(self, names: Sequence[str]) -> "Table":
        """Return the table without these columns; each must exist."""
        for name in names:
            self._place(name)
        return self.select([name for name in self.names if name not in names])

    def take(self, rows: Array) -> "Table":
        """Return the table with only these rows: ordered positions, or a Boolean mask.

        Columns in a file stay there.
        """
        if isinstance(self.columns, Columns) and self.columns.is_stored:
            return self.part(np.flatnonzero(rows) if rows.dtype == bool else rows)
        before = np.arange(self.n_rows) if self.rows is None else self.rows
        return replace(self, columns=tuple(column[rows] for column in self.columns), rows=before[rows])

    def part(self, rows: Array) -> "Table":
        """Return the table with only these rows, as `take`, but copy each column only while it is used.

        >>> from glassnet.data.reading.tabular import table_from
        >>> table_from({"age": [41, 50, 62]}).part(np.asarray([0, 2]))["age"].tolist()
        [41.0, 62.0]
        """
        columns = self.columns if isinstance(self.columns, Columns) else Columns(self.columns)
        return replace(self, columns=columns.at(rows), rows=rows if self.rows is None else self.rows[rows])

    def between(self, start: int, stop: int) -> "Table":
        """Return the rows from `start` to before `stop`, without copying them; columns in a file stay there.

        >>> from glassnet.data.reading.tabular import table_from
        >>> table_from({"age": [41, 50, 62]}).between(1, 9)["age"].tolist()
        [50.0, 62.0]
        """
        some = slice(start, max(start, min(stop, self.n_rows)))
        rows = np.arange(some.start, some.stop) if self.rows is None else self.rows[some]
        if not isinstance(self.columns, Columns):
            return replace(self, columns=tuple(column[some] for column in self.columns), rows=rows)
        return replace(self, columns=self.columns.at(some), rows=rows)

    def head(self, n: int = 5) -> "Table":
        """Return the first `n` rows."""
        return self.between(0, n)

    def row(self, i: int) -> dict[str, Any]:
        """Return row `i` as values by column name."""
        return {name: column[i] for name, column in zip(self.names, self.columns, strict=True)}


class Columns(Sequence[Array]):
    """Columns that are made when they are asked for, so that a large table is not held twice.

    Parameters
    ----------
    stored : sequence of arrays or of StoredColumn
        The columns as a user has them: numbers of any precision, or as in a `Table`. The transpose of a matrix is a
        sequence of its columns. Columns of a large table can be in a file.
    rows : array of int or slice, optional
        The positions of the rows to take; by default all.

    Examples
    --------
    >>> Columns(np.asarray([[1, 2], [3, 4]]).T, rows=np.asarray([1]))[0]
    array([3.])
    """

    def __init__(self, stored: Sequence[Any] | Array, rows: Array | slice | None = None) -> None:
        self.stored, self.rows = stored, rows

    @property
    def is_stored(self) -> bool:
        """Whether columns are in a file."""
        return not isinstance(self.stored, np.ndarray) and any(isinstance(each, StoredColumn) for each in self.stored)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        if isinstance(self.rows, slice):
            return int(self.rows.stop - self.rows.start)
        if self.rows is not None:
            return len(self.rows)
        return len(self.stored[0]) if len(self.stored) else 0

    def at(self, rows: Any) -> "Columns":
        """Return some of the rows, by positions or as a slice with both ends."""
        if self.rows is None:
            return Columns(self.stored, rows)
        if not isinstance(self.rows, slice):
            return Columns(self.stored, self.rows[rows])
        first = self.rows.start
        moved = slice(first + rows.start, first + rows.stop) if isinstance(rows, slice) else first + rows
        return Columns(self.stored, moved)

    def as_stored(self, k: int) -> Array:
        """Return a column in the precision in which it is stored."""
        column = self.stored[k]
        if self.rows is not None:
            return column[self.rows]
        return column.values if isinstance(column, StoredColumn) else column

    def __len__(self) -> int:
        return len(self.stored)

    def __getitem__(self, k: Any) -> Any:
        column = self.as_stored(k)
        return column.astype(np.float64, copy=False) if column.dtype.kind in "fiu" else column


def changed(columns: Sequence[Array], changes: Sequence[Callable[[Array], Array]]) -> Sequence[Array]:
    """Return the columns after a change to each; those that stay the same are stored as before.

    >>> changed((np.asarray([1.0]), np.asarray([2.0])), [lambda column: column, lambda column: -column])
    (array([1.]), array([-2.]))
    """
    made: dict[int, Array] = {}
    for k, change in enumerate(changes):
        before = columns[k]
        after = change(before)
        if after is not before:
            made[k] = after
    if not made:
        return columns
    whole = columns if isinstance(columns, Columns) and columns.rows is None else None
    stored = columns if whole is None else whole.stored
    every = [made[k] if k in made else stored[k] for k in range(len(columns))]
    return tuple(every) if whole is None else Columns(every)


def names_of(names: Iterable[Any]) -> tuple[str, ...]:
    """Return column names as text; raise a ColumnError for an invalid name.

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
    """Raise a ColumnError if a column name occurs twice; `where` names the file."""
    name, n = max(Counter(names).items(), key=lambda item: item[1], default=("", 0))
    if n > 1:
        advice = "adding a first line with the names of the columns" if where and _is_number(name) else "renaming it"
        raise ColumnError(
            f"the column name {name!r} occurs {n} times{where and f' in {where}'}, but column names must be "
            f"unique; try {advice}."
        )


def _is_number(name: str) -> bool:
    """Whether a name may be a value of a file that has no line of names."""
    try:
        float(name)
    except ValueError:
        return False
    return True
