"""The validated settings of a run."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.core.catalog.costs import Cost, resolve_cost
from glassnet.core.catalog.pairs import check_pair, check_targets
from glassnet.core.catalog.penalties import Penalty
from glassnet.core.catalog.schedules import ADAPTIVE, Schedule, resolve_schedule
from glassnet.core.catalog.solvers import Solver, resolve_solver
from glassnet.core.matrices import as_matrix
from glassnet.core.network import Network
from glassnet.csr import checked_csr
from glassnet.data.rows.encoded_rows import EncodedRows
from glassnet.engines.base import CONSTANT, Factors, Problem, State
from glassnet.errors import ParameterError, ShapeError
from glassnet.settings.kinds import POSITIVE
from glassnet.settings.train_settings import TrainSettings
from glassnet.training.metrics import resolve_metric
from glassnet.training.samples import Data, Samples, Shared, StreamedData
from glassnet.typing import Array, Spec

USUAL_BATCH = 32
CONSTANT_RATE = resolve_schedule("constant")


@dataclass(frozen=True)
class Plan:
    """The validated settings of a run: the problem, the data and the stopping rules."""

    problem: Problem
    data: Samples
    validation: Samples | None
    epochs: int
    batch_size: int
    learning_rate: float
    schedule: Schedule
    dropout_schedule: Schedule
    decay_schedule: Schedule
    adaptive: bool
    monitor: str | None
    patience: int | None
    tolerance: float
    shuffle: bool
    snapshots: int
    kept_states: int
    time_limit: float | None
    lanes: int | None = None  # into which a cluster deals the rows

    @property
    def steps_per_epoch(self) -> int:
        """Number of minibatches per epoch."""
        return -(-self.data.n_samples // self.batch_size)

    def rates(self, epoch: int, n_epochs: int = 1) -> Array:
        """Return the learning rate of each step of the epochs from `epoch` on, counted from 0."""
        if self.schedule is CONSTANT_RATE:
            return np.full(n_epochs * self.steps_per_epoch, self.learning_rate, np.float64)
        done = self._done(epoch, n_epochs)
        return self.learning_rate * self.schedule(done / self.epochs, done)

    def factors(self, epoch: int, n_epochs: int = 1) -> Factors:
        """Return the factors on dropout and weight decay in the same steps; a number if constant."""
        followed = [None if s.name == "constant" else s for s in (self.dropout_schedule, self.decay_schedule)]
        if not any(followed):
            return CONSTANT
        done = self._done(epoch, n_epochs)
        return Factors(*(1.0 if each is None else each(done / self.epochs, done) for each in followed))

    def _done(self, epoch: int, n_epochs: int) -> Array:
        """Return the number of epochs, with fraction, before each step."""
        first, n_steps = epoch * self.steps_per_epoch, n_epochs * self.steps_per_epoch
        # from the number of steps alone: the same bits for any number of epochs per call
        return np.arange(first, first + n_steps) / self.steps_per_epoch


def make_plan(
    network: Network,
    X: Array,
    Y: Array,
    settings: TrainSettings,
    *,
    weights: Array | None,
    validation: tuple[Array, ...] | None,
    seed: int,
    shared: Shared | None = None,
) -> Plan:
    """Check the data, and that checked settings fit them and each other, and return the plan of the run.

    `seed` is that of the dropout masks, and `shared` what other runs know of the same data.
    """
    shared = shared or Shared()
    entry, chosen = resolve_cost(settings.cost), resolve_solver(settings.solver)
    check_pair(network.activation[-1], entry, network.sizes[-1])
    for layer, sigma in network.activation.items():
        if sigma.builtin_name == "step":
            raise ParameterError(
                f"layer {layer} has the activation 'step', whose derivative is 0 everywhere, so no gradient passes; "
                f"try 'sigmoid', or 'hard_sigmoid' for straight lines."
            )
    data = _samples(network, (X, Y, weights), entry, "X", shared)
    held_out = None
    if validation is not None:
        if not 2 <= len(validation) <= 3:
            raise ParameterError("validation must be a pair (X, Y), or (X, Y, weights).")
        held_out = _samples(network, (*validation, None)[:3], entry, "validation X", shared)
    rates = _dropout(settings.dropout, network.n_layers - 1)
    is_lbfgs = chosen.builtin_name == "lbfgs"
    if is_lbfgs and (any(rates) or settings.clip is not None):
        raise ParameterError("solver 'lbfgs' takes neither dropout nor clip: its line search needs one fixed cost.")
    if isinstance(data, StreamedData):
        _check_streamed(data, chosen, settings)
    if chosen.full_batch and settings.batch_size is not None and settings.batch_size < data.n_samples:
        raise ParameterError(
            f"solver {chosen.name!r} uses all rows at every step; leave batch_size out, or use solver 'sgd' or 'adam'."
        )
    is_adaptive = isinstance(settings.schedule, str) and settings.schedule == ADAPTIVE
    if is_adaptive and settings.patience is None:
        raise ParameterError("schedule='adaptive' needs patience: after so many epochs without improvement it acts.")
    penalty, metric = Penalty(settings.l1, settings.l2), resolve_metric(settings.metric, entry)
    problem = Problem(network, entry, chosen, penalty, rates, settings.clip, seed, metric)
    monitor = _monitor(settings.monitor, settings.patience, held_out, problem)
    return Plan(
        problem,
        data,
        held_out,
        settings.epochs,
        data.n_samples if chosen.full_batch else min(settings.batch_size or USUAL_BATCH, data.n_samples),
        POSITIVE.check("learning_rate", settings.learning_rate or chosen.learning_rate),
        resolve_schedule("constant" if is_adaptive else settings.schedule),
        _dropout_schedule(settings.dropout_schedule, rates, settings.epochs),
        _decay_schedule(settings.decay_schedule, chosen),
        is_adaptive and not is_lbfgs,
        monitor,
        None if is_lbfgs and monitor == "cost" else settings.patience,  # it stops by itself where the cost is flat
        settings.tolerance,
        settings.shuffle and not chosen.full_batch,
        settings.snapshots,
        0 if is_lbfgs else settings.kept_states,  # which are for replays
        settings.time_limit,
    )


def _samples(network: Network, given: tuple[Any, Any, Any], cost: Cost, name: str, shared: Shared) -> Samples:
    """Return checked samples; rows of a source that fit into their window are loaded."""
    X, Y, weights = given

    def checked() -> Data:
        data = check_data(network, X, Y, weights, name)
        check_targets(cost, data.Y)
        return data

    if not isinstance(X, EncodedRows):
        return shared.once((X, Y, weights, cost), (network.n_inputs, network.sizes[-1]), checked)
    if X.fits:
        return _samples(network, tuple(X.loaded(network.theta.dtype)), cost, name, Shared())
    first = X.loaded(network.theta.dtype, 1)
    check_data(network, first.X, first.Y, None, name)
    return StreamedData(X)


def _check_streamed(data: StreamedData, solver: Solver, settings: TrainSettings) -> None:
    if solver.full_batch:
        raise ParameterError(
            f"solver {solver.name!r} uses all rows at every step, but they do not fit into the memory allowed; use "
            f"solver 'adam' or 'sgd', or allow more memory."
        )
    if settings.batch_size is not None and settings.batch_size > data.rows.window:
        raise ParameterError(
            f"batch_size={settings.batch_size} is more than the {data.rows.window} rows that fit into the memory "
            f"allowed; use a smaller one, or allow more memory."
        )


def check_data(network: Network, X: Any, Y: Any, weights: Any, name: str) -> Data:
    """Return validated samples, targets and weights.

    Raises
    ------
    ShapeError, ParameterError
    If they do not fit each other or the network.
    """
    sparse = hasattr(X, "tocsr")
    X = checked_csr(X, name) if sparse else as_matrix(X, name)
    Y = np.asarray(Y, dtype=np.float64)
    Y = Y[:, None] if Y.ndim == 1 else Y
    if X.shape[0] == 0:
        raise ShapeError(f"{name} has no rows; training needs at least one sample.")
    if X.shape[0] != Y.shape[0]:
        raise ShapeError(f"{name} has {X.shape[0]} rows, but Y has {Y.shape[0]}; expected one target row per sample.")
    if X.shape[1] != network.n_inputs:
        raise ShapeError(
            f"{name} has {X.shape[1]} columns, but this network has {network.n_inputs} inputs; "
            f"expected one column per input."
        )
    if Y.shape[1] != network.sizes[-1]:
        raise ShapeError(
            f"Y has {Y.shape[1]} columns, but this network has {network.sizes[-1]} outputs; "
            f"expected one target per output (one-hot for classes)."
        )
    values = X.data if sparse else X
    with np.errstate(all="ignore"):
        # a finite sum means finite numbers: cheaper than checking each value of a large table
        is_finite = np.isfinite(values.sum()) or np.isfinite(values).all()
    if not is_finite:
        raise ParameterError(f"{name} has values that are not finite numbers; fill them in or leave those rows out.")
    return Data(X, Y, None if weights is None else _mean_one(weights, X.shape[0]))


def check_state(state: State, own: State, solver: Solver) -> None:
    """Reject the state of another network or solver; `own` is this run's initial state."""
    if state.theta.shape != own.theta.shape:
        raise ShapeError(
            f"state has {state.theta.shape[0]} parameters, but this network has {own.theta.shape[0]}; "
            f"expected the state of an earlier run of the same network."
        )
    if type(state.solver) is not type(own.solver):
        raise ParameterError(
            f"state comes from a run of another solver, but solver is {solver.name!r}; "
            f"leave state out and pass that run's network, or name the same solver."
        )
    # the memory of a solver of one's own may be anything, and may grow
    if solver.is_builtin and _shapes(state.solver) != _shapes(own.solver):
        raise ParameterError(
            f"state comes from a run of solver {solver.name!r} with another memory; name that run's parameters of the "
            f"solver, or leave state out."
        )


def _shapes(memory: Any) -> list[tuple[int, ...]]:
    """Return the shapes of a built-in solver's memory, which is a tuple, or None for solvers that need none."""
    return [np.shape(each) for each in memory or ()]


def _mean_one(weights: Any, n_samples: int) -> Array:
    array = np.asarray(weights, dtype=np.float64)
    if array.shape != (n_samples,):
        raise ShapeError(f"weights have shape {array.shape}; expected one number per sample: ({n_samples},).")
    if not np.isfinite(array).all() or (array < 0).any() or array.sum() <= 0:
        raise ParameterError("weights must be finite numbers from 0 upwards, and not all 0.")
    return array / array.mean()


def _dropout(dropout: float | list[float] | tuple[float, ...], n_hidden: int) -> tuple[float, ...]:
    rates = tuple(dropout) if isinstance(dropout, (list, tuple)) else (dropout,) * n_hidden
    if len(rates) != n_hidden:
        raise ParameterError(f"dropout={dropout!r} names {len(rates)} rates, but there are {n_hidden} hidden layers.")
    return rates


def _dropout_schedule(spec: Spec, rates: tuple[float, ...], epochs: int) -> Schedule:
    schedule = resolve_schedule(spec, "dropout_schedule")
    if not any(rates):
        return schedule
    with np.errstate(over="ignore"):
        # a growing schedule has its maximum at the end
        end = max(rates) * float(schedule(np.ones(1), np.full(1, float(epochs)))[0])
    if end >= 1:
        raise ParameterError(
            f"dropout_schedule {schedule.name!r} would let the dropout of {max(rates):g} grow to {end:g}, but it must "
            f"stay below 1; use one that falls, such as 'flat_cosine'."
        )
    return schedule


def _decay_schedule(spec: Spec, solver: Solver) -> Schedule:
    schedule = resolve_schedule(spec, "decay_schedule")
    if schedule.name != "constant" and "weight_decay" not in solver.parameters:
        raise ParameterError(
            f"decay_schedule {schedule.name!r} has nothing to act on, as solver {solver.name!r} has no weight_decay; "
            f"use solver='adamw'."
        )
    return schedule


def _monitor(monitor: str | None, patience: int | None, validation: Samples | None, problem: Problem) -> str | None:
    if monitor is None:
        if validation is not None:
            return "validation_cost"
        return "cost" if patience is not None else None
    if monitor != "cost" and validation is None:
        raise ParameterError(f"monitor={monitor!r} needs validation=(X, Y); without it only 'cost' can be watched.")
    if monitor == "validation_metric" and problem.metric is None:
        raise ParameterError("monitor='validation_metric' needs a metric; leave metric='auto'.")
    return monitor
