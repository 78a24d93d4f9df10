"""scikit-learn's callbacks on both estimators: alone, in a Pipeline, in a grid search, with ensembles and early ends."""

import os
import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import glassnet as gn
from glassnet.errors import TrainingInterrupted
from glassnet.training.loop.listeners import Listener

theirs = pytest.importorskip("sklearn.callback", reason="scikit-learn before 1.9 has no callbacks")

KINDS = ["classifier", "regressor"]


class Recorder:
    """Notes each call; `stop_after` ends the training, and `act` is called at each end."""

    def __init__(self, stop_after=None, act=None):
        self.calls, self.stop_after, self.act = [], stop_after, act

    def _note(self, hook, context, *more):
        self.calls.append((hook, context.task_name, context.task_id, *more))

    def setup(self, estimator, context):
        self._note("setup", context, context.max_subtasks)

    def teardown(self, estimator, context):
        self._note("teardown", context)

    def on_fit_task_begin(self, estimator, context):
        self._note("begin", context)

    def on_fit_task_end(self, estimator, context, *, X=None, y=None, metadata=None, fitted_estimator=None):
        self._note("end", context)
        self.last = X, y, metadata, fitted_estimator
        if self.act is not None:
            self.act(context, fitted_estimator)
        return context.task_name == "epoch" and context.task_id + 1 == self.stop_after

    def of(self, hook, task="epoch"):
        return [call[2] for call in self.calls if call[:2] == (hook, task)]


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("kind", KINDS)
def test_each_epoch_is_a_task(numbers, small, kind, solver):
    """Setup, the fit's begin, three epochs one after the other, the fit's end, teardown."""
    recorder = Recorder()
    small(kind, solver=solver).set_callbacks(recorder).fit(*numbers)
    epochs = [(hook, "epoch", k) for k in range(3) for hook in ("begin", "end")]

    assert recorder.calls == [
        ("setup", "fit", 0, 3), ("begin", "fit", 0), *epochs, ("end", "fit", 0), ("teardown", "fit", 0)
    ]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_the_numbers_do_not_depend_on_callbacks(numbers, small, kind):
    watched = (
        small(kind, max_iter=30)
        .set_callbacks(Recorder(), theirs.ScoringMonitor(scoring="neg_mean_squared_error"))
        .fit(*numbers)
    )
    alone = small(kind, max_iter=30).fit(*numbers)

    np.testing.assert_array_equal(watched.network_.theta, alone.network_.theta)


def test_the_fitted_estimator_is_that_of_the_epoch(numbers, small):
    """Its predictions are those of the snapshot of the epoch, after the run as well: it is a copy."""
    kept = {}
    recorder = Recorder(act=lambda context, fitted: kept.setdefault((context.task_name, context.task_id), fitted))
    model = small("classifier", snapshots=1).set_callbacks(recorder).fit(*numbers)
    for epoch, theta in model.history_.snapshots.items():
        np.testing.assert_array_equal(kept["epoch", epoch - 1].network_.theta, theta)
    np.testing.assert_array_equal(kept["fit", 0].predict_proba(numbers[0]), model.predict_proba(numbers[0]))
    assert kept["fit", 0] is not model


def test_callbacks_get_the_rows_as_they_were_given(mixed, numbers, small):
    labels = np.where(numbers[1], "yes", "no")
    weights = np.linspace(1, 2, len(mixed))
    recorder = Recorder()
    small("classifier").set_callbacks(recorder).fit(mixed, labels, weights)
    X, y, metadata, fitted = recorder.last

    assert X is mixed
    assert y is labels
    assert metadata["sample_weight"] is weights
    assert fitted.predict(mixed).shape == (60,)


@pytest.mark.parametrize("kind", KINDS)
def test_the_scoring_monitor_has_the_score_of_each_epoch(numbers, small, kind):
    """The score of the network with the snapshot's parameters."""
    monitor = theirs.ScoringMonitor(scoring="accuracy" if kind == "classifier" else "r2")
    model = small(kind, preset="plain", snapshots=1).set_callbacks(monitor).fit(*numbers)
    rows = [row for row in monitor.get_logs().data if row["task_name"] == "epoch"]
    expected = []
    for theta in model.history_.snapshots.values():
        model.coefs_ = [W.T for W in model.network_.with_theta(theta).W]
        model.intercepts_ = list(model.network_.with_theta(theta).b)
        expected.append(model.score(*numbers))

    assert [row["task_id"] for row in rows] == [0, 1, 2]
    assert [row["accuracy" if kind == "classifier" else "r2"] for row in rows] == pytest.approx(expected)


@pytest.mark.parametrize("kind", KINDS)
def test_the_progress_bar_counts_the_epochs(numbers, small, kind, capfd):
    small(kind).set_callbacks(theirs.ProgressBar()).fit(*numbers)

    name = {"classifier": "GlassClassifier", "regressor": "GlassRegressor"}[kind]
    assert f"{name} - fit" in capfd.readouterr().out


@pytest.mark.parametrize("kind", KINDS)
def test_in_a_pipeline(numbers, small, kind, capfd):
    monitor = theirs.ScoringMonitor(scoring="neg_mean_squared_error")
    pipe = make_pipeline(StandardScaler(), small(kind).set_callbacks(monitor))
    pipe.set_callbacks(theirs.ProgressBar(max_propagation_depth=None)).fit(*numbers)

    assert sum(row["task_name"] == "epoch" for row in monitor.get_logs().data) == 3
    assert "Pipeline - fit" in capfd.readouterr().out
    assert not hasattr(pipe[-1], "_parent_callback_ctx")


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_in_a_grid_search(numbers, small, n_jobs, capfd):
    """2 candidates in 2 folds, and the refit: 5 fits of 3 epochs."""
    monitor = theirs.ScoringMonitor(scoring="neg_mean_squared_error")
    grid = {"alpha": [0.0, 1.0]}
    search = GridSearchCV(small("classifier").set_callbacks(monitor), grid, cv=2, n_jobs=n_jobs)
    search.set_callbacks(theirs.ProgressBar(max_propagation_depth=None)).fit(*numbers)
    rows = [row for row in monitor.get_logs().data if row["task_name"] == "epoch"]

    assert len(rows) == 5 * 3
    assert len({row["parent_task_id_path"] for row in rows}) == 5
    assert "GridSearchCV - fit" in capfd.readouterr().out


@pytest.mark.parametrize("kind", KINDS)
def test_an_ensemble_has_a_task_for_each_network(numbers, small, kind, capfd):
    recorder, monitor = Recorder(), theirs.ScoringMonitor(scoring="neg_mean_squared_error")
    model = small(kind, n_networks=2).set_callbacks(recorder, monitor, theirs.ProgressBar()).fit(*numbers)

    assert (recorder.of("begin", "network"), recorder.of("end", "network")) == ([0, 1], [0, 1])
    assert sorted(recorder.of("end")) == sorted(recorder.of("begin")) == [0, 0, 1, 1, 2, 2]
    assert sum(row["task_name"] == "epoch" for row in monitor.get_logs().data) == 2 * 3
    assert recorder.last[3].n_networks == len(model.members_) == 2


def test_a_refit_has_a_task_of_its_own(numbers, small):
    recorder = Recorder()
    model = small("classifier", early_stopping=True, refit=True, max_iter=6).set_callbacks(recorder).fit(*numbers)

    assert (recorder.of("begin", "network"), recorder.of("begin", "refit")) == ([0], [1])
    assert len(recorder.of("begin")) == len(recorder.of("end")) == len(model.history_)


def test_early_stopping_ends_the_task_of_the_epoch_that_is_not_run(numbers, small):
    """Each begin has its end; the last one has no network."""
    seen = []
    recorder = Recorder(act=lambda context, fitted: seen.append(fitted is not None))
    settings = {"preset": "plain", "early_stopping": True, "tol": 10.0, "n_iter_no_change": 3, "max_iter": 60}
    model = small("classifier", **settings).set_callbacks(recorder).fit(*numbers)

    assert model.n_iter_ == 4
    assert recorder.of("begin") == recorder.of("end") == [0, 1, 2, 3, 4]
    assert seen == [True] * 4 + [False, True]  # the epochs, the one that was not run, the fit


@pytest.mark.parametrize("kind", KINDS)
def test_a_callback_can_stop_the_training(numbers, small, kind):
    recorder = Recorder(stop_after=2)
    model = small(kind, max_iter=50).set_callbacks(recorder).fit(*numbers)

    assert model.history_.stop_reason == "the callback asked to stop after epoch 2"
    assert recorder.of("begin") == recorder.of("end") == [0, 1]


def test_the_estimators_own_callback_is_called_as_well(numbers, small, capsys):
    heard, recorder = [], Recorder()
    model = small(
        "classifier", verbose=True, callback=lambda epoch, network: heard.append(epoch.epoch) or epoch.epoch == 2
    )
    model.set_callbacks(recorder).fit(*numbers)

    assert heard == [1, 2]
    assert recorder.of("end") == [0, 1]
    assert "Epoch 2: cost" in capsys.readouterr().out


def test_a_listener_keeps_its_pace(numbers, small):
    """Every hour: at the first epoch and at the end."""
    heard = []
    listener = Listener(lambda epoch, network: heard.append(epoch.epoch), every=3600.0)
    small("classifier", max_iter=20, callback=listener).set_callbacks(Recorder()).fit(*numbers)

    assert heard == [1, 20]


def test_an_error_in_a_callback_tears_down_and_leaves_the_estimator(numbers, small):
    def fail(context, fitted):
        raise RuntimeError("no disk")

    recorder = Recorder(act=fail)
    model = small("classifier").set_callbacks(recorder)
    with pytest.raises(RuntimeError, match="no disk"):
        model.fit(*numbers)

    assert recorder.calls[-1][0] == "teardown"
    assert not hasattr(model, "network_")
    assert not hasattr(model, "_callback_fit_ctx")


def test_an_error_in_a_setup_tears_down_what_was_set_up(numbers, small):
    class Failing(Recorder):
        def setup(self, estimator, context):
            raise RuntimeError("no terminal")

    recorder = Recorder()
    model = small("classifier").set_callbacks(recorder, Failing())
    with pytest.raises(RuntimeError, match="no terminal"):
        model.fit(*numbers)

    assert [call[0] for call in recorder.calls] == ["setup", "teardown"]
    assert not hasattr(model, "_callback_fit_ctx")


def test_invalid_data_set_up_nothing(small):
    recorder = Recorder()
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        small("classifier").set_callbacks(recorder).fit([[0.0], [1.0]], [0])
    assert recorder.calls == []


@pytest.mark.parametrize("n_networks", [1, 2])
def test_ctrl_c_keeps_the_networks_and_tears_down(numbers, small, n_networks):
    def interrupt(context, fitted):
        if (context.task_name, context.task_id) == ("epoch", 2):
            raise KeyboardInterrupt

    recorder = Recorder(act=interrupt)
    model = small("classifier", max_iter=50, n_networks=n_networks).set_callbacks(recorder)
    with pytest.raises(TrainingInterrupted):
        model.fit(*numbers)

    assert len(model.history_) >= 1
    assert recorder.calls[-1][0] == "teardown"


@pytest.mark.parametrize("n_networks", [1, 3])
def test_ctrl_c_after_the_training_loses_no_network(numbers, small, n_networks):
    """In each callback for an epoch that was not run, and in the one for the whole fit."""

    def interrupt(context, fitted):
        if fitted is None or context.task_name == "fit":
            raise KeyboardInterrupt

    settings = {"preset": "plain", "early_stopping": True, "tol": 10.0, "n_iter_no_change": 3, "max_iter": 60}
    recorder = Recorder(act=interrupt)
    model = small("classifier", **settings, n_networks=n_networks).set_callbacks(recorder)
    with pytest.raises(TrainingInterrupted, match=r"^interrupted when all networks were trained; they are kept$"):
        model.fit(*numbers)

    alone = small("classifier", **settings, n_networks=n_networks).fit(*numbers)
    assert [m.network.theta.tobytes() for m in model.members_] == [m.network.theta.tobytes() for m in alone.members_]
    assert recorder.calls[-1][0] == "teardown"


def test_ctrl_c_at_the_end_of_the_fit_loses_no_network(numbers, small):
    def interrupt(context, fitted):
        if context.task_name == "fit":
            raise KeyboardInterrupt

    model = small("classifier").set_callbacks(Recorder(act=interrupt))
    with pytest.raises(TrainingInterrupted, match=r"^interrupted when all networks were trained; they are kept$"):
        model.fit(*numbers)

    assert model.network_.theta.tobytes() == small("classifier").fit(*numbers).network_.theta.tobytes()


def test_a_clone_has_the_callbacks_and_a_file_has_not(numbers, small, tmp_path):
    recorder = Recorder()
    model = clone(small("classifier").set_callbacks(recorder)).fit(*numbers)
    model.save(tmp_path / "model.glassnet")
    count = len(recorder.calls)
    gn.load(tmp_path / "model.glassnet").fit(*numbers)

    assert len(recorder.calls) == count > 0


def test_without_callbacks_no_task_exists(numbers, small, monkeypatch):
    """Not even a context is made, so a fit costs what it did."""

    def refuse(*_, **__):
        raise AssertionError

    monkeypatch.setattr(theirs.CallbackContext, "_from_estimator", refuse)
    small("classifier", n_networks=2).fit(*numbers)
    with pytest.raises(AssertionError):
        small("classifier").set_callbacks(Recorder()).fit(*numbers)


def test_before_scikit_learn_1_9_there_is_nothing():
    """The module's own fallback, in a process in which `sklearn.callback` was there for scikit-learn alone."""
    code = (
        "import sys, sklearn.pipeline, sklearn.model_selection\n"
        "sys.modules['sklearn.callback'] = None\n"
        "import glassnet as gn\n"
        "reg = gn.GlassRegressor((2,), max_iter=2, random_state=0).fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0])\n"
        "print(hasattr(reg, 'set_callbacks'), reg.n_iter_)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=True)
    assert done.stdout.split() == ["False", "2"]
