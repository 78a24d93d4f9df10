"""Run one compiled function on several threads at once."""

from typing import Any

from glassnet.engines.cpu.threads import helpers, new_barrier, start_barrier


def all_sides(function: Any, n_threads: int, *arguments: Any) -> Any:
    """Call ``function(thread, n_threads, barrier, *arguments)`` on each thread; return what the first one returns."""
    barrier = new_barrier()
    if n_threads > 1:
        start_barrier(barrier)
    others = [helpers().submit(function, thread, n_threads, barrier, *arguments) for thread in range(1, n_threads)]
    returned = function(0, n_threads, barrier, *arguments)
    for other in others:
        other.result()
    return returned
