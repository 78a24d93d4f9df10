"""Softmax with cross-entropy and sigmoid with binary cross-entropy: delta = A - Y exactly, and nothing overflows."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glassnet as gn

PAIRS = [("sigmoid", "binary_cross_entropy"), ("softmax", "cross_entropy")]


def through(z, output, cost, Y, dtype="float64"):
    """Send `z` through a network that passes its inputs on: W is the unit matrix, so Z = z."""
    n = np.shape(z)[1]
    network = gn.Network.from_weights([(np.eye(n, dtype=dtype), np.zeros(n, dtype=dtype))], output=output)
    trace = gn.forward(network, np.asarray(z, dtype=dtype))
    return trace, gn.backward(network, trace, np.asarray(Y, dtype=dtype), cost=cost)


@pytest.mark.parametrize(("output", "cost"), PAIRS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@given(z=st.lists(st.floats(-1e4, 1e4, width=32), min_size=3, max_size=3), right=st.integers(0, 2))
def test_delta_is_output_minus_target_and_the_cost_is_finite(output, cost, dtype, z, right):
    trace, grads = through([z], output, cost, np.eye(3)[[right]], dtype)

    np.testing.assert_array_equal(grads.delta[-1], trace.A[-1] - np.eye(3, dtype=dtype)[[right]])
    assert grads.delta[-1].dtype == np.dtype(dtype)
    assert np.isfinite(grads.grad).all()
    assert 0 <= float(grads.cost) < 7e4


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("z", [-1e4, -800.0, -90.0, -1.0, 0.0, 1.0, 90.0, 800.0, 1e4])
@pytest.mark.parametrize("target", [0.0, 1.0, 0.25])
def test_binary_cross_entropy_has_all_digits(z, target, dtype):
    """mpmath with 5000 digits computes -t log(o) - (1 - t) log(1 - o) as it is written.

    A loss that underflows is 0; one that does not has its digits, also the 8e-40 of an answer that is right at z = 90.
    """
    _, grads = through([[z]], "sigmoid", "binary_cross_entropy", [[target]], dtype)
    with mp.workdps(5000):
        o, t = 1 / (1 + mp.exp(-mp.mpf(z))), mp.mpf(target)
        exact = float(-t * mp.log(o) - (1 - t) * mp.log(1 - o))

    assert float(grads.cost) == pytest.approx(
        exact, rel=8 * float(np.finfo(dtype).eps), abs=float(np.finfo(dtype).tiny)
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("z", [[1e4, 0.0, -1e4], [800.0, -800.0, 799.0], [0.5, -1.0, 2.0], [3e3, 3e3, 3e3]])
def test_cross_entropy_has_all_digits(z, dtype):
    eps = float(np.finfo(dtype).eps)
    for right in range(3):
        _, grads = through([z], "softmax", "cross_entropy", np.eye(3)[[right]], dtype)
        with mp.workdps(9000):
            exact = float(-mp.log(mp.exp(mp.mpf(z[right])) / sum(mp.exp(mp.mpf(value)) for value in z)))

        assert float(grads.cost) == pytest.approx(exact, rel=8 * eps, abs=eps)


def test_without_the_pair_the_outputs_alone_give_infinity():
    """What the combined form is for: an output that rounded to 0 has an infinite loss."""
    trace, grads = through([[-1e4]], "sigmoid", "binary_cross_entropy", [[1.0]])

    with np.errstate(divide="ignore"):
        assert gn.cost("binary_cross_entropy", trace.A[-1], [[1.0]]) == np.inf
    assert float(grads.cost) == 1e4


@pytest.mark.parametrize(("output", "cost"), PAIRS)
def test_the_pair_equals_the_chain_rule_where_both_exist(output, cost, make_network):
    """loss' times sigma' (or the softmax's matrix), worked without the shortcut."""
    from glassnet.core.catalog.activation import ACTIVATIONS
    from glassnet.core.catalog.costs import COSTS

    network = make_network([3, 3], output=output)
    X, Y = np.random.default_rng(0).normal(size=(5, 3)), np.eye(3)[[0, 1, 2, 0, 1]]
    trace = gn.forward(network, X)
    Z, A = trace.Z[1], trace.A[1]
    chain = ACTIVATIONS[output].pullback(Z, A, COSTS[cost].prime(A, Y))

    np.testing.assert_allclose(gn.backward(network, trace, Y, cost=cost).delta[1], chain, rtol=1e-12, atol=1e-15)
    assert gn.cost(cost, A, Y) == pytest.approx(float(gn.backward(network, trace, Y, cost=cost).cost), rel=1e-13)
