"""`out_of_fold`: cross-validated predictions of every row."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import check_consistent_length

from glassnet.errors import ParameterError, TrainingInterrupted
from glassnet.estimators.base import GlassEstimator
from glassnet.estimators.inputs import n_rows, read_X, read_y, take
from glassnet.settings.kinds import WHOLE
from glassnet.typing import Array


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """Predictions of every row by networks trained without it.

    Attributes
    ----------
    predictions : array (n_rows, n_classes), (n_rows, n_labels) or (n_rows, n_targets)
        Probabilities in the order of `classes`, or values in the user's units. Means over the repeats.
    classes : array (n_classes,) or None
        The sorted class labels; for multilabel targets the column numbers; None for quantities.
    fold : array (n_rows,)
        The fold of each row, from 0, in the first repeat.
    n_folds, n_repeats : int
    """

    predictions: Array
    classes: Array | None
    fold: Array
    n_folds: int
    n_repeats: int

    def __repr__(self) -> str:
        rows, columns = self.predictions.shape
        what = "values" if self.classes is None else "probabilities"
        return f"OutOfFold: {rows} x {columns} {what} by {self.n_folds * self.n_repeats} refits"


def out_of_fold(estimator: Any, X: Any, y: Any, *, folds: int = 5, repeats: int = 1, seed: int = 0) -> OutOfFold:
    r"""Predict every row with a network trained without it.

    This is stratified cross-validation: for each fold, a clone of the estimator is fitted to the other folds and
    predicts this one.

    Parameters
    ----------
    estimator : GlassClassifier or GlassRegressor
        The estimator to clone; it need not be fitted and is not changed.
    X : table
        Input rows, as in `fit`.
    y : array of shape (n_rows,) or (n_rows, n_targets)
        Target, as in `fit`; it may contain label errors.
    folds : int
        Number of folds, at least 2; more folds train on more rows and take longer.
    repeats : int
        Number of repetitions with other folds and initial weights; their mean has less variance.
    seed : int
        Seed of folds and refits; it replaces the estimator's ``random_state``.

    Returns
    -------
    OutOfFold
        ``.predictions``, ``.classes``, ``.fold``; `glassnet.blame` uses it to rank rows.

    Raises
    ------
    ParameterError
        If there are fewer rows than folds, or a class has a single row.
    KeyboardInterrupt
        On Ctrl-C; no predictions are kept.

    Examples
    --------
    >>> import glassnet as gn
    >>> X, y = [[0.0], [0.1], [0.9], [1.0]] * 5, ["no", "no", "yes", "yes"] * 5
    >>> unseen = gn.out_of_fold(gn.GlassClassifier((4,), learning_rate_init=0.05, max_iter=50), X, y)
    >>> unseen
    OutOfFold: 20 x 2 probabilities by 5 refits
    >>> bool((unseen.predictions[:, 1] > 0.5).tolist() == [label == "yes" for label in y])
    True
    """
    if not isinstance(estimator, GlassEstimator):
        raise ParameterError(
            f"estimator is a {type(estimator).__name__}, but a GlassClassifier or GlassRegressor was expected."
        )
    inputs = read_X(clone(estimator), X, reset=True)
    target = read_y(y, multi_output=estimator._multi_output)
    check_consistent_length(np.empty(n_rows(inputs)), target)
    n_repeats = WHOLE.check("repeats", repeats)
    is_classifier, is_multilabel = hasattr(estimator, "predict_proba"), target.ndim == 2
    classes = np.unique(target) if is_classifier and not is_multilabel else None
    check_folds(len(target), target, classes, WHOLE.check("folds", folds))
    rng = np.random.default_rng(seed)
    total: Array = 0.0
    parts = [deal(target, classes, folds, rng) for _ in range(n_repeats)]
    for fold in parts:
        total = total + _one_repeat(estimator, inputs, target, classes, fold, rng)
    if is_classifier and is_multilabel:
        classes = np.arange(target.shape[1])
    return OutOfFold(total / n_repeats, classes, parts[0], folds, n_repeats)


def check_folds(n: int, target: Array, classes: Array | None, folds: int) -> None:
    """Raise if there are fewer rows than folds, or a class has a single row."""
    if not 2 <= folds <= n:
        raise ParameterError(f"folds={folds} must be from 2 to the number of rows, {n}; 5 is usual.")
    if classes is None:
        return
    for label in classes.tolist():
        if (target == label).sum() < 2:
            raise ParameterError(
                f"class {label!r} has only one row, so no network trained without it knows the class; leave the row "
                "out."
            )


def deal(target: Array, classes: Array | None, folds: int, rng: np.random.Generator) -> Array:
    """Return the fold of each row, stratified: folds are assigned in turn to the rows sorted by class."""
    order = rng.permutation(len(target))
    if classes is not None:
        order = order[np.argsort(np.searchsorted(classes, target[order]), kind="stable")]
    fold = np.empty(len(target), dtype=np.int64)
    fold[order] = np.arange(len(target)) % folds
    return fold


def _one_repeat(
    estimator: Any, inputs: Any, target: Array, classes: Array | None, fold: Array, rng: np.random.Generator
) -> Array:
    predictions: Array = None
    for part in range(int(fold.max()) + 1):
        inside, outside = np.flatnonzero(fold != part), np.flatnonzero(fold == part)
        model = clone(estimator).set_params(random_state=int(rng.integers(1 << 31)))
        _fit(model, take(inputs, inside), target[inside])
        answer = model.predict_proba if hasattr(model, "predict_proba") else model.predict
        found = answer(take(inputs, outside))
        found = found.reshape(len(outside), -1)
        if predictions is None:
            n_columns = found.shape[1] if classes is None else len(classes)
            predictions = np.zeros((len(target), n_columns))
        columns = np.arange(found.shape[1]) if classes is None else np.searchsorted(classes, model.classes_)
        predictions[np.ix_(outside, columns)] = found
    return predictions


def _fit(model: Any, X: Any, y: Array) -> None:
    try:
        model.fit(X, y)
    except TrainingInterrupted:  # its partial result is only one of the refits
        raise KeyboardInterrupt from None
