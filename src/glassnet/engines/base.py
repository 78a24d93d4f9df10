"""What every engine is given, what it must give back, and the interface that all of them share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np

from glassnet.core.catalog.costs import Cost
from glassnet.core.catalog.penalties import Penalty
from glassnet.core.catalog.solvers import Solver
from glassnet.core.network import Network
from glassnet.typing import Array


@dataclass(frozen=True)
class Metric:
    """A score that adds up over samples: a sum per sample, turned into the number that people read at the end."""

    name: str
    per_sample: Callable[[Array, Array], Array]  # (A, Y) -> (n_batch,)
    finish: Callable[[Array], Callable[[Any], Any]]  # all targets -> (mean over samples, of epochs -> score)


@dataclass(frozen=True)
class Problem:
    """All settings of a run, without its data and its random draws.

    Attributes
    ----------
    network : Network
        The structure; its parameters are the start.
    cost, solver, penalty
        What is minimized, and how.
    dropout : tuple of float
        Share of units left out, for each hidden layer; where it follows a schedule, the first one.
    clip : float or None
        Largest norm of the gradient; longer ones are scaled down to it.
    seed : int
        Of the dropout masks.
    metric : Metric or None
        Scored along with the cost.
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
    """What multiplies the dropout rates and the weight decay of a problem: one number per step, or one for all."""

    dropout: Any = 1.0  # a number, or (n_steps,)
    decay: Any = 1.0

    def of(self, steps: int | slice) -> "Factors":
        """Return the factors of some of the steps.

        >>> Factors(np.asarray([1.0, 0.5, 0.0])).of(slice(1, 3))
        Factors(dropout=array([0.5, 0. ]), decay=1.0)
        """
        return Factors(*(factor[steps] if np.ndim(factor) else factor for factor in self))


CONSTANT = Factors()


@dataclass(frozen=True)
class State:
    """Where a run is: the parameters, the solver's memory, and the steps taken."""

    theta: Array  # (n_params,)
    solver: Any
    step: int = 0


@dataclass(frozen=True)
class Divergence:
    """The first number of a run that was not finite."""

    step: int
    layer: int
    unit: int
    quantity: str  # "Z", "A", "delta", "dW", "db", "dslope", "W", "b", "slope", "input", "cost"; also the front's
    epoch: int = 0

    def __str__(self) -> str:
        where = f"unit {self.unit} of layer {self.layer}" if self.layer else f"unit {self.unit} of the front"
        where = f"input column {self.unit}" if self.quantity == "input" else where
        return (
            f"the first number that was not finite: {self.quantity} at {where}, in epoch {self.epoch}, step {self.step}"
        )


class Records(NamedTuple):
    """What a run of steps tells about itself, one entry per epoch: lists, or arrays, which cost less per epoch."""

    cost: Any  # mean over the epoch's samples, as they were met
    metric: Any  # mean of the metric's per-sample sums
    gradient_norm: Any  # mean over the epoch's steps, before clipping
    penalty: Any  # at the end of the epoch
    divergence: Divergence | None = None


class NeedsSlowPath(Exception):
    """One of the user's numbers needs a closer look: it is infinite, or missing where none may be."""


class Engine(Protocol):
    """One way to execute a problem on given data. The reference engine defines what is correct.

    The parameters' precision is the state's; engines hold the data in it.
    """

    name: str

    def __init__(
        self, problem: Problem, X: Array, Y: Array, weights: Array | None = None, n_jobs: int | None = None
    ) -> None:
        """Take the problem and its training data; `n_jobs` says how many threads may compute, where it can."""

    def start(self, eta: float) -> State:
        """Return the state before the first step; `eta` is the first learning rate."""

    def forward(self, theta: Array, X: Array) -> Array:
        """Return the outputs (n_batch, n_out), without dropout."""

    def evaluate(self, theta: Array, X: Array, Y: Array, weights: Array | None = None) -> tuple[float, Array]:
        """Return the cost on any data, such as the validation part, and the outputs it was computed from."""

    def gradients(self, theta: Array, X: Array, Y: Array, weights: Array | None = None) -> tuple[float, Array]:
        """Return cost and flat gradient (n_params,) of cost plus penalty, without dropout and clipping."""

    def run(
        self, state: State, order: Array, eta: Array, batch_size: int, factors: Factors = CONSTANT
    ) -> tuple[State, Records]:
        """Take one step per minibatch of `order` (n_epochs, n_samples) at the learning rates `eta` (n_steps,).

        `factors` are those on dropout and weight decay, as `eta` one for each step.
        """


def find_nonfinite(array: Array) -> int | None:
    """Return the column of the first entry that is not finite, or None where all are."""
    bad = ~np.isfinite(array)
    if not bad.any():
        return None
    return int(np.argwhere(bad)[0][-1])
