"""One network small enough for a sheet of paper: 2-2-1, no rounding anywhere, every number in fractions.

inputs x = (1, 2), target t = 1
W[1] = ((1, -1), (2, 1)), b[1] = (0, -1)       relu
W[2] = ((3, 1/2)),        b[2] = (-1/2)        identity, half squared error

z[1] = (1·1 - 1·2 + 0, 2·1 + 1·2 - 1) = (-1, 3)       a[1] = (0, 3)
z[2] = 3·0 + 1/2·3 - 1/2 = 1 = a[2]... target 1 gives no error, so the target is 1/4: error 3/4
cost = 1/2 (3/4)² = 9/32
delta[2] = 1 - 1/4 = 3/4
delta[1] = (3·3/4 · 0, 1/2·3/4 · 1) = (0, 3/8)
delta[0] = (1·0 + 2·3/8, -1·0 + 1·3/8) = (3/4, 3/8)
dW[2] = 3/4 · (0, 3) = (0, 9/4)          db[2] = 3/4
dW[1] = (0, 3/8)ᵀ (1, 2) = ((0, 0), (3/8, 3/4))      db[1] = (0, 3/8)
a step of 1/3: W[2] = (3, 1/2 - 3/4) = (3, -1/4), b[2] = -1/2 - 1/4 = -3/4,
               W[1] = ((1, -1), (15/8, 3/4)), b[1] = (0, -9/8)
"""

import numpy as np

import glassnet as gn

X, Y = [[1.0, 2.0]], [[0.25]]


def worked():
    return gn.Network.from_weights(
        [([[1, -1], [2, 1]], [0, -1]), ([[3, 0.5]], [-0.5])], hidden="relu", output="identity"
    )


def test_forward():
    trace = gn.forward(worked(), X)

    assert [Z.tolist() for Z in trace.Z] == [[[-1, 3]], [[1]]]
    assert [A.tolist() for A in trace.A] == [[[1, 2]], [[0, 3]], [[1]]]
    assert gn.cost("half_squared_error", trace.A[-1], Y) == 9 / 32


def test_backward():
    network = worked()
    grads = gn.backward(network, gn.forward(network, X), Y, cost="half_squared_error", inputs=True)

    assert [d.tolist() for d in grads.delta] == [[[3 / 4, 3 / 8]], [[0, 3 / 8]], [[3 / 4]]]
    assert [dW.tolist() for dW in grads.dW] == [[[0, 0], [3 / 8, 3 / 4]], [[0, 9 / 4]]]
    assert [db.tolist() for db in grads.db] == [[0, 3 / 8], [3 / 4]]
    assert grads.cost == 9 / 32


def test_one_step():
    network = worked()
    before = network.theta.copy()
    grads = gn.backward(network, gn.forward(network, X), Y, cost="half_squared_error")
    after = gn.descend(network, grads, learning_rate=1 / 3)

    np.testing.assert_allclose(after.W[1], [[1, -1], [15 / 8, 3 / 4]], rtol=1e-15)
    np.testing.assert_allclose(after.b[1], [0, -9 / 8], rtol=1e-15)
    np.testing.assert_allclose(after.W[2], [[3, -1 / 4]], rtol=1e-15)
    np.testing.assert_allclose(after.b[2], [-3 / 4], rtol=1e-15)
    np.testing.assert_array_equal(network.theta, before)  # the network before the step stays as it is


def test_a_row_alone_may_be_given_flat():
    network = worked()

    assert gn.forward(network, [1.0, 2.0]).A[-1].tolist() == [[1.0]]
