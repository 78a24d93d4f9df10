"""The epoch loop: let the engine take steps, watch what happens, and decide when to stop."""

from dataclasses import replace
from time import perf_counter
from typing import Any, Protocol

import numpy as np

from glassnet.core.network import Network
from glassnet.engines.base import Divergence, Engine, Records, State
from glassnet.engines.seeding import Orders
from glassnet.training.history import Epoch, Epochs, History
from glassnet.training.interrupting import Whole, raise_if_stopped
from glassnet.training.plan import Plan
from glassnet.training.replay.recording import Keeper, Kept
from glassnet.typing import Array
from glassnet.wording import counted

SMALLEST_RATE = 1e-6  # an adaptive learning rate ends the run here, as in scikit-learn
ADAPTIVE_FACTOR = 0.2

SECONDS_PER_CALL = 0.1
# Of the first call, when nothing is known yet: it is to end within some milliseconds in any engine.
FIRST_STEPS, FIRST_PRODUCTS = 64, 10**8
SECONDS_TOO_LATE = 0.3  # beyond a time limit, nobody waits for an epoch to end


class Callback(Protocol):
    """Called after each epoch; training stops when it returns True."""

    def __call__(self, epoch: Epoch, network: Network) -> bool | None:
        """Take the epoch's record and the network after it."""


class Watch:
    """Keeps the best parameters so far and counts the epochs without improvement."""

    def __init__(self, plan: Plan, theta: Array) -> None:
        self._plan = plan
        self._best: float = np.inf
        self._target: float = np.inf
        self.keeps_best = plan.monitor is not None and plan.monitor != "cost"
        self.theta, self.epoch = theta, 0
        self.waited = 0

    def see(self, epochs: Epochs, since: int, theta: Array) -> None:
        """Take the records of the epochs after the first `since`, of which `theta` is the end."""
        if self._plan.monitor is None:
            self.theta, self.epoch = theta, len(epochs)
            return
        for epoch, value in enumerate(epochs.values(self._quantity, since), start=since + 1):
            self._see(epoch, -value if self._plan.monitor == "validation_metric" else value, theta)

    @property
    def _quantity(self) -> str:
        return "objective" if self._plan.monitor == "cost" else str(self._plan.monitor)

    def _see(self, epoch: int, value: float, theta: Array) -> None:
        if value <= self._best or not self.keeps_best:  # of equally good epochs the last one
            self.theta, self.epoch = theta, epoch
        self.waited = 0 if value < self._target else self.waited + 1
        self._best = min(self._best, value)  # in this order a value that is not a number is passed over
        self._target = min(self._target, value - self._plan.tolerance) if self.waited == 0 else self._target

    @property
    def has_waited_enough(self) -> bool:
        """Whether the monitored number has not improved for as long as was agreed."""
        return self._plan.patience is not None and self.waited >= self._plan.patience


class Recorder:
    """Turns what the engine tells about epochs into the history's records."""

    def __init__(self, plan: Plan, engine: Engine) -> None:
        self.plan, self.engine = plan, engine
        self.epochs = Epochs()
        self.snapshots: dict[int, Array] = {}
        self.started = perf_counter()
        self._last = 0.0  # seconds when epochs were last added
        network = plan.problem.network
        self._decays = network.layout.decays(network.theta)
        metric = plan.problem.metric
        self._finish = metric.finish(plan.data.Y) if metric else None
        self._finish_held_out = metric.finish(plan.validation.Y) if metric and plan.validation else None

    @property
    def seconds(self) -> float:
        """Since the start of training."""
        return perf_counter() - self.started

    def add(
        self, theta: Array, cost: float, metric: float, norm: float, rate: float, penalty: float | None = None
    ) -> None:
        """Measure what is left to measure after an epoch and keep its record."""
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
        """Keep the records of epochs that one call of the engine ran; only after the last of them theta is known."""
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
        """Drop the records after that many epochs, when an interrupt came in between."""
        self.epochs = self.epochs.first(n_epochs)
        self.snapshots = {epoch: theta for epoch, theta in self.snapshots.items() if epoch <= n_epochs}

    def history(self, stopped: str, reason: str, best: int, divergence: Divergence | None = None) -> History:
        """Return the finished history."""
        metric = self.plan.problem.metric
        return History(self.epochs, stopped, reason, best, metric.name if metric else None, divergence, self.snapshots)


def run_epochs(
    plan: Plan, engine: Engine, rng: Any, callback: Callback | None, state: State | None
) -> tuple[Array, State, History, Keeper]:
    """Run the plan's epochs; return the parameters kept, the state at the end, the history, and what to replay by."""
    network = plan.problem.network
    recorder = Recorder(plan, engine)
    orders = Orders(plan.data.n_samples, rng, shuffle=plan.shuffle)
    keeper = Keeper(plan.kept_states, Kept(0, state, orders.mark()))
    state = state or engine.start(plan.learning_rate)
    watch = Watch(plan, state.theta)
    pace = Pace(plan, every_epoch=callback is not None)
    factor = 1.0
    stopped, reason, divergence = "epochs", all_done(plan.epochs), None
    whole = Whole(state, 0, state.theta, 0)
    try:
        while (done := len(recorder.epochs)) < plan.epochs:
            raise_if_stopped()
            began = recorder.seconds
            order = orders.take(keeper.at_most(pace.n_epochs(done, watch, recorder.seconds), done))
            rates = factor * plan.rates(done, len(order))
            state, records = engine.run(state, order, rates, plan.batch_size, plan.factors(done, len(order)))
            pace.see(len(records.cost), recorder.seconds)
            if len(records.cost):
                recorder.add_all(state.theta, records, rates)
                watch.see(recorder.epochs, done, state.theta)
                whole = Whole(state, len(recorder.epochs), watch.theta, watch.epoch)
            if records.divergence is not None:
                divergence = replace(records.divergence, epoch=len(recorder.epochs) + 1)
                stopped, reason = "diverged", f"{divergence}; try a smaller learning rate, or clip=1.0"
                break
            keeper.offer(len(recorder.epochs), state, orders)
            if callback is not None and callback(recorder.epochs[-1], network.with_theta(state.theta)):
                stopped, reason = "callback", f"the callback asked to stop after epoch {len(recorder.epochs)}"
                break
            if watch.has_waited_enough:
                if plan.adaptive and factor * plan.learning_rate > SMALLEST_RATE:
                    factor *= ADAPTIVE_FACTOR
                    keeper.slow_down(len(recorder.epochs), factor)
                    watch.waited = 0
                    continue
                stopped, reason = why_early(plan, watch)
                break
            if plan.time_limit is not None:
                seconds_per_epoch = (recorder.seconds - began) / len(order)
                if is_late(plan.time_limit, recorder.seconds, seconds_per_epoch):
                    stopped, reason = "time", out_of_time(plan.time_limit, recorder)
                    break
    except KeyboardInterrupt:
        state, n_epochs, watch.theta, watch.epoch = whole
        recorder.cut(n_epochs)
        stopped, reason, divergence = "interrupted", interrupted(n_epochs), None
    theta, best = (watch.theta, watch.epoch) if watch.keeps_best else (state.theta, len(recorder.epochs))
    return theta, replace(state, theta=theta), recorder.history(stopped, reason, best, divergence), keeper


class Pace:
    """How many epochs the engine takes in one call: about as many as fit into `SECONDS_PER_CALL`.

    Few, so that Ctrl-C and a time limit act at once; many, because a call costs as much as several epochs of a small
    table. Where something happens after each epoch (a validation, a callback) it is one.
    """

    def __init__(self, plan: Plan, *, every_epoch: bool) -> None:
        self._plan = plan
        self._one = every_epoch or plan.validation is not None
        self._fits = 1 if plan.time_limit is not None else _first_epochs(plan)
        self._seconds = 0.0

    def n_epochs(self, done: int, watch: Watch, seconds: float) -> int:
        """Return how many epochs to take after `done` ones."""
        self._seconds = seconds
        if self._one:
            return 1
        n = min(self._fits, self._plan.epochs - done)
        if self._plan.snapshots:  # up to the next one
            n = min(n, self._plan.snapshots - done % self._plan.snapshots)
        if self._plan.patience is not None:  # so many may pass before it has waited enough
            n = min(n, max(1, self._plan.patience - watch.waited))
        return n

    def see(self, n_epochs: int, seconds: float) -> None:
        """Learn how long that took."""
        limit = SECONDS_PER_CALL if self._plan.time_limit is None else min(SECONDS_PER_CALL, self._plan.time_limit / 20)
        took = max(seconds - self._seconds, 1e-6) / max(n_epochs, 1)
        self._fits = max(1, int(limit / took))


def _first_epochs(plan: Plan) -> int:
    products_per_epoch = plan.data.n_samples * plan.problem.network.n_params
    return max(1, min(FIRST_STEPS // plan.steps_per_epoch, FIRST_PRODUCTS // products_per_epoch))


def is_late(limit: float, seconds: float, seconds_per_epoch: float) -> bool:
    """Whether a time limit is reached, or would be passed by too much with one more epoch.

    >>> is_late(5.0, 4.0, 0.5), is_late(5.0, 4.0, 2.0), is_late(5.0, 5.1, 0.0)
    (False, True, True)
    """
    return seconds > limit or seconds + seconds_per_epoch > limit + SECONDS_TOO_LATE


def out_of_time(limit: float, recorder: Recorder) -> str:
    """Say where a time limit ended the run."""
    n = len(recorder.epochs)
    if recorder.seconds > limit:
        return f"the time limit of {limit:g} s was reached in epoch {n}"
    return f"one more epoch after epoch {n} would have passed the time limit of {limit:g} s"


def all_done(n_epochs: int) -> str:
    """Say that a run has had all its epochs.

    >>> all_done(3), all_done(1)
    ('all 3 epochs done', '1 epoch done')
    """
    return f"{'all ' if n_epochs > 1 else ''}{counted(n_epochs, 'epoch')} done"


def interrupted(n_epochs: int) -> str:
    """Say where Ctrl-C ended the run.

    >>> interrupted(1)
    'interrupted after 1 epoch; the best network so far is kept'
    """
    return f"interrupted after {counted(n_epochs, 'epoch')}; the best network so far is kept"


def why_early(plan: Plan, watch: Watch) -> tuple[str, str]:
    """Return the word and the sentence for a run that stopped before its last epoch."""
    what = str(plan.monitor).replace("_", " ")
    if watch.keeps_best:
        return (
            "early",
            f"{what} has not improved for {plan.patience} epochs; epoch {watch.epoch} was the best and is kept",
        )
    return (
        "converged",
        f"training {what} has not improved by more than {plan.tolerance:g} for {plan.patience} epochs",
    )
