"""Waiting for each other, in compiled code: threads that run the same steps meet at barriers.

A wait looks at the barrier for some milliseconds, and then sleeps. To sleep sooner costs more: it takes a while to wake
up, for which the others wait at the next barrier, and so on; and a system that sees threads sleep half of the time
leaves all of them to one core. Where others want the cores too, `crew` finds that one thread is faster. The sleep is a
POSIX condition; where there is none (Windows) the engine runs on one thread.
"""

import sys
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from glassnet.engines.cpu.compiling.decorators import entry, kernel
from glassnet.typing import Array

HAS_THREADS = sys.platform != "win32"
LOOKS = 8_000_000  # some milliseconds

ARRIVED, ROUND, SLEEPERS = 0, 16, 32  # places in the barrier's numbers, a cache line or two apart
MUTEX, CONDITION = 48, 64  # 128 bytes each: more than any system's pthread_mutex_t and pthread_cond_t
LENGTH = 96

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
    """Add to one of the numbers; return what it was before."""

    def write(context, builder, signature, args):
        return builder.atomic_rmw("add", _place(context, builder, signature, args), args[2], "seq_cst")

    return types.int64(numbers, types.intp, types.int64), write


@intrinsic
def load_atomic(typing, numbers, place):
    """Return one of the numbers as it is now."""

    def write(context, builder, signature, args):
        return builder.load_atomic(_place(context, builder, signature, args), "seq_cst", 8, typ=ir.IntType(64))

    return types.int64(numbers, types.intp), write


@entry
def start_barrier(barrier):
    """Make the lock and the condition."""
    base = barrier.ctypes.data
    _start_mutex(base + MUTEX * 8, 0)
    _start_condition(base + CONDITION * 8, 0)


@kernel
def meet(barrier, n_threads):
    """Wait until all threads are here."""
    if n_threads == 1:
        return
    mine = load_atomic(barrier, ROUND)
    base = barrier.ctypes.data
    if add_atomic(barrier, ARRIVED, 1) == n_threads - 1:  # the last one opens
        add_atomic(barrier, ARRIVED, -n_threads)
        add_atomic(barrier, ROUND, 1)
        if load_atomic(barrier, SLEEPERS) > 0:
            _lock(base + MUTEX * 8)
            _wake_all(base + CONDITION * 8)
            _unlock(base + MUTEX * 8)
        return
    for _ in range(LOOKS):
        if load_atomic(barrier, ROUND) != mine:
            return
    _lock(base + MUTEX * 8)
    add_atomic(barrier, SLEEPERS, 1)
    while load_atomic(barrier, ROUND) == mine:
        _sleep(base + CONDITION * 8, base + MUTEX * 8)
    add_atomic(barrier, SLEEPERS, -1)
    _unlock(base + MUTEX * 8)


def new_barrier() -> Array:
    """Return the numbers of a barrier that nobody waits at, for `start_barrier`."""
    return np.zeros(LENGTH, np.int64)
