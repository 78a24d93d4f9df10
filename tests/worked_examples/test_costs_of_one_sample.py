"""Targets 2, 3, 5, 9 and outputs 1, 5, 3, 6: the differences t - o are 1, -2, 2, 3."""

import numpy as np
import pytest

import glassnet as gn

TARGETS = [[2.0, 3.0, 5.0, 9.0]]
OUTPUTS = [[1.0, 5.0, 3.0, 6.0]]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("error", 4),  # 1 - 2 + 2 + 3
        ("absolute_error", 8),  # 1 + 2 + 2 + 3
        ("half_squared_error", 9),  # (1 + 4 + 4 + 9) / 2
        ("squared_error", 18),  # a sum over the four outputs: glassnet does not divide by 4
    ],
)
def test_costs(name, expected):
    assert gn.cost(name, OUTPUTS, TARGETS) == expected


def test_the_mean_is_over_samples():
    """The same sample twice costs on average what it costs once."""
    assert gn.cost("half_squared_error", OUTPUTS * 2, TARGETS * 2) == 9


def outputs_after(cost, learning_rate, steps):
    """Train four neurons whose only input is 1, so that their weights are the outputs."""
    net = gn.Network.from_weights([(np.transpose(OUTPUTS), None)], output="identity")
    for _ in range(steps):
        grads = gn.backward(net, gn.forward(net, [[1.0]]), TARGETS, cost=cost)
        net = gn.descend(net, grads, learning_rate=learning_rate)
    return gn.forward(net, [[1.0]]).A[-1]


def test_the_signed_error_drives_all_outputs_upwards():
    """Its derivative by each output is -1: ten steps of 1 add 10, wherever the target is."""
    outputs = outputs_after("error", 1.0, 10)

    assert outputs.tolist() == [[11, 15, 13, 16]]
    assert gn.cost("error", outputs, TARGETS) == -36  # -9 - 12 - 8 - 7: "better" than 4
    assert gn.cost("half_squared_error", outputs, TARGETS) == 169  # (81 + 144 + 64 + 49) / 2: worse than 9


def test_the_signed_error_is_zero_for_wrong_outputs():
    """One step gives 2, 6, 4, 7 with the differences 0, -3, 1, 2."""
    outputs = outputs_after("error", 1.0, 1)

    assert gn.cost("error", outputs, TARGETS) == 0
    assert gn.cost("half_squared_error", outputs, TARGETS) == 7


def test_the_absolute_error_walks_to_the_targets():
    """Steps of 1 towards 2, 3, 5, 9: the largest difference is 3."""
    assert outputs_after("absolute_error", 1.0, 3).tolist() == TARGETS


def test_the_half_squared_error_halves_every_difference():
    assert outputs_after("half_squared_error", 0.5, 1).tolist() == [[1.5, 4.0, 4.0, 7.5]]
    np.testing.assert_allclose(outputs_after("half_squared_error", 0.5, 50), TARGETS, rtol=1e-14)
