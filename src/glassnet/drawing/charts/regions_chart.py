"""Chart of the decision regions over two features."""

from typing import Any

import numpy as np

from glassnet.drawing.charts.chart import Chart
from glassnet.drawing.figures.predicted import check_one_class
from glassnet.drawing.figures.regions import SIDE, Regions, regions_of
from glassnet.drawing.theme import Theme, check_theme
from glassnet.drawing.words import short
from glassnet.errors import ParameterError

MOST_POINTS = 1000
LEVELS = 20  # number of shades of certainty
PIXELS = 3 * SIDE  # a whole number per cell prevents seams
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")


def decision_regions(
    model: Any, X: Any, y: Any = None, *, features: tuple[str, str] | None = None, theme: str = "auto"
) -> Chart:
    """Draw the predicted class over a plane of two features, paler where less certain, and the rows.

    Parameters
    ----------
    model : GlassClassifier
        Fitted.
    X : rows in any form that the model accepts
        They determine the extent of the plane, and are drawn on it.
    y : array of shape (n_rows,), optional
        True classes, shown by color and shape.
    features : pair of str, optional
        Two numeric columns; required if X has more than two columns. The others are held at their median or most
        frequent value.
    theme : {"auto", "light", "dark"}

    Returns
    -------
    Chart
        ``.record`` is a `Regions`: ``x``, ``y``, ``predicted``, ``certainty``, ``held``.

    Raises
    ------
    ParameterError
        If the model predicts no classes, or `features` does not name two columns.
    DataError
        If a feature is not made of numbers.

    Examples
    --------
    >>> import glassnet as gn
    >>> X = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]] * 5
    >>> clf = gn.GlassClassifier((4,), max_iter=2, random_state=0).fit(X, [0, 1, 1, 0] * 5)
    >>> decision_regions(clf, X).record.predicted.shape
    (120, 120)
    """
    if check_one_class(model, "a picture of decision regions").target_encoder_.classes is None:
        raise ParameterError(
            f"decision regions require a classifier, but this {type(model).__name__} predicts quantities; "
            f"try residuals(...)."
        )
    record = regions_of(model, X, y, features)
    return Chart(
        title=f"Decision regions over {record.features[0]} and {record.features[1]}",
        description=_description(record),
        theme=check_theme(theme),
        record=record,
        build=lambda alt, colors: _build(alt, colors, record),
    )


def _description(record: Regions) -> str:
    shares = np.bincount(record.predicted.ravel(), minlength=len(record.classes)) / record.predicted.size
    summary = ", ".join(f"{label} {share:.0%}" for label, share in zip(record.classes, shares, strict=True))
    held = ", ".join(f"{name} = {_value(value)}" for name, value in record.held.items())
    return f"Share of the plane by predicted class: {summary}." + (f" Held constant: {held}." if held else "")


def _value(value: Any) -> str:
    return short(value) if isinstance(value, float) else str(value)


def _build(alt: Any, theme: Theme, record: Regions) -> Any:
    names = [str(label) for label in record.classes]
    colors = [theme.series[k % len(theme.series)] for k in range(len(names))]
    scale = alt.Scale(domain=names, range=colors)
    first, second = record.features
    axis = alt.Axis(grid=False, tickCount=6)
    x = alt.X("x:Q", title=first, scale=_scale(alt, record.x), axis=axis)
    y = alt.Y("y:Q", title=second, scale=_scale(alt, record.y), axis=axis)
    only_areas = record.labels is None
    areas = (
        alt.Chart(alt.Data(values=_cells(record, names, colors)))
        .mark_rect(clip=True, stroke=None, aria=False)
        .encode(x=x, x2="x2:Q", y=y, y2="y2:Q",
                fill=alt.Fill("class:N", title="predicted", sort=names, scale=scale) if only_areas
                else alt.Fill("color:N", scale=None, legend=None),
                opacity=alt.Opacity("certainty:Q", legend=None,
                                    scale=alt.Scale(domain=[1 / max(2, len(names)), 1], range=[0.06, 0.42])))
    )  # fmt: skip
    points = alt.Chart(alt.Data(values=_points(record, names)))
    if only_areas:
        marks = points.mark_point(filled=True, color=theme.ink, size=26, opacity=0.8).encode(x=x, y=y)
    else:
        shapes = [SHAPES[k % len(SHAPES)] for k in range(len(names))]
        marks = points.mark_point(filled=True, size=42, opacity=1, stroke=theme.surface, strokeWidth=0.8).encode(
            x=x, y=y, color=alt.Color("class:N", title="class", sort=names, scale=scale),
            shape=alt.Shape("class:N", title="class", sort=names, scale=alt.Scale(domain=names, range=shapes)),
        )  # fmt: skip
    return alt.layer(areas, marks).properties(width=PIXELS, height=PIXELS)


def _scale(alt: Any, values: Any) -> Any:
    half = float(values[1] - values[0]) / 2
    return alt.Scale(domain=[float(values[0]) - half, float(values[-1]) + half], nice=False, zero=False)


def _cells(record: Regions, names: list[str], colors: list[str]) -> list[dict[str, Any]]:
    """Return rectangles of one class and about one certainty; neighbors in a row of the grid are joined."""
    step_x, step_y = (float(values[1] - values[0]) for values in (record.x, record.y))
    levels = np.floor(record.certainty * LEVELS).clip(0, LEVELS - 1).astype(int)
    cells: list[dict[str, Any]] = []
    for y, classes, certainty in zip(record.y.tolist(), record.predicted, levels, strict=True):
        changes = np.flatnonzero(np.diff(classes) | np.diff(certainty)) + 1
        for first, last in zip([0, *changes], [*changes - 1, len(classes) - 1], strict=True):
            cells.append(
                {
                    "x": float(record.x[first]) - 0.5 * step_x,
                    "x2": float(record.x[last]) + 0.5 * step_x,
                    "y": y - 0.5 * step_y,
                    "y2": y + 0.5 * step_y,
                    "class": names[classes[first]],
                    "color": colors[classes[first]],
                    "certainty": (int(certainty[first]) + 0.5) / LEVELS,
                }
            )
    return cells


def _points(record: Regions, names: list[str]) -> list[dict[str, Any]]:
    kept = np.linspace(0, len(record.rows) - 1, min(len(record.rows), MOST_POINTS)).astype(int)
    return [
        {"x": float(record.rows[i, 0]), "y": float(record.rows[i, 1]),
         **({} if record.labels is None else {"class": str(record.labels[i])})}
        for i in kept.tolist()
        if np.isfinite(record.rows[i]).all()
    ]  # fmt: skip
