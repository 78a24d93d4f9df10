"""Keeps SciPy's matrix library to one thread, while SciPy takes the steps of L-BFGS.

The vectors of L-BFGS are short. A second thread of OpenBLAS saves nothing there, but goes on looking for work, and so
takes a core from the threads that compute the gradient.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

_lock = threading.Lock()
_runs: set[object] = set()
_limit: Any = None


@cache
def _libraries() -> Any:
    """Return what controls the libraries that SciPy brings along; none, if it shares them with NumPy."""
    from threadpoolctl import ThreadpoolController

    controller = ThreadpoolController()
    paths = [library.filepath for library in controller.lib_controllers if "scipy.libs" in library.filepath]
    return controller.select(filepath=paths)


@contextmanager
def one_thread() -> Iterator[None]:
    """Let SciPy use one thread meanwhile; the last of several runs at once puts the number back."""
    global _limit
    libraries, this = _libraries(), object()
    try:
        with _lock:
            _runs.add(this)
            if _limit is None:
                _limit = libraries.limit(limits=1)
        yield
    finally:
        with _lock:
            _runs.discard(this)
            if not _runs and _limit is not None:
                _limit.restore_original_limits()
                _limit = None
