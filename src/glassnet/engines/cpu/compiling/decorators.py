"""How kernels are compiled."""

from collections.abc import Callable
from typing import Any

from numba import njit

from glassnet.engines.cpu.compiling.bounds import CHECKS_BOUNDS
from glassnet.engines.cpu.compiling.code_cache import CodeCache, one_call
from glassnet.engines.cpu.compiling.link_only import LinkedOnly

# They let loops over floats vectorize and, unlike fastmath=True, keep NaN and infinity, by which divergence is seen.
# Loops with checks do not vectorize; with leave to round otherwise they would do so here and there, and not alike.
SAFE_FLAGS: set[str] = set() if CHECKS_BOUNDS else {"reassoc", "contract", "nsz"}

# Said wherever rounding matters: a function that leaves it open takes its caller's flags.
EXACT_FLAGS: set[str] = set()

# Nothing is allocated in machine code, so nothing needs to be counted: to count each use of each array, atomically,
# took half of the time of a small step.
COMMON: Any = {"error_model": "numpy", "nogil": True, "_nrt": False, "boundscheck": CHECKS_BOUNDS}
OUTER: Any = {**COMMON, "no_cfunc_wrapper": True}
INNER: Any = {**COMMON, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
if not CHECKS_BOUNDS:  # what may raise an exception needs all that Numba makes of a function
    INNER["pipeline_class"] = LinkedOnly


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function that other kernels call: it becomes part of their machine code."""
    return njit(fastmath=SAFE_FLAGS, **INNER)(function)


def inlined(function: Callable[..., Any]) -> Any:
    """Compile a function that is called in one place, or is short: to hand over dozens of arrays would take longer.

    Not those that are long themselves: one function of all of them takes the compiler longer, and is no faster.
    """
    return njit(fastmath=SAFE_FLAGS, forceinline=True, **INNER)(function)


def exact(function: Callable[..., Any]) -> Any:
    """Compile a function that rounds as it is written, wherever it is called: one number at a time, or many."""
    return njit(fastmath=EXACT_FLAGS, forceinline=True, **INNER)(function)


def strict(function: Callable[..., Any]) -> Any:
    """Compile a function that rounds as it is written, but need not become part of those that call it."""
    return njit(fastmath=EXACT_FLAGS, **INNER)(function)


def entry(function: Callable[..., Any]) -> Any:
    """Compile a function that Python calls, and keep its machine code on disk."""
    compiled: Any = njit(fastmath=SAFE_FLAGS, **OUTER)(function)
    compiled._cache = CodeCache(function)
    compile_or_load = compiled.compile

    def compile_alone(signature: Any) -> Any:
        with one_call():
            return compile_or_load(signature)

    compiled.compile = compile_alone
    return compiled
