"""40 rows of the diabetes table and 97 parameters: overfitting seen, and cured by a penalty.

The oracle for "cured" is ridge regression in closed form, and for "overfitted" the mean of the training part.
"""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes

import glassnet as gn

EPOCHS = 800


@pytest.fixture(scope="module")
def parts():
    diabetes = load_diabetes()
    order = np.random.default_rng(0).permutation(442)
    training, validation, test = order[:40], order[40:240], order[240:]

    def scaled(values):
        return (values - values[training].mean(axis=0)) / values[training].std(axis=0)

    X, Y = scaled(diabetes.data), scaled(diabetes.target[:, None])
    return [(X[rows], Y[rows]) for rows in (training, validation, test)]


@pytest.fixture(scope="module")
def fit(parts):
    (X, Y), validation, _ = parts

    def fit(l2, seed=0, monitor="cost"):
        net = gn.Network.create([10, 8, 1], hidden="tanh", output="identity", seed=seed)
        return gn.train(
            net, X, Y, cost="squared_error", solver="momentum", learning_rate=0.01, batch_size=40, epochs=EPOCHS,
            l2=l2, validation=validation, monitor=monitor,
        )  # fmt: skip

    return fit


def cost_on(network, part):
    return gn.cost("squared_error", gn.forward(network, part[0]).A[-1], part[1])


@pytest.mark.parametrize("seed", range(3))
def test_training_cost_falls_while_validation_cost_rises(fit, parts, seed):
    history = fit(l2=0.0, seed=seed).history
    training, validation = history["cost"], history["validation_cost"]
    best = int(np.argmin(validation))

    assert training[-1] < 0.02
    assert np.all(np.diff(training[best:]) < 1e-3)  # it falls on
    assert best < 100
    assert validation[-1] > 1.3 * validation[best]
    assert validation[-1] > np.mean(parts[1][1] ** 2)  # worse than predicting the training mean for everybody


@pytest.mark.parametrize("seed", range(3))
def test_a_penalty_cures_it(fit, parts, seed):
    free, cured = fit(l2=0.0, seed=seed), fit(l2=0.3, seed=seed)
    validation = cured.history["validation_cost"]

    assert cured.history["cost"][-1] > free.history["cost"][-1]
    assert validation[-1] < 1.05 * validation.min()  # it no longer rises
    assert cost_on(cured.network, parts[2]) < 0.6 * cost_on(free.network, parts[2])


def test_the_cured_network_is_as_good_as_ridge_regression(fit, parts):
    (X, Y), _, test = parts
    ridge = np.linalg.solve(X.T @ X + 0.1 * len(X) * np.eye(10), X.T @ Y)  # columns are centered: no intercept

    assert cost_on(fit(l2=0.3).network, test) < 1.05 * np.mean((test[0] @ ridge - test[1]) ** 2)


def test_too_much_penalty_underfits(fit):
    right, too_much = fit(l2=0.3).history.epochs[-1], fit(l2=1.0).history.epochs[-1]

    assert too_much.cost > right.cost
    assert too_much.validation_cost > right.validation_cost


def test_stopping_in_time_is_the_other_cure(fit, parts):
    result = fit(l2=0.0, monitor=None)
    best = result.history["validation_cost"].min()

    assert result.history.best_epoch == int(np.argmin(result.history["validation_cost"])) + 1
    assert cost_on(result.network, parts[1]) == pytest.approx(best, rel=1e-12)
