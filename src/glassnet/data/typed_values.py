"""Levels and class labels as strict JSON that distinguishes 1, 1.0, True and "1"."""

import math
from typing import Any

import numpy as np

from glassnet.errors import DataError


def plain(value: Any) -> Any:
    """Return a NumPy scalar as a Python value, anything else unchanged.

    >>> plain(np.int64(3)), plain("a")
    (3, 'a')
    """
    return value.item() if isinstance(value, np.generic) else value


def to_json(value: Any) -> list[Any]:
    """Return `value` as ``[type, content]`` of strict JSON.

    Examples
    --------
    >>> [to_json(v) for v in (1, 1.0, True, "1", None)]
    [['int', '1'], ['float', 1.0], ['bool', True], ['str', '1'], ['none', None]]
    """
    value = plain(value)
    if value is None:
        return ["none", None]
    if isinstance(value, bool):
        return ["bool", value]
    if isinstance(value, int):
        return ["int", str(value)]  # many JSON readers keep only 53 bits of a number
    if isinstance(value, float):
        return ["float", value if math.isfinite(value) else repr(value)]
    if isinstance(value, str):
        return ["str", str(value)]
    raise DataError(
        f"{value!r} is a {type(value).__name__}, but labels and levels are text, numbers or True/False; "
        "try turning them into text first."
    )


def sort_key(value: Any) -> tuple[str, Any]:
    """Return a sort key that groups values by type.

    >>> sorted(["b", 2, "a", 10], key=sort_key)
    [2, 10, 'a', 'b']
    """
    value = plain(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return ("number" if is_number else type(value).__name__, value)
