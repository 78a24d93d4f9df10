"""How kernels are compiled, and where the machine code is kept."""

import gc
import hashlib
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any

import numba
from numba import njit
from numba.core import event
from numba.core.caching import FunctionCache
from numba.core.runtime.nrt import rtsys

from glassnet.engines.cpu.linking import LinkedOnly

# A build for tests, many times slower: every index is compared with the length of what it leads into.
CHECKS_BOUNDS = os.environ.get("GLASSNET_BOUNDS_CHECK", "") not in {"", "0"}

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

config: Any = numba.config
PREFIX = "glassnet-checked-kernels-" if CHECKS_BOUNDS else "glassnet-kernels-"  # neither removes the other's
HERE = Path(__file__).parent


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


class _Cache(FunctionCache):
    """Numba's cache of machine code, which to load what is there does not set up all that compiling would need."""

    def load_overload(self, signature: Any, context: Any) -> Any:
        rtsys.initialize(context)
        with self._guard_against_spurious_io_errors():
            return self._load_overload(signature, context)


def entry(function: Callable[..., Any]) -> Any:
    """Compile a function that Python calls, and keep its machine code on disk."""
    before, config.CACHE_DIR = config.CACHE_DIR, str(cache_folder())
    try:
        compiled: Any = njit(fastmath=SAFE_FLAGS, **OUTER)(function)
        compiled._cache = _Cache(function)
        return compiled
    finally:
        config.CACHE_DIR = before


@cache
def cache_folder() -> Path:
    """Return the folder for machine code: beside the sources, or where they cannot be written to, the user's cache.

    Its name holds a digest of all kernel sources, because Numba notices changes only in the file of the function that
    is called, not in those that it calls.
    """
    digest = hashlib.sha256(b"bounds are checked" if CHECKS_BOUNDS else b"")
    for source in sorted(HERE.glob("*.py")):
        digest.update(source.read_bytes())
    for parent in _parents():
        folder = parent / f"{PREFIX}{digest.hexdigest()[:16]}"
        is_new = not folder.exists()
        if _can_write(folder):
            if is_new:
                _remove_others(folder)
            return folder
    return Path(tempfile.mkdtemp(prefix=PREFIX))


def _parents() -> Iterator[Path]:
    if config.CACHE_DIR:  # NUMBA_CACHE_DIR, where the user has set it
        yield Path(config.CACHE_DIR)
    yield HERE / "__pycache__"
    if sys.platform == "win32":
        yield Path(os.environ.get("LOCALAPPDATA", tempfile.gettempdir()))
    elif sys.platform == "darwin":
        yield Path.home() / "Library" / "Caches"
    else:
        yield Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _remove_others(folder: Path) -> None:
    """Remove the machine code of earlier sources; a process that still runs it has it in memory."""
    for other in folder.parent.glob(f"{PREFIX}*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)


def _can_write(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


class _Announcement(event.Listener):
    """Tells on the first event that the compiler has begun, and how long it took.

    Meanwhile Python does not look for garbage: a tenth of the time would go into looking through the millions of
    objects that the compiler makes, nearly all of which it still needs.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._started: float | None = None
        self._collects = False

    def on_start(self, event: Any) -> None:
        if self._started is None:
            self._started = perf_counter()
            _say(f"glassnet compiles {self._what}, once for this installation; this takes some seconds ...")
            self._collects = gc.isenabled()
            gc.disable()

    def on_end(self, event: Any) -> None:
        pass

    def end(self) -> None:
        """Let Python look for garbage again."""
        if self._collects:
            gc.enable()

    def tell(self) -> None:
        """Say how long it took, if there was anything to compile."""
        if self._started is not None:
            _say(f"... compiled in {perf_counter() - self._started:.1f} s.")


_first_call = threading.RLock()
_called: set[str] = set()


def is_known(what: str) -> bool:
    """Whether code of this kind has run before, so that nothing is left to compile."""
    return what in _called


@contextmanager
def announced(what: str) -> Iterator[None]:
    """Say that the compiler is at work and how long it took, if it has to; code from the cache is not announced.

    Only the first call of its kind can compile. Where several threads make it, one goes first and the others wait.
    """
    if what in _called:
        yield
        return
    with _first_call:
        listener = _Announcement(what)
        try:
            with event.install_listener("numba:compile", listener):
                yield
        finally:
            listener.end()
        _called.add(what)
        listener.tell()


def _say(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()
