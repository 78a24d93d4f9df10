"""The style of all charts, in the colors of the theme."""

from typing import Any

from glassnet.drawing.theme import FONT, Theme

WIDTH, HEIGHT = 420, 300


def style(theme: Theme) -> dict[str, Any]:
    """Return the configuration of a chart in a theme."""
    axis = {
        "labelColor": theme.muted,
        "titleColor": theme.ink,
        "gridColor": theme.grid,
        "domainColor": theme.muted,
        "tickColor": theme.muted,
        "labelFontSize": 12,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
        "titlePadding": 8,
        "labelLimit": 160,
        "titleLimit": 320,
    }
    return {
        "background": theme.surface,
        "font": FONT,
        "padding": 16,
        "view": {"stroke": None},
        "axis": axis,
        "header": {"labelColor": theme.ink, "titleColor": theme.ink, "labelFontSize": 13, "labelFontWeight": "bold"},
        "legend": {
            "labelColor": theme.ink,
            "titleColor": theme.ink,
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
            "gradientStrokeColor": theme.grid,
            "symbolStrokeWidth": 2.4,
            "labelLimit": 180,
        },
        "title": {
            "color": theme.ink,
            "subtitleColor": theme.muted,
            "fontSize": 15,
            "subtitleFontSize": 12,
            "subtitlePadding": 5,
            "anchor": "start",
            "frame": "group",
            "offset": 14,
        },
        "range": {"category": list(theme.series)},
        "line": {"strokeWidth": 2.2},
        "text": {"fontSize": 12},
    }
