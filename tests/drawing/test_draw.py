"""`gn.draw`: the user's names, the row's numbers, the blame, and what is refused."""

import re

import numpy as np
import pytest

import glassnet as gn
from glassnet.errors import ParameterError


@pytest.fixture
def tutorial():
    """3-3-1 without biases; the tutorials list the weights by input."""
    W1 = np.asarray([(0.9, 0.3, 0.2), (0.8, 0.5, 0.4), (0.1, 0.6, 0.7)]).T
    return gn.Network.from_weights([(W1, None), ([[0.3, 0.5, 0.9]], None)], hidden="sigmoid", output="sigmoid")


def test_numbers_of_the_tutorial_stand_in_the_picture(tutorial, read_svg):
    """Hidden sums 1, 0.9, 0.9: sigmoid 0.731, 0.711, 0.711; output 0.771; the weights as the tutorial prints them."""
    words = read_svg(gn.draw(tutorial, [1.0, 0.0, 1.0]).svg).words

    assert [words.count(number) for number in ("0.731", "0.711", "0.771")] == [1, 2, 1]
    for weight in ("0.9", "0.8", "0.1", "0.3", "0.5", "0.6", "0.2", "0.4", "0.7"):
        assert weight in words
    assert "hidden layer" in words
    assert "3 neurons" in words


def test_blame_is_that_of_backpropagation(tutorial, read_svg):
    X, Y = [[1.0, 0.0, 1.0]], [[0.0]]
    grads = gn.backward(tutorial, gn.forward(tutorial, X), Y, cost="half_squared_error")
    diagram = gn.draw(tutorial, X[0], Y[0], cost="half_squared_error")

    deltas = {neuron.name: neuron.delta for column in diagram.view.columns for neuron in column.neurons}
    assert deltas["output1"] == pytest.approx(float(grads.delta[2][0, 0]), rel=1e-12)
    assert [deltas[f"hidden1.{j}"] for j in (1, 2, 3)] == pytest.approx(grads.delta[1][0].tolist(), rel=1e-12)
    assert deltas["x1"] is None
    flows = {(flow.j, flow.k): flow.amount for flow in diagram.view.flows}
    delta = float(grads.delta[2][0, 0])
    assert flows == {(0, k): pytest.approx(w * delta) for k, w in enumerate((0.3, 0.5, 0.9))}
    svg = read_svg(diagram.svg)
    assert len(svg.all("g", "blame")) == 3
    assert "target 0" in svg.words
    assert gn.draw(tutorial, X[0], Y[0], cost="half_squared_error", blame=False).view.flows == ()


def test_an_explanation_brings_its_row_along(tutorial):
    opened = gn.explain(tutorial, [1.0, 0.0, 1.0], 0.0, cost="half_squared_error")

    assert gn.draw(opened).svg == gn.draw(tutorial, [1.0, 0.0, 1.0], 0.0, cost="half_squared_error").svg


def test_columns_and_classes_by_their_names(classifier, penguins, read_svg):
    words = read_svg(gn.draw(classifier, most=20).svg).words

    assert {"Adelie", "Chinstrap", "Gentoo", "bill_depth_mm", "island=Dream", "year"} <= set(words)
    assert "softmax" in words


def test_the_users_own_values_and_answer(classifier, penguins, read_svg):
    diagram = gn.draw(classifier, penguins.drop(columns="species").iloc[[0]], "Adelie", most=20)
    notes = {neuron.name: neuron.notes for neuron in diagram.view.columns[0].neurons}
    outputs = {neuron.name: neuron for neuron in diagram.view.columns[-1].neurons}

    assert notes["bill_length_mm"] == ("= 39.1",)
    assert notes["island=Torgersen"] == ()
    assert outputs["Adelie"].notes == ("target 1",)
    assert outputs["Gentoo"].notes == ("target 0",)
    answer = str(classifier.predict(penguins.drop(columns="species").iloc[[0]])[0])
    assert [name for name, neuron in outputs.items() if neuron.is_answer] == [answer]


def test_quantities_in_the_users_units(regressor):
    model, X, y = regressor
    (output,) = gn.draw(model, X[0], y[0]).view.columns[-1].neurons

    assert output.notes == (f"= {model.predict(X[:1])[0]:.3g}".replace("-", "−"), f"target {y[0]:.3g}")


def test_two_classes_have_one_output_the_seconds(yes_or_no):
    model, X, _ = yes_or_no
    (output,) = gn.draw(model).view.columns[-1].neurons
    (with_row,) = gn.draw(model, X[0]).view.columns[-1].neurons

    assert output.name == with_row.name == "yes"
    assert with_row.value == pytest.approx(model.predict_proba(X[:1])[0, 1])


def test_a_large_network_is_shown_by_its_strongest(read_svg):
    """The planted weights are ten times all others; they and the neurons on their way must be seen."""
    net = gn.Network.create([784, 256, 128, 10], hidden="relu", output="softmax", seed=0)
    net.W[3][4, 77], net.W[2][77, 200], net.W[1][200, 555] = 9.0, -8.0, 7.0
    diagram = gn.draw(net)
    seen = {(c.layer, c.j, c.k) for c in diagram.view.connections}

    assert {(3, 4, 77), (2, 77, 200), (1, 200, 555)} <= seen
    assert [len(column.neurons) for column in diagram.view.columns] == [11, 11, 11, 10]
    words = read_svg(diagram.svg).words
    assert {"+773", "+245", "+117", "784", "256 neurons"} <= set(words)
    assert f"the {diagram.view.weights_shown} strongest of 234,752 weights" in words
    assert len(diagram.svg) < 60_000


def test_a_row_decides_which_neurons_matter():
    """The largest weight leads from an input that is silent in this row, so it does not count."""
    W = np.full((1, 20), 0.1)
    W[0, 3], W[0, 8] = 50.0, 5.0
    net = gn.Network.from_weights([(W, None)], output="identity")
    row = np.ones(20)
    row[3] = 0.0

    assert [n.index for n in gn.draw(net, most=3).view.columns[0].neurons] == [3, 8]
    assert 3 not in [n.index for n in gn.draw(net, row, most=3).view.columns[0].neurons]


def test_words_for_people_who_do_not_see_it(tutorial, read_svg):
    diagram = gn.draw(tutorial, [1.0, 0.0, 1.0])
    root = read_svg(diagram.svg).root

    assert root.get("role") == "img"
    assert root.get("aria-label") == diagram.title == "Network 3-3-1 with sigmoid, sigmoid"
    assert [child.tag.split("}")[1] for child in root][:2] == ["title", "desc"]
    assert "3 inputs: x1 1, x2 0, x3 1." in diagram.description
    assert "Prediction: output1 = 0.77112." in diagram.description


def test_the_same_network_gives_the_same_text(tutorial):
    assert gn.draw(tutorial).svg == gn.draw(tutorial).svg


def test_plain_data(tutorial):
    data = gn.draw(tutorial, [1.0, 0.0, 1.0], 0.0, cost="half_squared_error").to_dict()

    assert {"layer": 1, "to": "hidden1.1", "from": "x2", "weight": 0.8} in data["connections"]
    assert data["blame"][-1]["from"] == "output1"
    assert data["n_weights"] == 12


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((), {"most": 2}, "most=2 leaves no room for neurons beside a group; expected 3 or more"),
        ((), {"theme": "blue"}, "theme='blue' is not one of the themes; choose from: light, dark, auto"),
        ((), {"blame": True}, "blame flows back from a target, but none was given; pass row=... and target=..."),
        (([1, 0, 1],), {"blame": True}, "blame flows back from a target, but none was given"),
        ((), {"target": 1.0}, "a target and a cost belong to a row, but none was given; pass row=..."),
    ],
)
def test_what_cannot_be_drawn(tutorial, arguments, options, message):
    with pytest.raises(ParameterError) as error:
        gn.draw(tutorial, *arguments, **options)
    assert message in str(error.value)


def test_what_is_no_network(tutorial):
    with pytest.raises(ParameterError, match=r"model is a dict, but a Network, .* Explanation was expected"):
        gn.draw({})
    with pytest.raises(ParameterError, match=r"this GlassClassifier has not learned anything yet; call fit"):
        gn.draw(gn.GlassClassifier())
    with pytest.raises(ParameterError, match=r"an Explanation has its own row, target and cost; pass the model"):
        gn.draw(gn.explain(tutorial, [1, 0, 1]), [0, 0, 0])


def test_weights_that_are_not_finite_are_drawn_as_they_are(read_svg):
    """A network that diverged can be looked at."""
    net = gn.Network.from_weights([([[np.nan, np.inf, 1.0]], [0.0])], output="identity")
    words = read_svg(gn.draw(net, [1.0, 1.0, 1.0]).svg).words

    assert {"NaN", "∞"} <= set(words)


def test_a_neuron_of_slope_zero_is_drawn_as_the_straight_line_it_is():
    """(1 - 0) z is z: the same picture as that of the identity, and not that of relu."""
    W, b = np.asarray([[1.0]]), np.asarray([0.0])

    def curve(hidden, slopes):
        network = gn.Network.from_weights([(W, b), (W, b)], hidden=hidden, output="identity", slopes=slopes)
        return re.findall(r'<polyline points="([^"]+)"', gn.draw(network).svg)[0]

    assert curve("relu", [np.asarray([0.0])]) == curve("identity", None)
    assert curve("relu", [np.asarray([1.0])]) == curve("relu", None) != curve("identity", None)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_waves_have_an_entry_in_the_legend(theme, read_svg):
    told = "wave: a learned curve over one input, a sum of cosines"
    with_waves = gn.draw(gn.Network.create([2, 3, 1], numeric_embedding="pbld", embedded=[0], seed=0), theme=theme)

    assert with_waves.view.n_waves == with_waves.to_dict()["n_waves"] == 3
    assert told in read_svg(with_waves.svg).words
    assert "<polyline" in with_waves.svg
    for on in (False, True):
        without = gn.draw(gn.Network.create([2, 3, 1], input_scaling=on, seed=0), theme=theme)
        assert without.view.n_waves == 0
        assert told not in read_svg(without.svg).words
