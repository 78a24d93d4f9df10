"""`Plot`: the numbers of a small plot as plain data, thinned so that it stays small."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

import numpy as np

from glassnet.typing import Array

Kind = Literal["bars", "lines", "histogram", "reliability"]
MOST_POINTS, MOST_BARS, N_BINS = 120, 16, 20
LONGEST_LABEL = 60
LARGEST = 1e300  # so that widths of bins are finite
DECADES = 100.0  # values that span more than this factor get a logarithmic scale


@dataclass(frozen=True)
class Series:
    """A line, the bars, or the counts of a histogram; a value that is not finite is None."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Plot:
    """A small plot.

    Attributes
    ----------
    kind : {"bars", "lines", "histogram", "reliability"}
    x, y : str
        Names of the axes.
    series : tuple of Series
    labels : tuple of str
        Names of bars.
    at : tuple of float
        Horizontal places: of the points of lines, the edges of a histogram's bins, predicted probabilities.
    marked : tuple of int
        Places in the series, from 0, of what the plot is about.
    threshold : float or None
        Of the values; of a histogram, on the horizontal axis.
    is_log : bool
        Whether the values are best seen on a logarithmic scale.
    """

    kind: Kind
    x: str
    y: str
    series: tuple[Series, ...]
    labels: tuple[str, ...] = ()
    at: tuple[float, ...] = ()
    marked: tuple[int, ...] = ()
    threshold: float | None = None
    is_log: bool = False


def bars(
    values: Sequence[float] | Array,
    labels: Sequence[Any],
    *,
    x: str,
    y: str,
    marked: Collection[int] = (),
    threshold: float | None = None,
) -> Plot:
    """Return bars; of many, those that are marked and an even choice of the others by size.

    >>> bars([0.0, 0.9], [1, 2], x="layer", y="dead", marked=[1]).labels
    ('1', '2')
    """
    kept = _chosen(np.asarray(values, dtype=np.float64), sorted(marked))
    shown = [float(values[k]) for k in kept]
    return Plot(
        "bars",
        x,
        y,
        (Series(y, _clean(shown)),),
        labels=tuple(str(labels[k])[:LONGEST_LABEL] for k in kept),
        marked=tuple(place for place, k in enumerate(kept) if k in set(marked)),
        threshold=threshold,
        is_log=_spans_decades(shown),
    )


def lines(
    values: Mapping[str, Sequence[float] | Array],
    *,
    x: str,
    y: str,
    first: int = 1,
    threshold: float | None = None,
) -> Plot:
    """Return lines over whole numbers from `first`, which have the same length; series without numbers are left out.

    >>> plot = lines({"cost": [3.0, 2.0, 1.0]}, x="epoch", y="cost")
    >>> plot.at, plot.series[0].values
    ((1.0, 2.0, 3.0), (3.0, 2.0, 1.0))
    """
    n = len(next(iter(values.values())))
    kept = np.unique(np.round(np.linspace(0, n - 1, min(n, MOST_POINTS))).astype(int)) if n else np.arange(0)
    series = [
        Series(name, _clean(np.asarray(given, dtype=np.float64)[kept].tolist())) for name, given in values.items()
    ]
    series = [each for each in series if any(value is not None for value in each.values)]
    everything = [value for each in series for value in each.values if value is not None]
    return Plot(
        "lines", x, y, tuple(series), at=tuple((kept + float(first)).tolist()), threshold=threshold,
        is_log=_spans_decades(everything),
    )  # fmt: skip


def histogram(values: Mapping[str, Array], *, x: str, y: str = "rows", threshold: float | None = None) -> Plot:
    """Return histograms of samples in the same bins; values that are not finite are left out.

    >>> plot = histogram({"rows": [0.0, 0.0, 1.0]}, x="age")
    >>> plot.series[0].values[0], plot.series[0].values[-1], (plot.at[0], plot.at[-1])
    (2.0, 1.0, (0.0, 1.0))
    """
    samples = {name: _finite(sample) for name, sample in values.items()}
    edges = bin_edges(np.concatenate(list(samples.values())), N_BINS)
    counted = {name: np.histogram(sample, edges)[0] for name, sample in samples.items()}
    series = tuple(Series(name, _clean(counts.tolist())) for name, counts in counted.items())
    return Plot("histogram", x, y, series, at=tuple(edges.tolist()), threshold=threshold)


def bin_edges(values: Array, bins: int) -> Array:
    """Return the edges of bins of the same width; of one bin if the numbers allow no more.

    Numbers may be too near each other for edges between them, as those of a saturated neuron, or too far apart.

    >>> bin_edges(np.asarray([-1.0, -1.0 + 1e-16]), bins=20).tolist()
    [-1.0, -0.9999999999999999]
    """
    if len(values) == 0:
        return np.asarray([0.0, 1.0])
    low, high = float(values.min()), float(values.max())
    least = 2 * float(np.spacing(max(abs(low), abs(high))))  # between two edges that differ
    if low < high and not least < (high - low) / bins < np.inf:
        return np.asarray([low, high])
    return np.histogram_bin_edges(values, bins)


def reliability(predicted: Sequence[float] | Array, observed: Sequence[float] | Array) -> Plot:
    """Return shares that came true over predicted probabilities.

    >>> reliability([0.1, 0.9], [0.3, 0.7]).series[0].values
    (0.3, 0.7)
    """
    return Plot(
        "reliability",
        "probability",
        "share that came true",
        (Series("groups of rows", _clean([float(value) for value in observed])),),
        at=tuple(float(value) for value in predicted),
    )


def _chosen(values: Array, marked: Sequence[int]) -> list[int]:
    if len(values) <= MOST_BARS:
        return list(range(len(values)))
    kept = set(marked[: MOST_BARS // 2])
    others = [k for k in np.argsort(values, kind="stable").tolist() if k not in set(marked)]
    n = min(MOST_BARS - len(kept), len(others))
    kept |= {others[round(place)] for place in np.linspace(0, len(others) - 1, n).tolist()} if n else set()
    return sorted(kept)


def _clean(values: Sequence[float]) -> tuple[float | None, ...]:
    return tuple(float(value) if isfinite(value) else None for value in values)


def _finite(sample: Any) -> Array:
    numbers = np.asarray(sample, dtype=np.float64).ravel()
    return numbers[np.abs(numbers) < LARGEST]


def _spans_decades(values: Sequence[float]) -> bool:
    finite = [value for value in values if isfinite(value)]
    return bool(finite) and min(finite) > 0 and max(finite) > DECADES * min(finite)
