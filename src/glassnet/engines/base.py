"""The interface of all engines: the settings they receive and the records they return."""

import operator
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

import numpy as np

from glassnet.core.catalog.costs import Cost
from glassnet.core.catalog.penalties import Penalty
from glassnet.core.catalog.solvers import Solver
from glassnet.core.formula_function import FormulaFunction
from glassnet.core.network import Network
from glassnet.core.quasi_newton.direction import CurvatureMemory
from glassnet.engines.statistics import Statistics
from glassnet.errors import ParameterError
from glassnet.typing import Array


@dataclass(frozen=True)
class Metric:
    """A score computed from per-sample sums; `finish` converts their mean to the reported number."""

    name: str
    per_sample: Callable[[Array, Array], Array]  # (A, Y) -> (n_batch,)
    finish: Callable[[Array], Callable[[Any], Any]]  # all targets -> (mean over samples, of epochs -> score)
    finish_sees_targets: bool = True  # or `finish` only takes them


@dataclass(frozen=True)
class Problem:
    """All settings of a run, without its data and its random draws.

    Attributes
    ----------
    network : Network
        The structure; its parameters are the initial ones.
    cost, solver, penalty
        What is minimized, and how.
    dropout : tuple of float
        Dropout rate of each hidden layer; with a schedule, the initial one.
    clip : float or None
        Maximum norm of the gradient; longer gradients are scaled down to it.
    seed : int
        Seed of the dropout masks.
    metric : Metric or None
        Computed along with the cost.
    """

    network: Network
    cost: Cost
    solver: Solver
    penalty: Penalty = field(default_factory=Penalty)
    dropout: tuple[float, ...] = ()
    clip: float | None = None
    seed: int = 0
    metric: Metric | None = None


class Factors(NamedTuple):
    """Factors of a problem's dropout rates and weight decay: one number per step, or one for all."""

    dropout: Any = 1.0  # a number, or (n_steps,)
    decay: Any = 1.0

    def of(self, steps: int | slice) -> "Factors":
        """Return the factors of some steps.

        >>> Factors(np.asarray([1.0, 0.5, 0.0])).of(slice(1, 3))
        Factors(dropout=array([0.5, 0. ]), decay=1.0)
        """
        return Factors(*(factor[steps] if np.ndim(factor) else factor for factor in self))


CONSTANT = Factors()


@dataclass(frozen=True)
class State:
    """The state of a run: the parameters, the solver's state, and the number of steps taken."""

    theta: Array  # (n_params,)
    solver: Any
    step: int = 0


@dataclass(frozen=True)
class Divergence:
    """The first number of a run that is not finite.

    Attributes
    ----------
    step, layer, unit : int
    quantity : str
        "Z", "A", "delta", "dW", "db", "dslope", "W", "b", "slope", "input" or "cost"; also the front's.
    epoch : int
    row : int or None
        The row of training, from 0, if the number belongs to a single one that is known.
    operation : str
        The operation that gave it, with its numbers.
    """

    step: int
    layer: int
    unit: int
    quantity: str
    epoch: int = 0
    row: int | None = None
    operation: str = field(default="", compare=False)  # words about the same place

    def __str__(self) -> str:
        where = f"unit {self.unit} of layer {self.layer}" if self.layer else f"unit {self.unit} of the front"
        where = f"input column {self.unit}" if self.quantity == "input" else where
        row = "" if self.row is None else f", training row {self.row}"
        operation = f", where {self.operation}" if self.operation else ""
        return (
            f"the first number that was not finite: {self.quantity} at {where}, in epoch {self.epoch}, "
            f"step {self.step}{row}{operation}"
        )


class Records(NamedTuple):
    """The records of a run of steps, one entry per epoch: lists, or arrays, which are cheaper per epoch."""

    cost: Any  # mean over the epoch's samples, during training
    metric: Any  # mean of the metric's per-sample sums
    gradient_norm: Any  # mean over the epoch's steps, before clipping
    penalty: Any  # at the end of the epoch
    divergence: Divergence | None = None
    end: tuple[str, str] | None = None  # why no step followed, as a word and a sentence: of a solver that can tell


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums over the rows of a minibatch, or of a part of it; those of two parts can be added.

    Attributes
    ----------
    cost : number
        Sum of the rows' losses, times their weights.
    metric : number
        Sum of the metric's per-sample numbers; 0 without a metric.
    n_rows : int
        Number of rows, by which means divide.
    gradient : array of shape (n_params,)
        Sum of the rows' gradients, without penalty and clipping, also for frozen parameters.
    """

    cost: Any
    metric: Any
    n_rows: int
    gradient: Array

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.cost + other.cost,
            self.metric + other.metric,
            self.n_rows + other.n_rows,
            self.gradient + other.gradient,
        )


class NeedsSlowPath(Exception):
    """Raw numbers must be encoded column by column.

    One of them is infinite, or missing where no value may be missing; or the engine encodes none.
    """


class Forward(Protocol):
    """The forward pass of many rows by an engine; the same row gets the same bits regardless of the other rows."""

    n_jobs: int | None

    def __init__(self, network: Network, n_jobs: int | None = None) -> None:
        """Prepare the passes of a network, whose precision is theirs."""

    @staticmethod
    def supports(network: Network) -> str | None:
        """Return why the engine cannot compute the outputs of a network; None if it can."""

    def __call__(self, theta: Array, X: Array, columns: tuple[Array, Array] | None = None) -> tuple[Array, Array]:
        """Return Z[L] and A[L], (n_rows, n_out), for dense or sparse rows.

        With `columns`, the result of `Encoder.as_arrays`, the rows are the user's numbers and are encoded on the way.

        Raises
        ------
        NeedsSlowPath
            If a number cannot be encoded, or the engine encodes none.
        """


class RowForward(Protocol):
    """The forward pass of one row by an engine, from the user's numbers, with the bits of its `Forward`."""

    def __init__(self, network: Network, steps: Array, scales: Array) -> None:
        """Prepare the passes of a network in float64; steps and scales are the result of `Encoder.as_arrays`."""

    @staticmethod
    def supports(network: Network) -> str | None:
        """Return why the engine cannot compute the outputs of a network; None if it can."""

    def __call__(self, raw: Array, outputs: Array) -> bool:
        """Fill `outputs` (n_out,) from raw numbers (n_columns,); return whether they could be encoded."""


class Stepping(Protocol):
    """What a run asks for steps: an engine, or what takes them with an engine's gradients."""

    name: str

    def start(self, eta: float) -> State:
        """Return the state before the first step; `eta` is the first learning rate."""

    def evaluate(self, theta: Array, X: Array, Y: Array, weights: Array | None = None) -> tuple[float, Array]:
        """Return the cost on any data, such as the validation set, and the outputs it was computed from."""

    def run(
        self, state: State, order: Array, eta: Array, batch_size: int, factors: Factors = CONSTANT
    ) -> tuple[State, Records]:
        """Take one step per minibatch of `order` (n_epochs, n_samples) at the learning rates `eta` (n_steps,).

        `factors` are the factors of dropout and weight decay, one per step like `eta`.
        """


class Engine(Stepping, Protocol):
    """One way to execute a problem on given data. The reference engine defines what is correct.

    The state determines the precision of the parameters; engines store the data in it.
    """

    problem: Problem

    @staticmethod
    def supports(problem: Problem, data: Any = None) -> str | None:
        """Return why the engine cannot execute a problem on `data`, its inputs X, and what to do; None if it can.

        It is cheap: nothing is compiled, and no value of the data is read. Without data, any may follow.
        """

    def __init__(
        self, problem: Problem, X: Array, Y: Array, weights: Array | None = None, n_jobs: int | None = None
    ) -> None:
        """Store the problem and its training data; `n_jobs` is the number of threads, if supported.

        A problem that the engine does not support is refused with the reason.
        """

    def on(self, X: Array, Y: Array, weights: Array | None = None) -> "Engine":
        """Return the engine for other samples of the same kind; only one of the two may be at work at a time.

        They may share memory, whose arrangement takes as long as a step of a small minibatch.
        """

    def forward(self, theta: Array, X: Array) -> Array:
        """Return the outputs (n_batch, n_out), without dropout."""

    def gradients(self, theta: Array, X: Array, Y: Array, weights: Array | None = None) -> tuple[float, Array]:
        """Return cost and flat gradient (n_params,) of cost plus penalty, without dropout and clipping."""

    def total(self, theta: Array) -> Sums:
        """Return the sums over all training samples, without dropout; the gradient in float64.

        Long sums lose digits in float32, which a line search would notice.
        """

    def direction(self, grad: Array, memory: CurvatureMemory) -> Array:
        """Return the direction of L-BFGS from a gradient, `glassnet.core.quasi_newton.direction`; in float64."""

    def accumulate(self, state: State, rows: Array, factors: Factors = CONSTANT, first: int = 0) -> Sums:
        """Return the sums of the next step over some rows of its minibatch, with dropout.

        `first` is the position of the first of these rows in the whole minibatch, on which dropout masks depend.
        """

    def finished(self, state: State, sums: Sums) -> tuple[Array, float]:
        """Return the gradient of a step (with penalty, 0 where frozen, clipped), and its norm before clipping."""

    def apply(self, state: State, sums: Sums, eta: float, factors: Factors = CONSTANT) -> State:
        """Return the state after the step whose minibatch has these sums.

        With the sums of `accumulate` over the whole minibatch, it equals `run`: bit for bit in the reference and the
        compiled engine, up to rounding in "xla". The caller checks whether the numbers are finite.
        """

    def statistics(self, state: State, eta: float | None = None) -> Statistics:
        """Return statistics of each layer over all training samples, without dropout.

        With a learning rate, they include how far a step of the solver on these samples would move the weights.
        """


def own_activation(network: Network, *, formulas: bool = False) -> str | None:
    """Return where a network has a user's own activation, in words; None if all are built in.

    With `formulas`, those made by `Activation.from_formula` pass, too.
    """
    for layer, sigma in network.activation.items():
        if not (sigma.is_builtin or (formulas and _are_formulas(sigma.function, sigma.derivative))):
            return f"layer {layer} has your own activation {sigma.name!r}"
    return None


def own_function(problem: Problem, *, formulas: bool = False) -> str | None:
    """Return which function of a problem is a user's own, in words, as `own_activation` does."""
    own, cost, solver = own_activation(problem.network, formulas=formulas), problem.cost, problem.solver
    if own is None and not (cost.is_builtin or (formulas and _are_formulas(cost.loss, cost.derivative))):
        own = f"cost {cost.name!r} is your own"
    if own is None and not solver.is_builtin:
        own = f"solver {solver.name!r} is your own"
    return own


def _are_formulas(*functions: Callable[..., Array]) -> bool:
    return all(isinstance(each, FormulaFunction) for each in functions)


def check_supported(engine: type[Engine], problem: Problem, data: Any) -> None:
    """Refuse a problem that an engine does not support, with the reason."""
    reason = engine.supports(problem, data)
    if reason is not None:
        raise ParameterError(f"{reason}.")


def why_not_sparse(network: Network, data: Any) -> str | None:
    """Return why no engine trains a network on sparse inputs, if it computes on their zeros."""
    if network.front is None or not hasattr(data, "tocsr"):
        return None
    return (
        f"{network.front.settings} cannot be trained on a sparse X, whose zeros would be filled; use "
        f"numeric_embedding=None and input_scaling=False, or X.toarray()"
    )


NUMBERS_OF_PART = 1 << 20  # numbers of neurons in a part of the samples: more memory would not make it faster


def sums_of_all(engine: Engine, theta: Array, n_samples: int) -> Sums:
    """Return the sums over all training samples of an engine, added in float64 in parts of about the same size."""
    n_parts = min(n_samples, -(-n_samples * sum(engine.problem.network.sizes) // NUMBERS_OF_PART))
    borders = [n_samples * part // n_parts for part in range(n_parts + 1)]
    state, factors = State(theta, ()), Factors(dropout=0.0)
    parts = (engine.accumulate(state, np.arange(*part), factors, first=part[0]) for part in pairwise(borders))
    return reduce(operator.add, (replace(part, gradient=np.asarray(part.gradient, np.float64)) for part in parts))


def find_nonfinite(array: Array) -> int | None:
    """Return the column of the first entry that is not finite, or None if all are finite."""
    bad = ~np.isfinite(array)
    if not bad.any():
        return None
    return int(np.argwhere(bad)[0][-1])
