"""Class labels from a file as an array of the user's type."""

from typing import Any

import numpy as np

from glassnet.data.records import Label, value_of
from glassnet.errors import ModelFileError
from glassnet.typing import Array

MOST_CHARACTERS = 1 << 26
"""NumPy stores every text with the width of the longest: one long label among many could take gigabytes."""

_TYPES = {"U": str, "b": bool, "i": int, "u": int, "f": float}


def labels_of_type(labels: list[Label], dtype: str) -> Array:
    """Return class labels as an array of the type named in a file; text has the width of the longest label.

    Raises
    ------
    ModelFileError
        If they are not of that type.

    Examples
    --------
    >>> from glassnet.data.records import TextLabel
    >>> labels_of_type([TextLabel("no"), TextLabel("yes")], "<U500000000").dtype.str[1:]
    'U3'
    """
    values = [value_of(label) for label in labels]
    kind = dtype.strip("<>|=")[0]
    if kind in _TYPES and not all(type(value) is _TYPES[kind] for value in values):
        raise _misfit(values, dtype)
    if kind == "U":
        width = max(map(len, values))
        if width * len(values) > MOST_CHARACTERS:
            raise ModelFileError(
                f"the file has {len(values):,} classes of up to {width:,} characters, which exceeds the "
                f"limit; use a copy of the file."
            )
        dtype = f"<U{max(width, 1)}"
    try:
        with np.errstate(over="ignore"):
            array = array_of(values, np.dtype(dtype))
    except OverflowError:
        raise _misfit(values, dtype) from None
    if array.tolist() != values:  # rounded numbers, or text that ends with NUL
        raise _misfit(values, dtype)
    return array


def _misfit(values: list[Any], dtype: str) -> ModelFileError:
    some = ", ".join(repr(value)[:40] for value in values[:3])
    return ModelFileError(f"the file's classes {some} are not of the type {dtype!r} that it names; use a copy of it.")


def array_of(values: list[Any], dtype: Any) -> Array:
    """Return the unchanged values as an array of shape (n_values,).

    >>> array_of([1, "1"], object).tolist()
    [1, '1']
    """
    array = np.empty(len(values), dtype=dtype)
    array[:] = values
    return array
