"""The layout of a diagram: circles in columns, names beside them, captions and legend below."""

from dataclasses import dataclass

from glassnet.drawing.diagram.text import Text
from glassnet.drawing.diagram.view import Column, Neuron, View
from glassnet.drawing.words import short, shortened, text_width

MARGIN = 16.0
NAME, NOTE, SMALL = 13.0, 11.0, 10.0  # font sizes
WIDEST_NAME = 200.0
TALL = 8  # slots; columns with more have smaller circles
Point = tuple[float, float]


@dataclass(frozen=True)
class Places:
    """Coordinates of all elements, from the upper left corner.

    Attributes
    ----------
    radius, gap : float
        Radius of the circles; distance of the columns.
    neurons : dict of (layer, index) to point
    groups : dict of layer to point
        The pill that represents the neurons not shown.
    biases : dict of layer to point
        The bias unit of that layer.
    texts : tuple of Text
        Names, captions and notes beside neurons; not the values inside them.
    legend_y : float
        Upper edge of the legend.
    width, bottom : float
        Width of the drawing, and its lower edge above the legend.
    """

    radius: float
    gap: float
    neurons: dict[tuple[int, int], Point]
    groups: dict[int, Point]
    biases: dict[int, Point]
    texts: tuple[Text, ...]
    width: float
    bottom: float


@dataclass(frozen=True)
class Spacing:
    """Distances between elements."""

    radius: float
    pitch: float
    gap: float


def spacing_of(view: View, *, labeled: bool, gap: float | None = None) -> Spacing:
    """Return the spacing for a view; `labeled` adds room for weight labels, `gap` overrides the distance of columns."""
    tallest = max(_slots(column) for column in view.columns)
    radius = 18.0 if tallest > TALL else 22.0
    pitch = 2 * radius + 20.0 + (10.0 if labeled else 0.0)
    usual = 240.0 if tallest > TALL else 210.0 if labeled or view.flows or view.n_layers == 1 else 175.0
    return Spacing(radius, pitch, usual if gap is None else gap)


def place(view: View, *, labeled: bool, title: str = "", gap: float | None = None) -> Places:
    """Return the places of all elements.

    Parameters
    ----------
    view : View
    labeled : bool
        Whether to leave room for weight labels.
    title : str
        Heading above the drawing; none if empty.
    gap : float, optional
        Distance of the columns; by default, one that suits the view.
    """
    space = spacing_of(view, labeled=labeled, gap=gap)
    r = space.radius
    left = MARGIN + max((_label_width(n) for n in view.columns[0].neurons), default=0.0) + r + 10
    left = max(left, MARGIN + _caption_width(view, 0, space.gap) / 2)
    right = max((_label_width(n) for n in view.columns[-1].neurons), default=0.0) + r + 10
    right = max(right, _caption_width(view, view.n_layers, space.gap) / 2) + MARGIN
    width = left + view.n_layers * space.gap + right
    xs = [left + l * space.gap for l in range(view.n_layers + 1)]
    top = min(_top(view, column, space) for column in view.columns)
    shift = MARGIN + (34.0 if title else 0.0) - top
    neurons, groups, biases = _shapes(view, space, xs, shift)
    bottom = max(y for _, y in [*neurons.values(), *groups.values()]) + r
    texts = [
        *([Text(width / 2, MARGIN + 14, shortened(title, width - 2 * MARGIN, 16, bold=True), 16, bold=True, full=title)]
          if title else []),
        *(text for key, point in neurons.items() for text in _beside(view, _find(view, key), point, r)),
        *(text for l, x in enumerate(xs) for text in _caption(view, l, x, bottom + 26, space.gap)),
    ]  # fmt: skip
    return Places(r, space.gap, neurons, groups, biases, tuple(texts), width, max(t.box[3] for t in texts))


def _slots(column: Column) -> int:
    return len(column.neurons) + (column.n_hidden_away > 0)


def _top(view: View, column: Column, space: Spacing) -> float:
    """Return the upper edge of a column centered at 0, including its bias unit."""
    first = -(_slots(column) - 1) / 2 * space.pitch
    has_unit = column.layer + 1 in view.bias_layers()
    return first - (space.pitch if has_unit else 0.0) - space.radius - 14.0


def _shapes(
    view: View, space: Spacing, xs: list[float], shift: float
) -> tuple[dict[tuple[int, int], Point], dict[int, Point], dict[int, Point]]:
    neurons: dict[tuple[int, int], Point] = {}
    groups: dict[int, Point] = {}
    biases: dict[int, Point] = {}
    for column, x in zip(view.columns, xs, strict=True):
        first = shift - (_slots(column) - 1) / 2 * space.pitch
        for place, neuron in enumerate(column.neurons):
            neurons[column.layer, neuron.index] = (x, first + place * space.pitch)
        if column.n_hidden_away:
            groups[column.layer] = (x, first + len(column.neurons) * space.pitch)
        if column.layer + 1 in view.bias_layers():
            biases[column.layer + 1] = (x, first - space.pitch)
    return neurons, groups, biases


def _find(view: View, key: tuple[int, int]) -> Neuron:
    layer, index = key
    return next(neuron for neuron in view.columns[layer].neurons if neuron.index == index)


def _label_width(neuron: Neuron) -> float:
    name = shortened(neuron.name, WIDEST_NAME, NAME, bold=neuron.is_answer)
    widths = [text_width(name, NAME, bold=neuron.is_answer), *(text_width(note, NOTE) for note, _ in _notes(neuron))]
    return max(widths)


def _notes(neuron: Neuron) -> list[tuple[str, str]]:
    """Return the notes below the name of an input or output, each with its role."""
    notes = [(note, "muted") for note in neuron.notes]
    return notes if neuron.delta is None else [*notes, (f"δ {short(neuron.delta)}", "blame")]


def _beside(view: View, neuron: Neuron, point: Point, r: float) -> list[Text]:
    """Return the texts of one neuron: its name, its notes and its blame."""
    x, y = point
    if 0 < neuron.layer < view.n_layers:
        return _above(neuron, x, y - r - 4)
    at, anchor = (x - r - 8, "end") if neuron.layer == 0 else (x + r + 8, "start")
    notes = _notes(neuron)
    first = y + 4.5 - 6.5 * len(notes)
    name = shortened(neuron.name, WIDEST_NAME, NAME, bold=neuron.is_answer)
    return [
        Text(at, first, name, NAME, anchor, bold=neuron.is_answer, full=neuron.name),
        *(Text(at, first + 14 * line, note, NOTE, anchor, role) for line, (note, role) in enumerate(notes, start=1)),
    ]


def _above(neuron: Neuron, x: float, y: float) -> list[Text]:
    """Return a hidden neuron's number and its blame."""
    number = neuron.name.removeprefix("hidden")
    if neuron.delta is None:
        return [Text(x, y, number, SMALL, role="muted", full=neuron.name)]
    delta = f"δ {short(neuron.delta)}"
    width = text_width(number, SMALL) + 6 + text_width(delta, SMALL)
    return [
        Text(x - width / 2, y, number, SMALL, "start", "muted", full=neuron.name),
        Text(x + width / 2, y, delta, SMALL, "end", "blame"),
    ]


def captions(view: View, l: int) -> tuple[str, ...]:
    """Return the caption of a column: kind, size and activation of the layer."""
    size, activation = view.sizes[l], view.columns[l].activation
    if l == 0:
        return ("inputs" if size > 1 else "input", f"{size:,}", "")
    kind = "output" if l == view.n_layers else "hidden layer" + (f" {l}" if view.n_layers > 2 else "")
    if l == view.n_layers and size > 1:
        kind = "outputs"
    return (kind, f"{size:,} {'neuron' if size == 1 else 'neurons'}", activation or "")


def _caption_width(view: View, l: int, gap: float) -> float:
    head, *lines = captions(view, l)
    widths = [text_width(head, NAME, bold=True), *(text_width(line, NOTE) for line in lines)]
    return min(gap - 8, max(widths))


def _caption(view: View, l: int, x: float, y: float, gap: float) -> list[Text]:
    head, *lines = captions(view, l)
    texts = [Text(x, y, head, NAME, bold=True)]
    for line, words in enumerate([words for words in lines if words], start=1):
        texts.append(Text(x, y + 15 * line, shortened(words, gap - 8, NOTE), NOTE, role="muted", full=words))
    return texts
