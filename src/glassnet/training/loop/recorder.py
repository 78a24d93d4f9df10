"""Records a run: history, checkpoints, times."""

from time import perf_counter

import numpy as np

from glassnet.engines.base import Divergence, Engine, Records
from glassnet.training.history import Epochs, History
from glassnet.training.plan import Plan
from glassnet.typing import Array


class Recorder:
    """Turns the engine's results into the records of the history."""

    def __init__(self, plan: Plan, engine: Engine) -> None:
        self.plan, self.engine = plan, engine
        self.epochs = Epochs()
        self.snapshots: dict[int, Array] = {}
        self.started = perf_counter()
        self._last = 0.0  # time of the last added epoch, in seconds
        network = plan.problem.network
        self._decays = network.layout.decays(network.theta)
        metric = plan.problem.metric
        self._finish = metric.finish(plan.data.Y) if metric else None
        self._finish_held_out = metric.finish(plan.validation.Y) if metric and plan.validation else None

    @property
    def seconds(self) -> float:
        """Seconds since the start of training."""
        return perf_counter() - self.started

    def add(
        self, theta: Array, cost: float, metric: float, norm: float, rate: float, penalty: float | None = None
    ) -> None:
        """Compute the remaining quantities after an epoch and store its record."""
        problem = self.plan.problem
        with np.errstate(all="ignore"):
            validation_cost, validation_metric = self._validate(theta)
            if penalty is None:
                penalty = problem.penalty.value(theta, self._decays)
        metrics = None if self._finish is None else [self._finish(metric)]
        self.epochs.add(
            1,
            cost=[cost],
            penalty=[penalty],
            metric=metrics,
            validation_cost=[validation_cost],
            validation_metric=[validation_metric],
            learning_rate=[rate],
            gradient_norm=[norm],
            seconds=[self.seconds],
        )
        if self.plan.snapshots and len(self.epochs) % self.plan.snapshots == 0:
            self.snapshots[len(self.epochs)] = np.array(theta)

    def add_all(self, theta: Array, records: Records, rates: Array) -> None:
        """Store the records of one call's epochs; theta is known only after the last of them."""
        n, seconds = len(records.cost), self.seconds
        last_rates = rates[self.plan.steps_per_epoch - 1 :: self.plan.steps_per_epoch][:n]
        if n > 1:
            self.epochs.add(
                n - 1,
                cost=records.cost[:-1],
                penalty=records.penalty[:-1],
                metric=None if self._finish is None else self._finish(np.asarray(records.metric[:-1])),
                validation_cost=None,
                validation_metric=None,
                learning_rate=last_rates[:-1],
                gradient_norm=records.gradient_norm[:-1],
                seconds=np.linspace(self._last, seconds, n + 1)[1:-1],
            )
        last = (records.cost, records.metric, records.gradient_norm, last_rates, records.penalty)
        self._last = seconds
        self.add(theta, *(float(column[-1]) for column in last))

    def _validate(self, theta: Array) -> tuple[float | None, float | None]:
        held_out, metric = self.plan.validation, self.plan.problem.metric
        if held_out is None:
            return None, None
        cost, A = self.engine.evaluate(theta, held_out.X, held_out.Y, held_out.weights)
        if metric is None or self._finish_held_out is None:
            return cost, None
        return cost, self._finish_held_out(float(np.mean(metric.per_sample(A, held_out.Y))))

    def cut(self, n_epochs: int) -> None:
        """Drop the records after the first `n_epochs`, following an interrupt."""
        self.epochs = self.epochs.first(n_epochs)
        self.snapshots = {epoch: theta for epoch, theta in self.snapshots.items() if epoch <= n_epochs}

    def history(self, stopped: str, reason: str, best: int, divergence: Divergence | None = None) -> History:
        """Return the finished history."""
        metric = self.plan.problem.metric
        return History(self.epochs, stopped, reason, best, metric.name if metric else None, divergence, self.snapshots)
