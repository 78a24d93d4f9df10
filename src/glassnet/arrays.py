"""Finds the array library of a value; NumPy is the default. Floor 0: imports nothing of the project.

`core` computes with the arrays it is given (NumPy, JAX, any library of the Array API standard) and imports no array
library. Only this module turns lists and numbers into NumPy arrays.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from glassnet.typing import Array


def namespace(*arrays: Any) -> Any:
    """Return the array library (`xp`) of the first array among the arguments, else NumPy."""
    for array in arrays:
        if type(array) is np.ndarray:  # in half the time
            return np
        if hasattr(array, "__array_namespace__"):
            return array.__array_namespace__()
    return np


def quietly(xp: Any) -> AbstractContextManager[Any]:
    """Return a context that suppresses NumPy's warnings about overflow and invalid values."""
    return np.errstate(all="ignore") if xp is np else nullcontext()


def as_floats(value: Any, dtype: Any = None) -> Array:
    """Return `value` as an array of floats: a float array unchanged, anything else as `dtype` (float64 by default)."""
    if type(value) is np.ndarray and value.dtype.kind == "f" and dtype is None:
        return value
    xp = namespace(value)
    array = xp.asarray(value)
    if dtype is not None:
        return xp.astype(array, dtype, copy=False)
    if xp.isdtype(array.dtype, ("real floating", "complex floating")):
        return array
    return xp.astype(array, xp.float64)


def generator(seed: Any) -> np.random.Generator:
    """Return `seed` itself if it is a Generator, else a new Generator seeded with it."""
    return np.random.default_rng(seed)
