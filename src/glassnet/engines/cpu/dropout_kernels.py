"""Dropout masks computed where they are used: they equal `engines.seeding.dropout_mask`."""

import numpy as np
from numba import njit

from glassnet.engines.cpu.flags import OPTIONS


@njit(**OPTIONS)
def mix(h):  # engines.seeding._mix
    h = np.uint32(h + np.uint32(0x9E3779B9))
    h = np.uint32((h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B))
    h = np.uint32((h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35))
    return np.uint32(h ^ (h >> np.uint32(16)))


@njit(**OPTIONS)
def drop(A, seed, step, layer, rate):
    """Scale each unit of A by 0 or 1/(1 - rate), in place."""
    n, m = A.shape
    key = mix(mix(mix(np.uint32(seed)) ^ np.uint32(step)) ^ np.uint32(layer))
    threshold = np.uint32(min(rate * 2.0**32, 2.0**32 - 1))
    kept = A.dtype.type(1.0 / (1.0 - rate))
    for i in range(n):
        row = mix(key ^ np.uint32(i))
        for j in range(m):
            A[i, j] = A[i, j] * kept if mix(row ^ np.uint32(j)) >= threshold else A[i, j] * 0
