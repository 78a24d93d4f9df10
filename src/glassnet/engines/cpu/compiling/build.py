"""The usual machine code is compiled in one go, by two or four processes that work at the same time.

Numba compiles one function at a time in a process. Processes for single and for double precision take little longer for
everything that training and prediction need than one of them for the first call alone; so nothing is left for later
calls. Where there are four cores, training and prediction are compiled at the same time, too; on fewer it would only be
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

# What a worker runs. It compiles what the calls in `glassnet.engines.cpu.usual` need, and tells each step in a line.
WORKER = """
import json, sys
given = json.loads(sys.stdin.readline())
sys.path[:] = given["path"]
from glassnet.engines.cpu import usual
usual.work(given["tasks"], given["folder"])
"""
LISTEN_SECONDS = 0.5  # on Windows nothing interrupts a longer wait
STEPS = {1: 388, 2: 424, 4: 610}
"""How often, about, so many workers tell that they begin or end to compile a function: what the bar counts."""


@dataclass(frozen=True)
class Built:
    """What the workers have done."""

    paths: frozenset[Path]  # where the machine code is now
    n_compiled: int  # functions that Python calls; the others were there
    seconds: float


class _Worker:
    """What this process knows if it is a worker itself."""

    is_one = False
    folder: Path | None = None


def is_worker() -> bool:
    """Whether this process compiles for another one, which holds the lock."""
    return _Worker.is_one


def folder_of_worker() -> Path | None:
    """Return where a worker keeps what it has made."""
    return _Worker.folder


def check_that_it_may_compile() -> None:
    """End a worker that was only to see whether everything is there."""
    if _Worker.folder is None:
        raise RuntimeError("something is missing, and no folder can keep it")


def become_worker(folder: str | None) -> None:
    """Compile for another process, and end with it."""
    _Worker.is_one, _Worker.folder = True, None if folder is None else Path(folder)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    while os.read(0, 1):  # nothing comes; it ends when the other process lets go, or dies
        pass
    os._exit(1)


def tell(what: str, path: Path | None = None) -> None:
    """Tell the other process of a step, if there is one."""
    if _Worker.is_one:
        os.write(1, (json.dumps([what, None if path is None else str(path)]) + "\n").encode())


_tried: set[Path] = set()


def compile_usual(folder: Path) -> bool:
    """Compile the usual machine code into a folder, if this process has not tried before; return whether it went well.

    The caller is alone in the folder.
    """
    if folder in _tried:
        return False
    built = run_workers(folder)
    _tried.add(folder)  # unless it was interrupted
    return built is not None


def run_workers(folder: Path | None) -> Built | None:
    """Let the workers load, or compile into the folder, what is usual; None if they cannot be started or have failed.

    Without a folder they compile nothing, and fail if something is missing.
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
        show = stack.enter_context(bar("its engine", STEPS[n_workers]))
        for what, path in _told_by(workers):
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
    """Whether there is a Python to start: an application that has one inside would start itself once more."""
    is_python = re.match(r"python|pypy", Path(sys.executable or "").name, re.IGNORECASE)
    return is_python is not None and not getattr(sys, "frozen", False)


class _started(subprocess.Popen[bytes]):
    """A worker at work, which is ended when it is no longer waited for."""

    def __init__(self, tasks: Sequence[str], folder: Path | None) -> None:
        # Ctrl-C in a terminal reaches the process that waits, which ends the workers
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


def _told_by(workers: Sequence[Any]) -> Iterator[tuple[str, str | None]]:
    """Yield what the workers tell until all have ended."""
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
        with suppress(ValueError):  # something else that was printed
            what, path = json.loads(line)
            yield what, path
