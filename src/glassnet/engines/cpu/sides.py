"""Run one compiled function on several threads at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from glassnet.engines.cpu.threads import new_barrier, start_barrier


def all_sides(function: Any, n_threads: int, *arguments: Any) -> Any:
    """Call ``function(thread, n_threads, barrier, *arguments)`` on each thread; return what the first one returns.

    The threads are this call's own: at a barrier, one that waits for its turn in a pool is waited for without end.
    """
    barrier = new_barrier()
    if n_threads == 1:
        return function(0, 1, barrier, *arguments)
    start_barrier(barrier)
    with ThreadPoolExecutor(n_threads - 1, thread_name_prefix="glassnet") as pool:
        others = [pool.submit(function, thread, n_threads, barrier, *arguments) for thread in range(1, n_threads)]
        returned = function(0, n_threads, barrier, *arguments)
        for other in others:
            other.result()
    return returned
