"""Run one compiled function on several threads at once."""

import ctypes
import os
import sys
import threading
from concurrent.futures import Future, wait
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from glassnet.engines.cpu.threads import new_barrier, start_barrier

IDLE_SECONDS = 10.0  # a thread that has had nothing to do for so long ends


class _Helper(threading.Thread):
    """A thread that computes for one call after the other, and waits in between."""

    def __init__(self) -> None:
        super().__init__(name="glassnet", daemon=True)
        self.tasks: SimpleQueue[Any] = SimpleQueue()
        self._core: int | None = None
        self.start()

    def move_to(self, core: int) -> None:
        """Let it wake up on this core: on that of the thread that waits for it, it would come by too late."""
        assert self.native_id is not None  # it has started
        if core != self._core:
            with suppress(OSError):  # where the process has just lost the core, any other one will do
                os.sched_setaffinity(self.native_id, {core})
                self._core = core

    def run(self) -> None:
        while True:
            try:
                future, function, arguments = self.tasks.get(timeout=IDLE_SECONDS)
            except Empty:
                with _lock:
                    if self in _idle:  # else a call has just taken it
                        _idle.remove(self)
                        return
                continue
            try:
                future.set_result(function(*arguments))
            except BaseException as error:  # handed over to the thread that waits
                future.set_exception(error)
            del future, function, arguments


_sched_getcpu = getattr(ctypes.CDLL(None), "sched_getcpu", None) if sys.platform == "linux" else None
_idle: list[_Helper] = []
_lock = threading.Lock()


def _forget() -> None:
    """A process that was forked has none of the threads of its parent."""
    global _lock
    _lock = threading.Lock()
    _idle.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def _other_cores() -> list[int]:
    """Return the cores that helpers of this thread may be on, without its own; none where a system does not tell.

    Left to itself, Linux wakes a helper on the core of the thread that woke it up, and takes about 10 milliseconds to
    see that another one is idle: longer than a whole run of a small network.
    """
    if _sched_getcpu is None:
        return []
    return sorted(os.sched_getaffinity(0) - {_sched_getcpu()})


def all_sides(function: Any, n_threads: int, *arguments: Any) -> Any:
    """Call ``function(thread, n_threads, barrier, *arguments)`` on each thread; return what the first one returns.

    A call has its threads to itself: at a barrier, one that waits for its turn is waited for without end.
    """
    barrier = new_barrier()
    if n_threads == 1:
        return function(0, 1, barrier, *arguments)
    start_barrier(barrier)
    with _lock:
        taken = [_idle.pop() for _ in range(min(n_threads - 1, len(_idle)))]
    helpers = [*taken, *(_Helper() for _ in range(n_threads - 1 - len(taken)))]
    others: list[Future[Any]] = []
    cores = _other_cores()
    for thread, helper in enumerate(helpers, start=1):
        others.append(Future())
        if cores:
            helper.move_to(cores[(thread - 1) % len(cores)])
        helper.tasks.put((others[-1], function, (thread, n_threads, barrier, *arguments)))
    try:
        returned = function(0, n_threads, barrier, *arguments)
    finally:
        wait(others)
        with _lock:
            _idle.extend(helpers)
    for other in others:
        other.result()
    return returned
