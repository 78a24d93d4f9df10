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
        scaled, gaps = self._scaled(values, rows)
        return np.column_stack([scaled, gaps]) if self.has_flag else scaled[:, None]

    def encode_into(self, block: Array, values: Array, rows: Array | None = None) -> None:
        """Write the inputs, as `encode` returns them, into an array of shape (n_inputs of this column, n_rows).

        >>> block = np.empty((1, 2), np.float32)
        >>> NumberStep("mass", Scale(1.0, 0.5, True)).encode_into(block, np.asarray([1, 9]))
        >>> block.tolist()
        [[0.0, 2.4000000953674316]]
        """
        block[0], gaps = self._scaled(values, rows)
        if self.has_flag:
            block[1] = gaps

    def _scaled(self, values: Array, rows: Array | None) -> tuple[Array, Array]:
        """Return the scaled numbers, and where they are missing."""
        gaps = np.isnan(values) if values.dtype.kind == "f" else np.zeros(len(values), bool)
        has_gaps = bool(gaps.any())
        if self.refuses_missing and has_gaps:
            raise DataError(
                f"column {self.name!r} has a missing value {in_row(np.flatnonzero(gaps)[0], rows)}, but the plain "
                f"encoding passes numbers as they are; try filling it in, or the default preset."
            )
        if has_gaps:
            filled = values.astype(np.float64)
            filled[gaps] = self.scale.center
            return self.scale.apply(filled), gaps
        return self.scale.apply(values), gaps

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
