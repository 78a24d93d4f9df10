"""The process of the program `glassnet`: its streams, its signals, its end."""

import io
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType
from typing import Any, TextIO

INTERRUPTED = "interrupted; no file is half-written."  # after Ctrl-C

_HAS_TIMER = hasattr(signal, "setitimer")  # not on Windows
_RETRY_SECONDS = 0.02  # after which a signal that waits looks again

ENDED_BY = {"SIGTERM": "terminated", "SIGHUP": "the terminal was closed"}


class Ended(BaseException):
    """Ends the program after a signal, once temporary files are removed; not an Exception, so nothing catches it."""

    def __init__(self, number: int, words: str) -> None:
        super().__init__(f"{words}; no file is half-written.")
        self.code = 128 + number  # as a shell reports it


@contextmanager
def without_pandas() -> Iterator[None]:
    """Import scikit-learn without pandas, which it takes along with pyarrow where they are installed.

    The commands use neither for it; without them a process starts faster, in 60 MB less. Afterwards they can be
    imported as usual.

    >>> with without_pandas():
    ...     "pandas" in sys.modules
    True
    >>> sys.modules.get("pandas", "as before") is None
    False
    """
    if "pandas" in sys.modules:
        yield
        return
    blocked: dict[str, Any] = sys.modules
    blocked["pandas"] = None  # an import raises ImportError
    try:
        yield
    finally:
        if blocked.get("pandas") is None:
            blocked.pop("pandas", None)


def end_at_once_on_interrupt() -> None:
    """Let Ctrl-C end the process during the first imports, where there is nothing to clean up."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end_at_once)


def _end_at_once(number: int, frame: FrameType | None) -> None:
    with suppress(OSError):  # standard error is closed
        os.write(2, f"Error: {INTERRUPTED}\n".encode())
    os._exit(1)


def end_cleanly_on_signals() -> None:
    """Let Ctrl-C raise KeyboardInterrupt and fatal signals `Ended`, unless they are ignored, as under `nohup`.

    Some exceptions would get lost, and the command would go on as if nothing had been asked for: importlib's callbacks,
    those of compilers, ``__del__`` and libraries written in C drop what they do not expect. So a signal waits for the
    end of an import in which the caller is, and an exception that was dropped elsewhere is raised again.
    """
    ending = _Ending(caller=sys._getframe(1))
    if signal.getsignal(signal.SIGINT) in (_end_at_once, signal.default_int_handler):
        signal.signal(signal.SIGINT, lambda number, frame: ending.end_by(KeyboardInterrupt(), frame))
    for name, words in ENDED_BY.items():
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, ending.handler(words))
    if _HAS_TIMER:
        ending.ends_by_alarm = signal.signal(signal.SIGALRM, ending.try_again) is signal.SIG_DFL
        sys.unraisablehook = ending.dropped


@dataclass
class _Ending:
    """Raises the exception that ends the program where it is not lost."""

    caller: FrameType  # of the program, which may be in an import itself
    waiting: BaseException | None = None
    ends_by_alarm: bool = False  # whether an alarm of whoever started the program ends it

    def handler(self, words: str) -> Callable[[int, FrameType | None], None]:
        """Return the handler of a fatal signal."""

        def end(number: int, frame: FrameType | None) -> None:
            signal.signal(number, signal.SIG_DFL)  # a second one ends at once
            self.end_by(Ended(number, words), frame)

        return end

    def end_by(self, exception: BaseException, frame: FrameType | None) -> None:
        """Raise an exception, or wait for the end of the import in which the frame is."""
        if _HAS_TIMER and self._imports(frame):
            self._wait(exception)
        else:
            raise exception

    def try_again(self, number: int, frame: FrameType | None) -> None:
        """Raise the exception that waits, in the handler of the timer."""
        exception, self.waiting = self.waiting, None
        if exception is not None:
            self.end_by(exception, frame)
        elif self.ends_by_alarm:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

    def dropped(self, told: Any) -> None:
        """Raise an exception again that could not leave a callback; others are shown as usual."""
        if isinstance(told.exc_value, (KeyboardInterrupt, Ended)):
            self._wait(told.exc_value.with_traceback(None))
        else:
            sys.__unraisablehook__(told)

    def _wait(self, exception: BaseException) -> None:
        self.waiting = exception
        signal.setitimer(signal.ITIMER_REAL, _RETRY_SECONDS)

    def _imports(self, frame: FrameType | None) -> bool:
        while frame is not None and frame is not self.caller:
            if frame.f_code.co_filename.startswith("<frozen importlib"):
                return True
            frame = frame.f_back
        return False


def open_streams() -> str:
    """Reopen closed standard streams; return a message if the result would be lost.

    The next opened file would get the descriptor of a closed stream, and printed text would end up in it.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free descriptor, which is this one
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 -- open until the process ends
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
        return "standard output is closed, so the result would be lost; to discard it, use > /dev/null."
    return ""


def prepare_output() -> None:
    """Replace characters that the terminal's encoding lacks instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def flushed() -> OSError | None:
    """Flush stdout and stderr; return the error, if any, and prevent a second one at interpreter exit."""
    failed = None
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError as error:
            failed = failed or error
            _point_at_nothing(stream)
    return failed


def _point_at_nothing(stream: TextIO) -> None:
    with suppress(OSError, ValueError):  # a stream without a descriptor
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, stream.fileno())
        os.close(nothing)


def end_quietly_from_here() -> None:
    """Let Ctrl-C end the process silently from now on, also during interpreter shutdown."""
    if _HAS_TIMER:
        signal.setitimer(signal.ITIMER_REAL, 0)  # a signal that still waits
    signal.signal(signal.SIGINT, signal.SIG_DFL)
