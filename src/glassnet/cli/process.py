"""The process of the program `glassnet`: its streams, its signals, its end."""

import io
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

INTERRUPTED = "interrupted; no file is half-written."  # after Ctrl-C

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


def end_cleanly_on_signals() -> None:
    """Let fatal signals raise `Ended`, unless they are ignored, as under `nohup`."""
    for name, words in ENDED_BY.items():
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _raise_ended(words))


def _raise_ended(words: str) -> Any:
    def handler(number: int, frame: Any) -> None:
        signal.signal(number, signal.SIG_DFL)  # a second one ends at once
        raise Ended(number, words)

    return handler


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
    signal.signal(signal.SIGINT, signal.SIG_DFL)
