"""The legend below a diagram."""

from math import cos, pi

from glassnet.drawing.diagram.lines import DASH
from glassnet.drawing.diagram.places import MARGIN, NOTE, Places
from glassnet.drawing.diagram.view import View
from glassnet.drawing.svg import tag, words
from glassnet.drawing.theme import Theme
from glassnet.drawing.words import shortened, text_width

SAMPLE, SPACE, LINE = 34.0, 16.0, 20.0


def entries(view: View) -> list[tuple[str, str]]:
    """Return (kind, words) of each entry; entries of kind "" have no sample line."""
    weights = [connection.weight for connection in view.connections]
    shown = [("positive", "positive weight")] if any(w > 0 for w in weights) else []
    shown += [("negative", "negative weight")] if any(w < 0 for w in weights) else []
    if view.bias_layers():
        shown.append(("unit", "bias"))
    if view.flows:
        shown.append(("blame", "blame flowing back, dashed where negative"))
    if view.n_waves:
        shown.append(("wave", "wave: a learned curve over one input, a sum of cosines"))
    shown.append(("", "width: size of the weight within its layer"))
    if not view.is_whole:
        shown.append(("", f"the {view.weights_shown:,} strongest of {view.n_weights:,} weights"))
    return shown


def legend(view: View, places: Places, colors: Theme) -> tuple[list[str], float]:
    """Return the elements of the legend and its lower edge."""
    room = places.width - 2 * MARGIN
    rows: list[list[tuple[str, str, float]]] = [[]]
    for kind, text in entries(view):
        short_text = shortened(text, room - SAMPLE, NOTE)
        width = (SAMPLE if kind else 0.0) + text_width(short_text, NOTE)
        used = sum(w + SPACE for _, _, w in rows[-1])
        if rows[-1] and used + width > room:
            rows.append([])
        rows[-1].append((kind, short_text, width))
    marks = []
    y = places.bottom + 12.0
    for row in rows:
        y += LINE
        x = (places.width - sum(w for _, _, w in row) - SPACE * (len(row) - 1)) / 2
        for kind, short_text, width in row:
            marks += _entry(kind, short_text, x, y, colors)
            x += width + SPACE
    return marks, y + 4


def _entry(kind: str, short_text: str, x: float, y: float, colors: Theme) -> list[str]:
    at = x + (SAMPLE if kind else 0.0)
    text = tag("text", words(short_text), x=at, y=y, font_size=NOTE, fill=colors.muted)
    return [*_sample(kind, x, y - 4, colors), text]


def _sample(kind: str, x: float, y: float, colors: Theme) -> list[str]:
    end = x + SAMPLE - 8
    if kind == "unit":
        left = end - 13
        return [
            tag("rect", x=left, y=y - 6.5, width=13, height=13, rx=3, fill=colors.surface, stroke=colors.muted),
            tag("text", "1", x=left + 6.5, y=y + 3.6, font_size=10, text_anchor="middle", fill=colors.muted),
        ]
    if kind == "wave":
        points = " ".join(f"{x + (end - x) * k / 24:.1f},{y - 4 * cos(k * pi / 6):.1f}" for k in range(25))
        return [tag("polyline", points=points, fill="none", stroke=colors.muted, stroke_width=1.8)]
    if kind == "blame":
        return [tag("line", x1=x + 7, y1=y, x2=end, y2=y, stroke=colors.blame, stroke_width=2),
                tag("polygon", points=f"{x:.1f},{y:.1f} {x + 9:.1f},{y - 4:.1f} {x + 9:.1f},{y + 4:.1f}",
                    fill=colors.blame)]  # fmt: skip
    if not kind:
        return []
    dash = DASH if kind == "negative" else None
    return [tag("line", x1=x, y1=y, x2=end, y2=y, stroke=getattr(colors, kind), stroke_width=2.6,
                stroke_dasharray=dash)]  # fmt: skip
