"""Encoding of a categorical or Boolean column."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.data.columns.column import Column
from glassnet.data.records import LevelsStepRecord, value_of
from glassnet.data.type_inference import is_missing
from glassnet.data.typed_values import sort_key, to_json
from glassnet.typing import Array

OTHER = "(other)"


@dataclass(frozen=True)
class LevelsStep:
    """One 0/1 input per level; two levels share one input, which is 1 for the second.

    A missing value is all zeros, with a separate flag if the training set had missing values. A level unknown from
    training is all zeros, too, or "(other)" if the column has that input.

    >>> LevelsStep("island", ("Biscoe", "Dream", "Torgersen")).encode(
    ...     np.asarray(["Dream", "Mars"], dtype=object)
    ... ).tolist()
    [[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    """

    name: str
    levels: tuple[Any, ...]
    is_boolean: bool = False
    has_other: bool = False
    has_flag: bool = False

    @classmethod
    def fit(cls, column: Column, values: Array) -> "LevelsStep":
        """Fit the step to a column of the training set; only levels that occur there get an input."""
        gaps = is_missing(values)
        seen = set(values[~gaps].tolist())
        known = set(column.levels)
        levels = tuple(sorted(seen & known, key=sort_key))
        is_boolean = column.kind == "boolean"
        if is_boolean:  # both levels are known, even if only one occurs
            return cls(column.name, (False, True), True, False, bool(gaps.any()))
        return cls(column.name, levels, False, bool(seen - known), bool(gaps.any()))

    @property
    def is_single(self) -> bool:
        """Whether two levels share one input."""
        return len(self.levels) == 2 and not self.has_other

    @property
    def input_names(self) -> tuple[str, ...]:
        """Names of this column's inputs."""
        inputs = self.levels[1:] if self.is_single else self.levels
        names = [self.name] if self.is_boolean else [f"{self.name}={level}" for level in inputs]
        other = [f"{self.name}={OTHER}"] * self.has_other
        return (*names, *other, *[f"{self.name} is missing"] * self.has_flag)

    def encode(self, values: Array) -> Array:
        """Return the inputs, shape (n_rows, n_inputs of this column)."""
        gaps = is_missing(values)
        unknown = len(self.levels) if self.has_other else -1
        position = {level: k for k, level in enumerate(self.levels)}
        codes = np.asarray([position.get(value, unknown) for value in values.tolist()], dtype=np.int64)
        codes[gaps] = -1
        width = len(self.levels) + self.has_other
        wanted = np.arange(1, 2) if self.is_single else np.arange(width)
        one_hot = (codes[:, None] == wanted).astype(np.float64)
        return np.column_stack([one_hot, gaps]) if self.has_flag else one_hot

    def decode(self, block: Array) -> Array:
        """Return the levels by the largest input; None if the flag is set or all inputs are zero."""
        words = self._winners(block)
        if self.has_flag:
            words[block[:, -1] >= 0.5] = None
        has_gaps = any(word is None for word in words.tolist())
        return words if has_gaps or not self.is_boolean else words.astype(bool)

    def _winners(self, block: Array) -> Array:
        names = np.empty(len(self.levels) + self.has_other, dtype=object)
        names[:] = [*self.levels, *[OTHER] * self.has_other]
        if self.is_single:
            return names[(block[:, 0] >= 0.5).astype(np.int64)]
        if len(names) == 0:
            return np.full(len(block), None, dtype=object)
        one_hot = block[:, : len(names)]
        winners = names[np.argmax(one_hot, axis=1)]
        winners[one_hot.max(axis=1) <= 0] = None
        return winners

    def in_words(self, value: Any) -> tuple[str, ...]:
        """Return a description of one value's encoding."""
        if value is None:
            return ("missing: all zeros" + (", and its flag is 1" if self.has_flag else ""),)
        if value in self.levels:
            zero = " (0: the first of two levels)" if self.is_single and value == self.levels[0] else ""
            return (f"{value} is level {self.levels.index(value) + 1} of {len(self.levels)}{zero}",)
        return (f"{value} has no separate input: " + (f"it counts as {OTHER}" if self.has_other else "all zeros"),)

    def to_dict(self) -> dict[str, Any]:
        """Return the step as strict JSON."""
        flags = {"is_boolean": self.is_boolean, "has_other": self.has_other, "has_flag": self.has_flag}
        return {"type": "levels", "name": self.name, "levels": [to_json(level) for level in self.levels], **flags}

    @classmethod
    def from_record(cls, record: LevelsStepRecord) -> "LevelsStep":
        """Return the step from the data of `to_dict`."""
        levels = tuple(map(value_of, record.levels))
        return cls(record.name, levels, record.is_boolean, record.has_other, record.has_flag)
