"""float32 stays float32, and differs from float64 by rounding only."""

import numpy as np
import pytest

import glassnet as gn

EPS = float(np.finfo(np.float32).eps)
CASES = [
    ("tanh", "identity", "half_squared_error"),
    ("sigmoid", "sigmoid", "binary_cross_entropy"),
    ("softplus", "softmax", "cross_entropy"),
    ("gelu", "softplus", "poisson"),
    ("mish", "identity", "squared_error"),
    ("selu", "tanh", "huber"),
    ("softsign", "identity", "pinball"),
]


def pass_in(dtype, network, X, Y, cost, weights):
    network = network.astype(dtype)
    trace = gn.forward(network, X.astype(dtype))
    return trace, gn.backward(network, trace, Y.astype(dtype), cost=cost, weights=weights, inputs=True)


@pytest.mark.parametrize("n_out", [2, 5])
@pytest.mark.parametrize(("hidden", "output", "cost"), CASES)
def test_single_precision_is_double_precision_but_for_rounding(hidden, output, cost, n_out, make_network, make_targets):
    """Each number is off by at most (numbers added up on its way) · eps, beside the largest of its kind."""
    sizes, n = [6, 16, 8, n_out], 40
    network = make_network(sizes, hidden=hidden, output=output, spread=0.4).astype("float32")
    X = np.random.default_rng(9).normal(size=(n, 6)).astype(np.float32)
    Y = make_targets(cost, n, n_out).astype(np.float32)
    weights = np.random.default_rng(1).uniform(0, 2, n)

    narrow, wide = (pass_in(dtype, network, X, Y, cost, weights) for dtype in ("float32", "float64"))

    for few, many in zip(
        [*narrow[0].Z, *narrow[0].A, *narrow[1].delta], [*wide[0].Z, *wide[0].A, *wide[1].delta], strict=True
    ):
        assert few.dtype == np.float32
        assert np.abs(few - many).max() <= sum(sizes) * EPS * np.abs(many).max()
    grad, exact = narrow[1].grad, wide[1].grad
    assert grad.dtype == np.float32
    assert np.abs(grad - exact).max() <= (sum(sizes) + n) * EPS * np.abs(exact).max()
    assert float(narrow[1].cost) == pytest.approx(float(wide[1].cost), rel=(n + n_out) * EPS)


def test_a_step_stays_single():
    network = gn.Network.create([2, 1], output="identity", dtype="float32", seed=0)
    X = np.ones((3, 2), dtype=np.float32)
    grads = gn.backward(network, gn.forward(network, X), np.zeros((3, 1), dtype=np.float32), cost="squared_error")

    assert gn.descend(network, grads, learning_rate=0.1).theta.dtype == np.float32
