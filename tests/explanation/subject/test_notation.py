"""Weights by people's names and in the tutorials' notation, forth and back."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glassnet as gn
from glassnet.errors import ParameterError
from glassnet.explanation.subject.notation import NOTATIONS

COST = "half_squared_error"


def in_notation(network, row, target, kind):
    return gn.explain(network, row, target, cost=COST, learning_rate=0.5, notation=kind)


@pytest.mark.parametrize("kind", NOTATIONS)
@given(sizes=st.lists(st.integers(1, 5), min_size=2, max_size=4), bias=st.booleans())
def test_every_weight_is_found_by_what_it_is_called(kind, sizes, bias):
    network = gn.Network.create(sizes, bias=bias, seed=0)
    notation = in_notation(network, np.ones(sizes[0]), np.ones(sizes[-1]), kind).notation
    seen = set()
    for l, (n_in, n_out) in enumerate(pairwise(sizes), start=1):
        for j in range(n_out):
            for k in [*range(n_in), *([None] if bias else [])]:
                for address in (notation.weight(l, j, k), notation.words(l, j, k)):
                    place = notation.place(address)
                    assert (place.layer, place.j, place.k) == (l, j, k)
                seen.add(notation.weight(l, j, k))
    assert len(seen) == network.n_params


def test_the_first_tutorial_s_w10(tutorial):
    """Weights counted by input: w1 to w9 lead into the hidden neurons, w10 = 0.3 from the first one to the output."""
    explanation = in_notation(tutorial, (1, 0, 1), 0, "by_input")
    weight = explanation.weight("w10")
    assert (weight.words, weight.value) == ("hidden1.1 -> output1", 0.3)
    assert weight.gradient == pytest.approx(0.0994956, abs=1e-7)
    assert explanation.weight("w2").value == 0.3  # from input 1 to hidden 2
    assert str(weight).splitlines() == [
        "w10 (hidden1.1 -> output1) = 0.3",
        "∂E/∂w10 = ∂E/∂output1 · ∂output1/∂z · ∂z/∂w10",
        "∂E/∂output1 = o - t = 0.77112 - 0 = 0.77112",
        "∂output1/∂z = a · (1 - a) = 0.77112 · (1 - 0.77112) = 0.176494",
        "∂z/∂w10 = hidden1.1 = 0.731059",
        "∂E/∂w10 = 0.77112 · 0.176494 · 0.731059 = 0.0994956",
        "new w10 = old - η·g = 0.3 - 0.5·0.0994956 = 0.250252",
    ]
    text = explanation.to_text()
    assert "output1  z = w10·hidden1.1 + w11·hidden1.2 + w12·hidden1.3" in text
    assert "= 0.3·0.731059 + 0.5·0.71095 + 0.9·0.71095 = 1.21465" in text
    assert "w10 (hidden1.1 -> output1)  0.77112 · 0.176494 · 0.731059 = 0.0994956" in text


def test_mazur_counts_by_neuron():
    """w1 w2 lead into h1, w3 w4 into h2, w5 w6 into o1, w7 w8 into o2; his biases are b1 and b2 of a layer each."""
    network = gn.Network.from_weights(
        [([[0.15, 0.20], [0.25, 0.30]], [0.35, 0.35]), ([[0.40, 0.45], [0.50, 0.55]], [0.60, 0.60])]
    )
    explanation = in_notation(network, [0.05, 0.10], [0.01, 0.99], "by_neuron")
    assert [explanation.weight(f"w{i}").value for i in range(1, 9)] == [0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55]
    assert explanation.weight("w5").gradient == pytest.approx(0.082167041)
    assert explanation.weight("w5").new == pytest.approx(0.35891648)
    assert explanation.weight("b3").value == 0.60


def test_from_neuron_to_neuron():
    network = gn.Network.create([5, 2, 2, 5], bias=False, seed=0)
    explanation = in_notation(network, np.ones(5), np.zeros(5), "from_to")
    assert explanation.weight("W1,6").value == network.W[1][0, 0]
    assert explanation.weight("W(9,12)").value == network.W[3][2, 1]
    assert explanation.weight("W_3,7").words == "3 x3 -> 7 hidden1.2"
    assert "8 hidden2.1  z = W6,8·a6 + W7,8·a7" in explanation.to_text()


def test_numbers_and_json_of_a_weight(tutorial):
    record = in_notation(tutorial, (1, 0, 1), 0, "by_input").weight("w1").to_dict()
    assert (record["layer"], record["j"], record["k"], record["weight"]) == (1, 0, 0, "w1")
    assert record["gradient"] == pytest.approx(record["dE_da"] * record["da_dz"] * record["dz_dw"], rel=1e-14)
    assert record["step"]["new"] == pytest.approx(0.9 - 0.5 * record["gradient"])


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("w13", "there is no 'w13': this network's go from w1 to w12"),
        ("w0", "there is no 'w0'"),
        ("b1", r"there is no 'b1': layer 1 has no biases"),
        ("bias -> hidden1.1", "there is no 'bias -> hidden1.1': layer 1 has no biases"),
        ("x1 -> output1", "there is no weight 'x1 -> output1': no neuron of those names leads into the other"),
        ("W1,7", "neuron 1 does not lead into neuron 7; inputs are 1 to 3, the first layer begins with neuron 4"),
        ("age", "weight 'age' cannot be read; write it as 'from -> to' such as 'x1 -> hidden1.1'"),
    ],
)
def test_errors(tutorial, address, message):
    with pytest.raises(ParameterError, match=message):
        gn.explain(tutorial, (1, 0, 1), 0, cost=COST).weight(address)


def test_errors_of_explanations(tutorial):
    with pytest.raises(
        ParameterError, match=r"notation='greek' is not known\. Choose from: names, by_input, by_neuron"
    ):
        gn.explain(tutorial, (1, 0, 1), notation="greek")
    with pytest.raises(ParameterError, match="a weight's gradient and step need a target, but none was given"):
        gn.explain(tutorial, (1, 0, 1)).weight("w1")
