"""Encoding of a numeric column."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.data.encoding.scaling import Scale
from glassnet.data.records import NumberStepRecord
from glassnet.data.row_words import in_row
from glassnet.errors import DataError
from glassnet.typing import Array


@dataclass(frozen=True)
class NumberStep:
    """A scaled number; a missing value becomes the median, with a flag if the training set had missing values.

    >>> NumberStep("mass", Scale(), has_flag=True).encode(np.asarray([1.5, np.nan])).tolist()
    [[1.5, 0.0], [0.0, 1.0]]
    """

    name: str
    scale: Scale
    has_flag: bool = False
    refuses_missing: bool = False

    @classmethod
    def fit(cls, name: str, values: Array, scaling: str) -> "NumberStep":
        """Fit the step to a column of the training set."""
        scale = Scale.robust(values) if scaling == "robust" else Scale.median_only(values)
        return cls(name, scale, bool(np.isnan(values).any()))

    @property
    def input_names(self) -> tuple[str, ...]:
        """Names of this column's inputs."""
        return (self.name, f"{self.name} is missing") if self.has_flag else (self.name,)

    def encode(self, values: Array, rows: Array | None = None) -> Array:
        """Return the inputs, shape (n_rows, n_inputs of this column); `rows` is for messages, see `in_row`."""
        gaps = np.isnan(values)
        if self.refuses_missing and gaps.any():
            raise DataError(
                f"column {self.name!r} has a missing value {in_row(np.flatnonzero(gaps)[0], rows)}, but the plain "
                f"encoding passes numbers as they are; try filling it in, or the default preset."
            )
        filled = np.where(gaps, self.scale.center, values) if gaps.any() else values
        scaled = self.scale.apply(filled)
        return np.column_stack([scaled, gaps]) if self.has_flag else scaled[:, None]

    def decode(self, block: Array) -> Array:
        """Return the column in the user's units, NaN where the flag is set."""
        values = self.scale.inverse(block[:, 0])
        return np.where(block[:, 1] >= 0.5, np.nan, values) if self.has_flag else values

    def in_words(self, value: Any) -> tuple[str, ...]:
        """Return the arithmetic for one value, one line per step."""
        if np.isnan(value):
            return (f"missing: the median {self.scale.center:.6g} stands in", *self.scale.in_words(self.scale.center))
        return self.scale.in_words(float(value))

    def to_dict(self) -> dict[str, Any]:
        """Return the step as strict JSON."""
        flags = {"has_flag": self.has_flag, "refuses_missing": self.refuses_missing}
        return {"type": "number", "name": self.name, "scale": self.scale.to_dict(), **flags}

    @classmethod
    def from_record(cls, record: NumberStepRecord) -> "NumberStep":
        """Return the step from the data of `to_dict`."""
        return cls(record.name, Scale.from_record(record.scale), record.has_flag, record.refuses_missing)
