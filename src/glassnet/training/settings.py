"""Validation of settings."""

from math import isfinite
from numbers import Real
from typing import Any

from glassnet.errors import ParameterError


def positive_whole(name: str, value: Any) -> int:
    """Return `value` as a whole number from 1 upwards, or raise a ParameterError."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or value < 1:
        raise ParameterError(f"{name}={value!r} must be a whole number from 1 upwards.")
    return int(value)


def is_number(value: Any) -> bool:
    """Return whether a value is a finite real number, and not a Boolean."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    try:
        return isfinite(value)
    except OverflowError:  # a whole number beyond the largest float
        return False


def from_zero(name: str, value: Any) -> float:
    """Return `value` as a number from 0 upwards, or raise a ParameterError."""
    if not is_number(value) or value < 0:
        raise ParameterError(f"{name}={value!r} must be a number from 0 upwards.")
    return float(value)


def positive(name: str, value: Any) -> float:
    """Return `value` as a positive number, or raise a ParameterError."""
    if not is_number(value) or value <= 0:
        raise ParameterError(f"{name}={value!r} must be a positive number.")
    return float(value)
