"""The readable engine: core on NumPy, one minibatch after the other. Its results are correct by definition."""

from dataclasses import replace
from typing import Any

import numpy as np

from glassnet.core.backward import Gradients, backward
from glassnet.core.catalog.costs import cost_of_trace
from glassnet.core.forward import Trace, forward
from glassnet.core.masks import dropout_mask
from glassnet.core.network import Network
from glassnet.core.quasi_newton.direction import CurvatureMemory, direction
from glassnet.core.records import ByLayer
from glassnet.csr import checked_csr
from glassnet.engines.base import (
    CONSTANT,
    Divergence,
    Factors,
    Problem,
    Records,
    State,
    Sums,
    check_supported,
    sums_of_all,
    why_not_sparse,
)
from glassnet.engines.nonfinite import BrokenStep, broken_update
from glassnet.engines.statistics import Statistics, activity, largest_slope, slopes_of, statistics_of
from glassnet.typing import Array


class ReferenceEngine:
    """Core on NumPy: readable, and the oracle for all other engines."""

    name = "reference"

    @staticmethod
    def supports(problem: Problem, data: Any = None) -> str | None:
        """Return why the engine cannot execute a problem on `data`, its inputs X, and what to do; None if it can."""
        return why_not_sparse(problem.network, data)

    def __init__(
        self, problem: Problem, X: Array, Y: Array, weights: Array | None = None, n_jobs: int | None = None
    ) -> None:
        check_supported(type(self), problem, X)
        self.problem = problem
        # as given: each step converts its own rows, so that a large table is held once
        self.X = checked_csr(X) if hasattr(X, "tocsr") else np.asarray(X)
        self.Y = np.asarray(Y)
        self.weights = None if weights is None else np.asarray(weights)
        layout, theta = problem.network.layout, problem.network.theta
        self._decays = layout.decays(theta)
        self._rates = None if layout.is_uniform else layout.rates(theta)
        self._parameters: dict[str, Any] = dict(problem.solver.parameters)
        if "weight_decay" in self._parameters:
            self._parameters["weight_decay"] = self._parameters["weight_decay"] * self._decays

    def start(self, eta: float) -> State:
        """Return the state before the first step; `eta` is the first learning rate."""
        theta = self.problem.network.theta
        return State(theta, self.problem.solver.start(theta, eta))

    def on(self, X: Array, Y: Array, weights: Array | None = None) -> "ReferenceEngine":
        """Return the engine for other samples of the same kind."""
        return ReferenceEngine(self.problem, X, Y, weights)

    def forward(self, theta: Array, X: Array) -> Array:
        """Return the outputs (n_batch, n_out), without dropout."""
        return forward(self._network(theta), _dense(X, theta.dtype)).A[-1]

    def evaluate(self, theta: Array, X: Array, Y: Array, weights: Array | None = None) -> tuple[float, Array]:
        """Return the cost on any data, such as the validation set, and the outputs it was computed from."""
        trace = forward(self._network(theta), _dense(X, theta.dtype))
        return self.cost_of_outputs(trace.Z[-1], trace.A[-1], Y, weights), trace.A[-1]

    def cost_of_outputs(self, Z: Array, A: Array, Y: Array, weights: Array | None = None) -> float:
        """Return the cost of outputs that any engine computed."""
        sigma = self.problem.network.activation[-1]
        return float(cost_of_trace(self.problem.cost, sigma, Z, A, self._of_run(A, Y), self._of_run(A, weights)))

    def gradients(self, theta: Array, X: Array, Y: Array, weights: Array | None = None) -> tuple[float, Array]:
        """Return cost and flat gradient (n_params,) of cost plus penalty, without dropout and clipping."""
        network = self._network(theta)
        trace = forward(network, _dense(X, theta.dtype))
        Y, weights = self._of_run(theta, Y), self._of_run(theta, weights)
        grads = backward(network, trace, Y, cost=self.problem.cost, weights=weights)
        return float(grads.cost), grads.grad + self.problem.penalty.gradient(theta, self._decays)

    def run(
        self, state: State, order: Array, eta: Array, batch_size: int, factors: Factors = CONSTANT
    ) -> tuple[State, Records]:
        """Take one step per minibatch of `order` (n_epochs, n_samples) at the learning rates `eta` (n_steps,).

        `factors` are the factors of dropout and weight decay, one per step like `eta`.
        """
        records = Records([], [], [], [])
        n_samples = order.shape[1]
        # Python floats, because NumPy scalars would turn a float32 run into float64
        rates, shares, fades = (np.broadcast_to(each, len(eta)).tolist() for each in (eta, *factors))
        steps = zip(rates, map(Factors, shares, fades), strict=True)
        with np.errstate(all="ignore"):  # overflow is detected and reported, without warnings
            for rows in order:
                cost = metric = norm = 0.0
                n_steps = 0
                for start in range(0, n_samples, batch_size):
                    batch = rows[start : start + batch_size]
                    state, step_cost, step_metric, step_norm, divergence = self._step(state, batch, *next(steps))
                    if divergence:
                        return state, records._replace(divergence=divergence)
                    cost += step_cost * len(batch) / n_samples
                    metric += step_metric * len(batch) / n_samples
                    norm += step_norm
                    n_steps += 1
                records.cost.append(cost)
                records.metric.append(metric)
                records.gradient_norm.append(norm / n_steps)
                records.penalty.append(self.problem.penalty.value(state.theta, self._decays))
        return state, records

    def total(self, theta: Array) -> Sums:
        """Return the sums over all training samples, without dropout; the gradient in float64."""
        return sums_of_all(self, theta, self.Y.shape[0])

    def direction(self, grad: Array, memory: CurvatureMemory) -> Array:
        """Return the direction of L-BFGS, `glassnet.core.quasi_newton.direction`."""
        return direction(grad, memory)

    def accumulate(self, state: State, rows: Array, factors: Factors = CONSTANT, first: int = 0) -> Sums:
        """Return the sums of the next step over some rows of its minibatch, with dropout.

        `first` is the position of the first of these rows in the whole minibatch, on which dropout masks depend.
        """
        with np.errstate(all="ignore"):
            trace, grads = self.passes(state, rows, factors, first, n_samples=1)
            return self._sums(trace, grads, rows)

    def finished(self, state: State, sums: Sums) -> tuple[Array, float]:
        """Return the gradient of a step (with penalty, 0 where frozen, clipped), and its norm before clipping."""
        problem = self.problem
        with np.errstate(all="ignore"):
            grad = sums.gradient / sums.n_rows
            if problem.penalty:
                grad = grad + problem.penalty.gradient(state.theta, self._decays)
            if self._rates is not None:
                grad = grad * (self._rates > 0)
            norm = float(np.sqrt(np.sum(np.square(grad, dtype=np.float64))))  # in float32, 1e20 squared is infinite
            if problem.clip is not None and norm > problem.clip:
                grad = grad * (problem.clip / norm)
        return grad, norm

    def apply(self, state: State, sums: Sums, eta: float, factors: Factors = CONSTANT) -> State:
        """Return the state after the step whose minibatch has these sums.

        With the sums of `accumulate` over the whole minibatch, it equals `run` bit for bit. The caller checks whether
        the numbers are finite.
        """
        with np.errstate(all="ignore"):
            grad, _ = self.finished(state, sums)
            return self._moved(state, grad, float(eta), Factors(*map(float, factors)))

    def statistics(self, state: State, eta: float | None = None) -> Statistics:
        """Return statistics of each layer over all training samples, without dropout.

        With a learning rate, they include how far a step of the solver on these samples would move the weights.
        """
        rows, undropped = np.arange(self.Y.shape[0]), Factors(dropout=0.0)
        with np.errstate(all="ignore"):
            trace, grads = self.passes(state, rows, undropped, n_samples=1)
            sums = self._sums(trace, grads, rows)
            grad, _ = self.finished(state, sums)
            takes_step = eta is not None and self.problem.solver.has_step
            after = self._moved(state, grad, eta, undropped).theta if takes_step else None
            activities = [
                activity(slopes_of(sigma, trace.Z[l], trace.F[l]), largest_slope(sigma), trace.A[l], grads.delta[l])
                for l, sigma in self.problem.network.activation.items()
            ]
        return statistics_of(self._network(state.theta), sums.cost / sums.n_rows, activities, grad, after)

    def diagnose(self, state: State, rows: Array, eta: float, factors: Factors = CONSTANT) -> Divergence:
        """Repeat a step that an engine found not finite, and return its first such number."""
        with np.errstate(all="ignore"):
            *_, divergence = self._step(state, rows, float(eta), Factors(*map(float, factors)))
        last = self.problem.network.n_layers
        return divergence or Divergence(state.step, last, 0, "cost")  # finite here, due to other rounding

    def passes(
        self, state: State, rows: Array, factors: Factors = CONSTANT, first: int = 0, n_samples: int | None = None
    ) -> tuple[Trace, Gradients]:
        """Return the forward and backward pass of the step on these rows, with dropout and without penalty.

        See `accumulate` for `first`, and `backward` for `n_samples`.
        """
        network = self._network(state.theta)
        weights = None if self.weights is None else self._of_run(state.theta, self.weights[rows])
        masks = self._masks(state.step, first, len(rows), factors.dropout)
        trace = forward(network, _dense(self.X[rows], state.theta.dtype), masks=masks)
        options: Any = {"cost": self.problem.cost, "weights": weights, "n_samples": n_samples}
        return trace, backward(network, trace, self._of_run(state.theta, self.Y[rows]), **options)

    def _sums(self, trace: Trace, grads: Gradients, rows: Array) -> Sums:
        metric = self.problem.metric
        score = np.sum(metric.per_sample(trace.A[-1], self._of_run(trace.A[-1], self.Y[rows]))) if metric else 0.0
        return Sums(grads.cost, score, len(rows), grads.grad)

    def _step(
        self, state: State, batch: Array, eta: Any, factors: Factors
    ) -> tuple[State, float, float, float, Divergence | None]:
        trace, grads = self.passes(state, batch, factors, n_samples=1)
        sums = self._sums(trace, grads, batch)
        if not (np.isfinite(sums.cost) and np.isfinite(sums.gradient).all()):
            broken = BrokenStep(
                self._network(state.theta),
                self.problem.cost,
                trace,
                grads,
                self._of_run(state.theta, self.Y[batch]),
                batch,
            )
            return state, 0.0, 0.0, 0.0, broken.divergence(state.step)
        grad, norm = self.finished(state, sums)
        after = self._moved(state, grad, eta, factors)
        if not np.isfinite(after.theta).all():
            places = self._network(state.theta), self._network(after.theta)
            found = broken_update(state.step, *places, grad, float(np.max(eta)), self.problem.solver.name)
            return state, 0.0, 0.0, 0.0, found
        return after, float(sums.cost / sums.n_rows), float(sums.metric / sums.n_rows), norm, None

    def _moved(self, state: State, grad: Array, eta: Any, factors: Factors) -> State:
        if self._rates is not None:
            eta = eta * self._rates
        parameters = self._parameters_at(factors.decay)
        theta, memory = self.problem.solver.take_step(state.theta, grad, state.solver, eta=eta, parameters=parameters)
        return State(theta, memory, state.step + 1)

    def _parameters_at(self, fade: float) -> dict[str, Any]:
        """Return the solver's parameters for a step with this factor of the weight decay."""
        if fade == 1.0 or "weight_decay" not in self._parameters:
            return self._parameters
        return {**self._parameters, "weight_decay": fade * self._parameters["weight_decay"]}

    @staticmethod
    def _of_run(like: Array, values: Array | None) -> Array:
        return None if values is None else np.asarray(values, dtype=like.dtype)

    def _network(self, theta: Array) -> Network:
        return replace(self.problem.network, theta=theta)

    def _masks(self, step: int, first: int, n_rows: int, share: float) -> ByLayer[Array | None] | None:
        if not any(self.problem.dropout):
            return None
        network = self.problem.network
        masks: list[Array | None] = []
        for layer, first_rate in enumerate((*self.problem.dropout, 0.0), start=1):
            rate = first_rate * share
            place = self.problem.seed, step, layer, n_rows, network.sizes[layer]
            masks.append(dropout_mask(*place, rate, first=first, like=network.theta) if rate else None)
        return ByLayer(masks, name="masks")


def _dense(X: Array, dtype: Any) -> Array:
    """Return rows as a dense matrix: sparse inputs are converted one minibatch at a time."""
    return np.asarray(X.toarray() if hasattr(X, "toarray") else X, dtype=dtype)
