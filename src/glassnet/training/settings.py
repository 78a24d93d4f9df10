"""Validation of settings."""

from numbers import Real
from typing import Any

import numpy as np

from glassnet.errors import ParameterError


def positive_whole(name: str, value: Any) -> int:
    """Return `value` as a whole number from 1 upwards, or raise a ParameterError."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or value < 1:
        raise ParameterError(f"{name}={value!r} must be a whole number from 1 upwards.")
    return int(value)


def is_number(value: Any) -> bool:
    """Return whether a value is a finite real number, and not a Boolean."""
    return not isinstance(value, bool) and isinstance(value, Real) and abs(float(value)) < float("inf")


def _from_zero(name: str, value: Any) -> float:
    return 0.0 if value == 0 else _positive(name, value)


def _positive(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or not 0 < value < float("inf"):
        raise ParameterError(f"{name}={value!r} must be a positive number.")
    return float(value)
