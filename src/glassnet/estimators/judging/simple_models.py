"""Simple models beside a network, judged on rows they were not fitted to: a linear model, a tree on one column."""

import warnings
from typing import Any

import numpy as np

from glassnet.typing import Array

FOLDS = 5
MOST_ROWS = 3000  # so that the linear model takes a second at most
MOST_INPUTS = 2000
FARTHEST = 1e100  # spreads from the center, so that the outputs for new rows can be stored
SMALLEST = 1e-12  # a probability of 0 has no logarithm


def cross_validated(A0: Array, Y: Array, task: str) -> tuple[Array, Array]:
    """Return outputs of linear models for rows that they were not trained on, and the numbers of these rows.

    >>> X = np.arange(40.0)[:, None]
    >>> outputs, rows = cross_validated(X, 2 * X, "regression")
    >>> len(rows), bool(np.abs(outputs - 2 * X[rows]).max() < 5)
    (40, True)
    """
    rng = np.random.default_rng(0)
    chosen = np.sort(rng.permutation(len(A0))[:MOST_ROWS])
    fold = rng.permutation(len(chosen)) % FOLDS
    outputs = np.empty((len(chosen), Y.shape[1]))
    for k in range(FOLDS):
        inside, outside = chosen[fold != k], chosen[fold == k]
        outputs[fold == k] = fitted_outputs(A0[inside], Y[inside], A0[outside], task)
    return outputs, chosen


def fitted_outputs(A0: Array, Y: Array, new: Array, task: str) -> Array:
    """Return the outputs of a linear model for new rows, in the form of the network's outputs."""
    chosen = np.random.default_rng(0).permutation(len(A0))[:MOST_ROWS]
    A0, Y = A0[chosen], Y[chosen]
    center, spread = A0.mean(axis=0), A0.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    known, new = (A0 - center) / spread, np.clip((new - center) / spread, -FARTHEST, FARTHEST)
    if task == "regression":
        from sklearn.linear_model import Ridge

        return np.asarray(Ridge(alpha=1.0).fit(known, Y).predict(new)).reshape(len(new), -1)
    is_binary = Y.shape[1] == 1
    classes = np.rint(Y[:, 0] if is_binary else Y.argmax(axis=1)).astype(np.int64)
    probabilities = np.clip(_probabilities(known, classes, new, max(2, Y.shape[1])), SMALLEST, 1 - SMALLEST)
    return probabilities[:, 1:] if is_binary else probabilities


def explained_alone(values: Array, target: Array, is_quantity: bool) -> float:
    """Return how much of a target one column explains: a small tree on it, in rows that it was not fitted to.

    R² for quantities, by a straight line if that is better; for classes the share of the errors that always taking the
    most frequent one makes, and the tree does not.

    >>> explained_alone(np.arange(60.0), 3 * np.arange(60.0), True) > 0.9
    True
    """
    from sklearn.model_selection import cross_val_predict
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    column = _ranks(values)[:, None]
    if is_quantity:
        truth = np.asarray(target, dtype=np.float64)
        spread = float(np.sum((truth - truth.mean()) ** 2))
        tree = DecisionTreeRegressor(random_state=0)
        found = cross_val_predict(tree, column, truth, cv=3)
        by_tree = 1 - float(np.sum((truth - found) ** 2)) / spread if spread > 0 else 0.0
        return max(by_tree, _by_a_line(values, truth))
    _, codes, counts = np.unique(target.astype(str), return_inverse=True, return_counts=True)
    if counts.min() < 3 or len(counts) < 2:
        return 0.0
    leaves = max(8, 2 * len(counts))
    found = cross_val_predict(DecisionTreeClassifier(max_leaf_nodes=leaves, random_state=0), column, codes, cv=3)
    return 1 - float(np.mean(found != codes)) / (1 - float(counts.max()) / len(codes))


def most_explained(values: Array, target: Array, is_quantity: bool) -> float:
    """Return about the most that `explained_alone` can be, many times as fast: by pairs of neighbors in the column.

    Each pair, or each value that many rows have, gets its own mean or most frequent class, so that even a column that
    says nothing explains half. Below that, a tree need not be fitted.

    >>> most_explained(np.arange(60.0), 3 * np.arange(60.0), True) > 0.99
    True
    """
    codes = _ranks(values).astype(np.int64)
    if 2 * (codes.max() + 1) > len(codes):
        order = np.argsort(codes, kind="stable")
        codes[order] = np.arange(len(codes)) // 2
    if is_quantity:
        truth = np.asarray(target, dtype=np.float64)
        truth = truth - truth.mean()
        sums = np.bincount(codes, weights=truth)
        spread = float(np.sum(truth * truth))
        by_pairs = float(np.sum(sums * sums / np.bincount(codes))) / spread if spread > 0 else 0.0
        return max(by_pairs, _by_a_line(values, np.asarray(target, dtype=np.float64)))
    _, classes, counts = np.unique(target.astype(str), return_inverse=True, return_counts=True)
    if len(counts) < 2:
        return 0.0
    n = np.bincount(codes * len(counts) + classes, minlength=(int(codes.max()) + 1) * len(counts))
    right = float(n.reshape(-1, len(counts)).max(axis=1).sum())
    return 1 - (len(codes) - right) / (len(codes) - float(counts.max()))


def _by_a_line(values: Array, truth: Array) -> float:
    """Return R² of a straight line."""
    if values.dtype.kind != "f" or not np.isfinite(values).all() or np.ptp(values) == 0 or np.ptp(truth) == 0:
        return 0.0
    return float(np.corrcoef(values, truth)[0, 1] ** 2)


def _ranks(values: Array) -> Array:
    """Return the place of each value among the distinct ones; a tree asks no more. Texts are in their order."""
    column = values if values.dtype.kind in "fbM" else np.asarray([str(value) for value in values.tolist()])
    _, codes = np.unique(column, return_inverse=True)
    return codes.astype(np.float64)


def _probabilities(known: Array, classes: Array, new: Array, n_classes: int) -> Array:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    found = np.zeros((len(new), n_classes))
    present: Any = np.unique(classes)
    if len(present) == 1:
        found[:, present[0]] = 1.0
        return found
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        found[:, present] = LogisticRegression(max_iter=100).fit(known, classes).predict_proba(new)
    return found
