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

    def mix(h: Array) -> Array:
        h = h + word(0x9E3779B9)
        h = (h ^ (h >> word(16))) * word(0x85EBCA6B)
        h = (h ^ (h >> word(13))) * word(0xC2B2AE35)
        return h ^ (h >> word(16))

    key = mix(mix(mix(word(seed)) ^ word(step)) ^ word(layer))  # (1,)
    rows = mix(key ^ xp.arange(first, first + n_rows, dtype=xp.uint32))  # (n_rows,)
    hashed = mix(rows[:, None] ^ xp.arange(n_units, dtype=xp.uint32))  # (n_rows, n_units)
    is_kept = hashed >= word(int(min(rate * 2.0**32, WORD)))
    return xp.astype(is_kept, dtype) * xp.asarray(1.0 / (1.0 - rate), dtype=dtype)
