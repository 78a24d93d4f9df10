"""Run one compiled function on several threads at once.

An interrupt (Ctrl-C) can end the caller at any moment. So no lock is held and no promise kept by code that may not run:
a helper belongs to exactly one list at a time, and where the last reference to it goes, its thread ends and the barrier
of its call is broken, so that nobody waits there for a thread that will not come.
"""

import ctypes
import os
import sys
import threading
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any
from weakref import ref

from glassnet.engines.cpu.threads.barrier import break_barrier, compile_barriers, new_barrier, start_barrier
from glassnet.typing import Array

IDLE_SECONDS = 10.0  # a thread that has had nothing to do for so long ends


class _Helper:
    """A thread that computes for one call after another and waits in between; it ends with its last reference."""

    _barrier: Array | None = None  # of its latest call

    def __init__(self) -> None:
        self.tasks: SimpleQueue[Any] = SimpleQueue()
        self._thread = threading.Thread(target=_serve, args=(self.tasks, ref(self)), name="glassnet", daemon=True)
        self._core: int | None = None

    def start(self) -> None:
        """Let the thread begin."""
        self._thread.start()

    def move_to(self, core: int) -> None:
        """Let it wake up on this core: on that of the thread that waits for it, it would be scheduled too late."""
        assert self._thread.native_id is not None  # it has started
        if core != self._core:
            with suppress(OSError):  # where the process has just lost the core, any other one will do
                os.sched_setaffinity(self._thread.native_id, {core})
                self._core = core

    def take(self, done: SimpleQueue[Any], function: Any, barrier: Array, arguments: tuple[Any, ...]) -> None:
        """Give the thread one side of a call, ``function(*arguments)``."""
        self._barrier = barrier
        self.tasks.put((done, function, barrier, arguments))

    def end(self) -> None:
        """End the thread, and break the barrier of its call so that no other thread waits there."""
        if self._barrier is not None and not sys.is_finalizing():
            break_barrier(self._barrier)
        self.tasks.put(None)

    def join(self) -> None:
        """Wait for the end of the thread, unless it has not begun."""
        with suppress(RuntimeError):
            self._thread.join()

    def __del__(self) -> None:
        if hasattr(self, "tasks"):  # else it was not made to the end, and has no thread
            self.end()


def _serve(tasks: SimpleQueue[Any], helper: ref[_Helper]) -> None:
    """Do one task after the other, in the helper's thread, which does not hold the helper itself."""
    while True:
        try:
            task = tasks.get(timeout=IDLE_SECONDS)
        except Empty:
            if _leave(helper):
                return
            continue
        if task is None:
            return
        _do(*task)
        del task  # and with it the arrays of the call


def _leave(helper: ref[_Helper]) -> bool:
    """Take an idle helper out of the list; return False where a call has just taken it."""
    try:
        _idle.remove(helper())  # type: ignore[arg-type]
    except ValueError:
        return helper() is None
    return True


def _do(done: SimpleQueue[BaseException | None], function: Any, barrier: Array, arguments: tuple[Any, ...]) -> None:
    """Compute one side of a call; hand over the error that came of it, or None."""
    try:
        function(*arguments)
    except BaseException as error:
        break_barrier(barrier)
        done.put(error)
    else:
        done.put(None)


_sched_getcpu = getattr(ctypes.CDLL(None), "sched_getcpu", None) if sys.platform == "linux" else None
_idle: list[_Helper] = []


def _forget() -> None:
    """A process that was forked has none of the threads of its parent."""
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


def run_on_threads(function: Any, n_threads: int, *arguments: Any) -> Any:
    """Call ``function(thread, n_threads, barrier, *arguments)`` on each thread; return what the first one returns.

    A call has its threads to itself: a thread that is still queued would deadlock the barrier. Compile the function
    before: nothing can be interrupted while a helper waits for the compiler.

    Raises
    ------
    BaseException
        What any of them raises. The threads of a call that fails or is interrupted have ended when it is left.
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
        _deal(helpers, done, function, barrier, arguments)
        returned = function(0, n_threads, barrier, *arguments)
        errors = [done.get() for _ in helpers]
        while helpers:  # an interrupt finds each of them in one place: here, where it ends, or among the idle ones
            _idle.append(helpers.pop())
    finally:
        _dismiss(helpers)
    for error in errors:
        if error is not None:
            raise error
    return returned


def _gather(helpers: list[_Helper], n: int) -> None:
    """Fill the list with that many helpers, idle ones first, each pinned to another core while there are enough."""
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


def _deal(
    helpers: list[_Helper], done: SimpleQueue[BaseException | None], function: Any, barrier: Array, arguments: Any
) -> None:
    """Give each helper its side; not in the call's own frame, which would keep the last one with an exception's."""
    n_threads = len(helpers) + 1
    for thread, helper in enumerate(helpers, start=1):
        helper.take(done, function, barrier, (thread, n_threads, barrier, *arguments))


def _dismiss(helpers: list[_Helper]) -> None:
    """End the helpers of a call that was not finished, and wait until they have left its arrays."""
    for helper in helpers:
        helper.end()
    for helper in helpers:
        helper.join()
