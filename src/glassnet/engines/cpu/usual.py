"""The usual calls of the compiled engine, on a small network.

Estimators train in single precision; `train` uses double precision for arrays as they come. Both predict in double
precision, many rows or one. Numba compiles a function for the types of its arguments, so making the calls is the only
way to compile everything they need.
"""

import gc
import os
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numba.core import event

from glassnet.core.catalog.costs import resolve_cost
from glassnet.core.catalog.solvers import resolve_solver
from glassnet.core.network import Network
from glassnet.core.quasi_newton.direction import CurvatureMemory
from glassnet.engines.base import Problem
from glassnet.engines.cpu.compiling import build
from glassnet.engines.cpu.engine import CpuEngine
from glassnet.engines.cpu.forward import Forward
from glassnet.engines.cpu.single_row import RowForward


def make_usual_calls(tasks: Sequence[str]) -> None:
    """Make the calls of some `build.TASKS`."""
    for task in tasks:
        what, dtype = task.split()
        network = Network.create([2, 2, 1], seed=0).astype(dtype)
        if what == "train":
            _train(network)
        else:
            _predict(network)


def _train(network: Network) -> None:
    """Take a step; in double precision also on several threads, whose barriers are compiled, too."""
    problem = Problem(network, resolve_cost("half_squared_error"), resolve_solver("adam"))
    X, Y = np.eye(2, dtype=network.theta.dtype), np.zeros((2, 1), network.theta.dtype)
    for n_jobs in (1, 2) if network.theta.dtype == np.float64 else (1,):
        engine = CpuEngine(problem, X, Y, n_jobs=n_jobs)
        engine.run(engine.start(0.1), np.asarray([[0, 1]]), np.asarray([0.1]), 2)
    engine.accumulate(engine.start(0.1), np.asarray([0, 1]))
    engine.total(network.theta)
    rows = np.zeros((2, 1, network.n_params), network.theta.dtype)
    engine.direction(np.zeros(network.n_params), CurvatureMemory(rows[0], rows[1], np.zeros(1), 0, 0))


def _predict(network: Network) -> None:
    """Predict rows; in double precision also from the user's columns, and a single row."""
    forward, X = Forward(network, n_jobs=1), np.eye(2, dtype=network.theta.dtype)
    forward(network.theta, X)
    if X.dtype == np.float64:
        columns = np.asarray([[0, 1, 0, 0, 0]] * 2), np.ones((3, 2))
        forward(network.theta, X, columns)
        RowForward(network, *columns)


def work(tasks: Sequence[str], folder: str | None) -> None:
    """Make the usual calls in a worker process, and end it."""
    build.become_worker(folder)
    gc.disable()  # nearly all of the compiler's millions of objects are still in use
    try:
        with event.install_listener("numba:compile", _Steps()):
            make_usual_calls(tasks)
    except BaseException as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)  # at once: the results are on disk, and normal cleanup takes a while


class _Steps(event.Listener):
    """Reports the start and end of each compiled function to the other process."""

    def on_start(self, event: Any) -> None:
        """Report that a compilation has started."""
        build.tell("step")

    def on_end(self, event: Any) -> None:
        """Report that a function is compiled."""
        build.tell("step")
