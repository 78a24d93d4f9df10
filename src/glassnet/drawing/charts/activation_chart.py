"""Chart of activation functions and their slopes."""

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

from glassnet.drawing.charts.chart import Chart
from glassnet.drawing.figures.curves import ActivationCurve, activation_curves_of
from glassnet.drawing.theme import Theme, check_theme
from glassnet.typing import Spec

SIZE, COLUMNS = (190, 150), 4
CLIP = (-2.2, 4.4)  # of the vertical axis, so that all curves share a scale


def activation_curves(
    activations: Sequence[Spec] | None = None, *, low: float = -4.0, high: float = 4.0, theme: str = "auto"
) -> Chart:
    """Draw activation functions and their slopes.

    Parameters
    ----------
    activations : sequence of str, tuple or Activation, optional
        From ``glassnet.activations()`` or user-defined; all built-in ones by default.
    low, high : float
        Range of z.
    theme : {"auto", "light", "dark"}

    Returns
    -------
    Chart
        ``.record`` has one `ActivationCurve` per activation: ``z``, ``a``, ``slope``.

    Raises
    ------
    ParameterError
        If an activation is unknown, or has no curve, such as softmax.

    Examples
    --------
    >>> activation_curves(["sigmoid", "tanh"]).save("curves.svg")
    """
    curves = activation_curves_of(activations, low, high)
    names = ", ".join(curve.name for curve in curves)
    return Chart(
        title=f"Activation functions: {names}",
        description=f"Curves of {names} and of their slopes, for z from {low:g} to {high:g}.",
        theme=check_theme(theme),
        record=curves,
        build=lambda alt, colors: _build(alt, colors, curves),
    )


def _build(alt: Any, theme: Theme, curves: tuple[ActivationCurve, ...]) -> Any:
    kinds = ["a = σ(z)", "slope σ′(z)"]
    panels = [_panel(alt, theme, curve, kinds) for curve in curves]
    return alt.concat(*panels, columns=COLUMNS, bounds="flush", spacing={"row": 118, "column": 50})


def _panel(alt: Any, theme: Theme, curve: ActivationCurve, kinds: list[str]) -> Any:
    values = [
        {"z": z, "value": value, "curve": kind}
        for kind, series in zip(kinds, (curve.a, curve.slope), strict=True)
        for z, value in zip(curve.z.tolist(), series.tolist(), strict=True)
    ]
    return (
        alt.Chart(alt.Data(values=values))
        .mark_line(clip=True)
        .encode(
            x=alt.X("z:Q", title="z", axis=alt.Axis(tickCount=5)),
            y=alt.Y("value:Q", title=None, scale=alt.Scale(domain=list(CLIP)), axis=alt.Axis(tickCount=5)),
            color=alt.Color("curve:N", title=None, sort=kinds, legend=alt.Legend(orient="top", direction="horizontal"),
                            scale=alt.Scale(domain=kinds, range=[theme.series[0], theme.series[1]])),
            strokeDash=alt.StrokeDash("curve:N", title=None, sort=kinds,
                                      scale=alt.Scale(domain=kinds, range=[[1, 0], [5, 3]])),
        )
        .properties(width=SIZE[0], height=SIZE[1], title=alt.TitleParams(curve.name, subtitle=wrap(curve.formula, 34)))
    )  # fmt: skip
