"""One process per contender and variant: it stays alive and is asked in turn, so that no library disturbs another.

Thread pools, environment variables and memory belong to a process, hence not all in one. All workers are children of
the one that measures, and only one of them works at a time.
"""

import gc
import importlib
import multiprocessing
import os
import re
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

PAUSE = 0.05  # seconds before each timed run: the threads of the one before may still spin
LONGEST = 1800.0  # seconds for one answer
ANSWER, MISSING, FAILED = "answer", "missing", "failed"
THREADS = ("MKL_NUM_THREADS", "NPROC", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")  # NPROC: JAX's CPU client


class WorkerError(Exception):
    """A worker that could not do as it was asked; `kind` is "missing" for a library that is not there."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind, self.reason = kind, reason


class Worker:
    """A process that imports `target` ("module:name") and makes and asks objects of it."""

    def __init__(self, target: str, *, threads: int | None = None, environment: dict[str, str] | None = None) -> None:
        additions = dict.fromkeys(THREADS, str(threads)) if threads else {}
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, target))
        with environment_of_children(additions | (environment or {})):
            self._process.start()
        theirs.close()
        try:
            self.import_bytes: int = self._receive()
        except WorkerError:
            self.close()
            raise

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, verb: str, *arguments: Any) -> Any:
        """Send a request and wait for its answer; the verbs are the methods of `Servant`."""
        self._connection.send((verb, arguments))
        return self._receive()

    def make(self, key: str, maker: str = "", **arguments: Any) -> None:
        """Make an object, by the target itself or by its class method `maker`, and remember it under `key`."""
        self.ask("make", key, maker, arguments)

    def time(self, key: str, method: str, *arguments: Any, pause: float = PAUSE) -> float:
        """Return the seconds that a method took."""
        time.sleep(pause)
        return self.ask("time", key, method, arguments)

    def call(self, key: str, method: str, *arguments: Any) -> Any:
        """Return what a method returns."""
        return self.ask("call", key, method, arguments)

    def close(self) -> None:
        """End the process."""
        self._connection.close()
        self._process.join(timeout=5)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def _receive(self) -> Any:
        if not self._connection.poll(LONGEST):
            self._process.kill()
            raise WorkerError(FAILED, f"gave no answer for {LONGEST:.0f} s")
        try:
            kind, content = self._connection.recv()
        except (EOFError, ConnectionError):
            self._process.join()
            raise WorkerError(FAILED, f"its process ended with exit code {self._process.exitcode}") from None
        if kind != ANSWER:
            raise WorkerError(kind, content)
        return content


class Servant:
    """The other side: what a worker process does with each request."""

    def __init__(self, target: str) -> None:
        module, name = target.split(":")
        self._target = getattr(importlib.import_module(module), name)
        self._objects: dict[str, Any] = {}

    def ask_class(self, method: str, *arguments: Any) -> Any:
        """Call a method of the class."""
        return getattr(self._target, method)(*arguments)

    def make(self, key: str, maker: str, arguments: dict[str, Any]) -> None:
        """Make an object."""
        self._objects[key] = (getattr(self._target, maker) if maker else self._target)(**arguments)

    def drop(self, key: str) -> None:
        """Forget an object."""
        del self._objects[key]

    def call(self, key: str, method: str, arguments: tuple) -> Any:
        """Call a method."""
        return getattr(self._objects[key], method)(*arguments)

    def time(self, key: str, method: str, arguments: tuple) -> float:
        """Time a method."""
        timed = getattr(self._objects[key], method)
        gc.collect()
        gc.disable()
        start = time.perf_counter()
        timed(*arguments)
        seconds = time.perf_counter() - start
        gc.enable()
        return seconds

    def memory(self) -> int:
        """Return the most memory that this process ever had, in bytes."""
        return peak_bytes()


def serve(connection: Connection, target: str) -> None:
    """Answer until the other side closes."""
    silence()
    try:
        from benchmarks.speed.contenders.base import Missing

        servant = Servant(target)
        connection.send((ANSWER, peak_bytes()))
    except (ImportError, Missing) as error:
        connection.send((MISSING, reason_of(error)))
        return
    while True:
        try:
            verb, arguments = connection.recv()
        except (EOFError, ConnectionError):
            return
        try:
            answer = (ANSWER, getattr(servant, verb)(*arguments))
        except Missing as error:
            answer = (MISSING, reason_of(error))
        except Exception as error:  # whatever a peer raises is its result, and is reported as such
            answer = (FAILED, reason_of(error))
        connection.send(answer)


def silence() -> None:
    """Let nothing that a library prints come between the lines of the report."""
    if os.environ.get("BENCHMARK_VERBOSE"):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)


def reason_of(error: BaseException) -> str:
    """Return an exception in one line, without the paths of this machine."""
    first = (str(error).strip().splitlines() or [""])[0]
    text = re.sub(r"(?<![\w.])/(?:[\w.+-]+/)+", "", first)
    return text if type(error).__name__ == "Missing" else f"{type(error).__name__}: {text}"


def peak_bytes() -> int:
    """Return the peak of this process's memory; 0 where the system does not tell.

    On Linux from /proc: `getrusage` there begins with what the parent had.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) * 1024
    try:
        import resource
    except ImportError:  # Windows
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # in bytes on macOS


class environment_of_children:
    """Set environment variables while processes are started, and put the old ones back."""

    def __init__(self, additions: dict[str, str]) -> None:
        self._additions = additions

    def __enter__(self) -> None:
        self._before = {name: os.environ.get(name) for name in self._additions}
        os.environ.update(self._additions)

    def __exit__(self, *_: object) -> None:
        for name, value in self._before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
