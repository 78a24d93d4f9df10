"""File locks that the operating system releases when their holder dies. Floor 0: imports nothing of the project.

Lock files that merely exist, which some libraries use, would block everyone after a holder was killed.
"""

import errno
import os
import sys
from contextlib import suppress
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


class FileLock:
    """A lock file that only one holds at a time, and that is removed afterwards.

    On a file system without locks, everyone holds it. It is closed with the last reference to it, as Ctrl-C may come
    between any two instructions.

    Parameters
    ----------
    path : Path
        The lock file; its folder must exist.

    Raises
    ------
    BlockingIOError
        If another process, or another thread, holds it.
    """

    _file = -1

    def __init__(self, path: Path) -> None:
        self._path = path
        for _ in range(_TRIES):
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            if self._is_locked():
                return
            self.close()
        raise OSError(f"the lock file {str(path)!r} cannot be locked: something removes it at once.")

    def _is_locked(self) -> bool:
        """Lock the file; False if its last holder has removed it between opening and locking."""
        try:
            try_lock(self._file)
            return os.path.samestat(os.stat(self._path), os.fstat(self._file))
        except FileNotFoundError:
            return False
        except OSError as error:
            if error.errno not in HELD_BY_ANOTHER:
                return True
            self.close()
            raise BlockingIOError(errno.EWOULDBLOCK, "the lock is held by another run", str(self._path)) from None

    def __enter__(self) -> "FileLock":
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._path.unlink()  # while it is locked: whoever opened it meanwhile sees that it is gone
        self.close()

    def close(self) -> None:
        """Release the lock."""
        file, self._file = self._file, -1
        if file >= 0:
            with suppress(OSError):
                unlock(file)  # closing alone would leave it to a process that was forked meanwhile
            os.close(file)

    __del__ = close
