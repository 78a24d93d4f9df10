"""Scores of rows that come in parts: sums, and for quantities the targets in a temporary file."""

import math
from collections import Counter
from typing import Any

import numpy as np

from glassnet.data.spill.columns_file import ColumnsFile
from glassnet.data.typed_values import plain, sort_key
from glassnet.estimators.judging.scoring import SMALLEST, score
from glassnet.typing import Array


class ClassTally:
    """Accuracy, log loss and confusion matrix of classes, and those of the most frequent class.

    Examples
    --------
    >>> classes = np.asarray(["no", "yes"])
    >>> tally = ClassTally(classes)
    >>> for truth, guess in [("no", "no"), ("no", "yes"), ("yes", "yes")]:
    ...     tally.add(np.asarray([truth]), np.asarray([guess]), np.asarray([[0.5, 0.5]]))
    >>> tally.scores()
    {'accuracy': 0.6666666666666666, 'log_loss': 0.6931471805599453}
    >>> tally.confusion()
    {'classes': ['no', 'yes'], 'counts': [[1, 1], [0, 1]]}
    >>> tally.constant()["name"]
    "always 'no'"
    """

    def __init__(self, classes: Array) -> None:
        self._classes = classes
        self._counts: Counter[tuple[Any, Any]] = Counter()
        self._losses: list[float] = []

    @property
    def n_rows(self) -> int:
        """Number of rows so far."""
        return self._counts.total()

    def add(self, truth: Array, prediction: Array, probabilities: Array | None) -> None:
        """Count some rows."""
        self._counts.update(zip(truth.tolist(), prediction.tolist(), strict=True))
        found = score(truth, prediction, probabilities, self._classes)
        self._losses.append(found["log_loss"] * len(truth))

    def scores(self) -> dict[str, float]:
        """Return the scores of the predictions."""
        right = sum(count for (truth, guess), count in self._counts.items() if truth == guess)
        return {"accuracy": right / self.n_rows, "log_loss": math.fsum(self._losses) / self.n_rows}

    def confusion(self) -> dict[str, Any]:
        """Return the confusion matrix, with true classes as rows."""
        labels = sorted({label for pair in self._counts for label in pair}, key=sort_key)
        return {"classes": labels, "counts": [[self._counts[row, guess] for guess in labels] for row in labels]}

    def constant(self) -> dict[str, Any]:
        """Return the scores of the most frequent class, the first one of several."""
        of_truth: Counter[Any] = Counter()
        for (truth, _), count in self._counts.items():
            of_truth[truth] += count
        shares = {label: of_truth[label] / self.n_rows for label in sorted(of_truth, key=sort_key)}
        best = max(shares, key=lambda label: shares[label])
        losses = [of_truth[label] * math.log(max(share, SMALLEST)) for label, share in shares.items()]
        return {
            "name": f"always {plain(best)!r}",
            "accuracy": shares[best],
            "log_loss": -math.fsum(losses) / self.n_rows,
        }


class QuantityTally:
    """Errors of quantities, and those of their mean, which is known at the end: the targets wait in a file.

    Examples
    --------
    >>> tally = QuantityTally()
    >>> for truth, guess in [(1.0, 1.0), (3.0, 2.0)]:
    ...     tally.add(np.asarray([truth]), np.asarray([guess]))
    >>> tally.scores()
    {'rmse': 0.7071067811865476, 'mae': 0.5, 'r2': 0.5}
    >>> tally.constant()
    {'name': 'always the mean, 2', 'rmse': 1.0, 'mae': 1.0, 'r2': 0.0}
    """

    def __init__(self) -> None:
        self._file = ColumnsFile()
        self._parts: list[tuple[int, int]] = []  # place and number of rows of each part
        self._sums: list[float] = []
        self._squares: list[float] = []
        self._sizes: list[float] = []

    @property
    def n_rows(self) -> int:
        """Number of rows so far."""
        return sum(n for _, n in self._parts)

    def add(self, truth: Array, prediction: Array) -> None:
        """Sum up some rows."""
        values = np.asarray(truth, np.float64)
        errors = np.asarray(prediction, np.float64) - values
        self._parts.append((self._file.append(values), len(values)))
        self._sums.append(float(np.sum(values)))
        self._squares.append(float(np.sum(errors**2)))
        self._sizes.append(float(np.sum(np.abs(errors))))

    def scores(self) -> dict[str, float]:
        """Return the scores of the predictions."""
        return self._scores(self._squares, self._sizes)

    def constant(self) -> dict[str, Any]:
        """Return the scores of the mean."""
        squares, sizes = self._about_the_mean()
        return {"name": f"always the mean, {self._mean:.5g}", **self._scores(squares, sizes)}

    @property
    def _mean(self) -> float:
        return math.fsum(self._sums) / self.n_rows

    def _about_the_mean(self) -> tuple[list[float], list[float]]:
        mean = self._mean
        squares, sizes = [], []
        for place, n in self._parts:
            distances = self._file.read(place, n, np.float64) - mean
            squares.append(float(np.sum(distances**2)))
            sizes.append(float(np.sum(np.abs(distances))))
        return squares, sizes

    def _scores(self, squares: list[float], sizes: list[float]) -> dict[str, float]:
        n, of_errors = self.n_rows, math.fsum(squares)
        spread = math.fsum(self._about_the_mean()[0])
        return {
            "rmse": math.sqrt(of_errors / n),
            "mae": math.fsum(sizes) / n,
            "r2": 1.0 - of_errors / spread if spread > 0 else float("nan"),
        }
