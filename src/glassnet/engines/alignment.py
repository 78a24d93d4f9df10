"""Arrays that begin at a cache line."""

from typing import Any

import numpy as np

from glassnet.typing import Array

CACHE_LINE = 64  # bytes


def aligned_zeros(length: int, dtype: Any) -> Array:
    """Return zeros aligned to a cache line: a vector that crosses two lines takes twice as long."""
    n_bytes = int(length) * np.dtype(dtype).itemsize
    memory = np.zeros(n_bytes + CACHE_LINE, np.uint8)
    begin = -memory.ctypes.data % CACHE_LINE
    return memory[begin : begin + n_bytes].view(dtype)
