"""File locks that the operating system releases when their holder dies. Floor 0: imports nothing of the project.

Lock files that merely exist, which some libraries use, would block everyone after a holder was killed.
"""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

HELD_BY_ANOTHER = {errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK}
_TRIES = 100

if sys.platform == "win32":
    import msvcrt

    def try_lock(file: int) -> None:
        """Lock an open file; OSError if another process, or another opening of the file, has it."""
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

    def unlock(file: int) -> None:
        """Release the lock of an open file."""
        msvcrt.locking(file, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def try_lock(file: int) -> None:
        """Lock an open file; OSError if another process, or another opening of the file, has it."""
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def unlock(file: int) -> None:
        """Release the lock of an open file."""
        fcntl.flock(file, fcntl.LOCK_UN)


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold a lock file, which is removed afterwards.

    On a file system without locks, the block runs without one.

    Parameters
    ----------
    path : Path
        The lock file; its folder must exist.

    Raises
    ------
    BlockingIOError
        If another process, or another thread, holds it.
    """
    file = _locked(path)
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()  # while it is locked: whoever opened it meanwhile sees that it is gone, and makes a new one
        with suppress(OSError):
            unlock(file)  # closing alone would leave it to a process that was forked meanwhile
        os.close(file)


def _locked(path: Path) -> int:
    for _ in range(_TRIES):
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            try_lock(file)
            if os.path.samestat(os.stat(path), os.fstat(file)):
                return file
        except FileNotFoundError:
            pass  # removed by its last holder between opening and locking
        except OSError as error:
            if error.errno not in HELD_BY_ANOTHER:
                return file
            os.close(file)
            raise BlockingIOError(errno.EWOULDBLOCK, "the lock is held by another run", str(path)) from None
        os.close(file)
    raise OSError(f"the lock file {str(path)!r} cannot be locked: something removes it at once.")
