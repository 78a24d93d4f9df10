"""Laws that hold whatever the numbers are, searched for counterexamples by hypothesis."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import glassnet as gn

SIZES = [3, 4, 2]
PAIRS = [("identity", "half_squared_error"), ("sigmoid", "binary_cross_entropy"), ("softmax", "cross_entropy")]
seeds = st.integers(0, 10_000)


def case(seed, pair, n=6):
    """A network with no zero in it, and samples with targets that the cost can mean."""
    rng = np.random.default_rng(seed)
    network = gn.Network.create(SIZES, hidden="tanh", output=pair[0], seed=0)
    network = network.with_theta(rng.normal(size=network.n_params))
    return network, rng.normal(size=(n, 3)), np.eye(2)[rng.integers(0, 2, n)]


def gradients(network, X, Y, pair, weights=None):
    return gn.backward(network, gn.forward(network, X), Y, cost=pair[1], weights=weights)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[1])
@settings(max_examples=40)
@given(seed=seeds, order=st.permutations(range(6)))
def test_permuting_samples_leaves_the_gradient(pair, seed, order):
    network, X, Y = case(seed, pair)
    grads, permuted = gradients(network, X, Y, pair), gradients(network, X[order], Y[order], pair)

    np.testing.assert_allclose(permuted.grad, grads.grad, rtol=1e-12, atol=1e-14)
    np.testing.assert_array_equal(permuted.delta[1], grads.delta[1][order])


@settings(max_examples=40)
@given(seed=seeds, order=st.permutations(range(4)))
def test_permuting_hidden_units_leaves_the_output(seed, order):
    """Rows of W[1], b[1] and columns of W[2] move together: another network, the same function."""
    network, X, Y = case(seed, PAIRS[0])
    moved = gn.Network.from_weights(
        [(network.W[1][order], network.b[1][order]), (network.W[2][:, order], network.b[2])],
        hidden="tanh",
        output="identity",
    )

    np.testing.assert_allclose(gn.forward(moved, X).A[-1], gn.forward(network, X).A[-1], rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(
        gradients(moved, X, Y, PAIRS[0]).dW[1], gradients(network, X, Y, PAIRS[0]).dW[1][order], rtol=1e-11, atol=1e-14
    )


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[1])
@settings(max_examples=40)
@given(seed=seeds, cut=st.integers(1, 5))
def test_splitting_a_batch_adds_up(pair, seed, cut):
    """Cost and gradient of the whole are the parts' means, weighted by their sizes."""
    network, X, Y = case(seed, pair)
    whole = gradients(network, X, Y, pair)
    first, second = gradients(network, X[:cut], Y[:cut], pair), gradients(network, X[cut:], Y[cut:], pair)

    np.testing.assert_allclose(whole.grad, (cut * first.grad + (6 - cut) * second.grad) / 6, rtol=1e-11, atol=1e-14)
    assert float(whole.cost) == pytest.approx(float(cut * first.cost + (6 - cut) * second.cost) / 6, rel=1e-12)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[1])
@settings(max_examples=40)
@given(seed=seeds, counts=st.lists(st.integers(0, 3), min_size=6, max_size=6).filter(any))
def test_weights_count_like_repeated_rows(pair, seed, counts):
    """Both are divided by their own number of rows; weight 0 is a row left out."""
    network, X, Y = case(seed, pair)
    weighted = gradients(network, X, Y, pair, weights=counts)
    repeated = gradients(network, np.repeat(X, counts, axis=0), np.repeat(Y, counts, axis=0), pair)

    np.testing.assert_allclose(6 * weighted.grad, sum(counts) * repeated.grad, rtol=1e-11, atol=1e-13)


@settings(max_examples=40)
@given(seed=seeds, row=st.integers(0, 5))
def test_a_row_has_the_same_blame_in_any_company(seed, row):
    """delta is per sample and not divided by n."""
    network, X, Y = case(seed, PAIRS[2])
    together = gradients(network, X, Y, PAIRS[2])
    alone = gradients(network, X[row : row + 1], Y[row : row + 1], PAIRS[2])

    for layer in (1, 2):
        np.testing.assert_allclose(together.delta[layer][row], alone.delta[layer][0], rtol=1e-12, atol=1e-15)


@settings(max_examples=40)
@given(seed=seeds)
def test_the_gradient_is_linear_in_the_weights(seed):
    network, X, Y = case(seed, PAIRS[1])
    rng = np.random.default_rng(seed + 1)
    u, v = rng.uniform(size=6), rng.uniform(size=6)
    both = gradients(network, X, Y, PAIRS[1], weights=u + v).grad
    apart = gradients(network, X, Y, PAIRS[1], weights=u).grad + gradients(network, X, Y, PAIRS[1], weights=v).grad

    np.testing.assert_allclose(both, apart, rtol=1e-11, atol=1e-14)
