"""The number of cores available to this process, and of threads to start on them."""

import os

MOST_PER_CORE = 4  # more threads only wait for each other, and thousands cannot be started


def n_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def n_to_start(n_jobs: int) -> int:
    """Return the number of threads to start for a requested `n_jobs`."""
    # few need no look at the cores, which a short run would notice
    return n_jobs if n_jobs <= MOST_PER_CORE else min(n_jobs, MOST_PER_CORE * n_cores())
