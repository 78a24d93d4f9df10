"""L-BFGS by SciPy: full batch, curvature from the last steps, a line search per step."""

from typing import Any, NamedTuple, cast

import numpy as np

from glassnet.engines.base import Divergence, Engine, State, sums_of_all
from glassnet.engines.reference import locate_divergence
from glassnet.training.interrupting import raise_if_stopped
from glassnet.training.loop.early_stopping import EarlyStopping
from glassnet.training.loop.listeners import Callback, Hearing
from glassnet.training.loop.recorder import Recorder
from glassnet.training.loop.scipy_threads import one_thread
from glassnet.training.loop.stop_reasons import all_done, asked, interrupted, is_late, out_of_time, whence, why_early
from glassnet.training.plan import Plan
from glassnet.training.run_state import End, Outcome, Place, Progress, progress_of
from glassnet.typing import Array

FLAT_COST = 64 * np.finfo(np.float64).eps  # the relative change of the cost below which progress is only rounding
FLAT_GRADIENT = 1e-8


class _Stop(Exception):
    """Ends SciPy's loop from inside; `args` are the stop reason as a word and as a sentence."""


class _Pause(Exception):
    """Leaves SciPy's loop, to be continued later."""


class _Point(NamedTuple):
    """The numbers of all samples at some parameters."""

    theta: Array
    cost: float
    metric: float
    penalty: float
    grad: Array  # of cost plus penalty, 0 where frozen


class _Objective:
    """Cost plus penalty and its gradient. SciPy's iterations end at the latest point, whose numbers are stored."""

    def __init__(self, plan: Plan, engine: Engine) -> None:
        self._problem, self._engine, self._n_samples = plan.problem, engine, plan.data.n_samples
        layout, theta = plan.problem.network.layout, plan.problem.network.theta
        self._moves = None if layout.is_uniform else np.asarray(layout.rates(theta) > 0, dtype=np.float64)
        self._decays = layout.decays(theta)
        self._latest: _Point | None = None

    def __call__(self, theta: Array) -> tuple[float, Array]:
        raise_if_stopped()
        point = self._latest = self._compute(theta.astype(self._problem.network.theta.dtype))
        return point.cost + point.penalty, point.grad

    def at(self, theta: Array) -> _Point:
        """Return the numbers at some parameters."""
        latest = self._latest
        return latest if latest is not None and np.array_equal(latest.theta, theta) else self._compute(theta)

    def _compute(self, theta: Array) -> _Point:
        n, penalty = self._n_samples, self._problem.penalty
        with np.errstate(all="ignore"):
            sums = sums_of_all(self._engine, State(theta, ()), n)
            grad = np.asarray(sums.gradient / n, dtype=np.float64)
            if penalty:
                grad += penalty.gradient(theta, self._decays)
            value = penalty.value(theta, self._decays)
        grad = grad if self._moves is None else grad * self._moves
        return _Point(theta, float(sums.cost / n), float(sums.metric / n), value, grad)


class LbfgsRun:
    """One training run with L-BFGS; the counterpart of `glassnet.training.run.Run` for the other solvers.

    SciPy owns the loop and does not expose its memory of the curvature. So each call of `advance` repeats the
    iterations so far, which gives the same bits, before it continues.
    """

    def __init__(
        self, plan: Plan, engine: Engine, *, start: State | None = None, callback: Callback | None = None
    ) -> None:
        self._plan, self._engine = plan, engine
        self._recorder, self._objective = Recorder(plan, engine), _Objective(plan, engine)
        self._hearing = Hearing(callback)
        self._start = plan.problem.network.theta if start is None else start.theta
        self._early_stopping = EarlyStopping(plan, self._start)
        self._last = self._start
        self._end: End | None = None
        self._asked: str | None = None
        self._note()

    @property
    def finished(self) -> bool:
        """Whether the run has stopped."""
        return self._end is not None

    def advance(self, *, epochs: int | None = None, seconds: float | None = None) -> "LbfgsRun":
        """Run to the end, or for a number of iterations or seconds, and return the run itself."""
        try:
            if self._end is None and epochs != 0:
                with self._recorder.clock_running():
                    self._iterate(epochs, seconds)
            if self._end is not None and self._hearing.has_missed_the_end(len(self._recorder.epochs)):
                self._tell()
        except KeyboardInterrupt:
            place = self._place
            self._last, self._early_stopping.memory = place.state.theta, place.watched
            self._recorder.cut(place.n_epochs)
            self._end = End("interrupted", interrupted(place.n_epochs))
        return self

    def stop(self, reason: str) -> None:
        """Stop the run after the current iteration; can be called from any thread and from a callback."""
        self._asked = reason

    def progress(self, *, theta: bool = False) -> Progress:
        """Return the progress of the run; see `glassnet.training.run.Run.progress`."""
        return progress_of(self._place, self._plan.epochs, theta=theta)

    def result(self) -> Outcome:
        """Return the outcome of the run, or of its iterations so far."""
        kept, best = self._last, len(self._recorder.epochs)
        if self._early_stopping.keeps_best:
            kept, best = self._early_stopping.theta, self._early_stopping.epoch
        end = self._end or End("interrupted", interrupted(len(self._recorder.epochs)))
        return Outcome(kept, self._state_of(kept, len(self._recorder.epochs)), self._recorder.history(end, best))

    def _iterate(self, epochs: int | None, seconds: float | None) -> None:
        """Let SciPy iterate from the start; iterations that are recorded already are skipped."""
        from scipy.optimize import minimize

        plan, recorder = self._plan, self._recorder
        dtype = plan.problem.network.theta.dtype
        known, met = len(recorder.epochs), 0
        until = None if seconds is None else recorder.seconds + seconds

        def after_iteration(intermediate_result: Any) -> None:
            nonlocal met
            met += 1
            if met <= known:
                return
            self._see(intermediate_result.x.astype(dtype))
            if met == plan.epochs:
                return
            if (epochs is not None and met - known >= epochs) or (until is not None and recorder.seconds >= until):
                raise _Pause

        own = plan.problem.solver.parameters
        options = {
            "maxiter": plan.epochs,
            "maxfun": int(own["max_fun"]),
            "maxcor": int(own["history"]),
            "ftol": FLAT_COST,
            "gtol": plan.tolerance or FLAT_GRADIENT,
        }
        try:
            first, _ = self._objective(self._start)
            if not np.isfinite(first):
                divergence = _locate(plan, self._start)
                self._end = End(
                    "diverged",
                    f"{whence(divergence, plan.problem)}; try smaller start weights or scaled inputs",
                    divergence,
                )
                return
            start: Any = self._start.astype(np.float64)
            with one_thread():
                found: Any = minimize(
                    cast(Any, self._objective),
                    start,
                    method="L-BFGS-B",
                    jac=True,
                    callback=after_iteration,
                    options=cast(Any, options),
                )
            self._last = found.x.astype(dtype)
            if len(recorder.epochs) >= plan.epochs:
                self._end = End("epochs", all_done(plan.epochs))
            elif found.success:
                self._end = End("converged", "L-BFGS has converged")
            elif found.nfev > options["maxfun"]:
                self._end = End("epochs", f"L-BFGS has evaluated the cost {found.nfev} times, more than max_fun")
            else:
                self._end = End("epochs", f"L-BFGS stopped: {str(found.message).lower()}")
        except _Stop as stop:
            self._end = End(*stop.args)
        except _Pause:
            return

    def _see(self, theta: Array) -> None:
        """Record an iteration, and decide whether to stop."""
        plan, recorder, early_stopping = self._plan, self._recorder, self._early_stopping
        self._last = theta
        point = self._objective.at(theta)
        norm = float(np.linalg.norm(point.grad))
        recorder.add(theta, point.cost, point.metric, norm, plan.learning_rate, point.penalty)
        early_stopping.see(recorder.epochs, len(recorder.epochs) - 1, theta)
        self._note()
        if self._hearing.is_due:
            self._tell()
        if self._asked is not None:
            raise _Stop("callback", self._asked)
        if early_stopping.keeps_best and early_stopping.has_waited_enough:
            raise _Stop(*why_early(plan, early_stopping))
        if plan.time_limit is not None:
            seconds_per_epoch = recorder.seconds / len(recorder.epochs)
            if is_late(plan.time_limit, recorder.seconds, seconds_per_epoch):
                raise _Stop("time", out_of_time(plan.time_limit, recorder))

    def _tell(self) -> None:
        """Call the callback with the last iteration."""
        epoch = self._recorder.epochs[-1]
        if self._hearing.tells(epoch, self._plan.problem.network.with_theta(self._last)):
            self.stop(asked(epoch.epoch))

    def _note(self) -> None:
        n_epochs = len(self._recorder.epochs)
        state = self._state_of(self._last, n_epochs)
        self._place = Place(state, n_epochs, self._early_stopping.memory, 1.0, None, self._recorder.last, None)

    def _state_of(self, theta: Array, n_epochs: int) -> State:
        return State(theta, self._plan.problem.solver.start(theta, self._plan.learning_rate), n_epochs)


def _locate(plan: Plan, theta: Array) -> Divergence:
    from glassnet.core.backward import backward
    from glassnet.core.forward import forward

    network, data = plan.problem.network.with_theta(theta), plan.data
    X = data.X.toarray() if hasattr(data.X, "toarray") else data.X
    with np.errstate(all="ignore"):
        trace = forward(network, X.astype(theta.dtype))
        grads = backward(network, trace, data.Y, cost=plan.problem.cost, weights=data.weights)
        return locate_divergence(0, trace, grads)
