"""What the usual calls need of the compiled engine: the calls themselves, on a small network.

Single precision is what estimators train in, double precision what `train` does with arrays as they come; both predict
in double precision, many rows or one. Numba compiles a function for the types that it is called with, so that to make
the calls is the one way to compile that misses nothing of what they need.
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
from glassnet.engines.base import Problem
from glassnet.engines.cpu.compiling import build
from glassnet.engines.cpu.engine import CpuEngine
from glassnet.engines.cpu.forward import Forward
from glassnet.engines.cpu.single_row import RowForward


def make_usual_calls(tasks: Sequence[str]) -> None:
    """Make the calls of some of `build.TASKS`."""
    for task in tasks:
        what, dtype = task.split()
        network = Network.create([2, 2, 1], seed=0).astype(dtype)
        if what == "train":
            _train(network)
        else:
            _predict(network)


def _train(network: Network) -> None:
    """Take a step; in double precision also on several threads, whose barriers are compiled code, too."""
    problem = Problem(network, resolve_cost("half_squared_error"), resolve_solver("adam"))
    X, Y = np.eye(2, dtype=network.theta.dtype), np.zeros((2, 1), network.theta.dtype)
    for n_jobs in (1, 2) if network.theta.dtype == np.float64 else (1,):
        engine = CpuEngine(problem, X, Y, n_jobs=n_jobs)
        engine.run(engine.start(0.1), np.asarray([[0, 1]]), np.asarray([0.1]), 2)


def _predict(network: Network) -> None:
    """Carry rows forward; in double precision also from the user's columns, and one row alone."""
    forward, X = Forward(network, n_jobs=1), np.eye(2, dtype=network.theta.dtype)
    forward(network.theta, X)
    if X.dtype == np.float64:
        columns = np.asarray([[0, 1, 0, 0, 0]] * 2), np.ones((3, 2))
        forward(network.theta, X, columns)
        RowForward(network, *columns)


def work(tasks: Sequence[str], folder: str | None) -> None:
    """Make the usual calls in a process that compiles for another one, and end it."""
    build.become_worker(folder)
    gc.disable()  # nearly all of the millions of objects that the compiler makes it still needs
    try:
        with event.install_listener("numba:compile", _Steps()):
            make_usual_calls(tasks)
    except BaseException as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)  # at once: what was made is on disk, and to take all of it apart takes a while


class _Steps(event.Listener):
    """Tells the other process of each function that is compiled, and of each one that it consists of."""

    def on_start(self, event: Any) -> None:
        """Tell that the compiler has begun."""
        build.tell("step")

    def on_end(self, event: Any) -> None:
        """Tell that a function is compiled."""
        build.tell("step")
