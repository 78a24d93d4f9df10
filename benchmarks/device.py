"""The engine "xla" on an accelerator: does it compute the same, and how fast? `python -m benchmarks.device`.

It takes less than 8 minutes: first the engine is compared with the reference engine, setting by setting; then cases
L, XL and XXL are timed beside PyTorch and plain JAX, where they are installed. All compute products in full float32, as
PyTorch does by default. Times are of whole runs with the data on the device, except for `gn.train`, which copies them
there. Without an accelerator it says so and does a small run on the cores.
"""

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

import glassnet as gn
from benchmarks.speed import datasets as data
from benchmarks.speed.agreement import SHARE, flat, reference_run
from benchmarks.speed.cases import CASES, Case
from benchmarks.speed.machine import describe, slug
from benchmarks.speed.processes.roster import versions
from benchmarks.speed.task import Layers, Task, layers_of

XXL = Case("XXL", (784, 4096, 4096, 4096, 4096, 10), partial(data.random_rows, 16_384, 784, 10), 1024, 1)
TIMED = {"L": replace(CASES["L"], epochs=5), "XL": replace(CASES["XL"], epochs=10), "XXL": replace(XXL, epochs=3)}
SMALL = {"L": 2_560, "XL": 2_048, "XXL": 64}  # rows, on cores
SECONDS = 400.0  # after which no further contender begins: the longest takes well under a minute
ENOUGH = 5.0  # seconds of timed runs: a slow contender, such as the cores, runs fewer times
TOLERANCE = {"float32": 1e-4, "float64": 1e-10}
AFTER_TEN_STEPS = 1e-3  # the length of one step: in XXL rounding decides the signs by which Adam's first steps go

PARITY = [  # hidden, output, cost, solver, further settings: each activation, cost and solver at least once
    ("relu", "softmax", "cross_entropy", "adam", {}),
    ("tanh", "sigmoid", "binary_cross_entropy", "sgd", {"l2": 1e-2}),
    ("gelu", "identity", "half_squared_error", "momentum", {"clip": 0.1}),
    ("silu", "identity", "squared_error", "nesterov", {"dropout": 0.3}),
    ("mish", "softplus", "poisson", "rmsprop", {"l1": 1e-3}),
    ("selu", "identity", "huber", "adagrad", {"dropout": 0.2, "l2": 1e-3}),
    ("elu", "softmax", "cross_entropy", "adamw", {"dropout": 0.5, "dropout_schedule": "cosine"}),
    ("leaky_relu", "sigmoid", "half_squared_error", "nadam", {"clip": 1.0}),
    ("softsign", "identity", "error", "gd", {}),
    ("hard_sigmoid", "identity", "absolute_error", "sgd", {}),
    ("sigmoid", "identity", "pinball", "adam", {}),
    ("softmax", "softmax", "cross_entropy", "rprop", {}),
    ("identity", "softmax", "cross_entropy", "lbfgs", {}),
]


def parity() -> list[dict[str, Any]]:
    """Train on both engines for three epochs of 64, 64 and 22 rows; return the largest relative deviations."""
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(150, 20)), rng.uniform(0.1, 0.9, size=(150, 5))
    Y = Y / Y.sum(axis=1, keepdims=True)
    found = []
    for dtype, tolerance in TOLERANCE.items():
        for hidden, output, cost, solver, others in PARITY:
            network = gn.Network.create([20, 32, 5], hidden=hidden, output=output, seed=1, dtype=dtype)
            is_full = solver in ("gd", "rprop", "lbfgs")
            settings = {"cost": cost, "solver": solver, "epochs": 3, "learning_rate": 1e-3, "seed": 2, **others}
            settings |= {} if is_full else {"batch_size": 64}
            mine, right = (gn.train(network, X, Y, engine=engine, **settings) for engine in ("xla", "reference"))
            scale = np.abs(right.network.theta).max()
            deviation = float(np.abs(mine.network.theta - right.network.theta).max() / scale)
            found.append(
                {"setting": f"{hidden}, {output}, {cost}, {solver}", "dtype": dtype, "deviation": deviation,
                 "agrees": deviation <= tolerance}
            )  # fmt: skip
    return found


class GlassnetTrain:
    """`gn.train`, from arrays in NumPy to a trained network in NumPy."""

    def __init__(self, task: Task, engine: str = "xla") -> None:
        self._arguments, self._network = {**task.arguments, "engine": engine}, task.network

    def start(self) -> None:
        """Nothing to do."""

    def run(self) -> None:
        """Train."""
        self._network = gn.train(**self._arguments).network

    def layers(self) -> Layers:
        """Return the trained weights."""
        return layers_of(self._network)


class GlassnetEngine:
    """The engine alone, with the data on the device; parameters come from NumPy and go back."""

    def __init__(self, task: Task) -> None:
        from glassnet.core.catalog.costs import resolve_cost
        from glassnet.core.catalog.solvers import resolve_solver
        from glassnet.engines.base import Problem
        from glassnet.engines.registry import resolve_engine

        settings, arguments = task.settings, task.arguments
        problem = Problem(task.network, resolve_cost(settings.cost), resolve_solver(arguments["solver"]))
        self._engine = resolve_engine("xla")(problem, task.X, task.Y, n_jobs=1)
        self._order = np.broadcast_to(np.arange(len(task.X)), (settings.epochs, len(task.X)))
        self._rates, self._settings, self._task = np.full(task.n_steps, settings.learning_rate), settings, task

    def start(self) -> None:
        """Go back to the start weights."""
        self._state = self._engine.start(self._settings.learning_rate)

    def run(self) -> None:
        """Train."""
        self._state, _ = self._engine.run(self._state, self._order, self._rates, self._settings.batch_size)

    def layers(self) -> Layers:
        """Return the trained weights."""
        return layers_of(self._task.network.with_theta(self._state.theta))


def plain_jax(task: Task, unroll: int = 1) -> Any:
    """JAX with optax, all epochs in one scan."""
    from benchmarks.speed.contenders.jax_scan import JaxScan

    return JaxScan(task, threads=1, unroll=unroll, flat=False)


def pytorch(task: Task) -> Any:
    """PyTorch, eager, with fused Adam, on its first accelerator or the cores."""
    import torch

    from benchmarks.speed.contenders.pytorch import PyTorch

    device = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else torch.device("cpu")

    class OnDevice(PyTorch):
        def __init__(self, task: Task) -> None:
            super().__init__(task, threads=torch.get_num_threads())
            self._minibatches = [(X.to(device), y.to(device)) for X, y in self._minibatches]

        def start(self) -> None:
            # the optimizer holds the parameters where they are when it is made
            super().start()
            self._model.to(device)
            s = self._task.settings
            self._optimizer = torch.optim.Adam(self._model.parameters(), lr=s.learning_rate, eps=1e-8, fused=True)

        def run(self) -> None:
            super().run()
            if device.type != "cpu":
                torch.accelerator.synchronize()

        def layers(self) -> Layers:
            self._model.to("cpu")
            return super().layers()

    return OnDevice(task)


CONTENDERS: dict[str, Callable[[Task], Any]] = {
    "glassnet, engine alone": GlassnetEngine,
    "glassnet, gn.train": GlassnetTrain,
    "plain JAX": plain_jax,
    "plain JAX, 4 steps unrolled": partial(plain_jax, unroll=4),
    "PyTorch": pytorch,
    "glassnet on the cores": partial(GlassnetTrain, engine="cpu"),
}


def timing(make: Callable[[Task], Any], task: Task, right: np.ndarray, repeats: int) -> dict[str, Any]:
    """Return how long a contender takes, and how far its parameters are from `right` after ten steps.

    At the end of a run they say nothing: on random labels, rounding alone makes even two engines on cores part ways.
    """
    try:
        probe = make(task.probe())
    except ImportError as error:
        return {"status": "missing", "reason": str(error)}
    probe.start()
    probe.run()
    deviation = float(np.quantile(np.abs(flat(probe.layers()) - right), SHARE, method="higher"))
    del probe
    contender = make(task)
    started = time.perf_counter()
    contender.start()
    contender.run()
    first = time.perf_counter() - started
    seconds: list[float] = []
    while not seconds or (len(seconds) < repeats and sum(seconds) < ENOUGH):
        contender.start()
        started = time.perf_counter()
        contender.run()
        seconds.append(time.perf_counter() - started)
    return {
        "status": "ok" if deviation <= AFTER_TEN_STEPS else "not the same work",
        "first_seconds": first,
        "seconds": seconds,
        "microseconds_per_step": min(seconds) / task.n_steps * 1e6,
        "deviation": deviation,
    }


def cut(task: Task, n_rows: int) -> Task:
    """Return one epoch over the first rows of a task."""
    size = min(task.settings.batch_size, n_rows)
    settings = replace(task.settings, n_samples=n_rows, epochs=1, batch_size=size)
    return Task(settings, task.X[:n_rows], task.Y[:n_rows], task.layers)


def main() -> None:
    """Read the command line, measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.device", description=__doc__.splitlines()[0])
    parser.add_argument("--cases", nargs="+", choices=TIMED, default=list(TIMED), metavar="CASE")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="after these no further contender begins")
    parser.add_argument("--results", type=Path, default=Path("build/benchmarks"))
    given = parser.parse_args()
    import jax

    with jax.default_matmul_precision("highest"):  # plain JAX does what the others do
        measure(given)


def measure(given: argparse.Namespace) -> None:
    """Do what the command line asked for."""
    import jax

    started, console = time.perf_counter(), Console()
    device = jax.local_devices()[0]
    is_accelerator = device.platform != "cpu"
    card = device.device_kind if is_accelerator else describe()["cpu"]
    if is_accelerator:
        console.print(f"Accelerator: {card}, {jax.local_device_count()} of them; one is used.")
    else:
        console.print("JAX finds NO ACCELERATOR here: this is a small run on the cores, which says nothing of one.")
    compared = parity()
    bad = [each for each in compared if not each["agrees"]]
    worst = {dtype: max(each["deviation"] for each in compared if each["dtype"] == dtype) for dtype in TOLERANCE}
    console.print(
        f"Parity with the reference engine: {len(compared) - len(bad)} of {len(compared)} settings agree; largest "
        f"deviation {worst['float32']:.1e} in float32, {worst['float64']:.1e} in float64."
    )
    for each in bad:
        console.print(f"  DEVIATES: {each['setting']} in {each['dtype']}: {each['deviation']:.1e}")
    cases: dict[str, Any] = {}
    for name in given.cases:
        task = TIMED[name].task()
        if not is_accelerator:
            task = cut(task, SMALL[name])
        right = flat(reference_run(task.probe()))
        cases[name] = {"steps": task.n_steps, "contenders": {}}
        for label, make in CONTENDERS.items():
            if time.perf_counter() - started > given.seconds:
                found: dict[str, Any] = {"status": "no time left"}
            else:
                found = timing(make, task, right, given.repeats)
            cases[name]["contenders"][label] = found
    table = Table("case", "contender", "first run, s", "a step, µs", "to plain JAX", "", title=f"On {card}")
    for name, case in cases.items():
        plain = case["contenders"]["plain JAX"].get("microseconds_per_step")
        for label, found in case["contenders"].items():
            each = found.get("microseconds_per_step")
            row = ("", "", "")
            if each:
                row = f"{found['first_seconds']:.2f}", f"{each:,.0f}", f"{each / plain:.2f}" if plain else ""
            table.add_row(name, label, *row, "" if found["status"] == "ok" else found["status"])
    console.print(table)
    document = {
        "date": date.today().isoformat(), "card": card, "is_accelerator": is_accelerator, "machine": describe(),
        "versions": versions(), "parity": compared, "cases": cases, "seconds": time.perf_counter() - started,
    }  # fmt: skip
    given.results.mkdir(parents=True, exist_ok=True)
    path = given.results / f"device-{document['date']}-{slug(card)}.json"
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    console.print(f"written: {path}, after {document['seconds']:.0f} s")


if __name__ == "__main__":
    main()
