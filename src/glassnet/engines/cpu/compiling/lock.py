"""Only one process at a time compiles into a folder; the others wait, and load its result.

The lock belongs to the operating system, which releases it when its holder dies for any reason.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from glassnet.locks import HELD_BY_ANOTHER, try_lock, unlock

NAME = "lock"
LOOK_SECONDS = 0.05
PATIENCE_SECONDS = 300.0  # after which the holder counts as stuck, for example stopped by Ctrl-Z

_mine = threading.local()  # .folders: the folders locked by this thread


@contextmanager
def alone_in(folder: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold the folder's lock; call `on_wait` once if another process or thread holds it.

    If locking is impossible, as on some network drives, or the holder seems stuck, continue without the lock: files are
    replaced as a whole, so at worst two processes compile the same code.
    """
    held: set[Path] = _mine.__dict__.setdefault("folders", set())
    file = None if folder in held else _opened(folder / NAME)
    if file is None:
        yield
        return
    is_locked = False
    try:
        is_locked = _wait_for(file, on_wait)
        held.add(folder)
        yield
    finally:
        held.discard(folder)
        if is_locked:
            with suppress(OSError):
                unlock(file)  # closing alone would leave the lock to a process forked meanwhile
        os.close(file)


def _opened(path: Path) -> int | None:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError:
        return None


def _wait_for(file: int, on_wait: Callable[[], None]) -> bool:
    """Wait for the lock; return whether it was acquired."""
    until = monotonic() + PATIENCE_SECONDS
    has_waited = False
    while monotonic() < until:
        try:
            try_lock(file)
            return True
        except OSError as error:
            if error.errno not in HELD_BY_ANOTHER:
                return False
        if not has_waited:
            on_wait()
            has_waited = True
        sleep(LOOK_SECONDS)
    return False
