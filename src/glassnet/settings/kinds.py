"""What the value of a setting may be: a check, and the message about an invalid value."""

from collections.abc import Callable, Sequence
from math import isfinite
from numbers import Integral, Real
from typing import Any, NamedTuple, Protocol

import numpy as np

from glassnet.errors import ParameterError
from glassnet.escaping import shown

LARGEST = 2**53
"""The largest whole number: above it, floats and JSON have gaps."""


class Kind(Protocol):
    """What a setting may be."""

    @property
    def words(self) -> str:
        """The type in a docstring, such as "float"."""

    def check(self, name: str, value: Any) -> Any:
        """Return the value in its usual type; an invalid one raises a ParameterError that begins with `name`."""


class Check(NamedTuple):
    """A kind whose message follows the name and the value.

    Attributes
    ----------
    words : str
    allows : callable
        ``allows(value)`` is whether the value is valid.
    expected : str
        How the message continues after ``name=value``, without a full stop.
    convert : callable
        From a valid value to its usual type; by default it stays as it is.

    Examples
    --------
    >>> FROM_ZERO.usually("1e-4 is usual").check("tol", -1)
    Traceback (most recent call last):
    ...
    glassnet.errors.ParameterError: tol=-1 must be a number from 0 upwards; 1e-4 is usual.
    """

    words: str
    allows: Callable[[Any], bool]
    expected: str
    convert: Callable[[Any], Any] = lambda value: value

    def check(self, name: str, value: Any) -> Any:
        """Return the value in its usual type, or raise a ParameterError."""
        if not self.allows(value):
            raise ParameterError(f"{name}={shown(value)} {self.expected}.")
        return self.convert(value)

    def saying(self, expected: str) -> "Check":
        """Return the same kind with another message."""
        return self._replace(expected=expected)

    def usually(self, advice: str) -> "Check":
        """Return the same kind with a piece of advice at the end of its message."""
        return self.saying(f"{self.expected}; {advice}")


class Own(NamedTuple):
    """A kind with a check, and messages, of its own.

    Attributes
    ----------
    words : str
    read : callable
        ``read(name, value)`` returns the value, or raises a ParameterError.
    """

    words: str
    read: Callable[[str, Any], Any]

    def check(self, name: str, value: Any) -> Any:
        """Return the value in its usual type, or raise a ParameterError."""
        return self.read(name, value)


class Optional(NamedTuple):
    """A kind, or None."""

    kind: Kind

    @property
    def words(self) -> str:
        """The type in a docstring."""
        return self.kind.words

    def check(self, name: str, value: Any) -> Any:
        """Return None, or what the kind makes of the value."""
        return None if value is None else self.kind.check(name, value)


def is_whole(value: Any) -> bool:
    """Return whether a value is a whole number, and not a Boolean."""
    return isinstance(value, (int, Integral)) and not isinstance(value, bool)  # int first: an ABC takes some time


def is_number(value: Any) -> bool:
    """Return whether a value is a finite real number, and not a Boolean."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Real)):
        return False
    try:
        return isfinite(value)
    except OverflowError:  # a whole number beyond the largest float
        return False


def is_fraction(value: Any) -> bool:
    """Return whether a value is a number from 0 up to, but not including, 1."""
    return is_number(value) and 0 <= value < 1


def is_flag(value: Any) -> bool:
    """Return whether a value is True or False, or one of the numbers 1 and 0."""
    return isinstance(value, bool | np.bool_) or (is_whole(value) and value in (0, 1))


def one_of(names: Sequence[str], also: str = "", *, words: str = "") -> Check:
    """Return the kind of a name in a list; `also` continues the list in the message."""
    expected = f"is not known. Choose from: {', '.join(names)}{also}"
    listed = ", ".join(f'"{name}"' for name in names)
    return Check(words or f"{{{listed}}}", lambda value: isinstance(value, str) and value in names, expected, str)


def whole(least: int, advice: str = "", most: int = LARGEST) -> Own:
    """Return the kind of a whole number from `least` to `most`."""

    def read(name: str, value: Any) -> int:
        if not is_whole(value) or value < least:
            end = f"; {advice}" if advice else ""
            raise ParameterError(f"{name}={shown(value)} must be a whole number from {least} upwards{end}.")
        if value > most:
            raise ParameterError(f"{name}={shown(value)} is too large; the largest number possible is {most}.")
        return int(value)

    return Own("int", read)


FLAG = Check("bool", is_flag, "must be True or False", bool)
OPEN_FLAG = Check("bool", is_flag, "must be True, False or 'auto'", bool)
WHOLE = whole(1)
COUNT = whole(0, "0 stores none")
FROM_ZERO = Check("float", lambda value: is_number(value) and value >= 0, "must be a number from 0 upwards", float)
POSITIVE = Check("float", lambda value: is_number(value) and value > 0, "must be a positive number", float)
FRACTION = Check("float", is_fraction, "must lie in [0, 1)", float)
SHARE = Check(
    "float", lambda value: is_number(value) and 0 < value < 1, "must lie between 0 and 1; 0.1 is usual", float
)
