"""Ctrl-C during training: runs in other threads are told to end, and what has been trained is not lost.

Python raises KeyboardInterrupt in the main thread only, after any of its instructions. So a loop keeps what it has
in one record that is replaced as a whole, and threads that train beside it ask between two calls of the engine.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event
from typing import NamedTuple

from glassnet.engines.base import State
from glassnet.typing import Array

_stop: ContextVar[Event | None] = ContextVar("glassnet_stop", default=None)


class Whole(NamedTuple):
    """What a run has at the end of an epoch."""

    state: State
    n_epochs: int
    best: Array
    best_epoch: int


@contextmanager
def ending_with(stop: Event) -> Iterator[None]:
    """Let what trains in this thread end like after Ctrl-C, between two calls of the engine, once `stop` is set."""
    token = _stop.set(stop)
    try:
        yield
    finally:
        _stop.reset(token)


def raise_if_stopped() -> None:
    """Raise KeyboardInterrupt where the thread's training is to end."""
    stop = _stop.get()
    if stop is not None and stop.is_set():
        raise KeyboardInterrupt


def finished(work: Callable[[], None]) -> bool:
    """Call `work` to its end, and return whether Ctrl-C was pressed meanwhile: then it is called once more.

    It is short and follows a training that may have been long. A second Ctrl-C comes through.
    """
    try:
        work()
    except KeyboardInterrupt:
        work()
        return True
    return False
