"""`Predictor`: fast predictions of single rows, with the schema prepared once."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet.data.encoding.categorical import LevelsStep
from glassnet.data.encoding.numeric import NumberStep
from glassnet.engines.registry import row_forward_of
from glassnet.errors import ColumnError, ParameterError, ShapeError
from glassnet.estimators.predicting.ensemble import mean_of
from glassnet.typing import Array

_DOUBLE = np.dtype(np.float64)


class Predictor:
    """Predicts single rows in a few microseconds, bit-identical to the fitted model.

    With an activation of your own, which is not compiled, a row takes as long as with `predict`.

    Created by ``model.predictor()``. It is not thread-safe, so each thread needs its own.

    Examples
    --------
    >>> from glassnet import GlassClassifier
    >>> X, y = [[0.0, 1.0], [1.0, 0.0], [0.1, 0.9], [0.9, 0.2]], ["low", "high", "low", "high"]
    >>> model = GlassClassifier(random_state=0).fit(X, y)
    >>> one = model.predictor()
    >>> one.predict([0.05, 0.95]) == model.predict([[0.05, 0.95]])[0]
    True
    """

    def __init__(self, estimator: Any) -> None:
        self._estimator = estimator
        networks = [network.astype("float64") for network in estimator.networks_]
        network = networks[0]
        steps = estimator.encoder_.steps
        other = [step.name for step in steps if not isinstance(step, (NumberStep, LevelsStep))]
        if other:
            raise ColumnError(
                f"predictor() takes numbers and categories, but column {other[0]!r} has dates; use predict, or fit "
                f"with the parts of the date as separate columns."
            )
        self.names: tuple[str, ...] = tuple(step.name for step in steps)
        self._levels = [
            (k, {level: float(place) for place, level in enumerate(step.levels)},
             float(len(step.levels)) if step.has_other else -1.0)
            for k, step in enumerate(steps) if isinstance(step, LevelsStep)
        ]  # fmt: skip
        self._markers = () if estimator.schema_ is None else frozenset(estimator.schema_.missing_markers)
        self._shape = (len(steps),)
        self._forwards = [row_forward_of(each, *estimator.encoder_.as_arrays) or _no_forward for each in networks]
        target = estimator.target_encoder_
        self._classes = target.classes
        self._is_binary, self._is_multilabel = target.task == "binary", target.task == "multilabel"
        self._inverse = target.inverse
        self._threshold = target.threshold
        self._n_outputs = network.sizes[-1] + self._is_binary

    def predict(self, row: Any) -> Any:
        """Return the predicted class or quantity of one row, or the indicators (n_labels,) of multilabel targets.

        Parameters
        ----------
        row : array of shape (n_columns,), list or dict
            The values of the model's columns, in order or by name; None or NaN for missing values.
        """
        A = self._outputs(row)
        if self._classes is None or self._is_multilabel:
            return self._inverse(A[None, :])[0]
        return self._classes[int(A[1] >= self._threshold) if self._is_binary else int(A.argmax())]

    def predict_proba(self, row: Any) -> Array:
        """Return the probability of each class or label, (n_classes,), in the order of the model's ``classes_``."""
        if self._classes is None:
            raise ParameterError("predict_proba needs a classifier, but this model predicts a quantity; use predict.")
        return self._outputs(row)

    def _outputs(self, row: Any) -> Array:
        """Return a classifier's probabilities or a regressor's outputs."""
        raw = self._raw(row)
        if raw is None:
            return self._closely(row)
        found = []
        for forward in self._forwards:
            outputs = np.empty(self._n_outputs)
            if not forward(raw, outputs):
                return self._closely(row)
            found.append(outputs)
        A = mean_of(found)
        if self._is_binary and len(found) > 1:
            A[0] = 1.0 - A[1]  # bit-identical to predict_proba
        return A

    def _raw(self, row: Any) -> Array | None:
        """Return the row as numbers, with levels as indices; None if it needs the model's full validation."""
        if type(row) is np.ndarray and row.shape == self._shape and not self._levels:
            is_plain = row.dtype is _DOUBLE and row.flags.carray
            return row if is_plain else row.astype(np.float64) if row.dtype.kind in "fiub" else None
        values = [row.get(name) for name in self.names] if isinstance(row, Mapping) else list(row)
        if len(values) != len(self.names):
            return None
        for k, places, unknown in self._levels:
            value = values[k]
            if value is None:
                continue
            if type(value) is float and value != value:
                values[k] = None
            elif isinstance(value, (str, bool, np.bool_)):
                if value not in places and (value in self._markers or value != str(value).strip()):
                    return None  # a missing value, or a level with surrounding blanks
                values[k] = places.get(value, unknown)
            else:
                return None
        if any(isinstance(value, str) for value in values):
            return None
        return np.asarray([np.nan if value is None else value for value in values], dtype=np.float64)

    def _closely(self, row: Any) -> Array:
        """Predict with the model itself, which handles or rejects unusual values."""
        if isinstance(row, Mapping):
            return self._answer({name: [value] for name, value in row.items()})
        values = np.asarray(row, dtype=object if self._levels else None)
        if values.ndim != 1:
            raise ShapeError(f"the row has shape {values.shape}, but one row was expected; try rows[0], or predict.")
        return self._answer(values[None, :])

    def _answer(self, rows: Any) -> Array:
        A = self._estimator._outputs(rows) if self._classes is None else self._estimator.predict_proba(rows)
        return np.asarray(A[0])


def _no_forward(raw: Array, outputs: Array) -> bool:
    """Leave every row to the model, as no engine predicts single rows of its network."""
    return False
