"""Large arrays that are freed go back to the system at once, so that they do not add up beside a large table."""

import ctypes
import sys
from contextlib import suppress
from functools import cache

M_MMAP_THRESHOLD = -3  # of glibc's malloc.h
LARGE_ARRAY = 1 << 23
"""Arrays of as many bytes are not taken from the heap, whose freed middle stays with the process."""


@cache
def give_large_arrays_back() -> None:
    """Fix the size from which glibc maps memory of its own, which otherwise grows to 32 MB; elsewhere do nothing.

    >>> give_large_arrays_back()
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE_ARRAY)
