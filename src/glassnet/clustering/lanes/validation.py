"""Validation rows that the processes share: each judges those of its lanes."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from glassnet.clustering.comm import Comm
from glassnet.clustering.lanes.ranges import Ranges
from glassnet.data.rows.encoded_rows import Arrays
from glassnet.data.rows.windows import Windows
from glassnet.engines.base import Metric, Stepping
from glassnet.training.samples import Data, StreamedData
from glassnet.typing import Array


@dataclass(frozen=True)
class Sharing:
    """The processes, and the lanes of each."""

    comm: Comm
    ranges: Ranges

    def shares(self, n: int) -> dict[int, range]:
        """Return which of n things each lane of this process has."""
        n_lanes = self.ranges.n_lanes
        return {k: range(n * k // n_lanes, n * (k + 1) // n_lanes) for k in self.ranges.of(self.comm.rank)}

    def total(self, sums: dict[int, Array]) -> Array:
        """Return the sum over all lanes, with the same bits for any number of processes."""
        for i, j in self.ranges.own_additions(self.comm.rank):
            sums[i] = sums[i] + sums.pop(j)
        parts = np.zeros((self.ranges.n_parts, 2))
        for part, lane in enumerate(self.ranges.handed_over(self.comm.rank)):
            parts[part] = sums[lane]
        (total,) = self.comm.allreduce(parts, additions=self.ranges.shared_additions)
        return total


@dataclass(frozen=True)
class SharedData(Data):
    """Samples in memory that the processes judge together."""

    sharing: Sharing

    def judged(self, engine: Stepping, theta: Array, metric: Metric | None) -> tuple[float, float | None]:
        """Return the cost, and the mean of the metric's per-sample sums."""
        sums = {}
        for lane, rows in self.sharing.shares(self.n_samples).items():
            part = slice(rows.start, rows.stop)
            weights = None if self.weights is None else self.weights[part]
            sums[lane] = _judged(engine, theta, metric, [Arrays(self.X[part], self.Y[part], weights)])
        return _means(self.sharing.total(sums), self.n_samples, metric)


@dataclass(frozen=True, eq=False)
class SharedStream(StreamedData):
    """Streamed samples that the processes judge together."""

    sharing: Sharing

    def judged(self, engine: Stepping, theta: Array, metric: Metric | None) -> tuple[float, float | None]:
        """Return the cost, and the mean of the metric's per-sample sums."""
        sums = {}
        for lane, groups in self.sharing.shares(self.n_ordered).items():
            with Windows(self.rows, groups, theta.dtype) as windows:
                sums[lane] = _judged(engine, theta, metric, windows)
        return _means(self.sharing.total(sums), self.n_samples, metric)


def shared(samples: Data | StreamedData | None, sharing: Sharing) -> Data | StreamedData | None:
    """Return samples that the processes judge together."""
    if samples is None:
        return None
    if isinstance(samples, StreamedData):
        return SharedStream(samples.rows, sharing)
    return SharedData(samples.X, samples.Y, samples.weights, sharing)


def _judged(engine: Stepping, theta: Array, metric: Metric | None, parts: Iterable[Arrays]) -> Array:
    """Return the sums of cost and metric over some rows."""
    total = np.zeros(2)
    for arrays in parts:
        if len(arrays.Y):
            cost, A = engine.evaluate(theta, arrays.X, arrays.Y, arrays.weights)
            total[0] += cost * len(arrays.Y)
            if metric is not None:
                total[1] += float(np.sum(metric.per_sample(A, arrays.Y), dtype=np.float64))
    return total


def _means(total: Array, n_rows: int, metric: Metric | None) -> tuple[float, float | None]:
    cost, score = (total / n_rows).tolist()
    return cost, None if metric is None else score
