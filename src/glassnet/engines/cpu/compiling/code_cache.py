"""Where the machine code is kept."""

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import FunctionCache
from numba.core.runtime.nrt import rtsys

config: Any = numba.config
PREFIX = "glassnet-kernels-"
HERE = Path(__file__).parents[1]


class Cache(FunctionCache):
    """Numba's cache of machine code, which to load what is there does not set up all that compiling would need."""

    def load_overload(self, signature: Any, context: Any) -> Any:
        """Return what is there for these types, or None."""
        rtsys.initialize(context)
        with self._guard_against_spurious_io_errors():
            return self._load_overload(signature, context)


@cache
def cache_folder() -> Path:
    """Return the folder for machine code: beside the sources, or where they cannot be written to, the user's cache.

    Its name holds a digest of all kernel sources, because Numba notices changes only in the file of the function that
    is called, not in those that it calls.
    """
    digest = hashlib.sha256()
    for source in sorted(HERE.rglob("*.py")):
        digest.update(source.read_bytes())
    for parent in _parents():
        folder = parent / f"{PREFIX}{digest.hexdigest()[:16]}"
        is_new = not folder.exists()
        if _can_write(folder):
            if is_new:
                _remove_others(folder)
            return folder
    return Path(tempfile.mkdtemp(prefix=PREFIX))


def _parents() -> Iterator[Path]:
    if config.CACHE_DIR:  # NUMBA_CACHE_DIR, where the user has set it
        yield Path(config.CACHE_DIR)
    yield HERE / "__pycache__"
    if sys.platform == "win32":
        yield Path(os.environ.get("LOCALAPPDATA", tempfile.gettempdir()))
    elif sys.platform == "darwin":
        yield Path.home() / "Library" / "Caches"
    else:
        yield Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _remove_others(folder: Path) -> None:
    """Remove the machine code of earlier sources; a process that still runs it has it in memory."""
    for other in folder.parent.glob(f"{PREFIX}*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)


def _can_write(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
