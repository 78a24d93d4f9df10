"""The decision threshold for the second of two classes, tuned for a score."""

from collections.abc import Callable, Mapping

import numpy as np

from glassnet.typing import Array


def accuracy(hits: Array, alarms: Array, positives: float, negatives: float) -> Array:
    """Share of correct predictions."""
    return (hits + negatives - alarms) / (positives + negatives)


def balanced_accuracy(hits: Array, alarms: Array, positives: float, negatives: float) -> Array:
    """Mean over both classes of the share of correct predictions."""
    return (hits / positives + 1.0 - alarms / negatives) / 2.0


def f1(hits: Array, alarms: Array, positives: float, negatives: float) -> Array:
    """Harmonic mean of precision and recall of the second class."""
    return 2.0 * hits / (hits + alarms + positives)


METRICS: Mapping[str, Callable[[Array, Array, float, float], Array]] = {
    each.__name__: each for each in (accuracy, balanced_accuracy, f1)
}


def best_threshold(p: Array, is_second: Array, metric: str, weights: Array | None = None) -> float:
    """Return the threshold with the best score: the second class is predicted if p is at least the threshold.

    It is the midpoint between two adjacent probabilities; of several best thresholds it is the one nearest to 0.5.

    Parameters
    ----------
    p : array of shape (n_rows,)
        Probability of the second class on validation rows.
    is_second : array of bool of shape (n_rows,)
        Whether the row belongs to it; there must be rows of both classes.
    metric : {"accuracy", "balanced_accuracy", "f1"}
    weights : array of shape (n_rows,), optional
        Sample weights.

    Examples
    --------
    A rare class with low probabilities: a threshold of 0.25 finds both its rows, with one false alarm.

    >>> p = np.asarray([0.1, 0.1, 0.2, 0.3, 0.35, 0.45])
    >>> best_threshold(p, np.asarray([False, False, False, True, False, True]), "f1")
    0.25
    """
    w = np.ones(len(p)) if weights is None else weights
    order = np.argsort(-p, kind="stable")
    p, second, w = p[order], is_second[order], w[order]
    # entry i: the rows with the i largest probabilities are predicted as the second class
    hits = np.concatenate([[0.0], np.cumsum(w * second)])  # (n_rows + 1,)
    alarms = np.concatenate([[0.0], np.cumsum(w * ~second)])  # (n_rows + 1,)
    parts = np.concatenate([[1.0], p, [0.0]])
    between = (parts[:-1] + parts[1:]) / 2.0  # (n_rows + 1,)
    is_cut = np.concatenate([[p[0] < 1.0], p[:-1] > p[1:], [True]])
    with np.errstate(invalid="ignore"):  # 0/0 if there are no predictions of the class
        scores = np.nan_to_num(METRICS[metric](hits, alarms, float(hits[-1]), float(alarms[-1])))
    best = is_cut & np.isclose(scores, scores[is_cut].max(), rtol=0.0, atol=1e-12)
    return float(min(between[best], key=lambda threshold: abs(threshold - 0.5)))
