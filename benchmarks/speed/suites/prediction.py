"""Prediction with the same weights: one row at a time, and tables of many rows."""

from contextlib import ExitStack
from dataclasses import replace
from statistics import median
from typing import Any

import numpy as np

import glassnet as gn
from benchmarks.speed.cases import CASES
from benchmarks.speed.options import Options
from benchmarks.speed.predicting import PREDICTORS
from benchmarks.speed.processes.worker import Worker, WorkerError
from benchmarks.speed.suites.steps import OK, OTHER_WORK
from benchmarks.speed.task import Task, layers_of

TOLERANCE = 1e-5  # of probabilities
CALLS = 2000
ROWS = (1, 1000, 100_000)
LEAST_SECONDS = 0.02  # a timed run repeats small batches for about so long


class Predicting:
    """In the worker: a predictor, and how often it is asked in one timed run."""

    def __init__(self, target: str, **arguments: Any) -> None:
        import importlib

        module, name = target.split(":")
        self._predictor = getattr(importlib.import_module(module), name)(**arguments)

    @staticmethod
    def variants(target: str, cores: int) -> list[dict[str, Any]]:
        """Return the predictor's variants."""
        import importlib

        module, name = target.split(":")
        return getattr(importlib.import_module(module), name).variants(cores)

    def one(self, n_calls: int) -> None:
        """Predict one row so many times."""
        self._predictor.one(n_calls)

    def batch(self, n_calls: int) -> None:
        """Predict all rows so many times."""
        for _ in range(n_calls):
            self._predictor.batch()

    def probabilities(self) -> np.ndarray:
        """Return some of the batch's probabilities."""
        return self._predictor.probabilities()


def trained_model(options: Options) -> Task:
    """Fit `GlassClassifier` on the digits and save it; return its weights as a task."""
    case = CASES["M"]
    task = case.task()
    settings = {"preset": "plain", "max_iter": 10, "random_state": 0, "dtype": "float32", "engine": "cpu"}
    clf = gn.GlassClassifier(case.sizes[1:-1], "relu", **settings)
    clf.fit(task.X, task.labels)
    clf.save(options.folder / "model.glassnet")
    trained = Task(replace(task.settings, epochs=1), task.X, task.Y, layers_of(clf.network_))
    trained.save(options.folder / "model.npz")
    return trained


def measure(options: Options) -> list[dict[str, Any]]:
    """Time all predictors for each number of rows."""
    task = trained_model(options)
    return [measure_rows(task, n_rows, options) for n_rows in ROWS]


def measure_rows(task: Task, n_rows: int, options: Options) -> dict[str, Any]:
    """Time all predictors, interleaved; the fastest variant of each counts."""
    network = gn.Network.from_weights(task.layers, hidden=task.settings.hidden, output="softmax").astype("float64")
    expected = gn.forward(network, task.X[: min(n_rows, 1000)].astype(np.float64)).A[-1]
    results: dict[str, dict[str, Any]] = {}
    with ExitStack() as stack:
        seats: dict[str, list[tuple[Worker, dict[str, Any], int, list[float]]]] = {}
        for name, target in PREDICTORS.items():
            if name not in options.contenders and name != "onnxruntime":
                continue
            options.say(f"prediction, {n_rows} rows: {name}")
            try:
                for variant in variants_of(target, options.cores):
                    worker = Worker("benchmarks.speed.suites.prediction:Predicting", threads=variant.get("threads"))
                    stack.callback(worker.close)
                    paths = {"model": options.folder / "model.glassnet", "task": options.folder / "model.npz"}
                    worker.make("predictor", target=target, n_rows=n_rows, **paths, **variant)
                    first_call = worker.time("predictor", "batch", 1)
                    deviation = float(np.max(np.abs(worker.call("predictor", "probabilities") - expected)))
                    results[name] = {"status": OK, "first_call_seconds": first_call, "deviation": deviation}
                    if not deviation <= TOLERANCE:
                        results[name] |= {"status": OTHER_WORK, "reason": f"probabilities deviate by {deviation:.2g}"}
                        break
                    once = worker.time("predictor", "batch", 1)
                    n_calls = CALLS if n_rows == 1 else max(1, round(LEAST_SECONDS / once))
                    seats.setdefault(name, []).append((worker, variant, n_calls, []))
            except WorkerError as error:
                results[name] = {"status": error.kind, "reason": error.reason}
                seats.pop(name, None)
        for _ in range(options.repeats):
            for worker, _variant, n_calls, times in (seat for some in seats.values() for seat in some):
                method = "one" if n_rows == 1 else "batch"
                times.append(worker.time("predictor", method, n_calls) / n_calls)
    for name, some in seats.items():
        _, variant, _, times = min(some, key=lambda seat: median(seat[3]))
        tried = [{"variant": seat[1], "seconds": seat[3]} for seat in some]
        results[name] |= {"variant": variant, "tried": tried, "seconds": times, "median_seconds": median(times)}
    return {"n_rows": n_rows, "sizes": task.settings.sizes, "contenders": results}


def variants_of(target: str, cores: int) -> list[dict[str, Any]]:
    """Ask a predictor, in a process of its own, for its variants."""
    with Worker("benchmarks.speed.suites.prediction:Predicting") as worker:
        return worker.ask("ask_class", "variants", target, cores)
