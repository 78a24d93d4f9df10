"""Dropout masks: a pure function, which every engine can compute by itself."""

from typing import Any

from glassnet.arrays import namespace
from glassnet.typing import Array

WORD = 0xFFFFFFFF


def dropout_mask(
    seed: int, step: int, layer: int, n_rows: int, n_units: int, rate: float, *, first: int = 0, like: Any = None
) -> Array:
    """Return 0 for each dropped unit and 1/(1 - rate) for each kept one, (n_rows, n_units).

    A pure function of (seed, step, layer, row, unit) in 32-bit arithmetic: the finalizer of MurmurHash3 (Appleby,
    public domain) over a counter. Rows count from `first`, the position of the first of them in its minibatch. The
    result is an array like `like`; by default, NumPy's in float64.

    >>> dropout_mask(1, 0, 1, 2, 3, 0.5).tolist()
    [[0.0, 2.0, 0.0], [2.0, 0.0, 2.0]]
    >>> dropout_mask(1, 0, 1, 1, 3, 0.5, first=1).tolist()
    [[2.0, 0.0, 2.0]]
    """
    xp = namespace(like)
    dtype = xp.float64 if like is None else like.dtype

    def word(value: int) -> Array:
        return xp.asarray([value & WORD], dtype=xp.uint32)  # not a scalar, which would warn of overflow

    rows = xp.arange(first, first + n_rows, dtype=xp.uint32)
    factor = xp.asarray(1.0 / (1.0 - rate), dtype=dtype)
    return mask_of_words(word(seed), word(step), word(layer), rows, n_units, word(threshold_of(rate)), factor)


def threshold_of(rate: float) -> int:
    """Return the smallest hash of a unit that is kept.

    >>> threshold_of(0.5) == 2**31
    True
    """
    return int(min(rate * 2.0**32, WORD))


def mask_of_words(
    seed: Array, step: Array, layer: Array, rows: Array, n_units: int, threshold: Array, factor: Array
) -> Array:
    """Return the mask of `dropout_mask`, where all numbers are arrays, so that a compiled program can take them later.

    Parameters
    ----------
    seed, step, layer, threshold : uint32 arrays of shape (1,)
        `threshold` is that of `threshold_of`; 0 keeps all units.
    rows : uint32 array of shape (n_rows,)
        Positions of the rows in their minibatch.
    n_units : int
        Number of neurons of the layer.
    factor : array
        What a kept unit is multiplied by, in the precision of the result.
    """
    xp = namespace(rows)

    def word(value: int) -> Array:
        return xp.asarray([value], dtype=xp.uint32)

    def mix(h: Array) -> Array:
        h = h + word(0x9E3779B9)
        h = (h ^ (h >> word(16))) * word(0x85EBCA6B)
        h = (h ^ (h >> word(13))) * word(0xC2B2AE35)
        return h ^ (h >> word(16))

    key = mix(mix(mix(seed) ^ step) ^ layer)  # (1,)
    hashed = mix(mix(key ^ rows)[:, None] ^ xp.arange(n_units, dtype=xp.uint32))  # (n_rows, n_units)
    return xp.astype(hashed >= threshold, factor.dtype) * factor
