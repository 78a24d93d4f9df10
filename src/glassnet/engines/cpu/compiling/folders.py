"""The folders for machine code: beside the sources or, if these are not writable, in the user's cache.

Machine code and pickles are executed. So a folder is trusted only if nobody but its owner can write to it, and the
owner could change what this process runs anyway: the user, root, or the owner of the sources.
"""

import hashlib
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numba

from glassnet.engines.cpu.compiling.bounds import CHECKS_BOUNDS

config: Any = numba.config
PREFIX = "glassnet-checked-kernels-" if CHECKS_BOUNDS else "glassnet-kernels-"  # each build keeps the other's folders
HERE = Path(__file__).parents[1]
WITH_CONSTANTS = ("catalog/activations.py", "front.py")  # of core: constants that are compiled into kernels
LEAST_FREE = 1 << 24  # bytes; several times the size of the machine code
KEPT = 3  # folders of other sources, such as another version that shares the user's cache


@cache
def digest() -> str:
    """Return a digest of all kernel sources, and of the core sources with constants.

    Numba notices changes only in the file of the called function, not in the files of its callees.
    """
    found = hashlib.sha256(b"bounds are checked" if CHECKS_BOUNDS else b"")
    core = HERE.parents[1] / "core"
    for source in [*sorted(HERE.rglob("*.py")), *(core / name for name in WITH_CONSTANTS)]:
        found.update(source.read_bytes())
    return found.hexdigest()[:16]


def folders_to_read() -> list[Path]:
    """Return the folders that may contain machine code, including those writable only by others, such as root."""
    candidates = list(_candidates())
    if config.CACHE_DIR and cache_folder() == candidates[0]:  # the user's setting replaces all others
        candidates = candidates[:1]
    return [folder for folder in candidates if is_trusted(folder)]


@cache
def cache_folder() -> Path | None:
    """Return the folder to store machine code in, created if necessary; None if no folder is writable."""
    for folder in _candidates():
        was_there = is_trusted(folder)
        if _can_write(folder) and is_trusted(folder):
            if not was_there:
                _remove_others(folder)
            return folder
    return None


def is_trusted(folder: Path) -> bool:
    """Whether a folder exists and is writable by no other user."""
    try:
        status = folder.stat()
    except OSError:  # this user cannot even access it
        return False
    return stat.S_ISDIR(status.st_mode) and has_trusted_owner(status)


def has_trusted_owner(status: os.stat_result) -> bool:
    """Whether only the user, root or the owner of the sources can write to a file or folder with this status."""
    if not hasattr(os, "geteuid"):  # the folders of a Windows user are private by default
        return True
    trusted = {0, os.geteuid(), _owner_of_sources()}
    return status.st_uid in trusted and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


@cache
def _owner_of_sources() -> int:
    return Path(__file__).stat().st_uid


def _candidates() -> Iterator[Path]:
    for parent in _parents():
        if parent.is_absolute():  # never in the working directory
            yield parent / f"{PREFIX}{digest()}"


def _parents() -> Iterator[Path]:
    if config.CACHE_DIR:  # NUMBA_CACHE_DIR, if set by the user
        yield Path(config.CACHE_DIR).absolute()
    yield HERE / "__pycache__"
    if sys.platform == "win32":
        yield Path(os.environ.get("LOCALAPPDATA", tempfile.gettempdir()))
    elif sys.platform != "darwin" and os.environ.get("XDG_CACHE_HOME"):
        yield Path(os.environ["XDG_CACHE_HOME"])
    else:
        with suppress(RuntimeError):  # no HOME and no user entry, as in a container with a numeric user
            yield Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")


def _remove_others(folder: Path) -> None:
    """Remove machine code of all but the latest other sources; processes that run it have it in memory."""
    others = [other for other in folder.parent.glob(f"{PREFIX}*") if other != folder]
    with suppress(OSError):
        others.sort(key=lambda other: other.stat().st_mtime, reverse=True)
        for other in others[KEPT:]:
            shutil.rmtree(other, ignore_errors=True)


def _can_write(folder: Path) -> bool:
    try:
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return shutil.disk_usage(folder).free >= LEAST_FREE
    except OSError:
        return False
