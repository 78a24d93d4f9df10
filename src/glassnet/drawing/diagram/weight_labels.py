"""The numbers of the weights beside their lines, where there is room for them."""

from collections.abc import Sequence

from glassnet.drawing.diagram.lines import Line
from glassnet.drawing.diagram.places import Places
from glassnet.drawing.diagram.text import Box, Text, overlap
from glassnet.drawing.words import short

SIZE = 11.0
SHARES = tuple(share / 100 for share in range(14, 87, 3))  # of the way from source to target
PREFERRED = 0.3  # near the source, where lines into one neuron have not come together yet
AIR = 1.5


def weight_labels(lines: Sequence[Line], places: Places) -> list[Text]:
    """Return the labels that have room, each on its own line, off every other label and circle.

    Among the places that are free, a label takes the one that the fewest other lines run through, and of these the one
    nearest to the source. The strongest connections choose first.
    """
    taken = [text.box for text in places.texts] + _circles(places)
    labels = []
    for line in reversed(lines):
        others = [other for other in lines if other is not line and other.connection.layer == line.connection.layer]
        best = min(
            (
                (_crossings(_label(line, share).box, others), abs(share - PREFERRED), share)
                for share in SHARES
                if not any(overlap(_airy(_label(line, share).box), box) for box in taken)
            ),
            default=None,
        )
        if best is not None:
            labels.append(_label(line, best[2]))
            taken.append(labels[-1].box)
    return labels


def _label(line: Line, share: float) -> Text:
    x, y = line.at(share)
    weight = line.connection.weight
    role = "positive" if weight > 0 else "negative" if weight < 0 else "muted"
    return Text(x, y + 0.28 * SIZE, short(weight), SIZE, role=role)


def _airy(box: Box) -> Box:
    return (box[0] - AIR, box[1] - AIR, box[2] + AIR, box[3] + AIR)


def _circles(places: Places) -> list[Box]:
    r = places.radius + 2
    points = [*places.neurons.values(), *places.groups.values(), *places.biases.values()]
    return [(x - r, y - r, x + r, y + r) for x, y in points]


def _crossings(box: Box, lines: Sequence[Line]) -> int:
    """Return how many lines run through a box; lines go from left to right."""
    return sum(_runs_through(line, box) for line in lines)


def _runs_through(line: Line, box: Box) -> bool:
    (x1, y1), (x2, y2) = line.start, line.end
    left, right = max(x1, box[0]), min(x2, box[2])
    if left > right:
        return False
    slope = (y2 - y1) / (x2 - x1)
    ys = [y1 + slope * (x - x1) for x in (left, right)]
    return max(ys) >= box[1] and min(ys) <= box[3]
