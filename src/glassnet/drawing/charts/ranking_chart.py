"""Charts of ROC and precision-recall curves."""

from typing import Any

from glassnet.drawing.charts.chart import Chart
from glassnet.drawing.charts.style import HEIGHT
from glassnet.drawing.figures.predicted import PredictedClasses, predicted_classes
from glassnet.drawing.figures.ranking import RankingCurve, ranking_curve
from glassnet.drawing.theme import Theme, check_theme


def roc_curves(model: Any, X: Any, y: Any, *, theme: str = "auto") -> Chart:
    """Draw the receiver operating characteristic: true positive rate against false positive rate.

    Parameters
    ----------
    model : GlassClassifier
        Fitted. Two classes give one curve, for the second class; more give one curve per class against all others.
    X : rows in any form that the model accepts
    y : array of shape (n_rows,)
        True classes.
    theme : {"auto", "light", "dark"}

    Returns
    -------
    Chart
        ``.record`` has a `RankingCurve` per class: ``false_positive_rate``, ``recall``, ``area``.

    Raises
    ------
    ParameterError
        If the model predicts no classes or is not fitted.
    DataError
        If a class does not occur in y, or no other does.

    Examples
    --------
    >>> import glassnet as gn
    >>> clf = gn.GlassClassifier((4,), max_iter=2, random_state=0).fit([[0.0], [1.0]] * 9, ["no", "yes"] * 9)
    >>> (curve,) = roc_curves(clf, [[0.0], [1.0]], ["no", "yes"]).record
    >>> curve.label, 0 <= curve.area <= 1
    ('yes', True)
    """
    curves = _curves(predicted_classes(model, X, y, "a ROC curve"))
    summary = ", ".join(f"{curve.label} {curve.area:.3f}" for curve in curves)
    return Chart(
        title="ROC curve" if len(curves) == 1 else f"ROC curves of {len(curves)} classes",
        description=f"Area under the curve: {summary}; 0.5 is guessing, 1 is perfect.",
        theme=check_theme(theme),
        record=curves,
        build=lambda alt, colors: _roc(alt, colors, curves),
    )


def precision_recall_curves(model: Any, X: Any, y: Any, *, theme: str = "auto") -> Chart:
    """Draw precision against recall.

    Parameters
    ----------
    model : GlassClassifier
        Fitted. Two classes give one curve, for the second class; more give one curve per class against all others.
    X : rows in any form that the model accepts
    y : array of shape (n_rows,)
        True classes.
    theme : {"auto", "light", "dark"}

    Returns
    -------
    Chart
        ``.record`` has a `RankingCurve` per class: ``recall``, ``precision``, ``average_precision``.

    Raises
    ------
    ParameterError
        If the model predicts no classes or is not fitted.
    DataError
        If a class does not occur in y, or no other does.

    Examples
    --------
    >>> import glassnet as gn
    >>> clf = gn.GlassClassifier((4,), max_iter=2, random_state=0).fit([[0.0], [1.0]] * 9, ["no", "yes"] * 9)
    >>> precision_recall_curves(clf, [[0.0], [1.0]], ["no", "yes"]).record[0].precision.tolist()[-1]
    0.5
    """
    curves = _curves(predicted_classes(model, X, y, "a precision-recall curve"))
    summary = ", ".join(f"{curve.label} {curve.average_precision:.3f}" for curve in curves)
    return Chart(
        title="Precision-recall curve" if len(curves) == 1 else f"Precision-recall curves of {len(curves)} classes",
        description=f"Average precision: {summary}; guessing gives the share of the class.",
        theme=check_theme(theme),
        record=curves,
        build=lambda alt, colors: _precision_recall(alt, colors, curves),
    )


def _curves(rows: PredictedClasses) -> tuple[RankingCurve, ...]:
    which = [1] if len(rows.classes) == 2 else range(len(rows.classes))
    return tuple(ranking_curve(rows.classes[k], rows.is_class(k), rows.probabilities[:, k]) for k in which)


def _roc(alt: Any, theme: Theme, curves: tuple[RankingCurve, ...]) -> Any:
    names = [f"{curve.label}  {curve.area:.3f}" for curve in curves]
    values = [
        {"x": x, "y": y, "class": name}
        for name, curve in zip(names, curves, strict=True)
        for x, y in [(0.0, 0.0), *zip(curve.false_positive_rate.tolist(), curve.recall.tolist(), strict=True)]
    ]
    guess = alt.Chart(alt.Data(values=[{"x": 0, "y": 0}, {"x": 1, "y": 1}])).mark_line(
        color=theme.muted, strokeDash=[3, 3], strokeWidth=1.3
    ).encode(x="x:Q", y="y:Q")  # fmt: skip
    lines = _lines(alt, theme, values, names, ("false positive rate", "true positive rate"), "area under the curve")
    return alt.layer(guess, lines).properties(width=HEIGHT, height=HEIGHT)


def _precision_recall(alt: Any, theme: Theme, curves: tuple[RankingCurve, ...]) -> Any:
    names = [f"{curve.label}  {curve.average_precision:.3f}" for curve in curves]
    values = [
        {"x": x, "y": y, "class": name}
        for name, curve in zip(names, curves, strict=True)
        for x, y in [(0.0, 1.0), *zip(curve.recall.tolist(), curve.precision.tolist(), strict=True)]
    ]
    lines = _lines(alt, theme, values, names, ("recall", "precision"), "average precision", "step-before")
    return lines.properties(width=HEIGHT, height=HEIGHT)


def _lines(
    alt: Any,
    theme: Theme,
    values: list[dict[str, Any]],
    names: list[str],
    titles: tuple[str, str],
    legend: str,
    interpolate: str = "linear",
) -> Any:
    scale = alt.Scale(domain=[0, 1], nice=False)
    colors = [theme.series[k % len(theme.series)] for k in range(len(names))]
    dashes = [[1, 0], [7, 3], [2, 2], [9, 3, 2, 3]]
    return (
        alt.Chart(alt.Data(values=values))
        .mark_line(interpolate=interpolate)
        .encode(
            x=alt.X("x:Q", title=titles[0], scale=scale, axis=alt.Axis(tickCount=5)),
            y=alt.Y("y:Q", title=titles[1], scale=scale, axis=alt.Axis(tickCount=5)),
            order=alt.Order("index:Q"),
            color=alt.Color("class:N", title=legend, sort=names, scale=alt.Scale(domain=names, range=colors)),
            strokeDash=alt.StrokeDash("class:N", title=legend, sort=names,
                                      scale=alt.Scale(domain=names, range=[dashes[k % 4] for k in range(len(names))])),
        )
        .transform_window(index="row_number()")
    )  # fmt: skip
