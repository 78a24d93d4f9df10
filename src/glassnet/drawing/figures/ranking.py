"""ROC and precision-recall curves: how well probabilities rank the rows of a class before all others."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.errors import DataError
from glassnet.typing import Array


@dataclass(frozen=True, eq=False)
class RankingCurve:
    """One class against all others, at every distinct threshold.

    Attributes
    ----------
    label : object
        The class.
    thresholds : array of shape (n_points,)
        Decreasing; rows with at least this probability count as predicted.
    true_positives, false_positives : arrays of shape (n_points,)
        Number of predicted rows inside and outside the class.
    """

    label: Any
    thresholds: Array
    true_positives: Array
    false_positives: Array

    @property
    def recall(self) -> Array:
        """Share of the class's rows that are predicted: the true positive rate."""
        return self.true_positives / self.true_positives[-1]

    @property
    def false_positive_rate(self) -> Array:
        """Share of the other rows that are predicted."""
        return self.false_positives / self.false_positives[-1]

    @property
    def precision(self) -> Array:
        """Share of the predicted rows that belong to the class."""
        return self.true_positives / (self.true_positives + self.false_positives)

    @property
    def share(self) -> float:
        """The share of the class among all rows: the precision of guessing."""
        return float(self.true_positives[-1] / (self.true_positives[-1] + self.false_positives[-1]))

    @property
    def area(self) -> float:
        """Area under the ROC curve: the probability that a row of the class ranks before another row."""
        x = np.concatenate([[0.0], self.false_positive_rate])
        y = np.concatenate([[0.0], self.recall])
        return float(np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2))

    @property
    def average_precision(self) -> float:
        """Mean precision over the thresholds, weighted by the increase in recall."""
        return float(np.sum(np.diff(np.concatenate([[0.0], self.recall])) * self.precision))


def ranking_curve(label: Any, is_class: Array, probability: Array) -> RankingCurve:
    """Return the curve of one class.

    Parameters
    ----------
    label : object
    is_class : Boolean array of shape (n_rows,)
    probability : array of shape (n_rows,)

    Examples
    --------
    >>> curve = ranking_curve("yes", np.asarray([True, False, True, False]), np.asarray([0.9, 0.8, 0.7, 0.1]))
    >>> curve.area, curve.recall.tolist()
    (0.75, [0.5, 0.5, 1.0, 1.0])
    """
    if is_class.all() or not is_class.any():
        which = "all rows are" if is_class.all() else "no row is"
        raise DataError(f"{which} of class {label!r}, so there is nothing to tell apart; pass rows of both kinds.")
    order = np.argsort(-probability, kind="stable")
    falling = probability[order]
    last_of_ties = np.append(np.flatnonzero(np.diff(falling)), len(falling) - 1)
    true_positives = np.cumsum(is_class[order])[last_of_ties]
    return RankingCurve(label, falling[last_of_ties], true_positives, last_of_ties + 1 - true_positives)
