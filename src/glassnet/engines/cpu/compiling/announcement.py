"""What is said while the compiler is at work."""

import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from numba.core import event


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
        """Say it, once."""
        if self._started is None:
            self._started = perf_counter()
            _say(f"glassnet compiles {self._what}, once for this installation; this takes some seconds ...")
            self._collects = gc.isenabled()
            gc.disable()

    def on_end(self, event: Any) -> None:
        """Wait for the next function."""

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
