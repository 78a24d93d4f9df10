"""Encoding of a date column: elapsed days, and the calendar parts that vary."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.data.encoding.scaling import Scale
from glassnet.data.records import DatesStepRecord
from glassnet.typing import Array

_DAY = 86_400_000_000  # microseconds

PARTS: dict[str, Callable[[Array], Array]] = {
    "year": lambda moments: moments.astype("datetime64[Y]").astype(np.int64) + 1970,
    "month": lambda moments: moments.astype("datetime64[M]").astype(np.int64) % 12 + 1,
    "day of week": lambda moments: (moments.astype("datetime64[D]").astype(np.int64) + 3) % 7 + 1,  # Monday is 1
    "hour": lambda moments: moments.astype("datetime64[h]").astype(np.int64) % 24,
}
"""The parts of a date; parts that are constant in training are dropped."""


@dataclass(frozen=True)
class DatesStep:
    """Days since the first training date, and year, month, day of week and hour if they vary, each scaled.

    >>> dates = np.asarray(["2024-01-01", "2024-01-31"], dtype="datetime64[us]")
    >>> DatesStep.fit("day", dates, "none").encode(dates).tolist()
    [[0.0, 1.0], [30.0, 3.0]]
    """

    name: str
    origin: str
    parts: tuple[str, ...]
    scales: tuple[Scale, ...]
    has_flag: bool = False

    @classmethod
    def fit(cls, name: str, values: Array, scaling: str) -> "DatesStep":
        """Fit the step to a column of the training set."""
        present = values[~np.isnat(values)]
        first = present.min() if len(present) else np.datetime64("1970-01-01", "us")
        varying = tuple(part for part, of in PARTS.items() if len(np.unique(of(present))) > 1)
        numbers = [_days(present, first), *(PARTS[part](present).astype(np.float64) for part in varying)]
        make = Scale.robust if scaling == "robust" else Scale.median_only
        return cls(name, str(first), varying, tuple(make(values) for values in numbers), bool(np.isnat(values).any()))

    @property
    def input_names(self) -> tuple[str, ...]:
        """Names of this column's inputs."""
        names = tuple(f"{self.name}: {part}" for part in ("elapsed days", *self.parts))
        return (*names, f"{self.name} is missing") if self.has_flag else names

    def encode(self, values: Array) -> Array:
        """Return the inputs, shape (n_rows, n_inputs of this column)."""
        gaps = np.isnat(values)
        present = np.where(gaps, np.datetime64(self.origin), values)
        numbers = [_days(present, np.datetime64(self.origin)), *(PARTS[part](present) for part in self.parts)]
        filled = (np.where(gaps, scale.center, x) for x, scale in zip(numbers, self.scales, strict=True))
        scaled = [scale.apply(x) for x, scale in zip(filled, self.scales, strict=True)]
        return np.column_stack([*scaled, gaps] if self.has_flag else scaled)

    def decode(self, block: Array) -> Array:
        """Return the dates from the elapsed days, which determine the other parts."""
        days = np.clip(self.scales[0].inverse(block[:, 0]), -3.6e6, 3.6e6)  # 10,000 years, the calendar's range
        moments = np.datetime64(self.origin, "us") + np.round(days * _DAY).astype("timedelta64[us]")
        return np.where(block[:, -1] >= 0.5, np.datetime64("NaT"), moments) if self.has_flag else moments

    def in_words(self, value: Any) -> tuple[str, ...]:
        """Return the arithmetic for one date, one line per step."""
        if np.isnat(value):
            return ("missing: the median of each part stands in",)
        one = np.asarray([value])
        numbers = [_days(one, np.datetime64(self.origin)), *(PARTS[part](one) for part in self.parts)]
        lines = []
        for part, x, scale in zip(("elapsed days", *self.parts), numbers, self.scales, strict=True):
            lines += [f"{part}: {line}" for line in scale.in_words(float(x[0]))]
        return tuple(lines)

    def to_dict(self) -> dict[str, Any]:
        """Return the step as strict JSON."""
        return {
            "type": "dates",
            "name": self.name,
            "origin": self.origin,
            "parts": list(self.parts),
            "scales": [scale.to_dict() for scale in self.scales],
            "has_flag": self.has_flag,
        }

    @classmethod
    def from_record(cls, record: DatesStepRecord) -> "DatesStep":
        """Return the step from the data of `to_dict`."""
        scales = tuple(map(Scale.from_record, record.scales))
        return cls(record.name, record.origin, tuple(record.parts), scales, record.has_flag)


def _days(moments: Array, first: np.datetime64) -> Array:
    return (moments - first).astype(np.int64) / _DAY
