"""Atomic file writes, and temporary folders that are removed even after a killed run.

A file is written in a hidden folder beside its destination and then moved. The folder contains a lock file, which its
owner locks while it runs; the system releases the lock when the owner ends, in whatever way. So the next run recognizes
and removes the folders of killed runs. Floor 0: imports nothing of the project.
"""

import math
import os
import re
import secrets
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

# Windows has no such locks, so nothing is swept there.
fcntl: Any = import_module("fcntl") if os.name == "posix" else None

BESIDE, SCRATCH = ".glassnet-", "glassnet-"  # prefixes of folders beside files and in the temporary directory
LOCK = "glassnet.lock"
_NAME = re.compile(rf"\.?{SCRATCH}[0-9a-f]{{12}}\.part")
_TRIES = 100
_swept: set[Path] = set()


@contextmanager
def scratch_folder(where: Path | None = None) -> Iterator[Path]:
    """Create a folder that is removed afterwards; if this process is killed, the next one removes it.

    Parameters
    ----------
    where : Path, optional
        The parent folder; by default the system's folder for temporary files.
    """
    prefix = SCRATCH if where is None else BESIDE
    where = Path(tempfile.gettempdir()) if where is None else where
    if where not in _swept:
        _swept.add(where)
        sweep(where)
    made: list[tuple[Path, int]] = []
    try:
        try:
            yield _make(where, prefix, made)
        finally:
            _remove(made)
    finally:
        _remove(made)  # again, after an interrupt of the first time; a second one leaves the folder to the next run


def _make(where: Path, prefix: str, made: list[tuple[Path, int]]) -> Path:
    """Create and lock a folder; another process may sweep it before it is locked."""
    for _ in range(_TRIES):
        folder = where / f"{prefix}{secrets.token_hex(6)}.part"
        made.append((folder, -1))
        try:
            folder.mkdir(mode=0o700)
        except OSError as error:  # the user knows the parent folder, not the temporary one
            raise type(error)(error.errno, error.strerror, str(where)) from None
        with suppress(FileNotFoundError):
            handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            made[-1] = (folder, handle)
            if fcntl is not None:
                with suppress(OSError):  # a file system without locks: the folder cannot be swept either
                    fcntl.flock(handle, fcntl.LOCK_EX)
            if os.path.samestat(os.stat(folder / LOCK), os.fstat(handle)):
                return folder
    raise OSError(f"no temporary folder can be made in {str(where)!r}: something removes each at once.")


def _remove(made: list[tuple[Path, int]]) -> None:
    while made:
        folder, handle = made[-1]
        shutil.rmtree(folder, ignore_errors=True)
        made.pop()
        if handle >= 0:
            os.close(handle)


def sweep(where: Path) -> None:
    """Remove the leftovers of killed runs from a folder, but no folder in use and no foreign files."""
    if fcntl is None:
        return
    with suppress(OSError), os.scandir(where) as entries:
        for entry in entries:
            if _NAME.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
                with suppress(OSError):
                    _remove_if_dead(Path(entry.path))


def _remove_if_dead(folder: Path) -> None:
    """Remove a folder whose lock is free; OSError if the lock is held."""
    if folder.lstat().st_uid != os.geteuid():
        return
    try:
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        folder.rmdir()  # its run was killed before locking; a folder with content is not ours
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder)
    finally:
        os.close(handle)


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` create a file, then move it to `path`; a failure leaves the old file.

    A device or pipe, such as ``/dev/null``, is written into directly; a link is followed.

    Parameters
    ----------
    path : Path
    write : callable
        Called with the path to write to, which has the suffix of `path`.
    """
    place = Path(os.path.realpath(path))
    is_device = place.exists() and not place.is_file()
    with scratch_folder(None if is_device else place.parent) as folder:
        part = folder / f"part{path.suffix}"
        try:
            write(part)
        except OSError as error:
            if error.filename in (None, str(part)):
                error.filename = str(path)  # the user knows that name
            raise
        if is_device:
            with part.open("rb") as made, place.open("wb") as device:
                shutil.copyfileobj(made, device)
            return
        if place.exists():
            os.chmod(part, stat.S_IMODE(place.stat().st_mode))
        _to_disk(part)
        os.replace(part, place)


def _to_disk(path: Path) -> None:
    """Flush a file to the disk; a full disk may be detected only then."""
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_atomically(path: Path, content: bytes, *, example: str = "file") -> None:
    """Replace the file at `path` by `content` in one move; a failure leaves the old file.

    Parameters
    ----------
    path : Path
    content : bytes
    example : str
        A file name for the hint if `path` is a folder.
    """
    if path.is_dir():
        raise IsADirectoryError(f"{str(path)!r} is a folder; add a file name, such as {str(path / example)!r}.")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {str(path.parent)!r}; make it first, or save elsewhere.")
    write_whole(path, lambda part: part.write_bytes(content))


def strict(value: Any) -> Any:
    """Return plain data with non-finite numbers, and types that JSON lacks, as text."""
    if isinstance(value, dict):
        return {str(key): strict(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [strict(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return value if value is None or isinstance(value, str | bool | int) else str(value)
