"""How many cores this process may use, and how many threads are worth starting on them."""

import os

MOST_PER_CORE = 4  # threads beyond that only wait for each other, and thousands of them cannot be started


def n_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def n_to_start(n_jobs: int) -> int:
    """Return how many threads are started where `n_jobs` are asked for."""
    return min(n_jobs, MOST_PER_CORE * n_cores())
