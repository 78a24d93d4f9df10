"""Fitted estimators and plain networks in one form."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from glassnet.core.catalog.costs import Cost
from glassnet.core.network import Network
from glassnet.data.encoding.target_encoder import refuse_odd_outputs
from glassnet.data.table import Table
from glassnet.data.typed_values import plain
from glassnet.errors import DataError
from glassnet.estimators.predicting.outputs import outputs
from glassnet.explanation.blame.blame import blame
from glassnet.explanation.blame.result import Blame
from glassnet.explanation.subject.from_estimator import output_names
from glassnet.typing import Array


class Model(Protocol):
    """A model whose rows are a `Table` with columns in the user's units."""

    @property
    def network(self) -> Network:
        """The network that answers."""

    @property
    def classes(self) -> tuple[Any, ...] | None:
        """The classes, of which each row has one; None for quantities and for several labels."""

    @property
    def has_labels(self) -> bool:
        """Whether a row can have several labels."""

    @property
    def output_names(self) -> tuple[str, ...]:
        """The classes, labels or targets by name, one per column of `outputs`."""

    def outputs(self, X: Table) -> Array:
        """Return the probabilities of the classes or labels, or the quantities in the user's units, (n_rows, n)."""

    def decided(self, outputs: Array) -> Array:
        """Return the place of the predicted class of each row, (n_rows,)."""

    def places(self, y: Array) -> Array:
        """Return the place of each row's true class, (n_rows,)."""

    def encoded(self, X: Table) -> Array:
        """Return what the network gets, (n_rows, n_inputs), in float64."""

    def targets(self, y: Array) -> Array:
        """Return what the network should answer, (n_rows, n_out), in float64."""

    def blame(self, X: Table, y: Array, cost: Cost) -> Blame:
        """Return the blame over these rows."""


@dataclass(frozen=True, eq=False)
class EstimatorModel:
    """A fitted `GlassClassifier` or `GlassRegressor`."""

    estimator: Any

    @property
    def network(self) -> Network:
        """The trained network, with the temperature that calibrates its probabilities."""
        found: Network = self.estimator.network_
        return found

    @property
    def classes(self) -> tuple[Any, ...] | None:
        """The classes, of which each row has one."""
        found = self.estimator.target_encoder_.classes
        return None if found is None or self.has_labels else tuple(found.tolist())

    @property
    def has_labels(self) -> bool:
        """Whether a row can have several labels."""
        return bool(self.estimator.target_encoder_.task == "multilabel")

    @property
    def output_names(self) -> tuple[str, ...]:
        """The classes, labels or targets."""
        encoder = self.estimator.target_encoder_
        if encoder.task == "binary":
            return tuple(encoder.names)
        return output_names(encoder, getattr(self.estimator, "target_name_", None))

    def outputs(self, X: Table) -> Array:
        """Return what the estimator predicts."""
        is_classifier = self.estimator.target_encoder_.classes is not None
        found = self.estimator.predict_proba(X) if is_classifier else self.estimator.predict(X)
        return np.asarray(found, dtype=np.float64).reshape(X.n_rows, -1)

    def decided(self, outputs: Array) -> Array:
        """Return the class that `predict` chooses, with its threshold."""
        encoder = self.estimator.target_encoder_
        return outputs[:, 1] >= encoder.threshold if encoder.task == "binary" else outputs.argmax(axis=1)

    def places(self, y: Array) -> Array:
        """Return the place of each label among the classes."""
        at = {label: k for k, label in enumerate(self.classes or ())}
        found = [at.get(plain(label)) for label in y.tolist()]
        if None in found:
            raise DataError(
                f"the class {y.tolist()[found.index(None)]!r} was not among the rows of training; leave its rows out."
            )
        return np.asarray(found)

    def encoded(self, X: Table) -> Array:
        """Return the encoded rows."""
        A0 = self.estimator.encode(X)
        return np.asarray(A0.toarray() if hasattr(A0, "toarray") else A0, dtype=np.float64)

    def targets(self, y: Array) -> Array:
        """Return the encoded targets, without label smoothing."""
        return np.asarray(self.estimator.target_encoder_.transform(y), dtype=np.float64)

    def blame(self, X: Table, y: Array, cost: Cost) -> Blame:
        """Return the blame in the columns and classes of the table."""
        return blame(self.estimator, X, y, cost=cost)


@dataclass(frozen=True, eq=False)
class NetworkModel:
    """A network without an encoder: its inputs are the columns, its targets numbers.

    Its outputs are classes if they lie between 0 and 1 and the targets of all rows are 0 and 1: one output for the
    classes 0 and 1, several with exactly one 1 in each row.
    """

    network: Network
    names: tuple[str, ...]
    Y: Array

    has_labels = False

    @cached_property
    def classes(self) -> tuple[Any, ...] | None:
        """The classes 0 and 1, or the names of the outputs."""
        between = self.network.activation[self.network.n_layers].range == (0.0, 1.0)
        if not between or not np.isin(self.Y, (0.0, 1.0)).all():
            return None
        if len(self.names) == 1:
            return (0, 1)
        return self.names if (self.Y.sum(axis=1) == 1).all() else None

    @property
    def output_names(self) -> tuple[str, ...]:
        """The classes, or the names of the outputs."""
        return self.names if self.classes is None else tuple(str(label) for label in self.classes)

    def outputs(self, X: Table) -> Array:
        """Return the outputs of the network, of a single one also the probability of the class 0."""
        _, A = outputs(self.network, self.encoded(X))
        refuse_odd_outputs(A)
        return np.hstack([1.0 - A, A]) if self.classes == (0, 1) else A

    def decided(self, outputs: Array) -> Array:
        """Return the most probable class; 1 at one half."""
        return outputs[:, 1] >= 0.5 if len(self.names) == 1 else outputs.argmax(axis=1)

    def places(self, y: Array) -> Array:
        """Return the place of the 1 in each row's target."""
        return y[:, 0].astype(np.intp) if len(self.names) == 1 else y.argmax(axis=1)

    def encoded(self, X: Table) -> Array:
        """Return the columns as a matrix."""
        return np.column_stack([np.asarray(X[name], dtype=np.float64) for name in X.names])

    def targets(self, y: Array) -> Array:
        """Return the targets as they are."""
        return np.asarray(y, dtype=np.float64)

    def blame(self, X: Table, y: Array, cost: Cost) -> Blame:
        """Return the blame of the inputs, under their names in the table, and of the rows."""
        found = blame(self.network, self.encoded(X), y, cost=cost)
        names = {f"x{k}": name for k, name in enumerate(X.names, start=1)}
        return replace(found, columns=tuple(replace(each, column=names[each.column]) for each in found.columns))
