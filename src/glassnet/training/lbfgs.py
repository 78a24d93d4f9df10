"""L-BFGS as steps of a run: full batch, curvature from the last steps, a line search per step."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from glassnet.core.quasi_newton.direction import CurvatureMemory, is_curved
from glassnet.core.quasi_newton.line_search import Trial, search
from glassnet.engines.base import CONSTANT, Divergence, Engine, Factors, Records, State
from glassnet.engines.nonfinite import BrokenStep
from glassnet.training.interrupting import raise_if_stopped
from glassnet.training.plan import Plan
from glassnet.training.samples import Data
from glassnet.typing import Array

FLAT_COST = 64 * np.finfo(np.float64).eps  # the relative change of the cost below which progress is only rounding
FLAT_GRADIENT = 1e-8
OF_ONE_THREAD = 8192  # numbers of an inner product, which OpenBLAS computes on the calling thread: up to 10,000
MOST_TRIALS = 20  # of a line search; usually the first is good

CONVERGED = "converged", "L-BFGS has converged"


class _Point(NamedTuple):
    """The numbers of all samples at some parameters."""

    theta: Array  # (n_params,), in the precision of the network
    cost: float
    metric: float
    penalty: float
    grad: Array  # (n_params,), of cost plus penalty, 0 where frozen; float64, as all of the solver's numbers
    square: float  # of the length of grad

    @property
    def objective(self) -> float:
        return self.cost + self.penalty


class LbfgsSteps:
    """Takes the steps of L-BFGS with an engine's gradients, as an engine takes those of the other solvers.

    An epoch is one iteration. Its record has the numbers at the point that it reached.

    Parameters
    ----------
    plan : Plan
    engine : Engine
        Computes cost and gradient, and the outputs of validation rows.
    """

    def __init__(self, plan: Plan, engine: Engine) -> None:
        self.name, self.evaluate = engine.name, engine.evaluate
        self._plan, self._engine, self._problem = plan, engine, plan.problem
        layout, theta = plan.problem.network.layout, plan.problem.network.theta
        self._moves = None if layout.is_uniform else np.asarray(layout.rates(theta) > 0, dtype=np.float64)
        self._decays = np.asarray(layout.decays(theta), dtype=np.float64)
        self._flat_gradient = plan.tolerance or FLAT_GRADIENT
        self._max_fun = int(plan.problem.solver.parameters["max_fun"])
        self._latest: _Point | None = None

    def start(self, eta: float) -> State:
        """Return the state before the first step; the learning rate has no meaning here."""
        theta, history = self._problem.network.theta, int(self._problem.solver.parameters["history"])
        rows = np.zeros((2, history, len(theta)), theta.dtype)
        return State(theta, CurvatureMemory(rows[0], rows[1], np.zeros(history), 0, 0))

    def run(
        self, state: State, order: Array, eta: Array, batch_size: int, factors: Factors = CONSTANT
    ) -> tuple[State, Records]:
        """Take one step per row of `order`, or fewer; `Records.end` then says why."""
        records = Records([], [], [], [])
        with np.errstate(all="ignore"):
            memory = state.solver
            if memory.n_evaluations == 0:
                memory = memory._replace(n_evaluations=1)
            point = self._at(state.theta)
            if not (np.isfinite(point.objective) and np.isfinite(point.grad).all()):
                return state, records._replace(divergence=self._locate(state))
            # the state that was given stays as it is, in case of an interrupt
            memory = memory._replace(
                steps=memory.steps.copy(), changes=memory.changes.copy(), curvatures=memory.curvatures.copy()
            )
            end = CONVERGED if self._is_flat(point) else None
            for _ in range(len(order)):
                if end is not None:
                    break
                before = point
                point, memory, end = self._step(point, memory)
                if point is before:
                    break
                records.cost.append(point.cost)
                records.metric.append(point.metric)
                records.gradient_norm.append(point.square**0.5)
                records.penalty.append(point.penalty)
        self._latest = point
        return State(point.theta, memory, state.step + len(records.cost)), records._replace(end=end)

    def _step(self, point: _Point, memory: CurvatureMemory) -> tuple[_Point, CurvatureMemory, tuple[str, str] | None]:
        """Return the point after one iteration, the memory with it, and why there is no further one, if so."""
        value = point.objective
        while True:
            left = self._max_fun - memory.n_evaluations
            if left <= 0:
                return point, memory, self._out_of_evaluations(memory.n_evaluations)
            d = self._engine.direction(point.grad, memory)
            slope = _inner(point.grad, d)
            found, n_tried = None, 0
            if slope < 0:
                # without curvature the gradient says nothing of a length: the step has at most the length 1
                first = 1.0 if memory.n_seen else min(1.0, (-slope) ** -0.5)
                line = _Line(self, point, d)
                found = search(line.at, Trial(0.0, value, slope, point), first, most=min(left, MOST_TRIALS))
                n_tried = line.n_tried
            n_evaluations = memory.n_evaluations + n_tried
            if found is not None and found.best.point is not point:
                break
            memory = memory._replace(n_evaluations=n_evaluations)
            if n_evaluations >= self._max_fun:
                return point, memory, self._out_of_evaluations(n_evaluations)
            if memory.n_seen == 0:
                return point, memory, self._stuck(slope, value)
            memory = memory._replace(n_seen=0)  # try the direction of the gradient
        after: _Point = found.best.point
        step = np.subtract(after.theta, point.theta, dtype=np.float64)  # (n_params,)
        change = after.grad - point.grad  # (n_params,)
        curvature, n_seen = _inner(step, change), memory.n_seen
        if is_curved(curvature, _inner(change, change)):
            row = n_seen % len(memory.curvatures)
            memory.steps[row], memory.changes[row] = step, change
            memory.curvatures[row] = curvature
            n_seen += 1
        end = None
        largest = max(abs(value), abs(after.objective), 1.0)
        if self._is_flat(after) or value - after.objective <= FLAT_COST * largest:
            end = CONVERGED
        elif n_evaluations >= self._max_fun:
            end = self._out_of_evaluations(n_evaluations)
        return after, memory._replace(n_seen=n_seen, n_evaluations=n_evaluations), end

    def at(self, theta: Array) -> _Point:
        """Compute the numbers at some parameters."""
        raise_if_stopped()
        n, penalty = self._plan.data.n_samples, self._problem.penalty
        sums = self._engine.total(theta)
        grad, value = np.asarray(sums.gradient / n, dtype=np.float64), 0.0
        if penalty:
            weights = theta.astype(np.float64)
            grad, value = grad + penalty.gradient(weights, self._decays), penalty.value(weights, self._decays)
        grad = grad if self._moves is None else grad * self._moves
        return _Point(theta, float(sums.cost / n), float(sums.metric / n), value, grad, _inner(grad, grad))

    def _is_flat(self, point: _Point) -> bool:
        # its length tells of most gradients that some part is above the limit; the factor leaves room for rounding
        if point.square > 2 * len(point.grad) * self._flat_gradient * self._flat_gradient:  # ** would overflow
            return False
        return bool(np.abs(point.grad).max() <= self._flat_gradient)

    def _at(self, theta: Array) -> _Point:
        latest = self._latest
        return latest if latest is not None and latest.theta is theta else self.at(theta)

    def _out_of_evaluations(self, n: int) -> tuple[str, str]:
        return "epochs", f"L-BFGS has evaluated the cost {n} times, as often as max_fun allows"

    def _stuck(self, slope: float, value: float) -> tuple[str, str]:
        """Return why no step against the gradient leads to a lower cost."""
        dtype = self._problem.network.theta.dtype
        if -slope <= np.sqrt(np.finfo(dtype).eps) * max(abs(value), 1.0):
            return "converged", f"L-BFGS has converged as far as {dtype} can tell: no step lowers the cost any more"
        return "epochs", (
            "L-BFGS stopped: no step against the gradient lowers the cost, which has a kink here, or another gradient; "
            "gn.check_gradients compares them"
        )

    def _locate(self, state: State) -> Divergence:
        from glassnet.core.backward import backward
        from glassnet.core.forward import forward

        network, data = self._problem.network.with_theta(state.theta), self._plan.data
        assert isinstance(data, Data)
        X = data.X.toarray() if hasattr(data.X, "toarray") else data.X
        trace = forward(network, X.astype(state.theta.dtype))
        grads = backward(network, trace, data.Y, cost=self._problem.cost, weights=data.weights)
        return BrokenStep(network, self._problem.cost, trace, grads, data.Y).divergence(state.step)


def begun_anew(state: State) -> State:
    """Return the state with which another run begins: `max_fun` counts the evaluations of one run."""
    if not isinstance(state.solver, CurvatureMemory):
        return state
    return replace(state, solver=state.solver._replace(n_evaluations=0))


def _inner(a: Array, b: Array) -> float:
    """Return the inner product.

    BLAS has it first, but not long ones: it would share them among threads, which then go on looking for work on the
    cores of the engine.
    """
    return float(np.dot(a, b) if len(a) <= OF_ONE_THREAD else np.einsum("i,i->", a, b))


class _Line:
    """The objective along a direction."""

    def __init__(self, steps: LbfgsSteps, point: _Point, d: Array) -> None:
        self._steps, self._origin, self._d = steps, point.theta, d
        self.n_tried = 0

    def at(self, t: float) -> Trial:
        """Return value and slope after a step of this length."""
        self.n_tried += 1
        moved = t * self._d
        moved += self._origin
        point = self._steps.at(moved.astype(self._origin.dtype, copy=False))
        return Trial(t, point.objective, _inner(point.grad, self._d), point)
