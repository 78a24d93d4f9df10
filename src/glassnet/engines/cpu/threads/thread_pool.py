"""Runs one compiled function on several threads at once.

An interrupt (Ctrl-C) can end the caller at any moment. So no cleanup depends on code that may not run: a helper belongs
to exactly one list at a time, and when its last reference goes, its thread ends and the barrier of its call is broken,
so that no thread waits there in vain.
"""

import ctypes
import os
import sys
import threading
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any
from weakref import ref

from glassnet.engines.cpu.threads.barrier import break_barrier, compile_barriers, is_broken, new_barrier, start_barrier
from glassnet.typing import Array

IDLE_SECONDS = 10.0  # after which an idle thread ends


class _Helper:
    """A thread that computes for successive calls and waits in between; it ends with its last reference."""

    _barrier: Array | None = None  # of its latest call

    def __init__(self) -> None:
        self.tasks: SimpleQueue[Any] = SimpleQueue()
        self._thread = threading.Thread(target=_serve, args=(self.tasks, ref(self)), name="glassnet", daemon=True)
        self._core: int | None = None

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def move_to(self, core: int) -> None:
        """Pin the thread to this core: on the core of the waiting thread, it would be scheduled too late."""
        assert self._thread.native_id is not None  # it has started
        if core != self._core:
            with suppress(OSError):  # if the process has just lost the core, any other one will do
                os.sched_setaffinity(self._thread.native_id, {core})
                self._core = core

    def take(self, done: SimpleQueue[Any], function: Any, barrier: Array, arguments: tuple[Any, ...]) -> None:
        """Give the thread its part of a call, ``function(*arguments)``."""
        self._barrier = barrier
        self.tasks.put((done, function, barrier, arguments))

    def forget_call(self) -> None:
        """Leave the barrier of its call alone, at which nobody waits any more: a forked process may find it locked."""
        self._barrier = None

    def end(self) -> None:
        """End the thread, and break the barrier of its call so that no other thread waits there."""
        if self._barrier is not None and not sys.is_finalizing():
            break_barrier(self._barrier)
        self.tasks.put(None)

    def join(self) -> None:
        """Wait for the end of the thread, unless it was never started."""
        with suppress(RuntimeError):
            self._thread.join()

    def __del__(self) -> None:
        if hasattr(self, "tasks"):  # otherwise construction failed, and there is no thread
            self.end()


def _serve(tasks: SimpleQueue[Any], helper: ref[_Helper]) -> None:
    """Do one task after the other, in the helper's thread, without a reference to the helper."""
    while True:
        try:
            task = tasks.get(timeout=IDLE_SECONDS)
        except Empty:
            if _retire(helper):
                return
            continue
        if task is None:
            return
        _do(*task)
        del task  # and the arrays of the call


def _retire(helper: ref[_Helper]) -> bool:
    """Remove an idle helper from the list; return False if a call has just taken it."""
    try:
        _idle.remove(helper())  # type: ignore[arg-type]
    except ValueError:
        return helper() is None
    return True


def _do(done: SimpleQueue[BaseException | None], function: Any, barrier: Array, arguments: tuple[Any, ...]) -> None:
    """Compute one part of a call; put the error, or None, into the queue."""
    try:
        function(*arguments)
    except BaseException as error:
        break_barrier(barrier)
        done.put(error)
    else:
        done.put(None)


_sched_getcpu = getattr(ctypes.CDLL(None), "sched_getcpu", None) if sys.platform == "linux" else None
_idle: list[_Helper] = []


def _reset_after_fork() -> None:
    """Reset the pool in a forked process, which has no threads of its parent."""
    _idle.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_after_fork)


def _other_cores() -> list[int]:
    """Return the cores available to helpers of this thread, except its own; empty if the system does not tell.

    By default, Linux wakes a helper on the core of the thread that woke it, and takes about 10 milliseconds to notice
    an idle core: longer than a whole run of a small network.
    """
    if _sched_getcpu is None:
        return []
    return sorted(os.sched_getaffinity(0) - {_sched_getcpu()})


def run_on_threads(function: Any, n_threads: int, *arguments: Any, ends_together: bool = False) -> Any:
    """Call ``function(thread, n_threads, barrier, *arguments)`` on each thread; return the result of the first.

    With `ends_together`, the last thing that each thread does is to meet the others at the barrier: then nobody waits
    for the helpers to return, which they do one after the other, as Python lets them.

    Threads are not shared between calls: a thread that is still queued would deadlock the barrier. Compile the function
    in advance: a call whose helper waits for the compiler cannot be interrupted.

    Raises
    ------
    BaseException
        The exception of any thread. If a call fails or is interrupted, its threads end before it returns.
    """
    barrier = new_barrier()
    if n_threads == 1:
        return function(0, 1, barrier, *arguments)
    compile_barriers()
    start_barrier(barrier)
    helpers: list[_Helper] = []
    try:
        _gather(helpers, n_threads - 1)
        done: SimpleQueue[BaseException | None] = SimpleQueue()
        _assign(helpers, done, function, barrier, arguments)
        returned = function(0, n_threads, barrier, *arguments)
        errors = [] if ends_together and not is_broken(barrier) else [done.get() for _ in helpers]
        _forget_call(helpers)
        while helpers:  # an interrupt finds each helper in one place: here, in its removal, or in the idle list
            _idle.append(helpers.pop())
    finally:
        _dismiss(helpers)
    for error in errors:
        if error is not None:
            raise error
    return returned


def _gather(helpers: list[_Helper], n: int) -> None:
    """Fill the list with n helpers, idle ones first, each pinned to a different core if possible."""
    with suppress(IndexError):  # another caller has just taken the last one
        while _idle and len(helpers) < n:
            helpers.append(_idle.pop())
    while len(helpers) < n:
        helpers.append(_Helper())
        helpers[-1].start()
    cores = _other_cores()
    if cores:
        for k, helper in enumerate(helpers):
            helper.move_to(cores[k % len(cores)])


def _assign(
    helpers: list[_Helper], done: SimpleQueue[BaseException | None], function: Any, barrier: Array, arguments: Any
) -> None:
    """Give each helper its part; not in the caller's frame, where an exception would keep the last helper alive."""
    n_threads = len(helpers) + 1
    for thread, helper in enumerate(helpers, start=1):
        helper.take(done, function, barrier, (thread, n_threads, barrier, *arguments))


def _forget_call(helpers: list[_Helper]) -> None:
    """Let the helpers forget a call whose work is done; not in the caller's frame either."""
    for helper in helpers:
        helper.forget_call()


def _dismiss(helpers: list[_Helper]) -> None:
    """End the helpers of an unfinished call, and wait until they no longer use its arrays."""
    for helper in helpers:
        helper.end()
    for helper in helpers:
        helper.join()
