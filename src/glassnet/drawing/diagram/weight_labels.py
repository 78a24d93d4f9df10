"""Weight labels beside the lines, where there is room."""

from collections.abc import Sequence

import numpy as np

from glassnet.drawing.diagram.lines import Line
from glassnet.drawing.diagram.places import Places
from glassnet.drawing.diagram.text import Box, Text
from glassnet.drawing.words import short
from glassnet.typing import Array

SIZE = 11.0
SHARES = np.arange(14, 87, 3) / 100  # positions on the line from source to target
PREFERRED = 0.3  # near the source, before the lines into one neuron converge
AIR = 1.5


def weight_labels(lines: Sequence[Line], places: Places) -> list[Text]:
    """Return the labels that fit on their lines without covering other labels or circles.

    Of the free positions, a label takes the one crossed by the fewest other lines, and of these the one nearest to the
    source. The strongest connections choose first.
    """
    taken = [text.box for text in places.texts] + _circles(places)
    ends = {l: _ends(lines, l) for l in {line.connection.layer for line in lines}}
    labels = []
    for line in reversed(lines):
        boxes = _boxes(line)  # (n_shares, 4)
        free = ~_overlaps(boxes + np.asarray([-AIR, -AIR, AIR, AIR]), np.asarray(taken)).any(axis=1)  # (n_shares,)
        if free.any():
            crossings = _crossings(boxes, ends[line.connection.layer])  # (n_shares,)
            best = np.lexsort((np.abs(SHARES - PREFERRED), np.where(free, crossings, np.inf)))[0]
            labels.append(_label(line, float(SHARES[best])))
            taken.append(labels[-1].box)
    return labels


def _label(line: Line, share: float) -> Text:
    x, y = line.at(share)
    weight = line.connection.weight
    role = "positive" if weight > 0 else "negative" if weight < 0 else "muted"
    return Text(x, y + 0.28 * SIZE, short(weight), SIZE, role=role)


def _boxes(line: Line) -> Array:
    """Return the box of the label at each of SHARES, (n_shares, 4)."""
    at_source = np.asarray(_label(line, 0.0).box)
    (x1, y1), (x2, y2) = line.start, line.end
    return at_source + np.outer(SHARES, [x2 - x1, y2 - y1, x2 - x1, y2 - y1])


def _circles(places: Places) -> list[Box]:
    r = places.radius + 2
    points = [*places.neurons.values(), *places.groups.values(), *places.biases.values()]
    return [(x - r, y - r, x + r, y + r) for x, y in points]


def _overlaps(boxes: Array, others: Array) -> Array:
    """Return which boxes (n, 4) overlap which others (m, 4), (n, m); touching edges do not count."""
    one, other = boxes[:, None, :], others[None, :, :]
    apart = (one[..., 2] <= other[..., 0]) | (other[..., 2] <= one[..., 0])
    return ~(apart | (one[..., 3] <= other[..., 1]) | (other[..., 3] <= one[..., 1]))


def _ends(lines: Sequence[Line], layer: int) -> Array:
    """Return x1, y1, x2, y2 of the lines into a layer, (n_lines, 4); they go from left to right."""
    return np.asarray([(*line.start, *line.end) for line in lines if line.connection.layer == layer])


def _crossings(boxes: Array, ends: Array) -> Array:
    """Return the number of lines through each box, (n_boxes,), including the label's own line."""
    x1, y1, x2, y2 = ends.T
    left = np.maximum(x1, boxes[:, None, 0])  # (n_boxes, n_lines)
    right = np.minimum(x2, boxes[:, None, 2])
    slope = (y2 - y1) / (x2 - x1)
    at_left, at_right = y1 + slope * (left - x1), y1 + slope * (right - x1)
    inside = (np.maximum(at_left, at_right) >= boxes[:, None, 1]) & (np.minimum(at_left, at_right) <= boxes[:, None, 3])
    found: Array = (inside & (left <= right)).sum(axis=1)
    return found
