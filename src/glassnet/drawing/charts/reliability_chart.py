"""Chart of a reliability curve."""

from typing import Any

import numpy as np

from glassnet.drawing.charts.chart import Chart
from glassnet.drawing.charts.style import HEIGHT
from glassnet.drawing.figures.predicted import predicted_classes
from glassnet.drawing.figures.reliability import Reliability, reliability_of
from glassnet.drawing.theme import Theme, check_theme


def reliability_curve(model: Any, X: Any, y: Any, *, theme: str = "auto") -> Chart:
    """Draw observed frequencies against predicted probabilities, with 95% intervals and counts.

    Parameters
    ----------
    model : GlassClassifier
        Fitted. Uses the probability of the second of two classes, else that of the predicted class.
    X : rows in any form that the model accepts
    y : array of shape (n_rows,)
        True classes.
    theme : {"auto", "light", "dark"}

    Returns
    -------
    Chart
        ``.record`` is a `Reliability`: ``predicted``, ``observed``, ``low``, ``high``, ``counts``,
        ``calibration_error``.

    Raises
    ------
    ParameterError
        If the model predicts no classes or is not fitted.

    Examples
    --------
    >>> import glassnet as gn
    >>> clf = gn.GlassClassifier((4,), max_iter=2, random_state=0).fit([[0.0], [1.0]] * 9, ["no", "yes"] * 9)
    >>> int(reliability_curve(clf, [[0.0], [1.0]], ["no", "yes"]).record.counts.sum())
    2
    """
    rows = predicted_classes(model, X, y, "a reliability curve")
    if len(rows.classes) == 2:
        record = reliability_of(rows.classes[1], rows.is_class(1), rows.probabilities[:, 1])
    else:
        right = np.asarray([true == guess for true, guess in zip(rows.truth, rows.prediction, strict=True)])
        record = reliability_of("the predicted class", right, rows.probabilities.max(axis=1))
    return Chart(
        title=f"Reliability of the probability of {record.label}",
        description=_description(record),
        theme=check_theme(theme),
        record=record,
        build=lambda alt, colors: _build(alt, colors, record),
    )


def _description(record: Reliability) -> str:
    groups = ", ".join(f"{p:.0%} came true {o:.0%}" for p, o in zip(record.predicted, record.observed, strict=True))
    return f"Mean distance of predicted and observed: {record.calibration_error:.1%}. Groups: {groups}."


def _build(alt: Any, theme: Theme, record: Reliability) -> Any:
    values = [
        {"predicted": p, "observed": o, "low": low, "high": high, "count": n}
        for p, o, low, high, n in zip(
            record.predicted.tolist(), record.observed.tolist(), record.low.tolist(), record.high.tolist(),
            record.counts.tolist(), strict=True,
        )
    ]  # fmt: skip
    scale = alt.Scale(domain=[0, 1], nice=False, padding=0)
    x = alt.X("predicted:Q", title=f"predicted probability of {record.label}", scale=scale,
              axis=alt.Axis(format="%", tickCount=5))  # fmt: skip
    y = alt.Y("observed:Q", title="came true", scale=scale, axis=alt.Axis(format="%", tickCount=5))
    base = alt.Chart(alt.Data(values=values))
    ideal = (
        alt.Chart(alt.Data(values=[{"predicted": 0, "observed": 0}, {"predicted": 1, "observed": 1}]))
        .mark_line(color=theme.muted, strokeDash=[3, 3], strokeWidth=1.3)
        .encode(x=x, y=y)
    )
    spread = base.mark_rule(color=theme.series[0], strokeWidth=1.4).encode(
        x=x, y=alt.Y("low:Q", title="came true", scale=scale), y2="high:Q"
    )
    line = base.mark_line(color=theme.series[0], point={"filled": True, "size": 55, "color": theme.series[0]}).encode(
        x=x, y=y
    )
    bars = base.mark_bar(color=theme.series[0], opacity=0.65, size=14).encode(
        x=x,
        y=alt.Y("count:Q", title="rows", axis=alt.Axis(tickCount=3)),
    )  # fmt: skip
    return alt.vconcat(
        alt.layer(ideal, spread, line).properties(width=HEIGHT, height=HEIGHT),
        bars.properties(width=HEIGHT, height=70),
        spacing=14,
    )
