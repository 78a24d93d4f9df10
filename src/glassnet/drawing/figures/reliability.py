"""Calibration of probabilities: of the rows predicted with 70%, 70% should be right."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.typing import Array

BINS = 10
Z_95 = 1.959963984540054  # quantile of the normal distribution for 95% intervals


@dataclass(frozen=True, eq=False)
class Reliability:
    """Rows grouped by probability; empty groups are omitted.

    Attributes
    ----------
    label : object
        The class, or "the predicted class".
    predicted, observed : arrays of shape (n_groups,)
        Mean probability of each group, and the share of its rows that are right.
    low, high : arrays of shape (n_groups,)
        Wilson's 95% interval of `observed`.
    counts : array of shape (n_groups,)
        Rows in each group.
    """

    label: Any
    predicted: Array
    observed: Array
    low: Array
    high: Array
    counts: Array

    @property
    def calibration_error(self) -> float:
        """Mean distance between predicted and observed over all rows."""
        return float(np.sum(self.counts * np.abs(self.predicted - self.observed)) / self.counts.sum())


def reliability_of(label: Any, came_true: Array, probability: Array, bins: int = BINS) -> Reliability:
    """Return the groups of equal width between 0 and 1.

    >>> found = reliability_of("rain", np.asarray([True, False, True]), np.asarray([0.72, 0.78, 0.31]))
    >>> found.predicted.tolist(), found.observed.tolist()
    ([0.31, 0.75], [1.0, 0.5])
    """
    group = np.minimum((probability * bins).astype(int), bins - 1)
    counts = np.bincount(group, minlength=bins)
    used = counts > 0
    n = counts[used]
    predicted = np.bincount(group, weights=probability, minlength=bins)[used] / n
    observed = np.bincount(group, weights=came_true.astype(np.float64), minlength=bins)[used] / n
    low, high = wilson(observed, n)
    return Reliability(label, predicted, observed, low, high, n)


def wilson(share: Array, n: Array) -> tuple[Array, Array]:
    """Return Wilson's 95% interval of a share observed in n rows (Wilson 1927).

    >>> [round(float(end), 3) for end in wilson(np.asarray(0.5), np.asarray(10))]
    [0.237, 0.763]
    """
    z2 = Z_95**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 / (1 + z2 / n) * np.sqrt(share * (1 - share) / n + z2 / (4 * n**2))
    return middle - half, middle + half
