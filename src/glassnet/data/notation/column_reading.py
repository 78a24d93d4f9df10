"""Parses a text column as numbers, dates, times of day or True/False, or leaves it as text.

The notation is detected once from all values of the column and stored in the schema. New data are read with it, even if
a small batch looks different.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.data.notation import dates as date_notation
from glassnet.data.notation import numbers as number_notation
from glassnet.data.notation.numbers import NumberNotation
from glassnet.typing import Array

PLAIN = "1234.56"
"""Numbers in Python's notation; also for columns that are already numeric."""

ISO = "2020-12-31"
"""Dates in ISO 8601; also for columns that are already dates."""

TIME = "12:30:45"
"""Times of day, converted to seconds since midnight."""

TEXT = "text"
"""Text that is not parsed, even if it looks like numbers or dates."""

EXACT = 2**53
"""The largest range in which floats represent every whole number."""

_BOOLEANS = {"true": True, "false": False}
_TIME_OF_DAY = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(\.\d{1,6})?)?", re.ASCII)
_GROUPED_BY_POINTS = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+", re.ASCII)
_LONG_WHOLE = re.compile(r"[+-]?\d{16,400}", re.ASCII)


@dataclass(frozen=True)
class ColumnReading:
    """The detected notation of a column.

    Parameters
    ----------
    notation : str
        1234.56 or 2020-12-31 in the column's notation, such as "1,234.56 [$]" or "31.12.2020"; "text" for text; ""
        if unknown.
    notice : str
        A message for the user, with ``{name}`` for the column's name; may be empty.
    is_doubtful : bool
        Whether the values are ambiguous, so that the user should check them.
    """

    notation: str = ""
    notice: str = ""
    is_doubtful: bool = False


def is_notation(text: str) -> bool:
    """Return whether a text names a known notation.

    >>> is_notation("1,234.56 [$]"), is_notation("31.12.2020"), is_notation(""), is_notation("roman")
    (True, True, True, False)
    """
    known = ("", TEXT, TIME)
    return text in known or date_notation.is_date_notation(text) or NumberNotation.from_text(text) is not None


def meanings(words: set[str], notation: str = "", n_values: int = 0) -> tuple[dict[str, Any], ColumnReading]:
    """Return the value of each of a column's words, and the detected notation.

    Parameters
    ----------
    words : set of str
        The distinct texts, stripped and without missing markers.
    notation : str
        The notation to use; "" detects it. If one word does not fit, all stay text.
    n_values : int
        Number of values of the column, to distinguish levels from numbers.

    Returns
    -------
    table : dict
        A float, np.datetime64, bool or, for text, the word itself.
    reading : ColumnReading

    Examples
    --------
    >>> meanings({"12%", "7.5%"})[1].notation
    '1234.56 [%]'
    >>> meanings({"31.12.2020"})[0]
    {'31.12.2020': np.datetime64('2020-12-31T00:00:00.000000')}
    >>> meanings({"1,234"}, "1.234,56")[0]
    {'1,234': 1.234}
    """
    if notation:
        table = _by(notation, words)
        return (_as_text(words), ColumnReading(TEXT)) if table is None else (table, ColumnReading(notation))
    plain = _plain_numbers(words, n_values)
    if plain is not None:
        return plain
    for find in (_booleans, _dates, _numbers, _times):
        found = find(words)
        if found is not None:
            return found
    return _as_text(words), ColumnReading(TEXT)


def is_rounded(number: int) -> bool:
    """Return whether a float rounds a whole number; numbers too large for a float do not count.

    >>> is_rounded(2**53), is_rounded(2**53 + 1), is_rounded(10**400)
    (False, True, False)
    """
    try:
        return abs(number) > EXACT and int(float(number)) != number
    except OverflowError:
        return False


def is_long_whole(word: str) -> bool:
    """Return whether a word is a whole number that a float rounds.

    >>> is_long_whole("9007199254740993"), is_long_whole("1.5")
    (True, False)
    """
    return len(word) > 15 and _LONG_WHOLE.fullmatch(word) is not None and is_rounded(int(word))


def are_levels(n_distinct: int, n_values: int) -> bool:
    """Return whether long whole numbers repeat, so that they are exact labels of categories."""
    return 2 * n_distinct <= n_values


ROUNDED = (
    "column {name} has whole numbers beyond 2**53 (9007199254740992), which are rounded to the nearest float. "
    "If they are ids, convert them to text."
)
KEPT = "column {name} has whole numbers beyond 2**53, which floats round, and they repeat, so they are categories."
"""Notices contain no values of the data, since they are stored in model files."""


def _by(notation: str, words: set[str]) -> dict[str, Any] | None:
    if notation == TEXT:
        return _as_text(words)
    if notation == PLAIN:
        return _floats(words) or _parse_all(words, _number)
    if notation == TIME:
        return _parse_all(words, _seconds)
    if date_notation.is_date_notation(notation):
        return _parse_all(words, lambda word: date_notation.parse_date(word, notation))
    numbers = NumberNotation.from_text(notation)
    return None if numbers is None else _parse_all(words, numbers.parse)


def _as_text(words: set[str]) -> dict[str, Any]:
    return {word: word for word in words}


def _parse_all(words: set[str], parse: Any) -> dict[str, Any] | None:
    """Return the value of each word, or None if any word does not parse."""
    table = {}
    for word in words:
        table[word] = parse(word)
        if table[word] is None:
            return None
    return table


def _number(word: str) -> float | None:
    """Return a word in Python's notation or with accounting parentheses as a float, whatever the other words are."""
    numbers = plain_numbers([word])
    return NumberNotation(PLAIN).parse(word) if numbers is None else numbers[0]


def _floats(words: set[str]) -> dict[str, Any] | None:
    numbers = plain_numbers(words)
    return None if numbers is None else dict(zip(words, numbers, strict=True))


def plain_numbers(words: Collection[str]) -> list[float] | None:
    """Return the words as floats, or None if one is not a number; 1_000 and non-ASCII digits are not.

    >>> plain_numbers(["1.5", "2"]), plain_numbers(["1_000"])
    ([1.5, 2.0], None)
    """
    letters = "".join(words)
    if "_" in letters or not letters.isascii():
        return None
    try:
        return list(map(float, words))
    except ValueError:
        return None


def _plain_numbers(words: set[str], n_values: int) -> tuple[dict[str, Any], ColumnReading] | None:
    table = _floats(words)
    if table is None:
        return None
    long = any(map(is_long_whole, words))
    if long and are_levels(len(words), n_values):
        return _as_text(words), ColumnReading(TEXT, KEPT)
    if long:
        return table, ColumnReading(PLAIN, ROUNDED, True)
    if all(map(_GROUPED_BY_POINTS.fullmatch, words)):
        return table, _doubtful_number(NumberNotation(PLAIN), NumberNotation("1.234,56"), "1.234")
    return table, ColumnReading(PLAIN)


def _booleans(words: set[str]) -> tuple[dict[str, Any], ColumnReading] | None:
    table = _parse_all(words, lambda word: _BOOLEANS.get(word.lower()))
    return None if table is None else (table, ColumnReading())


def _times(words: set[str]) -> tuple[dict[str, Any], ColumnReading] | None:
    table = _parse_all(words, _seconds)
    if table is None:
        return None
    return table, ColumnReading(
        TIME, f"{_said('times of day', '12:30')} {_seconds('12:30'):.6g} seconds after midnight."
    )


def _seconds(word: str) -> float | None:
    found = _TIME_OF_DAY.fullmatch(word)
    if found is None:
        return None
    hour, minute, second, fraction = found.groups(default="0")
    return int(hour) * 3600.0 + int(minute) * 60.0 + int(second) + float(fraction)


def _numbers(words: set[str]) -> tuple[dict[str, Any], ColumnReading] | None:
    fitting = number_notation.number_notations(words)
    if not fitting:
        return None
    first = fitting[0]
    table = {word: first.parse(word) for word in words}
    if len(fitting) > 1:
        return table, _doubtful_number(first, fitting[1], "1,234")
    return table, ColumnReading(str(first), f"{_said('numbers', first.sample)} {first.parse(first.sample):.10g}.")


def _doubtful_number(taken: NumberNotation, other: NumberNotation, sample: str) -> ColumnReading:
    sample = taken.with_unit(sample)
    notice = (
        f"{_said('numbers', sample)} {taken.parse(sample):.10g}, but could also mean {other.parse(sample):.10g}: the "
        f"values do not decide. If this is wrong, convert the column to numbers first."
    )
    return ColumnReading(str(taken), notice, True)


def _dates(words: set[str]) -> tuple[dict[str, Any], ColumnReading] | None:
    fitting = date_notation.date_notations(words)
    if not fitting:
        return None
    first = fitting[0]
    table: dict[str, Any] = {word: date_notation.parse_date(word, first) for word in words}
    if first == ISO:
        return table, ColumnReading(ISO)
    if len(fitting) == 1:
        return table, ColumnReading(first, f"{_said('dates', first)} {_day(date_notation.parse_date(first, first))}.")
    sample = first.replace("31", "02").replace("12", "01", 1) if first.startswith("12") else first.replace("31", "01")
    notice = (
        f"{_said('dates', sample)} {_day(date_notation.parse_date(sample, first))}, {date_notation.MEANINGS[first]}, "
        f"but could also mean {_day(date_notation.parse_date(sample, fitting[1]))}: the values do not decide. If this "
        f"is wrong, convert the column to dates first."
    )
    return table, ColumnReading(first, notice, True)


def _day(moment: Any) -> str:
    return str(np.datetime64(moment, "D"))


def _said(what: str, sample: str) -> str:
    return f"column {{name}} is text that was read as {what}: {sample!r} is"


def filled(words: list[Any], table: dict[str, Any]) -> list[Any]:
    """Return a column with its words replaced by their values; None and non-text values are unchanged."""
    return [table[word] if isinstance(word, str) else word for word in words]


def objects(values: list[Any]) -> Array:
    """Return a list as a one-dimensional array of objects, even if the elements are sequences."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array
