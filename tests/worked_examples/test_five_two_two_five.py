"""The 5-2-2-5 network in W(a,b) notation (from a to b), squared error, and isolated shocks against backpropagation.

The oracle knows no layers: a dictionary of weights by neuron number, plain floats, and the chain rule written as a sum
over all paths from a weight to the outputs. The weights are our own; neuron 2 is silent.
"""

import math

import numpy as np
import pytest

import glassnet as gn

TABLES = [
    [[0.1, -0.3], [0.4, 0.2], [-0.5, 0.6], [0.2, 0.1], [0.3, -0.4]],
    [[0.7, -0.2], [0.5, 0.3]],
    [[0.3, -0.6, 0.8, 0.1, -0.2], [0.9, 0.4, -0.7, 0.5, 0.2]],
]
LAYERS = [[1, 2, 3, 4, 5], [6, 7], [8, 9], [10, 11, 12, 13, 14]]
W = {
    (a, b): table[row][column]
    for table, upstream, downstream in zip(TABLES, LAYERS[:-1], LAYERS[1:], strict=True)
    for row, a in enumerate(upstream)
    for column, b in enumerate(downstream)
}
INPUTS = {1: 1.0, 2: 0.0, 3: 0.5, 4: 0.25, 5: 0.75}
TARGETS = {10: 0.0, 11: 1.0, 12: 0.0, 13: 1.0, 14: 0.5}
X, Y = [list(INPUTS.values())], [list(TARGETS.values())]


def outputs_by_number(weights):
    activation = dict(INPUTS)
    for b in range(6, 15):
        z = sum(weights[a, to] * activation[a] for a, to in weights if to == b)
        activation[b] = 1 / (1 + math.exp(-z))
    return activation


def cost_by_number(weights):
    activation = outputs_by_number(weights)
    return sum((TARGETS[b] - activation[b]) ** 2 for b in TARGETS)


def gradient_by_paths(a, b):
    """dC/dW(a,b): over every path from b to an output, the product of the weights and slopes on it."""
    activation = outputs_by_number(W)

    def blame(neuron):
        slope = activation[neuron] * (1 - activation[neuron])
        if neuron in TARGETS:
            return 2 * (activation[neuron] - TARGETS[neuron]) * slope
        return slope * sum(W[neuron, to] * blame(to) for start, to in W if start == neuron)

    return activation[a] * blame(b)


def place(a, b):
    l = next(l for l in (1, 2, 3) if b in LAYERS[l])
    return l, LAYERS[l].index(b), LAYERS[l - 1].index(a)


@pytest.fixture
def net():
    return gn.Network.from_weights([(np.transpose(table), None) for table in TABLES])


def test_w_of_a_to_b_is_the_transpose(net):
    assert len(W) == net.n_params == 24
    for (a, b), weight in W.items():
        l, j, k = place(a, b)
        assert net.W[l][j, k] == weight


def test_forward(net):
    """z6 = 0.1 - 0.25 + 0.05 + 0.225 = 0.125 and z7 = -0.3 + 0.3 + 0.025 - 0.3 = -0.275; the rest by the oracle."""
    trace = gn.forward(net, X)
    activation = outputs_by_number(W)

    np.testing.assert_allclose(trace.Z[1], [[0.125, -0.275]], atol=1e-15)
    for l in range(4):
        np.testing.assert_allclose(trace.A[l][0], [activation[b] for b in LAYERS[l]], rtol=1e-14)


def test_squared_error_adds_up_the_outputs(net):
    """Mean over the one sample, sum over the five outputs; other texts divide by 5 as well."""
    A = gn.forward(net, X).A[-1]

    assert gn.cost("squared_error", A, Y) == pytest.approx(cost_by_number(W), rel=1e-14)
    assert gn.cost("squared_error", A, Y) / 5 == pytest.approx(np.mean((A - Y) ** 2), rel=1e-14)
    assert gn.cost("squared_error", A, Y) == pytest.approx(2 * gn.cost("half_squared_error", A, Y), rel=1e-14)


@pytest.mark.parametrize(("a", "b"), W)
def test_isolated_shock_paths_and_backpropagation_agree(net, a, b):
    h = 1e-5
    shock = (cost_by_number({**W, (a, b): W[a, b] + h}) - cost_by_number({**W, (a, b): W[a, b] - h})) / (2 * h)
    l, j, k = place(a, b)
    backpropagated = gn.backward(net, gn.forward(net, X), Y, cost="squared_error").dW[l][j, k]

    assert backpropagated == pytest.approx(gradient_by_paths(a, b), rel=1e-12, abs=1e-16)
    assert backpropagated == pytest.approx(shock, rel=1e-6, abs=1e-9)


def test_check_gradients_shocks_every_weight(net):
    check = gn.check_gradients(net, X, Y, cost="squared_error", method="central_differences")

    assert check.method == "central differences"
    assert check.max_relative_error < 1e-9
    measured = {shock.name: shock.measured for shock in check.shocks}
    for a, b in W:
        l, j, k = place(a, b)
        assert measured.pop(f"W[{l}][{j}, {k}]") == pytest.approx(gradient_by_paths(a, b), rel=1e-7, abs=1e-11)
    assert not measured


@pytest.mark.parametrize("b", [6, 7])
def test_the_silent_neuron_2_gets_no_blame(net, b):
    l, j, k = place(2, b)

    assert gn.backward(net, gn.forward(net, X), Y, cost="squared_error").dW[l][j, k] == 0
