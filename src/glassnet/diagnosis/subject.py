"""`Subject`: what the rules look at, computed once: a network, rows, outputs, gradients, and how it was trained."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from glassnet.core.backward import Gradients, backward
from glassnet.core.catalog.costs import Cost, losses_of_trace
from glassnet.core.forward import Trace, forward
from glassnet.core.network import Network
from glassnet.data.table import Table
from glassnet.diagnosis.steps import Steps
from glassnet.engines.statistics import Statistics, activity, largest_slope, slopes_of, statistics_of
from glassnet.estimators.judging.simple_models import FOLDS, MOST_INPUTS, cross_validated, fitted_outputs
from glassnet.training.history import History
from glassnet.typing import Array

JUDGED = {"half_squared_error", "squared_error", "huber", "absolute_error", "binary_cross_entropy", "cross_entropy"}
"""Costs of which a linear model's outputs have a fair one, too."""


@dataclass(frozen=True)
class Settings:
    """The parameters of an estimator.

    Attributes
    ----------
    given : dict of str to value
        As the user gave them.
    used : dict of str to value
        With what stands for "auto".
    defaults : dict of str to value
    """

    given: Mapping[str, Any]
    used: Mapping[str, Any]
    defaults: Mapping[str, Any]


@dataclass(frozen=True)
class Training:
    """How a network was trained: the settings that rules ask for, with the words of its interface.

    Attributes
    ----------
    history : History or None
    epochs : int
        Number of epochs that were allowed.
    learning_rate : float or None
    solver : str
    shuffles : bool
        Whether the rows were shuffled before each epoch.
    chooses_epoch : bool
        Whether the parameters are those of the best epoch on validation rows.
    weighs_classes : bool
        Whether rare classes got more weight.
    n_rows : int
        Number of rows, before some of many are chosen to be looked at; 0 if unknown.
    settings : Settings or None
        The parameters, which remedies change; None for a bare network.
    steps : Steps or None
        How the steps were taken, if that is known.
    """

    history: History | None = None
    epochs: int = 0
    learning_rate: float | None = None
    solver: str = ""
    shuffles: bool = True
    chooses_epoch: bool = False
    weighs_classes: bool = False
    n_rows: int = 0
    settings: Settings | None = None
    steps: Steps | None = None

    @property
    def settings_are_ours(self) -> bool:
        """Whether the settings are those of an estimator of this library."""
        return self.settings is not None and "preset" in self.settings.given


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows with their targets, as the network sees them and as the user does.

    Attributes
    ----------
    A0 : array of shape (n_rows, n_inputs)
    Y : array of shape (n_rows, n_out)
    table : Table or None
        The columns that the network uses, if they have names.
    target : array of shape (n_rows,), (n_rows, n_targets) or None
        Classes or quantities of the user.
    numbers : array of shape (n_rows,) or None
        The numbers of the rows in the user's data, if they are only some of those.
    """

    A0: Array
    Y: Array
    table: Table | None = None
    target: Array | None = None
    numbers: Array | None = None

    def __len__(self) -> int:
        return len(self.A0)

    def part(self, places: Array) -> "Rows":
        """Return some of the rows, which keep their numbers."""
        return Rows(
            self.A0[places],
            self.Y[places],
            None if self.table is None else self.table.take(places),
            None if self.target is None else self.target[places],
            places if self.numbers is None else self.numbers[places],
        )

    def numbered(self, places: Array) -> list[int]:
        """Return the numbers of some rows in the user's data, from 0."""
        return list((places if self.numbers is None else self.numbers[places]).tolist())


@dataclass(frozen=True, eq=False)
class Subject:
    """A network, the rows that it was trained on, and what else is known.

    Attributes
    ----------
    network : Network
        In float64.
    cost : Cost
    rows : Rows
        The rows to judge by, which should be those of training.
    new_rows : Rows or None
        Rows that it was not trained on.
    task : {"binary", "multiclass", "multilabel", "regression"}
    classes : tuple
        Empty for quantities.
    input_names : tuple of str
    training : Training
    out_of_fold : array of shape (n_rows, n_classes) or None
        Predictions of each row by networks that were not trained on it.
    observed : Statistics or None
        The statistics of the layers over the rows, if an engine has computed them during training.
    """

    network: Network
    cost: Cost
    rows: Rows
    new_rows: Rows | None
    task: str
    classes: tuple[Any, ...]
    input_names: tuple[str, ...]
    training: Training
    out_of_fold: Array | None = None
    observed: Statistics | None = None

    @cached_property
    def trace(self) -> Trace:
        """The forward pass of the rows."""
        return forward(self.network, self.rows.A0)

    @cached_property
    def gradients(self) -> Gradients:
        """The backward pass of the rows."""
        return backward(self.network, self.trace, self.rows.Y, cost=self.cost)

    @cached_property
    def statistics(self) -> Statistics:
        """The statistics of the layers over the rows."""
        if self.observed is not None:
            return self.observed
        trace, grads = self.trace, self.gradients
        activities = [
            activity(slopes_of(sigma, trace.Z[l], trace.F[l]), largest_slope(sigma), trace.A[l], grads.delta[l])
            for l, sigma in self.network.activation.items()
        ]
        return statistics_of(self.network, float(np.mean(self.losses)), activities, grads.grad, None)

    @cached_property
    def gradient_norms(self) -> Array:
        """The length of each row's gradient by the weights and biases of the layers, (n_rows,).

        The gradient of a layer is the product of its error signal with its incoming activations and 1.
        """
        squares = np.zeros(len(self.rows))
        for l in range(1, self.network.n_layers + 1):
            incoming = np.sum(np.square(self.trace.A[l - 1]), axis=1) + (self.network.b[l] is not None)
            squares += np.sum(np.square(self.gradients.delta[l]), axis=1) * incoming
        return np.asarray(np.sqrt(squares))

    @cached_property
    def losses(self) -> Array:
        """The loss of each row, (n_rows,)."""
        return self._losses(self.trace, self.rows.Y)

    @cached_property
    def new_trace(self) -> Trace | None:
        """The forward pass of the new rows."""
        if self.new_rows is None:
            return None
        return forward(self.network, self.new_rows.A0)

    @cached_property
    def new_losses(self) -> Array | None:
        """The loss of each new row."""
        if self.new_rows is None or self.new_trace is None:
            return None
        return self._losses(self.new_trace, self.new_rows.Y)

    def losses_of_constant(self, rows: Rows) -> Array:
        """Return the loss of each row for the best constant outputs, as learned from the training rows.

        These are the means of the targets, which are the shares of classes.
        """
        Y = self.rows.Y
        mean = np.clip(Y.mean(axis=0), Y.min(axis=0), Y.max(axis=0))  # exact if all are the same
        constant = np.broadcast_to(mean, rows.Y.shape)
        return np.asarray(self.cost.of_outputs(constant, rows.Y).sum(axis=1))

    @property
    def has_judged_cost(self) -> bool:
        """Whether outputs that were not made by the network have a fair cost, too."""
        return self.cost.builtin_name in JUDGED

    @property
    def has_linear(self) -> bool:
        """Whether a linear model can be compared with the network."""
        return (
            self.has_judged_cost
            and self.task != "multilabel"
            and self.network.n_inputs <= MOST_INPUTS
            and len(self.rows) >= 2 * FOLDS
            and self._can_be_scaled
        )

    @cached_property
    def _can_be_scaled(self) -> bool:
        """Whether the spreads of inputs and targets can be stored, as a linear model needs them."""
        with np.errstate(all="ignore"):
            return bool(np.isfinite(self.rows.A0.std(axis=0)).all() and np.isfinite(self.rows.Y.std(axis=0)).all())

    @cached_property
    def linear(self) -> tuple[Array, Array]:
        """The loss of rows by linear models that were not trained on them, and the numbers of these rows."""
        outputs, chosen = cross_validated(self.rows.A0, self.rows.Y, self.task)
        return np.asarray(self.cost.of_outputs(outputs, self.rows.Y[chosen]).sum(axis=1)), chosen

    def new_losses_of_linear(self) -> Array:
        """Return the loss of each new row by a linear model that was trained on the rows of training."""
        assert self.new_rows is not None
        outputs = fitted_outputs(self.rows.A0, self.rows.Y, self.new_rows.A0, self.task)
        return np.asarray(self.cost.of_outputs(outputs, self.new_rows.Y).sum(axis=1))

    def _losses(self, trace: Trace, Y: Array) -> Array:
        output = self.network.activation[self.network.n_layers]
        return np.asarray(losses_of_trace(self.cost, output, trace.Z[-1], trace.A[-1], Y).sum(axis=1))

    def columns(self, rows: Rows) -> Iterator[tuple[str, Array]]:
        """Yield the columns of some rows with their names: those of the user's table, or the inputs of the network."""
        if rows.table is None:
            yield from zip(self.input_names, rows.A0.T, strict=True)
        else:
            for name in rows.table.names:
                yield name, rows.table[name]

    def hidden_layers(self) -> Sequence[int]:
        """Return the indices of the hidden layers."""
        return range(1, self.network.n_layers)
