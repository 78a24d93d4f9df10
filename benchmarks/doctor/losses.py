"""Losses of rows by predictions alone: squared errors and logarithms of probabilities, apart from the library's own."""

from typing import Any

import numpy as np

from benchmarks.doctor.cases import Case, Rows

SMALLEST = 1e-12  # a probability of 0 has no logarithm


def losses(model: Any, X: Any, y: np.ndarray) -> np.ndarray:
    """Return the loss of each row: the squared error, or minus the logarithm of the probability of its class."""
    if not hasattr(model, "predict_proba"):
        return (np.asarray(model.predict(X), dtype=np.float64).ravel() - y) ** 2
    places = np.searchsorted(model.classes_, y)
    return -np.log(np.maximum(model.predict_proba(X)[np.arange(len(y)), places], SMALLEST))


def fresh_losses(case: Case) -> np.ndarray:
    """Return the loss of each fresh row."""
    return losses(case.model, case.rows.X_fresh, case.rows.y_fresh)


def constant_losses(rows: Rows) -> np.ndarray:
    """Return the loss of each fresh row by the mean, or the shares of classes, of the training rows."""
    if rows.is_regression:
        return (rows.y_fresh - rows.y.mean()) ** 2
    names, counts = np.unique(rows.y, return_counts=True)
    return -np.log((counts / counts.sum())[np.searchsorted(names, rows.y_fresh)])


def linear_losses(rows: Rows) -> np.ndarray:
    """Return the loss of each fresh row by a linear model of the scaled training rows."""
    from sklearn.linear_model import LogisticRegression, RidgeCV

    from benchmarks.doctor.cases import numeric

    known = numeric(rows)
    model = RidgeCV(np.logspace(-2, 4, 13)) if rows.is_regression else LogisticRegression(max_iter=200)
    found = losses(model.fit(known.X, known.y), known.X_fresh, known.y_fresh)
    return found * rows.y.var() if rows.is_regression else found
