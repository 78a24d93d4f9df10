"""Dates as datetime64[us] and durations as seconds, from NumPy's arrays and from Python's values."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import numpy as np

from glassnet.errors import ColumnError
from glassnet.typing import Array

OUTSIDE = np.datetime64("0000-01-01", "us")
"""Stands for a date before the year 1 or after 9999, which is out of range; refused where it is used."""

_FIRST, _LAST = np.datetime64("0001-01-01", "s"), np.datetime64("9999-12-31T23:59:59", "s")
_FINE_UNITS = ("ns", "ps", "fs", "as")  # their 64 bits end before the year 9999


def seconds_of_array(name: str, array: Array) -> Array:
    """Return durations as numbers of seconds, NaN for a missing one.

    >>> seconds_of_array("wait", np.asarray([2, "NaT"], dtype="timedelta64[m]")).tolist()
    [120.0, nan]
    """
    unit = np.datetime_data(array.dtype)[0]
    if unit in ("Y", "M", "generic") and not np.isnat(array).all():
        raise ColumnError(
            f"column {name!r} has durations in {unit}, which is no fixed number of seconds; try converting them to "
            f"days."
        )
    if unit in ("Y", "M", "generic"):
        return np.full(array.shape, np.nan)
    return np.where(np.isnat(array), np.nan, array / np.timedelta64(1, "s"))


def to_microseconds(array: Array) -> Array:
    """Return dates to the microsecond; one that no calendar here holds becomes `OUTSIDE`, since a cast would wrap.

    >>> to_microseconds(np.asarray(["2020-12-31"], dtype="datetime64[D]")).dtype
    dtype('<M8[us]')
    """
    unit = np.datetime_data(array.dtype)[0]
    if unit == "generic":
        return array.astype("datetime64[us]")
    if unit in _FINE_UNITS:
        return array.astype("datetime64[us]")
    gaps = np.isnat(array)
    outside = ~gaps & ((array < _FIRST.astype(array.dtype)) | (array > _LAST.astype(array.dtype)))
    moments = np.where(gaps | outside, _FIRST.astype(array.dtype), array).astype("datetime64[us]")
    moments[gaps] = np.datetime64("NaT")
    moments[outside] = OUTSIDE
    return moments


def seconds_of(name: str, value: time | timedelta | np.timedelta64) -> float:
    """Return one duration, or one time of the day, as a number of seconds; `name` is the column's, for messages.

    >>> seconds_of("start", time(1, 0, 30))
    3630.0
    """
    if isinstance(value, np.timedelta64):
        return float(seconds_of_array(name, np.asarray(value)))
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6


def as_moments(values: list[Any]) -> Array:
    """Return dates as datetime64[us]: those of NumPy in their own units, those of Python in UTC.

    >>> as_moments([datetime(2020, 12, 31), None]).tolist()
    [datetime.datetime(2020, 12, 31, 0, 0), None]
    """
    column = np.full(len(values), np.datetime64("NaT"), dtype="datetime64[us]")
    for i, value in enumerate(values):
        if hasattr(value, "to_datetime64"):  # pandas' own, which goes beyond the years of Python
            value = value.tz_convert(None) if value.tzinfo is not None else value
            value = value.to_datetime64()
        if isinstance(value, np.datetime64):
            column[i : i + 1] = to_microseconds(np.asarray([value]))
        elif value is not None:
            column[i] = _moment(value)
    return column


def _moment(value: Any) -> np.datetime64:
    if isinstance(value, datetime) and value.tzinfo is not None:  # every zone is brought to UTC
        try:
            value = value.astimezone(UTC).replace(tzinfo=None)
        except OverflowError:  # UTC puts it into the year 0 or 10000
            return OUTSIDE
    return np.datetime64(value, "us")
