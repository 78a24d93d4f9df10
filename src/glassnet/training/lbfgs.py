"""L-BFGS by SciPy: full batch, curvature from the last steps, a line search per step."""

from dataclasses import replace
from typing import Any, cast

import numpy as np

from glassnet.engines.base import Divergence, Engine, State
from glassnet.engines.reference import locate_divergence
from glassnet.training.history import History
from glassnet.training.interrupting import Whole, raise_if_stopped
from glassnet.training.loop.early_stopping import EarlyStopping
from glassnet.training.loop.listeners import Callback
from glassnet.training.loop.recorder import Recorder
from glassnet.training.loop.stop_reasons import all_done, interrupted, is_late, out_of_time, why_early
from glassnet.training.plan import Plan
from glassnet.typing import Array

FLAT_COST = 64 * np.finfo(np.float64).eps  # the relative change of the cost below which progress is only rounding
FLAT_GRADIENT = 1e-8


class _Stop(Exception):
    """Ends SciPy's loop from inside; `args` are the stop reason as a word and as a sentence."""


class _Objective:
    """Cost plus penalty and its gradient, stored for the record of the iteration."""

    def __init__(self, plan: Plan, engine: Engine) -> None:
        self.plan, self.engine = plan, engine
        layout, theta = plan.problem.network.layout, plan.problem.network.theta
        self._moves = None if layout.is_uniform else np.asarray(layout.rates(theta) > 0, dtype=np.float64)
        self.grad: Array = np.zeros(0)

    def __call__(self, theta: Array) -> tuple[float, Array]:
        raise_if_stopped()
        plan, network = self.plan, self.plan.problem.network
        theta = theta.astype(network.theta.dtype)
        with np.errstate(all="ignore"):
            cost, grad = self.engine.gradients(theta, plan.data.X, plan.data.Y, plan.data.weights)
            penalty = plan.problem.penalty.value(theta, network.layout.decays(theta))
        grad = np.asarray(grad, dtype=np.float64)
        self.grad = grad if self._moves is None else grad * self._moves
        return cost + penalty, self.grad


def run_lbfgs(
    plan: Plan, engine: Engine, callback: Callback | None, state: State | None
) -> tuple[Array, State, History]:
    """Run at most the plan's epochs as L-BFGS iterations; return best parameters, final state and history."""
    from scipy.optimize import minimize

    network = plan.problem.network
    dtype = network.theta.dtype
    recorder, objective = Recorder(plan, engine), _Objective(plan, engine)
    theta = network.theta if state is None else state.theta
    early_stopping = EarlyStopping(plan, theta)
    last, start_state = theta, State(theta, plan.problem.solver.init(theta, plan.learning_rate), 0)
    whole = Whole(start_state, 0, theta, 0)

    def after_iteration(intermediate_result: Any) -> None:
        nonlocal last, whole
        last = intermediate_result.x.astype(dtype)
        cost, A = engine.evaluate(last, plan.data.X, plan.data.Y, plan.data.weights)
        metric = plan.problem.metric
        score = float(np.mean(metric.per_sample(A, plan.data.Y))) if metric else 0.0
        recorder.add(last, cost, score, float(np.linalg.norm(objective.grad)), plan.learning_rate)
        record = recorder.epochs[-1]
        early_stopping.see(recorder.epochs, record.epoch - 1, last)
        whole = Whole(replace(start_state, theta=last), record.epoch, early_stopping.theta, early_stopping.epoch)
        if callback is not None and callback(record, network.with_theta(last)):
            raise _Stop("callback", f"the callback asked to stop after epoch {record.epoch}")
        if early_stopping.keeps_best and early_stopping.has_waited_enough:
            raise _Stop(*why_early(plan, early_stopping))
        if plan.time_limit is not None:
            seconds_per_epoch = recorder.seconds / len(recorder.epochs)
            if is_late(plan.time_limit, recorder.seconds, seconds_per_epoch):
                raise _Stop("time", out_of_time(plan.time_limit, recorder))

    options = {
        "maxiter": plan.epochs,
        "maxfun": 20 * plan.epochs + 20,
        "maxcor": int(plan.problem.solver.parameters["history"]),
        "ftol": FLAT_COST,
        "gtol": plan.tolerance or FLAT_GRADIENT,
    }
    divergence = None
    try:
        first, _ = objective(theta)
        if not np.isfinite(first):
            divergence = _locate(plan, theta)
            raise _Stop("diverged", f"{divergence}; try smaller start weights or scaled inputs")
        start: Any = theta.astype(np.float64)
        found: Any = minimize(
            cast(Any, objective),
            start,
            method="L-BFGS-B",
            jac=True,
            callback=after_iteration,
            options=cast(Any, options),
        )
        last = found.x.astype(dtype)
        stopped = "converged" if found.success else "epochs"
        reason = "L-BFGS has converged" if found.success else f"L-BFGS stopped: {str(found.message).lower()}"
        if len(recorder.epochs) >= plan.epochs:
            stopped, reason = "epochs", all_done(plan.epochs)
    except _Stop as stop:
        stopped, reason = stop.args
    except KeyboardInterrupt:
        state, n_epochs, early_stopping.theta, early_stopping.epoch = whole
        last = state.theta
        recorder.cut(n_epochs)
        stopped, reason, divergence = "interrupted", interrupted(n_epochs), None
    kept, best = (
        (early_stopping.theta, early_stopping.epoch) if early_stopping.keeps_best else (last, len(recorder.epochs))
    )
    end = State(kept, plan.problem.solver.init(kept, plan.learning_rate), len(recorder.epochs))
    return kept, end, recorder.history(stopped, reason, best, divergence)


def _locate(plan: Plan, theta: Array) -> Divergence:
    from glassnet.core.backward import backward
    from glassnet.core.forward import forward

    network, data = plan.problem.network.with_theta(theta), plan.data
    X = data.X.toarray() if hasattr(data.X, "toarray") else data.X
    with np.errstate(all="ignore"):
        trace = forward(network, X.astype(theta.dtype))
        grads = backward(network, trace, data.Y, cost=plan.problem.cost, weights=data.weights)
        return locate_divergence(0, trace, grads)
