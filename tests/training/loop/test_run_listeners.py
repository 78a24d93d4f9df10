"""Listeners that hear a run from its beginning to its end, and several callbacks as one."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.errors import ParameterError, TrainingInterrupted
from glassnet.training.loop.listeners import Listener, RunListener, Several
from glassnet.training.train import start_run

X, Y = np.eye(2), np.asarray([[0.0], [1.0]])
OPTIONS = {"cost": "binary_cross_entropy", "epochs": 4}


class Notes(RunListener):
    """Writes down what it hears."""

    def __init__(self, every="epoch", stop_at=None):
        self.every, self.stop_at, self.heard = every, stop_at, []

    def begin(self, run):
        self.heard.append(("begin", run.engine_name, run.plan.epochs, run.place.step))

    def hear(self, run, epoch, network):
        assert run.place.theta.tobytes() == network.theta.tobytes()
        self.heard.append((epoch.epoch, run.place.step))
        return epoch.epoch == self.stop_at

    def end(self, run):
        self.heard.append(("end", run.result().history.stopped))


def net():
    return gn.Network.create([2, 1], seed=0)


def test_a_run_is_heard_from_its_beginning_to_its_end():
    notes = Notes()
    gn.train(net(), X, Y, callback=notes, engine="cpu", batch_size=1, **OPTIONS)

    assert notes.heard == [("begin", "cpu", 4, 0), (1, 2), (2, 4), (3, 6), (4, 8), ("end", "epochs")]


def test_it_may_stop_the_run():
    notes = Notes(stop_at=2)
    gn.train(net(), X, Y, callback=notes, **OPTIONS)

    assert notes.heard[-2:] == [(2, 2), ("end", "callback")]


def test_the_end_is_heard_once_also_if_the_run_is_advanced_in_parts():
    notes = Notes(every=1e6)
    run = start_run(net(), X, Y, callback=notes, **OPTIONS)
    for _ in range(3):
        run.advance(epochs=3)

    assert notes.heard[1:] == [(3, 3), (4, 4), ("end", "epochs")]


def test_ctrl_c_is_an_end():
    def interrupt(epoch, network):
        if epoch.epoch == 2:
            raise KeyboardInterrupt

    notes = Notes()
    with pytest.raises(TrainingInterrupted):
        gn.train(net(), X, Y, callback=Several(notes, interrupt), **OPTIONS)

    assert notes.heard[1:] == [(1, 1), (2, 2), ("end", "interrupted")]


def test_a_continued_run_begins_where_it_was_left(tmp_path):
    gn.train(net(), X, Y, callback=lambda epoch, network: epoch.epoch == 2, checkpoint=tmp_path / "c", **OPTIONS)
    notes = Notes()
    gn.resume(tmp_path / "c", X, Y, callback=notes)

    assert notes.heard == [("begin", "cpu", 4, 2), ("end", "callback")]


def test_each_of_several_callbacks_is_called_as_often_as_it_wants():
    """The one that wants to hear of every epoch sets the pace; the last epoch is told to all."""
    each, seldom, counted = Notes(), Notes(every=1e6), []
    listener = Listener(lambda epoch, network: counted.append(epoch.epoch), every=1e6)
    both = Several(each, seldom, listener)
    gn.train(net(), X, Y, callback=both, **OPTIONS)

    assert both.every == "epoch"
    assert [line[0] for line in each.heard] == ["begin", 1, 2, 3, 4, "end"]
    assert [line[0] for line in seldom.heard] == ["begin", 1, 4, "end"]
    assert counted == [1, 4]
    assert Several(seldom, Listener(print, every=0.5)).every == 0.5


def test_all_are_told_when_one_of_several_stops_the_run():
    first, second = Notes(stop_at=1), Notes()
    gn.train(net(), X, Y, callback=Several(first, second), **OPTIONS)

    assert [each.heard[1:] for each in (first, second)] == [[(1, 1), ("end", "callback")]] * 2


def test_runs_side_by_side_have_hearings_of_their_own():
    each, seldom = Notes(), Notes(every=1e6)
    both = Several(each, seldom)
    gn.train_many([{"network": net(), "X": X, "Y": Y, "callback": both, **OPTIONS} for _ in range(3)], n_jobs=2)

    assert sorted(line[0] for line in each.heard if isinstance(line[0], int)) == sorted([1, 2, 3, 4] * 3)
    assert sorted(line[0] for line in seldom.heard if isinstance(line[0], int)) == [1, 1, 1, 4, 4, 4]


def test_what_does_not_say_which_run_it_is_cannot_call_it():
    notes = Notes()
    with pytest.raises(ParameterError, match="a Notes listens to a run from its beginning; pass it itself as callback"):
        gn.train(net(), X, Y, callback=lambda epoch, network: notes(epoch, network), **OPTIONS)


def test_callbacks_of_scikit_learn_leave_it_its_run():
    """Their tasks stand between the run and the listener."""
    pytest.importorskip("sklearn.callback")
    from sklearn.callback import ProgressBar

    notes = Notes()
    clf = gn.GlassClassifier((2,), max_iter=3, random_state=0, callback=notes, early_stopping=False)
    clf.set_callbacks(ProgressBar()).fit(np.repeat(X, 10, axis=0), np.repeat([0, 1], 10))

    assert [line[0] for line in notes.heard] == ["begin", 1, 2, 3, "end"]
