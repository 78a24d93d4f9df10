"""A model's outputs over the plane of two columns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.data.table import Table
from glassnet.data.type_inference import is_missing
from glassnet.errors import DataError
from glassnet.typing import Array

BEYOND = 0.06  # margin of the plane around the rows, relative to their range
MOST_LEVELS = 24  # along the axis of a category


@dataclass(frozen=True, eq=False)
class Axis:
    """One side of the plane.

    Attributes
    ----------
    name : str
        Of the column.
    values : array of shape (n_points,)
        Evenly spaced numbers, or the levels of a column of categories.
    is_category : bool
    """

    name: str
    values: Array
    is_category: bool

    def places(self, values: Array) -> Array:
        """Return where values of the column lie: numbers as they are, levels by their position, else NaN."""
        if not self.is_category:
            return np.asarray(values, dtype=np.float64)
        at = {level: float(k) for k, level in enumerate(self.values.tolist())}
        return np.asarray([at.get(value, np.nan) for value in values.tolist()])


@dataclass(frozen=True, eq=False)
class Plane:
    """Outputs on a grid over two columns.

    Attributes
    ----------
    x, y : Axis
    outputs : array of shape (n_y, n_x, n_out)
    held : dict of str to value
        Constant values of the other columns; None for a missing one.
    """

    x: Axis
    y: Axis
    outputs: Array
    held: dict[str, Any]


def axis_of(table: Table, name: str, side: int) -> Axis:
    """Return an axis over the values of a column: `side` numbers, or the most frequent levels in their order."""
    values = table[name]
    present = values[~is_missing(values)]
    if len(present) == 0:
        raise DataError(f"column {name!r} has no value in these rows, so it spans no axis; choose another.")
    if present.dtype.kind == "M":
        raise DataError(f"column {name!r} has dates, which span no axis; choose a column of numbers or categories.")
    if present.dtype.kind == "f":
        return Axis(name, _grid(present, side), is_category=False)
    levels, counts = np.unique(present.astype(str) if present.dtype.kind == "O" else present, return_counts=True)
    frequent = np.sort(np.argsort(-counts, kind="stable")[:MOST_LEVELS])
    kept = levels[frequent]
    return Axis(name, _of_type(kept, present) if present.dtype.kind == "O" else kept, is_category=True)


def plane_of(
    outputs: Callable[[Table], Array], table: Table, axes: tuple[Axis, Axis], held: Mapping[str, Any] | None = None
) -> Plane:
    """Return the outputs over the plane of two columns.

    Parameters
    ----------
    outputs : callable
        From rows, a table with the columns of `table`, to outputs (n_rows, n_out).
    table : Table
        Rows with all columns of the model.
    axes : (Axis, Axis)
        The horizontal and the vertical one.
    held : mapping of str to value, optional
        The values of the other columns; by default the median of numbers, and the most frequent value of others.
    """
    x, y = axes
    n_x, n_y = len(x.values), len(y.values)
    rows, fixed = _moved(table, {x.name: np.tile(x.values, n_y), y.name: np.repeat(y.values, n_x)}, held)
    return Plane(x, y, np.asarray(outputs(rows)).reshape(n_y, n_x, -1), fixed)


def line_of(
    outputs: Callable[[Table], Array], table: Table, axis: Axis, held: Mapping[str, Any] | None = None
) -> tuple[Array, dict[str, Any]]:
    """Return the outputs along one column, (n_points, n_out), and the values of the others; see `plane_of`."""
    rows, fixed = _moved(table, {axis.name: axis.values}, held)
    return np.asarray(outputs(rows)).reshape(len(axis.values), -1), fixed


def _moved(table: Table, moving: dict[str, Array], held: Mapping[str, Any] | None) -> tuple[Table, dict[str, Any]]:
    """Return rows in which some columns move and the others are held, and the values of those."""
    others = [name for name in table.names if name not in moving]
    fixed = {name: typical(table[name]) if held is None else held[name] for name in others}
    n = len(next(iter(moving.values())))
    columns = [moving[name] if name in moving else _constant(table[name], fixed[name], n) for name in table.names]
    return replace(table, columns=tuple(columns), rows=None), fixed


def telling(values: Array, Y: Array) -> Array:
    """Return for each column how much of its variance the targets explain, (n_columns,), between 0 and 1.

    For a quantity it is the squared correlation, for one-hot classes the correlation ratio. Missing numbers count as
    the median of their column, and a constant column as 0.

    Parameters
    ----------
    values : array of shape (n_rows, n_columns)
    Y : array of shape (n_rows, n_out)

    Examples
    --------
    >>> classes = np.asarray([[0.0], [0.0], [1.0], [1.0]])
    >>> telling(np.asarray([[1.0, 5.0], [3.0, 7.0], [1.0, 9.0], [3.0, 11.0]]), classes).round(6).tolist()
    [0.0, 0.8]
    """
    filled = np.where(np.isnan(values), np.nanmedian(values, axis=0), values)
    filled, Y = _near_one(filled), _near_one(Y)  # no square overflows
    apart, wanted = filled - filled.mean(axis=0), Y - Y.mean(axis=0)
    explained = wanted @ np.linalg.lstsq(wanted, apart, rcond=None)[0]  # (n_rows, n_columns)
    total = np.sum(apart**2, axis=0)
    return np.sum(explained**2, axis=0) / np.where(total > 0, total, 1.0)


def _near_one(values: Array) -> Array:
    """Return columns divided by powers of 2, which changes no digit, so that their largest numbers are near 1."""
    _, exponents = np.frexp(np.abs(values).max(axis=0))
    return np.ldexp(values, -exponents)


def typical(values: Array) -> Any:
    """Return the median of numbers, the most frequent value of anything else; None if all are missing.

    >>> typical(np.asarray([1.0, 5.0, 2.0])), typical(np.asarray(["b", "a", "b"], dtype=object))
    (2.0, 'b')
    """
    present = values[~is_missing(values)]
    if len(present) == 0:
        return None
    if present.dtype.kind == "f":
        return float(np.median(present))
    found, counts = np.unique(present.astype(str) if present.dtype.kind == "O" else present, return_counts=True)
    most = found[int(np.argmax(counts))]
    return _of_type(np.asarray([most]), present)[0] if present.dtype.kind == "O" else most.item()


def _grid(values: Array, side: int) -> Array:
    low, high = float(np.min(values)), float(np.max(values))
    air = BEYOND * (high - low) or 1.0
    return np.linspace(low - air, high + air, side)


def _of_type(texts: Array, values: Array) -> Array:
    """Return levels that were compared as text in the type of the column: text, or True and False beside None."""
    as_given = {str(value): value for value in values.tolist()}
    return np.asarray([as_given[text] for text in texts.tolist()], dtype=object)


def _constant(values: Array, value: Any, n: int) -> Array:
    if value is None and values.dtype.kind == "b":
        return np.full(n, None, dtype=object)
    missing = {"f": np.nan, "M": np.datetime64("NaT")}.get(values.dtype.kind)
    return np.full(n, missing if value is None else value, dtype=values.dtype)
