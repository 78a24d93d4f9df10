"""Number formatting: six significant digits, signs between terms, columns aligned at the decimal point."""

import re
from collections.abc import Iterable
from math import floor, log10

DIGITS = 6
"""Significant digits in text; the last one printed is correct to half a unit."""


def number(value: float) -> str:
    """Return a number in six significant digits.

    >>> number(0.7711201284), number(1.0), number(-0.0)
    ('0.77112', '1', '0')
    """
    text = f"{value:.{DIGITS}g}"
    return "0" if text == "-0" else text


def probability(value: float) -> str:
    """Return a probability in a sentence, where a tiny one is no power of ten.

    >>> probability(0.7711201284), probability(0.0000148572), probability(0.0)
    ('0.77112', 'less than 0.0001', '0')
    """
    return "less than 0.0001" if 0 < value < 0.0001 else number(value)


def minuend(value: float, difference: float) -> str:
    """Return a number with enough digits for a difference: 0.99999998 - 1, not 1 - 1.

    >>> minuend(0.9999999792, -2.08e-8), minuend(0.77112, 0.77112)
    ('0.9999999792', '0.77112')
    """
    if difference == 0 or abs(difference) >= 1e-3 * abs(value):
        return number(value)
    decimals = min(15, DIGITS - 1 - floor(log10(abs(difference))))
    return f"{value:.{decimals}f}".rstrip("0")


def factor(value: float) -> str:
    """Return a number as a factor, in parentheses if it is negative.

    >>> factor(0.5), factor(-0.5)
    ('0.5', '(-0.5)')
    """
    text = number(value)
    return f"({text})" if text.startswith("-") else text


def joined(text: str, *, first: bool) -> str:
    """Return a term with its sign, as part of a sum.

    >>> joined("0.5·1", first=False), joined("-0.5·1", first=False), joined("-0.5·1", first=True)
    ('+ 0.5·1', '- 0.5·1', '-0.5·1')
    """
    if first:
        return text
    return f"- {text[1:]}" if text.startswith("-") else f"+ {text}"


def aligned(values: Iterable[float], *, parentheses: bool = False) -> list[str]:
    """Return numbers as a column of equal width, aligned at the decimal points.

    >>> aligned([1, -20.25, 0.5])
    ['  1   ', '-20.25', '  0.5 ']
    """
    texts = [factor(value) if parentheses else number(value) for value in values]
    points = [_point(text) for text in texts]
    left = max(points, default=0)
    padded = [" " * (left - point) + text for text, point in zip(texts, points, strict=True)]
    width = max(map(len, padded), default=0)
    return [text.ljust(width) for text in padded]


def _point(text: str) -> int:
    """Return the end of the integer part of a number."""
    found = re.search(r"[.e)]", text)
    return found.start() if found else len(text)
