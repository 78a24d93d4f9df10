"""A save that is killed or fails leaves the old file or the new one, never a damaged one."""

import os
import stat
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

import glassnet as gn

# Imports once, then forks: each child saves two models in turn until it is killed.
KILLED_WHILE_SAVING = """
    import os, random, signal, sys, time
    import numpy as np
    import glassnet as gn

    path = sys.argv[1]
    X = np.random.default_rng(0).normal(size=(20, 3))
    models = [
        gn.GlassRegressor((300, 300), max_iter=1, preset="plain", random_state=seed).fit(X, X[:, 0]) for seed in (0, 1)
    ]
    models[0].save(path)
    found = []
    for attempt in range(25):
        child = os.fork()
        if child == 0:
            while True:
                models[1].save(path)
                models[0].save(path)
        time.sleep(random.uniform(0.001, 0.03))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        theta = gn.load(path).network_.theta
        found.append([np.array_equal(theta, model.network_.theta) for model in models].index(True))
    print(len(found), sorted(set(found)))
"""


def files(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_any_moment(tmp_path):
    """SIGKILL at 25 random moments of saving: always one of the two models, whole."""
    script = textwrap.dedent(KILLED_WHILE_SAVING)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, str(tmp_path / "m.glassnet")],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[0] == "25"
    assert all(name == "m.glassnet" or name.endswith(".part") for name in files(tmp_path))


@pytest.fixture
def saved(tmp_path, fitted):
    """A folder with one model, and what it holds."""
    fitted.save(tmp_path / "m.glassnet")
    return tmp_path / "m.glassnet", (tmp_path / "m.glassnet").read_bytes()


@pytest.mark.parametrize("step", ["replace", "fsync", "chmod"])
@pytest.mark.parametrize(
    "failure", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=["full", "Ctrl-C"]
)
def test_a_failure_while_writing(saved, fitted, monkeypatch, step, failure):
    """Whatever fails, the old file is as it was and nothing else is left in the folder."""
    path, before = saved

    def fail(*_):
        raise failure

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(type(failure)):
        fitted.save(path)

    assert path.read_bytes() == before
    assert files(path.parent) == ["m.glassnet"]


@pytest.mark.skipif(sys.platform != "linux", reason="limits file sizes by resource")
def test_a_full_disk(saved):
    """The system itself refuses to write on after some bytes."""
    path, before = saved
    script = """
        import resource, signal, sys
        import glassnet as gn
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        model = gn.load(sys.argv[1])
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            model.save(sys.argv[1])
        except OSError as error:
            sys.stdout.write(type(error).__name__)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(path)], capture_output=True, text=True, check=False
    )

    assert done.stdout == "OSError", done.stderr
    assert path.read_bytes() == before
    assert files(path.parent) == ["m.glassnet"]


def test_saving_replaces_what_is_there(saved, numbers, small):
    path, _ = saved
    model = small("classifier", random_state=5).fit(*numbers)
    model.save(str(path))

    np.testing.assert_array_equal(gn.load(path).network_.theta, model.network_.theta)
    assert files(path.parent) == ["m.glassnet"]


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_the_file_has_ordinary_permissions(saved):
    """Those that the user's umask gives a new file, not those of a temporary one."""
    path, _ = saved
    (path.parent / "ordinary").touch()

    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE((path.parent / "ordinary").stat().st_mode)


def test_saving_into_no_folder(tmp_path, fitted):
    """The sentence names the folder, and none is made."""
    with pytest.raises(FileNotFoundError, match=r"there is no folder '.*nowhere'; make it first, or save elsewhere"):
        fitted.save(tmp_path / "nowhere" / "m.glassnet")
    assert files(tmp_path) == []


def test_saving_onto_a_folder(tmp_path, fitted):
    with pytest.raises(IsADirectoryError, match=r"is a folder; add a file name, such as '.*model\.glassnet'"):
        fitted.save(tmp_path)
    assert files(tmp_path) == []


def test_saving_before_fit(tmp_path, small):
    with pytest.raises(NotFittedError, match="This GlassClassifier instance is not fitted yet"):
        small("classifier").save(tmp_path / "m.glassnet")
    assert files(tmp_path) == []
