"""`warm_up`: compile everything that the usual calls need before the first of them."""

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from numba.core import event

from glassnet.engines.cpu.compiling import build
from glassnet.engines.cpu.compiling.announcement import announced, say_that_it_waits
from glassnet.engines.cpu.compiling.folders import cache_folder, folders_to_read
from glassnet.engines.cpu.compiling.lock import alone_in
from glassnet.engines.cpu.usual import make_usual_calls
from glassnet.errors import GlassnetError


@dataclass(frozen=True)
class WarmUp:
    """What `warm_up` did.

    Attributes
    ----------
    n_compiled : int
        Functions that were compiled; 0 if all of them were there.
    seconds : float
        How long it took.
    folders : tuple of pathlib.Path
        Where the machine code is kept.
    n_bytes : int
        How much space it takes there.
    """

    n_compiled: int
    seconds: float
    folders: tuple[Path, ...]
    n_bytes: int


def warm_up() -> WarmUp:
    """Compile the engine now: everything that training and prediction usually need.

    The first call that needs compiled code does the same by itself, once for an installation. Call `warm_up` where that
    moment does not suit: while a container image is built, before a demonstration, before many processes start. It also
    checks the machine code that is there, and replaces what is damaged.

    The code is kept in `__pycache__` beside the sources of glassnet, or, where that folder cannot be written to, in the
    user's cache folder. The environment variable NUMBA_CACHE_DIR names another one.

    Returns
    -------
    WarmUp
        What was compiled, how long it took and where it is kept.

    Raises
    ------
    GlassnetError
        If no folder can keep the machine code.

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
                "the machine code cannot be kept, because no folder for it can be written to; set the environment "
                "variable NUMBA_CACHE_DIR to a folder that can, and that nobody else can write to."
            )
    else:
        with alone_in(folder, say_that_it_waits):
            built = build.run_workers(folder)
        built = built or _built_here()
    n_bytes = sum(path.stat().st_size for path in built.paths)
    return WarmUp(built.n_compiled, built.seconds, tuple(sorted({path.parent for path in built.paths})), n_bytes)


def _built_here() -> build.Built:
    """Do in this process what workers would do."""
    started, counter = perf_counter(), _Counter()
    with event.install_listener("numba:compile", counter), announced("its engine"):
        make_usual_calls(build.TASKS)
    paths = frozenset(path for folder in folders_to_read() for path in folder.glob("*.nbc"))
    return build.Built(paths, counter.n_compiled, perf_counter() - started)


class _Counter(event.Listener):
    """Counts the functions that are compiled."""

    n_compiled = 0

    def on_start(self, event: object) -> None:
        """One more."""
        self.n_compiled += 1

    def on_end(self, event: object) -> None:
        """Wait for the next one."""
