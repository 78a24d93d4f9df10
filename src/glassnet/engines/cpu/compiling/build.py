"""Compiles the usual machine code at once, in two or four parallel processes.

Numba compiles one function at a time per process. Two processes, for single and for double precision, compile the code
of training and prediction hardly slower than one process compiles the first call alone; so later calls need not
compile. With four cores, training and prediction are compiled in parallel, too; with fewer cores this would only be
more work, because both contain forward propagation.
"""

import json
import os
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from time import perf_counter
from typing import Any

from glassnet.engines.cores import n_cores
from glassnet.engines.cpu.compiling.announcement import bar

TASKS = ("train float32", "predict float32", "train float64", "predict float64")

# The program of a worker: compiles the calls in `glassnet.engines.cpu.usual` and reports each step in a line.
WORKER = """
import json, sys
given = json.loads(sys.stdin.readline())
sys.path[:] = given["path"]
from glassnet.engines.cpu import usual
usual.work(given["tasks"], given["folder"])
"""
LISTEN_SECONDS = 0.5  # on Windows, longer waits cannot be interrupted
STEPS = {1: 422, 2: 464, 4: 654}
"""Approximate number of reports (start or end of a function) by number of workers: the length of the bar."""


@dataclass(frozen=True)
class Built:
    """The result of the workers."""

    paths: frozenset[Path]  # current files of machine code
    n_compiled: int  # compiled functions that Python calls; the others existed
    seconds: float


class _Worker:
    """State of this process as a worker."""

    is_one = False
    folder: Path | None = None


def is_worker() -> bool:
    """Whether this process compiles for another process, which holds the lock."""
    return _Worker.is_one


def folder_of_worker() -> Path | None:
    """Return the folder for a worker's results."""
    return _Worker.folder


def check_that_it_may_compile() -> None:
    """End a worker that may only check whether all code exists."""
    if _Worker.folder is None:
        raise RuntimeError("machine code is missing, and no folder for it is writable")


def become_worker(folder: str | None) -> None:
    """Become a worker of another process, and end with it."""
    _Worker.is_one, _Worker.folder = True, None if folder is None else Path(folder)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    while os.read(0, 1):  # no input is expected; ends when the parent closes the pipe or dies
        pass
    os._exit(1)


def tell(what: str, path: Path | None = None) -> None:
    """Report a step to the other process, if there is one."""
    if _Worker.is_one:
        os.write(1, (json.dumps([what, None if path is None else str(path)]) + "\n").encode())


_tried: set[Path] = set()


def compile_usual(folder: Path) -> bool:
    """Compile the usual machine code into a folder, unless this process has tried before; return whether it succeeded.

    The caller holds the lock of the folder.
    """
    if folder in _tried:
        return False
    built = run_workers(folder)
    _tried.add(folder)  # unless it was interrupted
    return built is not None


def run_workers(folder: Path | None, *, draws: bool = True) -> Built | None:
    """Let workers load the usual code, or compile it into the folder; None if they cannot be started or fail.

    Without a folder they do not compile, and fail if code is missing. On a terminal, a bar shows their progress if
    `draws`; it must not be drawn from the background, as it would take lines of the program's output with it.
    """
    if not _can_start_python():
        return None
    started = perf_counter()
    counts: Counter[str] = Counter()
    paths = set()
    n_workers = 4 if n_cores() >= 4 else min(n_cores(), 2)
    n_tasks = len(TASKS) // n_workers
    shares = [TASKS[first : first + n_tasks] for first in range(0, len(TASKS), n_tasks)]
    with ExitStack() as stack:
        try:
            workers = [stack.enter_context(_started(share, folder)) for share in shares]
        except OSError:
            return None
        show = stack.enter_context(bar("its engine", STEPS[n_workers], is_drawn=draws))
        for what, path in _reports_from(workers):
            counts[what] += 1
            if path is not None:
                paths.add(Path(path))
            if what == "step":
                show.advance()
        if any(worker.wait() for worker in workers):
            return None
        show.finish()
    return Built(frozenset(paths), counts["compiled"], perf_counter() - started)


def _can_start_python() -> bool:
    """Whether a Python executable can be started: an embedding application would start itself again."""
    is_python = re.match(r"python|pypy", Path(sys.executable or "").name, re.IGNORECASE)
    return is_python is not None and not getattr(sys, "frozen", False)


class _started(subprocess.Popen[bytes]):
    """A running worker, which is ended on exit."""

    def __init__(self, tasks: Sequence[str], folder: Path | None) -> None:
        # Ctrl-C in a terminal reaches the waiting process, which ends the workers
        group: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        super().__init__(
            [sys.executable, "-c", WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            **group,
        )
        given = {"path": sys.path, "tasks": list(tasks), "folder": None if folder is None else str(folder)}
        assert self.stdin is not None
        self.stdin.write(json.dumps(given).encode() + b"\n")
        self.stdin.flush()

    def __exit__(self, *error: Any) -> None:
        if self.poll() is None:
            self.kill()
        super().__exit__(*error)


def _reports_from(workers: Sequence[Any]) -> Iterator[tuple[str, str | None]]:
    """Yield the reports of the workers until all have ended."""
    told: SimpleQueue[bytes | None] = SimpleQueue()

    def listen(worker: Any) -> None:
        with suppress(ValueError):  # closed, after an interrupt
            for line in worker.stdout:
                told.put(line)
        told.put(None)

    for worker in workers:
        threading.Thread(target=listen, args=(worker,), daemon=True).start()
    n_at_work = len(workers)
    while n_at_work:
        try:
            line = told.get(timeout=LISTEN_SECONDS)
        except Empty:
            continue
        if line is None:
            n_at_work -= 1
            continue
        with suppress(ValueError):  # other printed output
            what, path = json.loads(line)
            yield what, path
