"""Predictions and truth of a fitted estimator, the basis of the evaluation charts."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.data.typed_values import plain
from glassnet.errors import DataError, ParameterError, ShapeError
from glassnet.typing import Array


@dataclass(frozen=True, eq=False)
class PredictedClasses:
    """True and predicted classes.

    Attributes
    ----------
    classes : tuple
        The model's classes, in its order.
    truth, prediction : tuple
        One label per row.
    probabilities : array of shape (n_rows, n_classes)
    """

    classes: tuple[Any, ...]
    truth: tuple[Any, ...]
    prediction: tuple[Any, ...]
    probabilities: Array

    def is_class(self, k: int) -> Array:
        """Return for each row whether its true class is k, (n_rows,)."""
        return np.asarray([label == self.classes[k] for label in self.truth])


def predicted_classes(model: Any, X: Any, y: Any, what: str) -> PredictedClasses:
    """Return a classifier's predictions for X with the truth y; `what` names the chart in errors."""
    if check_one_class(model, what).target_encoder_.classes is None:
        raise ParameterError(
            f"{what} requires a classifier, but this {type(model).__name__} predicts quantities; try residuals(...)."
        )
    truth = tuple(plain(label) for label in np.asarray(y).ravel().tolist())
    probabilities = model.predict_proba(X)  # (n_rows, n_classes)
    _check_rows(len(truth), len(probabilities))
    return PredictedClasses(
        tuple(model.classes_.tolist()), truth, tuple(model.predict(X).tolist()), np.asarray(probabilities)
    )


@dataclass(frozen=True, eq=False)
class PredictedQuantities:
    """True and predicted quantities, in the user's units.

    Attributes
    ----------
    names : tuple of str
        Names of the targets.
    truth, prediction : arrays of shape (n_rows, n_targets)
    """

    names: tuple[str, ...]
    truth: Array
    prediction: Array


def predicted_quantities(model: Any, X: Any, y: Any, what: str) -> PredictedQuantities:
    """Return what a regressor predicts for X beside the truth y."""
    _check_fitted(model, what)
    if model.target_encoder_.classes is not None:
        raise ParameterError(
            f"{what} require a regressor, but this {type(model).__name__} predicts classes; try confusion_matrix(...)."
        )
    truth = np.asarray(y, dtype=np.float64)
    truth = truth[:, None] if truth.ndim == 1 else truth  # (n_rows, n_targets)
    prediction = np.asarray(model.predict(X), dtype=np.float64).reshape(-1, truth.shape[1])
    _check_rows(len(truth), len(prediction))
    name = getattr(model, "target_name_", None)
    names = (name,) if isinstance(name, str) and truth.shape[1] == 1 else model.target_encoder_.names
    return PredictedQuantities(tuple(names), truth, prediction)


def _check_fitted(model: Any, what: str) -> None:
    from glassnet.estimators.checks import check_fitted  # brings scikit-learn along

    check_fitted(model, f"{what} needs a GlassClassifier or GlassRegressor; fit one first")


def check_one_class(model: Any, what: str) -> Any:
    """Return the fitted model, or say that a chart needs rows of one class each."""
    _check_fitted(model, what)
    if model.target_encoder_.task == "multilabel":
        raise ParameterError(
            f"{what} requires one class per row, but this model predicts several labels; try a classifier "
            f"of a single label."
        )
    return model


def _check_rows(n_truth: int, n_rows: int) -> None:
    if n_truth != n_rows:
        raise ShapeError(f"y has {n_truth} values, but X has {n_rows} rows; pass one for each row.")
    if n_rows == 0:
        raise DataError("X has no rows, so there is nothing to draw; pass some.")
