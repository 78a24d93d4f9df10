"""Which array library a value belongs to, and NumPy where it belongs to none. Floor 0: imports nothing of the project.

`core` computes with whatever arrays it is given (NumPy, JAX, any library of the Array API standard) and therefore
imports no array library. Lists and numbers belong to none: they become NumPy arrays here, and here alone.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from glassnet.typing import Array


def namespace(*arrays: Any) -> Any:
    """Return the array library (`xp`) of the first argument that has one, else NumPy."""
    for array in arrays:
        if hasattr(array, "__array_namespace__"):
            return array.__array_namespace__()
    return np


def quietly(xp: Any) -> AbstractContextManager[Any]:
    """Return a context in which overflow and invalid values raise no warnings."""
    return np.errstate(all="ignore") if xp is np else nullcontext()


def as_floats(value: Any, dtype: Any = None) -> Array:
    """Return `value` as an array of floats: an array of floats as it is, all else as `dtype` (float64 by default)."""
    xp = namespace(value)
    array = xp.asarray(value)
    if dtype is not None:
        return xp.astype(array, dtype, copy=False)
    if xp.isdtype(array.dtype, ("real floating", "complex floating")):
        return array
    return xp.astype(array, xp.float64)


def generator(seed: Any) -> np.random.Generator:
    """Return `seed` itself if it is a Generator, else a new one made from it."""
    return np.random.default_rng(seed)
