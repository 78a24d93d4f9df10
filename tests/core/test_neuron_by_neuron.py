"""The matrix form equals three nested loops over neurons in Python's floats (conftest.py)."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.core.masks import dropout_mask
from glassnet.core.records import ByLayer

CASES = {
    "one neuron": ([3, 1], "sigmoid", "sigmoid", "binary_cross_entropy"),
    "one hidden layer": ([3, 4, 2], "tanh", "identity", "half_squared_error"),
    "a layer each its own": ([2, 3, 4, 2], ["relu", "softplus"], "sigmoid", "binary_cross_entropy"),
    "deep": ([4, 3, 3, 3, 1], ["tanh", "sigmoid", "identity"], "softplus", "squared_error"),
}


def close(matrices, lists):
    for matrix, rows in zip(matrices, lists, strict=True):
        np.testing.assert_allclose(matrix, rows, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("case", CASES)
def test_every_number_of_a_pass(case, weighted, by_hand, make_network, make_targets):
    """Z, A, delta (of the inputs too), dW, db and the cost."""
    sizes, hidden, output, cost = CASES[case]
    network = make_network(sizes, hidden=hidden, output=output, seed=5)
    X, Y = np.random.default_rng(6).normal(size=(7, sizes[0])), make_targets(cost, 7, sizes[-1])
    weights = [0.5, 2.0, 1.0, 0.0, 1.5, 1.0, 3.0] if weighted else None

    expected = by_hand(network, X, Y, cost=cost, weights=weights)
    trace = gn.forward(network, X)
    grads = gn.backward(network, trace, Y, cost=cost, weights=weights, inputs=True)

    close(trace.Z, expected.Z[1:])
    close(trace.A, expected.A)
    close(grads.delta, expected.delta)
    close(grads.dW, expected.dW[1:])
    close(grads.db, expected.db[1:])
    assert float(grads.cost) == pytest.approx(expected.cost, rel=1e-13)
    assert gn.cost(cost, trace.A[-1], Y, weights=weights) == pytest.approx(expected.cost, rel=1e-12)


def test_dropout_masks_go_forward_and_back(by_hand, make_network):
    network = make_network([3, 5, 4, 2], hidden=["sigmoid", "tanh"])
    rng = np.random.default_rng(2)
    X, Y = rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
    masks = [dropout_mask(1, 0, 1, 6, 5, 0.4), dropout_mask(1, 0, 2, 6, 4, 0.25), None]
    assert {0.0, 1 / 0.6} == set(np.unique(masks[0]))

    expected = by_hand(network, X, Y, cost="half_squared_error", masks=masks)
    trace = gn.forward(network, X, masks=ByLayer(masks, name="masks"))
    grads = gn.backward(network, trace, Y, cost="half_squared_error")

    close(trace.A, expected.A)
    close(grads.delta, expected.delta[1:])
    close(grads.dW, expected.dW[1:])


def test_absent_biases_are_nowhere(by_hand):
    """A None has no slot, no gradient and adds nothing; other layers keep theirs."""
    network = gn.Network.from_weights([([[0.5, -1.0], [2.0, 0.25]], None), ([[1.0, -0.5]], [0.125])], hidden="tanh")
    X, Y = [[1.0, 2.0], [-0.5, 0.75]], [[1.0], [0.0]]

    expected = by_hand(network, X, Y, cost="half_squared_error")
    grads = gn.backward(network, gn.forward(network, X), Y, cost="half_squared_error")

    assert network.n_params == 7
    assert (network.b[1], grads.db[1]) == (None, None)
    close(grads.dW, expected.dW[1:])
    np.testing.assert_array_equal(grads.grad, [*grads.dW[1].ravel(), *grads.dW[2].ravel(), *grads.db[2]])
