"""Ctrl-C during training: stops the runs in other threads and keeps the results so far.

Python raises KeyboardInterrupt only in the main thread, but after any bytecode. So the loop stores its state in one
record that is replaced as a whole, and other training threads check a flag between two calls of the engine.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event

_stop: ContextVar[Event | None] = ContextVar("glassnet_stop", default=None)


@contextmanager
def ending_with(stop: Event) -> Iterator[None]:
    """End training in this thread as after Ctrl-C, between two calls of the engine, once `stop` is set."""
    token = _stop.set(stop)
    try:
        yield
    finally:
        _stop.reset(token)


def raise_if_stopped() -> None:
    """Raise KeyboardInterrupt if this thread's training must stop."""
    stop = _stop.get()
    if stop is not None and stop.is_set():
        raise KeyboardInterrupt


def finished(work: Callable[[], None]) -> bool:
    """Call `work` to completion, a second time if Ctrl-C interrupts it; return whether it was interrupted.

    `work` is short and follows a possibly long training. A second Ctrl-C is not caught.
    """
    try:
        work()
    except KeyboardInterrupt:
        work()
        return True
    return False
