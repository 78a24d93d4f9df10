"""Learned slopes open like every other number: what they make of a neuron, their gradients and their steps."""

import json
import math

import numpy as np
import pytest

import glassnet as gn
from glassnet.core.catalog.activation import ACTIVATIONS

ROW, TARGET = [0.5, -1.25, 2.0], [1.0, -0.5]
HIDDEN = [name for name in ACTIVATIONS if name != "step"]


def network_with(hidden="silu", output="identity"):
    network = gn.Network.create([3, 4, 2], hidden=hidden, output=output, learned_slope=True, seed=0)
    return network.with_theta(np.random.default_rng(0).normal(0.3, 0.6, network.n_params))


def explained(hidden="silu", **options):
    return gn.explain(network_with(hidden), ROW, TARGET, cost="half_squared_error", **options)


def cost_at(network, theta):
    """The cost by plain forward propagation, for differences between two of them."""
    outputs = gn.forward(network.with_theta(theta), [ROW]).A[-1][0]
    return sum((o - t) ** 2 / 2 for o, t in zip(outputs.tolist(), TARGET, strict=True))


def by_hand(**options):
    """x = -2, w = 1, slope 0.75, relu; then times 3: z = -2, f = 0, a = -0.5, o = -1.5."""
    network = gn.Network.from_weights(
        [([[1.0]], None), ([[3.0]], None)], hidden="relu", output="identity", slopes=[[0.75]]
    )
    return gn.explain(network, [-2.0], 0.5, cost="half_squared_error", learning_rate=0.1, **options)


def test_the_text_by_hand():
    """dE/da = 3 · -2 = -6; ds = -6 · (0 + 2) = -12; at 0.1 · 0.1: 0.75 + 0.12 = 0.87; delta = -6 · 0.25."""
    text = by_hand().to_text()

    for line in (
        "Network 1-1-1: relu, identity; 3 parameters; learned slopes",
        "  layer 1: 1 neuron, relu, f = max(0, z), a = slope·f + (1 - slope)·z",
        "    hidden1.1  z = 1·(-2) = -2",
        "               f = max(0, -2) = 0",
        "               a = 0.75·0 + (1 - 0.75)·(-2) = -0.5",
        "  layer 1: ∂f/∂z = 1 if z > 0 else 0, ∂a/∂z = slope·∂f/∂z + 1 - slope",
        "    hidden1.1  ∂E/∂a = 3·(-2) = -6",
        "               ∂f/∂z = 0",
        "               ∂a/∂z = 0.75·0 + 1 - 0.75 = 0.25",
        "               delta = -6 · 0.25 = -1.5",
        "  slopes: ∂E/∂slope = ∂E/∂a · (f - z)",
        "    hidden1.1: slope  ∂E/∂a (-6) · (f - z) 2 = -12",
        "    hidden1.1: slope  0.01  -12       0.75  0.12  0.87",
    ):
        assert line in text.splitlines(), f"{line}\n{text}"


def test_one_weight_by_hand():
    assert by_hand().weight("x1 -> hidden1.1").to_text().splitlines() == [
        "x1 -> hidden1.1 = 1",
        "∂E/∂w = ∂E/∂hidden1.1 · ∂hidden1.1/∂z · ∂z/∂w",
        "∂E/∂hidden1.1 = sum of w·delta onward = 3·(-2) = -6",
        "∂f/∂z = 1 if z > 0 else 0 = 0",
        "∂hidden1.1/∂z = slope·∂f/∂z + 1 - slope = 0.75·0 + 1 - 0.75 = 0.25",
        "∂z/∂w = a of x1 = -2",
        "∂E/∂w = -6 · 0.25 · (-2) = 3",
        "new w = old - η·g = 1 - 0.1·3 = 0.7",
    ]
    numbered = by_hand(notation="from_to").weight("W1,2").to_text()
    assert "∂f/∂z2 = 1 if z > 0 else 0 = 0" in numbered
    assert "∂a2/∂z2 = slope·∂f/∂z2 + 1 - slope = 0.75·0 + 1 - 0.75 = 0.25" in numbered


@pytest.mark.parametrize("hidden", HIDDEN)
def test_every_gradient_is_the_product_that_it_says_and_what_a_shock_measures(hidden):
    network, explanation = network_with(hidden), explained(hidden)
    for each in explanation.slopes.parameters():
        shock = np.zeros(network.n_params)
        shock[each.place] = 1e-6
        measured = (cost_at(network, network.theta + shock) - cost_at(network, network.theta - shock)) / 2e-6
        assert each.gradient == pytest.approx(math.prod(value for _, value in each.factors), rel=1e-12, abs=1e-15)
        assert each.gradient == pytest.approx(measured, rel=1e-5, abs=1e-8)
        assert network.layout.name_of(each.place) == each.entry


@pytest.mark.parametrize("hidden", HIDDEN)
def test_every_activation_and_delta_is_what_it_says(hidden):
    explanation = explained(hidden)
    for j, name in enumerate(explanation.forward[1].names):
        neuron, back = explanation.forward[1].neuron(name), explanation.backward[1].neuron(name)
        assert neuron.a == pytest.approx(neuron.slope * neuron.f + (1 - neuron.slope) * neuron.z, rel=1e-12)
        if hidden != "softmax":
            assert back.da_dz == pytest.approx(neuron.slope * back.df_dz + 1 - neuron.slope, rel=1e-12)
            assert explanation.backward[1].delta[j] == pytest.approx(back.dE_da * back.da_dz, rel=1e-12)


@pytest.mark.parametrize("solver", ["gd", "adam"])
def test_the_new_values_are_those_of_one_step(solver):
    """Against one step of training on this row alone."""
    explanation = explained(solver=solver, learning_rate=0.01)
    common = {"cost": "half_squared_error", "solver": solver, "learning_rate": 0.01, "epochs": 1}
    after = gn.train(network_with(), [ROW], [TARGET], engine="reference", **common).network
    record = explanation.to_dict()

    np.testing.assert_allclose(explanation.update.network.theta, after.theta, rtol=1e-12)
    assert [row["new"] for row in record["slopes"]] == pytest.approx(after.slope[1].tolist(), rel=1e-12)
    assert record["update"]["layers"][0]["slope"] == pytest.approx(after.slope[1].tolist(), rel=1e-12)
    assert record["slopes"][0]["learning_rate"] == pytest.approx(0.001)


@pytest.mark.parametrize("hidden", [*HIDDEN, ("leaky_relu", {"slope": 0.25})])
def test_all_texts_and_plain_data_have_it(hidden):
    explanation = explained(hidden)
    record = json.loads(explanation.to_json())
    largest = explanation.slopes.largest(1)[0]

    assert record["forward"][0]["slope"] == explanation.network.slope[1].tolist()
    assert record["forward"][0]["f"] == explanation.forward[1].f.tolist()
    assert record["backward"][0]["df_dz"] == (None if hidden == "softmax" else explanation.backward[1].df_dz.tolist())
    assert record["forward"][1]["slope"] is record["forward"][1]["f"] is record["backward"][1]["df_dz"] is None
    assert record["backward"][0]["dslope"] == [each.gradient for each in explanation.slopes.parameters()]
    for text in (explanation.to_text(), explanation.to_markdown(), explanation.to_latex(), explanation.to_html()):
        assert largest.name in text
        assert f"{largest.gradient:.6g}" in text.replace("{-}", "-")
        assert "learned slopes" in text
    shown = explanation.to_text(width=120)
    if hidden == ("leaky_relu", {"slope": 0.25}):
        assert "leaky_relu, f = z if z > 0 else 0.25·z, a = slope·f + (1 - slope)·z" in shown
    if hidden == "elu":
        assert "∂f/∂z = 1 if z > 0 else f + 1, ∂a/∂z = slope·∂f/∂z + 1 - slope" in shown
    if hidden == "softmax":
        assert "delta = f·(slope·∂E/∂a - sum of slope·∂E/∂a·f) + (1 - slope)·∂E/∂a" in shown


def test_a_slope_by_its_name():
    slopes = explained().slopes

    assert slopes.parameter("hidden1.3: slope").entry == "slope[1][2]"
    assert slopes.parameter("slope[1][0]").name == "hidden1.1: slope"
    with pytest.raises(
        gn.GlassnetError, match=r"there is no slope 'hidden9: slope'; one of them is 'hidden1\.1: slope'"
    ):
        slopes.parameter("hidden9: slope")


def test_without_a_target_only_the_way_forward():
    explanation = gn.explain(network_with(), ROW)

    assert explanation.slopes is None
    assert "a = slope·f + (1 - slope)·z" in explanation.to_text()
    assert explanation.to_dict()["slopes"] is None


def test_networks_without_slopes_say_nothing_of_them():
    explanation = gn.explain(gn.Network.create([3, 4, 2], seed=0), ROW, [1.0, 0.0], cost="half_squared_error")

    assert explanation.slopes is None
    assert "slope" not in explanation.to_text()
    assert "slope" not in explanation.to_html()


def test_what_is_not_shown_is_counted():
    assert "and 2 more with smaller gradients" in explained().to_text(neurons=2)
    assert "and 2 more with smaller gradients" in explained().to_markdown(neurons=2)


def test_an_activation_of_ones_own():
    sine = gn.Activation("sine", np.sin, lambda Z, A: np.cos(Z))
    text = explained(sine).to_text()

    assert "sine, f = sine(z), a = slope·f + (1 - slope)·z" in text
    assert "∂f/∂z = sine'(z), ∂a/∂z = slope·∂f/∂z + 1 - slope" in text


def test_of_an_estimator():
    X = np.random.default_rng(0).normal(size=(40, 3))
    model = gn.GlassRegressor((3,), learned_slope=True, max_iter=3, random_state=0).fit(X, X[:, 0])
    explanation = gn.explain(model, X[0], 0.5)

    assert "hidden1.2: slope" in explanation.to_text()


def test_blame_by_hand():
    """As in `by_hand`: a = -0.5, so 0.5 · |-2| = 1 goes by the hidden neuron, and 2 · |-1.5| = 3 by the input."""
    network = gn.Network.from_weights(
        [([[1.0]], None), ([[3.0]], None)], hidden="relu", output="identity", slopes=[[0.75]]
    )
    found = gn.blame(network, [[-2.0]], [[0.5]], cost="half_squared_error")

    assert {each.layer: (each.activity, each.error_signal, each.blame) for each in found.neurons} == {
        1: (0.5, 1.5, 1.0),
        2: (1.5, 2.0, 2.0),
    }
    assert [each.blame for each in found.columns] == [3.0]
