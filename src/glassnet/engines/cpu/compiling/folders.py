"""The folders where machine code is kept: beside the sources, or where these cannot be written to, the user's cache.

Machine code is run as it is, and pickles are code, too. So a folder is trusted only if nobody can write to it but its
owner, and if that owner could change what this process runs anyway: the user, root, or the owner of the sources.
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
PREFIX = "glassnet-checked-kernels-" if CHECKS_BOUNDS else "glassnet-kernels-"  # neither removes the other's
HERE = Path(__file__).parents[1]
WITH_CONSTANTS = ("catalog/activations.py", "front.py")  # of core: kernels contain numbers that stand there
LEAST_FREE = 1 << 24  # bytes; several times what is kept
KEPT = 3  # folders of other sources, such as those of another version that shares the user's cache


@cache
def digest() -> str:
    """Return a digest of all kernel sources, and of those whose constants they contain.

    Numba notices changes only in the file of the function that is called, not in those that it calls.
    """
    found = hashlib.sha256(b"bounds are checked" if CHECKS_BOUNDS else b"")
    core = HERE.parents[1] / "core"
    for source in [*sorted(HERE.rglob("*.py")), *(core / name for name in WITH_CONSTANTS)]:
        found.update(source.read_bytes())
    return found.hexdigest()[:16]


def folders_to_read() -> list[Path]:
    """Return the folders that may hold machine code: also those that only others, such as root, can write to."""
    candidates = list(_candidates())
    if config.CACHE_DIR and cache_folder() == candidates[0]:  # what the user has set stands for all
        candidates = candidates[:1]
    return [folder for folder in candidates if is_trusted(folder)]


@cache
def cache_folder() -> Path | None:
    """Return the folder to keep machine code in, made if need be; None where no folder can be written to."""
    for folder in _candidates():
        was_there = is_trusted(folder)
        if _can_write(folder) and is_trusted(folder):
            if not was_there:
                _remove_others(folder)
            return folder
    return None


def is_trusted(folder: Path) -> bool:
    """Whether a folder exists and no other user can have written into it."""
    try:
        status = folder.stat()
    except OSError:  # nor may this user look whether it is there
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
        if parent.is_absolute():  # the working directory is no place for a cache
            yield parent / f"{PREFIX}{digest()}"


def _parents() -> Iterator[Path]:
    if config.CACHE_DIR:  # NUMBA_CACHE_DIR, where the user has set it
        yield Path(config.CACHE_DIR).absolute()
    yield HERE / "__pycache__"
    if sys.platform == "win32":
        yield Path(os.environ.get("LOCALAPPDATA", tempfile.gettempdir()))
    elif sys.platform != "darwin" and os.environ.get("XDG_CACHE_HOME"):
        yield Path(os.environ["XDG_CACHE_HOME"])
    else:
        with suppress(RuntimeError):  # no HOME, and no entry for this user, as in a container with a number for a user
            yield Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")


def _remove_others(folder: Path) -> None:
    """Remove the machine code of earlier sources but the latest; a process that still runs it has it in memory."""
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
