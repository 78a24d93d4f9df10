"""The compiled engine as the other floors see it."""

from dataclasses import replace
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

from glassnet.engines.base import Problem, Records, State
from glassnet.engines.cpu import activation_kernels, cost_kernels, solver_kernels
from glassnet.engines.cpu.run_kernel import run_steps
from glassnet.engines.reference import ReferenceEngine
from glassnet.errors import ParameterError
from glassnet.typing import Array

METRICS = {"accuracy": 1, "r2": 2}
NO_METRIC, BEST_CLASS = 3, 0


class CpuEngine:
    """Whole runs of steps in machine code; what is asked once per epoch goes through the reference."""

    name = "cpu"

    def __init__(self, problem: Problem, X: Array, Y: Array, weights: Array | None = None) -> None:
        self.problem = problem
        self._reference = ReferenceEngine(problem, X, Y, weights)
        for layer, sigma in problem.network.activation.items():
            if not sigma.is_builtin:
                raise ParameterError(
                    f"layer {layer} has your own activation {sigma.name!r}, which engine='cpu' cannot compile; "
                    f"use engine='reference'."
                )
        dtype = problem.network.theta.dtype
        self._X = np.ascontiguousarray(X.toarray() if hasattr(X, "toarray") else X, dtype=dtype)
        self._Y = np.ascontiguousarray(Y, dtype=dtype)
        self._weights = np.ones(len(self._Y), dtype) if weights is None else np.asarray(weights, dtype)
        self._net = _net(problem, dtype)
        self._problem = _problem(problem, dtype)
        layout, theta = problem.network.layout, problem.network.theta
        self._rates, self._decays = layout.rates(theta), layout.decays(theta)
        self.start = self._reference.start
        self.forward = self._reference.forward
        self.evaluate = self._reference.evaluate
        self.gradients = self._reference.gradients

    def run(self, state: State, order: Array, eta: Array, batch_size: int) -> tuple[State, Records]:
        """Take one step per minibatch of `order` (n_epochs, n_samples) at the learning rates `eta` (n_steps,)."""
        theta = np.array(state.theta)
        memory = _memory(state)
        flat = (theta, np.zeros_like(theta), memory, self._rates, self._decays, np.empty_like(theta))
        rates = np.asarray(eta, dtype=theta.dtype)
        data = (self._X, self._Y, self._weights)
        with _one_blas_thread():
            sums, done = run_steps(
                self._net_at(batch_size), data, self._problem, flat, self._room(batch_size, theta.dtype),
                np.ascontiguousarray(order), rates, batch_size, state.step,
            )  # fmt: skip
        after = replace(state, theta=theta, solver=_solver_state(state, memory, done), step=state.step + done)
        steps_per_epoch = -(-order.shape[1] // batch_size)
        whole = done // steps_per_epoch
        records = Records(*(row[:whole].tolist() for row in sums))
        if done == len(rates):
            return after, records
        # the reference repeats the step that was not finite, and says which number was the first
        rows = order.reshape(-1)[_rows_of_step(order.shape[1], batch_size, done)]
        return after, records._replace(divergence=self._reference.diagnose(after, rows, eta[done]))

    def _net_at(self, batch_size: int) -> Any:
        sizes, W_at, b_at, codes, params = self._net
        row_at = np.concatenate([[0], np.cumsum(sizes[:-1])]) * batch_size
        return sizes, W_at, b_at, codes, params, row_at.astype(np.int64)

    def _room(self, batch_size: int, dtype: Any) -> Any:
        sizes = self._net[0]
        numbers = int(sizes.sum()) * batch_size
        return (*(np.zeros(numbers, dtype) for _ in range(3)), np.zeros(int(sizes.max()), dtype))


def _net(problem: Problem, dtype: Any) -> Any:
    network = problem.network
    n_layers = network.n_layers
    W_at, b_at = np.full(n_layers + 1, -1), np.full(n_layers + 1, -1)
    for slot in network.layout.slots:
        (W_at if slot.name == "W" else b_at)[slot.layer] = slot.offset
    codes, params = np.zeros(n_layers + 1, np.int64), np.zeros(n_layers + 1, dtype)
    for layer, sigma in network.activation.items():
        codes[layer] = activation_kernels.code_of(sigma.name)
        params[layer] = activation_kernels.parameter_of(dict(sigma.parameters))
    return np.asarray(network.sizes), W_at, b_at, codes, params


def _problem(problem: Problem, dtype: Any) -> Any:
    output, cost = problem.network.activation[-1].name, problem.cost
    pairs = {("sigmoid", "binary_cross_entropy"): cost_kernels.SIGMOID_COMBINED,
             ("softmax", "cross_entropy"): cost_kernels.SOFTMAX_COMBINED}  # fmt: skip
    metric = NO_METRIC
    if problem.metric is not None:
        is_class = problem.metric.name == "accuracy" and cost.name == "cross_entropy"
        metric = BEST_CLASS if is_class else METRICS[problem.metric.name]
    scalar = dtype.type
    return (
        pairs.get((output, cost.name), cost_kernels.CODES.index(cost.name)),
        scalar(next(iter(cost.parameters.values()), 0.0)),
        solver_kernels.CODES.index(problem.solver.name) if problem.solver.name in solver_kernels.CODES else -1,
        np.asarray([*problem.solver.parameters.values(), 0.0], dtype=np.float64),
        scalar(problem.penalty.l1),
        scalar(problem.penalty.l2),
        np.inf if problem.clip is None else float(problem.clip),
        np.uint32(problem.seed & 0xFFFFFFFF),
        np.asarray([0.0, *problem.dropout, *([0.0] * (len(problem.network.sizes) - 1 - len(problem.dropout)))]),
        metric,
    )


def _memory(state: State) -> Array:
    arrays = [value for value in state.solver if isinstance(value, np.ndarray)]
    memory = np.zeros((2, len(state.theta)), dtype=state.theta.dtype)
    for row, values in enumerate(arrays):
        memory[row] = values
    return memory


def _solver_state(state: State, memory: Array, done: int) -> Any:
    """Return the solver's state after `done` steps: its arrays from the memory, its count of steps moved on."""
    rows = iter(memory)
    return type(state.solver)(
        *(next(rows).copy() if isinstance(value, np.ndarray) else value + done for value in state.solver)
    )


def _rows_of_step(n_samples: int, batch_size: int, step: int) -> slice:
    steps_per_epoch = -(-n_samples // batch_size)
    epoch, within = divmod(step, steps_per_epoch)
    start = epoch * n_samples + within * batch_size
    return slice(start, min(start + batch_size, (epoch + 1) * n_samples))


_controller: list[ThreadpoolController] = []


def _one_blas_thread() -> Any:
    """Keep BLAS on one thread for a while: its threads spin, and these matrices are small."""
    if not _controller:  # looking the libraries up takes milliseconds, so once
        import scipy.linalg  # noqa: F401  # compiled code calls SciPy's BLAS

        _controller.append(ThreadpoolController())
    return _controller[0].limit(limits=1, user_api="blas")
