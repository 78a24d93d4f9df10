"""What holds of every diagram, whatever the network: all inside, nothing on top of each other, signs told twice."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import glassnet as gn
from glassnet.core.records import ByLayer
from glassnet.drawing.diagram.diagram import Diagram
from glassnet.drawing.diagram.lines import lines_of
from glassnet.drawing.diagram.places import place
from glassnet.drawing.diagram.strongest import MOST_CONNECTIONS
from glassnet.drawing.diagram.text import overlap
from glassnet.drawing.diagram.viewing import view_of
from glassnet.drawing.diagram.weight_labels import weight_labels
from glassnet.drawing.theme import DARK, LIGHT

SIZES = st.lists(st.integers(1, 17), min_size=2, max_size=4)
NAMES = st.text(max_size=40)


@st.composite
def diagrams(draw):
    """A diagram of a random network with random weights, some of them 0, with or without a row and its target."""
    sizes = draw(SIZES)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    net = gn.Network.create(sizes, hidden=draw(st.sampled_from(["relu", "tanh", "step"])), bias=draw(st.booleans()))
    scale = draw(st.sampled_from([1e-6, 1.0, 1e6]))
    theta = rng.normal(size=net.n_params) * scale
    theta[rng.random(net.n_params) < 0.1] = 0
    net = net.with_theta(theta)
    row = rng.normal(size=sizes[0]) if draw(st.booleans()) else None
    target = rng.random(sizes[-1]) if row is not None and draw(st.booleans()) else None
    return gn.draw(
        net,
        row,
        target,
        cost=None if target is None else "half_squared_error",
        weights=draw(st.sampled_from([None, True, False])),
        biases=draw(st.sampled_from([None, True, False])),
        most=draw(st.integers(3, 20)),
        title=draw(st.sampled_from(["", "A network", "A title that is much longer than its picture is wide " * 3])),
        theme=draw(st.sampled_from(["light", "dark", "auto"])),
    )


@settings(max_examples=60)
@given(diagrams())
def test_every_element_is_inside_the_picture(read_svg, diagram):
    svg = read_svg(diagram.svg)
    width, height = svg.size

    for x, y in svg.points():
        assert 0 <= x <= width
        assert 0 <= y <= height


def texts_and_circles(diagram):
    """Return the boxes of all texts outside of circles, and of all circles, units and groups."""
    places = place(diagram.view, labeled=diagram.labeled, title=diagram.heading)
    labels = weight_labels(lines_of(diagram.view, places), places) if diagram.labeled else []
    r = places.radius
    circles = [(x - r, y - r, x + r, y + r) for x, y in [*places.neurons.values(), *places.biases.values()]]
    return [text.box for text in [*labels, *places.texts]], circles, places


@settings(max_examples=60)
@given(diagrams())
def test_no_two_labels_overlap_and_none_lies_on_a_circle(diagram):
    texts, circles, places = texts_and_circles(diagram)

    for one, other in combinations(texts, 2):
        assert not overlap(one, other)
    for one, other in combinations(circles, 2):
        assert not overlap(one, other)
    assert not [text for text in texts for circle in circles if overlap(text, circle)]
    assert all(left >= 0 and right <= places.width for left, _, right, _ in texts)


@settings(max_examples=40)
@given(st.lists(NAMES, min_size=1, max_size=6), st.lists(NAMES, min_size=1, max_size=4))
def test_any_names_keep_to_their_place(read_svg, inputs, outputs):
    """Also control characters, letters as wide as they are high, and names without a letter."""
    net = gn.Network.create([len(inputs), 2, len(outputs)], seed=0)
    names = ByLayer([tuple(inputs), ("hidden1.1", "hidden1.2"), tuple(outputs)], name="names", first=0)
    view = view_of(net, names, None, blame=False, biases=None, most=12)
    diagram = Diagram.of(view, net, None, weights=None, heading="", theme="auto")
    texts, _, places = texts_and_circles(diagram)

    assert all(not overlap(one, other) for one, other in combinations(texts, 2))
    assert all(left >= 0 and right <= places.width for left, _, right, _ in texts)
    assert read_svg(diagram.svg).size[0] == pytest.approx(places.width, abs=0.01)


@settings(max_examples=60)
@given(diagrams())
def test_sign_is_told_by_color_and_by_dash(read_svg, diagram):
    theme = DARK if diagram.theme == "dark" else LIGHT
    color = {1: theme.positive, -1: theme.negative, 0: theme.zero}
    lines = [line for kind in ("bias", "weight") for line in read_svg(diagram.svg).all("line", kind)]

    assert len(lines) == len(diagram.view.connections)
    drawn = sorted((line.get("stroke"), line.get("stroke-dasharray") is not None) for line in lines)
    promised = sorted((color[int(np.sign(c.weight))], bool(c.weight < 0)) for c in diagram.view.connections)
    assert drawn == promised


@settings(max_examples=60)
@given(diagrams())
def test_as_many_connections_as_promised(diagram):
    """All where two layers are shown whole; else at most MOST_CONNECTIONS, and no neuron hangs loose."""
    view = diagram.view
    shown = [[neuron.index for neuron in column.neurons] for column in view.columns]
    for l in range(1, view.n_layers + 1):
        into = [(c.j, c.k) for c in view.connections if c.layer == l and c.k is not None]
        pairs = len(shown[l]) * len(shown[l - 1])
        assert len(into) == len(set(into))
        if view.columns[l].n_hidden_away == view.columns[l - 1].n_hidden_away == 0:
            assert len(into) == pairs
        else:
            needed = len(shown[l]) + len(shown[l - 1])
            assert min(pairs, MOST_CONNECTIONS) <= len(into) <= max(MOST_CONNECTIONS, needed)
        assert {j for j, _ in into} == set(shown[l])
        assert {k for _, k in into} == set(shown[l - 1])


@settings(max_examples=30)
@given(diagrams())
def test_thicker_is_larger(read_svg, diagram):
    widths = [float(line.get("stroke-width")) for line in read_svg(diagram.svg).all("line") if line.get("class")]
    for l in range(1, diagram.view.n_layers + 1):
        pairs = [(abs(c.weight), w) for c, w in zip(diagram.view.connections, widths, strict=True) if c.layer == l]
        ranked = [width for _, width in sorted(pairs)]
        assert ranked == sorted(ranked)
