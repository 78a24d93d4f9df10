"""A small plot as SVG, with its numbers in words for readers who do not see it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log10

from glassnet.drawing.small.blocks import span
from glassnet.drawing.small.plot import Plot
from glassnet.drawing.svg import document, tag, words
from glassnet.drawing.theme import FONT, LIGHT
from glassnet.drawing.words import short, shortened, text_width

WIDTH, SIZE = 380.0, 11.0
TOP, EDGE = 10.0, 10.0
BAR, GAP = 13.0, 5.0
WIDEST_LABEL = 150.0
PAINTS = (LIGHT.series[0], LIGHT.series[1], LIGHT.series[2])
DASHES = (None, "5 3", "2 3")  # so that lines differ without color
DASHED = "4 3"


@dataclass(frozen=True)
class Frame:
    """The area of a plot, and where values stand in it."""

    left: float
    right: float
    top: float
    bottom: float
    x: Callable[[float], float]
    y: Callable[[float], float]


def small_svg(plot: Plot) -> str:
    """Return the plot as SVG, which is dark where its reader prefers that.

    >>> from glassnet.drawing.small.plot import bars
    >>> svg = small_svg(bars([0.1, 0.9], ["a", "b"], x="column", y="share", marked=[1]))
    >>> svg[:4], "share by column: a 0.1, b 0.9" in svg
    ('<svg', True)
    """
    draw = {"bars": _bars, "lines": _lines, "histogram": _histogram, "reliability": _reliability}[plot.kind]
    height, body = draw(plot)
    ground = tag("rect", width=WIDTH, height=height, rx=6, fill=LIGHT.surface)
    return document(
        WIDTH, height, ground, *body, title=f"{plot.y} by {plot.x}", description=described(plot), font=FONT, adapts=True
    )


def described(plot: Plot) -> str:
    """Return what the plot shows, in words.

    >>> from glassnet.drawing.small.plot import lines
    >>> described(lines({"cost": [4.0, 3.0, 1.0]}, x="epoch", y="cost"))
    'cost by epoch: from 4 to 1, between 1 and 4'
    """
    parts = []
    for series in plot.series:
        values = [value for value in series.values if value is not None]
        name = "" if series.name == plot.y else f"{series.name} "
        if plot.kind == "bars":
            numbers = ("none" if value is None else short(value) for value in series.values)
            parts.append(", ".join(f"{label} {text}" for label, text in zip(plot.labels, numbers, strict=True)))
        elif plot.kind == "histogram":
            parts.append(f"{name}{sum(values):,.0f} from {short(plot.at[0])} to {short(plot.at[-1])}")
        elif plot.kind == "reliability":
            pairs = zip(plot.at, series.values, strict=True)
            parts.append(", ".join(f"{short(p)} came true in {short(o)}" for p, o in pairs if o is not None))
        elif values:
            low, high = span(values)
            parts.append(
                f"{name}from {short(values[0])} to {short(values[-1])}, between {short(low)} and {short(high)}"
            )
    limit = "" if plot.threshold is None else f"; the limit is {short(plot.threshold)}"
    return f"{plot.y} by {plot.x}: {'; '.join(parts)}{limit}"


def _bars(plot: Plot) -> tuple[float, list[str]]:
    """Bars from the left, below each other, so that their names can be read; marked ones are filled."""
    values = [0.0 if value is None else value for value in plot.series[0].values]
    left = EDGE + min(WIDEST_LABEL, max(text_width(label, SIZE) for label in plot.labels)) + 8
    right = WIDTH - EDGE - 44
    top, bottom = TOP + 16, TOP + 16 + len(values) * (BAR + GAP)
    known = [*values, *([] if plot.threshold is None else [plot.threshold])]
    scaled = _scale(plot, [value for value in known if value > 0] if plot.is_log else [0.0, *known])
    x = _between(scaled, left + (4 if plot.is_log else 0), right)
    body = [_text(EDGE, TOP + 6, _title(plot), fill=LIGHT.ink)]
    for place, (label, value) in enumerate(zip(plot.labels, values, strict=True)):
        y = top + place * (BAR + GAP)
        is_marked = place in plot.marked
        start = x(0.0) if not plot.is_log else left
        end = x(value) if not plot.is_log or value > 0 else left
        paint = LIGHT.negative if is_marked else LIGHT.muted
        body += [
            _text(left - 8, y + 10, shortened(label, WIDEST_LABEL, SIZE), anchor="end",
                  fill=LIGHT.ink if is_marked else LIGHT.muted, weight="bold" if is_marked else None),
            tag("rect", x=min(start, end), y=y, width=max(1.5, abs(end - start)), height=BAR, stroke=paint,
                fill=paint if is_marked else LIGHT.surface),
            _text(max(start, end) + 5, y + 10, "NaN" if plot.series[0].values[place] is None else short(value),
                  fill=LIGHT.ink if is_marked else LIGHT.muted),
        ]  # fmt: skip
    if plot.threshold is not None:
        at = x(plot.threshold)
        body.append(_limit(at, at, top - 3, bottom))
        body.append(_text(min(at, WIDTH - EDGE - 50), bottom + 9, f"limit {short(plot.threshold)}", anchor="middle"))
    return bottom + (16 if plot.threshold is not None else 4), body


def _lines(plot: Plot) -> tuple[float, list[str]]:
    values = [value for series in plot.series for value in series.values if value is not None]
    height = 150.0
    frame, axes = _axes(plot, (plot.at[0], plot.at[-1]) if plot.at else (0.0, 1.0), values, height)
    body = list(axes)
    for place, series in enumerate(plot.series):
        paint, dash = PAINTS[place % len(PAINTS)], DASHES[place % len(DASHES)]
        body.append(
            tag("path", d=_path(plot.at, series.values, frame), fill="none", stroke=paint, stroke_width=1.8,
                stroke_dasharray=dash, stroke_linejoin="round")
        )  # fmt: skip
    if plot.threshold is not None:
        y = frame.y(plot.threshold)
        body.append(_limit(frame.left, frame.right, y, y))
    return height, body + _legend(plot, frame)


def _histogram(plot: Plot) -> tuple[float, list[str]]:
    """Shares of each sample in the bins: the second sample as outlines over the first."""
    totals = [sum(value or 0.0 for value in series.values) or 1.0 for series in plot.series]
    shares = [[(value or 0.0) / n for value in each.values] for each, n in zip(plot.series, totals, strict=True)]
    height = 130.0
    frame, axes = _axes(plot, (plot.at[0], plot.at[-1]), [0.0, *(max(each) for each in shares)], height, share=True)
    body = list(axes)
    for place, series in enumerate(shares):
        paint = PAINTS[place % len(PAINTS)]
        for k, share in enumerate(series):
            if share == 0:
                continue
            tall = max(2.0, frame.bottom - frame.y(share))  # a single row must be seen, too
            x = frame.x(plot.at[k])
            body.append(
                tag("rect", x=x + 0.5, y=frame.bottom - tall, width=max(1.0, frame.x(plot.at[k + 1]) - x - 1),
                    height=tall, stroke=paint, fill="none" if place else paint, stroke_width=1.6 if place else 1)
            )  # fmt: skip
    if plot.threshold is not None and plot.at[0] <= plot.threshold <= plot.at[-1]:
        x = frame.x(plot.threshold)
        body.append(_limit(x, x, frame.top, frame.bottom))
    return height, body + _legend(plot, frame)


def _reliability(plot: Plot) -> tuple[float, list[str]]:
    height = 190.0
    frame, axes = _axes(plot, (0.0, 1.0), [0.0, 1.0], height)
    body = [*axes, _limit(frame.x(0), frame.x(1), frame.y(0), frame.y(1))]
    values = plot.series[0].values
    body.append(tag("path", d=_path(plot.at, values, frame), fill="none", stroke=PAINTS[0], stroke_width=1.8))
    body += [
        tag("circle", cx=frame.x(at), cy=frame.y(value), r=3, fill=PAINTS[0])
        for at, value in zip(plot.at, values, strict=True)
        if value is not None
    ]
    return height, [*body, _text(frame.right, frame.bottom - 6, "dashed: as predicted", anchor="end")]


def _axes(
    plot: Plot, across: tuple[float, float], values: Sequence[float], height: float, *, share: bool = False
) -> tuple[Frame, list[str]]:
    """Return the frame of a plot over numbers, and its axes with their ends written."""
    known = [*values, *([plot.threshold] if plot.threshold is not None and plot.kind == "lines" else [])] or [0.0]
    low, high = span(known)
    if plot.kind == "lines" and not plot.is_log and low > 0 and low < 0.5 * high:
        low = 0.0
    title = "share of the rows" if share else _title(plot)
    ends = [f"{value:.0%}" if share else short(value) for value in (low, high)]
    left = EDGE + max(text_width(text, SIZE) for text in ends) + 6
    right, top, bottom = WIDTH - EDGE, TOP + 16, height - 22
    y = _between(_scale(plot, [low, high]), bottom, top)
    frame = Frame(left, right, top, bottom, _between((lambda v: v, *across), left, right), y)
    body = [
        _text(EDGE, TOP + 6, title, fill=LIGHT.ink),
        tag("line", x1=left, x2=right, y1=top, y2=top, stroke=LIGHT.grid),
        tag("line", x1=left, x2=right, y1=bottom, y2=bottom, stroke=LIGHT.muted),
        _text(left - 5, top + 4, ends[1], anchor="end"),
        _text(left - 5, bottom + 3, ends[0], anchor="end"),
        _text(left, bottom + 14, short(across[0])),
        _text(right, bottom + 14, short(across[1]), anchor="end"),
        _text((left + right) / 2, bottom + 14, shortened(plot.x, right - left - 90, SIZE), anchor="middle"),
    ]
    return frame, body


def _title(plot: Plot) -> str:
    what = plot.y if plot.kind != "bars" else f"{plot.y}, by {plot.x}"
    return shortened(what + (" (logarithmic scale)" if plot.is_log else ""), WIDTH - 2 * EDGE, SIZE)


def _legend(plot: Plot, frame: Frame) -> list[str]:
    """Names of several series, with the stroke or the box of each."""
    if len(plot.series) < 2:
        return []
    made, right = [], frame.right
    for place, series in reversed(list(enumerate(plot.series))):
        paint, name = PAINTS[place % len(PAINTS)], shortened(series.name, 120, SIZE)
        start = right - text_width(name, SIZE) - 22
        if plot.kind == "histogram":
            key = tag(
                "rect", x=start + 6, y=TOP - 3, width=9, height=9, stroke=paint, fill=paint if place == 0 else "none"
            )
        else:
            key = tag("line", x1=start, x2=start + 16, y1=TOP + 2, y2=TOP + 2, stroke=paint, stroke_width=1.8,
                      stroke_dasharray=DASHES[place % len(DASHES)])  # fmt: skip
        made += [key, _text(start + 20, TOP + 6, name)]
        right = start - 10
    return made


def _path(at: Sequence[float], values: Sequence[float | None], frame: Frame) -> str:
    """Return the line, interrupted where there is no number."""
    parts, is_down = [], False
    for x, value in zip(at, values, strict=True):
        if value is not None:
            parts.append(f"{'L' if is_down else 'M'}{frame.x(x):.1f} {frame.y(value):.1f}")
        is_down = value is not None
    return "".join(parts)


def _scale(plot: Plot, values: Sequence[float]) -> tuple[Callable[[float], float], float, float]:
    """Return how values are scaled before they are placed, and the ends."""
    low, high = span(values)
    if plot.is_log and low > 0:
        return (lambda value: log10(max(value, low))), log10(low), log10(high)
    return (lambda value: value), low, high


def _between(
    scaled: tuple[Callable[[float], float], float, float], start: float, end: float
) -> Callable[[float], float]:
    scale, low, high = scaled
    return lambda value: start + (scale(value) - low) / ((high - low) or 1.0) * (end - start)


def _limit(x1: float, x2: float, y1: float, y2: float) -> str:
    return tag("line", x1=x1, x2=x2, y1=y1, y2=y2, stroke=LIGHT.ink, stroke_dasharray=DASHED)


def _text(
    x: float, y: float, text: str, *, anchor: str | None = None, fill: str = LIGHT.muted, weight: str | None = None
) -> str:
    return tag("text", words(text), x=x, y=y, font_size=SIZE, text_anchor=anchor, fill=fill, font_weight=weight)
