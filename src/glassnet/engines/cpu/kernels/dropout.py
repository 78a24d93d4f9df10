"""Dropout masks, computed on use: they equal `core.masks.dropout_mask`."""

import numpy as np

from glassnet.engines.cpu.compiling.decorators import kernel


@kernel
def mix(h):  # core.masks.dropout_mask
    h = np.uint32(h + np.uint32(0x9E3779B9))
    h = np.uint32((h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B))
    h = np.uint32((h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35))
    return np.uint32(h ^ (h >> np.uint32(16)))


@kernel
def drop(A, dropout, layer, rate, first, last, m, row):
    """Scale each unit of the rows `first` to `last` of A, `row` apart, by 0 or 1/(1 - rate), in place."""
    key = mix(mix(mix(np.uint32(dropout.seed)) ^ np.uint32(dropout.step)) ^ np.uint32(layer))
    threshold = np.uint32(min(rate * 2.0**32, 2.0**32 - 1))
    kept = A.dtype.type(1.0 / (1.0 - rate))
    zero = A.dtype.type(0)
    for i in range(first, last):
        of_row = mix(key ^ np.uint32(dropout.position + i))
        a = A[(i - first) * row : (i - first) * row + m]
        for j in range(m):
            a[j] = a[j] * (kept if mix(of_row ^ np.uint32(j)) >= threshold else zero)
