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
from typing import Any, NamedTuple
from weakref import ref

from glassnet.engines.cpu.threads.barrier import (
    break_barrier,
    call_again,
    compile_barriers,
    is_broken,
    new_barrier,
    new_post,
    send_away,
    start_barrier,
)
from glassnet.typing import Array

IDLE_SECONDS = 10.0  # after which an idle thread ends


class _Call(NamedTuple):
    """A function that all threads run at once."""

    function: Any
    n_threads: int
    barrier: Array
    arguments: tuple[Any, ...]
    is_repeated: bool = False

    def part(self, thread: int, post: Array) -> tuple[Any, ...]:
        """Return the arguments of a thread."""
        own = (post,) if self.is_repeated else ()
        return thread, self.n_threads, self.barrier, *own, *self.arguments


class _Helper:
    """A thread that computes for successive calls and waits in between; it ends with its last reference."""

    _barrier: Array | None = None  # of the call under way
    _stays: tuple[Array | None, int] = (None, 0)  # the barrier and the thread of the repeated call it waits for
    _done: SimpleQueue[BaseException | None]  # gets the error of its latest task, or None

    def __init__(self) -> None:
        self.tasks: SimpleQueue[Any] = SimpleQueue()
        self._post = new_post()
        self._thread = threading.Thread(target=_serve, args=(self.tasks, ref(self)), name="glassnet", daemon=True)
        self._core: int | None = None

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def is_in_place(self, call: _Call, thread: int, core: int) -> bool:
        """Whether it was pinned to another core than this one, for this part of a call."""
        stays_for, stays_as = self._stays
        return stays_for is call.barrier and stays_as == thread and self._core not in (None, core)

    def move_to(self, core: int) -> None:
        """Pin the thread to this core: on the core of the waiting thread, it would be scheduled too late."""
        assert self._thread.native_id is not None  # it has started
        if core != self._core:
            with suppress(OSError):  # if the process has just lost the core, any other one will do
                os.sched_setaffinity(self._thread.native_id, {core})
                self._core = core

    def take(self, call: _Call, thread: int) -> None:
        """Give the thread its part of a call, for which it may be waiting at its post."""
        self._barrier = call.barrier
        stays_for, stays_as = self._stays
        if stays_for is call.barrier and stays_as == thread and call_again(self._post):
            return
        if stays_for is not None:
            send_away(self._post)
        self._stays = (call.barrier if call.is_repeated else None, thread)
        self._done = SimpleQueue()
        self.tasks.put((self._done, call.function, call.barrier, call.part(thread, self._post)))

    def error(self) -> BaseException | None:
        """Wait for the end of its task; return its error, if any."""
        return self._done.get()

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


def run_on_threads(function: Any, n_threads: int, *arguments: Any) -> Any:
    """Call ``function(thread, n_threads, barrier, *arguments)`` on each thread; return the result of the first.

    Threads are not shared between calls: a thread that is still queued would deadlock the barrier. Compile the function
    in advance: a call whose helper waits for the compiler cannot be interrupted.

    Raises
    ------
    BaseException
        The exception of any thread. If a call fails or is interrupted, its threads end before it returns.
    """
    call = _Call(function, n_threads, new_barrier(), arguments)
    if n_threads > 1:
        compile_barriers()
        start_barrier(call.barrier)
    return _run(call)


class RepeatedCall:
    """Calls of one compiled function with the same arguments, between which its helpers need not return to Python.

    It calls ``function(thread, n_threads, barrier, post, *arguments)``. The last thing that all threads do is to meet
    at the barrier, which is always the same; helpers then stay at their posts, `barrier.is_called_again`. So nobody
    waits for helpers to return, which they do one after the other, as Python lets them.

    Parameters
    ----------
    function : callable
    n_threads : int
    *arguments
        Arrays whose contents may change between calls.
    """

    def __init__(self, function: Any, n_threads: int, *arguments: Any) -> None:
        self._call = _Call(function, n_threads, new_barrier(), arguments, is_repeated=True)
        self._process = -1  # that the barrier was started in

    def __call__(self) -> Any:
        """Call the function once on each thread; return the result of the first."""
        if self._call.n_threads > 1 and (self._process != os.getpid() or is_broken(self._call.barrier)):
            # a forked process may have got the barrier while a helper of its parent was leaving it
            compile_barriers()
            self._call = self._call._replace(barrier=new_barrier())
            start_barrier(self._call.barrier)
            self._process = os.getpid()
        return _run(self._call)


_NOBODYS = new_post()  # of the thread that calls, which never stays


def _run(call: _Call) -> Any:
    if call.n_threads == 1:
        return call.function(*call.part(0, _NOBODYS))
    helpers: list[_Helper] = []
    try:
        _gather(helpers, call)
        _assign(helpers, call)
        returned = call.function(*call.part(0, _NOBODYS))
        errors = [] if call.is_repeated and not is_broken(call.barrier) else _errors_of(helpers)
        _forget_call(helpers)
        while helpers:  # an interrupt finds each helper in one place: here, in its removal, or in the idle list
            _idle.append(helpers.pop())
    finally:
        _dismiss(helpers)
    for error in errors:
        if error is not None:
            raise error
    return returned


def _gather(helpers: list[_Helper], call: _Call) -> None:
    """Fill the list with helpers, idle ones first, each pinned to a different core if possible."""
    n = call.n_threads - 1
    with suppress(IndexError):  # another caller has just taken the last one
        while _idle and len(helpers) < n:
            helpers.append(_idle.pop())
    while len(helpers) < n:
        helpers.append(_Helper())
        helpers[-1].start()
    cores = [] if _are_in_place(helpers, call) else _other_cores()
    if cores:
        for k, helper in enumerate(helpers):
            helper.move_to(cores[k % len(cores)])


def _are_in_place(helpers: list[_Helper], call: _Call) -> bool:
    """Whether the helpers stay where this call was made before, none of them on the core of this thread."""
    if not call.is_repeated or _sched_getcpu is None:
        return False
    core = _sched_getcpu()
    return all(helper.is_in_place(call, thread, core) for thread, helper in enumerate(helpers, start=1))


def _assign(helpers: list[_Helper], call: _Call) -> None:
    """Give each helper its part; not in the caller's frame, where an exception would keep the last helper alive."""
    for thread, helper in enumerate(helpers, start=1):
        helper.take(call, thread)


def _errors_of(helpers: list[_Helper]) -> list[BaseException | None]:
    """Wait for all helpers; return their errors; not in the caller's frame either."""
    return [helper.error() for helper in helpers]


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
