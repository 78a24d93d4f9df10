"""`Course`: a training as it goes on, and any moment of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from glassnet.core.catalog.solvers import Solver, resolve_solver
from glassnet.core.network import Network
from glassnet.errors import ParameterError
from glassnet.studio.recording.epochs import spread
from glassnet.training.history import History
from glassnet.training.plan import Plan
from glassnet.training.replay.replay import Replay
from glassnet.training.run_state import Progress
from glassnet.training.train import Training
from glassnet.typing import Array
from glassnet.wording import counted

STATES_BYTES = 64 << 20  # memory for the states that make moments quick to open
MOST_STATES = 256


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


class Iterations:
    """A callback for runs that cannot be advanced in parts without repeating themselves, such as those of L-BFGS.

    `hear` is called after each iteration. It may raise an exception of its own to leave the run, which then continues
    by repeating its iterations so far.
    """

    def __init__(self) -> None:
        self.hear: Callable[[], None] | None = None

    def __call__(self, epoch: object, network: object) -> None:
        """Tell that an iteration has ended."""
        if self.hear is not None:
            self.hear()


def states_to_keep(n_params: int) -> int:
    """Return how many states of a run are stored: theta, and two arrays of the solver's memory, in float64.

    >>> states_to_keep(100), states_to_keep(1_000_000)
    (256, 2)
    """
    return int(min(MOST_STATES, max(2, STATES_BYTES // (24 * n_params))))


def is_lbfgs(plan: Plan) -> bool:
    """Whether a run is one of L-BFGS, which has no single steps."""
    return plan.problem.solver.builtin_name == "lbfgs"


class Course:
    """A training that is advanced, looked back at, and changed by hand.

    Attributes
    ----------
    training : Training
    """

    def __init__(self, training: Training) -> None:
        self.training = training
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
    def within(self) -> int:
        """Number of steps that a diverged run took after its last epoch, else 0."""
        divergence = self.history.divergence if self.finished else None
        if divergence is None or self.training.result().recording is None:
            return 0
        return divergence.step - self.n_epochs * self.plan.steps_per_epoch

    def now(self) -> Moment:
        """Return the moment after the last finished epoch."""
        progress = self.training.run.progress(theta=True)
        return self._moment(progress.n_epochs, progress.theta, progress.factor)

    def _moment(self, epoch: int, theta: Array | None, factor: float) -> Moment:
        plan = self.plan
        solver, rate = plan.problem.solver, factor * float(plan.rates(epoch)[0])
        if not solver.has_step:
            solver, rate = resolve_solver("gd"), resolve_solver("gd").learning_rate
        elif "weight_decay" in solver.parameters:
            solver = _with_decay(solver, float(np.ravel(plan.factors(epoch).of(0).decay)[0]))
        return Moment(epoch, 0, plan.problem.network.with_theta(theta), solver, rate)

    def at(self, epoch: int, step: int = 0) -> Moment:
        """Return the moment so many steps after the end of an epoch.

        Raises
        ------
        ParameterError
            If the run has not reached it.
        """
        n, within, size = self.n_epochs, self.within, self.plan.steps_per_epoch
        if epoch > n or (epoch == n and step > within) or 0 < size <= step:
            there = f" and {counted(within, 'step')}" if within else ""
            raise ParameterError(
                f"epoch {epoch}, step {step} does not exist: training has come to epoch {n}{there}, with "
                f"{counted(size, 'step')} in an epoch."
            )
        if (epoch, step) == (n, 0):
            return self.now()
        if is_lbfgs(self.plan):
            return self._snapshot(epoch, step)
        snapshot = self.replay().at(epoch=epoch + 1, step=step) if step else self.replay().at(epoch=epoch)
        solver = snapshot.solver if snapshot.solver.has_step else resolve_solver("gd")
        return Moment(epoch, step, snapshot.network, solver, snapshot.learning_rate)

    def _snapshot(self, epoch: int, step: int) -> Moment:
        """Return the stored parameters of an L-BFGS iteration."""
        if step:
            raise ParameterError("an iteration of L-BFGS is one step; leave the step out.")
        if epoch == 0:
            return self._moment(0, self.plan.problem.network.theta, 1.0)
        known = self.history.snapshots
        nearest = max((each for each in known if each <= epoch), default=0)
        return self._moment(nearest, known[nearest] if nearest else self.plan.problem.network.theta, 1.0)

    def replay(self) -> Replay:
        """Return the replay of the run so far.

        Raises
        ------
        ReplayError
            If the solver is L-BFGS.
        """
        if self._replay is None or self._replayed != self.n_epochs:
            self._replay, self._replayed = self.training.result().replay(), self.n_epochs
        return self._replay

    def path(self, n: int) -> tuple[tuple[int, Array], ...]:
        """Return at most `n` moments of the training, in order, as pairs (epoch, theta)."""
        epochs = spread(range(self.n_epochs + 1), max(2, n))
        return tuple((epoch, self.at(epoch).network.theta) for epoch in epochs)


def _with_decay(solver: Solver, factor: float) -> Solver:
    decay = solver.parameters["weight_decay"] * factor
    return replace(solver, parameters={**solver.parameters, "weight_decay": decay})
