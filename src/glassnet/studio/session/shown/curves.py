"""`Curves`: the cost curves of a run of any length, in a bounded number of points."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import TypeAlias

from glassnet.training.history import Epochs

NAMES = ("cost", "validation_cost", "metric", "validation_metric")
MOST = 400  # points of a curve; with twice as many, every other one is left out

Points: TypeAlias = tuple[tuple[int, float | None], ...]


class Curves:
    """The points of the curves, which are told part by part.

    It keeps every epoch of a short run, and of a longer one every second, fourth, ... one, and the last one.
    """

    def __init__(self) -> None:
        self._gap, self._n = 1, 0
        self._kept: dict[str, list[tuple[int, float | None]]] = {name: [] for name in NAMES}
        self._last: dict[str, tuple[int, float | None]] = {}
        self._told = 0  # the epoch up to which points are told that stay

    def see(self, epochs: Epochs) -> None:
        """Add the epochs since the last call."""
        n = len(epochs)
        if n == self._n:
            return
        since, self._n = self._n, n
        for name in NAMES:
            values: Sequence[float | None] = epochs.values(name, since)
            if values[-1] is None and not self._kept[name]:
                continue
            first = -(-(since + 1) // self._gap) * self._gap  # the first multiple of the gap after `since`
            self._kept[name] += [
                (epoch, _number(values[epoch - since - 1])) for epoch in range(first, n + 1, self._gap)
            ]
            self._last[name] = n, _number(values[-1])
        while max(len(points) for points in self._kept.values()) > 2 * MOST:
            self._gap *= 2
            self._kept = {
                name: [point for point in points if point[0] % self._gap == 0] for name, points in self._kept.items()
            }
            self._told = 0

    def cut(self, n_epochs: int) -> None:
        """Forget the epochs after the first `n_epochs`."""
        if n_epochs < self._n:
            self._n, self._told = n_epochs, min(self._told, n_epochs)
            self._kept = {
                name: [point for point in points if point[0] <= n_epochs] for name, points in self._kept.items()
            }
            self._last = {name: points[-1] for name, points in self._kept.items() if points}

    def untold(self) -> tuple[int, Mapping[str, Points]]:
        """Return the points that were not told yet, and the epoch from which they replace those told before."""
        told = self._told
        found: dict[str, Points] = {}
        for name, last in self._last.items():
            points = [point for point in self._kept[name] if point[0] > told]
            found[name] = tuple(points if points and points[-1][0] == last[0] else [*points, last])
        self._told = max((points[-1][0] for points in self._kept.values() if points), default=0)
        return told + 1, found

    def all_again(self) -> None:
        """Tell all points next time."""
        self._told = 0


def _number(value: float | None) -> float | None:
    """Return a value for JSON, which has no infinity."""
    return None if value is None or not isfinite(value) else float(value)
