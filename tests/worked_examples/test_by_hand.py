"""Activation functions at -2, 0 and 2, and gradient descent on one weight: numbers from a pocket calculator."""

import numpy as np
import pytest

import glassnet as gn

# e^-2 = 0.1353352832, so that e.g. sigmoid(2) = 1 / 1.1353352832; ln 2 = 0.6931471806.
ACTIVATIONS = {
    "step": ([0, 1, 1], [0, 0, 0]),
    "identity": ([-2, 0, 2], [1, 1, 1]),
    "sigmoid": ([0.1192029220, 0.5, 0.8807970780], [0.1049935854, 0.25, 0.1049935854]),
    "tanh": ([-0.9640275801, 0, 0.9640275801], [0.0706508249, 1, 0.0706508249]),
    "relu": ([0, 0, 2], [0, 0, 1]),
    "leaky_relu": ([-0.02, 0, 2], [0.01, 0.01, 1]),
    "elu": ([-0.8646647168, 0, 2], [0.1353352832, 1, 1]),
    "silu": ([-0.2384058440, 0, 1.7615941560], [-0.0907842488, 0.5, 1.0907842488]),
    "softplus": ([0.1269280110, 0.6931471806, 2.1269280110], [0.1192029220, 0.5, 0.8807970780]),
    "softsign": ([-2 / 3, 0, 2 / 3], [1 / 9, 1, 1 / 9]),
    "hard_sigmoid": ([1 / 6, 1 / 2, 5 / 6], [1 / 6, 1 / 6, 1 / 6]),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_at_three_points(name):
    neuron = gn.Network.from_weights([([[1.0]], None)], output=name)
    trace = gn.forward(neuron, [[-2.0], [0.0], [2.0]])
    slopes = neuron.activation[1].prime(trace.Z[1], trace.A[1])

    np.testing.assert_allclose(trace.A[1][:, 0], ACTIVATIONS[name][0], atol=1e-10)
    np.testing.assert_allclose(slopes[:, 0], ACTIVATIONS[name][1], atol=1e-10)


def weights_on_the_way(learning_rate, steps):
    net = gn.Network.from_weights([([[1.0]], None)], output="identity")
    weights = [1.0]
    for _ in range(steps):
        grads = gn.backward(net, gn.forward(net, [[2.0]]), [[8.0]], cost="half_squared_error")
        net = gn.descend(net, grads, learning_rate=learning_rate)
        weights.append(float(net.W[1][0, 0]))
    return weights


@pytest.mark.parametrize(
    ("learning_rate", "expected"),
    [
        (0.1, [1, 2.2, 2.92, 3.352]),  # distance to 4: -3, -1.8, -1.08, -0.648 (times 0.6)
        (0.25, [1, 4, 4]),  # times 0
        (0.5, [1, 7, 1, 7]),  # times -1
        (0.6, [1, 8.2, -1.88, 12.232]),  # times -1.4
    ],
)
def test_descent_on_one_weight(learning_rate, expected):
    """o = w x, x = 2, t = 8: dC/dw = (2w - 8) · 2, so each step multiplies w - 4 by 1 - 4 eta."""
    np.testing.assert_allclose(weights_on_the_way(learning_rate, len(expected) - 1), expected, rtol=1e-12)
