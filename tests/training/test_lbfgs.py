"""L-BFGS reaches optima that other libraries find by other ways."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import glassnet as gn

BCE, HSE = "binary_cross_entropy", "half_squared_error"


@pytest.mark.parametrize("n_features", [1, 5])
def test_one_sigmoid_neuron_is_logistic_regression(n_features):
    """scikit-learn's unpenalized coefficients to 1e-4."""
    rng = np.random.default_rng(2)
    X = rng.normal(size=(200, n_features))
    y = (X[:, 0] + rng.logistic(size=200) > 0.3).astype(float)
    theirs = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(X, y)
    network = gn.Network.create([n_features, 1], output="sigmoid", seed=0)
    result = gn.train(network, X, y, cost=BCE, solver="lbfgs", epochs=500)

    np.testing.assert_allclose(result.network.W[1], theirs.coef_, atol=1e-4)
    np.testing.assert_allclose(result.network.b[1], theirs.intercept_, atol=1e-4)
    assert (result.history.stopped, result.history.stop_reason) == ("converged", "L-BFGS has converged")


def test_a_softmax_layer_is_multinomial_regression():
    """Coefficients are free up to a common shift, so the probabilities are compared; with a penalty alpha = n l2."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(150, 3))
    y = (X @ rng.normal(size=(3, 3)) + rng.gumbel(size=(150, 3))).argmax(axis=1)
    theirs = LogisticRegression(C=1 / (150 * 0.01), tol=1e-10, max_iter=1000).fit(X, y)
    network = gn.Network.create([3, 3], output="softmax", seed=0)
    result = gn.train(network, X, np.eye(3)[y], cost="cross_entropy", solver="lbfgs", l2=0.01, epochs=500)

    np.testing.assert_allclose(gn.forward(result.network, X).A[-1], theirs.predict_proba(X), atol=1e-4)


@pytest.mark.parametrize("n_out", [1, 3])
def test_an_identity_layer_is_least_squares(n_out):
    rng = np.random.default_rng(4)
    X, Y = rng.normal(size=(60, 4)), rng.normal(size=(60, n_out))
    solution = np.linalg.lstsq(np.c_[X, np.ones(60)], Y)[0]
    network = gn.Network.create([4, n_out], output="identity", seed=0)
    result = gn.train(network, X, Y, cost=HSE, solver="lbfgs", epochs=500)

    np.testing.assert_allclose(result.network.W[1].T, solution[:4], atol=1e-6)
    np.testing.assert_allclose(result.network.b[1], solution[4], atol=1e-6)


def test_each_record_is_of_the_point_reached(curve, start):
    """Cost, penalty and gradient norm at the end of each iteration; the objective never rises."""
    seen = []
    result = gn.train(
        start((2, 6, 2), output="identity"), *curve, cost=HSE, solver="lbfgs", l2=0.01, epochs=12,
        callback=lambda record, network: seen.append(network),
    )  # fmt: skip
    for record, network in zip(result.history, seen, strict=True):
        trace = gn.forward(network, curve[0])
        grads = gn.backward(network, trace, curve[1], cost=HSE)
        penalty = gn.Penalty(l2=0.01)
        decays = network.layout.decays(network.theta)
        assert record.cost == pytest.approx(float(grads.cost), rel=1e-12)
        assert record.penalty == pytest.approx(penalty.value(network.theta, decays), rel=1e-12)
        slope = np.linalg.norm(grads.grad + penalty.gradient(network.theta, decays))
        assert record.gradient_norm == pytest.approx(slope, rel=1e-9)

    assert (np.diff(result.history["objective"]) <= 0).all()
    assert (len(result.history), result.history.stopped) == (12, "epochs")
    assert result.history.stop_reason == "all 12 epochs done"
    np.testing.assert_array_equal(result.network.theta, seen[-1].theta)


def test_frozen_layers_stay(curve, start):
    network = start((2, 6, 2), output="identity").freeze(1)
    result = gn.train(network, *curve, cost=HSE, solver="lbfgs", epochs=500)
    hidden = gn.forward(network, curve[0]).A[1]
    solution = np.linalg.lstsq(np.c_[hidden, np.ones(60)], curve[1])[0]

    np.testing.assert_array_equal(result.network.W[1], network.W[1])
    np.testing.assert_array_equal(result.network.b[1], network.b[1])
    least = ((np.c_[hidden, np.ones(60)] @ solution - curve[1]) ** 2).sum() / 120
    assert gn.cost(HSE, gn.forward(result.network, curve[0]).A[-1], curve[1]) == pytest.approx(least, rel=1e-6)


def test_the_best_validation_epoch_is_kept(curve, start):
    X, Y = curve
    result = gn.train(
        start((2, 30, 2), output="identity"), X[:20], Y[:20], cost=HSE, solver="lbfgs", epochs=300, patience=10,
        validation=(X[20:], Y[20:]),
    )  # fmt: skip
    costs = result.history["validation_cost"]

    assert result.history.stopped == "early"
    assert result.history.best_epoch == 1 + int(costs.argmin()) == len(costs) - 10
    outputs = gn.forward(result.network, X[20:]).A[-1]
    assert gn.cost(HSE, outputs, Y[20:]) == pytest.approx(costs.min(), rel=1e-12)


def test_single_precision_gets_as_far_as_it_can(start):
    """The least-squares optimum to single precision; the network stays float32."""
    rng = np.random.default_rng(4)
    X, Y = rng.normal(size=(60, 4)), rng.normal(size=(60, 1))
    solution = np.linalg.lstsq(np.c_[X, np.ones(60)], Y)[0]
    network = gn.Network.create([4, 1], output="identity", dtype="float32", seed=0)
    result = gn.train(network, X, Y, cost=HSE, solver="lbfgs", epochs=200)

    assert result.network.theta.dtype == np.float32
    np.testing.assert_allclose(result.network.theta, solution[:, 0], atol=1e-3)
    assert len(result.history) < 200


def test_at_the_optimum_there_is_nothing_to_do():
    network = gn.Network.from_weights([([[2.0]], [1.0])], output="identity")
    result = gn.train(network, [[0.0], [1.0]], [[1.0], [3.0]], cost=HSE, solver="lbfgs", epochs=10)

    assert (len(result.history), result.history.stopped) == (0, "converged")
    np.testing.assert_array_equal(result.network.theta, network.theta)


def test_tolerance_is_the_gradient_at_which_it_has_converged(curve, start):
    loose, tight = (
        gn.train(start((2, 6, 2), output="identity"), *curve, cost=HSE, solver="lbfgs", epochs=400, tolerance=t).history
        for t in (1e-2, 1e-5)
    )

    assert len(loose) < len(tight)
    assert loose["gradient_norm"][-1] < 1e-1


def test_no_rng_takes_part(curve, start):
    ends = [
        gn.train(start((2, 4, 2), output="identity"), *curve, cost=HSE, solver="lbfgs", epochs=5, seed=s).network.theta
        for s in (0, 1)
    ]

    np.testing.assert_array_equal(*ends)
