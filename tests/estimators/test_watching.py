"""Watching a run: callbacks, printed lines, time limits, snapshots, and a run that diverges."""

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

import glassnet as gn
from glassnet.errors import TrainingInterrupted


def test_callback_sees_each_epoch_and_may_stop(numbers, small):
    """It gets the epoch's record and the network after it; True ends the run."""
    seen = []

    def watch(epoch, network):
        seen.append((epoch.epoch, epoch.cost, network.theta.copy()))
        return epoch.epoch == 2

    model = small("classifier", callback=watch).fit(*numbers)

    assert [(epoch, cost) for epoch, cost, _ in seen] == list(enumerate(model.history_["cost"], start=1))
    np.testing.assert_array_equal(seen[-1][2], model.network_.theta)
    assert model.history_.stopped == "callback"
    assert model.history_.stop_reason == "the callback asked to stop after epoch 2"


def test_verbose_prints_a_line_per_epoch(numbers, small, capsys):
    """Cost, and the validation cost where there is one; nothing without it. The callback is still called."""
    called = []
    model = small("classifier", verbose=True, callback=lambda *_: called.append(1)).fit(*numbers, eval_set=numbers)
    lines = capsys.readouterr().out.splitlines()

    assert lines.pop(0) == "less than 0.1 s: 5 units, 3 epochs of 60 rows in minibatches of 16"
    assert lines == [
        f"Epoch {e.epoch}: cost {e.cost:.6f}, validation cost {e.validation_cost:.6f}" for e in model.history_
    ]
    assert called == [1, 1, 1]
    small("classifier", verbose=True, max_iter=1).fit(*numbers)
    assert capsys.readouterr().out.splitlines()[1].startswith("Epoch 1: cost 0.")
    small("classifier").fit(*numbers)
    assert capsys.readouterr() == ("", "")


def test_time_limit_ends_the_run(numbers, small):
    model = small("classifier", max_iter=10_000_000, time_limit=0.05).fit(*numbers)

    assert model.history_.stopped == "time"
    assert model.history_.stop_reason.startswith("the time limit of 0.05 s was reached in epoch ")
    assert model.n_iter_ < 10_000_000


@pytest.mark.parametrize("others", [{}, {"early_stopping": True}, {"learning_rate": "invscaling"}])
def test_where_the_time_limit_ended_a_run_it_can_be_ended_again(numbers, small, others):
    """With a schedule that leads to the same last epoch; as many epochs, the same weights and temperature."""
    settings = {"max_iter": 100_000, **others}
    limited = small("classifier", time_limit=0.1, **settings).fit(*numbers)
    n = limited.n_iter_
    again = small("classifier", callback=lambda epoch, network: epoch.epoch >= n, **settings).fit(*numbers)

    assert limited.history_.stopped == "time"
    assert 0 < n < 100_000
    assert again.n_iter_ == n
    assert again.history_.best_epoch == limited.history_.best_epoch
    np.testing.assert_array_equal(again.network_.theta, limited.network_.theta)
    end = limited.replay(*numbers).at(epoch=n)  # before a temperature, and whatever epoch is kept
    np.testing.assert_array_equal(end.network.theta, again.replay(*numbers).at(epoch=n).network.theta)


def test_without_a_schedule_that_falls_max_iter_repeats_it_too(numbers, small):
    limited = small("classifier", preset="plain", max_iter=100_000, time_limit=0.1).fit(*numbers)
    again = small("classifier", preset="plain", max_iter=limited.n_iter_).fit(*numbers)

    np.testing.assert_array_equal(again.network_.theta, limited.network_.theta)


def test_a_refit_shares_the_time_limit(numbers, small):
    """Two trainings in half the time each."""
    settings = {"early_stopping": True, "refit": True, "max_iter": 10**6}
    model = small("classifier", time_limit=0.4, **settings).fit(*numbers)

    assert model.history_.epochs[-1].seconds < 0.4 + 0.3


def test_snapshots_keep_the_parameters_of_some_epochs(numbers, small):
    model = small("classifier", max_iter=7, snapshots=3).fit(*numbers)

    assert sorted(model.history_.snapshots) == [3, 6]
    shorter = small("classifier", preset="plain", max_iter=3).fit(*numbers)
    longer = small("classifier", preset="plain", max_iter=7, snapshots=3).fit(*numbers)
    np.testing.assert_array_equal(longer.history_.snapshots[3], shorter.network_.theta)


def test_ctrl_c_ends_with_the_best_network(numbers, small):
    def interrupt(epoch, network):
        if epoch.epoch == 2:
            raise KeyboardInterrupt

    model = small("classifier", callback=interrupt)
    with pytest.raises(TrainingInterrupted, match="interrupted after 2 epochs") as end:
        model.fit(*numbers)

    assert end.value.result is model
    assert model.history_.stopped == "interrupted"
    assert model.predict(numbers[0]).shape == (60,)


@pytest.mark.parametrize("kind", ["classifier", "regressor"])
def test_divergence_warns_where_it_began(numbers, small, kind):
    """A learning rate of 1e30 ends the run; the warning names epoch, layer and unit, and the weights stay finite."""
    X, y = numbers
    model = small(kind, activation="relu", solver="sgd", learning_rate_init=1e30)
    pattern = r"^training diverged: .*unit \d+ of layer \d+, in epoch \d+.*; try a smaller learning rate, or clip=1\.0$"
    with pytest.warns(ConvergenceWarning, match=pattern) as caught:
        model.fit(X * 1e5, y)

    assert caught[0].filename == __file__  # it points at the user's line
    assert np.isfinite(model.network_.theta).all()
    assert np.isfinite(model.predict(X)).all()
    assert model.history_.stopped == "diverged"
    assert model.history_.divergence.layer in (1, 2)


def test_dropout_clip_l1_and_init_reach_the_training(numbers):
    """Each of them changes the result, and l1 drives weights of useless inputs towards zero."""
    X, y = numbers
    settings = {"preset": "plain", "hidden_layer_sizes": (), "random_state": 0, "max_iter": 1000, "solver": "gd",
                "learning_rate_init": 0.1, "n_iter_no_change": None}  # fmt: skip
    free, apply_slope = (gn.GlassClassifier(**settings, l1=l1).fit(X, y).coefs_[0].ravel() for l1 in (0.0, 6.0))
    assert abs(apply_slope[2]) < 0.02 < abs(free[2])
    assert min(abs(apply_slope[:2])) > 0.5

    base = {"hidden_layer_sizes": (5,), "max_iter": 2, "random_state": 0}
    thetas = [
        gn.GlassClassifier(**base, **other).fit(X, y).network_.theta
        for other in ({}, {"dropout": 0.5}, {"clip": 1e-3}, {"init": "he_normal"}, {"beta_1": 0.5})
    ]
    assert len({theta.tobytes() for theta in thetas}) == 5
