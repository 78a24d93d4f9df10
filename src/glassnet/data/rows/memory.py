"""How much memory a fit may take: what the user allows, or what this machine has left."""

import ctypes
import os
import re
import sys
from contextlib import suppress
from pathlib import Path

from glassnet.errors import ParameterError

_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
_UNITS |= {"k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30}
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*")
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
LEAST = 32 << 20
PROCESS = 400 << 20  # imports, machine code, and what is decoded at a time
SHARE_OF_WINDOWS = 0.8  # of the rest
LEAST_OF_WINDOWS, USUAL_WINDOWS = 16 << 20, 256 << 20
SHARE = 0.6
"""Of the memory that is left, what a fit takes without being told; the rest is for others."""


def bytes_of(memory: str | float) -> int:
    """Return a size in bytes.

    >>> bytes_of("400MB"), bytes_of("1.5 GiB"), bytes_of(10**9)
    (400000000, 1610612736, 1000000000)
    """
    found = _SIZE.fullmatch(memory) if isinstance(memory, str) else None
    if found is not None and found[2].lower() in _UNITS:
        return round(float(found[1]) * _UNITS[found[2].lower()])
    if isinstance(memory, int | float) and not isinstance(memory, bool) and 0 < memory < float("inf"):
        return round(memory)
    raise ParameterError(f"memory={memory!r} must be a size, such as '400MB', '2GB' or a number of bytes.")


def memory_taken() -> int:
    """Return the bytes of memory that this process takes now."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 250 << 20  # not Linux: what the imports take


def memory_left() -> int:
    """Return the bytes of memory that this process may still take, on this machine and in its control group."""
    left = 4 << 30
    with suppress(OSError, ValueError, IndexError, StopIteration):
        lines = Path("/proc/meminfo").read_text().splitlines()
        left = int(next(line for line in lines if line.startswith("MemAvailable")).split()[1]) << 10
    for path in _LIMITS:
        with suppress(OSError, ValueError):
            left = min(left, max(0, int(Path(path).read_text()) - memory_taken()))
    return left


def bytes_of_windows(memory: str | float | None) -> int:
    """Return how much memory the windows of streamed rows take, together.

    It depends on `memory` alone and not on what the process takes now, because the order of the rows depends on it.

    >>> bytes_of_windows("900MB"), bytes_of_windows("300MB")
    (384455680, 16777216)
    """
    if memory is not None:
        return max(LEAST_OF_WINDOWS, int(SHARE_OF_WINDOWS * (bytes_of(memory) - PROCESS)))
    most = USUAL_WINDOWS
    while most > LEAST_OF_WINDOWS and most > memory_left() // 4:
        most //= 2
    return most


def give_back() -> None:
    """Return freed memory to the system: the libraries keep it for later, but later needs it elsewhere."""
    arrow = sys.modules.get("pyarrow")
    if arrow is not None:
        arrow.default_memory_pool().release_unused()
    with suppress(OSError, AttributeError):  # not glibc
        ctypes.CDLL(None).malloc_trim(0)


def memory_for(memory: str | float | None) -> int:
    """Return the bytes that a fit may take in addition to what the process takes already.

    Raises
    ------
    ParameterError
        If `memory`, the limit of the whole process, leaves too little.
    """
    if memory is None:
        return int(SHARE * memory_left())
    limit, taken = bytes_of(memory), memory_taken()
    if limit - taken < LEAST:
        raise ParameterError(
            f"memory={memory!r} leaves nothing to train in: the process itself takes {taken / 1e6:,.0f} MB, and needs "
            f"{LEAST / 1e6:,.0f} MB more; use '{(taken + 4 * LEAST) / 1e6:.0f}MB'."
        )
    return limit - taken
