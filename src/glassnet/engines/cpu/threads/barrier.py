"""Barriers in compiled code, at which threads that run the same steps wait for each other.

A wait polls the barrier for some milliseconds and then sleeps. Sleeping sooner costs more: waking up takes a while, for
which the others wait at the next barrier, and so on; and an operating system that sees threads sleep half of the time
moves all of them to one core. If other processes need the cores, `tuner` finds that one thread is faster. The sleep is
a POSIX condition; without it (Windows), the engine runs on one thread.

A call that is repeated need not start its threads anew: after their part, they stay at a post for a moment, until the
next call comes. To start them takes as long as a small network takes for some hundred rows.

A thread that fails or is interrupted would deadlock the others. So a barrier can be broken: then no thread waits at it,
and every thread that arrives is informed.
"""

import sys
from functools import cache
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from glassnet.engines.cpu.compiling.decorators import entry, kernel
from glassnet.typing import Array

HAS_THREADS = sys.platform != "win32"
LOOKS = 8_000_000  # some milliseconds

ARRIVED, ROUND, SLEEPERS = 0, 16, 32  # positions in the barrier's numbers, a cache line or two apart
MUTEX, CONDITION = 48, 64  # 128 bytes each: more than any system's pthread_mutex_t and pthread_cond_t
TAKEN = 80  # pieces of work that threads have taken, each when it is ready for the next
LENGTH = 96

STAY = 1_200_000  # looks, less than a millisecond, but longer than what Python does between two calls
POST, POST_LENGTH = 16, 32  # the position of a post's number, with a cache line before and after it
CALLED, LEFT, SENT_AWAY = 1, 1 << 20, 1 << 40  # added to a post, which is 0 while its thread stays there

BROKEN = 1 << 50  # added to the round, which counts from 0: one load shows both whether to wait and whether to continue

_address = types.uintp
if HAS_THREADS:
    _lock, _unlock, _wake_all = (
        types.ExternalFunction(name, types.int32(_address))
        for name in ("pthread_mutex_lock", "pthread_mutex_unlock", "pthread_cond_broadcast")
    )
    _sleep = types.ExternalFunction("pthread_cond_wait", types.int32(_address, _address))
    _start_mutex, _start_condition = (
        types.ExternalFunction(name, types.int32(_address, _address))
        for name in ("pthread_mutex_init", "pthread_cond_init")
    )
else:

    @kernel
    def _lock(address):
        return 0

    _unlock = _wake_all = _lock

    @kernel
    def _sleep(condition, mutex):
        return 0

    _start_mutex = _start_condition = _sleep


def _place(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    array = context.make_array(signature.args[0])(context, builder, args[0])
    return builder.gep(array.data, [args[1]])


@intrinsic
def add_atomic(typing, numbers, place, amount):
    """Add to one of the numbers; return its previous value."""

    def write(context, builder, signature, args):
        return builder.atomic_rmw("add", _place(context, builder, signature, args), args[2], "seq_cst")

    return types.int64(numbers, types.intp, types.int64), write


@intrinsic
def load_atomic(typing, numbers, place):
    """Return the current value of one of the numbers."""

    def write(context, builder, signature, args):
        return builder.load_atomic(_place(context, builder, signature, args), "seq_cst", 8, typ=ir.IntType(64))

    return types.int64(numbers, types.intp), write


@entry
def start_barrier(barrier):
    """Initialize the mutex and the condition."""
    base = barrier.ctypes.data
    _start_mutex(base + MUTEX * 8, 0)
    _start_condition(base + CONDITION * 8, 0)


@kernel
def wake(barrier):
    """Wake all threads that sleep at the barrier."""
    base = barrier.ctypes.data
    _lock(base + MUTEX * 8)
    _wake_all(base + CONDITION * 8)
    _unlock(base + MUTEX * 8)


@kernel
def barrier_wait(barrier, n_threads):
    """Wait until all threads have arrived; return whether to continue, which is False once the barrier is broken."""
    if n_threads == 1:
        return True
    mine = load_atomic(barrier, ROUND)
    if mine >= BROKEN:
        return False
    if add_atomic(barrier, ARRIVED, 1) == n_threads - 1:  # the last one opens
        add_atomic(barrier, ARRIVED, -n_threads)
        is_whole = add_atomic(barrier, ROUND, 1) < BROKEN
        if load_atomic(barrier, SLEEPERS) > 0:
            wake(barrier)
        return is_whole
    for _ in range(LOOKS):
        if load_atomic(barrier, ROUND) != mine:
            return load_atomic(barrier, ROUND) < BROKEN
    base = barrier.ctypes.data
    _lock(base + MUTEX * 8)
    add_atomic(barrier, SLEEPERS, 1)
    while load_atomic(barrier, ROUND) == mine:
        _sleep(base + CONDITION * 8, base + MUTEX * 8)
    add_atomic(barrier, SLEEPERS, -1)
    _unlock(base + MUTEX * 8)
    return load_atomic(barrier, ROUND) < BROKEN


@kernel
def take_post(post):
    """Begin a call after which this thread stays."""
    add_atomic(post, POST, -load_atomic(post, POST))


@kernel
def is_called_again(post):
    """Stay for a moment; return whether another call has come."""
    for _ in range(STAY):
        if load_atomic(post, POST) != 0:
            break
    if add_atomic(post, POST, LEFT) != CALLED:
        return False
    add_atomic(post, POST, -LEFT - CALLED)
    return True


@entry
def call_again(post):
    """Call the thread that stays at the post, for the same work; return whether it was still there."""
    return add_atomic(post, POST, CALLED) == 0


@entry
def send_away(post):
    """Let the thread leave its post, if it is still there."""
    add_atomic(post, POST, SENT_AWAY)


@entry
def break_barrier(barrier):
    """Release all threads that wait at the barrier, now or later."""
    if load_atomic(barrier, ROUND) < BROKEN:
        add_atomic(barrier, ROUND, BROKEN)
    wake(barrier)


def is_broken(barrier: Array) -> bool:
    """Whether the barrier is broken; for Python functions, which never wait at it."""
    return bool(barrier[ROUND] >= BROKEN)


@cache
def compile_barriers() -> None:
    """Compile the functions that start and break barriers, so that breaking one never waits for the compiler."""
    barrier, post = new_barrier(), new_post()
    start_barrier(barrier)
    break_barrier(barrier)
    call_again(post)
    send_away(post)


def new_barrier() -> Array:
    """Return the numbers of an unused barrier, for `start_barrier`."""
    return np.zeros(LENGTH, np.int64)


def new_post() -> Array:
    """Return the numbers of a post at which nobody stays."""
    return np.full(POST_LENGTH, LEFT, np.int64)
