"""Numbers, and values of the user's table, in words; messages in the words of the page."""

from math import inf, isfinite
from typing import Any

from glassnet.data.typed_values import plain
from glassnet.escaping import placeholders
from glassnet.explanation.words import numbers
from glassnet.wording import Vocabulary

PAGE = Vocabulary(
    {"clip": None},
    phrases={"If they are a quantity, use task='regression'.": "If they are a quantity, choose so below."},
)
"""Messages of lower floors on the page, which has other parameters."""


def number(value: float) -> str:
    """Return a number as the page writes it: in six significant digits, with the minus of typesetters.

    >>> number(0.7711201284), number(-0.0000148572), number(2.5e12), number(float("-inf"))
    ('0.77112', '−1.48572e−5', '2.5e12', '−∞')
    """
    if not isfinite(value):
        return {inf: "∞", -inf: "−∞"}.get(value, "NaN")
    mantissa, _, exponent = numbers.number(value).partition("e")
    return (f"{mantissa}e{int(exponent)}" if exponent else mantissa).replace("-", "−")


def in_words(value: Any) -> str:
    """Return a value of a table for a reader, who may type it again: with a minus that can be read.

    >>> in_words(-2.50), in_words(None), in_words("Adelie"), in_words([1.0, 2.5])
    ('-2.5', 'missing', 'Adelie', '1, 2.5')
    """
    value = plain(value)
    if isinstance(value, list | tuple):
        return ", ".join(map(in_words, value))
    if value is None or value != value:
        return "missing"
    return numbers.number(value) if isinstance(value, float) else placeholders(str(value))


def percent(share: float) -> str:
    """Return a share in percent; only everything is 100%, and only nothing 0%.

    >>> percent(0.5), percent(0.9999), percent(1.0), percent(0.0001)
    ('50%', '99.9%', '100%', '0.1%')
    """
    if 0 < share < 0.01 or 0.99 < share < 1:
        return f"{min(max(100 * share, 0.1), 99.9):.1f}%"
    return f"{100 * share:.0f}%"
