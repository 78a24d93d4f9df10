"""The compiled engine, `CpuEngine`."""

from collections.abc import Hashable
from functools import cached_property
from time import perf_counter
from typing import Any

import numpy as np

from glassnet.core.quasi_newton.direction import CurvatureMemory
from glassnet.csr import checked_csr
from glassnet.engines.alignment import aligned_zeros
from glassnet.engines.base import (
    CONSTANT,
    Factors,
    Problem,
    Records,
    State,
    Sums,
    check_supported,
    own_function,
    sums_of_all,
    why_not_sparse,
)
from glassnet.engines.checks import check_order, check_rows, check_shape, check_theta
from glassnet.engines.cpu.all_rows import AllRows
from glassnet.engines.cpu.compiling.announcement import announced, is_known
from glassnet.engines.cpu.doors import CANNOT_COMPILE, check_network, checked_entries
from glassnet.engines.cpu.forward import Forward
from glassnet.engines.cpu.kernels.buffers import (
    ACCUMULATE,
    APPLY,
    DECAY_FACTOR,
    DROPOUT_FACTOR,
    ETA,
    ROW,
    Data,
    Minibatch,
    Part,
    Steps,
)
from glassnet.engines.cpu.kernels.quasi_newton import fill_direction
from glassnet.engines.cpu.kernels.training_steps import COST, METRIC, NORM, run_steps
from glassnet.engines.cpu.layer_statistics import activities_of
from glassnet.engines.cpu.memory_layout import aligned_parts, layout_of, no_entries, padded, panel_of, read_only
from glassnet.engines.cpu.objective import objective_of
from glassnet.engines.cpu.schedule import schedule_of
from glassnet.engines.cpu.threads.barrier import new_barrier
from glassnet.engines.cpu.threads.thread_pool import run_on_threads
from glassnet.engines.cpu.threads.tuner import ThreadTuner, n_threads_for, tuner_of, work_of_step
from glassnet.engines.reference import ReferenceEngine
from glassnet.engines.statistics import Statistics, statistics_of
from glassnet.errors import ParameterError, ShapeError
from glassnet.typing import Array

NAMES_OF_BYTES = {4: "float32", 8: "float64"}


class CpuEngine:
    """Whole runs of steps in machine code."""

    name = "cpu"

    @staticmethod
    def supports(problem: Problem, data: Any = None) -> str | None:
        """Return why the engine cannot execute a problem on `data`, its inputs X, and what to do; None if it can."""
        own = own_function(problem)
        if own is not None:
            return f"{own}, {CANNOT_COMPILE}"
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
        self.n_samples = X.shape[0]
        check_shape(Y, (self.n_samples, network.sizes[-1]), "Y")
        if weights is not None:
            check_shape(weights, (self.n_samples,), "weights")
        self._given = X, Y, weights
        dtype = network.theta.dtype
        self._has_weights = weights is not None
        precision = NAMES_OF_BYTES[dtype.itemsize]  # the name of a type takes NumPy some microseconds
        self._what, self._what_part = f"training in {precision}", f"parts of steps in {precision}"
        self._what_direction = f"directions of L-BFGS in {precision}"
        entries = checked_entries(X, dtype, X.shape) if self._sparse else no_entries(dtype)
        targets = np.asarray(Y, dtype).reshape(-1)
        if network.activation[-1].builtin_name == "softmax":  # their short rows are read one vector at a time
            targets = np.concatenate([targets, np.zeros(panel_of(dtype), dtype)])
        data = Data(
            X=read_only(np.empty(0, dtype) if self._sparse else X, dtype).reshape(-1),
            Y=read_only(targets, dtype),
            weights=read_only(np.empty(0, dtype) if weights is None else weights, dtype),
            entries=entries,
        )
        self._data = (*data[:-1], tuple(entries))  # plain tuples, as `run_steps` takes them
        self._arrangements: dict[tuple[int, int], Any] = {}
        self._arranged_for_sums: dict[int, tuple[int, Any]] = {}  # by threads: the most rows, and the arrangement
        self._arranged_for_steps: dict[int, Any] = {}  # from sums, by threads
        self._arranged_for_statistics: Any = None
        self._tuners: dict[int, ThreadTuner] = {}  # for sums, by the magnitude of the number of rows
        self._tuner: ThreadTuner | None = None
        self._all_rows: dict[int, AllRows] = {}  # by threads
        self._all_rows_tuner: ThreadTuner | None = None

    def on(self, X: Array, Y: Array, weights: Array | None = None) -> "CpuEngine":
        """Return the engine for other samples of the same kind; only one of the two may be at work at a time."""
        engine = CpuEngine(self.problem, X, Y, weights, self.n_jobs)
        if (engine._sparse, engine._has_weights) == (self._sparse, self._has_weights):
            engine._arranged_for_sums, engine._tuners = self._arranged_for_sums, self._tuners
        return engine

    @cached_property
    def _reference(self) -> ReferenceEngine:
        return ReferenceEngine(self.problem, *self._given)

    def start(self, eta: float) -> State:
        """Return the state before the first step; `eta` is the first learning rate."""
        theta = self.problem.network.theta
        return State(theta, self.problem.solver.start(theta, eta))

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
        sums = CpuEngine(self.problem, X, Y, weights, self.n_jobs).total(theta)
        penalty = self.problem.penalty.gradient(theta, self.problem.network.layout.decays(theta))
        return sums.cost / sums.n_rows, (sums.gradient / sums.n_rows).astype(theta.dtype) + penalty

    def total(self, theta: Array) -> Sums:
        """Return the sums over all training samples, without dropout; the gradient in float64."""
        if not AllRows.has_memory_for(self.problem.network):
            return sums_of_all(self, theta, self.n_samples)
        check_theta(theta, self.problem.network.n_params)
        tuner = self._all_rows_tuner = self._all_rows_tuner or self._tuner_of(self.n_samples, "all rows")
        n_threads = tuner.n_threads
        # removed while in use, as in `_steps`
        all_rows = self._all_rows.pop(n_threads, None)
        is_first = all_rows is None
        if all_rows is None:
            objective, fixed = objective_of(self.problem), (self._data, self.n_samples, self._has_weights)
            all_rows = AllRows(self.problem.network, objective, *fixed, n_threads, sparse=self._sparse)
        is_ready, started = is_known(all_rows.what), perf_counter()
        sums = all_rows.sums(theta)
        if is_ready and not is_first:
            tuner.see(n_threads, perf_counter() - started, 1)
        self._all_rows[n_threads] = all_rows
        return sums

    def direction(self, grad: Array, memory: CurvatureMemory) -> Array:
        """Return the direction of L-BFGS, `glassnet.core.quasi_newton.direction`."""
        n_params, history = self.problem.network.n_params, len(memory.curvatures)
        dtype = self.problem.network.theta.dtype
        steps, changes = (np.ascontiguousarray(rows, dtype) for rows in (memory.steps, memory.changes))
        for rows, name in ((steps, "the matrix of steps"), (changes, "the matrix of changes")):
            check_shape(rows, (history, n_params), name)
        check_shape(grad, (n_params,), "the gradient")
        found = np.array(grad, np.float64)
        with announced(self._what_direction):
            fill_direction(found, steps, changes, np.array(memory.curvatures), np.zeros(history), int(memory.n_seen))
        return found

    def accumulate(self, state: State, rows: Array, factors: Factors = CONSTANT, first: int = 0) -> Sums:
        """Return the sums of the next step over some rows of its minibatch, with dropout.

        `first` is the position of the first of these rows in the whole minibatch, on which dropout masks depend.
        """
        order = read_only(rows, np.int64)[None]
        check_order(order, self.n_samples)
        theta, n_rows = self._parameters_of(state), order.shape[1]
        tuner = self._tuners.get(n_rows.bit_length())
        if tuner is None:
            tuner = self._tuners[n_rows.bit_length()] = self._tuner_of(n_rows, "sums")
        n_threads = tuner.n_threads
        most, arranged = self._arranged_for_sums.pop(n_threads, (0, None))
        is_first = most < n_rows  # in new memory, as in `_steps`
        if is_first:
            most, arranged = n_rows, self._arrange(n_rows, n_threads, whole=True)
        grad, none = arranged[-1], aligned_zeros(0, theta.dtype)
        steps = Steps(n_rows, state.step, 0, 1, is_laid_out=False)
        rates, sums = _rates_of([0.0], factors), np.zeros((5, 1))
        is_ready, started = is_known(self._what_part), perf_counter()
        self._enter(n_threads, arranged, theta, (none, none), order, rates, steps, sums, Part(ACCUMULATE, int(first)))
        self._arranged_for_sums[n_threads] = most, arranged
        if is_ready and not is_first:
            tuner.see(n_threads, perf_counter() - started, 1)
        return Sums(float(sums[COST, 0]), float(sums[METRIC, 0]), n_rows, grad.copy())

    def finished(self, state: State, sums: Sums) -> tuple[Array, float]:
        """Return the gradient of a step (with penalty, 0 where frozen, clipped), and its norm before clipping."""
        return self._applied(state, sums, 0.0, CONSTANT)[1:]

    def apply(self, state: State, sums: Sums, eta: float, factors: Factors = CONSTANT) -> State:
        """Return the state after the step whose minibatch has these sums.

        With the sums of `accumulate` over the whole minibatch, it equals `run` bit for bit. The caller checks whether
        the numbers are finite.
        """
        return self._applied(state, sums, eta, factors)[0]

    def _applied(self, state: State, sums: Sums, eta: float, factors: Factors) -> tuple[State, Array, float]:
        """Return the state after a step, its gradient, and the norm of the gradient before clipping."""
        sizes, theta, memory = self.problem.network.sizes, self._parameters_of(state), _memory(state)
        check_shape(sums.gradient, state.theta.shape, "the gradient")
        n_threads = n_threads_for(sizes, 1, self.n_jobs)
        arranged = self._arranged_for_steps.pop(n_threads, None)  # removed while in use, as in `_steps`
        arranged = arranged or self._arrange(1, n_threads, whole=True)
        grad, order = arranged[-1], read_only(np.zeros((1, sums.n_rows)), np.int64)  # only its length counts
        grad[:] = sums.gradient
        steps = Steps(sums.n_rows, state.step, 0, 1, is_laid_out=True)
        rates, found = _rates_of([eta], factors), np.zeros((5, 1))
        self._enter(n_threads, arranged, theta, memory, order, rates, steps, found, Part(APPLY, 0))
        self._arranged_for_steps[n_threads] = arranged
        return _after(state, theta, memory, 1), grad.copy(), float(found[NORM, 0])

    def statistics(self, state: State, eta: float | None = None) -> Statistics:
        """Return statistics of each layer over all training samples, without dropout.

        With a learning rate, they include how far a step of the solver on these samples would move the weights.
        """
        network, n, has_step = self.problem.network, self.n_samples, self.problem.solver.has_step
        theta, n_threads = self._parameters_of(state), n_threads_for(network.sizes, n, self.n_jobs)
        memory = _memory(state) if has_step else (aligned_zeros(0, theta.dtype),) * 2
        arranged = self._arranged_for_statistics or self._arrange(n, n_threads, whole=True)
        self._arranged_for_statistics = None  # while in use, as in `_steps`
        order, steps = read_only(np.arange(n)[None], np.int64), Steps(n, state.step, 0, 1, is_laid_out=False)
        rates, sums = _rates_of([eta or 0.0], Factors(dropout=0.0)), np.zeros((5, 1))
        # a whole step, whose machine code a run has loaded already; solvers that take none get the sums of one
        part = None if has_step else Part(ACCUMULATE, 0)
        taken = self._enter(n_threads, arranged, theta, memory, order, rates, steps, sums, part)
        self._arranged_for_statistics = arranged
        if not taken:  # a number was not finite
            return self._reference.statistics(state, eta)
        (plans, _), _, workspace, *_, grad = arranged
        cost, gradient = float(sums[COST, 0]), grad
        if not has_step:
            gradient, _ = self._reference.finished(state, Sums(cost, 0.0, n, grad.copy()))
            cost /= n
        with np.errstate(all="ignore"):
            activities = activities_of(network, plans[0], workspace, n)
        after = theta[: network.n_params] if has_step and eta is not None else None
        return statistics_of(network.with_theta(state.theta), cost, activities, gradient, after)

    def run(
        self, state: State, order: Array, eta: Array, batch_size: int, factors: Factors = CONSTANT
    ) -> tuple[State, Records]:
        """Take one step per minibatch of `order` (n_epochs, n_samples) at the learning rates `eta` (n_steps,).

        `factors` are the factors of dropout and weight decay, one per step like `eta`.
        """
        order = read_only(order, np.int64)
        check_order(order, self.n_samples)
        check_shape(eta, (min(len(eta), len(order) * -(-order.shape[1] // batch_size)),), "eta")
        rates = _rates_of(eta, factors)
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
            self._tuner = self._tuner_of(batch_size)
        theta, memory = self._parameters_of(state), _memory(state)
        sums = np.zeros((5, len(order)))
        done = laid_out_for = 0
        while done < n_steps:
            n_threads = self._tuner.n_threads
            # removed while in use, so that nothing finds the partial numbers of an interrupted run
            arranged = self._arrangements.pop((batch_size, n_threads), None)
            # the first step in new memory takes much longer than the others, and would say nothing about them
            is_first = arranged is None and self._tuner.chooses
            n = 1 if is_first else self._tuner.n_steps(n_steps - done)
            arranged = arranged or self._arrange(batch_size, n_threads, whole=self.problem.clip is not None)
            is_laid_out, laid_out_for = n_threads == laid_out_for, n_threads  # each thread count has its own panels
            is_ready, started = is_known(self._what), perf_counter()
            steps = Steps(batch_size, state.step, done, done + n, is_laid_out)
            taken = self._enter(n_threads, arranged, theta, memory, order, rates, steps, sums)
            self._arrangements[batch_size, n_threads] = arranged
            if is_ready and not is_first:  # otherwise the time may include compilation
                self._tuner.see(n_threads, perf_counter() - started, taken)
            done += taken
            if taken < n:
                break
        return _after(state, theta, memory, done), sums

    def _tuner_of(self, n_rows: int, *kind: str) -> ThreadTuner:
        work = work_of_step(self.problem.network.sizes, n_rows)
        return tuner_of((_kind_of(self.problem), self._sparse, n_rows, *kind), work, self.n_jobs)

    def _parameters_of(self, state: State) -> Array:
        """Return a padded copy of the parameters, after checks."""
        network = self.problem.network
        check_theta(state.theta, network.n_params)
        if state.theta.dtype != network.theta.dtype:
            raise ShapeError(
                f"the state is in {state.theta.dtype}, but the network in {network.theta.dtype}; expected one "
                f"precision."
            )
        return padded(state.theta, network.sizes)

    def _enter(
        self, n_threads: int, arranged: Any, theta: Array, memory: tuple[Array, ...], order: Array, rates: Array,
        steps: Steps, sums: Array, part: Part | None = None,
    ) -> int:  # fmt: skip
        """Run the machine code on some threads; return the number of steps taken."""
        nets, objective, workspace, batch, schedule, grad = arranged
        if (part is None or part.work == APPLY) and not self.problem.solver.has_step:
            raise ParameterError(f"solver {self.problem.solver.name!r} has no single step that an engine could take.")
        fixed = nets, self._data, objective, (theta, grad, memory), workspace, batch, schedule, order, rates
        what, how = (self._what, None) if part is None else (self._what_part, tuple(part))
        with announced(what):
            if not is_known(what):  # helpers must not wait for the compiler: it compiles a call of zero steps
                run_steps(0, 1, new_barrier(), *fixed, tuple(steps._replace(n_steps=steps.n_before)), sums, how)
            return int(run_on_threads(run_steps, n_threads, *fixed, tuple(steps), sums, how))

    def _arrange(self, batch_size: int, n_threads: int, *, whole: bool) -> tuple[Any, ...]:
        """Return the arguments that are constant between calls, as plain tuples, for `run_steps`."""
        network = self.problem.network
        layout = layout_of(network, batch_size, trains=True, sparse=self._sparse)
        schedule, length = schedule_of(network, layout, n_threads, whole=whole)
        batch = Minibatch(
            aligned_zeros(layout.n_rows * layout.plan[-1, ROW], layout.dtype),
            np.zeros(batch_size if self._has_weights else 0, layout.dtype),
            np.zeros(batch_size), np.zeros(batch_size),
        )  # fmt: skip
        groups = layout.nets(n_threads), objective_of(self.problem), layout.workspace(n_threads), batch, schedule
        return *(tuple(group) for group in groups), aligned_zeros(length, layout.dtype)


def _kind_of(problem: Problem) -> Hashable:
    """Return what the time of a step depends on, apart from the data and the minibatch."""
    network = problem.network
    names = *(sigma.name for sigma in network.activation), problem.cost.name, problem.solver.name
    return network.sizes, names, network.theta.dtype, network.front is None, any(problem.dropout)


def _rates_of(eta: Any, factors: Factors) -> Array:
    """Return the learning rates and factors of some steps as `run_steps` takes them."""
    rates = np.empty((3, len(eta)))
    rates[ETA], rates[DROPOUT_FACTOR], rates[DECAY_FACTOR] = eta, factors.dropout, factors.decay
    return rates


def _memory(state: State) -> tuple[Array, ...]:
    arrays = [value for value in state.solver if isinstance(value, np.ndarray)]
    memory = tuple(aligned_parts([len(state.theta)] * 2, state.theta.dtype))
    for own, given in zip(memory, arrays):
        check_shape(given, own.shape, "an array of the solver's memory")
        own[:] = given
    return memory


def _after(state: State, theta: Array, memory: tuple[Array, ...], done: int) -> State:
    """Return the state after `done` steps: the solver's arrays from the memory, and its advanced step count."""
    rows = iter(memory)
    values = (next(rows) if isinstance(value, np.ndarray) else value + done for value in state.solver)
    return State(theta[: len(state.theta)].copy(), type(state.solver)(*values), state.step + done)


def _rows_of_step(n_samples: int, batch_size: int, step: int) -> slice:
    steps_per_epoch = -(-n_samples // batch_size)
    epoch, within = divmod(step, steps_per_epoch)
    start = epoch * n_samples + within * batch_size
    return slice(start, min(start + batch_size, (epoch + 1) * n_samples))
