"""`Course`: a training as it goes on, and any moment of it."""

from dataclasses import dataclass, replace

import numpy as np

from glassnet.core.catalog.solvers import Solver, resolve_solver
from glassnet.core.network import Network
from glassnet.engines.base import Engine, Records, State, Stepping
from glassnet.engines.registry import resolve_engine
from glassnet.errors import ParameterError
from glassnet.studio.recording.epochs import spread
from glassnet.training.history import Epochs, History
from glassnet.training.lbfgs import LbfgsSteps
from glassnet.training.plan import Plan
from glassnet.training.replay.replay import Replay
from glassnet.training.run import Run
from glassnet.training.run_state import Progress
from glassnet.training.samples import Data
from glassnet.training.train import Training
from glassnet.typing import Array
from glassnet.wording import counted

STATES_BYTES = 16 << 20  # memory for the states that make moments quick to open, also after each change by hand
MOST_STATES = 256
MOST_EPOCHS = 1_000_000  # of a course: its history takes memory
MOST_CHANGES = 30  # by hand in a course: each keeps the course before it


@dataclass(frozen=True, eq=False)
class Moment:
    """A network, so many steps after the end of an epoch, and its next step.

    Attributes
    ----------
    epoch, step : int
    network : Network
    solver : Solver
    learning_rate : float
    """

    epoch: int
    step: int
    network: Network
    solver: Solver
    learning_rate: float


def states_to_keep(n_params: int) -> int:
    """Return how many states of a run are stored: theta, and two arrays of the solver's memory, in float64.

    >>> states_to_keep(100), states_to_keep(5_000), states_to_keep(1_000_000)
    (256, 139, 2)
    """
    return int(min(MOST_STATES, max(2, STATES_BYTES // (24 * n_params))))


def is_lbfgs(plan: Plan) -> bool:
    """Whether a run is one of L-BFGS, which has no single steps."""
    return plan.problem.solver.builtin_name == "lbfgs"


@dataclass(frozen=True, eq=False)
class Change:
    """Where a course was changed by hand, or got a schedule for more epochs.

    Attributes
    ----------
    before : Course
        The course until then.
    epoch, step : int
        The moment.
    state : State
        With the changed parameters.
    order : array (n_rows,)
        The order of the rows in the epoch that follows.
    by_hand : bool
        Whether weights were set by hand.
    """

    before: "Course"
    epoch: int
    step: int
    state: State
    order: Array
    by_hand: bool = True


class Course:
    """A training that is advanced and looked back at.

    Attributes
    ----------
    training : Training
    change : Change or None
        Where it leaves an earlier course.
    """

    def __init__(self, training: Training, change: Change | None = None) -> None:
        self.training, self.change = training, change
        self._replay: Replay | None = None
        self._replayed = -1  # epochs of the run that the replay knows

    @property
    def plan(self) -> Plan:
        """The settings of the run."""
        return self.training.plan

    @property
    def n_epochs(self) -> int:
        """Number of finished epochs."""
        return self.progress.n_epochs

    @property
    def progress(self) -> Progress:
        """The progress of the run."""
        return self.training.run.progress()

    @property
    def finished(self) -> bool:
        """Whether the run has stopped."""
        return self.training.run.finished

    @property
    def history(self) -> History:
        """The history so far."""
        return self.training.run.result().history

    @property
    def epochs(self) -> Epochs:
        """The records of the epochs so far."""
        epochs = self.history.epochs
        assert isinstance(epochs, Epochs)
        return epochs

    @property
    def first_epoch(self) -> int:
        """The epoch after which every step can be opened: the start, or the end of the epoch changed by hand."""
        return 0 if self.change is None else self.change.epoch + (self.change.step > 0)

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes until now, in their order."""
        return () if self.change is None else (*self.change.before.changes, self.change)

    @property
    def n_edits(self) -> int:
        """How often weights were set by hand."""
        return sum(change.by_hand for change in self.changes)

    @property
    def within(self) -> int:
        """Number of steps that a diverged run took after its last epoch, else 0."""
        divergence = self.history.divergence if self.finished else None
        if divergence is None or is_lbfgs(self.plan):
            return 0
        return divergence.step - self.n_epochs * self.plan.steps_per_epoch

    def now(self) -> Moment:
        """Return the moment after the last finished epoch."""
        progress = self.training.run.progress(theta=True)
        return self._moment(progress.n_epochs, 0, progress.theta, progress.factor)

    def at(self, epoch: int, step: int = 0) -> Moment:
        """Return the moment so many steps after the end of an epoch.

        Raises
        ------
        ParameterError
            If the run has not reached it.
        """
        self._check(epoch, step)
        change = self.change
        if change is not None and (epoch, step) < (change.epoch, change.step):
            return change.before.at(epoch, step)
        if (epoch, step) == (self.n_epochs, 0):
            return self.now()
        if is_lbfgs(self.plan):
            return self._snapshot(epoch)
        factor = self.factor(epoch)
        return self._moment(epoch, step, self.state_at(epoch, step).theta, factor)

    def state_at(self, epoch: int, step: int) -> State:
        """Return parameters and solver memory of a moment after the change, if there was one."""
        change = self.change
        if change is not None and epoch == change.epoch and change.step > 0:
            return self._steps_after(change, step)
        if (epoch, step) == (self.n_epochs, 0):
            run = self.training.run
            assert isinstance(run, Run)
            return run.state.state
        replay = self.replay()
        return (replay.at(epoch=epoch + 1, step=step) if step else replay.at(epoch=epoch)).state

    def _steps_after(self, change: Change, step: int) -> State:
        """Return the state after more steps of the epoch in which the course was changed."""
        steps = slice(change.step, step)
        if step == change.step:
            return change.state
        state, _ = taken(self, engine_of(self.training), change.state, change.epoch, steps, change.order)
        return state

    def _check(self, epoch: int, step: int) -> None:
        n, within, size = self.n_epochs, self.within, self.plan.steps_per_epoch
        if step and is_lbfgs(self.plan):
            raise ParameterError("an iteration of L-BFGS is one step; leave the step out.")
        if epoch > n or (epoch == n and step > within) or 0 < size <= step:
            there = f" and {counted(within, 'step')}" if within else ""
            raise ParameterError(
                f"epoch {epoch}, step {step} does not exist: training has come to epoch {n}{there}, with "
                f"{counted(size, 'step')} in an epoch."
            )

    def _moment(self, epoch: int, step: int, theta: Array | None, factor: float) -> Moment:
        """Return a moment; its solver and learning rate are those of the next step."""
        plan = self.plan
        solver, rate = plan.problem.solver, factor * float(plan.rates(epoch)[step])
        if not solver.has_step:
            solver, rate = resolve_solver("gd"), resolve_solver("gd").learning_rate
        elif "weight_decay" in solver.parameters:
            decay = solver.parameters["weight_decay"] * float(plan.factors(epoch).of(step).decay)
            solver = replace(solver, parameters={**solver.parameters, "weight_decay": decay})
        return Moment(epoch, step, plan.problem.network.with_theta(theta), solver, rate)

    def factor(self, epoch: int) -> float:
        """Return the factor of an adaptive learning rate after an epoch."""
        return [factor for since, factor in self.training.run.result().factors if since <= epoch][-1]

    def _snapshot(self, epoch: int) -> Moment:
        """Return the stored parameters of an L-BFGS iteration."""
        known = self.history.snapshots
        nearest = max((each for each in known if each <= epoch), default=0)
        return self._moment(nearest, 0, known[nearest] if nearest else self.plan.problem.network.theta, 1.0)

    def replay(self) -> Replay:
        """Return the replay of the run so far, from its change on.

        Raises
        ------
        ReplayError
            If the solver is L-BFGS.
        """
        if self._replay is None or self._replayed != self.n_epochs:
            self._replay, self._replayed = self.training.result().replay(), self.n_epochs
        return self._replay

    def rest(self) -> None:
        """Free what only makes moments quick to open, as another course goes on."""
        self._replay, self._replayed = None, -1

    def path(self, n: int) -> tuple[tuple[int, Array], ...]:
        """Return at most `n` moments of the training, in order, as pairs (epoch, theta)."""
        epochs = spread(range(self.n_epochs + 1), max(2, n))
        return tuple((epoch, self.at(epoch).network.theta) for epoch in epochs)


def engine_of(training: Training) -> Engine:
    """Return the engine of a training."""
    plan = training.plan
    dtype = plan.problem.network.theta.dtype
    assert isinstance(plan.data, Data)
    weights = None if plan.data.weights is None else plan.data.weights.astype(dtype)
    X, Y = plan.data.X.astype(dtype, copy=False), plan.data.Y.astype(dtype, copy=False)
    return resolve_engine(training.engine)(plan.problem, X, Y, weights, n_jobs=training.n_jobs)


def costs_of(training: Training, network: Network) -> tuple[float | None, float | None]:
    """Return the cost of a network over the training rows, and over the validation rows if there are any."""
    engine, plan = engine_of(training), training.plan
    with np.errstate(all="ignore"):
        first, second = (
            None if data is None else data.judged(engine, network.theta, None)[0]
            for data in (plan.data, plan.validation)
        )
    return first, second


def steps_of(training: Training) -> Stepping:
    """Return what takes the steps of a training."""
    engine = engine_of(training)
    return LbfgsSteps(training.plan, engine) if is_lbfgs(training.plan) else engine


def rates_of(course: Course, epoch: int) -> Array:
    """Return the learning rate of each step after an epoch."""
    return course.factor(epoch) * course.plan.rates(epoch)


def taken(
    course: Course, engine: Engine, state: State, epoch: int, steps: slice, order: Array
) -> tuple[State, Records]:
    """Take some steps after an epoch."""
    plan = course.plan
    rows = order[steps.start * plan.batch_size : None if steps.stop is None else steps.stop * plan.batch_size]
    rates, factors = rates_of(course, epoch)[steps], plan.factors(epoch).of(steps)
    return engine.run(state, rows[None, :], rates, plan.batch_size, factors)
