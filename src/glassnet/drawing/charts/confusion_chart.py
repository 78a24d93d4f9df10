"""Chart of a confusion matrix."""

from typing import Any

from glassnet.drawing.charts.chart import Chart
from glassnet.drawing.figures.confusion import Confusion, confusion_of
from glassnet.drawing.figures.predicted import predicted_classes
from glassnet.drawing.theme import Theme, check_theme

CELL, LARGEST = 62, 420
MOST_NUMBERED = 10  # with more classes there is no room for numbers


def confusion_matrix(model: Any, X: Any, y: Any, *, theme: str = "auto") -> Chart:
    """Draw a confusion matrix: counts of true and predicted classes, and their shares of the true class.

    Parameters
    ----------
    model : GlassClassifier
        Fitted.
    X : rows as the model takes them
    y : array of shape (n_rows,)
        Their true classes.
    theme : {"auto", "light", "dark"}

    Returns
    -------
    Chart
        ``.record`` is a `Confusion`: ``classes``, ``counts``, ``shares``, ``accuracy``.

    Raises
    ------
    ParameterError
        If the model predicts no classes or is not fitted.

    Examples
    --------
    >>> import glassnet as gn
    >>> clf = gn.GlassClassifier((4,), max_iter=2, random_state=0).fit([[0.0], [1.0], [2.0]] * 9, ["a", "b", "b"] * 9)
    >>> confusion_matrix(clf, [[0.0], [2.0]], ["a", "b"]).record.counts.shape
    (2, 2)
    """
    rows = predicted_classes(model, X, y, "a confusion matrix")
    record = confusion_of(rows.truth, rows.prediction)
    return Chart(
        title=f"Confusion matrix of {len(record.classes)} classes",
        description=_description(record),
        theme=check_theme(theme),
        record=record,
        build=lambda alt, colors: _build(alt, colors, record),
    )


def _description(record: Confusion) -> str:
    n = int(record.counts.sum())
    right = int(record.counts.trace())
    errors = [
        (int(record.counts[i, j]), f"{record.classes[i]} predicted as {record.classes[j]}: {record.counts[i, j]}")
        for i in range(len(record.classes))
        for j in range(len(record.classes))
        if i != j and record.counts[i, j]
    ]
    worst = "; ".join(words for _, words in sorted(errors, key=lambda error: -error[0])[:5])
    return f"{right:,} of {n:,} rows are right ({record.accuracy:.1%})." + (f" Most errors: {worst}." if worst else "")


def _build(alt: Any, theme: Theme, record: Confusion) -> Any:
    names = [str(label) for label in record.classes]
    n = len(names)
    values = [
        {"truth": names[i], "predicted": names[j], "count": int(record.counts[i, j]),
         "share": float(record.shares[i, j])}
        for i in range(n)
        for j in range(n)
    ]  # fmt: skip
    side = min(n * CELL, LARGEST)
    base = alt.Chart(alt.Data(values=values)).encode(
        x=alt.X("predicted:N", sort=names, title="predicted", axis=alt.Axis(labelAngle=0 if n <= 6 else -45, grid=False,
                                                                            domain=False, ticks=False)),
        y=alt.Y("truth:N", sort=names, title="true", axis=alt.Axis(grid=False, domain=False, ticks=False)),
    )  # fmt: skip
    cells = base.mark_rect(stroke=theme.surface, strokeWidth=2).encode(
        color=alt.Color("share:Q", legend=None, scale=_shades(alt, theme))
    )
    on_shade = alt.condition(f"datum.share >= {theme.turn}", alt.value(theme.surface), alt.value(theme.ink))
    layers = [cells]
    if n <= MOST_NUMBERED:
        layers.append(base.mark_text(fontSize=14, dy=-7).encode(text=alt.Text("count:Q", format=","), color=on_shade))
        layers.append(base.mark_text(fontSize=11, dy=10).encode(text=alt.Text("share:Q", format=".0%"), color=on_shade))
    return alt.layer(*layers).properties(width=max(side, 130), height=max(side, 130))


def _shades(alt: Any, theme: Theme) -> Any:
    return alt.Scale(type="quantize", domain=[0, 1], range=list(theme.ramp))
