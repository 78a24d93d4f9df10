"""Chart of the learning curves."""

from textwrap import wrap
from typing import Any

import numpy as np

from glassnet.drawing.charts.chart import Chart
from glassnet.drawing.charts.style import WIDTH
from glassnet.drawing.theme import Theme, check_theme
from glassnet.drawing.words import short
from glassnet.errors import ParameterError
from glassnet.estimators.fitting.costs_apart import why_training_costs_more
from glassnet.training.history import History
from glassnet.wording import counted

TRAINING, VALIDATION = "training", "validation"
CAPTION = 84  # characters per line
DECADES = 10.0  # costs that span more than this factor are drawn on a logarithmic scale


def learning_curves(history: Any, *, theme: str = "auto") -> Chart:
    """Draw cost and metric per epoch, with a mark at the best epoch.

    Parameters
    ----------
    history : History, or an object with one
        ``gn.train(...).history``, the result itself, or a fitted estimator.
    theme : {"auto", "light", "dark"}

    Returns
    -------
    Chart
        ``.record`` is the `History`.

    Raises
    ------
    ParameterError
        If there is no history, or it has no epochs.

    Examples
    --------
    >>> import glassnet as gn
    >>> net = gn.Network.create([2, 1], seed=0)
    >>> result = gn.train(net, [[0, 1], [1, 0]], [[0], [1]], cost="binary_cross_entropy", epochs=3)
    >>> learning_curves(result).save("learning.svg")
    """
    found, why_apart = _history(history), _why_apart(history)
    if len(found) == 0:
        raise ParameterError("this history has no epochs, so there is nothing to draw; train first.")
    return Chart(
        title=f"Learning curves of {counted(len(found), 'epoch')}",
        description=" ".join(part for part in (_description(found), why_apart) if part),
        theme=check_theme(theme),
        record=found,
        build=lambda alt, colors: _build(alt, colors, found, why_apart),
    )


def _why_apart(value: Any) -> str:
    """Return why a fitted model's training cost is above its validation cost; unknown from a history alone."""
    return why_training_costs_more(value) if hasattr(value, "recipe_") else ""


def _history(value: Any) -> History:
    for candidate in (value, getattr(value, "history", None), getattr(value, "history_", None)):
        if isinstance(candidate, History):
            return candidate
    raise ParameterError(
        f"a {type(value).__name__} has no history; pass gn.train(...).history or a fitted GlassClassifier."
    )


def _description(history: History) -> str:
    cost = history["cost"]
    parts = [f"The training cost goes from {short(float(cost[0]))} to {short(float(cost[-1]))}."]
    held = history["validation_cost"]
    if np.isfinite(held).any():
        parts.append(f"The smallest validation cost is {short(float(np.nanmin(held)))}.")
    parts.append(f"The parameters of epoch {history.best_epoch} were kept.")
    return " ".join(parts)


def _build(alt: Any, theme: Theme, history: History, why_apart: str) -> Any:
    panels = [_panel(alt, theme, history, "cost", "cost", 240)]
    if history.metric_name and np.isfinite(history["metric"]).any():
        panels.append(_panel(alt, theme, history, "metric", history.metric_name, 150))
    chart = alt.vconcat(*panels, spacing=18).resolve_scale(color="shared", strokeDash="shared", x="shared")
    if not why_apart:
        return chart
    caption = alt.Title(
        wrap(why_apart, CAPTION), orient="bottom", anchor="start", color=theme.muted, fontSize=11, fontWeight="normal"
    )
    return chart.properties(title=caption)


def _panel(alt: Any, theme: Theme, history: History, quantity: str, title: str, height: int) -> Any:
    series = {TRAINING: history[quantity], VALIDATION: history[f"validation_{quantity}"]}
    values = [
        {"epoch": k, "value": value, "rows": name}
        for name, column in series.items()
        for k, value in enumerate(column.tolist(), start=1)
        if np.isfinite(value)
    ]
    names = [name for name, column in series.items() if np.isfinite(column).any()]
    scale, ticks = _scale(alt, [entry["value"] for entry in values], may_be_log=quantity == "cost")
    last = quantity == "metric" or not history.metric_name
    base = alt.Chart(alt.Data(values=values))
    lines = base.mark_line(point=len(history) == 1).encode(
        x=alt.X("epoch:Q", title="epoch" if last else None,
                scale=alt.Scale(domain=[1, max(2, len(history))], nice=False),
                axis=alt.Axis(tickMinStep=1, tickCount=7, grid=False, format="d")),
        y=alt.Y("value:Q", title=title, scale=scale, axis=ticks),
        color=alt.Color("rows:N", title=None, scale=alt.Scale(domain=names, range=list(theme.series[: len(names)])),
                        legend=alt.Legend(orient="top") if len(names) > 1 else None),
        strokeDash=alt.StrokeDash("rows:N", title=None, legend=alt.Legend(orient="top") if len(names) > 1 else None,
                                  scale=alt.Scale(domain=names, range=[[1, 0], [6, 4]][: len(names)])),
    )  # fmt: skip
    return alt.layer(*_kept(alt, theme, history, quantity), lines).properties(width=WIDTH, height=height)


def _scale(alt: Any, numbers: list[float], *, may_be_log: bool) -> tuple[Any, Any]:
    """Return scale and axis of a quantity; logarithmic, with lines at 1, 2 and 5, for costs of a wide range."""
    low, high = min(numbers), max(numbers)
    if not may_be_log or low <= 0 or high <= DECADES * low:
        return alt.Scale(zero=False), alt.Axis(tickCount=5)
    steps = (1, 2, 5) if high < 1000 * low else (1,)
    ticks = [step * 10.0**power for power in range(-12, 13) for step in steps]
    inside = [tick for tick in ticks if low <= tick <= high]
    return alt.Scale(type="log", domain=[low / 1.1, high * 1.1], nice=False), alt.Axis(values=inside, format="~g")


def _kept(alt: Any, theme: Theme, history: History, quantity: str) -> list[Any]:
    """Return the mark of the epoch of the returned parameters, unless it is the last one."""
    if not 0 < history.best_epoch < len(history):
        return []
    near_the_end = history.best_epoch > 0.7 * len(history)
    base = alt.Chart(alt.Data(values=[{"epoch": history.best_epoch, "label": f"kept: epoch {history.best_epoch}"}]))
    rule = base.mark_rule(color=theme.muted, strokeDash=[2, 3], strokeWidth=1.3).encode(x="epoch:Q")
    if quantity != "cost":
        return [rule]
    text = base.mark_text(
        color=theme.muted, align="right" if near_the_end else "left", dx=-5 if near_the_end else 5, baseline="top"
    ).encode(x="epoch:Q", y=alt.value(2), text="label:N")
    return [rule, text]
