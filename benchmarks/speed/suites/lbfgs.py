"""A hundred iterations of L-BFGS on all rows: glassnet beside scikit-learn, which lets SciPy iterate, and PyTorch.

All begin with the same weights. Each has its own line search, glassnet remembers 20 steps by default and the others 10,
and in float32, in which estimators train, rounding soon leads elsewhere; so what counts is the final cost. glassnet's
is the lower one; how long it takes to scikit-learn's is timed as well, with as many iterations as lead there.
"""

import warnings
from contextlib import ExitStack
from statistics import median
from typing import Any

import numpy as np

import glassnet as gn
from benchmarks.speed.options import Options
from benchmarks.speed.processes.worker import Worker, WorkerError
from benchmarks.speed.suites.steps import OK, OTHER_WORK, SETTLE_SECONDS

SIZES, N_SAMPLES, ITERATIONS, HISTORY = (30, 64, 1), 5000, 100, 10
COST = "half_squared_error"
MOST_APART = 1.05  # final cost, in shares of scikit-learn's
TRIALS = 2


def rows(dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """Return standard normal rows; the target is a sum of waves along three directions, and noise."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N_SAMPLES, SIZES[0]))
    waves = np.sin(X @ rng.normal(size=(SIZES[0], 3)))
    Y = waves.sum(axis=1, keepdims=True) + 0.1 * rng.normal(size=(N_SAMPLES, 1))
    return X.astype(dtype), Y.astype(dtype)


def network(dtype: str) -> gn.Network:
    """Return the network with its start weights."""
    return gn.Network.create(SIZES, hidden="relu", output="identity", seed=0).astype(dtype)


class Glassnet:
    """In the worker: `gn.train`, its defaults, history included."""

    def __init__(self, dtype: str) -> None:
        self._start, (self._X, self._Y) = network(dtype), rows(dtype)
        self._least = ITERATIONS

    def run(self, iterations: int | None = None) -> None:
        """Train."""
        epochs = ITERATIONS if iterations is None else iterations
        result = gn.train(self._start, self._X, self._Y, cost=COST, solver="lbfgs", epochs=epochs)
        self._trained, self._costs = result.network, result.history["cost"]

    def iterations_to(self, cost: float) -> int | None:
        """Return after how many iterations of the last run the cost was as low; None if it never was."""
        reached = np.flatnonzero(self._costs <= cost)
        if not len(reached):
            return None
        self._least = int(reached[0]) + 1
        return self._least

    def run_to_cost(self) -> None:
        """Train for so many iterations."""
        self.run(self._least)

    def cost(self) -> float:
        """Return the final cost."""
        return gn.cost(COST, gn.forward(self._trained, self._X).A[-1], self._Y)


class ScikitLearn:
    """In the worker: `MLPRegressor.fit`."""

    def __init__(self, dtype: str) -> None:
        from sklearn.neural_network import MLPRegressor

        start, (self._X, Y) = network("float64"), rows("float64")  # its L-BFGS computes in float64 in any case
        self._y = Y[:, 0]

        class Regressor(MLPRegressor):
            def _initialize(self, *arguments: Any, **options: Any) -> None:
                super()._initialize(*arguments, **options)
                self.coefs_ = [W.T.copy() for W in start.W]
                self.intercepts_ = [b.copy() for b in start.b]

        self._estimator = Regressor(
            hidden_layer_sizes=SIZES[1:-1], solver="lbfgs", alpha=0.0, tol=0.0, max_iter=ITERATIONS
        )

    def run(self) -> None:
        """Fit."""
        from sklearn.exceptions import ConvergenceWarning

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # it is meant to stop after so many iterations
            self._estimator.fit(self._X, self._y)

    def cost(self) -> float:
        """Return the final cost."""
        return float(0.5 * np.mean((self._estimator.predict(self._X) - self._y) ** 2))


class PyTorch:
    """In the worker: `torch.optim.LBFGS`, all iterations in one step."""

    def __init__(self, dtype: str) -> None:
        import torch

        self._torch, self._start = torch, network(dtype)
        self._X, self._Y = (torch.from_numpy(values) for values in rows(dtype))

    def run(self) -> None:
        """Train."""
        torch, start = self._torch, self._start
        first, second = (torch.nn.Linear(*W.shape[::-1], dtype=self._X.dtype) for W in start.W)
        for linear, W, b in zip((first, second), start.W, start.b):
            linear.weight.data, linear.bias.data = torch.tensor(W), torch.tensor(b)
        self._model = torch.nn.Sequential(first, torch.nn.ReLU(), second)
        optimizer = torch.optim.LBFGS(
            self._model.parameters(), max_iter=ITERATIONS, max_eval=2 * ITERATIONS, tolerance_grad=0.0,
            tolerance_change=0.0, history_size=HISTORY, line_search_fn="strong_wolfe",
        )  # fmt: skip

        def closure() -> Any:
            optimizer.zero_grad()
            cost = 0.5 * (self._model(self._X) - self._Y).square().mean()
            cost.backward()
            return cost

        optimizer.step(closure)

    def cost(self) -> float:
        """Return the final cost."""
        with self._torch.no_grad():
            return float(0.5 * (self._model(self._X) - self._Y).square().mean())


LIBRARIES = {"glassnet": Glassnet, "scikit-learn": ScikitLearn, "PyTorch": PyTorch}


def measure(options: Options) -> list[dict[str, Any]]:
    """Time all that take part, each with the faster number of threads; glassnet chooses its own. Interleaved."""
    return [_measure(dtype, options) for dtype in ("float64", "float32")]


def _measure(dtype: str, options: Options) -> dict[str, Any]:
    results: dict[str, dict[str, Any]] = {}
    seconds: dict[str, list[float]] = {}
    with ExitStack() as stack:
        workers: dict[str, Worker] = {}
        for name in (each for each in LIBRARIES if each in options.contenders):
            options.say(f"L-BFGS in {dtype}: {name}")
            try:
                worker, result = _fastest(name, dtype, options.cores)
            except WorkerError as error:
                results[name] = {"status": error.kind, "reason": error.reason}
                continue
            stack.callback(worker.close)
            workers[name], results[name], seconds[name] = worker, result, []
        same: dict[str, Any] = {}
        expected = results.get("scikit-learn", {}).get("cost")
        if expected is not None and "glassnet" in workers:
            least = workers["glassnet"].call("run", "iterations_to", expected)
            same = {} if least is None else {"iterations": least, "seconds": []}
        for _ in range(options.repeats):
            for name, worker in workers.items():
                seconds[name].append(worker.time("run", "run", pause=SETTLE_SECONDS))
                if name == "glassnet" and same:
                    same["seconds"].append(worker.time("run", "run_to_cost", pause=SETTLE_SECONDS))
    for name, times in seconds.items():
        results[name] |= {"seconds": times, "median_seconds": median(times)}
    expected = results.get("scikit-learn", {}).get("cost", np.inf)
    if same:
        ours = {"status": OK, "seconds": same["seconds"], "median_seconds": median(same["seconds"])}
        same = {"iterations": same["iterations"], "contenders": {**results, "glassnet": ours}}
        same["contenders"].pop("PyTorch", None)
    for result in results.values():
        if result["status"] == OK and not result["cost"] <= MOST_APART * expected:
            result |= {
                "status": OTHER_WORK,
                "reason": f"final cost {result['cost']:.4g}, scikit-learn's {expected:.4g}",
            }
    return {
        "dtype": dtype, "sizes": SIZES, "n_samples": N_SAMPLES, "iterations": ITERATIONS, "contenders": results,
        **({"to_the_same_cost": same} if same else {}),
    }  # fmt: skip


def _fastest(name: str, dtype: str, cores: int) -> tuple[Worker, dict[str, Any]]:
    """Return a worker with the number of threads that is the faster one, and what is known of it."""
    best: tuple[float, Worker, dict[str, Any]] | None = None
    for threads in (None,) if name == "glassnet" else sorted({1, cores}):
        worker = Worker(f"{__name__}:{LIBRARIES[name].__name__}", threads=threads)
        worker.make("run", dtype=dtype)
        first_call = worker.time("run", "run")
        known = {"status": OK, "first_call_seconds": first_call, "cost": worker.call("run", "cost"), "threads": threads}
        took = min(worker.time("run", "run") for _ in range(TRIALS))
        if best is None or took < best[0]:
            best, worker = (took, worker, known), None if best is None else best[1]
        if worker is not None:
            worker.close()
    assert best is not None
    return best[1:]
