"""Renders a view and its places as SVG."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from glassnet.core.network import Network
from glassnet.core.slope import apply_slope
from glassnet.drawing.diagram.legend import legend
from glassnet.drawing.diagram.lines import BIAS, DASH, Arrow, Line, arrows_of, lines_of
from glassnet.drawing.diagram.places import MARGIN, Places, Point, place
from glassnet.drawing.diagram.text import Text
from glassnet.drawing.diagram.view import Neuron, View
from glassnet.drawing.diagram.weight_labels import weight_labels
from glassnet.drawing.svg import document, tag, words
from glassnet.drawing.theme import FONT, Theme, fixed
from glassnet.drawing.words import compact, short, text_width

LEGIBLE = 9.5  # the smallest size for three digits


def render(
    view: View, network: Network, theme: str, *, labeled: bool, heading: str, title: str, description: str
) -> str:
    """Return a diagram as SVG.

    Parameters
    ----------
    view : View
    network : Network
        Its activation curves are drawn inside neurons without a value.
    theme : {"light", "dark", "auto"}
    labeled : bool
        Whether lines are labeled with their weights.
    heading : str
        Heading above the drawing; none if empty.
    title, description : str
        Texts for screen readers.
    """
    colors = fixed(theme)
    places = place(view, labeled=labeled, title=heading)
    lines = lines_of(view, places)
    labels = weight_labels(lines, places) if labeled else []
    marks, end = legend(view, places, colors)
    width, height = places.width, end + MARGIN
    digits = _digits(view, places.radius)
    return document(
        width,
        height,
        tag("rect", width=width, height=height, fill=colors.surface),
        *_areas(view, places, colors),
        tag("g", *(_line(line, view, colors, faint=bool(view.flows)) for line in lines), fill="none"),
        *(_arrow(arrow, view, colors) for arrow in arrows_of(view, places)),
        *(_bias_unit(l, point, places, colors) for l, point in places.biases.items()),
        *(
            _neuron(neuron, view, network, places, digits, colors)
            for column in view.columns
            for neuron in column.neurons
        ),
        *(_group(view, l, point, places, colors) for l, point in places.groups.items()),
        *(_weight_label(label, colors) for label in labels),
        *(_text(text, colors) for text in places.texts),
        *marks,
        title=title,
        description=description,
        font=FONT,
        adapts=theme == "auto",
    )


def _areas(view: View, places: Places, colors: Theme) -> list[str]:
    """Return pale areas in the background for the connections that are not drawn individually."""
    return [
        tag("polygon", points=_points(corners), fill=colors.grid, opacity=0.45) for corners in background(view, places)
    ]


def background(view: View, places: Places) -> list[list[Point]]:
    """Return the corners of each area between two layers of which not every connection is drawn."""
    return [
        [_end(l - 1, places, min), _end(l, places, min), _end(l, places, max), _end(l - 1, places, max)]
        for l in range(1, view.n_layers + 1)
        if l in places.groups or l - 1 in places.groups
    ]


def _end(layer: int, places: Places, which: Callable[..., Point]) -> Point:
    """Return the highest (min) or lowest (max) place of a column."""
    group = places.groups.get(layer)
    points = [point for (l, _), point in places.neurons.items() if l == layer] + ([group] if group else [])
    return which(points, key=lambda point: point[1])


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _line(line: Line, view: View, colors: Theme, *, faint: bool) -> str:
    c = line.connection
    (x1, y1), (x2, y2) = line.start, line.end
    name = f"{view.name(c.layer - 1, c.k)} → {view.name(c.layer, c.j)}: {'bias' if c.k is None else 'weight'}"
    return tag(
        "line",
        tag("title", words(f"{name} {short(c.weight)}")),
        class_="bias" if c.k is None else "weight",
        x1=x1,
        y1=y1,
        x2=x2,
        y2=y2,
        stroke=colors.positive if c.weight > 0 else colors.negative if c.weight < 0 else colors.zero,
        stroke_width=line.width,
        stroke_dasharray=DASH if c.weight < 0 else None,
        opacity=line.opacity * (0.45 if faint else 1.0),
    )


def _arrow(arrow: Arrow, view: View, colors: Theme) -> str:
    f = arrow.flow
    (x1, y1), (cx, cy), (x2, y2) = arrow.start, arrow.control, arrow.end
    name = f"{view.name(f.layer, f.j)} blames {view.name(f.layer - 1, f.k)}: {short(f.amount)}"
    return tag(
        "g",
        tag("title", words(name)),
        tag(
            "path",
            d=f"M{x1:.1f} {y1:.1f}Q{cx:.1f} {cy:.1f} {x2:.1f} {y2:.1f}",
            fill="none",
            stroke=colors.blame,
            stroke_width=arrow.width,
            stroke_dasharray=DASH if f.amount < 0 else None,
        ),
        tag("polygon", points=_points(arrow.head), fill=colors.blame),
        class_="blame",
    )


def _bias_unit(l: int, point: Point, places: Places, colors: Theme) -> str:
    x, y = point
    half = BIAS * places.radius
    return tag(
        "g",
        tag("title", f"bias unit of layer {l}: always 1"),
        tag("rect", x=x - half, y=y - half, width=2 * half, height=2 * half, rx=4, fill=colors.surface,
            stroke=colors.muted, stroke_width=1.4),
        tag("text", "1", x=x, y=y + 4.5, font_size=12, text_anchor="middle", fill=colors.muted),
        class_="unit",
    )  # fmt: skip


def _neuron(neuron: Neuron, view: View, network: Network, places: Places, digits: "Digits", colors: Theme) -> str:
    x, y = places.neurons[neuron.layer, neuron.index]
    r = places.radius
    paint = colors.of_layer(neuron.layer, view.n_layers)
    if neuron.value is not None:
        inside = tag("text", digits.write(neuron.value), x=x, y=y + 0.35 * digits.size, font_size=digits.size,
                     text_anchor="middle", fill=colors.ink)  # fmt: skip
    else:
        inside = _curve(network, neuron, x, y, 0.52 * r, paint.stroke) if neuron.layer else ""
    return tag(
        "g",
        tag("title", words(_tooltip(neuron))),
        tag("circle", cx=x, cy=y, r=r, fill=paint.fill, stroke=paint.stroke,
            stroke_width=3.6 if neuron.is_answer else 1.6),
        inside,
        class_="neuron",
    )  # fmt: skip


def _tooltip(neuron: Neuron) -> str:
    parts = [neuron.name, *neuron.notes]
    parts += [] if neuron.value is None else [f"activation {short(neuron.value)}"]
    parts += [] if neuron.delta is None else [f"delta {short(neuron.delta)}"]
    return ", ".join(parts)


@dataclass(frozen=True)
class Digits:
    """Format and font size of the values inside all circles."""

    write: Callable[[float], str]
    size: float


def _digits(view: View, radius: float) -> Digits:
    """Return the format with three digits if all values fit legibly, else with fewer."""
    values = [neuron.value for neuron in view.neurons if neuron.value is not None]
    sizes = {write: min([13.0, *((2 * radius - 7) / text_width(write(v), 1.0) for v in values)])
             for write in (short, compact)}  # fmt: skip
    write = short if sizes[short] >= LEGIBLE else compact
    return Digits(write, sizes[write])


def _curve(network: Network, neuron: Neuron, x: float, y: float, half: float, stroke: str) -> str:
    """Return a small curve of a neuron's activation function; softmax has none, only its caption."""
    sigma, slopes = network.activation[neuron.layer], network.slope[neuron.layer]
    if sigma.builtin_name == "softmax":
        return ""
    Z = np.linspace(-3.0, 3.0, 25)
    A = np.asarray(apply_slope(sigma(Z[None, :]), Z, None if slopes is None else slopes[neuron.index]))[0]
    low, high = float(A.min()), float(A.max())
    if not np.isfinite(low + high) or low == high:
        return ""
    ys = y + half * 0.8 - (A - low) / (high - low) * 1.6 * half
    points = list(zip((x + half * Z / 3.0).tolist(), ys.tolist(), strict=True))
    return tag("polyline", points=_points(points), fill="none", stroke=stroke, stroke_width=1.7,
               stroke_linejoin="round", stroke_linecap="round")  # fmt: skip


def _group(view: View, l: int, point: Point, places: Places, colors: Theme) -> str:
    x, y = point
    r, paint = places.radius, colors.of_layer(l, view.n_layers)
    words_in = f"+{view.columns[l].n_hidden_away:,}"
    half = max(r, text_width(words_in, 12) / 2 + 8)
    return tag(
        "g",
        tag("title", f"{view.columns[l].n_hidden_away:,} more, not drawn one by one"),
        tag("rect", x=x - half + 3, y=y - 0.62 * r + 4, width=2 * half, height=1.24 * r, rx=0.62 * r,
            fill=paint.fill, stroke=paint.stroke, stroke_width=1),
        tag("rect", x=x - half, y=y - 0.62 * r, width=2 * half, height=1.24 * r, rx=0.62 * r, fill=paint.fill,
            stroke=paint.stroke, stroke_width=1.4),
        tag("text", words_in, x=x, y=y + 4.3, font_size=12, text_anchor="middle", fill=colors.ink),
        class_="group",
    )  # fmt: skip


def _weight_label(label: Text, colors: Theme) -> str:
    left, top, right, bottom = label.box
    ground = tag("rect", x=left, y=top, width=right - left, height=bottom - top, rx=3, fill=colors.surface,
                 fill_opacity=0.88)  # fmt: skip
    return ground + tag("text", words(label.words), x=label.x, y=label.y, font_size=label.size, text_anchor="middle",
                        fill=getattr(colors, label.role))  # fmt: skip


def _text(text: Text, colors: Theme) -> str:
    halo = text.role in ("muted", "blame")
    content = [words(text.words)]
    if text.full and text.full != text.words:
        content = [tag("title", words(text.full)), *content]
    return tag(
        "text",
        *content,
        x=text.x,
        y=text.y,
        font_size=text.size,
        font_weight="bold" if text.bold else None,
        text_anchor=text.anchor,
        fill=getattr(colors, text.role),
        stroke=colors.surface if halo else None,
        stroke_width=3.5 if halo else None,
        stroke_linejoin="round" if halo else None,
        paint_order="stroke" if halo else None,
    )
