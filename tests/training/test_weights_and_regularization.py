"""Sample weights, penalties and dropout do what they promise to a whole run."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import Lasso, Ridge

import glassnet as gn

BCE, HSE = "binary_cross_entropy", "half_squared_error"


@pytest.mark.parametrize("solver", ["gd", "rprop", "lbfgs"])
def test_weights_are_repeated_rows(solver, binary, start):
    """Full batch: a weight of 2 is the row given twice, and a weight of 0 is no row."""
    X, Y = binary
    counts = np.tile([0, 1, 2, 3], 30)
    options = dict(cost=BCE, solver=solver, epochs=8)
    weighted = gn.train(start(), X, Y, weights=counts, **options)
    repeated = gn.train(start(), np.repeat(X, counts, axis=0), np.repeat(Y, counts, axis=0), **options)

    np.testing.assert_allclose(weighted.network.theta, repeated.network.theta, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(weighted.history["cost"], repeated.history["cost"], rtol=1e-6)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_only_the_ratio_of_weights_counts(solver, binary, start):
    weights = np.linspace(0.5, 2, 120)
    ends = [
        gn.train(start(), *binary, cost=BCE, solver=solver, epochs=3, weights=scale * weights).network.theta
        for scale in (1, 1024)
    ]

    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-9)


def test_equal_weights_are_none(binary, start):
    plain, equal = (
        gn.train(start(), *binary, cost=BCE, epochs=2, weights=w).network.theta for w in (None, np.full(120, 7.0))
    )

    np.testing.assert_array_equal(plain, equal)


def linear_problem():
    rng = np.random.default_rng(4)
    X = rng.normal(size=(80, 6))
    return X, X @ [2.0, 0.0, -1.0, 0.0, 0.5, 0.0] + 3 + rng.normal(0, 0.3, 80)


def fit_line(X, y, **options):
    network = gn.Network.create([6, 1], output="identity", seed=0)
    return gn.train(network, X, y, cost=HSE, **options).network


@pytest.mark.parametrize("l2", [0.01, 1.0])
def test_l2_is_ridge_regression(l2):
    """1/(2n) sum of squares + l2/2 |w|² is Ridge with alpha = n l2; its intercept is not penalized either."""
    X, y = linear_problem()
    ridge = Ridge(alpha=80 * l2).fit(X, y)
    network = fit_line(X, y, solver="lbfgs", l2=l2, epochs=200)

    np.testing.assert_allclose(network.W[1][0], ridge.coef_, atol=1e-6)
    np.testing.assert_allclose(network.b[1], ridge.intercept_, atol=1e-6)


def test_l1_is_the_lasso():
    """The same objective as scikit-learn's Lasso; the weights that it sets to 0 end within a step of 0."""
    X, y = linear_problem()
    lasso = Lasso(alpha=0.2, tol=1e-10).fit(X, y)
    network = fit_line(
        X, y, solver="gd", l1=0.2, epochs=1500, learning_rate=0.05, schedule=("exponential", {"rate": 0.995})
    )

    assert (lasso.coef_ == 0).sum() >= 2
    np.testing.assert_allclose(network.W[1][0], lasso.coef_, atol=1e-3)


def test_l1_empties_more_weights_than_l2(binary, start):
    shares = {}
    for name in ("l1", "l2"):
        theta = gn.train(start((4, 12, 1)), *binary, cost=BCE, epochs=150, learning_rate=0.01, **{name: 0.02}).network
        weights = np.abs(np.concatenate([W.ravel() for W in theta.W]))
        shares[name] = (weights < 0.02 * weights.max()).mean()

    assert shares["l1"] > shares["l2"] + 0.2


@pytest.mark.parametrize("name", ["l1", "l2"])
def test_a_stronger_penalty_makes_smaller_weights(name, curve, start):
    network = start((2, 8, 2), output="identity")
    sums = []
    for strength in (0.0, 0.01, 0.1):
        end = gn.train(network, *curve, cost=HSE, solver="rprop", epochs=200, **{name: strength}).network
        sums.append(sum(np.abs(W).sum() if name == "l1" else (W**2).sum() for W in end.W))

    assert sums[0] > sums[1] > sums[2]


def test_dropout_learns_and_predicts_with_all_units(binary, start):
    """The cost with half of the units left out is higher than that of the whole network at the end."""
    result = gn.train(start((4, 32, 1)), *binary, cost=BCE, dropout=0.5, epochs=60, learning_rate=0.01)
    outputs = gn.forward(result.network, binary[0]).A[-1]

    assert ((outputs >= 0.5) == (binary[1] >= 0.5)).mean() > 0.8
    assert result.history["cost"][-1] < result.history["cost"][0]
    assert gn.cost(BCE, outputs, binary[1]) < result.history["cost"][-5:].mean()


def test_each_hidden_layer_may_have_its_own_dropout(binary, start):
    network = start((4, 5, 5, 1))
    one, each, none = (
        gn.train(network, *binary, cost=BCE, epochs=1, dropout=d).network.theta for d in (0.2, [0.2, 0.2], [0.0, 0.0])
    )

    np.testing.assert_array_equal(one, each)
    assert not np.array_equal(one, none)
    np.testing.assert_array_equal(none, gn.train(network, *binary, cost=BCE, epochs=1).network.theta)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_sparse_tables_train_like_dense_ones(solver, binary, start):
    X, Y = binary
    X = np.where(np.abs(X) > 0.7, X, 0.0)
    dense, thin = (
        gn.train(start(), inputs, Y, cost=BCE, solver=solver, epochs=3, validation=(inputs, Y))
        for inputs in (X, sparse.csc_array(X))
    )

    np.testing.assert_allclose(thin.network.theta, dense.network.theta, rtol=1e-9)
    np.testing.assert_allclose(thin.history["validation_cost"], dense.history["validation_cost"], rtol=1e-9)


def test_flat_targets_are_a_column(binary, start):
    X, Y = binary
    flat, column = (gn.train(start(), X, y, cost=BCE, epochs=2).network.theta for y in (Y[:, 0], Y))

    np.testing.assert_array_equal(flat, column)
