"""Notations of dates: ISO 8601 with times and zones, 31.12.2020, 12/31/2020, 31 Dec 2020.

One notation per column, detected from all of its values.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FULL_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
                "november", "december")  # fmt: skip
_TIME = (
    r"(?:(?:[T ]|, ?)(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?"
    r" ?(?P<half>[AaPp]\.?[Mm]\.?)?)?"
    r" ?(?P<zone>Z|UTC|[+-]\d\d:?(?:\d\d)?)?"
)
_TIMES = ("hour", "minute", "second", "fraction", "half", "zone")
_DAY, _MONTH, _YEAR = r"(?P<day>\d{1,2})", r"(?P<month>\d{1,2})", r"(?P<year>\d{4})"
_WORD = r"(?P<name>[A-Za-z]{3,9})\.?"

_SHAPES = {
    "2020-12-31": r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)",
    "2020/12/31": rf"{_YEAR}(?P<mark>[/.]){_MONTH}(?P=mark){_DAY}",
    "31.12.2020": rf"{_DAY}\.{_MONTH}\.{_YEAR}",
    "12/31/2020": rf"{_MONTH}/{_DAY}/{_YEAR}",
    "31/12/2020": rf"{_DAY}/{_MONTH}/{_YEAR}",
    "31-12-2020": rf"{_DAY}-{_MONTH}-{_YEAR}",
    "12-31-2020": rf"{_MONTH}-{_DAY}-{_YEAR}",
    "12/31/20": rf"{_MONTH}/{_DAY}/(?P<short>\d\d)",
    "31/12/20": rf"{_DAY}/{_MONTH}/(?P<short>\d\d)",
    "31 Dec 2020": rf"{_DAY}[ -]{_WORD}[ -]{_YEAR}",
    "Dec 31 2020": rf"{_WORD} {_DAY},? {_YEAR}",
    "2020-12": r"(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])",
}
"""Each notation and its regular expression; the first one that matches every value is used."""

_PATTERNS = {
    example: re.compile(shape + (_TIME if "day" in shape else ""), re.ASCII) for example, shape in _SHAPES.items()
}

MEANINGS = {
    "12/31/2020": "the month first", "12/31/20": "the month first", "12-31-2020": "the month first",
    "31/12/2020": "the day first", "31/12/20": "the day first", "31-12-2020": "the day first",
}  # fmt: skip


def date_notations(words: Iterable[str]) -> tuple[str, ...]:
    """Return the notations that match every word, the preferred one first; none if one word is not a date.

    If day and month are ambiguous in all values, both orders are returned: month first preferred for 01/02/2020, as in
    pandas; day first for 01-02-2020. With points, the day always comes first.

    Examples
    --------
    >>> date_notations(["31.12.2020", "01.02.2020"])
    ('31.12.2020',)
    >>> date_notations(["01/02/2020", "03/04/2020"]), date_notations(["01/02/2020", "31/01/2020"])
    (('12/31/2020', '31/12/2020'), ('31/12/2020',))
    """
    listed = list(words)
    fitting: list[str] = []
    readings: list[list[np.datetime64]] = []
    for example in _SHAPES:
        moments = _read_all(listed, example)
        if moments is not None and moments not in readings:
            fitting.append(example)
            readings.append(moments)
    return tuple(fitting)


def is_date_notation(text: str) -> bool:
    """Return whether a text names a notation of dates.

    >>> is_date_notation("31.12.2020"), is_date_notation("31.12.20")
    (True, False)
    """
    return text in _SHAPES


def _read_all(words: list[str], example: str) -> list[np.datetime64] | None:
    if example == "2020-12" and all(map(_is_season, words)):
        return None  # seasons: 2009-10, 2010-11
    moments = []
    for word in words:
        moment = parse_date(word, example)
        if moment is None:
            return None
        moments.append(moment)
    return moments


def parse_date(word: str, example: str) -> np.datetime64 | None:
    """Return the date and time of a word, in UTC if it has a zone; None if it does not match this notation.

    >>> parse_date("31.12.2020 18:30", "31.12.2020")
    np.datetime64('2020-12-31T18:30:00.000000')
    >>> parse_date("30.02.2020", "31.12.2020") is None
    True
    """
    found = _PATTERNS[example].fullmatch(word)
    if found is None:
        return None
    parts: dict[str, Any] = {"day": "1", **dict.fromkeys(_TIMES), **found.groupdict()}
    month = int(parts["month"]) if parts.get("month") else _month_of(parts["name"])
    year = int(parts["year"]) if parts.get("year") else _century(int(parts["short"]))
    hour = _hour(parts)
    fraction = int((parts["fraction"] or "0").ljust(6, "0")[:6])
    try:
        moment = datetime(
            year, month, int(parts["day"]), hour, int(parts["minute"] or 0), int(parts["second"] or 0), fraction
        )
        return np.datetime64(_in_utc(moment, parts["zone"]), "us")
    except (ValueError, OverflowError):  # such as February 30, or a time that falls into the year 0 in UTC
        return None


def _month_of(name: str) -> int:
    lower = name.lower()
    if lower in _FULL_MONTHS:
        return _FULL_MONTHS.index(lower) + 1
    short = lower[:3] if len(lower) == 3 or lower == "sept" else ""
    return _MONTHS.index(short) + 1 if short in _MONTHS else 0  # no month has the number 0


def _century(year: int) -> int:
    return year + (2000 if year < 69 else 1900)  # as POSIX does


def _hour(parts: dict[str, Any]) -> int:
    hour, half = int(parts["hour"] or 0), parts["half"]
    if not half:
        return hour
    if not 1 <= hour <= 12:
        return -1  # no such hour
    return hour % 12 + (12 if half.lower().startswith("p") else 0)


def _in_utc(moment: datetime, zone: str | None) -> datetime:
    if not zone or zone in ("Z", "UTC"):
        return moment
    minutes = int(zone[1:3]) * 60 + int(zone[3:].removeprefix(":") or 0)
    offset = timedelta(minutes=-minutes if zone[0] == "-" else minutes)
    return moment.replace(tzinfo=timezone(offset)).astimezone(UTC).replace(tzinfo=None)


def _is_season(word: str) -> bool:
    """Return whether a word is a pair of consecutive years, such as 2009-10."""
    return bool(re.fullmatch(r"\d{4}-\d\d", word, re.ASCII)) and (int(word[2:4]) + 1) % 100 == int(word[5:])
