"""Targets that fail in every way that a case can, for the tests of the harness itself."""

import os
import signal


def behave(seed, case):
    """Be well in case 0, and fail in the others, each in its own way."""
    if case == 1:
        raise KeyError("lost")
    if case == 2:
        os.kill(os.getpid(), signal.SIGSEGV)
    if case == 3:
        bytearray(4 << 30)
    if case == 4:
        sum(range(10**12))
    if case == 5:
        os._exit(3)
    return f"fine with seed {seed}"
