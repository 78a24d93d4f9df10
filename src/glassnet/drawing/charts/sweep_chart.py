"""Charts of a sweep: what mattered, and every candidate as a line over its choices."""

from collections.abc import Mapping, Sequence
from math import log
from typing import Any

from glassnet.drawing.charts.chart import Chart
from glassnet.drawing.charts.style import HEIGHT, WIDTH
from glassnet.drawing.theme import Theme, check_theme
from glassnet.drawing.words import short
from glassnet.errors import DataError

MOST_LINES = 500
PER_AXIS = 110  # pixels between two axes


def importance_chart(importances: Mapping[str, float], score: str, *, theme: str = "auto") -> Chart:
    """Draw how much each choice of a sweep has changed the score.

    Parameters
    ----------
    importances : dict of str to float
        Shares of 1, from `SweepResult.importances`.
    score : str
        Name of the score.
    theme : {"auto", "light", "dark"}

    Returns
    -------
    Chart
        ``.record`` are the importances.

    Raises
    ------
    DataError
        If there are none.

    Examples
    --------
    >>> importance_chart({"dropout": 0.7, "alpha": 0.3}, "log loss").description
    'dropout 70%, alpha 30% of what changed the log loss.'
    """
    if not importances:
        raise DataError("too few candidates were trained to their end to say what mattered; try more trials.")
    return Chart(
        title=f"What changed the {score}",
        description=f"{', '.join(f'{name} {share:.0%}' for name, share in importances.items())} of what changed the "
        f"{score}.",
        theme=check_theme(theme),
        record=dict(importances),
        build=lambda alt, colors: _bars(alt, colors, importances),
    )


def parallel_chart(
    candidates: Sequence[tuple[Mapping[str, Any], float]],
    score: str,
    *,
    larger_is_better: bool,
    theme: str = "auto",
) -> Chart:
    """Draw each candidate of a sweep as a line over its choices, the best third in color.

    Parameters
    ----------
    candidates : sequence of (dict, float)
        Choices and score, the best first.
    score : str
        Name of the score.
    larger_is_better : bool
    theme : {"auto", "light", "dark"}

    Returns
    -------
    Chart
        ``.record`` are the candidates.

    Raises
    ------
    DataError
        If there are none.

    Examples
    --------
    >>> chart = parallel_chart([({"alpha": 0.1}, 0.3), ({"alpha": 1.0}, 0.4)], "log loss", larger_is_better=False)
    >>> chart.description
    '2 candidates; the best has the log loss 0.3, with alpha 0.1.'
    """
    if not candidates:
        raise DataError("no candidate was trained to its end, so there is none to draw; try more trials.")
    drawn = list(candidates[:MOST_LINES])
    best, value = drawn[0]
    chosen = ", ".join(f"{name} {_label(each)}" for name, each in best.items())
    left_out = f" The best {MOST_LINES} are drawn." if len(candidates) > MOST_LINES else ""
    return Chart(
        title=f"The {score} of {len(candidates)} candidates over their choices",
        description=f"{len(candidates)} candidates; the best has the {score} {short(value)}, with {chosen}.{left_out}",
        theme=check_theme(theme),
        record=tuple(candidates),
        build=lambda alt, colors: _lines(alt, colors, drawn, score, larger_is_better),
    )


def _bars(alt: Any, theme: Theme, importances: Mapping[str, float]) -> Any:
    values = [{"choice": name, "share": share} for name, share in importances.items()]
    base = alt.Chart(alt.Data(values=values)).encode(
        y=alt.Y("choice:N", sort=list(importances), title=None),
        x=alt.X("share:Q", title="share of the change", axis=alt.Axis(format="%", tickCount=5)),
    )
    return base.mark_bar(color=theme.series[0], opacity=0.85).properties(width=WIDTH, height=alt.Step(26))


def _lines(
    alt: Any, theme: Theme, drawn: Sequence[tuple[Mapping[str, Any], float]], score: str, larger_is_better: bool
) -> Any:
    names = [*drawn[0][0], score]
    axes = {name: _Axis([{**choices, score: value}[name] for choices, value in drawn]) for name in names}
    n_best = max(1, len(drawn) // 3)
    lines = [
        {
            "candidate": k,
            "axis": name,
            "position": position,
            "at": axes[name].place({**choices, score: value}[name]),
            "best": k < n_best,
        }
        for k, (choices, value) in enumerate(drawn)
        for position, name in enumerate(names)
    ]
    ticks = [
        {"axis": name, "at": place, "label": label} for name in names for place, label in axes[name].ticks()
    ]  # fmt: skip
    x = alt.X("axis:N", sort=names, title=None, scale=alt.Scale(type="point", padding=0.3),
              axis=alt.Axis(labelAngle=-20, grid=True, domain=False, ticks=False))  # fmt: skip
    y = alt.Y("at:Q", title=None, axis=None, scale=alt.Scale(domain=[-0.04, 1.04], nice=False))
    color = alt.Color(
        "best:N",
        title=f"the {'larger' if larger_is_better else 'smaller'}, the better: {score}",
        scale=alt.Scale(domain=[True, False], range=[theme.series[0], theme.muted]),
        legend=alt.Legend(labelExpr="datum.label == 'true' ? 'best third' : 'others'"),
    )
    # one line per candidate follows its axes from left to right
    order = alt.Order("position:Q")
    paths = (
        alt.Chart(alt.Data(values=lines))
        .mark_line(strokeWidth=1.4)
        .encode(
            x=x,
            y=y,
            color=color,
            detail="candidate:N",
            order=order,
            opacity=alt.Opacity("best:N", scale=alt.Scale(domain=[True, False], range=[0.85, 0.25]), legend=None),
        )
    )
    labels = (
        alt.Chart(alt.Data(values=ticks))
        .mark_text(align="left", dx=4, color=theme.ink, fontSize=11, stroke=theme.surface, strokeWidth=0.4)
        .encode(x=x, y=y, text="label:N")
    )
    return alt.layer(paths, labels).properties(width=PER_AXIS * len(names), height=HEIGHT)


class _Axis:
    """Places of the values of one choice, from 0 to 1: numbers by size, by their logarithm if they span decades."""

    def __init__(self, values: Sequence[Any]) -> None:
        self._values = list(dict.fromkeys(values))
        self._is_number = all(isinstance(v, int | float) and not isinstance(v, bool) for v in self._values)
        if self._is_number:
            self._low, self._high = min(self._values), max(self._values)
            self._is_log = self._low > 0 and self._high / self._low > 30
        else:
            self._values.sort(key=str)

    def place(self, value: Any) -> float:
        if not self._is_number:
            return (self._values.index(value) + 0.5) / len(self._values)
        if self._low == self._high:
            return 0.5
        if self._is_log:
            return log(value / self._low) / log(self._high / self._low)
        return float((value - self._low) / (self._high - self._low))

    def ticks(self) -> list[tuple[float, str]]:
        shown = sorted({self._low, self._high}) if self._is_number else self._values
        return [(self.place(value), _label(value)) for value in shown]


def _label(value: Any) -> str:
    return short(value) if isinstance(value, float) else "none" if value is None else str(value)
