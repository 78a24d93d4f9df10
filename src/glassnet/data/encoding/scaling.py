"""The robust scale and the smooth clip for numbers, and their inverses."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.data.records import ScaleRecord
from glassnet.typing import Array

CLIP = 3.0
"""Limit of scaled numbers, approached but never reached, so that outliers do not dominate a row."""

_HUGE = 1e100  # larger squares would overflow and give 0; at this size the clip is exactly 3
_BRIM = CLIP * (1 - 1e-12)


@dataclass(frozen=True)
class Scale:
    r"""``clip(factor * (x - center))`` with :math:`clip(z) = z / \sqrt{1 + (z/3)^2}`.

    Parameters
    ----------
    center : float
        The median of the training values, which also replaces missing values.
    factor : float
        1 / (q75 - q25); 2 / (max - min) if the quartiles are equal; 0 if all values are equal.
    is_clipped : bool

    Examples
    --------
    >>> scale = Scale.robust(np.asarray([0.0, 1.0, 2.0, 3.0, 4.0]))
    >>> scale.center, scale.factor
    (2.0, 0.5)
    >>> scale.apply(np.asarray([2.0, 4.0])).round(6).tolist()
    [0.0, 0.948683]
    """

    center: float = 0.0
    factor: float = 1.0
    is_clipped: bool = False

    @classmethod
    def robust(cls, values: Array) -> "Scale":
        """Return the scale fitted to training values, ignoring NaN."""
        present = values[~np.isnan(values)]
        if len(present) == 0:
            return cls(0.0, 0.0, True)
        q25, median, q75 = (float(q) for q in _by_halves(np.percentile, present, [25, 50, 75]))
        spread, span = q75 - q25, float(_by_halves(np.ptp, present))
        return cls(median, _inverse(spread) or 2 * _inverse(span), True)

    @classmethod
    def median_only(cls, values: Array) -> "Scale":
        """Return the scale that only replaces missing values by the median."""
        present = values[~np.isnan(values)]
        return cls(float(_by_halves(np.median, present)) if len(present) else 0.0, 1.0, False)

    def apply(self, values: Array) -> Array:
        """Return the scaled values. Each operation is correctly rounded, so no value depends on its batch."""
        if not self.is_clipped:
            return values
        with np.errstate(over="ignore"):
            z = np.subtract(values, self.center, dtype=np.float64)
            z *= self.factor
        return _clip_in_place(z)

    def inverse(self, scaled: Array) -> Array:
        """Return the inverse of `apply`; values beyond the clip limit map to the nearest possible number."""
        if not self.is_clipped:
            return np.asarray(scaled, dtype=np.float64)
        if self.factor == 0:
            return np.full(len(scaled), self.center)
        c = np.clip(scaled, -_BRIM, _BRIM)
        return self.center + c / np.sqrt(1.0 - (c / CLIP) ** 2) / self.factor

    def in_words(self, value: float) -> tuple[str, ...]:
        """Return the arithmetic for one value, one line per step."""
        if not self.is_clipped:
            return (f"{value:.6g} as it is",)
        z = (value - self.center) * self.factor
        clipped = float(self.apply(np.asarray([value]))[0])
        return (
            f"({value:.6g} - {self.center:.6g}) * {self.factor:.6g} = {z:.6g}",
            f"{z:.6g} / sqrt(1 + ({z:.6g}/3)^2) = {clipped:.6g}",
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the scale as strict JSON."""
        return {"center": self.center, "factor": self.factor, "is_clipped": self.is_clipped}

    @classmethod
    def from_record(cls, record: ScaleRecord) -> "Scale":
        """Return the scale from the data of `to_dict`."""
        return cls(record.center, record.factor, record.is_clipped)


def _by_halves(measure: Callable[..., Any], present: Array, *arguments: Any) -> Any:
    """Return a measure that grows with its numbers, of numbers whose sums and differences may be too large."""
    with np.errstate(over="ignore", invalid="ignore"):
        whole = measure(present, *arguments)
        return whole if np.all(np.isfinite(whole)) else 2 * measure(present / 2, *arguments)


def smooth_clip(z: Array) -> Array:
    """Return z / sqrt(1 + (z/3)^2): almost z near 0, never beyond plus or minus 3.

    >>> smooth_clip(np.asarray([0.0, 4.0, 1e300])).tolist()
    [0.0, 2.4, 3.0]
    """
    return _clip_in_place(np.array(z, np.float64))


def _clip_in_place(z: Array) -> Array:
    np.clip(z, -_HUGE, _HUGE, out=z)
    root = z / CLIP
    root *= root
    root += 1.0
    z /= np.sqrt(root, out=root)
    return z


def _inverse(x: float) -> float:
    """Return 1/x, and 0 where 1/x is not finite."""
    inverse = 1.0 / x if x > 0 else 0.0
    return inverse if np.isfinite(inverse) and np.isfinite(x) else 0.0
