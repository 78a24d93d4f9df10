"""Curves and bars in one line of text, as block characters."""

from collections.abc import Sequence
from math import isfinite, log

from glassnet.drawing.small.plot import Plot
from glassnet.drawing.words import short

FEWEST_BARS = 5  # fewer are better told in words
FEWEST_BLOCKS = 4
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


def in_blocks(plot: Plot, width: int) -> list[str]:
    """Return a small plot as lines of at most `width` characters, one for each series; empty where words do better.

    >>> from glassnet.drawing.small.plot import lines
    >>> in_blocks(lines({"cost": [4.0, 3.0, 2.0, 1.0]}, x="epoch", y="cost"), 60)
    ['cost, epoch 1 to 4:  █▆▃▁  4 → 1']
    """
    if plot.kind == "reliability" or (plot.kind == "bars" and len(plot.labels) < FEWEST_BARS):
        return []
    made = []
    for series in plot.series:
        values = [float("nan") if not value and plot.kind == "histogram" else value for value in _floats(series.values)]
        before, after = _around(plot, series.name, values)
        room = width - len(before) - len(after)
        if room >= FEWEST_BLOCKS:
            made.append(f"{before}{sparkline(values, room, _ends(plot, values))}{after}")
    return made


def _around(plot: Plot, name: str, values: Sequence[float]) -> tuple[str, str]:
    """Return what stands before the blocks, and after them."""
    if plot.kind == "histogram":
        return f"{plot.x} of {name}, {short(plot.at[0])} to {short(plot.at[-1])}:  ", ""
    if plot.kind == "bars":
        low, high = span(values)
        return f"{plot.y}, {short(low)} to {short(high)}:  ", f"  (one block for each {plot.x})"
    return f"{name}, {plot.x} {plot.at[0]:g} to {plot.at[-1]:g}:  ", f"  {short(values[0])} → {short(values[-1])}"


def _ends(plot: Plot, values: Sequence[float]) -> tuple[float, float] | None:
    return (0.0, span(values)[1]) if plot.kind == "histogram" else None


def _floats(values: Sequence[float | None]) -> list[float]:
    return [float("nan") if value is None else value for value in values]


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
