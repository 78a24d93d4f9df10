"""Each rule speaks of what was broken, where it was broken, and is silent about its healthy counterpart."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.diagnosis.findings import found

import glassnet as gn
from glassnet.training.history import Epoch, Epochs, History

RNG = np.random.default_rng(0)
X2 = RNG.normal(size=(200, 2))
LINE = X2[:, :1] - 2 * X2[:, 1:]


def one_layer(W1, b1, hidden="relu", W2=None):
    n = len(W1)
    W2 = np.linspace(0.5, 1.5, n)[None] if W2 is None else W2
    return gn.Network.from_weights([(W1, b1), (W2, [0.0])], hidden=hidden, output="identity")


def random_weights(n, seed=1):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 2)), rng.normal(size=n) / 4


class TestUnits:
    def test_dead_units_are_named(self):
        W, b = random_weights(10)
        b[[2, 3, 5, 6, 8]] = -100.0
        (each,) = found(gn.diagnose(one_layer(W, b), X2, LINE, cost="half_squared_error"), "dead-units")
        assert (each.level, each.where) == ("warning", "layer 1, units 3, 4, 6, 7 and 9")
        assert each.evidence == "5 of 10 units have a slope of 0 in all 200 rows: what comes in changes nothing."
        assert each.value == 0.5

    def test_advice_is_no_activation_that_is_there_already(self):
        W, b = random_weights(2)
        net = gn.Network.from_weights([(W, b - 1e4), (W, b), (W[:1], [0.0])], hidden="silu", output="identity")
        (each,) = found(gn.diagnose(net, X2, LINE, cost="half_squared_error"), "dead-units")
        assert each.next == "A smaller learning rate."

    @pytest.mark.parametrize("n_dead, level", [(0, None), (1, "note"), (9, "error")])
    def test_the_level_is_that_of_their_share(self, n_dead, level):
        W, b = random_weights(10)
        b[:n_dead] = -100.0
        each = found(gn.diagnose(one_layer(W, b), X2, LINE, cost="half_squared_error"), "dead-units")
        assert [one.level for one in each] == ([] if level is None else [level])

    def test_a_unit_that_is_active_in_a_single_row_is_not_dead(self):
        W, b = random_weights(2)
        b[:] = -(X2 @ W.T).max(axis=0) + 1e-6  # each unit is active in its largest row alone
        diagnosis = gn.diagnose(one_layer(W, b), X2, LINE, cost="half_squared_error")
        assert not found(diagnosis, "dead-units")

    def test_saturated_units_are_named(self):
        W, b = random_weights(4)
        W[1], b[1] = 0.01 * W[1], 9.0  # tanh'(9) is 6e-8
        W[3] = 1e4 * W[3]
        (each,) = found(gn.diagnose(one_layer(W, b, "tanh"), X2, LINE, cost="half_squared_error"), "saturated-units")
        assert (each.level, each.where, each.value) == ("warning", "layer 1, units 2 and 4", 0.5)

    def test_units_that_jump_between_their_ends_are_not_dead(self):
        W, b = random_weights(4)
        diagnosis = gn.diagnose(one_layer(1e9 * W, b, "tanh"), X2, LINE, cost="half_squared_error")
        assert found(diagnosis, "saturated-units")
        assert not found(diagnosis, "dead-units")

    def test_copies_are_named_also_without_rows(self):
        W, b = random_weights(6)
        W[4], b[4] = W[1], b[1]
        W2 = np.ones((1, 6)) * [1, 2, 3, 4, 2, 6]
        (each,) = found(gn.diagnose(one_layer(W, b, W2=W2), cost="half_squared_error"), "copied-units")
        assert (each.level, each.where) == ("warning", "layer 1, units 2 and 5")

    def test_units_with_the_same_inputs_but_other_outputs_are_no_copies(self):
        W, b = random_weights(6)
        W[4], b[4] = W[1], b[1]
        assert not found(gn.diagnose(one_layer(W, b), cost="half_squared_error"), "copied-units")

    def test_equal_weights_at_the_start_are_never_told_apart(self):
        net = one_layer(np.ones((4, 2)), np.zeros(4), "tanh", np.ones((1, 4)))
        trained = gn.train(net, X2, LINE, cost="half_squared_error", epochs=20).network
        (each,) = found(gn.diagnose(trained, X2, LINE, cost="half_squared_error"), "copied-units")
        assert (each.level, each.value) == ("error", 1.0)

    def test_units_without_weights_are_no_copies(self):
        W, b = random_weights(4)
        W[:2], b[:2] = 0.0, 0.0
        net = one_layer(W, b, W2=np.asarray([[0.0, 0.0, 1.0, 2.0]]))
        assert not found(gn.diagnose(net, cost="half_squared_error"), "copied-units")


class TestNumbers:
    def test_a_parameter_that_is_not_finite_is_named(self):
        W, b = random_weights(3)
        net = one_layer(W, b)
        theta = np.array(net.theta)
        theta[4] = np.nan
        (each,) = found(gn.diagnose(net.with_theta(theta), cost="half_squared_error"), "not-finite")
        assert (each.level, each.where) == ("error", "W[1][2, 0]")

    def test_training_that_diverged_is_named_to_its_unit(self):
        reg = gn.GlassRegressor(
            (8,), preset="plain", activation="relu", solver="sgd", learning_rate_init=1e4, momentum=0.0, max_iter=20,
            random_state=0,
        )  # fmt: skip
        with pytest.warns(match="training diverged"):
            reg.fit(X2, LINE[:, 0])
        divergence = reg.history_.divergence
        (each,) = found(gn.diagnose(reg, X2, LINE[:, 0]), "not-finite")
        assert each.where == f"layer {divergence.layer}, unit {divergence.unit}"
        good = len(reg.history_)
        assert good == divergence.epoch - 1
        assert each.evidence == f"Training met {divergence}. The last good epoch was {good}."

    def test_an_error_signal_that_fades(self):
        sizes = [2, *[4] * 9, 1]
        net = gn.Network.create(sizes, hidden="sigmoid", output="identity", seed=0)
        theta = 0.2 * np.array(net.theta)
        (each,) = found(gn.diagnose(net.with_theta(theta), X2, LINE, cost="half_squared_error"), "error-signal")
        grads = gn.backward(
            net.with_theta(theta), gn.forward(net.with_theta(theta), X2), LINE, cost="half_squared_error"
        )
        ratio = np.sqrt((grads.delta[1] ** 2).mean() / (grads.delta[10] ** 2).mean())
        assert each.value == pytest.approx(ratio)
        assert ratio < 1e-4
        assert each.next == "Fewer layers, or activation='silu' instead of a bounded one."

    def test_an_error_signal_that_fades_in_layers_without_bounds(self):
        W, b = random_weights(2)
        net = gn.Network.from_weights(
            [(W, b), (1e-6 * W, b), (W[:1], [0.0])], hidden="leaky_relu", output="identity"
        )  # fmt: skip
        (each,) = found(gn.diagnose(net, X2, LINE, cost="half_squared_error"), "error-signal")
        assert each.next == "Fewer layers."

    def test_a_usual_network_has_a_healthy_one(self):
        net = gn.Network.create([2, 16, 16, 1], hidden="tanh", output="identity", seed=0)
        assert not found(gn.diagnose(net, X2, LINE, cost="half_squared_error"), "error-signal")


def history(costs, stopped="epochs"):
    epochs = [Epoch(k, float(cost), 0.0, None, None, None, 0.1, 0.0, 0.0) for k, cost in enumerate(costs, start=1)]
    return History(Epochs(epochs), stopped, "", len(costs))


@pytest.fixture(scope="module")
def line():
    """A regressor that has learned a line."""
    return gn.GlassRegressor((8,), max_iter=60, random_state=0).fit(X2, LINE[:, 0])


def with_history(model, costs, stopped="epochs"):
    from copy import copy

    other = copy(model)
    other.members_ = (replace(model.members_[0], history=history(costs, stopped)),)
    return other


def constant(network):
    """Return the network without weights: its output is 0 for every row."""
    return network.with_theta(np.zeros_like(network.theta))


class TestLearning:
    def test_a_network_that_learned_is_left_alone(self, line):
        diagnosis = gn.diagnose(line, X2, LINE[:, 0])
        assert not found(diagnosis, "nothing-learned")
        assert not found(diagnosis, "worse-than-linear")

    def test_one_that_learned_nothing(self):
        net = gn.Network.from_weights([(np.zeros((3, 2)), [1.0, 2.0, 3.0]), (np.zeros((1, 3)), [0.0])], hidden="tanh",
                                      output="identity")  # fmt: skip
        Y = LINE - LINE.mean()
        (each,) = found(gn.diagnose(net, X2, Y, cost="half_squared_error"), "nothing-learned")
        assert each.level == "error"
        assert each.value == pytest.approx(0.0)
        assert "gives nearly the same answer for every row" in each.meaning
        assert each.next == (
            "More epochs (max_iter=...), another learning rate (learning_rate_init=...), activation='silu' and scaled "
            "inputs (preset='tabular')."
        )

    @pytest.mark.parametrize(
        ("settings", "advice"),
        [
            (
                {"activation": "silu", "learning_rate_init": 1e-9},
                "More epochs (max_iter=...) and the usual learning rate (learning_rate_init='auto').",
            ),
            (
                {"preset": "plain", "activation": "tanh"},
                "More epochs (max_iter=...), another learning rate (learning_rate_init=...), activation='silu' and "
                "scaled inputs (preset='tabular').",
            ),
            (
                {"solver": "lbfgs", "activation": "silu"},
                "More epochs (max_iter=...).",
            ),
        ],
    )
    def test_the_advice_leaves_out_what_is_so(self, settings, advice):
        model = gn.GlassRegressor((3,), max_iter=1, random_state=0, **settings).fit(X2, LINE[:, 0])
        model.members_ = (replace(model.members_[0], network=constant(model.network_)),)
        (each,) = found(gn.diagnose(model, X2, LINE[:, 0]), "nothing-learned")
        assert each.next == advice

    def test_one_that_is_worse_than_a_constant(self):
        net = gn.Network.from_weights([([[30.0, 30.0]], [50.0])], output="identity")
        (each,) = found(gn.diagnose(net, X2, LINE, cost="half_squared_error"), "nothing-learned")
        assert "its training failed" in each.meaning

    def test_noise_is_no_fault_of_the_network(self):
        noise = np.random.default_rng(5).normal(size=(200, 1))
        net = gn.Network.from_weights([(np.zeros((1, 2)), noise.mean(axis=0))], output="identity")
        (each,) = found(gn.diagnose(net, X2, noise, cost="half_squared_error"), "nothing-learned")
        assert each.level == "note"

    def test_worse_than_a_linear_model(self):
        net = gn.Network.from_weights([([[1.0, 0.0]], [0.0])], output="identity")
        (each,) = found(gn.diagnose(net, X2, LINE, cost="half_squared_error"), "worse-than-linear")
        assert each.level == "warning"

    def test_a_cost_that_was_still_falling(self, line):
        costs = np.linspace(1.0, 0.5, 100)  # the medians of the last tenths: 0.5227 and 0.5732
        (each,) = found(gn.diagnose(with_history(line, costs)), "stopped-early")
        assert each.value == pytest.approx(1 - np.median(costs[-10:]) / np.median(costs[-20:-10]))
        assert each.next.startswith("max_iter=200,")

    @pytest.mark.parametrize(
        "costs, stopped",
        [
            (np.linspace(1.0, 0.5, 100), "early"),
            (1 / np.arange(1, 200) + 1, "epochs"),
            (np.linspace(1, 0.1, 9), "epochs"),
        ],
        ids=["stopped by itself", "flat", "a few epochs"],
    )
    def test_others_were_not(self, line, costs, stopped):
        assert not found(gn.diagnose(with_history(line, costs, stopped)), "stopped-early")

    def test_more_epochs_do_not_help_rows_learned_by_heart(self, line):
        new = np.random.default_rng(4).normal(size=(100, 2))
        falling = with_history(line, np.linspace(1.0, 0.5, 100))
        for noise, expected in ((0.0, 1), (3.0, 0)):
            y = new[:, 0] - 2 * new[:, 1] + noise
            assert len(found(gn.diagnose(falling, X2, LINE[:, 0], validation=(new, y)), "stopped-early")) == expected

    def test_a_cost_that_jumps(self, line):
        costs = 1 + np.tile([0.0, 2.0], 50)
        costs[0], costs[50] = 5.0, 0.1
        (each,) = found(gn.diagnose(with_history(line, costs)), "unsteady")
        assert each.value == pytest.approx((2.0 - 0.1) / 4.9)

    def test_a_cost_that_falls_with_noise_does_not(self, line):
        noise = np.random.default_rng(0).normal(size=100) / 50
        assert not found(gn.diagnose(with_history(line, np.exp(-np.arange(100) / 10) + 0.3 + noise / 10)), "unsteady")

    def test_rows_in_order_matter_without_shuffling(self):
        order = np.argsort(LINE[:, 0])
        X, y = X2[order], LINE[order, 0]
        for shuffle in (True, False):
            reg = gn.GlassRegressor((4,), preset="plain", shuffle=shuffle, max_iter=3, random_state=0).fit(X, y)
            assert len(found(gn.diagnose(reg, X, y), "ordered-rows")) == (not shuffle)


def plain(X, y, **given):
    make = gn.GlassRegressor if np.asarray(y).dtype.kind == "f" else gn.GlassClassifier
    return make((4,), **{"preset": "plain", "max_iter": 3, "random_state": 0, **given}).fit(X, y)


class TestColumns:
    def test_inputs_of_different_sizes(self):
        frame = pd.DataFrame(X2 * [1.0, 1e3], columns=["small", "large"])
        (each,) = found(gn.diagnose(plain(frame, LINE[:, 0]), frame, LINE[:, 0]), "unscaled-inputs")
        assert each.where == "inputs 'large' and 'small'"
        assert each.value == pytest.approx(1e3 * X2[:, 1].std() / X2[:, 0].std())

    def test_inputs_far_from_0(self):
        frame = pd.DataFrame(X2 + np.asarray([0.0, 1000.0]), columns=["near", "far"])
        (each,) = found(gn.diagnose(plain(frame, LINE[:, 0]), frame, LINE[:, 0]), "unscaled-inputs")
        assert each.where == "inputs 'far'"

    def test_the_default_preset_scales_them(self):
        frame = pd.DataFrame(X2 * [1.0, 1e3] + [0, 1e6], columns=["small", "large"])
        model = plain(frame, LINE[:, 0], preset="tabular")
        assert not found(gn.diagnose(model, frame, LINE[:, 0]), "unscaled-inputs")

    def test_a_large_target(self):
        y = 1e5 * LINE[:, 0]
        (each,) = found(gn.diagnose(plain(X2, y), X2, y), "unscaled-target")
        assert each.value == pytest.approx(y.std())
        assert not found(gn.diagnose(plain(X2, y, preset="tabular"), X2, y), "unscaled-target")

    def test_targets_that_the_output_cannot_reach(self):
        net = gn.Network.create([2, 3, 1], hidden="tanh", output="tanh", seed=0)
        Y = np.clip(LINE, -2, 2)
        (each,) = found(gn.diagnose(net, X2, Y, cost="half_squared_error"), "out-of-reach")
        assert (each.level, each.value) == ("error", pytest.approx(float((np.abs(Y) > 1).mean())))

    def test_a_column_that_gives_the_target_away(self):
        side = np.where(LINE[:, 0] > 0, "yes", "no")
        frame = pd.DataFrame({"a": X2[:, 0], "b": X2[:, 1], "result": np.where(side == "yes", 7.0, 1.0)})
        (each,) = found(gn.diagnose(plain(frame, side), frame, side), "giveaway")
        assert each.where == "column 'result'"
        without = frame.drop(columns="result")
        assert not found(gn.diagnose(plain(without, side), without, side), "giveaway")

    def test_a_quantity_given_away(self):
        frame = pd.DataFrame({"a": X2[:, 0], "in_cents": 100 * LINE[:, 0]})
        (each,) = found(gn.diagnose(plain(frame, LINE[:, 0]), frame, LINE[:, 0]), "giveaway")
        assert each.where == "column 'in_cents'"

    def test_an_easy_task_is_not_given_away(self):
        frame = pd.DataFrame({"a": LINE[:, 0], "b": 2 * LINE[:, 0]})  # each alone is enough
        assert not found(gn.diagnose(plain(frame, LINE[:, 0]), frame, LINE[:, 0]), "giveaway")

    def test_a_column_that_counts_the_rows(self):
        frame = pd.DataFrame({"a": X2[:, 0], "record": np.random.default_rng(0).permutation(200) + 1.0})
        (each,) = found(gn.diagnose(plain(frame, LINE[:, 0]), frame, LINE[:, 0]), "row-numbers")
        assert each.where == "column 'record'"

    def test_years_and_measures_do_not(self):
        frame = pd.DataFrame({"year": 1900.0 + np.arange(200) % 120, "mass": np.arange(200) * 7.0})
        assert not found(gn.diagnose(plain(frame, LINE[:, 0]), frame, LINE[:, 0]), "row-numbers")


def classified(y, outputs):
    """A classifier of two classes whose probability of "yes" is given: the only input is its log-odds."""
    return gn.Network.from_weights([([[1.0]], [0.0])], output="sigmoid"), np.log(outputs / (1 - outputs))[:, None], y


class TestRows:
    def test_a_rare_class_that_is_forgotten(self):
        y = np.zeros((200, 1))
        y[:15] = 1
        net, X, Y = classified(y, np.full(200, 0.1))
        (each,) = found(gn.diagnose(net, X, Y, cost="binary_cross_entropy"), "forgotten-class")
        assert (each.where, each.value) == ("class 1", 0.0)

    def test_one_that_is_recognized_is_not(self):
        y = np.zeros((200, 1))
        y[:15] = 1
        net, X, Y = classified(y, np.where(y[:, 0] == 1, 0.8, 0.1))
        assert not found(gn.diagnose(net, X, Y, cost="binary_cross_entropy"), "forgotten-class")

    def test_wrong_labels_are_listed(self):
        y = np.where(LINE[:, 0] > 0, "yes", "no")
        clear = np.flatnonzero(np.abs(LINE[:, 0]) > 1)
        wrong = clear[::8][:16]
        y[wrong] = np.where(y[wrong] == "yes", "no", "yes")
        clf = gn.GlassClassifier((8,), max_iter=40, random_state=0).fit(X2, y)
        unseen = gn.out_of_fold(clf, X2, y)
        (each,) = found(gn.diagnose(clf, X2, y, out_of_fold=unseen), "wrong-labels")
        assert set(wrong.tolist()) <= set(each.rows)  # all 16
        assert len(each.rows) < 24

    def test_classes_that_overlap_are_not_wrong_labels(self):
        rng = np.random.default_rng(0)
        y = np.where(LINE[:, 0] + rng.normal(size=200) > 0, "yes", "no")
        clf = gn.GlassClassifier((8,), max_iter=40, random_state=0).fit(X2, y)
        assert not found(gn.diagnose(clf, X2, y, out_of_fold=gn.out_of_fold(clf, X2, y)), "wrong-labels")

    def test_rows_learned_by_heart(self):
        rng = np.random.default_rng(3)
        X, y = rng.normal(size=(60, 20)), rng.normal(size=60)
        new = rng.normal(size=(200, 20)), rng.normal(size=200)
        reg = gn.GlassRegressor((64,), preset="plain", solver="lbfgs", alpha=0.0, max_iter=300, random_state=0).fit(
            X, y
        )
        (each,) = found(gn.diagnose(reg, X, y, validation=new), "overfits")
        assert "where a constant has" in each.evidence

    def test_targets_of_other_rows(self):
        """The network has learned that 70% of one half are of class 1; of the new rows, 50% are."""
        rng = np.random.default_rng(5)
        X, Y = np.repeat([[1.0], [-1.0]], 100, axis=0), np.zeros((200, 1))
        Y[:70], Y[100:130] = 1.0, 1.0  # 70% of one half and 30% of the other
        Y_new = np.tile([[1.0], [0.0]], (100, 1))  # nothing of that in new rows
        net = gn.Network.from_weights([([[1.0]], [0.0])], output="sigmoid")
        order = rng.permutation(200)
        diagnosis = gn.diagnose(net, X, Y, validation=(X, Y_new[order]), cost="binary_cross_entropy")
        (each,) = found(diagnosis, "overfits")
        assert "where a constant has 0.693" in each.evidence
        assert each.next.endswith("Check that each target belongs to its row.")

    def test_what_holds_for_new_rows_was_not(self, line):
        new = np.random.default_rng(4).normal(size=(100, 2))
        diagnosis = gn.diagnose(line, X2, LINE[:, 0], validation=(new, new[:, 0] - 2 * new[:, 1]))
        assert not found(diagnosis, "overfits")
        assert not found(diagnosis, "repeated-rows")

    def test_rows_on_both_sides_are_listed(self, line):
        new = np.random.default_rng(4).normal(size=(50, 2))
        new[[7, 9, 30]] = X2[[1, 2, 3]]
        (each,) = found(gn.diagnose(line, X2, LINE[:, 0], validation=(new, new[:, 0] - 2 * new[:, 1])), "repeated-rows")
        assert each.level == "error"
        assert each.where == "new rows 7, 9 and 30 (counted from 0)"

    def test_rows_that_repeat_anyway_may_be_on_both_sides(self):
        X = np.random.default_rng(0).integers(3, size=(400, 2)).astype(float)
        y = X[:, 0] + X[:, 1]
        reg = plain(X[:300], y[:300])
        assert not found(gn.diagnose(reg, X[:300], y[:300], validation=(X[300:], y[300:])), "repeated-rows")

    def test_rows_that_were_repeated_before_the_split(self):
        """Each row three times, in random order: rows of training repeat each other, too, but not by chance."""
        order = np.random.default_rng(0).permutation(np.repeat(np.arange(200), 3))
        X, y = X2[order], LINE[order, 0]
        reg = plain(X[:450], y[:450])
        (each,) = found(gn.diagnose(reg, X[:450], y[:450], validation=(X[450:], y[450:])), "repeated-rows")
        assert "hardly any differ in a single column" in each.evidence

    def test_rows_unlike_any_other(self, line):
        new = np.zeros((5, 2))
        new[3, 1] = 50.0
        (each,) = found(gn.diagnose(line, X2, LINE[:, 0], validation=(new, np.zeros(5))), "outside")
        assert (each.level, each.where) == ("note", "new row 3 (counted from 0)")
        assert each.evidence.startswith("Its values of 'x1' are outside of the range")

    @pytest.mark.parametrize("sharper, is_off", [(1.0, False), (4.0, True)])
    def test_probabilities_that_do_not_come_true(self, sharper, is_off):
        rng = np.random.default_rng(0)
        logits = rng.normal(size=(600, 1))
        Y = (rng.random((600, 1)) < 1 / (1 + np.exp(-logits))).astype(float)
        net = gn.Network.from_weights([([[sharper]], [0.0])], output="sigmoid")
        diagnosis = gn.diagnose(
            net, logits[:300], Y[:300], validation=(logits[300:], Y[300:]), cost="binary_cross_entropy"
        )
        off = found(diagnosis, "miscalibrated")
        assert len(off) == is_off
        if is_off:
            assert off[0].meaning.startswith("The network is too sure of itself: ")
