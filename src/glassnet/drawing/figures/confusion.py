"""The confusion matrix."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.estimators.judging.scoring import confusion
from glassnet.typing import Array


@dataclass(frozen=True, eq=False)
class Confusion:
    """Counts of true and predicted classes.

    Attributes
    ----------
    classes : tuple
        All classes of truth and predictions, sorted.
    counts : array of shape (n_classes, n_classes)
        Rows are the truth, columns the prediction.
    """

    classes: tuple[Any, ...]
    counts: Array

    @property
    def shares(self) -> Array:
        """The counts as shares of their row; 0 for a class that does not occur in the truth."""
        return self.counts / np.maximum(self.counts.sum(axis=1, keepdims=True), 1)

    @property
    def accuracy(self) -> float:
        """The share of rows on the diagonal."""
        return float(np.trace(self.counts) / self.counts.sum())


def confusion_of(truth: Sequence[Any], prediction: Sequence[Any]) -> Confusion:
    """Return the confusion matrix.

    >>> confusion_of(["a", "a", "b"], ["a", "b", "b"]).counts.tolist()
    [[1, 1], [0, 1]]
    """
    classes, counts = confusion(truth, prediction)
    return Confusion(tuple(classes), np.asarray(counts))
