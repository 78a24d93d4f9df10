"""When a checkpoint is written, what it may cost, and that a failed write leaves the one before."""

import errno
import os
import warnings

import numpy as np
import pytest

import glassnet as gn
from glassnet import files, locks
from glassnet.errors import CheckpointWarning
from glassnet.training.saving import checkpoint_file, content
from glassnet.training.saving.checkpoint_file import CheckpointFile
from glassnet.training.train import start_run

BCE = "binary_cross_entropy"


def full(*_, **__):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def torn(path, data):
    with path.open("wb") as file:
        file.write(data[: len(data) // 2])
    full()


def n_epochs(path):
    return content.read_content(path).record.run.n_epochs


@pytest.fixture
def failing(monkeypatch):
    """`failing(where)`: from now on every write of a file fails there."""

    def fail(where):
        if where == "write":
            monkeypatch.setattr("pathlib.Path.write_bytes", full)
        elif where == "half":
            monkeypatch.setattr("pathlib.Path.write_bytes", torn)
        elif where == "fsync":
            monkeypatch.setattr(files.os, "fsync", full)
        elif where == "replace":
            monkeypatch.setattr(files.os, "replace", full)
        elif where == "folder":
            monkeypatch.setattr("pathlib.Path.mkdir", full)

    return fail


@pytest.mark.parametrize("where", ["write", "half", "fsync", "replace", "folder"])
def test_a_full_disk_leaves_the_checkpoint_before(where, failing, binary, start, tmp_path):
    path = tmp_path / "run"
    whole = gn.train(start(), *binary, cost=BCE, epochs=8)

    def fill(record, network):
        if record.epoch == 5:
            failing(where)

    with pytest.warns(CheckpointWarning) as told:
        result = gn.train(start(), *binary, cost=BCE, epochs=8, checkpoint=path, checkpoint_every=0, callback=fill)

    assert str(told[0].message) == (
        f"the checkpoint {str(path)!r} could not be written (No space left on device); training continues, and the "
        f"previous checkpoint is whole."
    )
    assert len(told) == 5  # after epochs 5, 6, 7, 8, and at the end
    np.testing.assert_array_equal(result.network.theta, whole.network.theta)
    assert n_epochs(path) == 4
    assert sorted(os.listdir(tmp_path)) == ["run"]


@pytest.mark.parametrize("where", ["write", "fsync", "replace", "folder"])
def test_the_first_checkpoint_must_be_written(where, failing, binary, start, tmp_path):
    """Whoever cannot be saved should know it before a day of training, not after."""
    failing(where)
    with pytest.raises(OSError, match="No space left on device"):
        gn.train(start(), *binary, cost=BCE, epochs=8, checkpoint=tmp_path / "run")
    assert os.listdir(tmp_path) == []


def test_after_a_failed_write_it_tries_again(monkeypatch, binary, start, tmp_path):
    path, replace = tmp_path / "run", os.replace
    fails = iter([False, True, False, True, True, False, False, False])
    monkeypatch.setattr(files.os, "replace", lambda *given: full() if next(fails) else replace(*given))
    seen = []
    with pytest.warns(CheckpointWarning):
        gn.train(
            start(), *binary, cost=BCE, epochs=6, checkpoint=path, checkpoint_every=0,
            callback=lambda record, network: seen.append(n_epochs(path)),
        )  # fmt: skip
    assert seen == [0, 0, 2, 2, 2, 5]
    assert n_epochs(path) == 6


class Clock:
    """A clock that stands still but for what writing takes."""

    def __init__(self, monkeypatch, writing):
        self.now, self.writing, self.written = 0.0, writing, []
        monkeypatch.setattr(checkpoint_file, "monotonic", lambda: self.now)
        monkeypatch.setattr(checkpoint_file, "write_atomically", self.write)

    def write(self, path, data, *, example):
        self.written.append(self.now)
        self.now += self.writing


@pytest.mark.parametrize(
    ("every", "writing", "due"),
    [
        (30.0, 0.01, [0, 30.01, 60.02, 90.03]),
        (30.0, 0.5, [0, 50.5, 101.0]),  # a hundredth of the time
        (1.0, 0.001, [0, 1.001, 2.002]),
        (0.0, 0.5, [0, 1, 2, 3, 4]),
    ],
)
def test_the_pace(every, writing, due, monkeypatch, binary, start, tmp_path):
    clock = Clock(monkeypatch, writing)
    with CheckpointFile(tmp_path / "run", every) as file:
        run = start_run(start(), *binary, cost=BCE, epochs=3)
        file.found(run._plan, run._engine, run.state.position, None)
        file.begin(run.state)
        while len(clock.written) < len(due):
            clock.now = clock.now + 0.25 if every else float(len(clock.written))
            file.offer(lambda: run.state)

    for wrote, was_due in zip(clock.written, due, strict=True):
        assert was_due <= wrote <= was_due + 0.51 * len(due)


def test_a_run_that_is_short_writes_twice(monkeypatch, binary, start, tmp_path):
    """Before the first step and at the end."""
    clock = Clock(monkeypatch, 0.0)
    gn.train(start(), *binary, cost=BCE, epochs=50, checkpoint=tmp_path / "run")
    assert len(clock.written) == 2


def test_it_warns_as_often_as_the_caller_wants(failing, binary, start, tmp_path):
    def fill(record, network):
        failing("replace")

    with warnings.catch_warnings():
        warnings.simplefilter("error", CheckpointWarning)
        with pytest.raises(CheckpointWarning, match="could not be written"):
            gn.train(start(), *binary, cost=BCE, epochs=8, checkpoint=tmp_path / "run", callback=fill)


# The lock.


def test_where_there_can_be_no_lock_it_goes_on_without(monkeypatch, tmp_path):
    def unsupported(file):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(locks, "try_lock", unsupported)
    with locks.FileLock(tmp_path / "lock"), locks.FileLock(tmp_path / "lock"):
        pass
    assert os.listdir(tmp_path) == []


def test_a_lock_that_was_removed_meanwhile_is_made_anew(monkeypatch, tmp_path):
    path, lock, tries = tmp_path / "lock", locks.try_lock, []

    def removed(file):
        tries.append(file)
        lock(file)
        if len(tries) == 1:
            path.unlink()

    monkeypatch.setattr(locks, "try_lock", removed)
    with locks.FileLock(path), pytest.raises(BlockingIOError), locks.FileLock(path):
        pass
    assert len(tries) == 3


def test_a_lock_that_is_always_removed(monkeypatch, tmp_path):
    path = tmp_path / "lock"
    monkeypatch.setattr(locks, "try_lock", lambda file: path.unlink())
    with pytest.raises(OSError, match="cannot be locked: something removes it at once"), locks.FileLock(path):
        pass
