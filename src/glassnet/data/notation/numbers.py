"""Notations of numbers: thousands separators, decimal commas, currencies, percents, accounting parentheses.

One notation per column, detected from all of its values: a word that does not match a notation rules it out.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_LEAD = r"[1-9]\d{0,2}"
_INDIAN = r"[1-9]\d?(?:,\d\d)+,\d{3}"  # 12,34,567: lakh and crore
_POINT = r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_COMMA = r"(?:\d+(?:,\d*)?|,\d+)(?:[eE][+-]?\d+)?"
_DIGITS = re.compile(r"[.,]?[0-9](?:.*[0-9])?[.,]?", re.DOTALL)
LONGEST = 400
"""Longer words are text: the largest float has 309 digits."""

_SHAPES = {  # by thousands separator and decimal mark
    "1234.56": _POINT,
    "1,234.56": rf"(?:{_LEAD}(?:,\d{{3}})+|{_INDIAN})(?:\.\d*)?|{_POINT}",
    "1.234,56": rf"{_LEAD}(?:\.\d{{3}})+(?:,\d*)?|{_COMMA}",
    "1 234,56": rf"{_LEAD}(?: \d{{3}})+(?:,\d*)?|{_COMMA}",
    "1 234.56": rf"{_LEAD}(?: \d{{3}})+(?:\.\d*)?|{_POINT}",
    "1'234.56": rf"{_LEAD}(?:'\d{{3}})+(?:\.\d*)?|{_POINT}",
}
"""Each notation and its regular expression; the first one that matches every value is used."""

_PATTERNS = {example: re.compile(shape, re.ASCII) for example, shape in _SHAPES.items()}
_CODES = ("USD", "EUR", "GBP", "CHF", "JPY", "CNY", "INR", "CAD", "AUD", "NZD", "SEK", "NOK", "DKK", "PLN", "CZK",
          "BRL", "MXN", "KRW", "ZAR", "SGD", "HKD", "TRY", "HUF", "ILS")  # fmt: skip
_SHARES = {"%": 100.0, "‰": 1000.0}
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2212": "-", "\u2019": "'"})


@dataclass(frozen=True)
class NumberNotation:
    """The notation of one column's numbers.

    Parameters
    ----------
    example : str
        1234.56 in this notation: "1,234.56", "1.234,56", "1 234,56", "1'234.56" and so on.
    unit : str
        A currency symbol or code, "%", "‰", or empty.

    Examples
    --------
    >>> NumberNotation("1,234.56", "$").parse("-$1,000.50"), NumberNotation("1.234,56", "%").parse("12,5 %")
    (-1000.5, 0.125)
    """

    example: str
    unit: str = ""

    def parse(self, word: str) -> float | None:
        """Return the number of a word, or None if it does not match this notation."""
        taken = _take_apart(word)
        if taken is None or not self._has_unit(taken.unit) or not _PATTERNS[self.example].fullmatch(taken.digits):
            return None
        number = float(_plain(taken.digits, self.example)) / _SHARES.get(self.unit, 1.0)
        return -number if taken.is_negative else number

    @property
    def sample(self) -> str:
        """An example number with its unit, for messages, which must not contain values of the data."""
        if self.example == "1234.56" and not self.unit:  # then the column has accounting parentheses
            return "(1234.56)"
        return self.with_unit("12.5" if self.example == "1234.56" and self.unit in _SHARES else self.example)

    def with_unit(self, digits: str) -> str:
        """Return digits with the column's unit in its usual place.

        >>> NumberNotation("1,234.56", "$").with_unit("5"), NumberNotation("1234.56", "%").with_unit("5")
        ('$5', '5%')
        """
        if self.unit in _SHARES:
            return digits + self.unit
        return f"{digits} {self.unit}" if len(self.unit) > 1 else self.unit + digits

    def _has_unit(self, unit: str) -> bool:
        """Return whether a word has the column's unit; a currency may be missing, as it often is for zero."""
        return unit == self.unit or (not unit and self.unit not in _SHARES)

    def __str__(self) -> str:
        return f"{self.example} [{self.unit}]" if self.unit else self.example

    @classmethod
    def from_text(cls, text: str) -> "NumberNotation | None":
        """Return the notation from its `str` form, or None.

        >>> NumberNotation.from_text("1,234.56 [$]")
        NumberNotation(example='1,234.56', unit='$')
        """
        example, _, unit = text.partition(" [")
        unit = unit.removesuffix("]")
        is_known = example in _SHAPES and len(unit) <= 4 and (not unit or is_unit(unit))
        return cls(example, unit) if is_known else None


@dataclass(frozen=True)
class _Parts:
    is_negative: bool
    digits: str
    unit: str


def number_notations(words: Iterable[str]) -> tuple[NumberNotation, ...]:
    """Return the notations that match every word, the preferred one first; none if one word is not a number.

    A comma before exactly three digits can mean thousands or decimals. If every value is like that, both are returned,
    thousands first. Numbers below a thousand without a comma imply thousands, since decimals would also appear there.

    Examples
    --------
    >>> [str(notation) for notation in number_notations(["$1,000.50", "$2"])]
    ['1,234.56 [$]']
    >>> [str(notation) for notation in number_notations(["1,234", "5,678"])]
    ['1,234.56', '1.234,56']
    >>> [str(notation) for notation in number_notations(["1,234", "987"])]
    ['1,234.56']
    """
    parts = []
    units: set[str] = set()
    for word in words:
        taken = _take_apart(word)
        if taken is None:
            return ()
        parts.append(taken.digits)
        units.add(taken.unit)
        if len(units - {""}) > 1:
            return ()
    unit = max(units, default="")
    if unit in _SHARES and "" in units:  # 12% next to 0.12: the bare number is ambiguous
        return ()
    fitting = [example for example, pattern in _PATTERNS.items() if all(map(pattern.fullmatch, parts))]
    different = _different(fitting, parts)
    if different[:2] == ["1,234.56", "1.234,56"]:
        different = _settled(different, parts)
    return tuple(NumberNotation(example, unit) for example in different)


def _settled(both: list[str], parts: list[str]) -> list[str]:
    """Return only thousands if small numbers have no comma; decimals first if large numbers have none."""
    bare = [digits for digits in parts if "," not in digits and digits.strip("0")]
    if any(len(digits) > 3 for digits in bare):
        return both[1::-1]
    return both[:1] if bare else both


def _different(fitting: list[str], parts: list[str]) -> list[str]:
    """Return the matching notations that differ from the earlier ones in the value of some word."""
    kept: list[str] = []
    readings: list[list[str]] = []
    for example in fitting:
        reading = [_plain(digits, example) for digits in parts]
        if reading not in readings:
            kept.append(example)
            readings.append(reading)
    return kept


def is_unit(text: str) -> bool:
    """Return whether a text is a currency or a percent sign.

    >>> is_unit("$"), is_unit("EUR"), is_unit("US$"), is_unit("km")
    (True, True, True, False)
    """
    if text in _SHARES or text in _CODES or text in ("kr", "Fr", "Fr.", "zł"):
        return True
    country, symbol = text[:-1], text[-1:]
    return unicodedata.category(symbol) == "Sc" and country.isascii() and (not country or country.isalpha())


def _take_apart(word: str) -> _Parts | None:
    """Return the sign, the digits and the unit of a word; None if it has other characters."""
    if len(word) > LONGEST:
        return None
    word = word.translate(_SPACES).strip()
    is_negative = False
    if word.startswith("(") and word.endswith(")"):
        word, is_negative = word[1:-1].strip(), True
    word, has_minus = _without_sign(word)
    found = _DIGITS.search(word)
    if found is None:
        return None
    before, digits, after = word[: found.start()].strip(), found.group(), word[found.end() :].strip()
    if before.endswith(("-", "+")):  # $-5
        before, is_signed = before[:-1].strip(), before.endswith("-")
        if has_minus is not None:
            return None
        has_minus = is_signed
    if (before and after) or (has_minus is not None and is_negative):
        return None
    unit = before or after
    if unit and not is_unit(unit):
        return None
    return _Parts(is_negative or bool(has_minus), digits, unit)


def _without_sign(word: str) -> tuple[str, bool | None]:
    """Return a word without its sign, and whether the sign is a minus; None without a sign."""
    if word[:1] in ("-", "+"):
        return word[1:].strip(), word[0] == "-"
    return word, None


def _plain(digits: str, example: str) -> str:
    """Return digits in Python's notation."""
    thousands, decimal = example[1], example[-3]
    if thousands != "2":
        digits = digits.replace(thousands, "")
    return digits.replace(decimal, ".")
