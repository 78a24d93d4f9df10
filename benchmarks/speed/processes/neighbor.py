"""A neighbor: a process beside the measured ones that never rests, or comes and goes."""

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager

VISIT_SECONDS = 0.1


def burn(visit: float, away: float) -> None:
    """Keep one core busy for `visit` seconds and let go of it for `away` seconds, in turn, until the parent has ended.

    A parent that was killed has no moment to end its neighbors, and they would disturb every later measurement.
    """
    parent = multiprocessing.parent_process()
    assert parent is not None
    while parent.is_alive():
        end = time.perf_counter() + visit
        while time.perf_counter() < end:
            pass
        time.sleep(away)


@contextmanager
def neighbors(count: int, away: float = 0.0) -> Iterator[None]:
    """Have so many of them for a while."""
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=burn, args=(VISIT_SECONDS, away), daemon=True) for _ in range(count)]
    for process in processes:
        process.start()
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.join()
