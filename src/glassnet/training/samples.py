"""The samples of a run: in memory, or streamed from a source that is larger than the memory."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeAlias, TypeVar

import numpy as np

from glassnet.data.rows.encoded_rows import Arrays, EncodedRows
from glassnet.data.rows.row_source import all_pieces
from glassnet.data.rows.windows import Windows
from glassnet.engines.base import Metric, Stepping
from glassnet.typing import Array

Finish: TypeAlias = Callable[[Any], Any]
"""From the mean of a metric's per-sample sums to the reported number."""

T = TypeVar("T")


class Shared:
    """What several runs find out about the same arrays, which do not change meanwhile: computed by the first of them.

    Examples
    --------
    >>> shared, X = Shared(), np.eye(2)
    >>> shared.once((X, None), "sum", lambda: X.sum()) is shared.once((X, None), "sum", lambda: 1 / 0)
    True
    """

    def __init__(self) -> None:
        self._known: dict[Hashable, tuple[tuple[Any, ...], Any]] = {}
        self._lock = Lock()

    def once(self, arrays: tuple[Any, ...], what: Hashable, compute: Callable[[], T]) -> T:
        """Return what is known of these very objects, and compute it if it is not."""
        key = *map(id, arrays), what
        with self._lock:
            found = self._known.get(key)
            if found is None:
                # with the objects themselves, so that no other one gets the identity of one of them
                found = self._known[key] = arrays, compute()
        known: T = found[1]
        return known


@dataclass(frozen=True)
class Data:
    """Samples, targets and sample weights of mean 1, or None for equal weights."""

    X: Array
    Y: Array
    weights: Array | None

    @property
    def n_samples(self) -> int:
        """Number of rows."""
        return int(self.Y.shape[0])

    @property
    def n_ordered(self) -> int:
        """Number of things whose order is drawn for each epoch: the rows."""
        return self.n_samples

    def first(self, n_rows: int, dtype: Any) -> Arrays:
        """Return the first rows."""
        return Arrays(self.X[:n_rows], self.Y[:n_rows], None if self.weights is None else self.weights[:n_rows])

    def finish(self, metric: Metric) -> Finish:
        """Return what converts the mean of a metric on these samples."""
        return metric.finish(self.Y)

    def judged(self, engine: Stepping, theta: Array, metric: Metric | None) -> tuple[float, float | None]:
        """Return the cost, and the mean of the metric's per-sample sums."""
        cost, A = engine.evaluate(theta, self.X, self.Y, self.weights)
        return cost, None if metric is None else float(np.mean(metric.per_sample(A, self.Y)))


@dataclass(frozen=True, eq=False)
class StreamedData:
    """Samples of which a window is in memory at a time."""

    rows: EncodedRows

    @property
    def X(self) -> EncodedRows:
        """The rows, from which an engine learns that they are dense."""
        return self.rows

    @property
    def n_samples(self) -> int:
        """Number of rows."""
        return self.rows.n_rows

    @property
    def n_ordered(self) -> int:
        """Number of things whose order is drawn for each epoch: the groups of rows."""
        return len(self.rows.source.group_sizes)

    def first(self, n_rows: int, dtype: Any) -> Arrays:
        """Return the first rows."""
        return self.rows.loaded(dtype, n_rows)

    def finish(self, metric: Metric) -> Finish:
        """Return what converts the mean of a metric on these samples.

        If it depends on the targets, then on their variance alone: two rows with mean and variance of all stand for
        them. Nothing but the targets is read for that.
        """
        if not metric.finish_sees_targets:
            return metric.finish(np.zeros((1, self.rows.n_out)))
        n, mean, squares = 0, np.zeros(self.rows.n_out), np.zeros(self.rows.n_out)
        names = self.rows.names_of_targets
        source = self.rows.source if names is None else self.rows.source.select(names)
        for table in all_pieces(source):
            Y = np.asarray(self.rows.targets(table), np.float64)  # (n_rows, n_out)
            m, center = len(Y), Y.mean(axis=0)
            squares += ((Y - center) ** 2).sum(axis=0) + (center - mean) ** 2 * (n * m / (n + m))
            mean += (center - mean) * (m / (n + m))
            n += m
        spread = np.sqrt(squares / n)
        return metric.finish(np.stack([mean - spread, mean + spread]))

    def judged(self, engine: Stepping, theta: Array, metric: Metric | None) -> tuple[float, float | None]:
        """Return the cost, and the mean of the metric's per-sample sums, over one part of the rows after the other."""
        cost = score = 0.0
        with Windows(self.rows, range(self.n_ordered), theta.dtype) as windows:
            for arrays in windows:
                part, A = engine.evaluate(theta, arrays.X, arrays.Y, arrays.weights)
                cost += part * len(arrays.Y)
                if metric is not None:
                    score += float(np.sum(metric.per_sample(A, arrays.Y), dtype=np.float64))
        return cost / self.n_samples, None if metric is None else score / self.n_samples


Samples: TypeAlias = Data | StreamedData
