"""The text: formulas of every activation and cost, folding of wide networks, and what is refused."""

import json
import math
import re
from time import perf_counter

import numpy as np
import pytest

import glassnet as gn
from glassnet.core.catalog.activation import ACTIVATIONS
from glassnet.core.expressions.dialects.text import written
from glassnet.errors import DataError, LayerIndexError, ParameterError, ShapeError
from glassnet.explanation.words.formulas import activation_with_numbers, derivative_with_numbers

HELPERS = {
    "exp": math.exp,
    "tanh": math.tanh,
    "log": math.log,
    "max": max,
    "sign": lambda x: math.copysign(1.0, x),
    "clip": lambda x, low, high: min(max(x, low), high),
}


def value_of(formula):
    """Work a formula with numbers as a reader would: · multiplies, ^ is a power, bars are the magnitude."""
    text = formula.replace("·", "*").replace("^", "**")
    return float(eval(re.sub(r"\|([^|]*)\|", r"abs(\1)", text), {"__builtins__": {"abs": abs}, **HELPERS}))


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "softmax"])
@pytest.mark.parametrize("z", [-3.7, -0.6, 0.0, 0.25, 2.0])
def test_formulas_with_numbers_work_out(name, z):
    sigma = ACTIVATIONS[name]
    Z = np.asarray([z])
    A = sigma(Z)
    assert value_of(written(activation_with_numbers(sigma, z))) == pytest.approx(
        A[0], abs=1e-4
    )  # constants of selu have 5 digits
    words = written(derivative_with_numbers(sigma, z, float(A[0])))
    assert value_of(words) == pytest.approx(sigma.prime(Z, A)[0], abs=3e-4)


COSTS = ["error", "absolute_error", "half_squared_error", "squared_error", "huber", "poisson", "pinball"]


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("target", [0.25, 4.0])
def test_costs_with_numbers_work_out(cost, target):
    network = gn.Network.from_weights([([[1.0]], [0.5])], output="softplus")
    text = gn.explain(network, [1.0], target, cost=cost).to_text()
    words, loss = re.search(r"^    output1  (.*) = (\S+)$", text.split("COST")[1], re.MULTILINE).groups()
    assert value_of(words) == pytest.approx(float(loss), abs=3e-5)
    assert float(loss) == pytest.approx(gn.cost(cost, gn.forward(network, [1.0]).A[-1], [[target]]), rel=1e-5)
    slope = text.split("output1  ∂E/∂a = ")[1].splitlines()[0].split(" = ")
    assert value_of(slope[0]) == pytest.approx(float(slope[-1]), abs=3e-5)
    derivative = text.split("delta = ")[-1].split(" · ")[0]
    assert slope[-1] == derivative


def test_a_hidden_softmax_says_that_it_mixes():
    network = gn.Network.create([2, 3, 1], hidden="softmax", output="identity", seed=1)
    explanation = gn.explain(network, [0.5, -1.0], 2.0, cost="squared_error")
    layer = explanation.backward[1]
    assert layer.da_dz is None
    true = [a * (d - np.dot(layer.dE_da, layer.a)) for a, d in zip(layer.a, layer.dE_da, strict=True)]
    assert layer.delta.tolist() == pytest.approx(true, rel=1e-12)
    assert "every softmax value depends on every z" in " ".join(str(explanation).split())


def test_a_user_s_own_activation():
    sine = gn.Activation("sine", np.sin, lambda Z, A: np.cos(Z), range=(-1.0, 1.0))
    network = gn.Network.create([1, 1, 1], hidden=sine, output="identity", seed=0)
    text = str(gn.explain(network, [1.0], 0.0, cost="squared_error"))
    z = gn.forward(network, [1.0]).Z[1][0, 0]
    assert f"a = sine({z:.6g}) = {np.sin(z):.6g}" in text
    assert f"∂a/∂z = sine'({z:.6g}) = {np.cos(z):.6g}" in text


@pytest.fixture(scope="module")
def wide():
    network = gn.Network.create([784, 256, 128, 10], hidden="relu", output="softmax", dtype="float32", seed=0)
    return gn.explain(network, np.random.default_rng(0).random(784), np.eye(10)[3], cost="cross_entropy")


def test_a_wide_network_stays_readable_and_quick(wide):
    start = perf_counter()
    lines = wide.to_text().splitlines()
    text = json.dumps(wide.to_dict(), allow_nan=False)
    assert perf_counter() - start < 1.0
    assert len(lines) < 160
    assert max(map(len, lines)) <= 88
    assert len(text) < 1_000_000


def test_wide_matrices_are_left_out_of_json_unless_asked_for(wide):
    record = wide.to_dict()
    assert record["matrices_left_out"] == [{"layer": 1, "weights": 784 * 256}, {"layer": 2, "weights": 256 * 128}]
    assert record["forward"][0]["W"] is record["backward"][0]["dW"] is record["update"]["layers"][0]["W"] is None
    assert len(record["forward"][0]["z"]) == 256
    assert np.shape(record["backward"][2]["dW"]) == (10, 128)
    whole = wide.to_dict(max_weights=None)
    assert whole["matrices_left_out"] == []
    assert np.shape(whole["backward"][0]["dW"]) == (256, 784)


def test_an_exact_cost_where_the_output_rounds_to_one():
    network = gn.Network.from_weights([([[60.0]], None)], output="sigmoid")
    text = str(gn.explain(network, [1.0], 1.0, cost="binary_cross_entropy"))
    assert "= 8.75651e-27" in text
    assert "computed from z, which stays exact where an output rounds to 0 or 1" in text


def test_numbers_that_are_not_finite_are_text_in_json():
    network = gn.Network.from_weights([([[1e200]], None), ([[1e200]], None)], hidden="identity", output="identity")
    record = gn.explain(network, [1.0], 0.0, cost="squared_error").to_dict()
    assert record["cost"]["total"] == "inf"
    json.dumps(record, allow_nan=False)


def test_any_neuron_and_weight_opens_by_name(wide):
    neuron = wide.forward[1].neuron("hidden1.7")
    assert len(neuron.terms) == 784
    assert neuron.z == wide.forward[1].z[6]
    weight = wide.backward[3].weight("hidden2.5", "output4")
    assert weight.gradient == wide.backward[3].dW[3, 4]
    with pytest.raises(ParameterError, match=r"no neuron 'hidden9.1' in this layer; it has hidden1.1, h"):
        wide.forward[1].neuron("hidden9.1")
    with pytest.raises(LayerIndexError, match="layers count from 1"):
        wide.forward[0]


@pytest.mark.parametrize(
    ("row", "kwargs", "error", "message"),
    [
        ([[1, 0, 1], [0, 0, 1]], {}, ShapeError, "row has 2 rows, but one row is explained at a time"),
        ([1, 0], {}, ShapeError, "row has 2 numbers, but this network has 3 inputs"),
        (["a", "b", "c"], {}, DataError, "is not numeric, but a Network needs numbers"),
        ([1, float("nan"), 0], {}, DataError, "row has nan at input 2, but finite numbers"),
        ([1, 0, 1], {"target": 0}, ParameterError, "a target was given for a Network, but no cost"),
        ([1, 0, 1], {"cost": "huber"}, ParameterError, "cost='huber' compares outputs with a target, but none"),
        ([1, 0, 1], {"target": [0, 1], "cost": "huber"}, ShapeError, "target has 2 numbers, but this network has 1"),
        ([1, 0, 1], {"target": "no", "cost": "huber"}, DataError, "target='no' is not numeric"),
        ([1, 0, 1], {"target": 2, "cost": "binary_cross_entropy"}, ParameterError, r"needs targets in \[0, 1\]"),
        ([1, 0, 1], {"target": 0, "cost": "cross_entropy"}, ParameterError, "needs outputs that sum to 1"),
        ([1, 0, 1], {"target": 0, "cost": "nonsense"}, ParameterError, "cost 'nonsense'"),
        ([1, 0, 1], {"target": 0, "cost": "huber", "learning_rate": -1}, ParameterError, "learning_rate=-1 must be"),
    ],
)  # fmt: skip
def test_errors(tutorial, row, kwargs, error, message):
    with pytest.raises(error, match=message):
        gn.explain(tutorial, row, **kwargs)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": 20}, "width=20 must be a whole number from 60 upwards"),
        ({"terms": 0}, "terms=0 must be a whole number from 1 upwards"),
        ({"neurons": 1.5}, "neurons=1.5 must be a whole number from 1 upwards"),
    ],
)
def test_errors_of_text(tutorial, options, message):
    with pytest.raises(ParameterError, match=message):
        gn.explain(tutorial, [1, 0, 1]).to_text(**options)


@pytest.mark.parametrize("terms", [1, 3])
@pytest.mark.parametrize("neurons", [1, 2, 30])
def test_folding_as_asked(terms, neurons):
    network = gn.Network.create([9, 14, 3], hidden="tanh", output="softmax", seed=0)
    text = gn.explain(network, np.arange(9.0), [0, 1, 0], cost="cross_entropy").to_text(terms=terms, neurons=neurons)
    assert f"the {9 - terms} other terms" in text
    assert ("and" in text) == (neurons < 14) or neurons == 30
