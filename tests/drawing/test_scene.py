"""`Scene`: the places of `gn.draw`'s picture as data, and the colors of the themes as a style sheet."""

import json
import re

import numpy as np
import pytest

import glassnet as gn
from glassnet.drawing.diagram.names import names_of_network
from glassnet.drawing.diagram.scene import scene_of
from glassnet.drawing.theme import DARK, LIGHT, variables

SIZES = [[1, 1], [3, 3, 1], [5, 2, 2, 5], [20, 30, 8, 12]]


def scene(sizes, **options):
    network = gn.Network.create(sizes, seed=0)
    return network, scene_of(network, names_of_network(network), **options)


@pytest.mark.parametrize("sizes", SIZES)
def test_places_are_those_of_the_picture(sizes, read_svg):
    """Circles of the SVG, by name from its tooltips, stand where the scene says."""
    network, made = scene(sizes)
    svg = gn.draw(network, weights=False).svg
    circles = re.findall(r'<title>([^<]*)</title><circle cx="([\d.]+)" cy="([\d.]+)"', svg)
    drawn = {name: (float(x), float(y)) for name, x, y in circles}

    found = {neuron["name"]: tuple(neuron["at"]) for neuron in made.to_dict()["neurons"]}
    assert found.keys() == drawn.keys()
    for name, place in found.items():
        assert place == pytest.approx(drawn[name], abs=0.1)
    assert len(made.to_dict()["connections"]) == len(gn.draw(network).view.connections)


@pytest.mark.parametrize("sizes", SIZES)
def test_everything_lies_in_the_box(sizes):
    data = scene(sizes)[1].to_dict()
    left, top, width, height = data["box"]
    r = data["radius"]
    points = [n["at"] for n in data["neurons"]] + [g["at"] for g in data["groups"]] + [u["at"] for u in data["units"]]

    assert all(left + r <= x <= left + width - r and top + r <= y <= top + height - r for x, y in points)
    assert json.loads(json.dumps(data, allow_nan=False)) == data


def test_only_the_strongest_of_a_large_network():
    network, made = scene([20, 30, 8, 12], most=6)
    data = made.to_dict()

    assert [len(drawn) for drawn in made.drawn] == [5, 5, 5, 5]
    assert [group["hidden"] for group in data["groups"]] == [15, 25, 3, 7]
    strongest = np.abs(network.W[3]).sum(axis=1).argsort()[-5:]
    assert set(made.drawn[3]) == set(strongest.tolist())
    assert data["weights"] == {"drawn": len(data["connections"]), "all": 20 * 30 + 30 * 8 + 8 * 12}


def test_numbers_of_hidden_neurons_are_left_to_the_page():
    """It writes them together with what changes."""
    words = [text["words"] for text in scene([3, 3, 1])[1].to_dict()["texts"]]

    assert "1.1" not in words
    assert {"x1", "x2", "x3", "output1", "hidden layer", "3 neurons", "sigmoid"} <= set(words)


def test_variables_name_the_colors_of_both_themes():
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", part)) for part in variables().split("@media"))

    assert light.keys() == dark.keys()
    assert (light["surface"], dark["surface"]) == (LIGHT.surface, DARK.surface)
    assert (light["hidden-2-stroke"], dark["inputs-fill"]) == (LIGHT.hidden[1].stroke, DARK.inputs.fill)
