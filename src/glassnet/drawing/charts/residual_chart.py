"""Chart of the residuals of a regression."""

from typing import Any

import numpy as np

from glassnet.drawing.charts.chart import Chart
from glassnet.drawing.charts.style import HEIGHT, WIDTH
from glassnet.drawing.figures.predicted import predicted_quantities
from glassnet.drawing.figures.residual import Residuals
from glassnet.drawing.theme import Theme, check_theme
from glassnet.drawing.words import short

MOST_POINTS = 3000  # more would overlap, and enlarge the file


def residuals(model: Any, X: Any, y: Any, *, theme: str = "auto") -> Chart:
    """Draw residuals (truth minus prediction) against predictions, with their distribution.

    Parameters
    ----------
    model : GlassRegressor
        Fitted.
    X : rows in any form that the model accepts
    y : array of shape (n_rows,) or (n_rows, n_targets)
        True values.
    theme : {"auto", "light", "dark"}

    Returns
    -------
    Chart
        ``.record`` has `Residuals` per target: ``truth``, ``predicted``, ``values``, ``mean``, ``rmse``.

    Raises
    ------
    ParameterError
        If the model predicts no quantities or is not fitted.

    Examples
    --------
    >>> import glassnet as gn
    >>> reg = gn.GlassRegressor((4,), max_iter=2, random_state=0).fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0])
    >>> residuals(reg, [[0.5]], [0.5]).record[0].values.shape
    (1,)
    """
    rows = predicted_quantities(model, X, y, "residuals")
    record = tuple(
        Residuals(name, truth, predicted)
        for name, truth, predicted in zip(rows.names, rows.truth.T, rows.prediction.T, strict=True)
    )
    return Chart(
        title=f"Residuals of {', '.join(part.name for part in record)}",
        description=" ".join(_description(part) for part in record),
        theme=check_theme(theme),
        record=record,
        build=lambda alt, colors: _build(alt, colors, record),
    )


def _description(part: Residuals) -> str:
    shown = f" {MOST_POINTS:,} of {len(part.values):,} rows are drawn." if len(part.values) > MOST_POINTS else ""
    return f"{part.name}: the residuals' mean is {short(part.mean)}, their root mean square {short(part.rmse)}.{shown}"


def _build(alt: Any, theme: Theme, record: tuple[Residuals, ...]) -> Any:
    return alt.vconcat(*(_panel(alt, theme, part) for part in record), spacing=26)


def _panel(alt: Any, theme: Theme, part: Residuals) -> Any:
    kept = np.linspace(0, len(part.values) - 1, min(len(part.values), MOST_POINTS)).astype(int)
    values = [
        {"predicted": p, "residual": r}
        for p, r in zip(part.predicted[kept].tolist(), part.values[kept].tolist(), strict=True)
    ]
    base = alt.Chart(alt.Data(values=values))
    zero = alt.Chart(alt.Data(values=[{"residual": 0}])).mark_rule(color=theme.muted, strokeDash=[3, 3]).encode(
        y="residual:Q")  # fmt: skip
    y = alt.Y("residual:Q", title="truth − prediction", scale=alt.Scale(zero=True))
    points = base.mark_circle(color=theme.series[0], size=34, opacity=0.5 if len(kept) > 300 else 0.75).encode(
        x=alt.X("predicted:Q", title=f"predicted {part.name}", scale=alt.Scale(zero=False)), y=y
    )
    bars = base.mark_bar(color=theme.series[0], opacity=0.65).encode(
        y=alt.Y("residual:Q", bin=alt.Bin(maxbins=24), title=None, axis=None),
        x=alt.X("count()", title="rows", axis=alt.Axis(tickCount=2)),
    )
    return alt.hconcat(
        alt.layer(zero, points).properties(width=WIDTH - 60, height=HEIGHT - 40),
        bars.properties(width=90, height=HEIGHT - 40),
        spacing=10,
    )
