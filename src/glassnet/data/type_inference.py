"""Infers one of four column types from raw values and applies the missing markers.

Files, SQL results, frames and arrays all pass through here, so the same data give the same column in any form.
"""

from collections.abc import Iterable, Sequence
from datetime import date, time, timedelta
from typing import Any

import numpy as np

from glassnet.data.cells import as_float, as_whole, as_word, cleaned, is_number
from glassnet.data.moments import as_moments, seconds_of, seconds_of_array, to_microseconds
from glassnet.data.notation.column_reading import (
    EXACT,
    ISO,
    KEPT,
    PLAIN,
    ROUNDED,
    TEXT,
    ColumnReading,
    are_levels,
    filled,
    is_rounded,
    meanings,
    objects,
)
from glassnet.errors import ColumnError
from glassnet.typing import Array

MISSING_MARKERS = ("", "NA", "N/A", "NaN", "null", "?", "-")
"""Texts that mean "no value". Compared exactly after stripping, since "Na" may be sodium."""


def promote(name: str, values: Sequence[Any] | Array, missing: Sequence[str] = MISSING_MARKERS) -> Array:
    """Return one column of a `Table` from raw values.

    Text is stripped, and markers become missing. The column is then Boolean if all other values are true or false (in
    any case), numeric if all are numbers in one notation, a date if all are dates in one notation (see
    `glassnet.data.notation.column_reading`), and text otherwise. "yes" and "no" stay text: they are also encoded as a
    single 0/1 input, and predictions keep the user's labels.

    Parameters
    ----------
    name : str
        The column's name, for messages.
    values : array or sequence
        Numbers, Booleans, dates, texts and missing values, possibly mixed.
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
    >>> promote("price", ["$1,000.50", "$20"]).tolist()
    [1000.5, 20.0]
    """
    return read_column(name, values, missing)[0]


def read_column(
    name: str,
    values: Sequence[Any] | Array,
    missing: Sequence[str] = MISSING_MARKERS,
    notation: str = "",
    *,
    copy: bool = True,
) -> tuple[Array, ColumnReading]:
    """Return one column of a `Table`, and the reading of its text.

    Parameters
    ----------
    name, values, missing
        As in `promote`.
    notation : str
        The notation of the `ColumnReading` from training; "" detects it. If a text does not match, the column stays
        text, and `glassnet.data.columns.schema_validation.check_columns` reports it.
    copy : bool
        Whether to copy numbers into float64; else the column is `values` itself, for `glassnet.data.table.Columns`.

    Examples
    --------
    >>> values, reading = read_column("day", ["31.12.2020", None])
    >>> values.tolist(), reading.notation
    ([datetime.datetime(2020, 12, 31, 0, 0), None], '31.12.2020')
    """
    array = _as_array(values)
    if notation == TEXT:
        return as_text(name, array.tolist(), missing), ColumnReading(TEXT)
    if array.dtype == bool:
        return array, ColumnReading()
    if array.dtype.kind in "iu":
        return _whole_numbers(array, copy=copy)
    if array.dtype.kind == "f":
        if not copy and array.itemsize <= 8:
            return array, ColumnReading(PLAIN)
        with np.errstate(
            over="ignore", invalid="ignore"
        ):  # wider than float64: larger numbers become infinite, and are rejected as such
            return array.astype(np.float64), ColumnReading(PLAIN)
    if array.dtype.kind == "M":
        return to_microseconds(array), ColumnReading(ISO)
    if array.dtype.kind == "m":  # durations become seconds
        return seconds_of_array(name, array), ColumnReading(PLAIN)
    if array.dtype.kind in "USOT":
        return _from_objects(name, array.tolist(), missing, notation)
    raise ColumnError(
        f"column {name!r} has values of type {array.dtype}, which are neither numbers, text, dates nor True/False; "
        "try converting the column first."
    )


def as_text(name: str, values: Sequence[Any], missing: Sequence[str] = MISSING_MARKERS) -> Array:
    """Return a text column from declared categories, even if they look like numbers.

    >>> as_text("class", [1, 2, None]).tolist()
    ['1', '2', None]
    """
    markers = set(missing)
    return _checked_text(name, [as_word(name, i, value, markers) for i, value in enumerate(values)])


def is_missing(column: Array) -> Array:
    """Return a mask of the missing values of a table's column.

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


def refuse_surrogates(what: str, words: Iterable[str]) -> None:
    """Raise a DataError if a text contains a lone surrogate, which files cannot store.

    >>> refuse_surrogates("the column name", ["mass"])
    """
    for word in words:
        if not word.isascii() and any("\ud800" <= letter <= "\udfff" for letter in word):
            raise ColumnError(
                f"{what} {word[:40]!a} contains a lone surrogate, half of a character, which no file can store; try "
                "reading the data in their original encoding."
            )


def _as_array(values: Sequence[Any] | Array) -> Array:
    if isinstance(values, np.ma.MaskedArray):
        if not np.ma.is_masked(values):
            return np.asarray(values.data)
        return _fill_missing(values)
    if isinstance(values, np.ndarray):
        return values
    return objects(list(values))


def _fill_missing(values: Any) -> Array:
    mask = np.ma.getmaskarray(values)
    if values.dtype.kind == "f":
        return np.where(mask, np.nan, values.data.astype(np.float64))
    if values.dtype.kind in "Mm":
        return np.where(mask, np.array("NaT", dtype=values.dtype), values.data)
    return objects([None if hidden else value for value, hidden in zip(values.data.tolist(), mask, strict=True)])


def _whole_numbers(array: Array, *, copy: bool) -> tuple[Array, ColumnReading]:
    """Return integers as floats if exact; long integers that repeat are ids and become text."""
    if array.itemsize < 8 or not ((array > EXACT) | (array < -EXACT)).any():
        return array.astype(np.float64) if copy else array, ColumnReading(PLAIN)
    return _long_numbers(array.tolist())


def _long_numbers(values: list[Any]) -> tuple[Array, ColumnReading]:
    """Return a column of numbers and None with some long integers."""
    values = [as_whole(value) for value in values]
    distinct = {value for value in values if value is not None}
    long = [value for value in distinct if isinstance(value, int) and is_rounded(value)]
    if long and are_levels(len(distinct), sum(value is not None for value in values)):
        return objects([None if value is None else str(value) for value in values]), ColumnReading(TEXT, KEPT)
    floats = np.asarray([np.nan if value is None else as_float(value) for value in values], dtype=np.float64)
    return floats, ColumnReading(PLAIN, ROUNDED, True) if long else ColumnReading(PLAIN)


def _from_objects(name: str, values: list[Any], missing: Sequence[str], notation: str) -> tuple[Array, ColumnReading]:
    kinds = set(map(type, values))
    markers = set(missing)
    if kinds == {str}:  # the fast path for files
        stripped = [value.strip() for value in values]
        return column_of_words(name, [None if word in markers else word for word in stripped], notation)
    values = [cleaned(name, i, value, markers) for i, value in enumerate(values)]
    if not any(isinstance(value, str) for value in values):
        return _from_python_values(name, values)
    if all(value is None or isinstance(value, str) or is_number(value) for value in values):
        return column_of_words(name, values, notation)
    return as_text(name, values, missing), ColumnReading(TEXT)


def _from_python_values(name: str, values: list[Any]) -> tuple[Array, ColumnReading]:
    """Return a column of values that are not text: all Boolean, all numbers, all dates, or mixed as text."""
    present = [value for value in values if value is not None]
    if all(isinstance(value, bool | np.bool_) for value in present) and present:
        return _booleans([None if value is None else bool(value) for value in values]), ColumnReading()
    if all(is_number(value) or isinstance(value, bool | np.bool_) for value in present):
        return _long_numbers(values)
    if all(isinstance(value, time | timedelta | np.timedelta64) for value in present):
        seconds = [np.nan if value is None else seconds_of(name, value) for value in values]
        return np.asarray(seconds, dtype=np.float64), ColumnReading(PLAIN)
    if all(isinstance(value, date | np.datetime64) for value in present):
        return as_moments(values), ColumnReading(ISO)
    return as_text(name, values, ()), ColumnReading(TEXT)


def column_of_words(
    name: str, words: list[Any], notation: str = "", n_values: int | None = None
) -> tuple[Array, ColumnReading]:
    """Return a column of mixed texts, numbers and None, and its reading.

    `n_values` is the number of values of the whole column, if these are its distinct ones.

    >>> column_of_words("mass", ["3,750", None])[0].tolist()
    [3750.0, nan]
    """
    distinct = {word for word in words if isinstance(word, str)}
    if not distinct:
        return np.full(len(words), np.nan), ColumnReading()
    has_numbers = any(word is not None and not isinstance(word, str) for word in words)
    if n_values is None:
        n_values = sum(word is not None for word in words)
    table, reading = meanings(distinct, notation, n_values)
    kind = type(next(iter(table.values())))
    if kind is float:
        return np.asarray([np.nan if word is None else as_float(word) for word in filled(words, table)]), reading
    if has_numbers:  # mixed with dates, True/False or text, they are text
        return as_text(name, words, ()), ColumnReading(TEXT)
    if kind is bool:
        return _booleans(filled(words, table)), reading
    if kind is np.datetime64:
        gap = np.datetime64("NaT", "us")
        moments = [gap if word is None else table[word] for word in words]
        return np.asarray(moments, dtype="datetime64[us]"), reading
    return _checked_text(name, words), reading


def _checked_text(name: str, words: list[str | None]) -> Array:
    refuse_surrogates(f"column {name!r}: the text", {word for word in words if word is not None})
    return objects(words)


def _booleans(values: list[bool | None]) -> Array:
    return objects(values) if None in values else np.asarray(values, dtype=bool)
