"""Ten-fold cross-validation on digits as users write it: `cross_val_score` over an estimator, one process per core.

The same settings on both sides; each side draws its own start weights and shuffles by itself, so what must agree is the
share of right answers on the rows held out.
"""

from contextlib import ExitStack
from statistics import median
from typing import Any

from benchmarks.speed.options import Options
from benchmarks.speed.processes.worker import Worker, WorkerError
from benchmarks.speed.suites.steps import OK, OTHER_WORK

MOST_APART = 0.02  # shares of right answers
SETTINGS = dict(
    hidden_layer_sizes=(100,),
    activation="relu",
    solver="adam",
    alpha=1e-4,
    batch_size=200,
    learning_rate_init=1e-3,
    max_iter=30,
    tol=0.0,
    n_iter_no_change=31,
    random_state=0,
)


class CrossValidation:
    """In the worker: one library's estimator under `cross_val_score`."""

    def __init__(self, library: str, cores: int) -> None:
        from sklearn.model_selection import StratifiedKFold

        from benchmarks.speed.datasets import digits

        if library == "glassnet":
            import glassnet as gn

            self._estimator: Any = gn.GlassClassifier(**SETTINGS, preset="plain", engine="cpu")
        else:
            from sklearn.neural_network import MLPClassifier

            self._estimator = MLPClassifier(**SETTINGS)
        X, y = digits()
        self._X, self._y = X.astype("float32"), y
        self._folds = StratifiedKFold(10, shuffle=True, random_state=0)
        self._cores = cores
        self._scores: Any = None

    def run(self) -> None:
        """Cross-validate."""
        from sklearn.model_selection import cross_val_score

        self._scores = cross_val_score(self._estimator, self._X, self._y, cv=self._folds, n_jobs=self._cores)

    def accuracy(self) -> float:
        """Return the mean share of right answers."""
        return float(self._scores.mean())


def measure(options: Options) -> dict[str, dict[str, Any]]:
    """Time both, interleaved."""
    names = [name for name in ("glassnet", "scikit-learn") if name in options.contenders]
    results: dict[str, dict[str, Any]] = {}
    with ExitStack() as stack:
        workers: dict[str, Worker] = {}
        for name in names:
            options.say(f"cross_val_score: {name}")
            try:
                worker = stack.enter_context(Worker("benchmarks.speed.suites.cross_validation:CrossValidation"))
                worker.make("cv", library=name, cores=options.cores)
                first_call = worker.time("cv", "run")
                accuracy = worker.call("cv", "accuracy")
            except WorkerError as error:
                results[name] = {"status": error.kind, "reason": error.reason}
                continue
            workers[name] = worker
            results[name] = {"status": OK, "first_call_seconds": first_call, "accuracy": accuracy}
        seconds: dict[str, list[float]] = {name: [] for name in workers}
        for _ in range(options.repeats):
            for name, worker in workers.items():
                seconds[name].append(worker.time("cv", "run"))
    for name, times in seconds.items():
        results[name] |= {"seconds": times, "median_seconds": median(times)}
    best = max((result["accuracy"] for result in results.values() if result["status"] == OK), default=0.0)
    for result in results.values():
        if result["status"] == OK and best - result["accuracy"] > MOST_APART:
            result |= {"status": OTHER_WORK, "reason": f"{result['accuracy']:.1%} right, the best {best:.1%}"}
    return results
