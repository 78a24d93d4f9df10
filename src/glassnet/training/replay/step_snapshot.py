"""`StepSnapshot`: the network between two steps, and all numbers of the next step."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from glassnet.core.backward import Gradients
from glassnet.core.catalog.solvers import Solver
from glassnet.core.forward import Trace
from glassnet.core.network import Network
from glassnet.engines.base import Engine, Factors, State, Sums
from glassnet.engines.reference import ReferenceEngine
from glassnet.training.samples import Data
from glassnet.typing import Array


@dataclass(frozen=True, eq=False)
class Readers:
    """The sources of a step's numbers: the data in the run's precision, core, and the engine of the run."""

    data: Data
    core: ReferenceEngine
    engine: Engine


@dataclass(frozen=True, eq=False)
class StepSnapshot:
    """A run, opened between two of its steps.

    Attributes
    ----------
    step : int
        Steps taken so far, as in ``state.step`` and ``history.divergence.step``.
    epoch, step_of_epoch : int
        Epoch, and number of its finished steps; epoch 0 is the start.
    network : Network
        The network at this step.
    state : State
        Its parameters with the optimizer's memory; ``gn.train(..., state=snapshot.state)`` continues from here.
    rows : array of shape (n_batch,)
        The minibatch of the next step, as rows of X.
    learning_rate : float
        Learning rate of the next step.
    factors : Factors
        Factors on the run's dropout rates and weight decay in the next step: see `dropout` and `solver`.
    is_end : bool
        Whether the run ended here; rows, learning rate and factors then belong to the step that would have followed.

    Examples
    --------
    >>> import glassnet as gn
    >>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [1]]
    >>> net = gn.Network.create([2, 1], seed=0)
    >>> result = gn.train(net, X, Y, cost="binary_cross_entropy", solver="gd", learning_rate=0.5, epochs=9)
    >>> opened = result.at(epoch=3)
    >>> opened
    after step 3: epoch 3, 1 of its 1 steps; next: 4 rows at learning rate 0.5, cost 0.553719, gradient norm 0.274413
    >>> bool(np.allclose(result.at(epoch=4).network.theta, opened.network.theta - 0.5 * opened.grad))
    True
    """

    step: int
    epoch: int
    step_of_epoch: int
    network: Network
    state: State
    rows: Array
    learning_rate: float
    factors: Factors = field(repr=False)
    is_end: bool
    steps_per_epoch: int = field(repr=False)
    readers: Readers = field(repr=False)

    @property
    def X(self) -> Array:
        """The minibatch's inputs, (n_batch, n_features), in the run's precision."""
        X = self.readers.data.X[self.rows]
        return X.toarray() if hasattr(X, "toarray") else X

    @property
    def Y(self) -> Array:
        """The minibatch's targets, (n_batch, n_out)."""
        return self.readers.data.Y[self.rows]

    @property
    def dropout(self) -> tuple[float, ...]:
        """The dropout rate of each hidden layer in the next step."""
        return tuple(rate * float(self.factors.dropout) for rate in self.readers.core.problem.dropout)

    @property
    def solver(self) -> Solver:
        """The run's solver, with the weight decay of this step, if any."""
        solver = self.readers.core.problem.solver
        if "weight_decay" not in solver.parameters:
            return solver
        decay = solver.parameters["weight_decay"] * float(self.factors.decay)
        return replace(solver, parameters={**solver.parameters, "weight_decay": decay})

    @cached_property
    def _passes(self) -> tuple[Trace, Gradients]:
        with np.errstate(all="ignore"):  # a diverging step can be inspected, too
            return self.readers.core.passes(self.state, self.rows, self.factors)

    @property
    def trace(self) -> Trace:
        """The minibatch's forward pass with dropout, by `glassnet.core`."""
        return self._passes[0]

    @property
    def gradients(self) -> Gradients:
        """The minibatch's backward pass by `glassnet.core`: delta, dW and db of the cost, without the penalty."""
        return self._passes[1]

    @cached_property
    def _sums(self) -> Sums:
        return self.readers.engine.accumulate(self.state, self.rows, self.factors)

    @cached_property
    def _finished(self) -> tuple[Array, float]:
        return self.readers.engine.finished(self.state, self._sums)

    @property
    def grad(self) -> Array:
        """The flat gradient (n_params,) used by the optimizer, after penalty and clipping, 0 where frozen.

        Bit-identical to the engine's. `gradients` are too with ``engine="reference"``, else they agree up to rounding.
        """
        return self._finished[0]

    @property
    def cost(self) -> float:
        """The minibatch's cost, as the engine computed it."""
        return float(self._sums.cost / self._sums.n_rows)

    @property
    def gradient_norm(self) -> float:
        """The norm of the gradient before clipping; the history has its mean per epoch."""
        return self._finished[1]

    @property
    def data(self) -> Data:
        """All samples, targets and weights of the run."""
        return self.readers.data

    def __repr__(self) -> str:
        return (
            f"after step {self.step}: epoch {self.epoch}, {self.step_of_epoch} of its {self.steps_per_epoch} steps; "
            f"{'the run ended here' if self.is_end else 'next'}: {len(self.rows)} rows at learning rate "
            f"{self.learning_rate:g}, cost {self.cost:g}, gradient norm {self.gradient_norm:g}"
        )
