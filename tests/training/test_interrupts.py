"""Ctrl-C between any two lines of the loop leaves a result that holds together, or none; runs side by side all end."""

import pickle
import sys
import threading
from itertools import groupby

import numpy as np
import pytest
from tests.training.interrupting import InterruptAt

import glassnet as gn
from glassnet.errors import GlassnetError, TrainingInterrupted
from glassnet.training import checkpoints, history, interrupting, lbfgs, run, run_state
from glassnet.training import train as train_module
from glassnet.training import train_many as train_many_module
from glassnet.training.interrupting import finished
from glassnet.training.loop import early_stopping, epoch_batcher, listeners, recorder, stop_reasons
from glassnet.training.replay import recording

BCE = "binary_cross_entropy"
LOOP = {
    module.__file__
    for module in (
        checkpoints,
        early_stopping,
        epoch_batcher,
        history,
        lbfgs,
        listeners,
        recorder,
        recording,
        run,
        run_state,
        stop_reasons,
        train_module,
    )
}


def interrupted_at(n, run):
    """Return what the run leaves when it is interrupted before its nth line, and whether it was."""
    tracer = InterruptAt(n, LOOP)
    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        return run(), tracer.left <= 0
    except TrainingInterrupted as end:
        return end.result, True
    except KeyboardInterrupt:
        return None, True
    finally:
        sys.settrace(before)


def check_whole(result, X, Y):
    """Whatever was interrupted: each quantity has one value an epoch, and the network is that of the best epoch."""
    n = len(result.history)
    assert n >= 1
    assert [record.epoch for record in result.history] == list(range(1, n + 1))
    assert all(len(result.history[name]) == n for name in history.NAMES)
    assert set(result.history.snapshots) == set(range(1, n + 1))
    best = result.history.best_epoch
    np.testing.assert_array_equal(result.network.theta, result.history.snapshots[best])
    if result.recording is not None:
        np.testing.assert_array_equal(result.at(epoch=best).network.theta, result.network.theta)
    again = gn.train(result.network, X, Y, cost=BCE, epochs=1)
    assert np.isfinite(again.network.theta).all()


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("validated", [False, True])
def test_between_any_two_lines(solver, validated, binary, start):
    """Every 7th line of the whole run, so that all lines of an epoch have their turn."""
    X, Y = binary
    options = dict(validation=(X[80:], Y[80:])) if validated else {}

    def run():
        return gn.train(
            start(), X[:80], Y[:80], cost=BCE, solver=solver, epochs=3, snapshots=1, kept_states=2, learning_rate=0.05,
            callback=lambda record, network: None,  # each epoch in a call of its own, whatever the clock says
            **options,
        )  # fmt: skip

    run()  # compiled
    left, whole = [], run()
    for n in range(1, 10**5, 7):
        result, was_interrupted = interrupted_at(n, run)
        if not was_interrupted:
            break
        left.append(0 if result is None else len(result.history))
        if result is not None:
            check_whole(result, X[:80], Y[:80])
            k = len(result.history)
            np.testing.assert_array_equal(result.history["cost"], whole.history["cost"][:k])
    assert {0, 1, 2, 3} == set(left)
    # the later, the more; in the few lines after the last epoch the whole run is as good as over, and nothing is kept
    assert [n for n, _ in groupby(left)] in ([0, 1, 2, 3], [0, 1, 2, 3, 0])


def test_before_the_first_epoch_there_is_nothing_to_keep(binary, start, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("glassnet.training.loop.recorder.Recorder.add_all", interrupt)
    with pytest.raises(KeyboardInterrupt) as end:
        gn.train(start(), *binary, cost=BCE, epochs=9)
    assert not isinstance(end.value, TrainingInterrupted)


def test_it_is_no_exception_that_a_search_would_catch():
    """`except Exception` of scikit-learn's searches counts a failed fit as a score."""
    assert issubclass(TrainingInterrupted, KeyboardInterrupt)
    assert not issubclass(TrainingInterrupted, (Exception, GlassnetError))


def test_it_comes_through_a_process_boundary_with_its_result(binary, start):
    def interrupt(record, network):
        raise KeyboardInterrupt

    with pytest.raises(TrainingInterrupted) as end:
        gn.train(start(), *binary, cost=BCE, epochs=9, callback=interrupt)
    copy = pickle.loads(pickle.dumps(end.value))

    assert str(copy) == "interrupted after 1 epoch; the best network so far is kept"
    np.testing.assert_array_equal(copy.result.network.theta, end.value.result.network.theta)


def side(start, binary, **options):
    return dict(network=start(), X=binary[0], Y=binary[1], cost=BCE, **options)


def test_side_by_side_all_end_and_what_there_is_is_carried(binary, start, monkeypatch):
    """Four runs on two threads: one is done, two are under way, and of the fourth nothing has begun."""
    endless_is_under_way, third_is_under_way = threading.Event(), threading.Event()

    def interrupted(threads, return_when):
        """Stand where the main thread is when the signal comes: in its wait for the runs."""
        endless_is_under_way.wait()
        third_is_under_way.wait()
        raise KeyboardInterrupt

    def endless(record, network):
        if record.epoch == 2:
            endless_is_under_way.set()

    def until_the_end(record, network):
        third_is_under_way.set()
        interrupting._stop.get().wait()

    runs = [
        side(start, binary, epochs=1000),
        side(start, binary, epochs=10**9, callback=endless),
        side(start, binary, epochs=500, callback=until_the_end),
        side(start, binary, epochs=400),
    ]
    monkeypatch.setattr(train_many_module, "wait", interrupted)
    # the one with most work starts first: the endless run, beside it the first, then the third
    with pytest.raises(TrainingInterrupted, match=r"interrupted: 1 of 4 networks are trained, 2 in part") as end:
        gn.train_many(runs, n_jobs=2)

    first, second, third, fourth = end.value.result
    assert (len(first.history), first.history.stopped) == (1000, "epochs")
    assert second.history.stopped == third.history.stopped == "interrupted"
    assert len(second.history) >= 2
    assert len(third.history) >= 1
    assert fourth is None
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("glassnet-run")]


@pytest.mark.parametrize("progress", [False, lambda n_done, n_all: None], ids=["silent", "telling"])
@pytest.mark.parametrize("kind", [ZeroDivisionError, IndexError])
def test_an_error_in_one_run_ends_the_others(binary, start, kind, progress):
    """Without waiting for a run that would take for ever."""
    under_way = threading.Event()

    def endless(record, network):
        under_way.set()

    def broken(record, network):
        under_way.wait()
        raise kind("mine")

    runs = [side(start, binary, epochs=10**9, callback=endless), side(start, binary, epochs=2, callback=broken)]
    with pytest.raises(kind, match="mine"):
        gn.train_many(runs, n_jobs=2, progress=progress)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("glassnet-run")]


def test_work_after_a_training_is_done_in_spite_of_one_ctrl_c():
    calls = []

    def work():
        calls.append(len(calls))
        if len(calls) == 1:
            raise KeyboardInterrupt

    assert finished(work)
    assert calls == [0, 1]
    assert not finished(work)

    def never():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        finished(never)
