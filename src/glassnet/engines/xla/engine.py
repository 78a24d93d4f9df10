"""The engine for accelerators, `XlaEngine`."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from glassnet.core.masks import WORD, threshold_of
from glassnet.core.quasi_newton.direction import CurvatureMemory, direction
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
from glassnet.engines.reference import ReferenceEngine
from glassnet.engines.statistics import Statistics, statistics_of
from glassnet.engines.xla.call import Call, Epoch, Placed, are_finite, records_of
from glassnet.engines.xla.mathematics import Data, Pace, Place
from glassnet.engines.xla.on_device import StateOnDevice
from glassnet.engines.xla.programs import Carry, Programs, Steps, Structure, programs_of
from glassnet.engines.xla.scope import settings
from glassnet.errors import ShapeError
from glassnet.typing import Array

WORK_PER_DEVICE = 2e9
"""Operations of a step on each device, below which devices would wait for each other longer than they save."""

ROWS_AT_A_TIME = 8192  # of a forward pass: limits memory


class XlaEngine:
    """Core under `jax.jit`, on GPU, TPU or cores: an epoch is one program, and the data lie on the device.

    It equals the reference engine up to the order of sums. `n_jobs` is the number of devices that share the rows of a
    minibatch; by default as many as get enough of them.
    """

    name = "xla"

    @staticmethod
    def supports(problem: Problem, data: Any = None) -> str | None:
        """Return why the engine cannot execute a problem on `data`, its inputs X, and what to do; None if it can.

        Formulas run on any arrays; Python functions of the user's own may do what cannot be compiled.
        """
        own = own_function(problem, formulas=True)
        if own is not None:
            return f"{own}, which engine='xla' cannot compile; use engine='reference'"
        return why_not_sparse(problem.network, data)

    def __init__(
        self, problem: Problem, X: Array, Y: Array, weights: Array | None = None, n_jobs: int | None = None
    ) -> None:
        check_supported(type(self), problem, X)
        self.problem, self.n_jobs = problem, n_jobs
        network = problem.network
        X = checked_csr(X) if hasattr(X, "tocsr") else np.asarray(X)
        check_rows(X, network.n_inputs)
        self.n_samples = X.shape[0]
        check_shape(Y, (self.n_samples, network.sizes[-1]), "Y")
        if weights is not None:
            check_shape(weights, (self.n_samples,), "weights")
        self._reference = ReferenceEngine(problem, X, Y, weights)
        self.start = self._reference.start
        self._dtype = network.theta.dtype
        self._width = max(1, int(np.diff(X.indptr).max(initial=0))) if hasattr(X, "tocsr") else 0
        self._placed: dict[int, Placed] = {}  # by number of devices
        self._latest: StateOnDevice | None = None  # the state after the last call

    def on(self, X: Array, Y: Array, weights: Array | None = None) -> "XlaEngine":
        """Return the engine for other samples of the same kind."""
        return XlaEngine(self.problem, X, Y, weights, self.n_jobs)

    def forward(self, theta: Array, X: Array) -> Array:
        """Return the outputs (n_batch, n_out), without dropout."""
        return self._outputs(theta, X)[1]

    def evaluate(self, theta: Array, X: Array, Y: Array, weights: Array | None = None) -> tuple[float, Array]:
        """Return the cost on any data, such as the validation set, and the outputs it was computed from."""
        Z, A = self._outputs(theta, X)
        return self._reference.cost_of_outputs(Z, A, Y, weights), A

    def gradients(self, theta: Array, X: Array, Y: Array, weights: Array | None = None) -> tuple[float, Array]:
        """Return cost and flat gradient (n_params,) of cost plus penalty, without dropout and clipping."""
        sums = XlaEngine(self.problem, X, Y, weights, self.n_jobs).total(theta)
        penalty = self.problem.penalty.gradient(theta, self.problem.network.layout.decays(theta))
        return sums.cost / sums.n_rows, (sums.gradient / sums.n_rows).astype(theta.dtype) + penalty

    def total(self, theta: Array) -> Sums:
        """Return the sums over all training samples, without dropout; the gradient in float64."""
        return sums_of_all(self, theta, self.n_samples)

    def direction(self, grad: Array, memory: CurvatureMemory) -> Array:
        """Return the direction of L-BFGS, `glassnet.core.quasi_newton.direction`."""
        return direction(grad, memory)

    def accumulate(self, state: State, rows: Array, factors: Factors = CONSTANT, first: int = 0) -> Sums:
        """Return the sums of the next step over some rows of its minibatch, with dropout.

        `first` is the position of the first of these rows in the whole minibatch, on which dropout masks depend.
        """
        rows = np.asarray(rows, np.int64)
        check_order(rows[None], self.n_samples)
        self._check(state)
        with settings():
            programs, data = self._on(self._n_devices(len(rows)))
            place, pace = self._place(state.step, first), self._paces([0.0], factors).at(0)
            cost, metric, gradient = jax.device_get(programs.totals(state.theta, data, rows, place, pace))
        return Sums(cost, metric, len(rows), np.array(gradient))

    def finished(self, state: State, sums: Sums) -> tuple[Array, float]:
        """Return the gradient of a step (with penalty, 0 where frozen, clipped), and its norm before clipping."""
        check_shape(sums.gradient, state.theta.shape, "the gradient")
        with settings():
            numbers = state.theta, np.asarray(sums.gradient, self._dtype), self._dtype.type(sums.n_rows)
            grad, norm = jax.device_get(self._programs(1).finished(*numbers))
        return np.array(grad), float(norm)

    def apply(self, state: State, sums: Sums, eta: float, factors: Factors = CONSTANT) -> State:
        """Return the state after the step whose minibatch has these sums.

        With the sums of `accumulate` over the whole minibatch, it equals `run` up to rounding. The caller checks
        whether the numbers are finite.
        """
        check_shape(sums.gradient, state.theta.shape, "the gradient")
        self._check(state)
        with settings():
            carry, pace = self._uploaded(state, 1), self._paces([eta], factors).at(0)
            gradient = np.asarray(sums.gradient, self._dtype)
            after = self._programs(1).applied(carry, gradient, self._dtype.type(sums.n_rows), pace)
            return _downloaded(after, state.step + 1)

    def statistics(self, state: State, eta: float | None = None) -> Statistics:
        """Return statistics of each layer over all training samples, without dropout.

        With a learning rate, they include how far a step of the solver on these samples would move the weights.
        """
        rows, undropped = np.arange(self.n_samples), Factors(dropout=0.0)
        sums = self.accumulate(state, rows, undropped)
        gradient, _ = self.finished(state, sums)
        after = None
        if eta is not None and self.problem.solver.has_step:
            after = self.apply(state, sums, eta, undropped).theta
        with settings():
            programs, data = self._on(1)
            activities = jax.device_get(programs.activities(state.theta, data, rows))
        network = self.problem.network.with_theta(state.theta)
        return statistics_of(network, sums.cost / sums.n_rows, activities, gradient, after)

    def run(
        self, state: State, order: Array, eta: Array, batch_size: int, factors: Factors = CONSTANT
    ) -> tuple[State, Records]:
        """Take one step per minibatch of `order` (n_epochs, n_samples) at the learning rates `eta` (n_steps,).

        `factors` are the factors of dropout and weight decay, one per step like `eta`.
        """
        order = np.asarray(order, np.int64)
        check_order(order, self.n_samples)
        batch_size = min(batch_size, order.shape[1])
        check_shape(eta, (min(len(eta), len(order) * -(-order.shape[1] // batch_size)),), "eta")
        self._check(state)
        with settings():
            n_devices = self._n_devices(batch_size)
            call = Call(self._on(n_devices), order, self._paces(eta, factors), batch_size, self._place(state.step))
            carry, epochs = call.all_epochs(self._carry_of(state, n_devices))
            numbers = jax.device_get(epochs)
            bad = next((k for k, each in enumerate(numbers) if not each.is_finite), None)
            if bad is None:
                self._latest = StateOnDevice.of(carry, state.step + len(eta), n_devices)
                return self._latest, records_of(numbers)
            return self._to_divergence(call, state, numbers[:bad], n_devices, np.asarray(eta), factors)

    def _to_divergence(
        self, call: Call, state: State, good: list[Epoch], n_devices: int, eta: Array, factors: Factors
    ) -> tuple[State, Records]:
        """Repeat a call up to its first number that is not finite, one step after the other from the epoch of it.

        The numbers of a call tell only roughly where that is: parameters are checked at the end of an epoch, and in
        float64 the square of a finite gradient may be infinite.
        """
        carry, _ = call.all_epochs(self._uploaded(state, n_devices), n_epochs=len(good))
        parts: list[Steps] = []
        for step in range(call.steps_per_epoch * len(good), call.n_steps):
            before = _downloaded(carry, state.step + step)
            carry, numbers = call.take(carry, step, step + 1)
            found = jax.device_get(numbers[0])
            if not self._is_finite(found, before, call.rows_of(step), factors.of(step)) or not call.is_finite(carry):
                divergence = self._reference.diagnose(before, call.rows_of(step), float(eta[step]), factors.of(step))
                return before, records_of(good)._replace(divergence=divergence)
            parts.append(found)
            if len(parts) == call.steps_per_epoch:
                good, parts = [*good, jax.device_get(call.closed(carry, parts))], []
        return _downloaded(carry, state.step + call.n_steps), records_of(good)

    def _is_finite(self, numbers: Steps, state: State, rows: Array, factors: Factors) -> bool:
        """Whether cost and gradient of a step were finite."""
        if are_finite(numbers):
            return True
        sums = self.accumulate(state, rows, factors)
        return bool(np.isfinite(sums.cost) and np.isfinite(sums.gradient).all())

    def _check(self, state: State) -> None:
        check_theta(state.theta, self.problem.network.n_params)
        if state.theta.dtype != self._dtype:
            raise ShapeError(
                f"the state is in {state.theta.dtype}, but the network in {self._dtype}; expected one precision."
            )

    def _n_devices(self, n_rows: int) -> int:
        """Return the number of devices that share a step over so many rows."""
        available = jax.local_device_count()
        if self.n_jobs is not None:
            return min(self.n_jobs, available)
        return min(available, 1 + int(6.0 * n_rows * self.problem.network.n_params // WORK_PER_DEVICE))

    def _programs(self, n_devices: int) -> Programs:
        devices = tuple(jax.local_devices()[:n_devices]) if n_devices > 1 else ()
        return programs_of(Structure.of(self.problem, self._width, devices))

    def _on(self, n_devices: int) -> Placed:
        """Return the programs for some devices, with the data on each of them."""
        if n_devices not in self._placed:
            programs, reference = self._programs(n_devices), self._reference
            is_here = n_devices == 1 and jax.local_devices()[0].platform == "cpu"

            def put(values: Any) -> Any:
                return programs.put(_aligned(values, self._dtype) if is_here else np.asarray(values, self._dtype))

            weights = reference.weights
            entries = None if self._width == 0 else tuple(map(programs.put, _entries(reference.X, self._dtype)))
            X = put(reference.X) if entries is None else None
            data = Data(X, entries, put(reference.Y), None if weights is None else put(weights))
            self._placed[n_devices] = Placed(programs, data)
        return self._placed[n_devices]

    def _carry_of(self, state: State, n_devices: int) -> Carry:
        """Return a state on the devices, which a program may overwrite."""
        there = state.carry_on(n_devices) if isinstance(state, StateOnDevice) else None
        return self._uploaded(state, n_devices) if there is None else there

    def _uploaded(self, state: State, n_devices: int) -> Carry:
        put = self._programs(n_devices).put
        # copies: a program overwrites its carry, and a device of cores may otherwise use the memory of NumPy's array
        return Carry(*jax.tree.map(lambda each: put(jnp.array(np.asarray(each))), (state.theta, state.solver)))

    def _place(self, step: int, first: int = 0) -> Place:
        return Place(*(np.asarray([word & WORD], np.uint32) for word in (self.problem.seed, int(step), int(first))))

    def _paces(self, eta: Any, factors: Factors) -> Pace:
        """Return the numbers of each step."""
        n_steps = len(eta)
        shares, fades = (np.broadcast_to(np.asarray(each, np.float64), n_steps) for each in factors)
        rates = np.multiply.outer(shares, [*self.problem.dropout, 0.0])  # (n_steps, n_layers)
        with np.errstate(over="ignore"):
            return Pace(
                np.asarray(eta, np.float64).astype(self._dtype),
                fades.astype(self._dtype),
                np.vectorize(threshold_of, otypes=[np.uint32])(rates)[..., None],
                (1.0 / (1.0 - rates)).astype(self._dtype),
            )

    def _outputs(self, theta: Array, X: Array) -> tuple[Array, Array]:
        """Return Z[L] and A[L] of any rows."""
        check_theta(theta, self.problem.network.n_params)
        latest = self._latest
        with settings():
            outputs = self._programs(1).outputs
            there = jnp.asarray(theta if latest is None else latest.theta_there(theta))
            parts = []
            for start in range(0, max(X.shape[0], 1), ROWS_AT_A_TIME):
                rows = X[start : start + ROWS_AT_A_TIME]
                rows = np.asarray(rows.toarray() if hasattr(rows, "toarray") else rows, self._dtype)
                parts.append(jax.device_get(outputs(there, rows)))
        Z, A = (np.concatenate(each) for each in zip(*parts, strict=True))
        return Z, A


def _downloaded(carry: Carry, step: int) -> State:
    """Return a state of NumPy's arrays, which no program overwrites, and of numbers."""
    theta, memory = jax.tree.map(lambda each: np.array(each) if each.ndim else each.item(), tuple(carry))
    return State(theta, memory, step)


def _aligned(values: Array, dtype: Any) -> Array:
    """Return a copy that a device of cores can use in place, because it begins at a cache line.

    The device's own copy of large data takes six times as long: unlike NumPy, it does not ask for huge pages.
    """
    copy = aligned_zeros(values.size, dtype).reshape(values.shape)
    copy[...] = values
    return copy


def _entries(X: Any, dtype: Any) -> tuple[Array, Array, Array]:
    """Return values, columns and row starts of a CSR matrix, with one more entry, so that there is at least one."""
    values, columns = np.append(X.data, 0).astype(dtype), np.append(X.indices, 0)
    return values, columns.astype(np.int64), X.indptr.astype(np.int64)
