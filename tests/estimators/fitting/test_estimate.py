"""What a fit will cost, told before it starts."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.engines.cpu.engine import CpuEngine
from glassnet.errors import ParameterError
from glassnet.settings.train_settings import TrainSettings
from glassnet.training.timing import seconds_per_epoch
from glassnet.training.train import RunArguments


def test_it_counts_what_fit_does(numbers, small):
    """Of 60 rows 6 are held out; 54 in minibatches of 16 are 4 steps. 3 to 5 to 1 neurons: 3·5 + 5 + 5 + 1."""
    clf = small("classifier", early_stopping=True, batch_size=16)
    cost = clf.estimate(*numbers)

    assert (cost.n_rows, cost.batch_size, cost.n_epochs, cost.n_steps) == (54, 16, 3, 12)
    assert cost.n_parameters == 26
    assert clf.fit(*numbers).replay(*numbers).n_steps == cost.n_steps
    assert cost.text == "less than 0.1 s: 5 units, 3 epochs of 54 rows in minibatches of 16"
    assert cost.to_dict()["text"] == str(cost)


def test_it_leaves_the_estimator_and_its_generator_as_they_are(numbers, small):
    rng = np.random.default_rng(3)
    clf = small("classifier", random_state=rng)
    before = rng.bit_generator.state
    clf.estimate(*numbers)

    assert rng.bit_generator.state == before
    assert not hasattr(clf, "members_")
    assert not hasattr(clf, "n_features_in_")
    fitted = small("classifier").fit(*numbers)
    theta = fitted.network_.theta.copy()
    fitted.estimate(numbers[0][:, :2], numbers[1])
    np.testing.assert_array_equal(fitted.network_.theta, theta)
    assert fitted.n_features_in_ == 3


def test_the_same_weights_come_of_a_fit_that_tells_its_cost(numbers, small):
    quiet, telling = (small("classifier", verbose=verbose).fit(*numbers) for verbose in (False, True))

    np.testing.assert_array_equal(quiet.network_.theta, telling.network_.theta)


@pytest.fixture
def clock(monkeypatch):
    """A clock of training that goes by the steps that the engine takes: `clock["step"]` seconds for each."""
    clock = {"now": 0.0, "step": 0.01}
    take = CpuEngine.run

    def run(engine, state, order, eta, batch_size, factors):
        clock["now"] += clock["step"] * len(eta)
        return take(engine, state, order, eta, batch_size, factors)

    monkeypatch.setattr(CpuEngine, "run", run)
    monkeypatch.setattr("glassnet.training.loop.recorder.perf_counter", lambda: clock["now"])
    return clock


@pytest.mark.parametrize("batch_size", [32, 500])
def test_the_time_is_that_of_the_steps(batch_size, clock):
    """4000 rows in minibatches of 32 or 500 are 125 or 8 steps an epoch; the fit takes what was told."""
    X = np.random.default_rng(0).normal(size=(4000, 10))
    reg = gn.GlassRegressor((4,), batch_size=batch_size, max_iter=3, random_state=0, early_stopping=False)
    cost = reg.estimate(X, X[:, 0])
    began = clock["now"]
    reg.fit(X, X[:, 0])

    assert cost.seconds == pytest.approx(0.01 * 3 * 4000 / batch_size)
    assert clock["now"] - began == pytest.approx(cost.seconds)


def test_it_measures_and_does_not_look_up(clock):
    """Where a step takes ten times as long, so does what is told."""
    X, Y = np.zeros((2000, 4)), np.zeros((2000, 1))
    settings = TrainSettings(cost="binary_cross_entropy", batch_size=20)
    run = RunArguments(network=gn.Network.create([4, 8, 1], seed=0), X=X, Y=Y, settings=settings)
    usual = seconds_per_epoch(run)
    clock["step"] = 0.1

    assert usual == pytest.approx(0.01 * 100)
    assert seconds_per_epoch(run) == pytest.approx(0.1 * 100)


def test_ensembles_refits_limits_and_early_ends_are_in_the_sentence(numbers, small):
    X, y = numbers
    several = small("regressor", n_networks=3, n_jobs=1).estimate(X, X[:, 0])
    assert several.n_networks == 3
    assert several.n_parameters == 3 * 26
    assert ": 3 networks of 5 units, 3 epochs of 60 rows" in several.text

    limited = small("classifier", max_iter=10**6, n_iter_no_change=5, time_limit=2.0).estimate(X, y)
    assert limited.text.startswith("2.0 s, the time limit, instead of up to ")
    full = small("classifier", solver="gd", hidden_layer_sizes=(), max_iter=1).estimate(X, y)
    assert full.text == "less than 0.1 s: no hidden layer, 1 epoch of 60 rows, all at each step"
    assert full.batch_size is None
    assert small("classifier", solver="lbfgs").estimate(X, y).is_most


def test_it_refuses_what_fit_refuses(numbers, small):
    with pytest.raises(ParameterError, match="alpha=-1 must be a number from 0 upwards"):
        small("classifier", alpha=-1).estimate(*numbers)
    with pytest.raises(ParameterError, match="solver 'lbfgs' takes neither dropout nor clip"):
        small("classifier", solver="lbfgs", dropout=0.5).estimate(*numbers)


def test_ctrl_c_while_it_measures_is_not_swallowed(numbers, small, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("glassnet.training.loop.recorder.Recorder.add_all", interrupt)
    with pytest.raises(KeyboardInterrupt):
        small("classifier").estimate(*numbers)


def test_weights_and_rows_watched_come_along(numbers, small):
    """Also where the first rows, which are timed first, weigh nothing."""
    X, y = numbers
    weights = np.where(np.arange(60) < 40, 0.0, 1.0)
    cost = small("classifier", early_stopping=True).estimate(X, y, weights)

    assert cost.n_rows == 54
    assert small("classifier").estimate(X, y, eval_set=(X, y)).n_rows == 60
