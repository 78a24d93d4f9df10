"""The readable engine: core on NumPy, one minibatch after the other. Its results are correct by definition."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np

from glassnet.core.backward import Gradients, backward
from glassnet.core.catalog.costs import cost_of_trace
from glassnet.core.forward import Trace, forward
from glassnet.core.network import Network
from glassnet.core.records import ByLayer
from glassnet.csr import checked_csr
from glassnet.engines.base import (
    CONSTANT,
    Divergence,
    Factors,
    Problem,
    Records,
    State,
    check_supported,
    find_nonfinite,
    why_not_sparse,
)
from glassnet.engines.seeding import dropout_mask
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
        if not self.problem.solver.is_builtin:
            state = replace(state, solver=_copied(state.solver))
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

    def diagnose(self, state: State, rows: Array, eta: float, factors: Factors = CONSTANT) -> Divergence:
        """Repeat a step that an engine found not finite, and return its first such number."""
        with np.errstate(all="ignore"):
            *_, divergence = self._step(state, rows, float(eta), Factors(*map(float, factors)))
        last = self.problem.network.n_layers
        return divergence or Divergence(state.step, last, 0, "cost")  # finite here, due to other rounding

    def passes(self, state: State, rows: Array, factors: Factors = CONSTANT) -> tuple[Trace, Gradients]:
        """Return the forward and backward pass of the step on these rows, with dropout and without penalty."""
        network = self._network(state.theta)
        weights = None if self.weights is None else self._of_run(state.theta, self.weights[rows])
        masks = self._masks(state.step, len(rows), factors.dropout)
        trace = forward(network, _dense(self.X[rows], state.theta.dtype), masks=masks)
        Y = self._of_run(state.theta, self.Y[rows])
        return trace, backward(network, trace, Y, cost=self.problem.cost, weights=weights)

    def finished(self, grad: Array, state: State) -> tuple[Array, float]:
        """Return the gradient of a step (with penalty, 0 where frozen, clipped), and its norm before clipping."""
        problem = self.problem
        if problem.penalty:
            grad = grad + problem.penalty.gradient(state.theta, self._decays)
        if self._rates is not None:
            grad = grad * (self._rates > 0)
        norm = float(np.sqrt(np.sum(np.square(grad, dtype=np.float64))))  # in float32, 1e20 squared is infinite
        if problem.clip is not None and norm > problem.clip:
            grad = grad * (problem.clip / norm)
        return grad, norm

    def _step(
        self, state: State, batch: Array, eta: Any, factors: Factors
    ) -> tuple[State, float, float, float, Divergence | None]:
        problem = self.problem
        trace, grads = self.passes(state, batch, factors)
        grad = grads.grad  # (n_params,)
        if not (np.isfinite(grads.cost) and np.isfinite(grad).all()):
            return state, 0.0, 0.0, 0.0, locate_divergence(state.step, trace, grads)
        grad, norm = self.finished(grad, state)
        if self._rates is not None:
            eta = eta * self._rates
        theta, memory = problem.solver.take_step(
            state.theta, grad, state.solver, eta=eta, parameters=self._parameters_at(factors.decay)
        )
        if not np.isfinite(theta).all():
            return state, 0.0, 0.0, 0.0, _locate_in_theta(state.step, self._network(theta))
        metric = 0.0
        if problem.metric is not None:
            Y = self._of_run(state.theta, self.Y[batch])
            metric = float(np.mean(problem.metric.per_sample(trace.A[-1], Y)))
        return State(theta, memory, state.step + 1), float(grads.cost), metric, norm, None

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

    def _masks(self, step: int, n_rows: int, share: float) -> ByLayer[Array | None] | None:
        if not any(self.problem.dropout):
            return None
        network = self.problem.network
        masks: list[Array | None] = []
        for layer, first_rate in enumerate((*self.problem.dropout, 0.0), start=1):
            rate = first_rate * share
            mask = dropout_mask(self.problem.seed, step, layer, n_rows, network.sizes[layer], rate) if rate else None
            masks.append(None if mask is None else mask.astype(network.theta.dtype))
        return ByLayer(masks, name="masks")


def _copied(memory: Any) -> Any:
    """Return a copy of the state of a user's solver, which may change it in place, unless it cannot be copied."""
    try:
        return deepcopy(memory)
    except Exception:
        return memory


def _dense(X: Array, dtype: Any) -> Array:
    """Return rows as a dense matrix: sparse inputs are converted one minibatch at a time."""
    return np.asarray(X.toarray() if hasattr(X, "toarray") else X, dtype=dtype)


def locate_divergence(step: int, trace: Trace, grads: Gradients) -> Divergence:
    """Return the first number that is not finite, in the order of computation of a step."""
    passes: list[tuple[str, int, Array]] = [("input", 0, trace.X), ("A", 0, trace.A[0])]
    for layer, Z in trace.Z.items():
        passes += [("Z", layer, Z), ("A", layer, trace.A[layer])]
    passes.append(("cost", len(trace.Z), np.asarray([grads.cost])))
    for layer, delta in reversed(list(grads.delta.items())):
        passes.append(("delta", layer, delta))
        if layer == 0:
            passes += [(f"d{name}", layer, gradient.T) for name, gradient in grads.dfront.items()]
            continue
        passes.append(("dW", layer, grads.dW[layer].T))
        for quantity, gradient in (("db", grads.db[layer]), ("dslope", grads.dslope[layer])):
            if gradient is not None:
                passes.append((quantity, layer, gradient))
    for quantity, layer, values in passes:
        unit = find_nonfinite(values)
        if unit is not None:
            return Divergence(step, layer, unit, quantity)
    return Divergence(step, len(trace.Z), 0, "cost")  # all finite: the penalty was not


def _locate_in_theta(step: int, network: Network) -> Divergence:
    found = ((slot, find_nonfinite(values.T)) for slot, values in network.layout.unpack(network.theta))
    return next(Divergence(step, slot.layer, unit, slot.name) for slot, unit in found if unit is not None)
