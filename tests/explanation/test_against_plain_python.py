"""Every number shown, in JSON and in text, is what plain Python makes of the same row; over random networks."""

import json
import math
import re

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import glassnet as gn

HIDDEN = ["sigmoid", "tanh", "relu", "silu", "leaky_relu", "softplus", "identity"]
PAIRS = [
    ("identity", "half_squared_error"),
    ("tanh", "squared_error"),
    ("identity", "huber"),
    ("softplus", "poisson"),
    ("sigmoid", "binary_cross_entropy"),
    ("softmax", "cross_entropy"),
]
NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]\d+)?"


@st.composite
def worked_rows(draw, largest=7):
    output, cost = draw(st.sampled_from(PAIRS))
    n_out = draw(st.integers(2 if output == "softmax" else 1, 4))
    hidden = draw(st.lists(st.integers(1, largest), max_size=2))
    sizes = [draw(st.integers(1, largest)), *hidden, n_out]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    network = gn.Network.create(
        sizes, hidden=[draw(st.sampled_from(HIDDEN)) for _ in hidden], output=output, bias=draw(st.booleans()), seed=0
    )
    network = network.with_theta(rng.normal(0.0, draw(st.sampled_from([0.01, 0.7, 3.0])), network.n_params))
    row = np.where(rng.random(sizes[0]) < 0.2, 0.0, rng.normal(size=sizes[0]))
    if cost == "cross_entropy":
        target = np.eye(n_out)[rng.integers(n_out)]
    elif cost == "binary_cross_entropy":
        target = rng.integers(0, 2, n_out).astype(float)
    else:
        target = rng.integers(0, 4, n_out).astype(float) if cost == "poisson" else rng.normal(size=n_out)
    if cost == "poisson":  # softplus(-800) is 0 in float64, and the cost of 0 infinite
        assume(bool(np.all(gn.forward(network, row).A[-1] > 0)))
    return network, row.tolist(), target.tolist(), cost


def close(found, expected):
    return np.allclose(found, expected, rtol=1e-12, atol=1e-12)


@settings(max_examples=60)
@given(worked_rows())
def test_json(work, case):
    network, row, target, cost = case
    true = work(network, row, target, cost, 0.25)
    explanation = gn.explain(network, row, target, cost=cost, learning_rate=0.25)
    record = json.loads(json.dumps(explanation.to_dict(), allow_nan=False))
    assert close(record["cost"]["total"], true.total)
    assert close([each["loss"] for each in record["cost"]["outputs"]], true.losses)
    for l in range(1, network.n_layers + 1):
        forward, backward, new = record["forward"][l - 1], record["backward"][l - 1], record["update"]["layers"][l - 1]
        assert forward["W"] == true.W[l]
        assert forward["b"] == true.b[l]
        assert close(forward["z"], true.Z[l])
        assert close(forward["a"], true.A[l])
        assert close(backward["delta"], true.delta[l])
        assert close(backward["dW"], true.dW[l])
        assert close(new["W"], true.new_W[l])
        assert true.b[l] is None or close(backward["db"], true.delta[l])
        assert true.b[l] is None or close(new["b"], true.new_b[l])
        if backward["dE_da"] is not None:
            assert close(backward["dE_da"], true.dE_da[l])
            assert close(np.multiply(backward["dE_da"], backward["da_dz"]), true.delta[l])


@settings(max_examples=60)
@given(worked_rows(largest=6))
def test_text(work, is_rounded, case):
    """At most 6 neurons a layer: nothing is folded but the largest matrices."""
    network, row, target, cost = case
    true = work(network, row, target, cost, 0.25)
    explanation = gn.explain(network, row, target, cost=cost, learning_rate=0.25)
    names = explanation.forward[1].sources, *(layer.names for layer in explanation.forward)
    sections = re.split(r"^(?=[A-Z]{4,})", explanation.to_text(width=10_000), flags=re.MULTILINE)
    text = {section.split()[0]: section for section in sections[1:]}

    where = {name: (l, j) for l, layer in enumerate(names) for j, name in enumerate(layer)}
    seen = 0
    for name, terms, z, a in re.findall(
        rf"^ +(\S+) +z = (.*) = ({NUMBER})\n +a = (?:.* = )?({NUMBER})$", text["FORWARD"], re.MULTILINE
    ):
        l, j = where[name]
        assert is_rounded(z, true.Z[l][j])
        assert is_rounded(a, true.A[l][j])
        factors = re.findall(rf"(- |-)?({NUMBER})·\(?({NUMBER})\)?", terms)
        assert len(factors) == len(names[l - 1])
        for k, (minus, weight, value) in enumerate(factors):
            assert is_rounded(minus.strip() + weight if minus else weight, true.W[l][j][k])
            assert is_rounded(value, true.A[l - 1][k])
        seen += 1
    assert seen == sum(network.sizes[1:])

    for name, loss in re.findall(rf"^    (output\d+) .* = ({NUMBER})$", text["COST"], re.MULTILINE):
        assert is_rounded(loss, true.losses[where[name][1]])

    deltas = re.findall(
        rf"^    (\S+)  (?:.*\n)?(?:.*\n)? *delta = (?:.* = )?({NUMBER})$", text["BACKWARD"], re.MULTILINE
    )
    assert len(deltas) == sum(network.sizes[1:])
    for name, delta in deltas:
        l, j = where[name]
        assert is_rounded(delta, true.delta[l][j])

    def gradient_of(source, name):
        l, j = where[name]
        k = None if source == "bias" else where[source][1]
        if k is None:
            return true.delta[l][j], true.b[l][j], true.new_b[l][j]
        return true.dW[l][j][k], true.W[l][j][k], true.new_W[l][j][k]

    rows = re.findall(rf"^    (\S+) -> (\S+) .* = +({NUMBER}) *$", text["BACKWARD"], re.MULTILINE)
    assert rows
    for source, name, gradient in rows:
        assert is_rounded(gradient, gradient_of(source, name)[0])
    rows = re.findall(
        rf"^    (\S+) -> (\S+) +({NUMBER}) +- 0.25 · +\(?({NUMBER})\)? += +({NUMBER}) *$", text["UPDATE"], re.MULTILINE
    )
    assert rows
    for source, name, old, gradient, new in rows:
        for shown, value in zip((gradient, old, new), gradient_of(source, name), strict=True):
            assert is_rounded(shown, value)


@pytest.mark.parametrize("seed", range(3))
def test_a_folded_sum_is_exact(is_rounded, seed):
    """Of 40 inputs 6 terms are shown and 34 are summed in one line: with the bias they add up to z."""
    network = gn.Network.create([40, 20, 3], hidden="tanh", output="identity", seed=seed)
    network = network.with_theta(np.random.default_rng(seed).normal(size=network.n_params))
    row = np.random.default_rng(seed + 9).normal(size=40)
    explanation = gn.explain(network, row, [1.0, 0.0, -1.0], cost="squared_error")
    for layer in explanation.forward:
        for name in layer.names:
            neuron = layer.neuron(name)
            shown, rest = neuron.largest(6)
            assert math.fsum([*(term.product for term in shown), rest, neuron.bias]) == pytest.approx(
                neuron.z, rel=1e-13
            )

    text = explanation.to_text(width=200)
    block = re.search(r"layer 1: .*?\n    (\S+)\n(.*?\n)      z ", text, re.DOTALL)
    neuron = explanation.forward[1].neuron(block[1])
    shown = {term.source: term for term in neuron.terms}
    rows = re.findall(rf"^ +(x\d+) +({NUMBER}) +· +\(?({NUMBER})\)? +[=+] +({NUMBER})", block[2], re.MULTILINE)
    assert len(rows) == 6
    for name, weight, value, product in rows:
        term = shown.pop(name)
        assert is_rounded(weight, term.weight)
        assert is_rounded(value, term.value)
        assert is_rounded(product, term.weight * term.value)
    rest = re.search(rf"the 34 other terms +\+ +({NUMBER})", block[2])[1]
    assert is_rounded(rest, math.fsum(term.weight * term.value for term in shown.values()))
