"""Matt Mazur, A Step by Step Backpropagation Example (2015): the 2-2-2 network, with the numbers that he printed."""

import numpy as np
import pytest

import glassnet as gn

X, Y = np.array([[0.05, 0.10]]), np.array([[0.01, 0.99]])


@pytest.fixture
def net():
    """Return his network; he never updates the biases."""
    network = gn.Network.from_weights(
        [([[0.15, 0.20], [0.25, 0.30]], [0.35, 0.35]), ([[0.40, 0.45], [0.50, 0.55]], [0.60, 0.60])]
    )
    return network.freeze(1, names=("b",)).freeze(2, names=("b",))


@pytest.fixture
def grads(net):
    return gn.backward(net, gn.forward(net, X), Y, cost="half_squared_error")


def test_forward(net):
    trace = gn.forward(net, X)

    assert trace.Z[1][0, 0] == pytest.approx(0.3775, rel=1e-15)
    np.testing.assert_allclose(trace.A[1], [[0.593269992, 0.596884378]], atol=5e-10)
    assert trace.Z[2][0, 0] == pytest.approx(1.105905967, abs=5e-10)
    np.testing.assert_allclose(trace.A[2], [[0.75136507, 0.772928465]], atol=5e-10)


def test_error(net):
    """0.274811083 of output 1 and 0.023560026 of output 2."""
    A = gn.forward(net, X).A[-1]

    assert gn.cost("half_squared_error", A, Y) == pytest.approx(0.298371109, abs=5e-10)
    assert gn.cost("half_squared_error", A[:, :1], Y[:, :1]) == pytest.approx(0.274811083, abs=5e-10)
    assert gn.cost("half_squared_error", A[:, 1:], Y[:, 1:]) == pytest.approx(0.023560026, abs=5e-10)


def test_gradients_of_w5_and_w1(grads):
    assert grads.delta[2][0, 0] == pytest.approx(0.138498562, abs=5e-10)
    assert grads.dW[2][0, 0] == pytest.approx(0.082167041, abs=5e-10)
    assert grads.dW[1][0, 0] == pytest.approx(0.000438568, abs=5e-10)


def test_eight_weights_after_one_step(net, grads):
    after = gn.descend(net, grads, learning_rate=0.5)

    np.testing.assert_allclose(after.W[1], [[0.149780716, 0.199561432], [0.249751144, 0.299502287]], atol=5e-10)
    np.testing.assert_allclose(after.W[2], [[0.35891648, 0.408666186], [0.51130127, 0.561370121]], atol=5e-10)


def test_training_takes_the_same_step(net, grads):
    trained = gn.train(net, X, Y, cost="half_squared_error", solver="gd", learning_rate=0.5, epochs=1).network

    np.testing.assert_array_equal(trained.theta, gn.descend(net, grads, learning_rate=0.5).theta)


def test_his_biases_stay_fixed(net, grads):
    after = gn.descend(net, grads, learning_rate=0.5)

    assert [b.tolist() for b in after.b] == [[0.35, 0.35], [0.6, 0.6]]
    assert all(np.all(db != 0) for db in grads.db)  # they would move: it is the freezing that holds them


def test_error_after_the_step(net, grads):
    """He prints 0.291027924; his own weights, rounded as he prints them, give 0.291027774."""
    after = gn.descend(net, grads, learning_rate=0.5)
    his = gn.Network.from_weights(
        [
            ([[0.149780716, 0.19956143], [0.24975114, 0.29950229]], [0.35, 0.35]),
            ([[0.35891648, 0.408666186], [0.511301270, 0.561370121]], [0.60, 0.60]),
        ]
    )

    for network in (after, his):
        assert gn.cost("half_squared_error", gn.forward(network, X).A[-1], Y) == pytest.approx(0.291027774, abs=1e-9)
