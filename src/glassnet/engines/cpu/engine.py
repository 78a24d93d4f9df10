"""The compiled engine, `CpuEngine`."""

from collections.abc import Hashable
from dataclasses import replace
from functools import cached_property
from time import perf_counter
from typing import Any

import numpy as np

from glassnet.csr import checked_csr
from glassnet.engines.base import (
    CONSTANT,
    Factors,
    Problem,
    Records,
    State,
    check_supported,
    own_activation,
    why_not_sparse,
)
from glassnet.engines.cpu.compiling.announcement import announced, is_known
from glassnet.engines.cpu.doors import check_network, check_order, check_rows, check_shape, check_theta, checked_entries
from glassnet.engines.cpu.forward import Forward
from glassnet.engines.cpu.kernels import costs as cost_kernels
from glassnet.engines.cpu.kernels import optimizers as solver_kernels
from glassnet.engines.cpu.kernels.buffers import (
    DECAY_FACTOR,
    DROPOUT_FACTOR,
    ETA,
    ROW,
    Data,
    Minibatch,
    Objective,
)
from glassnet.engines.cpu.kernels.training_steps import run_steps
from glassnet.engines.cpu.memory_layout import aligned_zeros, layout_of, no_entries, padded, panel_of, read_only
from glassnet.engines.cpu.schedule import schedule_of
from glassnet.engines.cpu.threads.barrier import new_barrier
from glassnet.engines.cpu.threads.thread_pool import run_on_threads
from glassnet.engines.cpu.threads.tuner import ThreadTuner, tuner_of, work_of_step
from glassnet.engines.reference import ReferenceEngine
from glassnet.errors import ShapeError
from glassnet.typing import Array

METRICS = {"accuracy": cost_kernels.ALL_SIDES, "r2": cost_kernels.SQUARED_ERRORS}
PAIRS = {
    ("sigmoid", "binary_cross_entropy"): cost_kernels.SIGMOID_COMBINED,
    ("softmax", "cross_entropy"): cost_kernels.SOFTMAX_COMBINED,
}


class CpuEngine:
    """Whole runs of steps in machine code."""

    name = "cpu"

    @staticmethod
    def supports(problem: Problem, data: Any = None) -> str | None:
        """Return why the engine cannot execute a problem on `data`, its inputs X, and what to do; None if it can."""
        own = own_activation(problem.network)
        for kind, entry in (("cost", problem.cost), ("solver", problem.solver)):
            if own is None and not entry.is_builtin:
                own = f"{kind} {entry.name!r} is your own"
        if own is not None:
            return f"{own}, which engine='cpu' cannot compile; use engine='reference'"
        return why_not_sparse(problem.network, data)

    def __init__(
        self, problem: Problem, X: Array, Y: Array, weights: Array | None = None, n_jobs: int | None = None
    ) -> None:
        check_supported(type(self), problem, X)
        network = problem.network
        check_network(network)
        self.problem = problem
        self.n_jobs = n_jobs
        self._sparse = hasattr(X, "tocsr")
        X = checked_csr(X) if self._sparse else np.asarray(X)
        check_rows(X, network.n_inputs)
        self._n_samples = X.shape[0]
        check_shape(Y, (self._n_samples, network.sizes[-1]), "Y")
        if weights is not None:
            check_shape(weights, (self._n_samples,), "weights")
        self._reference = ReferenceEngine(problem, X, Y, weights)
        self.start = self._reference.start
        dtype = network.theta.dtype
        self._has_weights = weights is not None
        entries = checked_entries(X, dtype, X.shape) if self._sparse else no_entries(dtype)
        data = Data(
            X=read_only(np.empty(0, dtype) if self._sparse else X, dtype).reshape(-1),
            # a row of targets is read one vector at a time
            Y=read_only(np.concatenate([np.asarray(Y, dtype).reshape(-1), np.zeros(panel_of(dtype), dtype)]), dtype),
            weights=read_only(np.empty(0, dtype) if weights is None else weights, dtype),
            entries=entries,
        )
        self._data = (*data[:-1], tuple(entries))  # plain tuples, as `run_steps` takes them
        self._arrangements: dict[tuple[int, int], Any] = {}
        self._tuner: ThreadTuner | None = None

    @cached_property
    def _forward(self) -> Forward:
        return Forward(self.problem.network, n_jobs=self.n_jobs)

    def forward(self, theta: Array, X: Array) -> Array:
        """Return the outputs (n_batch, n_out), without dropout."""
        return self._forward(theta, X)[1]

    def evaluate(self, theta: Array, X: Array, Y: Array, weights: Array | None = None) -> tuple[float, Array]:
        """Return the cost on any data, such as the validation set, and the outputs it was computed from."""
        Z, A = self._forward(theta, X)
        return self._reference.cost_of_outputs(Z, A, Y, weights), A

    def gradients(self, theta: Array, X: Array, Y: Array, weights: Array | None = None) -> tuple[float, Array]:
        """Return cost and flat gradient (n_params,) of cost plus penalty, without dropout and clipping."""
        return self._reference.gradients(theta, X, Y, weights)

    def run(
        self, state: State, order: Array, eta: Array, batch_size: int, factors: Factors = CONSTANT
    ) -> tuple[State, Records]:
        """Take one step per minibatch of `order` (n_epochs, n_samples) at the learning rates `eta` (n_steps,).

        `factors` are the factors of dropout and weight decay, one per step like `eta`.
        """
        order = read_only(order, np.int64)
        check_order(order, self._n_samples)
        check_shape(eta, (min(len(eta), len(order) * -(-order.shape[1] // batch_size)),), "eta")
        rates = np.empty((3, len(eta)))
        rates[ETA], rates[DROPOUT_FACTOR], rates[DECAY_FACTOR] = eta, factors.dropout, factors.decay
        after, sums = self._steps(state, order, rates, batch_size, len(eta))
        done = after.step - state.step
        whole = done // -(-order.shape[1] // batch_size)
        if done < len(eta):
            # a step moves all parameters before its check for finite numbers, so the steps before it are repeated
            after, sums = self._steps(state, order, rates, batch_size, done)
        records = Records(*sums[:4, :whole])
        if done == len(eta):
            return after, records
        # the reference repeats the step that was not finite, and names the first such number
        rows = order.reshape(-1)[_rows_of_step(order.shape[1], batch_size, done)]
        return after, records._replace(divergence=self._reference.diagnose(after, rows, eta[done], factors.of(done)))

    def _steps(self, state: State, order: Array, rates: Array, batch_size: int, n_steps: int) -> tuple[State, Array]:
        """Take at most `n_steps`, in one call or, while thread counts are on trial, in several."""
        batch_size = min(batch_size, order.shape[1])
        if self._tuner is None:
            work = work_of_step(self.problem.network.sizes, batch_size)
            self._tuner = tuner_of((_kind_of(self.problem), self._sparse, batch_size), work, self.n_jobs)
        check_theta(state.theta, self.problem.network.n_params)
        if state.theta.dtype != self.problem.network.theta.dtype:
            raise ShapeError(
                f"the state is in {state.theta.dtype}, but the network in {self.problem.network.theta.dtype}; expected "
                f"one precision."
            )
        theta, memory = padded(state.theta, self.problem.network.sizes), _memory(state)
        sums = np.zeros((5, len(order)))
        done = laid_out_for = 0
        what = f"training in {theta.dtype}"
        while done < n_steps:
            n = self._tuner.n_steps(n_steps - done)
            n_threads = self._tuner.n_threads
            # removed while in use, so that nothing finds the partial numbers of an interrupted run
            arranged = self._arrangements.pop((batch_size, n_threads), None) or self._arrange(batch_size, n_threads)
            nets, objective, workspace, batch, schedule, grad = arranged
            is_laid_out, laid_out_for = n_threads == laid_out_for, n_threads  # each thread count has its own panels
            is_ready, started = is_known(what), perf_counter()
            fixed = nets, self._data, objective, (theta, grad, memory), workspace, batch, schedule, order, rates
            with announced(what):
                if not is_ready:  # helpers must not wait for the compiler, so it is compiled by a call of zero steps
                    nothing = batch_size, state.step, done, done, is_laid_out
                    run_steps(0, 1, new_barrier(), *fixed, nothing, sums)
                steps = batch_size, state.step, done, done + n, is_laid_out
                taken = run_on_threads(run_steps, n_threads, *fixed, steps, sums)
            self._arrangements[batch_size, n_threads] = arranged
            if is_ready:  # otherwise the time may include compilation
                self._tuner.see(n_threads, perf_counter() - started, taken)
            done += taken
            if taken < n:
                break
        moved = theta[: len(state.theta)].copy()
        return replace(state, theta=moved, solver=_solver_state(state, memory, done), step=state.step + done), sums

    def _arrange(self, batch_size: int, n_threads: int) -> tuple[Any, ...]:
        """Return the arguments that are constant between calls, as plain tuples, for `run_steps`."""
        network = self.problem.network
        layout = layout_of(network, batch_size, trains=True, sparse=self._sparse)
        schedule, length = schedule_of(network, layout, n_threads, whole=self.problem.clip is not None)
        batch = Minibatch(
            aligned_zeros(layout.n_rows * layout.plan[-1, ROW], layout.dtype),
            np.zeros(batch_size if self._has_weights else 0, layout.dtype),
            np.zeros(batch_size), np.zeros(batch_size),
        )  # fmt: skip
        groups = layout.nets(n_threads), _objective(self.problem), layout.workspace(n_threads), batch, schedule
        return *(tuple(group) for group in groups), aligned_zeros(length, layout.dtype)


def _objective(problem: Problem) -> Objective:
    network, cost, solver = problem.network, problem.cost, problem.solver
    metric = cost_kernels.NO_METRIC
    if problem.metric is not None:
        is_class = problem.metric.name == "accuracy" and cost.name == "cross_entropy"
        metric = cost_kernels.BEST_CLASS if is_class else METRICS[problem.metric.name]
    code = PAIRS.get((network.activation[-1].name, cost.name), cost_kernels.CODES.index(cost.name))
    parameter = network.theta.dtype.type(next(iter(dict(cost.parameters).values()), 0.0))
    return Objective(
        cost=(code, parameter),
        solver=(solver_kernels.CODES.index(solver.name), solver_kernels.parameters_of(dict(solver.parameters))),
        penalty=(float(problem.penalty.l1), float(problem.penalty.l2)),
        clip=np.inf if problem.clip is None else float(problem.clip),
        seed=int(problem.seed),
        dropout=np.asarray([0.0, *problem.dropout, *([0.0] * (len(network.sizes) - 1 - len(problem.dropout)))]),
        metric=metric,
    )


def _kind_of(problem: Problem) -> Hashable:
    """Return what the time of a step depends on, apart from the data and the minibatch."""
    network = problem.network
    names = *(sigma.name for sigma in network.activation), problem.cost.name, problem.solver.name
    return network.sizes, names, network.theta.dtype, network.front is None, any(problem.dropout)


def _memory(state: State) -> tuple[Array, ...]:
    arrays = [value for value in state.solver if isinstance(value, np.ndarray)]
    memory = tuple(aligned_zeros(len(state.theta), state.theta.dtype) for _ in range(2))
    for own, given in zip(memory, arrays):
        check_shape(given, own.shape, "an array of the solver's memory")
        own[:] = given
    return memory


def _solver_state(state: State, memory: tuple[Array, ...], done: int) -> Any:
    """Return the solver's state after `done` steps: its arrays from the memory, and its advanced step count."""
    rows = iter(memory)
    return type(state.solver)(
        *(next(rows) if isinstance(value, np.ndarray) else value + done for value in state.solver)
    )


def _rows_of_step(n_samples: int, batch_size: int, step: int) -> slice:
    steps_per_epoch = -(-n_samples // batch_size)
    epoch, within = divmod(step, steps_per_epoch)
    start = epoch * n_samples + within * batch_size
    return slice(start, min(start + batch_size, (epoch + 1) * n_samples))
