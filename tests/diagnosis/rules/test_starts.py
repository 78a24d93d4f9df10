"""The first cost, how far weights can have moved, and 16 rows by heart."""

from copy import copy
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import entropy
from tests.diagnosis.findings import found

import glassnet as gn
from glassnet.core.catalog.costs import resolve_cost
from glassnet.diagnosis.rules.starts import _farthest
from glassnet.diagnosis.steps import steps_of_result
from glassnet.diagnosis.subject import Rows, Subject, Training
from glassnet.training.history import Epoch, Epochs, History

RNG = np.random.default_rng(0)
X = RNG.normal(size=(160, 2))
LINE = X[:, :1] - 2 * X[:, 1:]
SIDE = np.where(np.arange(160) % 4, "often", "seldom")


@pytest.fixture(scope="module")
def clf():
    return gn.GlassClassifier((4,), preset="plain", max_iter=3, random_state=0).fit(X, SIDE)


def with_costs(model, costs):
    epochs = Epochs(Epoch(k, float(cost), 0.0, None, None, None, 0.1, 0.0, 0.0) for k, cost in enumerate(costs, 1))
    other = copy(model)
    other.members_ = (replace(model.members_[0], history=History(epochs, "epochs", "", len(costs))),)
    return other


class TestFirstCost:
    def test_far_above_the_entropy_of_the_labels(self, clf):
        base = entropy([0.25, 0.75])
        (each,) = found(gn.diagnose(with_costs(clf, [20 * base, base, base]), X, SIDE), "first-cost")
        assert each.value == pytest.approx(20.0)
        assert each.level == "warning"

    def test_near_it(self, clf):
        assert not found(gn.diagnose(with_costs(clf, [1.5 * entropy([0.25, 0.75])] * 3), X, SIDE), "first-cost")

    def test_a_target_far_from_0(self):
        y = LINE[:, 0] + 20.0
        reg = gn.GlassRegressor((8,), preset="plain", max_iter=3, random_state=0).fit(X, y)
        (each,) = found(gn.diagnose(reg, X, y), "first-cost")
        assert each.value == pytest.approx(reg.history_["cost"][0] / (y.var() / 2))
        scaled = gn.GlassRegressor((8,), max_iter=3, random_state=0).fit(X, y)
        assert not found(gn.diagnose(scaled, X, y), "first-cost")


def moved(solver, rate, epochs=4, batch_size=16):
    """Return how far the weights of a training have moved, in shares of their size, and what the rule says."""
    net = gn.Network.create([2, 6, 1], hidden="tanh", output="identity", seed=0)
    result = gn.train(
        net, X, LINE, cost="half_squared_error", solver=solver, learning_rate=rate, epochs=epochs,
        batch_size=batch_size, seed=0,
    )  # fmt: skip
    training = Training(result.history, epochs, rate, n_rows=len(X), steps=steps_of_result(result, len(X)))
    subject = Subject(
        result.network, resolve_cost("half_squared_error"), Rows(X, LINE), None, "regression", (), ("a", "b"), training
    )
    W, old = ([np.ravel(each.W[l]) for l in (1, 2)] for each in (result.network, net))
    return np.linalg.norm(np.concatenate(W) - np.concatenate(old)) / np.linalg.norm(np.concatenate(W)), _farthest(
        subject
    )


class TestHardlyMoved:
    @pytest.mark.parametrize("solver", ["sgd", "momentum", "adam", "adamw"])
    def test_no_training_moves_farther(self, solver):
        distance, most = moved(solver, 1e-4)
        assert 0 < distance <= most
        assert most < 100 * distance  # and the bound is of use

    def test_twice_the_rate_moves_twice_as_far(self):
        assert moved("adam", 2e-6)[1] == pytest.approx(2 * moved("adam", 1e-6)[1], rel=1e-3)

    def test_a_rate_that_is_too_small(self):
        reg = gn.GlassRegressor(
            (8,), preset="plain", solver="adam", learning_rate_init=1e-7, max_iter=10, random_state=0
        ).fit(X, LINE[:, 0])
        (each,) = found(gn.diagnose(reg, X, LINE[:, 0]), "hardly-moved")
        assert (each.level, each.where) == ("error", "the weights of all layers")
        assert each.next.startswith("learning_rate_init=0.0001,")

    def test_usual_steps(self):
        reg = gn.GlassRegressor((8,), preset="plain", max_iter=30, random_state=0).fit(X, LINE[:, 0])
        assert not found(gn.diagnose(reg, X, LINE[:, 0]), "hardly-moved")

    def test_other_solvers_are_not_judged(self):
        reg = gn.GlassRegressor((4,), preset="plain", solver="lbfgs", max_iter=2, random_state=0).fit(X, LINE[:, 0])
        assert not found(gn.diagnose(reg, X, LINE[:, 0]), "hardly-moved")


class TestCannotMemorize:
    def test_many_layers_of_sigmoids(self):
        net = gn.Network.create([2, *[8] * 12, 1], hidden="sigmoid", output="identity", seed=0)
        (each,) = found(gn.diagnose(net, X, LINE, cost="half_squared_error"), "cannot-memorize")
        assert each.value > 0.9
        assert [series.name for series in each.plot.series] == [
            f"learning rate {rate}" for rate in ("0.01", "0.001", "0.1")
        ]

    def test_inputs_that_are_nearly_0(self):
        net = gn.Network.create([2, 32, 1], hidden="tanh", output="identity", seed=0)
        assert found(gn.diagnose(net, 1e-8 * X, LINE, cost="half_squared_error"), "cannot-memorize")

    @pytest.mark.parametrize("hidden", ["relu", "tanh", "silu"])
    def test_usual_networks_can(self, hidden):
        net = gn.Network.create([2, 32, 1], hidden=hidden, output="identity", seed=0)
        assert not found(gn.diagnose(net, X, LINE, cost="half_squared_error"), "cannot-memorize")

    def test_a_network_without_room_for_them_is_not_asked(self):
        net = gn.Network.create([2, 3, 1], hidden="tanh", output="identity", seed=0)
        assert not found(gn.diagnose(net, 1e-8 * X, LINE, cost="half_squared_error"), "cannot-memorize")

    def test_rows_that_are_all_alike_are_not_learned(self):
        net = gn.Network.create([2, 32, 1], hidden="tanh", output="identity", seed=0)
        same = np.ones((160, 2))
        assert not found(gn.diagnose(net, same, LINE, cost="half_squared_error"), "cannot-memorize")
