"""Progress of the compiler on stderr: a bar on a terminal, otherwise a line before and a line after."""

import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any, Protocol

from numba.core import event

from glassnet.engines.cpu.compiling.folders import cache_folder


class Bar(Protocol):
    """Progress of a compilation."""

    def advance(self) -> None:
        """Advance by one step."""

    def finish(self) -> None:
        """Finish the bar."""


class _Lines:
    """Prints a line at the first step, and the duration at the end."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._started: float | None = None

    @property
    def has_begun(self) -> bool:
        return self._started is not None

    def advance(self) -> None:
        """Advance by one step."""
        if self._started is None:
            self._started = perf_counter()
            _say(f"glassnet compiles {self._what}, {_how_often()}; this takes some seconds ...")

    def finish(self) -> None:
        """Print the duration, if anything was compiled."""
        if self._started is not None:
            _say(f"... compiled in {perf_counter() - self._started:.1f} s.")


class _Drawn(_Lines):
    """The same lines with a progress bar in between, which disappears at the end."""

    def __init__(self, what: str, n_steps: int) -> None:
        super().__init__(what)
        self._n_steps = n_steps
        self._progress: Any = None

    def advance(self) -> None:
        """Advance by one step."""
        if not self.has_begun:
            super().advance()
            self._progress = _progress()
            self._progress.add_task("compiling", total=self._n_steps)
            self._progress.start()
        self._progress.advance(self._progress.task_ids[0])

    def finish(self) -> None:
        """Print the duration, if anything was compiled."""
        self.stop()
        super().finish()

    def stop(self) -> None:
        """Remove the bar."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None


@contextmanager
def bar(what: str, n_steps: int, *, is_drawn: bool = True) -> Iterator[Bar]:
    """Yield a bar that appears with its first step; loading existing code shows no bar."""
    if not is_drawn or sys.stderr is None or not sys.stderr.isatty():
        yield _Lines(what)
        return
    drawn = _Drawn(what, n_steps)
    try:
        yield drawn
    finally:
        drawn.stop()


def _progress() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TimeElapsedColumn

    console = Console(stderr=True)
    return Progress(BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), console=console, transient=True)


def say_that_it_waits() -> None:
    """Report that another process is compiling."""
    _say("glassnet waits for another process, which compiles its engine ...")


class _Announcement(event.Listener):
    """Reports the start of compilation at the first event, and its duration at the end.

    Meanwhile, Python's garbage collection is off: it would take a tenth of the time to scan the millions of objects of
    the compiler, nearly all of which are still in use.
    """

    def __init__(self, what: str) -> None:
        self._lines = _Lines(what)
        self._collects = False

    def on_start(self, event: Any) -> None:
        """Announce the compilation, once."""
        if not self._lines.has_begun:
            self._collects = gc.isenabled()
            gc.disable()
        self._lines.advance()

    def on_end(self, event: Any) -> None:
        """Do nothing until the next function."""

    def end(self) -> None:
        """Turn garbage collection on again."""
        if self._collects:
            gc.enable()

    def tell(self) -> None:
        """Print the duration, if anything was compiled."""
        self._lines.finish()


_first_call = threading.RLock()
_called: set[str] = set()


def is_known(what: str) -> bool:
    """Whether code of this kind has run before, so that there is nothing to compile."""
    return what in _called


@contextmanager
def announced(what: str) -> Iterator[None]:
    """Report compilation and its duration, if there is any; code from the cache is not announced.

    Only the first call of each kind can compile. If several threads make it, one runs and the others wait.
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


def _how_often() -> str:
    if cache_folder() is None:
        return "in each process, because no folder for machine code is writable (NUMBA_CACHE_DIR can set one)"
    return "once for this installation"


def _say(sentence: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(sentence + "\n")
        sys.stderr.flush()
