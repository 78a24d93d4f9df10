"""`Worker`: the one thread that does everything that takes long."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from threading import Condition, Thread
from typing import Any, TypeVar

import numpy as np

from glassnet.errors import GlassnetError

T = TypeVar("T")


class Worker:
    """A thread that does jobs in their order, and between them its own work.

    Parameters
    ----------
    between : callable
        Called while there are no jobs. Returns the seconds until it wants to be called again, or None to wait for a
        job or `wake`.
    """

    def __init__(self, between: Callable[[], float | None]) -> None:
        self._between = between
        self._changed = Condition()
        self._jobs: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self._is_closed = False
        self._is_awake = True
        self._thread = Thread(target=self._loop, name="glassnet studio session", daemon=True)
        self._thread.start()

    def begin(self, work: Callable[[], T]) -> "Future[T]":
        """Return the future of `work`, which is done after the jobs before it.

        Raises
        ------
        GlassnetError
            If the worker is closed.
        """
        future: Future[T] = Future()
        with self._changed:
            if self._is_closed:
                raise _closed()
            self._jobs.append((work, future))
            self._changed.notify()
        return future

    def wake(self) -> None:
        """Let `between` be called soon, even if it wanted to wait."""
        with self._changed:
            self._is_awake = True
            self._changed.notify()

    def close(self, timeout: float = 5.0) -> None:
        """End the thread after its current piece of work; waiting jobs are refused."""
        with self._changed:
            self._is_closed = True
            dropped, self._jobs = self._jobs, deque()
            self._changed.notify()
        for _, future in dropped:
            future.set_exception(_closed())
        self._thread.join(timeout)

    @np.errstate(all="ignore")  # weights that were set by hand can be of any size
    def _loop(self) -> None:
        seconds: float | None = 0.0
        while True:
            with self._changed:
                if not (self._is_closed or self._jobs or self._is_awake) and seconds != 0.0:
                    self._changed.wait(seconds)
                if self._is_closed:
                    return
                self._is_awake = False
                job = self._jobs.popleft() if self._jobs else None
            if job is None:
                seconds = self._between()
                continue
            work, future = job
            try:
                future.set_result(work())
            except BaseException as error:
                future.set_exception(error)
            seconds = 0.0


def _closed() -> GlassnetError:
    return GlassnetError("this page has no session any more; reload it.")
