"""What the command line decides for all suites."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


def usable_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Options:
    """Which contenders, how often, and where temporary files may lie."""

    contenders: tuple[str, ...]
    repeats: int
    folder: Path
    say: Callable[[str], None]
    cores: int = usable_cores()
    quick: bool = False
