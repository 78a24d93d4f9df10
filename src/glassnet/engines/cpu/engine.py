"""The compiled engine as the other floors see it."""

from dataclasses import replace
from typing import Any

import numpy as np

from glassnet.engines.base import Problem, Records, State
from glassnet.engines.cpu import cost_kernels, solver_kernels
from glassnet.engines.cpu.compiling import announced
from glassnet.engines.cpu.forward import Forward
from glassnet.engines.cpu.run_kernel import run_steps
from glassnet.engines.cpu.shapes import decay_of, entries_of, n_threads_for, of_slots, rate_of, read_only, shape_of
from glassnet.engines.cpu.sides import all_sides
from glassnet.engines.reference import ReferenceEngine
from glassnet.errors import ParameterError
from glassnet.typing import Array

METRICS = {"accuracy": cost_kernels.ALL_SIDES, "r2": cost_kernels.SQUARED_ERRORS}
PAIRS = {
    ("sigmoid", "binary_cross_entropy"): cost_kernels.SIGMOID_COMBINED,
    ("softmax", "cross_entropy"): cost_kernels.SOFTMAX_COMBINED,
}


class CpuEngine:
    """Whole runs of steps in machine code."""

    name = "cpu"

    def __init__(
        self, problem: Problem, X: Array, Y: Array, weights: Array | None = None, n_jobs: int | None = None
    ) -> None:
        for layer, sigma in problem.network.activation.items():
            if not sigma.is_builtin:
                raise ParameterError(
                    f"layer {layer} has your own activation {sigma.name!r}, which engine='cpu' cannot compile; "
                    f"use engine='reference'."
                )
        if problem.network.front is not None and hasattr(X, "tocsr"):
            raise ParameterError(
                f"front={problem.network.front.kind!r} cannot be trained on a sparse X, whose zeros it would fill; use "
                f"front=None, or X.toarray()."
            )
        self.problem = problem
        self.n_jobs = n_jobs
        self._reference = ReferenceEngine(problem, X, Y, weights)
        self.start = self._reference.start
        self._forward = Forward(problem.network, n_jobs=n_jobs)
        dtype = problem.network.theta.dtype
        self._sparse = hasattr(X, "tocsr")
        self._data = (
            read_only(np.empty((0, 1), dtype) if self._sparse else X, dtype),
            read_only(Y, dtype),
            read_only(np.empty(0, dtype) if weights is None else weights, dtype),
            entries_of(X, dtype),
        )
        self._arrangement: tuple[int, Any] = (0, None)

    def forward(self, theta: Array, X: Array) -> Array:
        """Return the outputs (n_batch, n_out), without dropout."""
        return self._forward(theta, X)[1]

    def evaluate(self, theta: Array, X: Array, Y: Array, weights: Array | None = None) -> tuple[float, Array]:
        """Return the cost on any data, such as the validation part, and the outputs it was computed from."""
        Z, A = self._forward(theta, X)
        return self._reference.cost_of_outputs(Z, A, Y, weights), A

    def gradients(self, theta: Array, X: Array, Y: Array, weights: Array | None = None) -> tuple[float, Array]:
        """Return cost and flat gradient (n_params,) of cost plus penalty, without dropout and clipping."""
        return self._reference.gradients(theta, X, Y, weights)

    def run(self, state: State, order: Array, eta: Array, batch_size: int) -> tuple[State, Records]:
        """Take one step per minibatch of `order` (n_epochs, n_samples) at the learning rates `eta` (n_steps,)."""
        order = read_only(order, np.int64)
        after, sums = self._steps(state, order, eta, batch_size, len(eta))
        done = after.step - state.step
        whole = done // -(-order.shape[1] // batch_size)
        if done < len(eta):
            # the steps move everything before it is seen that a number is not finite, so those before are taken again
            after, sums = self._steps(state, order, eta, batch_size, done)
        records = Records(*(row[:whole].tolist() for row in sums[:4]))
        if done == len(eta):
            return after, records
        # the reference repeats the step that was not finite, and says which number was the first
        rows = order.reshape(-1)[_rows_of_step(order.shape[1], batch_size, done)]
        return after, records._replace(divergence=self._reference.diagnose(after, rows, eta[done]))

    def _steps(self, state: State, order: Array, eta: Array, batch_size: int, n_steps: int) -> tuple[State, Array]:
        n_threads, shape, room, batch, blocks, grad, work, fixed = self._arranged(min(batch_size, order.shape[1]))
        theta, memory = shape.padded(state.theta), _memory(state)
        flat = (theta, grad, memory, *fixed[1:])
        sums = np.zeros((5, len(order)))
        steps = (batch_size, state.step, n_steps)
        with announced(f"training in {shape.dtype}"):
            done = all_sides(
                run_steps, n_threads, shape.net, self._data, fixed[0], flat, room, batch, blocks, work, order,
                np.ascontiguousarray(eta, np.float64), steps, sums,
            )  # fmt: skip
        moved = theta[: len(state.theta)].copy()
        return replace(state, theta=moved, solver=_solver_state(state, memory, done), step=state.step + done), sums

    def _arranged(self, batch_size: int) -> Any:
        """Return everything that stays the same from call to call; made anew for another size of the minibatch."""
        if self._arrangement[0] != batch_size:
            problem, network = self.problem, self.problem.network
            n_threads = n_threads_for(network.sizes, batch_size, self.n_jobs)
            shape = shape_of(network, batch_size, trains=True, sparse=self._sparse)
            blocks = shape.blocks(n_threads)
            places, length = shape.places(blocks, whole=problem.clip is not None)
            row_out = shape.plan[-1, 1]
            batch = (
                np.zeros(batch_size * row_out, shape.dtype),
                np.zeros(0 if self._data[2].size == 0 else batch_size, shape.dtype), np.zeros(batch_size),
                np.zeros(batch_size),
            )  # fmt: skip
            fixed = (_problem(problem), of_slots(network, rate_of), of_slots(network, decay_of))
            work = (np.zeros(len(blocks)), np.zeros(len(blocks), np.int64), places)
            arranged = (n_threads, shape, shape.room(), batch, blocks, np.zeros(length, shape.dtype), work, fixed)
            self._arrangement = (batch_size, arranged)
        return self._arrangement[1]


def _problem(problem: Problem) -> Any:
    network, cost, solver = problem.network, problem.cost, problem.solver
    metric = cost_kernels.NO_METRIC
    if problem.metric is not None:
        is_class = problem.metric.name == "accuracy" and cost.name == "cross_entropy"
        metric = cost_kernels.BEST_CLASS if is_class else METRICS[problem.metric.name]
    code = PAIRS.get((network.activation[-1].name, cost.name), cost_kernels.CODES.index(cost.name))
    parameter = network.theta.dtype.type(next(iter(dict(cost.parameters).values()), 0.0))
    return (
        (code, parameter),
        (
            solver_kernels.CODES.index(solver.name),
            np.asarray([*dict(solver.parameters).values(), 0.0, 0.0, 0.0, 0.0], dtype=np.float64)[:4],
        ),
        (float(problem.penalty.l1), float(problem.penalty.l2)),
        np.inf if problem.clip is None else float(problem.clip),
        int(problem.seed),
        np.asarray([0.0, *problem.dropout, *([0.0] * (len(network.sizes) - 1 - len(problem.dropout)))]),
        metric,
    )


def _memory(state: State) -> tuple[Array, ...]:
    arrays = [value for value in state.solver if isinstance(value, np.ndarray)]
    return tuple(arrays[k].copy() if k < len(arrays) else np.zeros_like(state.theta) for k in range(2))


def _solver_state(state: State, memory: tuple[Array, ...], done: int) -> Any:
    """Return the solver's state after `done` steps: its arrays from the memory, its count of steps moved on."""
    rows = iter(memory)
    return type(state.solver)(
        *(next(rows) if isinstance(value, np.ndarray) else value + done for value in state.solver)
    )


def _rows_of_step(n_samples: int, batch_size: int, step: int) -> slice:
    steps_per_epoch = -(-n_samples // batch_size)
    epoch, within = divmod(step, steps_per_epoch)
    start = epoch * n_samples + within * batch_size
    return slice(start, min(start + batch_size, (epoch + 1) * n_samples))
