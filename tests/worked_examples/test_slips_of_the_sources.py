"""What the tutorials write and what they mean: both computed, so that the page's list of slips stays true."""

import math

import pytest

import glassnet as gn


@pytest.fixture
def trace():
    """Return the trace of w = 2, b = -1, x = 1.5: z = 2 · 1.5 - 1 = 2."""
    return gn.forward(gn.Network.from_weights([([[2.0]], [-1.0])], output="sigmoid"), [[1.5]])


def test_without_sigma_the_prediction_is_no_probability(trace):
    assert trace.Z[1].tolist() == [[2.0]]
    assert trace.A[1][0, 0] == pytest.approx(0.8807970780, abs=1e-10)


def test_the_exponent_is_the_weighted_sum_and_not_the_input(trace):
    """With x in the exponent it would be 1 / (1 + e^-1.5) = 0.817574."""
    assert trace.A[1][0, 0] == pytest.approx(1 / (1 + math.exp(-2.0)), rel=1e-14)
    assert abs(trace.A[1][0, 0] - 0.817574) > 0.06


def test_the_layer_comes_first_and_the_neuron_second():
    """Layer 1, neuron 2 has z = 0.5; layer 2, neuron 1 has z = 3 (0.25 + 0.5) = 2.25."""
    net = gn.Network.from_weights([([[0.25], [0.5]], None), ([[3.0, 3.0]], None)], hidden="identity")
    trace = gn.forward(net, [[1.0]])

    assert trace.Z[1][0, 1] == 0.5
    assert trace.Z[2][0, 0] == 2.25
