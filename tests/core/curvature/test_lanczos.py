"""The outermost eigenvalues, beside NumPy's of the whole matrix."""

import array_api_strict
import numpy as np
import pytest

import glassnet as gn
from glassnet.core.curvature.hessian import hessian_of
from glassnet.core.curvature.lanczos import spectrum


def symmetric(eigenvalues, seed=0):
    Q = np.linalg.qr(np.random.default_rng(seed).normal(size=(len(eigenvalues), len(eigenvalues))))[0]
    return Q @ np.diag(eigenvalues) @ Q.T


def test_the_largest_of_many_is_found_in_a_few_steps():
    H = symmetric([-5.0, *np.linspace(-1, 1, 300), 4.0, 20.0])
    found = spectrum(lambda v: H @ v, np.random.default_rng(1).normal(size=303), 25)
    assert found.largest == pytest.approx(20.0, rel=1e-9)
    assert found.values[0] == pytest.approx(-5.0, rel=1e-6)
    assert found.shares.sum() == pytest.approx(1.0)


def test_it_stops_when_exact_enough():
    H = symmetric([*np.linspace(0, 1, 200), 50.0])
    products = []
    found = spectrum(lambda v: (products.append(0), H @ v)[1], np.random.default_rng(1).normal(size=201), 60, 0.01)
    assert found.largest == pytest.approx(50.0, rel=0.01)
    assert len(products) < 8


def test_shares_are_those_of_the_vector():
    """A vector that lies in two directions sees two eigenvalues, however many steps are asked for."""
    H = symmetric(np.arange(1.0, 41.0), seed=3)
    vectors = np.linalg.eigh(H)[1]
    found = spectrum(lambda v: H @ v, 0.6 * vectors[:, 4] + 0.8 * vectors[:, 30], 20)
    np.testing.assert_allclose(found.values, [5.0, 31.0], rtol=1e-9)
    np.testing.assert_allclose(found.shares, [0.36, 0.64], rtol=1e-9)


def test_a_matrix_of_zeros():
    found = spectrum(lambda v: 0.0 * v, np.ones(5), 4)
    assert found.values.tolist() == [0.0]


def test_numbers_that_are_not_finite_end_it():
    assert len(spectrum(lambda v: np.nan * v, np.ones(5), 4).values) == 1


def test_nothing_but_the_array_api():
    network = gn.Network.create([3, 4, 2], hidden="mish", output="softmax", seed=0)
    X, Y = np.random.default_rng(0).normal(size=(6, 3)), np.eye(2)[[0, 1, 1, 0, 1, 0]]
    found = []
    for xp in (np, array_api_strict):
        moved = network.with_theta(xp.asarray(network.theta))
        hessian = hessian_of(moved, gn.forward(moved, xp.asarray(X)), xp.asarray(Y), cost="cross_entropy")
        assert isinstance(hessian.times(moved.theta), type(moved.theta))
        found.append(spectrum(hessian.times, hessian.gradient, 5).largest)
    assert found[1] == pytest.approx(found[0], rel=1e-9)


def test_the_whole_hessian_of_a_small_network():
    network = gn.Network.create([3, 4, 1], hidden="tanh", output="sigmoid", seed=0)
    X, Y = np.random.default_rng(0).normal(size=(20, 3)), np.random.default_rng(1).integers(0, 2, (20, 1))
    hessian = hessian_of(network, gn.forward(network, X), Y, cost="binary_cross_entropy")
    H = np.asarray([hessian.times(row) for row in np.eye(network.n_params)])
    np.testing.assert_allclose(H, H.T, atol=1e-12)
    found = spectrum(hessian.times, np.random.default_rng(2).normal(size=network.n_params), network.n_params)
    assert found.largest == pytest.approx(np.linalg.eigvalsh(H)[-1], rel=1e-9)
