"""Runs cases in a child process with limited memory and time; one that dies is a failure, and the next child goes on.

A target is a function ``target(seed, case) -> str`` of some module, named as "module:function". It makes the input
from its two numbers alone, tries it, and returns the outcome in a word or two. Whatever it raises is a failure. If its
module has a function ``prepare()``, that is called once in each child, without limits: for what all cases share.
"""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

from fuzz.tally import Tally

SECONDS = 2.0
"""A case may take this much CPU time, and ten times as long by the clock: other work may keep it waiting."""

MEMORY = 1 << 30
"""Bytes that a case may take beyond what the child needed to get ready."""

ROOT = Path(__file__).resolve().parents[1]


def run_cases(name: str, target: str, n: int, seed: int, *, seconds: float = SECONDS, memory: int = MEMORY) -> Tally:
    """Try the cases 0 to n - 1 and return what came of them."""
    return run_numbers(name, target, range(n), seed, seconds=seconds, memory=memory)


def run_numbers(
    name: str, target: str, cases: Any, seed: int, *, seconds: float = SECONDS, memory: int = MEMORY
) -> Tally:
    """Try the cases with these numbers."""
    tally = Tally(name, seed)
    child = None
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        try:
            for case in cases:
                if child is None:
                    child = _Child(target, memory, folder)
                    child.receive(None)
                if not _tried(child, tally, case, seconds):
                    child.end()
                    child = None
        finally:
            if child is not None:
                child.end()
    return tally


def _tried(child: "_Child", tally: Tally, case: int, seconds: float) -> bool:
    """Try one case; return whether the child is fit for the next one."""
    child.send([tally.seed, case])
    answer = child.receive(10 * seconds)
    if isinstance(answer, str):
        tally.failures.append((case, answer))
        return False
    tally.seconds = max(tally.seconds, answer["seconds"])
    if answer["failure"] is not None:
        tally.failures.append((case, answer["failure"]))
    elif answer["seconds"] > seconds:
        tally.failures.append((case, f"took {answer['seconds']:.1f} s of CPU time"))
    else:
        tally.outcomes[answer["outcome"]] += 1
    return True


class _Child:
    """The parent's end of a child: one line of JSON there, one back."""

    def __init__(self, target: str, memory: int, folder: str) -> None:
        read, write = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "fuzz.child", target, str(memory), str(write)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=[write],
            cwd=folder,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
                "MALLOC_ARENA_MAX": "2",  # each thread's arena would reserve 64 MiB of the addresses that are limited
            },
        )
        os.close(write)
        self._answers = os.fdopen(read, "rb")

    def send(self, message: Any) -> None:
        """Send one case; a child that is gone shows itself when its answer is read."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass

    def receive(self, seconds: float | None) -> Any:
        """Return the answer, or in words why there is none."""
        ready, _, _ = select.select([self._answers], [], [], seconds)
        if not ready:
            return f"hung: no answer within {seconds:.0f} s"
        line = self._answers.readline()
        if line:
            return json.loads(line)
        code = self._process.wait()
        if code >= 0:
            return f"ended with exit code {code}"
        return f"killed by {signal.Signals(-code).name}"

    def end(self) -> None:
        """End the child and close what led to it."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._answers.close()


def _serve(target: str, memory: int, descriptor: int) -> None:
    """Answer case after case: the child's own loop."""
    module, _, function = target.partition(":")
    loaded = import_module(module)
    if hasattr(loaded, "prepare"):
        loaded.prepare()
    _limit_memory(memory)
    with os.fdopen(descriptor, "w", encoding="utf-8") as answers:
        print(json.dumps("ready"), file=answers, flush=True)
        for line in sys.stdin:
            print(json.dumps(_answer(getattr(loaded, function), *json.loads(line))), file=answers, flush=True)


def _answer(function: Any, seed: int, case: int) -> dict[str, Any]:
    started = time.process_time()
    outcome, failure = "", None
    try:
        outcome = function(seed, case)
    except MemoryError:
        failure = "asked for more memory than it may have"
    except BaseException as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        failure = f"{type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno})"[:500]
    return {"outcome": outcome, "failure": failure, "seconds": time.process_time() - started}


def _limit_memory(more: int) -> None:
    """Allow `more` bytes of address space beyond what is mapped now; Linux knows how much that is."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return
    import resource

    mapped = int(statm.read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (mapped + more, mapped + more))


if __name__ == "__main__":
    _serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
