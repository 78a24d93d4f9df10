"""A sweep: what it tries, what it keeps, and that nothing but time changes if it is killed or spread."""

import os
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from multiprocessing import get_context

import numpy as np
import pytest

import glassnet as gn
from glassnet.errors import CheckpointError, GlassnetError, ParameterError, TrainingInterrupted
from glassnet.estimators.judging.candidates import CandidateRows
from glassnet.sweeping import study_file
from glassnet.sweeping.choosing.halving import SHARES, epoch_of
from glassnet.sweeping.crew import crew_of
from glassnet.sweeping.jobs import Job
from glassnet.sweeping.search import Search

SPACE = {
    "hidden_layer_sizes": [[4], [8], [4, 4]],
    "learning_rate_init": {"low": 1e-3, "high": 0.2, "log": True},
    "max_iter": 18,
}


def table(n=120):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, 3))
    return X, np.where(X[:, 0] + X[:, 1] ** 2 + 0.2 * rng.normal(size=n) > 0.8, "yes", "no")


def swept(**options):
    X, y = table()
    given = {"space": SPACE, "trials": 9, "batch": 6, "folds": 1, "refit": False, "n_jobs": 1} | options
    return gn.sweep(gn.GlassClassifier(early_stopping=True), X, y, **given)


def found(result):
    return [(t.number, t.state, t.parameters, t.score, t.scores, t.epochs) for t in result.trials]


@pytest.fixture(scope="module")
def whole():
    return swept()


def test_scores_are_those_of_fitted_models_on_the_held_out_rows(whole):
    """The oracle is `fit` with the rows that the split of the same seed holds out."""
    from glassnet.data.split import split

    X, y = table()
    parts = split(y, fractions=(0.8, 0.2, 0), seed=0)
    best = whole.best
    model = gn.GlassClassifier(**best.parameters, early_stopping=True, random_state=0)
    model.fit(X[parts.train], y[parts.train], eval_set=(X[parts.validation], y[parts.validation]))
    P = model.predict_proba(X[parts.validation])
    right = np.where(y[parts.validation] == "yes", P[:, 1], P[:, 0])
    assert best.score == pytest.approx(-np.log(right).mean(), rel=1e-12)
    assert best.score == min(trial.score for trial in whole.trials if trial.state == "complete")


def test_the_best_third_of_a_batch_goes_on(whole):
    batch = whole.trials[:6]
    assert [epoch_of(share, 18) for share in SHARES] == [1, 2, 6, 18]  # after one epoch, none is dropped
    assert sorted(trial.epochs for trial in batch) == [2, 2, 2, 2, 6, 18]
    assert [trial.state for trial in batch if trial.epochs == 18] == ["complete"]


def test_without_a_pruner_all_are_trained_to_their_end():
    result = swept(pruner="none", trials=4, sampler="random")
    assert [(trial.state, trial.epochs) for trial in result.trials] == [("complete", 18)] * 4
    assert result.importances().keys() == {"hidden_layer_sizes", "learning_rate_init"}
    assert sum(result.importances().values()) == pytest.approx(1.0)


def test_a_pruner_and_a_sampler_of_optuna():
    import optuna

    pruner = optuna.pruners.PercentilePruner(30.0, n_startup_trials=0)
    result = swept(pruner=pruner, sampler=lambda seed: optuna.samplers.RandomSampler(seed=seed), trials=12, batch=4)
    assert {trial.state for trial in result.trials} == {"complete", "dropped"}
    assert found(result) == found(
        swept(pruner=pruner, sampler=lambda seed: optuna.samplers.RandomSampler(seed=seed), trials=12, batch=4)
    )


def test_folds_average_and_seeds_decide():
    result = swept(folds=3, trials=3, batch=3)
    assert result.how == "Scored by cross-validation with 3 folds, stratified by 2 classes: 120 rows."
    assert found(swept(folds=3, trials=3, batch=3)) == found(result)
    assert found(swept(folds=3, trials=3, batch=3, seed=1)) != found(result)


def test_the_best_is_fitted_again_to_all_rows(whole):
    X, y = table()
    model = swept(refit=True).model
    again = gn.GlassClassifier(**whole.best.parameters, early_stopping=True, refit=True, random_state=0).fit(X, y)
    assert (model.network_.theta == again.network_.theta).all()


def test_a_regressor_by_another_score():
    X, _ = table()
    result = gn.sweep(gn.GlassRegressor(), X, X[:, 0] * 2, space=SPACE, trials=4, batch=4, score="mae", folds=2)
    assert result.best.score == result.best.scores["mae"] == min(t.score for t in result.ranked())
    assert result.model.score(X, X[:, 0] * 2) > 0.1


def test_the_default_space_tries_the_preset_first():
    X, y = table()
    result = gn.sweep(gn.GlassClassifier(max_iter=3), X, y, trials=2, batch=2, refit=False)
    first = result.trials[0].parameters
    assert (first["hidden_layer_sizes"], first["activation"], first["learning_rate_init"]) == ([64, 64], "silu", 0.002)


def test_what_cannot_be_trained_is_counted_and_said():
    space = {"solver": ["lbfgs", "adam"], "dropout": [0.2, 0.3], "hidden_layer_sizes": [4], "max_iter": 3}
    result = swept(space=space, trials=8, batch=8, sampler="random")
    failed = [trial for trial in result.trials if trial.state == "failed"]
    assert {trial.parameters["solver"] for trial in failed} == {"lbfgs"}
    assert failed[0].why.startswith("solver 'lbfgs' takes neither dropout nor clip")
    assert f"{len(failed)} failed" in result.to_text()
    with pytest.raises(ParameterError, match=r"no candidate could be trained: solver 'lbfgs' .*; try another space\."):
        swept(space={**space, "solver": "lbfgs"}, trials=2)


# Executors.


SPAWNED = get_context("spawn")  # a fork would copy the threads' locks of libraries that other tests have loaded


def test_processes_find_the_same(whole):
    with ProcessPoolExecutor(2, mp_context=SPAWNED) as pool:
        assert found(swept(executor=pool)) == found(whole)


def test_threads_of_an_executor_find_the_same(whole):
    assert found(swept(executor=lambda: ThreadPoolExecutor(2))) == found(whole)


@pytest.mark.parametrize("is_made", [False, True])
def test_a_pool_that_loses_a_worker_is_made_again(whole, is_made):
    """The first task kills its worker; everything is done by the pool that takes the place of the broken one."""
    pools, killed = [], []

    class Dying(ProcessPoolExecutor):
        def submit(self, function, /, *given):
            if killed:
                return super().submit(function, *given)
            killed.append(True)
            return super().submit(os._exit, 9)

    def pool():
        pools.append(Dying(2, mp_context=SPAWNED))
        return pools[-1]

    if is_made:
        assert found(swept(executor=pool)) == found(whole)
        assert len(pools) == 2
    else:
        with Dying(2, mp_context=SPAWNED) as executor:
            assert found(swept(executor=executor)) == found(whole)
    assert killed


def test_workers_that_always_die():
    class Dying(ProcessPoolExecutor):
        def submit(self, function, /, *given):
            return super().submit(os._exit, 9)

    with pytest.raises(GlassnetError, match="the workers died 5 times in a row without finishing a task; is there"):
        swept(executor=lambda: Dying(1, mp_context=SPAWNED))


def test_what_is_no_executor_is_refused():
    with pytest.raises(ParameterError, match=r"executor is a int, but a concurrent.futures.Executor, or a function"):
        swept(executor=3)
    with pytest.raises(ParameterError, match=r"executor made a int, but a concurrent.futures.Executor was expected"):
        swept(executor=lambda: 3)


# The file.


def test_a_sweep_goes_on_in_its_file(whole, tmp_path):
    first = swept(storage=tmp_path / "sweep.db", trials=4)
    result = swept(storage=tmp_path / "sweep.db")
    again = swept(storage=tmp_path / "sweep.db")

    assert (first.n_resumed, result.n_resumed, again.n_resumed) == (0, 4, 9)
    assert len(result.trials) == 9
    assert found(again) == found(result)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sweep.db"]


def test_optuna_opens_the_file(whole, tmp_path):
    import optuna

    swept(storage=tmp_path / "a sweep?.db")

    storage = optuna.storages.RDBStorage("sqlite://", {"creator": lambda: sqlite3.connect(tmp_path / "a sweep?.db")})
    study = optuna.load_study(study_name=None, storage=storage)
    assert study.best_value == whole.best.score
    assert [trial.state.name for trial in study.trials].count("COMPLETE") == len(whole.ranked())


def test_a_killed_sweep_repeats_what_was_under_way(whole, tmp_path):
    """A kill is made by ending the process in the middle of the second batch: its trials are then in the file."""
    place = tmp_path / "sweep.db"
    script = (
        "import os, sys; sys.path.insert(0, sys.argv[1]); import test_sweep as t\n"
        "def die(p):\n    if p.n_finished == 6: os.kill(os.getpid(), 9)\n"
        "t.swept(storage=sys.argv[2], progress=die)"
    )
    folder = os.path.dirname(__file__)
    code = subprocess.run([sys.executable, "-c", script, folder, str(place)], check=False).returncode
    assert code == -9
    with closing(sqlite3.connect(place)) as connection:
        states = connection.execute("SELECT state, count(*) FROM trials GROUP BY state").fetchall()
    assert dict(states)["RUNNING"] == 3

    assert found(swept(storage=place)) == found(whole)


def test_another_sweep_is_refused(tmp_path):
    swept(storage=tmp_path / "sweep.db", trials=2)
    with pytest.raises(
        CheckpointError, match=r"sweep.db' is of another sweep: it differs in score, split, seed; repeat that"
    ):
        swept(storage=tmp_path / "sweep.db", score="accuracy", seed=1)
    X, y = table()
    with pytest.raises(CheckpointError, match="it differs in rows; repeat that call, or use another file"):
        gn.sweep(
            gn.GlassClassifier(early_stopping=True), X + 1, y, space=SPACE, trials=2, batch=6, folds=1,
            storage=tmp_path / "sweep.db",
        )  # fmt: skip


def test_other_groups_are_another_sweep(tmp_path):
    X, y = table()
    first = {"space": SPACE, "trials": 2, "batch": 2, "refit": False, "storage": tmp_path / "sweep.db"}
    gn.sweep(gn.GlassClassifier(), X, y, groups=np.arange(120) // 10, **first)
    with pytest.raises(CheckpointError, match="it differs in split; repeat that call, or use another file"):
        gn.sweep(gn.GlassClassifier(), X, y, groups=np.arange(120) % 12, **first)


def test_what_is_no_file_of_a_sweep_is_refused(tmp_path):
    (tmp_path / "text.db").write_text("not a database, " * 100)
    with pytest.raises(CheckpointError, match=r"text.db' is not the file of a sweep: file is not a database; use"):
        swept(storage=tmp_path / "text.db")
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.commit()
    with pytest.raises(CheckpointError, match=r"other.db' is a database, but holds no sweep; use another file"):
        swept(storage=tmp_path / "other.db")
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*; make it first, or save elsewhere"):
        swept(storage=tmp_path / "none" / "sweep.db")
    with pytest.raises(IsADirectoryError, match=r"is a folder; name a file in it"):
        swept(storage=tmp_path)


def test_a_file_in_use_is_refused(tmp_path):
    """The second sweep comes while the first one is at work, which its progress knows."""
    seen = []

    def second(progress):
        if not seen:
            with pytest.raises(CheckpointError) as error:
                swept(storage=tmp_path / "sweep.db")
            seen.append(str(error.value))

    swept(storage=tmp_path / "sweep.db", trials=2, progress=second)

    (sentence,) = seen
    assert sentence.endswith("in use: another process goes on with this sweep; wait for it, or use another file.")


# Ends.


def test_ctrl_c_keeps_what_has_ended(whole, tmp_path):
    def interrupt(progress):
        if progress.n_finished == 6 and progress.n_under_way == 1:
            raise KeyboardInterrupt

    with pytest.raises(TrainingInterrupted, match="interrupted after 6 candidates of the sweep") as end:
        swept(storage=tmp_path / "sweep.db", progress=interrupt)
    assert found(end.value.result) == found(whole)[:6]
    assert end.value.result.model is None
    assert found(swept(storage=tmp_path / "sweep.db")) == found(whole)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("glassnet-sweep")]


def test_ctrl_c_in_the_last_fit_keeps_the_trials(whole, monkeypatch):
    def interrupted(*_, **__):
        raise TrainingInterrupted("interrupted after 3 epochs", None)

    monkeypatch.setattr(gn.GlassClassifier, "fit", interrupted)
    with pytest.raises(TrainingInterrupted, match="interrupted while fitting the best parameters to all rows") as end:
        swept(refit=True)
    assert found(end.value.result) == found(whole)


def test_when_the_time_is_over_the_best_of_the_first_batch_is_trained_to_its_end(tmp_path, whole):
    """Two of six go on after the second rung, the better one to its end; the other one waits for the next call."""
    result = swept(minutes=1e-9, trials=50, storage=tmp_path / "sweep.db")
    assert result.stopped == "The time was over after 5 more candidates; 1 unfinished one given up."
    assert [trial.state for trial in result.trials].count("complete") == 1
    assert found(result) == [each for each in found(whole)[:6] if each[0] in [trial.number for trial in result.trials]]

    again = swept(storage=tmp_path / "sweep.db")
    assert again.n_resumed == 5
    assert found(again) == found(whole)


def test_no_training_begins_after_the_time(tmp_path, whole, monkeypatch):
    """It is over when the second training of the second batch would begin."""
    asked = []

    def is_late(self):
        if threading.current_thread() is not threading.main_thread():  # which asks before it begins a training
            asked.append(True)
        return len(asked) > 1

    monkeypatch.setattr(Search, "_is_late", is_late)
    result = swept(minutes=9.0, storage=tmp_path / "sweep.db")
    assert len(asked) == 3
    assert result.stopped == "The time was over after 6 more candidates; 3 unfinished ones given up."
    assert found(result) == found(whole)[:6]
    monkeypatch.undo()
    assert found(swept(storage=tmp_path / "sweep.db")) == found(whole)


class OneTaskAtOnce(Executor):
    """Does the first task, and none of the others."""

    def submit(self, fn, /, *args):
        future = Future()
        if not hasattr(self, "first"):
            self.first = future
            future.set_result(fn(*args))
        return future


def test_no_task_of_an_executor_begins_after_the_time():
    X, y = table(40)
    rows = CandidateRows(gn.GlassClassifier(max_iter=2), X, y)
    rows.hold_out(0.25, seed=0)
    jobs = [Job(number, {"hidden_layer_sizes": (3,)}, 0, 0, 1.0) for number in range(3)]
    told = []
    with crew_of(OneTaskAtOnce(), None) as crew:
        done = crew.do(rows, jobs, told.append, lambda: True)
    assert [each.number for each in told] == [0]
    assert [each and each.number for each in done] == [0, None, None]


def changed(sql):
    """Return a change of a sweep's file."""

    def change(place):
        with closing(sqlite3.connect(place)) as connection:
            connection.execute(sql)
            connection.commit()

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (changed("UPDATE trials SET number = 5 WHERE number = 2"), "has a trial 3 that is not of this sweep"),
        (changed("UPDATE trials SET state = 'WELL'"), "does not hold what a sweep writes: LookupError"),
        (changed("UPDATE trial_params SET distribution_json = '{}'"), "does not hold what a sweep writes: KeyError"),
        (changed("DELETE FROM trial_params WHERE param_name = 'learning_rate_init'"), "has a trial 0 that is not of"),
        (changed("UPDATE trial_params SET param_value = 7"), "does not hold what a sweep writes: "),
        (
            changed("CREATE TRIGGER gone AFTER INSERT ON trials BEGIN DELETE FROM trials; END"),
            "has the trigger 'gone', which no sweep makes; restore a copy, or begin with another file",
        ),
    ],
)
def test_a_file_that_another_program_has_changed_is_refused_in_a_sentence(tmp_path, finished_file, change, told):
    place = tmp_path / "sweep.db"
    place.write_bytes(finished_file)
    change(place)
    before = place.read_bytes()
    with pytest.raises(CheckpointError, match=told) as error:
        swept(storage=place)
    assert "\n" not in str(error.value)
    assert place.read_bytes() == before
    assert os.listdir(tmp_path) == ["sweep.db"]


@pytest.fixture(scope="module")
def finished_file(tmp_path_factory):
    place = tmp_path_factory.mktemp("finished") / "sweep.db"
    swept(storage=place, trials=6)
    return place.read_bytes()


@pytest.mark.parametrize(
    ("pragma", "told"),
    [("query_only = ON", "attempt to write a readonly database"), ("max_page_count = 1", "database or disk is full")],
)
def test_a_file_that_cannot_be_written_is_a_sentence_and_loses_nothing(tmp_path, whole, monkeypatch, pragma, told):
    """The database itself refuses: as of a file without permission to write, and as on a full disk."""
    place = tmp_path / "sweep.db"
    swept(storage=place, trials=6)
    monkeypatch.setattr(study_file, "OPEN", (*study_file.OPEN, pragma))
    with pytest.raises(
        CheckpointError, match=rf"cannot be read or written: {told}; what it holds is kept: make"
    ) as error:
        swept(storage=place, trials=18)
    assert "\n" not in str(error.value)
    monkeypatch.undo()
    assert found(swept(storage=place, trials=18)) == found(swept(trials=18))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"trials": 0}, "trials=0 must be a whole number from 1 upwards"),
        ({"minutes": 0}, "minutes=0 must be a positive number"),
        ({"score": "r2"}, "score='r2' is not one of 'log_loss', 'accuracy', the scores for classes"),
        ({"sampler": "best"}, "sampler='best' is not one of 'tpe', 'random', nor a function of a seed"),
        ({"pruner": "median"}, "pruner='median' is not 'halving', 'none', or a pruner of optuna"),
        ({"folds": 300}, "folds=300 must be from 2 to the number of rows, 120"),
        ({"folds": 3, "validation_fraction": 0.2}, "folds=3 and validation_fraction exclude each other"),
        ({"folds": 1, "validation_fraction": 1.5}, "validation_fraction=1.5 must lie between 0 and 1"),
        ({"folds": 1, "validation_fraction": 0.001}, "0.001 of 120 rows hold out"),
    ],
)
def test_wrong_arguments(options, sentence):
    with pytest.raises(ParameterError) as error:
        swept(**options)
    assert sentence in str(error.value)


def test_only_our_estimators():
    with pytest.raises(
        ParameterError, match="estimator is a int, but a GlassClassifier or GlassRegressor was expected"
    ):
        gn.sweep(3, [[0.0]], [0])


def test_groups_stay_together():
    X, y = table()
    groups = np.arange(120) // 10
    result = gn.sweep(
        gn.GlassClassifier(), X, y, space=SPACE, trials=2, batch=2, groups=groups, refit=False
    )  # fmt: skip
    assert result.how.startswith("Scored on held-out rows. By 12 groups, none in two parts: ")


# The record.


def test_the_report_and_the_table(whole):
    lines = whole.to_text().splitlines()
    assert lines[0].startswith("9 candidates: ")
    assert lines[2].split()[:4] == ["candidate", "log", "loss", "accuracy"]
    assert lines[3].split()[:2] == [str(whole.best.number), f"{whole.best.score:.4f}"]
    columns = whole.trials.columns()
    assert columns["score"] == [trial.score for trial in whole.trials]
    assert columns["max_iter"] == [18] * 9
    record = whole.to_dict()
    assert record["best"]["number"] == whole.best.number
    assert record["space"] == SPACE
    assert [trial["number"] for trial in record["trials"]] == list(range(9))
    assert repr(whole).startswith("SweepResult: 9 trials, best log loss 0.")


def test_the_charts(whole):
    chart = whole.parallel_chart()
    assert chart.description.startswith("9 candidates; the best has the log loss")
    assert chart.svg.startswith("<svg")
    importance = whole.importance_chart()
    assert importance.record == whole.importances()
    assert "learning_rate_init" in importance.svg
