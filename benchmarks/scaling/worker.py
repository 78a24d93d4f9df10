"""One host of the measurement: `python -m benchmarks.scaling.worker '{...}'`; rank 0 prints what it has measured."""

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

import glassnet as gn
from benchmarks.scaling.model import NETWORKS
from glassnet.clustering.addresses import parse_address
from glassnet.clustering.comm import Comm
from glassnet.clustering.joining import join
from glassnet.core.catalog.costs import resolve_cost
from glassnet.core.catalog.solvers import resolve_solver
from glassnet.engines.base import Problem, State, Sums
from glassnet.engines.registry import resolve_engine

WARM_UP = 3
RATE = 1e-3


def least(work: Callable[[], Any], repeats: int) -> float:
    """Return the least seconds that some work takes: what else runs on the machine only adds to them."""
    for _ in range(WARM_UP):
        work()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


class Training:
    """Steps of data-parallel training: gradients by the compiled engine on one thread, summed over all hosts."""

    def __init__(self, comm: Comm, sizes: tuple[int, ...], n_rows: int) -> None:
        rng = np.random.default_rng(comm.rank)
        X = rng.standard_normal((n_rows, sizes[0]), dtype=np.float32)
        Y = np.eye(sizes[-1], dtype=np.float32)[rng.integers(sizes[-1], size=n_rows)]
        network = gn.Network.create(sizes, hidden="relu", output="softmax", seed=0, dtype="float32")
        problem = Problem(network, resolve_cost("cross_entropy"), resolve_solver("adam"))
        self._comm, self._rows = comm, np.arange(n_rows)
        self._engine = resolve_engine("cpu", problem, X)(problem, X, Y, n_jobs=1)
        self._state = self._engine.start(RATE)

    def sums(self) -> Sums:
        """Return the sums over this host's rows."""
        return self._engine.accumulate(self._state, self._rows)

    def apply(self, sums: Sums) -> State:
        """Return the state after the step of some sums."""
        return self._engine.apply(self._state, sums, RATE)

    def compute(self) -> None:
        """Take a step alone."""
        self._state = self.apply(self.sums())

    def step(self) -> None:
        """Take a step together with the other hosts."""
        mine = self.sums()
        numbers = np.asarray([mine.cost, mine.metric, mine.n_rows], np.float64)
        (cost, metric, n_rows), gradient = self._comm.allreduce(numbers, mine.gradient)
        self._state = self.apply(Sums(cost, metric, int(n_rows), gradient))


def measure(comm: Comm, task: dict[str, Any]) -> dict[str, Any]:
    """Return the seconds of the all-reduce for each number of floats, and of steps for each (network, rows)."""
    sizes, repeats = task["sizes"], task["repeats"]
    found: dict[str, Any] = {"allreduce": [], "steps": [], "computing": []}
    for n in sizes:
        buffer = np.full(n, comm.rank + 1, np.float32)
        (total,) = comm.allreduce(buffer)
        if not (total == comm.world * (comm.world + 1) / 2).all():
            raise AssertionError(f"the all-reduce of {n} numbers over {comm.world} hosts is wrong")
        found["allreduce"].append(least(partial(comm.allreduce, buffer), repeats))
    for name, n_rows in task["steps"]:
        training = Training(comm, NETWORKS[name], n_rows)
        found["steps"].append(least(training.step, repeats))
        found["computing"].append(least(training.compute, repeats))
    return found


def main() -> None:
    task = json.loads(sys.argv[1])
    comm = join(parse_address(task["cluster"]))
    found = measure(comm, task)
    if comm.rank == 0:
        print(json.dumps(found), flush=True)
    comm.close()


if __name__ == "__main__":
    main()
