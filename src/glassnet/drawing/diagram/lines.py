"""The lines of a diagram: end points and widths of connections, and the curves of blame."""

from dataclasses import dataclass
from math import hypot, isfinite

from glassnet.drawing.diagram.places import Places, Point
from glassnet.drawing.diagram.view import Connection, Flow, View

DASH = "6 4"  # for everything negative
THINNEST, THICKEST = 0.7, 5.0
FAINTEST, DARKEST = 0.35, 0.9  # opacity of the weakest and of the strongest connection
BOW = 0.09  # distance of a curve of blame from the straight line, relative to its length
HEAD = 7.0  # length of an arrowhead


@dataclass(frozen=True)
class Line:
    """A drawn connection."""

    connection: Connection
    start: Point
    end: Point
    width: float
    opacity: float

    def at(self, share: float) -> Point:
        """Return the point at this share of the line."""
        (x1, y1), (x2, y2) = self.start, self.end
        return (x1 + share * (x2 - x1), y1 + share * (y2 - y1))


@dataclass(frozen=True)
class Arrow:
    """A drawn arrow of blame: a curve with one control point, and its head."""

    flow: Flow
    start: Point
    control: Point
    end: Point
    head: tuple[Point, Point, Point]
    width: float


def lines_of(view: View, places: Places) -> list[Line]:
    """Return all connections as lines, in drawing order."""
    return [_line(connection, view, places) for connection in view.connections]


def _line(connection: Connection, view: View, places: Places) -> Line:
    source = places.biases[connection.layer] if connection.k is None else places.neurons[
        connection.layer - 1, connection.k]  # fmt: skip
    target = places.neurons[connection.layer, connection.j]
    share = _share(connection.weight, view.widest[connection.layer])
    return Line(
        connection,
        _towards(source, target, places.radius if connection.k is not None else BIAS * places.radius),
        _towards(target, source, places.radius),
        THINNEST + share * (THICKEST - THINNEST),
        FAINTEST + share * (DARKEST - FAINTEST),
    )


BIAS = 0.72
"""Half the width of a bias unit, relative to the radius of a neuron."""


def _share(value: float, largest: float) -> float:
    if largest == 0 or value == 0:
        return 0.0
    return min(1.0, abs(value) / largest) if isfinite(value) else 1.0


def _towards(start: Point, end: Point, distance: float) -> Point:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = hypot(dx, dy)
    return (start[0] + dx / length * distance, start[1] + dy / length * distance)


def arrows_of(view: View, places: Places) -> list[Arrow]:
    """Return the arrows of blame, in drawing order."""
    largest: dict[int, float] = {}
    for flow in view.flows:
        largest[flow.layer] = max(largest.get(flow.layer, 0.0), abs(flow.amount))
    return [_arrow(flow, largest[flow.layer], places) for flow in view.flows]


def _arrow(flow: Flow, largest: float, places: Places) -> Arrow:
    source, target = places.neurons[flow.layer, flow.j], places.neurons[flow.layer - 1, flow.k]
    dx, dy = target[0] - source[0], target[1] - source[1]
    # Always on the same side along the flow, so that curves do not cross the lines of their connections.
    control = ((source[0] + target[0]) / 2 + BOW * dy, (source[1] + target[1]) / 2 - BOW * dx)
    start = _towards(source, control, places.radius + 1)
    tip = _towards(target, control, places.radius + 1)
    width = THINNEST + _share(flow.amount, largest) * 2.6
    length = HEAD + width
    neck = _towards(tip, control, length)
    half = 0.45 * length
    ux, uy = (tip[0] - neck[0]) / length, (tip[1] - neck[1]) / length
    head = (tip, (neck[0] - uy * half, neck[1] + ux * half), (neck[0] + uy * half, neck[1] - ux * half))
    return Arrow(flow, start, control, neck, head, width)
