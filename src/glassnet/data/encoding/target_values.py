"""Converts and checks a user's target: its shape, and values that cannot be a label, a class or a quantity."""

from typing import Any

import numpy as np

from glassnet.data.encoding.class_labels import array_of
from glassnet.data.row_words import in_row
from glassnet.data.type_inference import is_missing
from glassnet.data.typed_values import plain, sort_key
from glassnet.errors import DataError, ShapeError
from glassnet.typing import Array


def as_target(y: Any) -> Array:
    """Return y as an array with one value, or one row of values, per row.

    >>> as_target(["a", "b"]).shape
    (2,)
    """
    values = np.asarray(y)
    if values.ndim not in (1, 2) or values.shape[0] == 0:
        raise ShapeError(
            f"y has shape {values.shape}, but one value per row was expected; try one label or number per row."
        )
    return values


def refuse_columns(values: Array) -> None:
    """Raise a ShapeError, because classes must be a single column."""
    raise ShapeError(f"y has shape {values.shape}, but classes must be one column; try y.ravel(), or y[:, 0].")


def as_indicators(values: Array, rows: Array | None = None) -> Array:
    """Return columns of 0 and 1 (n_rows, n_labels) as float64; raise an error for other values.

    >>> as_indicators(np.asarray([[True, False]])).tolist()
    [[1.0, 0.0]]
    """
    columns = values.reshape(len(values), -1)
    if columns.dtype.kind in "biuf":
        fits = (columns == 0) | (columns == 1)
    else:
        fits = np.asarray([[value in (0, 1) for value in row] for row in columns.tolist()])
    if not fits.all():
        i, k = np.argwhere(~fits)[0]
        raise DataError(
            f"y has the value {plain(columns[i, k])!r} {in_row(i, rows)}, but several columns of y are labels, 1 where "
            f"a row has them and 0 where not; for columns of classes try a classifier for each."
        )
    return columns.astype(np.float64)


def finite_columns(values: Array, rows: Array | None = None) -> Array:
    """Return quantities as float64 columns (n_rows, n_targets); raise an error for a row without a number.

    >>> finite_columns(np.asarray([1, 2])).tolist()
    [[1.0], [2.0]]
    """
    try:
        with np.errstate(over="ignore"):
            columns = np.asarray(values, dtype=np.float64).reshape(len(values), -1)
    except (TypeError, ValueError):
        raise DataError(
            f"y has the value {_first_without_number(values)!r}, but regression needs numbers; try a classifier."
        ) from None
    except OverflowError:
        raise DataError("y has a number beyond the largest float (1.8e308); try dividing y, or its log.") from None
    bad = np.flatnonzero(~np.isfinite(columns).all(axis=1))
    if len(bad):
        raise DataError(
            f"y is missing (NaN) or infinite {in_row(bad[0], rows)}, but every row needs a finite number; "
            "try leaving such rows out."
        )
    return columns


def _first_without_number(values: Array) -> Any:
    for value in values.ravel().tolist():
        try:
            float(value)
        except (TypeError, ValueError):
            return value if len(repr(value)) <= 40 else repr(value)[:40]
    return None


def without_value(values: Array) -> Array:
    """Return a mask of the missing values of a target (n_rows,).

    >>> without_value(np.asarray(["a", None], dtype=object)).tolist()
    [False, True]
    """
    if values.dtype.kind == "O":
        return np.asarray([value is None or value != value for value in values.tolist()], dtype=bool)
    return is_missing(values)


def distinct_classes(values: Array) -> Array:
    """Return each class once, sorted, in the user's type.

    >>> distinct_classes(np.asarray([3, 1, 3])).tolist()
    [1, 3]
    """
    if values.dtype.kind != "O":
        return np.unique(values)
    return array_of(sorted(set(values.tolist()), key=sort_key), values.dtype)
