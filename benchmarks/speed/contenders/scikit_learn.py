"""scikit-learn's MLPClassifier and, for squared error, MLPRegressor.

`fit` goes on from weights that were put in place (`warm_start`), without its own shuffling, for exactly so many epochs.
Its Adam has the other form of epsilon, see `benchmarks.speed.task`.
"""

import warnings
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

from benchmarks.speed.contenders.base import Contender
from benchmarks.speed.task import BETA_1, BETA_2, EPSILON_BEFORE_CORRECTION, Layers, Settings, Task

ACTIVATIONS = {"relu": "relu", "tanh": "tanh", "sigmoid": "logistic"}


class ScikitLearn(Contender):
    """`MLPClassifier.fit`."""

    @classmethod
    def refuses(cls, settings: Settings) -> str | None:
        """It has four activations."""
        return None if settings.hidden in ACTIVATIONS else f"has no activation {settings.hidden}"

    def __init__(self, task: Task, threads: int) -> None:
        s = task.settings
        self._task = task
        self._X = task.X
        self._y = task.labels if s.output == "softmax" else task.Y
        kind = MLPClassifier if s.output == "softmax" else MLPRegressor
        self.estimator = kind(
            hidden_layer_sizes=s.sizes[1:-1],
            activation=ACTIVATIONS[s.hidden],
            solver=s.solver,
            alpha=0.0,
            batch_size=s.batch_size,
            learning_rate_init=s.learning_rate,
            momentum=0.0,
            nesterovs_momentum=False,
            beta_1=BETA_1,
            beta_2=BETA_2,
            epsilon=EPSILON_BEFORE_CORRECTION,
            shuffle=False,
            max_iter=s.epochs,
            tol=0.0,
            n_iter_no_change=s.epochs + 1,
            warm_start=True,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.estimator.set_params(max_iter=1).fit(self._X, self._y)  # makes what fit makes only once
        self.estimator.set_params(max_iter=s.epochs)

    def start(self) -> None:
        """Put the start weights in place; fit makes a new solver."""
        self.estimator.coefs_ = [np.array(W.T, order="C") for W, _ in self._task.layers]
        self.estimator.intercepts_ = [b.copy() for _, b in self._task.layers]
        self.estimator.best_loss_, self.estimator.loss_curve_ = np.inf, []
        self.estimator._no_improvement_count = 0

    def run(self) -> None:
        """Fit."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # it is meant to stop after so many epochs
            self.estimator.fit(self._X, self._y)

    def layers(self) -> Layers:
        """Return its coefficients, transposed to (n_out, n_in)."""
        return [(W.T.copy(), b.copy()) for W, b in zip(self.estimator.coefs_, self.estimator.intercepts_)]

    @staticmethod
    def train_many(tasks: list[Task], cores: int) -> list[Layers]:
        """Train many networks, one process per core."""
        from joblib import Parallel, delayed

        return Parallel(n_jobs=cores)(delayed(train_one)(task) for task in tasks)


def train_one(task: Task) -> Layers:
    """Train one network from start to end."""
    contender: Any = ScikitLearn(task, threads=1)
    contender.start()
    contender.run()
    return contender.layers()
