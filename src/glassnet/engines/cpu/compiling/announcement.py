"""What is said, on stderr, while the compiler is at work: a bar on a terminal, else a line before and one after."""

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
    """What grows while something is compiled."""

    def advance(self) -> None:
        """Take a step."""

    def finish(self) -> None:
        """All is done."""


class _Lines:
    """Says at the first step that the compiler has begun, and at the end how long it took."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._started: float | None = None

    @property
    def has_begun(self) -> bool:
        return self._started is not None

    def advance(self) -> None:
        """Take a step."""
        if self._started is None:
            self._started = perf_counter()
            _say(f"glassnet compiles {self._what}, {_how_often()}; this takes some seconds ...")

    def finish(self) -> None:
        """Say how long it took, if there was anything to compile."""
        if self._started is not None:
            _say(f"... compiled in {perf_counter() - self._started:.1f} s.")


class _Drawn(_Lines):
    """The same with a bar in between, which is gone at the end."""

    def __init__(self, what: str, n_steps: int) -> None:
        super().__init__(what)
        self._n_steps = n_steps
        self._progress: Any = None

    def advance(self) -> None:
        """Take a step."""
        if not self.has_begun:
            super().advance()
            self._progress = _progress()
            self._progress.add_task("compiling", total=self._n_steps)
            self._progress.start()
        self._progress.advance(self._progress.task_ids[0])

    def finish(self) -> None:
        """Say how long it took, if there was anything to compile."""
        self.stop()
        super().finish()

    def stop(self) -> None:
        """Take the bar away."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None


@contextmanager
def bar(what: str, n_steps: int) -> Iterator[Bar]:
    """Yield a bar that appears with its first step; what was there and is only loaded shows none."""
    if sys.stderr is None or not sys.stderr.isatty():
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
    """Say that another process compiles."""
    _say("glassnet waits for another process, which compiles its engine ...")


class _Announcement(event.Listener):
    """Tells on the first event that the compiler has begun, and how long it took.

    Meanwhile Python does not look for garbage: a tenth of the time would go into looking through the millions of
    objects that the compiler makes, nearly all of which it still needs.
    """

    def __init__(self, what: str) -> None:
        self._lines = _Lines(what)
        self._collects = False

    def on_start(self, event: Any) -> None:
        """Say it, once."""
        if not self._lines.has_begun:
            self._collects = gc.isenabled()
            gc.disable()
        self._lines.advance()

    def on_end(self, event: Any) -> None:
        """Wait for the next function."""

    def end(self) -> None:
        """Let Python look for garbage again."""
        if self._collects:
            gc.enable()

    def tell(self) -> None:
        """Say how long it took, if there was anything to compile."""
        self._lines.finish()


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


def _how_often() -> str:
    if cache_folder() is None:
        return "as in each process: no folder can keep the machine code (NUMBA_CACHE_DIR names one that can)"
    return "once for this installation"


def _say(sentence: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(sentence + "\n")
        sys.stderr.flush()
