"""Scores of predictions, in the user's units."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.data.columns.column import Column, labels_of
from glassnet.data.columns.schema_validation import as_kind
from glassnet.data.table import Table
from glassnet.data.type_inference import is_missing
from glassnet.errors import DataError, ParameterError
from glassnet.typing import Array

SMALLEST = float(np.finfo(np.float64).eps)  # the log loss of a class with probability 0 is -log of this, 36

ROWS_AT_A_TIME = 1 << 16


@dataclass(frozen=True, eq=False)
class Observed:
    """The target of new data in the model's classes or units, and the positions of the labeled rows."""

    values: Array
    rows: Array


def observed(model: Any, table: Table, target: str) -> Observed:
    """Return the values of the column `target` in the labeled rows.

    Whole numbers, True/False and text are converted to the type of the model's classes. Rows of unknown classes are
    included; their predictions are always wrong.

    Examples
    --------
    >>> from glassnet.data.reading.tabular import table_from
    >>> clf = gn.GlassClassifier((2,), max_iter=1, random_state=0).fit([[0.0], [1.0]], ["01", "2"])
    >>> observed(clf, table_from({"y": ["01", None, "01"]}), "y").values.tolist()
    ['01', '01']
    """
    encoder = model.target_encoder_
    if encoder.n_dimensions == 2:
        raise ParameterError(
            f"this model predicts {encoder.n_out} columns at once ({', '.join(encoder.names[:6])}), so the column "
            f"{target!r} alone cannot judge it; use model.score(X, y) in Python."
        )
    values = table[target]
    rows = np.flatnonzero(~is_missing(values))
    if len(rows) == 0:
        raise DataError(
            f"column {target!r} has no value in any row, so there is nothing to compare with; name another."
        )
    found = as_kind(values, target_column(model, target), table.rows)[rows]
    return Observed(found if encoder.classes is None else _typed(found, encoder.classes), rows)


def _typed(labels: Array, classes: Any) -> Array:
    """Return numbers and True/False as an array of their own type, which estimators take, if all labels have it."""
    typed, kind = np.asarray(labels.tolist()), np.asarray(classes).dtype.kind
    return typed if typed.dtype.kind == kind and kind in "biuf" else labels


def target_column(model: Any, target: str) -> Column:
    """Return the target as the column that new data must have."""
    classes = model.target_encoder_.classes
    return Column(target, "numeric", 0.0, 0) if classes is None else labels_of(target, classes)


def predicted(model: Any, inputs: Table) -> tuple[Array, Array | None]:
    """Return the predictions of these rows and, for classes, the probabilities (n_rows, n_classes).

    Only some rows are encoded at a time; a row's prediction does not depend on the others.
    """
    if inputs.n_rows > ROWS_AT_A_TIME:
        starts = range(0, inputs.n_rows, ROWS_AT_A_TIME)
        parts = [predicted(model, inputs.between(start, start + ROWS_AT_A_TIME)) for start in starts]
        probabilities = [found for _, found in parts if found is not None]
        return np.concatenate([found for found, _ in parts]), np.concatenate(probabilities) if probabilities else None
    probability = None if model.target_encoder_.classes is None else model.predict_proba(inputs)
    return model.predict(inputs), probability


def score(truth: Array, prediction: Array, probabilities: Array | None, classes: Array | None) -> dict[str, float]:
    """Return accuracy and log loss for classes; RMSE, MAE and R² for quantities.

    Parameters
    ----------
    truth, prediction : arrays of shape (n_rows,)
    probabilities : array of shape (n_rows, n_classes) or None
    classes : array of shape (n_classes,) or None
        None for quantities.

    Examples
    --------
    >>> score(np.asarray([1.0, 3.0]), np.asarray([1.0, 2.0]), None, None)
    {'rmse': 0.7071067811865476, 'mae': 0.5, 'r2': 0.5}
    """
    if classes is None or probabilities is None:
        return _of_quantities(np.asarray(truth, dtype=np.float64), np.asarray(prediction, dtype=np.float64))
    listed = classes.tolist()
    of_truth = [listed.index(label) if label in listed else -1 for label in truth.tolist()]
    right = [label == guess for label, guess in zip(truth.tolist(), prediction.tolist(), strict=True)]
    p = np.asarray([row[k] if k >= 0 else 0.0 for row, k in zip(probabilities, of_truth, strict=True)])
    return {"accuracy": float(np.mean(right)), "log_loss": float(-np.mean(np.log(np.clip(p, SMALLEST, 1.0))))}


def _of_quantities(truth: Array, prediction: Array) -> dict[str, float]:
    errors = prediction - truth
    squares, spread = float(np.sum(errors**2)), float(np.sum((truth - truth.mean()) ** 2))
    return {
        "rmse": float(np.sqrt(np.mean(errors**2))),
        "mae": float(np.mean(np.abs(errors))),
        "r2": 1.0 - squares / spread if spread > 0 else float("nan"),  # undefined for a constant target
    }


def confusion(truth: Sequence[Any], prediction: Sequence[Any]) -> tuple[list[Any], list[list[int]]]:
    """Return the classes and the confusion matrix, with true classes as rows.

    >>> confusion(["a", "a", "b"], ["a", "b", "b"])
    (['a', 'b'], [[1, 1], [0, 1]])
    """
    from glassnet.data.typed_values import sort_key

    classes = sorted({*truth, *prediction}, key=sort_key)
    at = {label: k for k, label in enumerate(classes)}
    counts = np.zeros((len(classes), len(classes)), dtype=np.int64)
    np.add.at(counts, ([at[label] for label in truth], [at[label] for label in prediction]), 1)
    return classes, counts.tolist()
