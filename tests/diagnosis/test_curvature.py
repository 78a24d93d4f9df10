"""The learning rate against the curvature, on costs whose Hessian can be written down."""

import re

import numpy as np
import pytest
from sklearn.neural_network import MLPRegressor
from tests.diagnosis.findings import found

import glassnet as gn

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 2)) * [3.0, 1.0]
Y = (X[:, 0] - 2.0 * X[:, 1])[:, None]
LARGEST = np.linalg.eigvalsh(X.T @ X / len(X))[-1]  # of the Hessian of a line's half squared error
START = gn.Network.from_weights([([[0.1, 0.1]], None)], output="identity")


def of(model, X, y, **given):
    return found(gn.diagnose(model, X, y, **given), "rate-against-curvature")


def line(rate, epochs=4, solver="gd", network=START, **settings):
    return gn.train(
        network, X, Y, cost="half_squared_error", solver=solver, learning_rate=rate, epochs=epochs, **settings
    )


def test_beyond_the_limit_of_gradient_descent():
    """A line has the same curvature everywhere, and steps are stable up to 2 over it."""
    (each,) = of(line(2.2 / LARGEST), X, Y)
    assert each.value == pytest.approx(1.1)
    assert each.threshold == 1.0
    assert "that is 1.1 times what keeps steps of gd stable" in each.evidence
    assert "The steps jump from one side of a valley to the other" in each.meaning


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_below_it_there_is_nothing_to_say(share):
    assert not of(line(share * 2.0 / LARGEST), X, Y)


def test_momentum_moves_the_limit():
    """To 2 + 2 mu = 3.8 over the curvature: what is beyond it for gradient descent is stable with momentum."""
    assert not of(line(2.2 / LARGEST, solver=("momentum", {"mu": 0.9}), batch_size=60), X, Y)
    (each,) = of(line(4.0 / LARGEST, solver=("momentum", {"mu": 0.9}), batch_size=60), X, Y)
    assert each.value == pytest.approx(4.0 / 3.8)


def test_the_curvature_of_adam_is_in_units_of_its_steps():
    """One weight, one minibatch: the first step of Adam has the length 100, from 102 to 2, a distance of 1 from the
    minimum. The gradient is h there, so the root of its square is h, and the limit is 38: 100 h / h / 38."""
    x = X[:, :1]
    net = gn.Network.from_weights([([[102.0]], None)], output="identity")
    result = gn.train(net, x, x, cost="half_squared_error", solver="adam", learning_rate=100.0, epochs=1, batch_size=60)
    assert result.network.W[1].item() == pytest.approx(2.0)
    (each,) = of(result, x, x)
    assert each.value == pytest.approx(100.0 / 38.0, rel=1e-6)


def test_frozen_parameters_take_no_steps():
    """Frozen weights have no part in the curvature, which is then that of the bias alone: 1."""
    net = gn.Network.from_weights([([[0.5, 0.5]], [9.0])], output="identity").freeze(names=("W",))
    (each,) = of(line(2.1, network=net), X, Y)
    assert each.value == pytest.approx(1.05)


def test_far_below_the_limit():
    (each,) = of(line(1e-4 / LARGEST, epochs=30), X, Y)
    assert each.value == pytest.approx(0.5e-4)
    assert "The steps are so short" in each.meaning
    better = float(re.match(r"learning_rate_init=([0-9.e-]+),", each.next)[1])
    assert better == pytest.approx(0.2 / LARGEST, rel=0.3)  # a tenth of the limit, in one digit
    assert line(better, epochs=30).history[-1].cost < 0.5 * line(1e-4 / LARGEST, epochs=30).history[-1].cost


def test_a_small_rate_that_was_enough_is_left_alone():
    """After very many epochs nothing is left to save, however short the steps are."""
    assert not of(line(0.015 / LARGEST, epochs=8000), X, Y)


@pytest.mark.parametrize("settings", [dict(solver="lbfgs"), dict(solver="rprop")])
def test_solvers_without_such_a_limit(settings):
    assert not of(line(None, **settings), X, Y, cost="half_squared_error")


WAVE = np.sin(X[:, 0]) + 0.3 * X[:, 1] + 0.3 * RNG.normal(size=60)


def regressor(**settings):
    return gn.GlassRegressor((16,), preset="plain", activation="tanh", random_state=0, **settings).fit(X, WAVE)


@pytest.mark.parametrize("rate, words", [(1e-5, "so short"), (0.01, None), (1.0, "jump from one side")])
def test_rates_of_an_estimator(rate, words):
    each = of(regressor(learning_rate_init=rate, max_iter=200, n_iter_no_change=200), X, WAVE)
    assert len(each) == (words is not None)
    assert all(words in one.meaning for one in each)


def test_a_schedule_that_ends_at_zero_has_settled():
    assert not of(regressor(learning_rate_init=0.3, learning_rate="cosine", max_iter=200), X, WAVE)


def test_the_default_preset_is_left_alone():
    labels = np.where(WAVE > 0, "high", "low")
    assert not of(gn.GlassClassifier(max_iter=60, random_state=0).fit(X, labels), X, labels)


def test_networks_of_scikit_learn():
    slow = MLPRegressor(hidden_layer_sizes=(16,), learning_rate_init=1e-6, tol=1.0, random_state=0).fit(X, WAVE)
    (each,) = of(slow, X, WAVE)
    assert "so short" in each.meaning


def test_dropout_and_smoothing_are_those_of_training():
    """With the targets and the dropout of training the gradient is small at the end; with others it would not be."""
    from glassnet.diagnosis.from_model import subject_of
    from glassnet.diagnosis.rules.curvature import measured

    labels = np.where(WAVE > 0, "high", "low")
    clf = gn.GlassClassifier((16,), preset="plain", activation="tanh", label_smoothing=0.3, learning_rate_init=0.02,
                             max_iter=600, random_state=0).fit(X, labels)  # fmt: skip
    subject = subject_of(clf, X, labels, None, None, None)
    steps = subject.training.steps
    from dataclasses import replace

    assert measured(subject, steps).saved() < 0.1 * measured(subject, replace(steps, smoothing=0.0)).saved()
