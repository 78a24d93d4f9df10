"""Sparklines: curves in one line of text."""

from collections.abc import Sequence
from math import isfinite, log

_BLOCKS = "▁▂▃▄▅▆▇█"
_DECADES = 10.0  # curves that span more than this factor are drawn on a logarithmic scale


def sparkline(values: Sequence[float], width: int, ends: tuple[float, float] | None = None) -> str:
    """Return the values as a row of at most `width` blocks; a non-finite value is a blank.

    Parameters
    ----------
    values : sequence of float
    width : int
    ends : (float, float), optional
        Bottom and top of a scale shared by several curves; by default the smallest and the largest value.

    Examples
    --------
    >>> sparkline([4.0, 3.0, 2.0, 1.0], width=10)
    '█▆▃▁'
    """
    shown = _thinned(values, width)
    low, high = ends or span(values)
    if low > 0 and high > _DECADES * low:
        shown, low, high = [log(v) if v > 0 else float("nan") for v in shown], log(low), log(high)
    steps = len(_BLOCKS) - 1
    return "".join(
        _BLOCKS[round(steps * min(1.0, max(0.0, (v - low) / (high - low or 1.0))))] if isfinite(v) else " "
        for v in shown
    )


def span(values: Sequence[float]) -> tuple[float, float]:
    """Return the smallest and the largest finite value.

    >>> span([3.0, float("nan"), 1.0])
    (1.0, 3.0)
    """
    finite = [value for value in values if isfinite(value)] or [0.0]
    return min(finite), max(finite)


def _thinned(values: Sequence[float], width: int) -> list[float]:
    """Return at most `width` values, including the first and the last."""
    if len(values) <= width:
        return list(values)
    return [values[round(k * (len(values) - 1) / (width - 1))] for k in range(width)]
