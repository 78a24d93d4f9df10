"""Single cells of a column: whether they have a value, and their Python value."""

import math
from collections.abc import Iterable
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from numbers import Complex, Real
from typing import Any

import numpy as np

from glassnet.data.row_words import in_row
from glassnet.errors import ColumnError

_MOST_DIGITS = 400  # digits of a decimal: int(Decimal("1e999999999")) would fill the memory; no float has more than 309


def cleaned(name: str, i: int, value: Any, markers: set[str]) -> Any:
    """Return a cell as a Python value: None for no value, stripped text, other objects as text.

    `name` and `i` are the column and the row, for messages; `markers` the texts that mean "no value".

    >>> cleaned("mass", 0, " 3750 ", {"NA"}), cleaned("mass", 1, "NA", {"NA"})
    ('3750', None)
    """
    if is_nothing(value):
        return None
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        word = str(value).strip()
        return None if word in markers else word
    if is_number(value) or isinstance(
        value, bool | np.bool_ | date | time | timedelta | np.datetime64 | np.timedelta64
    ):
        return value
    return as_word(name, i, value, markers)


def is_number(value: Any) -> bool:
    """Return whether a cell is a number; True and False are not.

    >>> is_number(Decimal("1.5")), is_number(True)
    (True, False)
    """
    return isinstance(value, Real | Decimal) and not isinstance(value, bool | np.bool_ | np.timedelta64)


def is_nothing(value: Any) -> bool:
    """Return whether a cell has no value: None, NaN, or the missing values of pandas.

    >>> is_nothing(None), is_nothing(float("nan")), is_nothing("")
    (True, True, False)
    """
    if value is None or type(value).__name__ in ("NAType", "NaTType"):  # of pandas, without importing it
        return True
    if isinstance(value, Decimal):
        return value.is_nan()  # comparing a signaling NaN raises
    return isinstance(value, float | np.floating | np.datetime64 | np.timedelta64) and bool(value != value)


def as_word(name: str, i: int, value: Any, markers: set[str]) -> str | None:
    """Return a cell as the text of a category, or None for no value; see `cleaned`.

    >>> as_word("class", 0, 1.0, set())
    '1'
    """
    if is_nothing(value):
        return None
    if isinstance(value, Enum):
        value = value.value
    _refuse_odd(name, i, value)
    if isinstance(value, float | np.floating) and math.isfinite(value) and value == int(value):
        value = int(value)  # 1.0 and 1 are the same category: frames turn integers with gaps into floats
    value = as_whole(value)
    try:
        word = str(value).strip()
    except ValueError:  # an integer with more digits than Python converts to text
        raise ColumnError(
            f"column {name!r} has a number of thousands of digits {in_row(i)}, which is not a category; try leaving "
            f"the column out."
        ) from None
    return None if word in markers else word


def _refuse_odd(name: str, i: int, value: Any) -> None:
    """Raise if a cell is not a single value: nested, bytes, complex, or an object without a text."""
    kind = type(value)
    if isinstance(value, Complex) and not isinstance(value, Real):
        raise ColumnError(
            f"column {name!r} has the complex number {value} {in_row(i)}, but a network takes real ones; try its real "
            f"and imaginary parts as two columns."
        )
    is_several = isinstance(value, Iterable) and not isinstance(value, str)
    if (
        is_several
        or isinstance(value, bytes | np.void)
        or (hasattr(value, "__array__") and not isinstance(value, np.generic))
    ):
        raise ColumnError(
            f"column {name!r} has a nested value ({kind.__name__}) in it {in_row(i)}, but each cell must be one "
            f"number, text, date or True/False; try unpacking the column into several, or leaving it out."
        )
    has_text = any(each.__dict__.keys() & {"__str__", "__repr__"} for each in kind.__mro__[:-1])
    if callable(value) or not has_text:
        raise ColumnError(
            f"column {name!r} has an object of the type {kind.__name__} {in_row(i)}, but each cell must be one "
            f"number, text, date or True/False; try converting the column first."
        )


def as_whole(value: Any) -> Any:
    """Return a whole decimal as an int, since databases often return ids as decimals.

    >>> as_whole(Decimal("7.00")), as_whole(7.5)
    (7, 7.5)
    """
    if not isinstance(value, Decimal) or not value.is_finite() or value.adjusted() > _MOST_DIGITS:
        return value
    return int(value) if value == value.to_integral_value() else value


def as_float(value: Any) -> float:
    """Return any number as a float; too large ones become infinite, and are rejected where they are used.

    >>> as_float(10**400)
    inf
    """
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
    except ValueError:  # a signaling NaN
        return math.nan
