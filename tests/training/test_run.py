"""A run is driven in parts, watched and stopped from other threads, and nothing of it changes a number."""

import threading

import numpy as np
import pytest

import glassnet as gn
from glassnet.errors import ParameterError
from glassnet.training.loop.listeners import Listener
from glassnet.training.train import start_run

BCE = "binary_cross_entropy"


def same(outcome, result):
    """The same bits: parameters, the solver's memory, and the history apart from seconds."""
    np.testing.assert_array_equal(outcome.theta, result.network.theta)
    np.testing.assert_array_equal(outcome.state.theta, result.state.theta)
    assert outcome.state.step == result.state.step
    for mine, other in zip(outcome.state.solver, result.state.solver, strict=True):
        np.testing.assert_array_equal(mine, other)
    for name in ("cost", "penalty", "metric", "validation_cost", "learning_rate", "gradient_norm"):
        np.testing.assert_array_equal(outcome.history[name], result.history[name])
    assert (outcome.history.stopped, outcome.history.best_epoch) == (result.history.stopped, result.history.best_epoch)


@pytest.mark.parametrize("solver", ["adam", "rprop", "lbfgs"])
@pytest.mark.parametrize("parts", [[1] * 12, [5, 7], [0, 3, 100]], ids=str)
def test_parts_make_the_same_run(solver, parts, binary, start):
    options = dict(cost=BCE, solver=solver, epochs=12, seed=3)
    run = start_run(start(), *binary, **options)
    done = []
    for n_epochs in parts:
        run.advance(epochs=n_epochs)
        done.append(run.progress().n_epochs)

    assert done == [min(12, total) for total in np.cumsum(parts)]
    assert run.finished
    same(run.result(), gn.train(start(), *binary, **options))


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_it_can_be_left_after_some_seconds(solver, curve, start):
    run = start_run(
        start((2, 4, 2), output="identity"), *curve, cost="half_squared_error", solver=solver, epochs=2000,
        learning_rate=1e-4,
    )  # fmt: skip
    run.advance(seconds=1e-6)
    first = run.progress().n_epochs

    assert not run.finished
    assert 1 <= first < 2000
    assert run.advance(epochs=1).progress().n_epochs == first + 1


def test_the_clock_stops_while_the_run_is_left(binary, start, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("glassnet.training.loop.recorder.perf_counter", lambda: now[0])
    run = start_run(start(), *binary, cost=BCE, epochs=2).advance(epochs=1)
    now[0] = 1000.0
    run.advance()

    assert run.result().history["seconds"].tolist() == [0.0, 0.0]
    assert run.state.seconds == 0.0


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_callback_may_stop_it_with_a_reason_of_its_own(solver, binary, start):
    run = start_run(start(), *binary, cost=BCE, solver=solver, epochs=50, callback=lambda epoch, network: ask(epoch))

    def ask(epoch):
        if epoch.epoch == 2:
            run.stop("enough for today")

    history = run.advance().result().history
    assert (len(history), history.stopped, history.stop_reason) == (2, "callback", "enough for today")


def test_it_is_watched_and_stopped_from_another_thread(binary, start):
    run = start_run(start(), *binary, cost=BCE, epochs=10**9)
    thread = threading.Thread(target=run.advance)
    thread.start()
    seen = []
    while len(seen) < 200 or seen[-1].n_epochs == 0:
        seen.append(run.progress(theta=len(seen) % 2 == 0))
    run.stop("seen enough")
    thread.join()
    history = run.result().history

    assert history.stop_reason == "seen enough"
    assert [record.epoch for record in history] == list(range(1, len(history) + 1))
    epochs = [progress.n_epochs for progress in seen]
    assert epochs == sorted(epochs)
    for progress in seen[:1] + seen[-20:]:
        assert progress.of == 10**9
        if progress.last is not None:
            assert progress.last == history[progress.n_epochs - 1]
            assert progress.best_epoch == progress.n_epochs


def test_progress_has_a_copy_of_theta_only_if_asked(binary, start):
    run = start_run(start(), *binary, cost=BCE, epochs=3)
    assert run.progress().theta is None
    assert run.progress().last is None
    copied = run.progress(theta=True).theta
    np.testing.assert_array_equal(copied, start().theta)
    copied[:] = 0

    same(run.advance().result(), gn.train(start(), *binary, cost=BCE, epochs=3))


def test_stopped_before_its_first_epoch_it_has_none(binary, start):
    run = start_run(start(), *binary, cost=BCE, epochs=3)
    run.stop("not today")

    history = run.advance().result().history
    assert (len(history), history.best_epoch, history.stop_reason) == (0, 0, "not today")


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_listener_hears_as_often_as_it_wants_to(solver, binary, start):
    heard, each = [], []
    options = dict(cost=BCE, solver=solver, epochs=40)
    seldom = Listener(lambda epoch, network: heard.append((epoch.epoch, network.theta)), every=1e6)
    result = gn.train(start(), *binary, callback=seldom, **options)
    gn.train(start(), *binary, callback=Listener(lambda epoch, network: each.append(epoch.epoch)), **options)

    n = len(result.history)
    assert each == list(range(1, n + 1))
    # of the first call of the engine, and of the end
    assert [epoch for epoch, _ in heard] == sorted({heard[0][0], n})
    np.testing.assert_array_equal(heard[-1][1], result.network.theta)


def test_a_listener_may_stop_the_run(binary, start):
    history = gn.train(
        start(), *binary, cost=BCE, epochs=10**9, callback=Listener(lambda epoch, network: epoch.epoch > 50, every=1e-3)
    ).history

    assert history.stopped == "callback"
    assert history.stop_reason == f"the callback asked to stop after epoch {len(history)}"


@pytest.mark.parametrize("every", ["step", 0, -1.0, float("inf"), float("nan")])
def test_how_often_must_be_something(every):
    with pytest.raises(ParameterError, match=r"must be 'epoch' or a positive number of seconds, such as 0\.05"):
        Listener(print, every=every)
