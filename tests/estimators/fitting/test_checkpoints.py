"""A fit that was interrupted or killed is continued by the same call, and ends with the same bits."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

import glassnet as gn
from glassnet.core.catalog.solvers import SOLVERS
from glassnet.errors import CheckpointError, DataError, ParameterError, TrainingInterrupted
from glassnet.training.history import NAMES
from glassnet.training.saving.content import read_content

OWN = replace(SOLVERS["gd"], name="own")
SETTINGS = {"hidden_layer_sizes": (8,), "max_iter": 12, "random_state": 0}
KINDS = {
    "one network": {},
    "early stopping": {"early_stopping": True, "n_iter_no_change": 3},
    "an ensemble": {"n_networks": 3},
    "L-BFGS": {"n_networks": 2, "early_stopping": True, "solver": "lbfgs"},
    "an ensemble that is refitted": {"n_networks": 2, "early_stopping": True, "refit": True, "snapshots": 2},
}


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(150, 4))
    return X, np.digitize(X[:, 0] * X[:, 1] + rng.normal(0, 0.2, 150), [-0.3, 0.4])


def same(model, whole, X):
    np.testing.assert_array_equal(model.predict_proba(X), whole.predict_proba(X))
    assert len(model.members_) == len(whole.members_)
    for mine, other in zip(model.members_, whole.members_, strict=True):
        np.testing.assert_array_equal(mine.network.theta, other.network.theta)
        for name in NAMES:
            if name != "seconds":
                np.testing.assert_array_equal(mine.history[name], other.history[name])
        assert mine.history.stop_reason == other.history.stop_reason
        np.testing.assert_array_equal(mine.state.theta, other.state.theta)


@pytest.mark.parametrize("kind", KINDS)
def test_interrupted_and_fitted_again(kind, table, tmp_path):
    settings = {**SETTINGS, **KINDS[kind]}
    whole = gn.GlassClassifier(**settings).fit(*table)
    stops = iter([2, 5, 9])

    def interrupt(record, network):
        if record.epoch >= stop:
            raise KeyboardInterrupt

    for stop in stops:  # noqa: B007  # the callback reads it
        with pytest.raises(TrainingInterrupted):
            gn.GlassClassifier(**settings, callback=interrupt).fit(*table, checkpoint=tmp_path / "run")
    model = gn.GlassClassifier(**settings).fit(*table, checkpoint=tmp_path / "run")

    same(model, whole, table[0])
    again = gn.GlassClassifier(**settings).fit(*table, checkpoint=tmp_path / "run")  # all is there already
    same(again, whole, table[0])
    np.testing.assert_array_equal(again.history_["seconds"], model.history_["seconds"])
    names = {f"network-{k}.ckpt" for k in range(1, len(whole.members_) + 1)}
    names |= {name.replace("network", "refit") for name in names} if settings.get("refit") else set()
    assert {path.name for path in (tmp_path / "run").iterdir()} == names
    if settings.get("solver") != "lbfgs":
        assert model.replay(*table).at(epoch=1).step > 0


def test_interrupted_while_training_again(table, tmp_path):
    """The networks of the first training are there, and one of the second is on its way."""
    settings = {**SETTINGS, **KINDS["an ensemble that is refitted"]}
    whole = gn.GlassClassifier(**settings).fit(*table)
    model = gn.GlassClassifier(**settings)
    run_all, rounds = model._run_all, []

    def in_the_second(runs, train):
        rounds.append(runs)
        if len(rounds) == 2:
            runs = list(runs)
            runs[1] = runs[1].with_settings(callback=lambda record, network: (_ for _ in ()).throw(KeyboardInterrupt))
        return run_all(runs, train)

    model._run_all = in_the_second
    with pytest.raises(TrainingInterrupted, match="while training again"):
        model.fit(*table, checkpoint=tmp_path)

    same(gn.GlassClassifier(**settings).fit(*table, checkpoint=tmp_path), whole, table[0])


def test_a_regressor(table, tmp_path):
    X = table[0]
    y = X[:, 0] * 3 + 1
    whole = gn.GlassRegressor(**SETTINGS).fit(X, y)
    model = gn.GlassRegressor(**SETTINGS).fit(X, y, checkpoint=tmp_path, checkpoint_every=0)

    np.testing.assert_array_equal(model.predict(X), whole.predict(X))


@pytest.mark.parametrize(
    ("other", "words"),
    [({"alpha": 2.5}, "it has l2="), ({"random_state": 1}, "is the checkpoint of another run"),
     ({"max_iter": 13}, "it has max_iter=12, not 13"), ({"hidden_layer_sizes": (9,)}, "its network has another structure")],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("n_networks", [1, 2])
def test_another_fit(other, words, n_networks, table, tmp_path):
    settings = {**SETTINGS, "n_networks": n_networks}
    gn.GlassClassifier(**settings).fit(*table, checkpoint=tmp_path)
    model = gn.GlassClassifier(**{**settings, **other})
    with pytest.raises(CheckpointError, match=words):
        model.fit(*table, checkpoint=tmp_path)
    assert not hasattr(model, "network_")
    with pytest.raises(CheckpointError, match="its X has other values"):
        gn.GlassClassifier(**settings).fit(-table[0], table[1], checkpoint=tmp_path)


def test_what_could_not_be_continued(table, tmp_path):
    with pytest.raises(ParameterError, match="checkpoint needs random_state=0 or another number"):
        gn.GlassClassifier((4,)).fit(*table, checkpoint=tmp_path / "run")
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError, match="is a file; name a folder, in which each network has a checkpoint"):
        gn.GlassClassifier(**SETTINGS).fit(*table, checkpoint=tmp_path / "file")
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*missing"):
        gn.GlassClassifier(**SETTINGS).fit(*table, checkpoint=tmp_path / "missing" / "run")


SCRIPT = """
import sys
import numpy as np
import glassnet as gn
rng = np.random.default_rng(0)
X = rng.normal(size=(1500, 10)); y = (X[:, 0] * X[:, 1] > 0).astype(int)
model = gn.GlassClassifier((32, 32), max_iter=60, n_networks=3, n_iter_no_change=10**6, random_state=0)
model.fit(X, y, checkpoint=sys.argv[1] or None, checkpoint_every=0)
np.save(sys.argv[2], [member.network.theta for member in model.members_])
"""


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_a_killed_ensemble(tmp_path):
    def start(checkpoint, result):
        return subprocess.Popen([sys.executable, "-c", SCRIPT, checkpoint, tmp_path / result])

    whole, killed = start("", "whole.npy"), start(tmp_path / "run", "killed.npy")
    try:
        first = tmp_path / "run" / "network-1.ckpt"
        while killed.poll() is None and not (first.exists() and read_content(first).record.run.n_epochs):
            time.sleep(0.01)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert not (tmp_path / "killed.npy").exists(), "too late"
        again = start(tmp_path / "run", "again.npy")
        assert (whole.wait(), again.wait()) == (0, 0)
    finally:
        for process in (whole, killed):
            process.kill()
            process.wait()
    np.testing.assert_array_equal(np.load(tmp_path / "again.npy"), np.load(tmp_path / "whole.npy"))


@pytest.mark.parametrize(
    ("other", "error"),
    [({"alpha": -1.0}, ParameterError), ({"solver": OWN}, ParameterError), ({"X": "text"}, DataError)],
    ids=["a setting", "a solver", "a table"],
)
def test_a_refused_fit_leaves_no_empty_folder(other, error, table, tmp_path):
    """Whether it is refused before its runs are prepared, or by the run; a folder of the user's stays."""
    settings = {**SETTINGS, **other}
    X = settings.pop("X", table[0])
    (tmp_path / "mine").mkdir()

    for name in ("new", "mine"):
        with pytest.raises(error):
            gn.GlassClassifier(**settings).fit(X, table[1], checkpoint=tmp_path / name)

    assert [each.name for each in tmp_path.iterdir()] == ["mine"]
