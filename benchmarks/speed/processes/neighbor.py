"""A busy neighbor: a process beside the measured ones that never rests."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager


def burn() -> None:
    """Keep one core busy for ever."""
    while True:
        pass


@contextmanager
def busy_neighbors(count: int) -> Iterator[None]:
    """Have so many of them for a while."""
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=burn, daemon=True) for _ in range(count)]
    for process in processes:
        process.start()
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.join()
