"""Many networks at once: 200 candidates of a sweep, and the ten folds of a cross-validation.

Each candidate is a task like any other: given start weights, given rows in a given order. glassnet trains them by
`train_many`, the others with joblib, one process per core and one thread in each, as their users do. Every tenth final
cost is compared with the reference engine's, which is slow, and all of them with the first contender's.
"""

import itertools
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedKFold

import glassnet as gn
from benchmarks.speed.agreement import COST_TOLERANCE, final_cost, reference_run
from benchmarks.speed.cases import CASES
from benchmarks.speed.options import Options
from benchmarks.speed.processes.roster import Entrant
from benchmarks.speed.processes.worker import MISSING, Worker, WorkerError
from benchmarks.speed.suites.steps import OK, OTHER_WORK
from benchmarks.speed.task import Layers, Task, layers_of

EVERY = 10
NAMES = ("glassnet", "scikit-learn", "PyTorch")
SWEEP_EPOCHS, FOLD_EPOCHS, FOLDS = 30, 30, 10


def candidates() -> list[Task]:
    """200 settings on case S: hidden size x learning rate x activation x start weights."""
    task = CASES["S"].task()
    grid = itertools.product((8, 16, 32, 64), np.geomspace(1e-4, 1e-2, 5), ("relu", "tanh"), range(5))
    return [candidate(task, *choice) for choice in grid]


def candidate(task: Task, hidden_size: int, learning_rate: float, hidden: str, seed: int) -> Task:
    """Return one of them."""
    sizes = (task.settings.sizes[0], hidden_size, task.settings.sizes[-1])
    network = gn.Network.create(sizes, hidden=hidden, output="softmax", dtype="float32", seed=seed)
    settings = replace(
        task.settings,
        name=f"{hidden_size}-{learning_rate:.1e}-{hidden}-{seed}",
        sizes=sizes,
        hidden=hidden,
        learning_rate=float(learning_rate),
        epochs=SWEEP_EPOCHS,
    )
    return Task(settings, task.X, task.Y, layers_of(network))


def folds() -> tuple[list[Task], list[np.ndarray]]:
    """Case M's network on ten folds of the digits; and the rows that each fold holds out."""
    task = CASES["M"].task()
    tasks, held_out = [], []
    for fold, (train, test) in enumerate(StratifiedKFold(FOLDS).split(task.X, task.labels)):
        settings = replace(task.settings, name=f"fold {fold}", n_samples=len(train), epochs=FOLD_EPOCHS)
        tasks.append(Task(settings, task.X[train], task.Y[train], task.layers))
        held_out.append(test)
    return tasks, held_out


class Crowd:
    """In the worker: a contender with many tasks."""

    def __init__(self, target: str, paths: list[Path], cores: int) -> None:
        import importlib

        module, name = target.split(":")
        self._train_many = getattr(importlib.import_module(module), name).train_many
        self._tasks = on_the_same_rows([Task.load(path) for path in paths])
        self._cores = cores
        self._trained: list[Layers] = []

    def run(self) -> None:
        """Train all."""
        self._trained = self._train_many(self._tasks, self._cores)

    def layers(self) -> list[Layers]:
        """Return the weights of all."""
        return self._trained


def on_the_same_rows(tasks: list[Task]) -> list[Task]:
    """Return the tasks with one array for rows that are equal, as users have them."""
    first = tasks[0]
    return [
        replace(task, X=first.X, Y=first.Y)
        if np.array_equal(task.X, first.X) and np.array_equal(task.Y, first.Y)
        else task
        for task in tasks
    ]


def measure_sweep(entrants: list[Entrant], options: Options) -> dict[str, Any]:
    """Time 200 candidates."""
    tasks = candidates()
    return {"n_networks": len(tasks), "epochs": SWEEP_EPOCHS, "contenders": measure(tasks, entrants, options, "sweep")}


def measure_folds(entrants: list[Entrant], options: Options) -> dict[str, Any]:
    """Time a ten-fold cross-validation, with the share of right answers on the rows held out."""
    tasks, held_out = folds()
    everything = CASES["M"].task()
    results = measure(tasks, entrants, options, "folds", held_out=held_out, everything=everything)
    return {"n_networks": len(tasks), "epochs": FOLD_EPOCHS, "contenders": results}


def measure(
    tasks: list[Task],
    entrants: list[Entrant],
    options: Options,
    what: str,
    *,
    held_out: list[np.ndarray] | None = None,
    everything: Task | None = None,
) -> dict[str, dict[str, Any]]:
    """Time the contenders that train many networks, interleaved."""
    paths = [options.folder / f"{what}-{number}.npz" for number in range(len(tasks))]
    for task, path in zip(tasks, paths):
        task.save(path)
    expected = np.full(len(tasks), np.nan)
    expected[::EVERY] = [final_cost(task, reference_run(task)) for task in tasks[::EVERY]]
    results: dict[str, dict[str, Any]] = {}
    with ExitStack() as stack:
        workers: dict[str, Worker] = {}
        for entrant in (each for each in entrants if each.name in NAMES):
            options.say(f"{what}: {entrant.name}")
            if entrant.missing:
                results[entrant.name] = {"status": MISSING, "reason": entrant.missing}
                continue
            try:
                worker = stack.enter_context(Worker("benchmarks.speed.suites.many:Crowd"))
                worker.make("crowd", target=entrant.target, paths=paths, cores=options.cores)
                first_call = worker.time("crowd", "run")
                trained = worker.call("crowd", "layers")
            except WorkerError as error:
                results[entrant.name] = {"status": error.kind, "reason": error.reason}
                continue
            costs = np.array([final_cost(task, layers) for task, layers in zip(tasks, trained)])
            worst = float(np.nanmax(np.abs(costs - expected) / expected))
            result = {"status": OK, "first_call_seconds": first_call, "largest_cost_deviation": worst}
            if held_out is not None and everything is not None:
                result["accuracy"] = accuracy(everything, trained, held_out)
            if np.isfinite(costs).all() and worst <= COST_TOLERANCE:
                workers[entrant.name] = worker
                expected = np.where(np.isnan(expected), costs, expected)
            else:
                result |= {"status": OTHER_WORK, "reason": f"the final cost of a network deviates by {worst:.1%}"}
            results[entrant.name] = result
        seconds: dict[str, list[float]] = {name: [] for name in workers}
        for _ in range(options.repeats):
            for name, worker in workers.items():
                seconds[name].append(worker.time("crowd", "run"))
    for name, times in seconds.items():
        results[name] |= {"seconds": times, "median_seconds": median(times)}
    return results


def accuracy(task: Task, trained: list[Layers], held_out: list[np.ndarray]) -> float:
    """Return the mean share of right answers over the folds."""
    s = task.settings
    shares = []
    for layers, rows in zip(trained, held_out):
        network = gn.Network.from_weights(layers, hidden=s.hidden, output=s.output)
        answers = gn.forward(network, task.X[rows]).A[-1].argmax(axis=1)
        shares.append(float(np.mean(answers == task.labels[rows])))
    return float(np.mean(shares))
