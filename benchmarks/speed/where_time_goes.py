"""Where glassnet's time goes: `python -m benchmarks.speed.where_time_goes` prints a table for the speed suite's cases.

For each case and number of threads, microseconds per step of three things, one after the other and medians of them:

- the whole call of `gn.train`, which is what the suite compares;
- the machine code in it alone, whose calls are counted from outside;
- the arithmetic of the step's matrix products at the pace of the machine's own large product on as many threads. Below
  that no step can get without fewer or cheaper multiplications.

What lies between the first two is preparation, orders, records and checks; what lies between the last two is everything
that is not a product (activations, their slopes, costs, the optimizer, laying out weights), and products that are too
small to fill vectors or that wait for memory.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from time import perf_counter, sleep
from typing import Any

import glassnet as gn
from benchmarks.speed.cases import CASES
from benchmarks.speed.options import usable_cores
from benchmarks.speed.processes.worker import Worker
from benchmarks.speed.reporting.summary import number
from benchmarks.speed.sgemm import Sgemm, flops_of_run
from benchmarks.speed.suites.steps import SETTLE_SECONDS
from benchmarks.speed.task import Task
from glassnet.engines.cpu import engine

REPEATS = 7


@contextmanager
def clocked_machine_code() -> Iterator[list[float]]:
    """Let each call into the run's machine code add its seconds to the list."""
    seconds: list[float] = []
    call = engine.run_on_threads

    def clocked(*arguments: Any) -> Any:
        started = perf_counter()
        try:
            return call(*arguments)
        finally:
            seconds.append(perf_counter() - started)

    engine.run_on_threads = clocked
    try:
        yield seconds
    finally:
        engine.run_on_threads = call


def measure(task: Task, n_jobs: int, repeats: int) -> tuple[float, float]:
    """Return the microseconds per step of the whole call, and of the machine code in it."""
    whole, inside = [], []
    gn.train(**task.arguments, engine="cpu", n_jobs=n_jobs)
    for _ in range(repeats):
        sleep(SETTLE_SECONDS)
        with clocked_machine_code() as seconds:
            started = perf_counter()
            gn.train(**task.arguments, engine="cpu", n_jobs=n_jobs)
            whole.append(perf_counter() - started)
        inside.append(sum(seconds))
    return tuple(median(each) / task.n_steps * 1e6 for each in (whole, inside))


def products_per_second(threads: int) -> float:
    """Return the floating-point operations a second of a large matrix product, the best of three."""
    with Worker("benchmarks.speed.sgemm:Sgemm", threads=threads) as worker:
        worker.make("task")
        worker.call("task", "run")
        return Sgemm.flops / min(worker.time("task", "run") for _ in range(3))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", nargs="+", choices=CASES, default=["T", "S", "M", "P", "L", "XL"], metavar="CASE")
    parser.add_argument("--repeats", type=int, default=REPEATS)
    given = parser.parse_args()
    threads = sorted({1, usable_cores()})
    pace = {n: products_per_second(n) for n in threads}
    print("| case | threads | `gn.train` | machine code | products at full pace |")
    print("|---|--:|--:|--:|--:|")
    for name in given.cases:
        task = CASES[name].task()
        for n in threads:
            whole, inside = measure(task, n, given.repeats)
            ideal = flops_of_run(task) / task.n_steps / pace[n] * 1e6
            print(f"| {name} | {n} | {number(whole)} | {number(inside)} | {number(ideal)} |", flush=True)


if __name__ == "__main__":
    main()
