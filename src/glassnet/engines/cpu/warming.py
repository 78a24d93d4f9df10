"""`warm_up`: compiles the usual machine code before the first call."""

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from numba.core import event

from glassnet.engines.cpu.compiling import build
from glassnet.engines.cpu.compiling.announcement import announced, say_that_it_waits
from glassnet.engines.cpu.compiling.code_cache import SUFFIX
from glassnet.engines.cpu.compiling.folders import cache_folder, folders_to_read
from glassnet.engines.cpu.compiling.lock import alone_in
from glassnet.engines.cpu.usual import make_usual_calls
from glassnet.errors import GlassnetError


@dataclass(frozen=True)
class WarmUp:
    """The result of `warm_up`.

    Attributes
    ----------
    n_compiled : int
        Number of compiled functions; 0 if all existed.
    seconds : float
        Duration.
    folders : tuple of pathlib.Path
        The folders with the machine code.
    n_bytes : int
        Size of the machine code.
    """

    n_compiled: int
    seconds: float
    folders: tuple[Path, ...]
    n_bytes: int


def warm_up() -> WarmUp:
    """Compile the engine ahead of time.

    The first call of training or prediction compiles the engine automatically, once per installation. Call `warm_up` to
    compile at another time: while building a container image, before a demonstration, before starting many processes.
    It also checks existing machine code and replaces damaged files.

    The code is stored in `__pycache__` next to the sources of glassnet, or in the user's cache folder if that folder is
    not writable. The environment variable NUMBA_CACHE_DIR sets another folder.

    Returns
    -------
    WarmUp
        Number of compiled functions, duration, folders and size.

    Raises
    ------
    GlassnetError
        If no folder is writable.

    Examples
    --------
    >>> first = gn.warm_up()  # some seconds, if nothing is compiled yet
    >>> second = gn.warm_up()
    >>> second.n_compiled
    0
    >>> second.folders == first.folders
    True
    """
    folder = cache_folder()
    if folder is None:
        built = build.run_workers(None)
        if built is None:
            raise GlassnetError(
                "the machine code cannot be stored, because no folder for it is writable; set the environment variable "
                "NUMBA_CACHE_DIR to a folder that only you can write to."
            )
    else:
        with alone_in(folder, say_that_it_waits):
            built = build.run_workers(folder)
        built = built or _built_here()
    n_bytes = sum(path.stat().st_size for path in built.paths)
    return WarmUp(built.n_compiled, built.seconds, tuple(sorted({path.parent for path in built.paths})), n_bytes)


def warm_up_if_cold() -> None:
    """Compile the engine, unless some of it is compiled or no folder is writable; for threads in the background.

    It compiles in other processes. Calls of the engine in the meantime wait for the result.
    """
    folder = cache_folder()
    if folder is None:
        return
    with alone_in(folder, lambda: None):
        if not any(path for each in folders_to_read() for path in each.glob(f"*{SUFFIX}")):
            build.run_workers(folder, draws=False)


def _built_here() -> build.Built:
    """Do the workers' task in this process."""
    started, counter = perf_counter(), _Counter()
    with event.install_listener("numba:compile", counter), announced("its engine"):
        make_usual_calls(build.TASKS)
    paths = frozenset(path for folder in folders_to_read() for path in folder.glob(f"*{SUFFIX}"))
    return build.Built(paths, counter.n_compiled, perf_counter() - started)


class _Counter(event.Listener):
    """Counts the compiled functions."""

    n_compiled = 0

    def on_start(self, event: object) -> None:
        """Count one more."""
        self.n_compiled += 1

    def on_end(self, event: object) -> None:
        """Do nothing until the next one."""
