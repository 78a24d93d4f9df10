"""The probability from which the second of two classes is answered, tuned for what the answers are judged by."""

from collections.abc import Callable, Mapping

import numpy as np

from glassnet.typing import Array


def accuracy(hits: Array, alarms: Array, positives: float, negatives: float) -> Array:
    """Share of right answers."""
    return (hits + negatives - alarms) / (positives + negatives)


def balanced_accuracy(hits: Array, alarms: Array, positives: float, negatives: float) -> Array:
    """Mean over both classes of the share of right answers."""
    return (hits / positives + 1.0 - alarms / negatives) / 2.0


def f1(hits: Array, alarms: Array, positives: float, negatives: float) -> Array:
    """Harmonic mean of precision and recall of the second class."""
    return 2.0 * hits / (hits + alarms + positives)


METRICS: Mapping[str, Callable[[Array, Array, float, float], Array]] = {
    each.__name__: each for each in (accuracy, balanced_accuracy, f1)
}


def best_threshold(p: Array, is_second: Array, metric: str, weights: Array | None = None) -> float:
    """Return the threshold with the best score: the second class is answered where p is at least so large.

    It lies in the middle between the two probabilities that it parts; of equally good ones the nearest to 0.5 is taken.

    Parameters
    ----------
    p : array of shape (n_rows,)
        Probability of the second class on rows that were held out.
    is_second : array of bool of shape (n_rows,)
        Whether the row is of it; there must be rows of both classes.
    metric : {"accuracy", "balanced_accuracy", "f1"}
    weights : array of shape (n_rows,), optional
        How much each row counts.

    Examples
    --------
    A rare class with modest probabilities: from 0.25 on two of two rows are found, at one false alarm.

    >>> p = np.asarray([0.1, 0.1, 0.2, 0.3, 0.35, 0.45])
    >>> best_threshold(p, np.asarray([False, False, False, True, False, True]), "f1")
    0.25
    """
    w = np.ones(len(p)) if weights is None else weights
    order = np.argsort(-p, kind="stable")
    p, second, w = p[order], is_second[order], w[order]
    # entry i is for the i largest probabilities answered by the second class
    hits = np.concatenate([[0.0], np.cumsum(w * second)])  # (n_rows + 1,)
    alarms = np.concatenate([[0.0], np.cumsum(w * ~second)])  # (n_rows + 1,)
    parts = np.concatenate([[1.0], p, [0.0]])
    between = (parts[:-1] + parts[1:]) / 2.0  # (n_rows + 1,)
    is_cut = np.concatenate([[p[0] < 1.0], p[:-1] > p[1:], [True]])
    with np.errstate(invalid="ignore"):  # nothing found of nothing
        scores = np.nan_to_num(METRICS[metric](hits, alarms, float(hits[-1]), float(alarms[-1])))
    best = is_cut & np.isclose(scores, scores[is_cut].max(), rtol=0.0, atol=1e-12)
    return float(min(between[best], key=lambda threshold: abs(threshold - 0.5)))
