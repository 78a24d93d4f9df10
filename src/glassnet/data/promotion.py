"""From values as they were written to one of four column types: the one place where missing markers and types are
decided.

Files, SQL results and frames all pass through here, so the same data by any way gives the same column.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np

from glassnet.errors import ColumnError
from glassnet.typing import Array

MISSING_MARKERS = ("", "NA", "N/A", "NaN", "null", "?", "-")
"""Texts that mean "no value". Compared exactly after stripping, since "Na" may well be sodium."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_BOOLEANS = {"true": True, "false": False}


def promote(name: str, values: Sequence[Any] | Array, missing: Sequence[str] = MISSING_MARKERS) -> Array:
    """Return one column of a `Table` from any values.

    Text is stripped; markers become missing; then the column is Boolean if every value left is true or false (in any
    case), numeric if every one is a number, a date if every one is an ISO date, and text otherwise. "yes" and "no" stay
    text: they encode to the same single 0/1 input, and predictions come back in the user's own words.

    Parameters
    ----------
    name : str
        The column's name, for messages.
    values : array or sequence
        Numbers, Booleans, dates, texts, missing values, also mixed.
    missing : sequence of str
        Texts that mean "no value".

    Returns
    -------
    array of shape (n_rows,)
        float64 (NaN is missing), bool, datetime64[us] (NaT is missing), or object: text or None, and True, False or
        None for a Boolean column with missing values.

    Examples
    --------
    >>> promote("mass", ["3750", " NA", "3800"]).tolist()
    [3750.0, nan, 3800.0]
    >>> promote("sex", ["male", "", "female"]).tolist()
    ['male', None, 'female']
    """
    array = _as_array(values)
    if array.dtype == bool:
        return array
    if array.dtype.kind in "iuf":
        return array.astype(np.float64)
    if array.dtype.kind == "M":
        return array.astype("datetime64[us]")
    if array.dtype.kind == "m":  # a duration is a number of seconds
        return np.where(np.isnat(array), np.nan, array.astype("timedelta64[us]").astype(np.float64) / 1e6)
    if array.dtype.kind in "USO":
        return _from_objects(name, array.tolist(), missing)
    raise ColumnError(
        f"column {name!r} has values of type {array.dtype}, which are neither numbers, text, dates nor True/False; "
        "try converting the column first."
    )


def as_text(name: str, values: Sequence[Any], missing: Sequence[str] = MISSING_MARKERS) -> Array:
    """Return a text column from values that were declared to be categories, also where they look like numbers.

    >>> as_text("class", [1, 2, None]).tolist()
    ['1', '2', None]
    """
    return _objects([_as_word(name, value, set(missing)) for value in values])


def is_missing(column: Array) -> Array:
    """Return where a column of a `Table` has no value.

    >>> is_missing(np.asarray([1.0, np.nan])).tolist()
    [False, True]
    """
    if column.dtype.kind == "f":
        return np.isnan(column)
    if column.dtype.kind == "M":
        return np.isnat(column)
    if column.dtype.kind == "O":
        return np.asarray([value is None for value in column.tolist()], dtype=bool)
    return np.zeros(len(column), dtype=bool)


def _as_array(values: Sequence[Any] | Array) -> Array:
    if isinstance(values, np.ma.MaskedArray):
        if not np.ma.is_masked(values):
            return np.asarray(values.data)
        return _fill_missing(values)
    if isinstance(values, np.ndarray):
        return values
    return _objects(list(values))


def _fill_missing(values: Any) -> Array:
    mask = np.ma.getmaskarray(values)
    if values.dtype.kind in "iuf":
        return np.where(mask, np.nan, values.data.astype(np.float64))
    if values.dtype.kind in "Mm":
        return np.where(mask, np.array("NaT", dtype=values.dtype), values.data)
    return _objects([None if hidden else value for value, hidden in zip(values.data.tolist(), mask, strict=True)])


def _objects(values: list[Any]) -> Array:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _from_objects(name: str, values: list[Any], missing: Sequence[str]) -> Array:
    kinds = set(map(type, values))
    markers = set(missing)
    if kinds == {str}:  # as files come: the short way
        stripped = [value.strip() for value in values]
        return _from_words([None if word in markers else word for word in stripped])
    if not kinds <= {str, type(None)}:
        values = [None if _is_nothing(value) else value for value in values]
        kinds = set(map(type, values))
        if str not in kinds:
            return _from_python_values(name, values)
    return _from_words([_as_word(name, value, markers) for value in values])


def _is_nothing(value: Any) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):  # pandas' own, without importing pandas
        return True
    return isinstance(value, float | np.floating | Decimal | np.datetime64 | np.timedelta64) and bool(value != value)


def _as_word(name: str, value: Any, markers: set[str]) -> str | None:
    if _is_nothing(value):
        return None
    _refuse_nested(name, value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a category 1.0 and a category 1 are one: frames turn integers with gaps into floats
    word = str(value).strip()
    return None if word in markers else word


def _refuse_nested(name: str, value: Any) -> None:
    if isinstance(value, list | tuple | dict | set | np.ndarray | bytes) or hasattr(value, "__array__"):
        if isinstance(value, np.generic):
            return
        raise ColumnError(
            f"column {name!r} has a nested value ({type(value).__name__}) in it, but each cell must be one "
            f"number, text, "
            "date or True/False; try unpacking the column into several, or leaving it out."
        )


def _from_python_values(name: str, values: list[Any]) -> Array:
    """Return the column of values that are not text: all Boolean, all numbers, all dates, or a mixture told as text."""
    present = [value for value in values if value is not None]
    if all(isinstance(value, bool | np.bool_) for value in present) and present:
        return _booleans([None if value is None else bool(value) for value in values])
    if all(isinstance(value, Real | Decimal | np.bool_) for value in present):
        return np.asarray([np.nan if value is None else float(value) for value in values], dtype=np.float64)
    if all(isinstance(value, time | timedelta) for value in present):
        return np.asarray([np.nan if value is None else _seconds(value) for value in values], dtype=np.float64)
    if all(isinstance(value, date | np.datetime64) for value in present):
        return np.asarray([_moment(value) for value in values], dtype="datetime64[us]")
    return _from_words([_as_word(name, value, set()) for value in values])


def _seconds(value: time | timedelta) -> float:
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6


def _moment(value: Any) -> np.datetime64:
    if value is None:
        return np.datetime64("NaT", "us")
    if isinstance(value, datetime) and value.tzinfo is not None:  # every zone is told in UTC
        value = value.astimezone(UTC).replace(tzinfo=None)
    return np.datetime64(value, "us")


def _from_words(words: list[str | None]) -> Array:
    distinct = {word for word in words if word is not None}
    if not distinct:
        return np.full(len(words), np.nan)
    numbers = _numbers(distinct, words)
    if numbers is not None:
        return numbers
    for parse, build in ((_boolean, _booleans), (_iso_date, _moments)):
        table = _parse_all(distinct, parse)
        if table is not None:
            return build([None if word is None else table[word] for word in words])
    return _objects(words)


def _numbers(distinct: set[str], words: list[str | None]) -> Array | None:
    """Return the words as floats, or None if one is no number: 1_000 and foreign digits do not count."""
    joined = "".join(distinct)
    if "_" in joined or not joined.isascii():
        return None
    try:
        return np.asarray([np.nan if word is None else float(word) for word in words], dtype=np.float64)
    except ValueError:
        return None


def _parse_all(distinct: set[str], parse: Any) -> dict[str, Any] | None:
    """Return what each word means, or None as soon as one word does not parse."""
    table = {}
    for word in distinct:
        table[word] = parse(word)
        if table[word] is None:
            return None
    return table


def _boolean(word: str) -> bool | None:
    return _BOOLEANS.get(word.lower())


def _iso_date(word: str) -> np.datetime64 | None:
    if not _DATE.fullmatch(word):
        return None
    try:
        return _moment(datetime.fromisoformat(word))
    except ValueError:  # such as February 30
        return None


def _booleans(values: list[bool | None]) -> Array:
    return _objects(values) if None in values else np.asarray(values, dtype=bool)


def _moments(values: list[Any]) -> Array:
    return np.asarray(
        [np.datetime64("NaT", "us") if value is None else value for value in values], dtype="datetime64[us]"
    )
