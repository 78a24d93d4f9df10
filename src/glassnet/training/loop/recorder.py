"""Records a run: history, checkpoints, times."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple
from time import perf_counter
from typing import Any

import numpy as np

from glassnet.engines.base import Records, Stepping
from glassnet.training.history import Epochs, History
from glassnet.training.plan import Plan
from glassnet.training.run_state import End, RunState
from glassnet.typing import Array


class Recorder:
    """Turns the engine's results into the records of the history."""

    def __init__(self, plan: Plan, engine: Stepping) -> None:
        self.plan, self.engine = plan, engine
        self.epochs = Epochs()
        self.snapshots: dict[int, Array] = {}
        self.last: tuple[Any, ...] | None = None  # the record of the last epoch, column by column
        self._started: float | None = None  # None while the clock is stopped
        self._used = 0.0
        self._last = 0.0  # time of the last added epoch, in seconds
        metric = plan.problem.metric
        self._finish = plan.data.finish(metric) if metric else None
        self._finish_held_out = plan.validation.finish(metric) if metric and plan.validation else None

    @property
    def seconds(self) -> float:
        """Seconds of training so far."""
        return self._used if self._started is None else perf_counter() - self._started

    @contextmanager
    def clock_running(self) -> Iterator[None]:
        """Let the clock run meanwhile."""
        self._started = perf_counter() - self._used
        try:
            yield
        finally:
            self._used, self._started = self.seconds, None

    def resume(self, state: RunState) -> None:
        """Continue the records of an earlier part of the run."""
        self.epochs, self.snapshots = state.epochs.first(len(state.epochs)), dict(state.snapshots)
        self._used = self._last = state.seconds
        if len(self.epochs):
            self.last = astuple(self.epochs[-1])

    def add(
        self, theta: Array, cost: float, metric: float, norm: float, rate: float, penalty: float | None = None
    ) -> None:
        """Compute the remaining quantities after an epoch and store its record."""
        problem = self.plan.problem
        validation_cost = validation_metric = None
        if penalty is None or self.plan.validation is not None:
            with np.errstate(all="ignore"):
                validation_cost, validation_metric = self._validate(theta)
                if penalty is None:
                    penalty = problem.penalty.value(theta, problem.network.layout.decays(theta))
        finished = None if self._finish is None else self._finish(metric)
        seconds = self.seconds
        self.epochs.add(
            1,
            cost=[cost],
            penalty=[penalty],
            metric=[finished],
            validation_cost=[validation_cost],
            validation_metric=[validation_metric],
            learning_rate=[rate],
            gradient_norm=[norm],
            seconds=[seconds],
        )
        self.last = (
            len(self.epochs), cost, penalty, finished, validation_cost, validation_metric, rate, norm, seconds
        )  # fmt: skip
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
                seconds=self._last + (seconds - self._last) / n * np.arange(1, n),
            )
        last = (records.cost, records.metric, records.gradient_norm, last_rates, records.penalty)
        self.add(theta, *(float(column[-1]) for column in last))
        self._last = seconds if self.last is None else self.last[-1]  # so that they only grow

    def _validate(self, theta: Array) -> tuple[float | None, float | None]:
        held_out, metric = self.plan.validation, self.plan.problem.metric
        if held_out is None:
            return None, None
        cost, mean = held_out.judged(self.engine, theta, metric)
        return cost, None if self._finish_held_out is None else self._finish_held_out(mean)

    def cut(self, n_epochs: int) -> None:
        """Drop the records after the first `n_epochs`, following an interrupt."""
        self.epochs = self.epochs.first(n_epochs)
        self.snapshots = {epoch: theta for epoch, theta in self.snapshots.items() if epoch <= n_epochs}

    def history(self, end: End, best: int) -> History:
        """Return the finished history."""
        metric = self.plan.problem.metric
        name = metric.name if metric else None
        return History(self.epochs, end.stopped, end.reason, best, name, end.divergence, self.snapshots)
