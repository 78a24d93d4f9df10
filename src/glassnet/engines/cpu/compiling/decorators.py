"""Decorators that compile kernels."""

from collections.abc import Callable
from typing import Any

from numba import njit

from glassnet.engines.cpu.compiling.bounds import CHECKS_BOUNDS
from glassnet.engines.cpu.compiling.code_cache import CodeCache, one_call
from glassnet.engines.cpu.compiling.link_only import LinkedOnly

# These flags let loops over floats vectorize and, unlike fastmath=True, keep NaN and infinity, which reveal divergence.
# Loops with bounds checks do not vectorize; with these flags, only some of them would, with different rounding.
SAFE_FLAGS: set[str] = set() if CHECKS_BOUNDS else {"reassoc", "contract", "nsz"}

# For functions whose rounding matters: without explicit flags, a function takes those of its caller.
EXACT_FLAGS: set[str] = set()

# Kernels allocate nothing, so that no references need counting: atomic counts for each use of an array took half of the
# time of a small step.
COMMON: Any = {"error_model": "numpy", "nogil": True, "_nrt": False, "boundscheck": CHECKS_BOUNDS}
OUTER: Any = {**COMMON, "no_cfunc_wrapper": True}
INNER: Any = {**COMMON, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
if not CHECKS_BOUNDS:  # exceptions require Numba's complete pipeline
    INNER["pipeline_class"] = LinkedOnly


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function that is linked into other kernels."""
    return njit(fastmath=SAFE_FLAGS, **INNER)(function)


def inlined(function: Callable[..., Any]) -> Any:
    """Compile a function to be inlined: short, or called once, where passing dozens of arrays would take longer.

    Not for long functions: a single function of all of them compiles more slowly and runs no faster.
    """
    return njit(fastmath=SAFE_FLAGS, forceinline=True, **INNER)(function)


def exact(function: Callable[..., Any]) -> Any:
    """Compile a function with exact rounding, whether called for one number or for many."""
    return njit(fastmath=EXACT_FLAGS, forceinline=True, **INNER)(function)


def strict(function: Callable[..., Any]) -> Any:
    """Compile a function with exact rounding that need not be inlined."""
    return njit(fastmath=EXACT_FLAGS, **INNER)(function)


def entry(function: Callable[..., Any]) -> Any:
    """Compile a function that Python calls, and store its machine code on disk."""
    compiled: Any = njit(fastmath=SAFE_FLAGS, **OUTER)(function)
    compiled._cache = CodeCache(function)
    compile_or_load = compiled.compile

    def compile_alone(signature: Any) -> Any:
        with one_call():
            return compile_or_load(signature)

    compiled.compile = compile_alone
    return compiled
