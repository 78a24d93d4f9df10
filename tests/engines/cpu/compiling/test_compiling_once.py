"""Processes and threads that need the same machine code compile it once; a first use compiles all that is usual."""

import os
import re
import shutil
import subprocess
import sys
import threading

import pytest
from numba.core import event

import glassnet as gn
from glassnet.engines.cpu import warming
from glassnet.engines.cpu.compiling import build, folders, lock
from glassnet.engines.cpu.compiling.announcement import say_that_it_waits
from glassnet.engines.cpu.compiling.bounds import CHECKS_BOUNDS
from glassnet.engines.cpu.compiling.decorators import entry

# It waits where it begins, and where it compiles, until it is told to go on.
PROCESS = """
import sys
from numba.core import event
from glassnet.engines.cpu.compiling.decorators import entry

class Listener(event.Listener):
    n = 0
    def on_start(self, event):
        self.n += 1
        print("compiling", flush=True)
        sys.stdin.readline()
    def on_end(self, event):
        pass

@entry
def twice(x):
    return x + x

print("ready", flush=True)
sys.stdin.readline()
listener = Listener()
with event.install_listener("numba:compile", listener):
    print(twice(2), listener.n, flush=True)
"""
WAITS = "glassnet waits for another process, which compiles its engine ..."


def environment(folder):
    return os.environ | {"NUMBA_CACHE_DIR": str(folder), "PYTHONPATH": os.pathsep.join(sys.path)}


@pytest.fixture
def start(tmp_path):
    """`start()` is a process that is ready to compile into an empty folder."""
    started = []

    def make():
        process = subprocess.Popen(
            [sys.executable, "-c", PROCESS], env=environment(tmp_path), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        started.append(process)
        assert process.stdout.readline() == "ready\n"
        return process

    yield make
    for process in started:
        process.kill()
        process.communicate()


def go(process):
    process.stdin.write("\n")
    process.stdin.flush()


def test_of_two_processes_one_compiles_and_the_other_waits_and_says_so_once(start):
    first, second = start(), start()
    go(first)
    assert first.stdout.readline() == "compiling\n"
    go(second)
    assert second.stderr.readline() == f"{WAITS}\n"
    go(first)

    assert first.communicate(timeout=60) == ("4 1\n", "")
    assert second.communicate(timeout=60) == ("4 0\n", "")


def test_a_process_that_is_killed_blocks_nobody(start):
    first, second = start(), start()
    go(first)
    assert first.stdout.readline() == "compiling\n"
    go(second)
    assert second.stderr.readline() == f"{WAITS}\n"
    first.kill()
    assert second.stdout.readline() == "compiling\n"
    go(second)

    assert second.communicate(timeout=60) == ("4 1\n", "")


def test_threads_compile_once(monkeypatch, tmp_path):
    """Two at once call the same function, and two another one: each is compiled once, and no thread blocks another."""
    monkeypatch.setattr(folders.config, "CACHE_DIR", str(tmp_path))
    folders.cache_folder.cache_clear()
    compiled, returned = [], []

    class Listener(event.Listener):
        def on_start(self, event):
            compiled.append(event.data["dispatcher"])

        def on_end(self, event):
            pass

    same, other = entry(lambda x: x + 1), entry(lambda x: x + 2)
    at_once = threading.Barrier(4)

    def call(function):
        at_once.wait()
        returned.append(function(1))

    with event.install_listener("numba:compile", Listener()):
        threads = [threading.Thread(target=call, args=(function,)) for function in (same, same, other, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    folders.cache_folder.cache_clear()

    assert sorted(returned) == [2, 2, 3, 3]
    assert len(compiled) == len(set(compiled)) == 2


def test_a_thread_that_holds_the_lock_does_not_wait_for_itself(tmp_path):
    with lock.alone_in(tmp_path, pytest.fail), lock.alone_in(tmp_path, pytest.fail):
        pass
    with lock.alone_in(tmp_path, pytest.fail):
        pass


def test_a_holder_that_is_stuck_is_not_waited_for_without_end(monkeypatch, tmp_path, capsys):
    """Such as one that was stopped by Ctrl-Z."""
    monkeypatch.setattr(lock, "PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(lock, "LOOK_SECONDS", 0.01)
    went_on = []

    def other_thread():
        with lock.alone_in(tmp_path, say_that_it_waits):
            went_on.append(True)

    with lock.alone_in(tmp_path, pytest.fail):
        thread = threading.Thread(target=other_thread)
        thread.start()
        thread.join()

    assert went_on == [True]
    assert capsys.readouterr().err == f"{WAITS}\n"


def test_where_there_can_be_no_lock_it_goes_on_without(monkeypatch, tmp_path):
    def unsupported(file):
        raise OSError(95, "Operation not supported")

    with lock.alone_in(tmp_path / "missing", pytest.fail):
        pass
    monkeypatch.setattr(lock, "try_lock", unsupported)
    with lock.alone_in(tmp_path, pytest.fail):
        pass


def test_workers_end_with_the_process_that_waits_for_them(tmp_path):
    """They notice that nobody holds the other end of their input; here it is closed before they have begun."""
    worker = subprocess.run(
        [sys.executable, "-c", build.WORKER],
        input=f'{{"path": {list(map(str, sys.path))!r}, "tasks": ["train float32"], "folder": {str(tmp_path)!r}}}\n'.replace(
            "'", '"'
        ),
        text=True, capture_output=True, timeout=100, check=False,
    )  # fmt: skip

    assert worker.returncode == 1
    assert list(tmp_path.glob("run_steps*")) == []


def test_a_second_warm_up_has_nothing_to_do(capsys):
    first = gn.warm_up()
    capsys.readouterr()
    second = gn.warm_up()

    assert second.n_compiled == 0
    assert second.folders == first.folders == (folders.cache_folder(),)
    assert second.n_bytes == first.n_bytes > 1e6
    assert capsys.readouterr().err == ""


def test_a_warm_up_that_nobody_could_profit_from_is_an_error(monkeypatch):
    monkeypatch.setattr("glassnet.engines.cpu.warming.cache_folder", lambda: None)
    monkeypatch.setattr("glassnet.engines.cpu.warming.build.run_workers", lambda folder: None)

    with pytest.raises(gn.GlassnetError, match="no folder for it is writable; set the environment variable NUMBA_"):
        gn.warm_up()


@pytest.mark.parametrize(("found", "n_calls"), [(None, 0), ("run_steps.0.nbc", 0), ("lock", 1)])
def test_in_the_background_it_warms_up_where_nothing_is_compiled(monkeypatch, tmp_path, found, n_calls):
    """Without a folder there is nobody to profit from it; nothing is drawn between the lines of another thread."""
    calls = []
    monkeypatch.setattr(warming, "cache_folder", lambda: found and tmp_path)
    monkeypatch.setattr(warming, "folders_to_read", lambda: [tmp_path])
    monkeypatch.setattr(warming.build, "run_workers", lambda *given, **named: calls.append((given, named)))
    if found:
        (tmp_path / found).touch()

    warming.warm_up_if_cold()

    assert calls == [((tmp_path,), {"draws": False})] * n_calls


def test_without_workers_this_process_warms_up(monkeypatch):
    monkeypatch.setattr("glassnet.engines.cpu.warming.build.run_workers", lambda folder: None)
    done = gn.warm_up()

    assert done.n_bytes > 1e6
    assert done.folders == (folders.cache_folder(),)


GRID_SEARCH = """
import numpy as np, glassnet as gn
from sklearn.model_selection import GridSearchCV

X = np.random.default_rng(0).normal(size=(60, 3))
model = gn.GlassClassifier(hidden_layer_sizes=(4,), max_iter=3, random_state=0)
search = GridSearchCV(model, {"alpha": [1e-4, 1e-2]}, n_jobs=2, cv=2, pre_dispatch="all")
print(search.fit(X, X[:, 0] > 0).best_score_ >= 0)
"""

EVERYTHING_USUAL = """
import warnings
import numpy as np, pandas as pd, scipy.sparse, glassnet as gn

warnings.simplefilter("ignore")  # that so few epochs are not enough
rng = np.random.default_rng(0)
X = rng.normal(size=(120, 3))
y = X[:, 0] + 0.1 * rng.normal(size=120)
frame = pd.DataFrame(X, columns=["a", "b", "c"]).assign(d=rng.choice(["u", "v"], 120))

for dtype in ("float32", "float64"):
    for solver in ("sgd", "adam", "lbfgs"):
        network = gn.Network.create([3, 4, 1], hidden="tanh", output="identity", dtype=dtype, seed=0)
        gn.train(network, X, y[:, None], cost="squared_error", solver=solver, epochs=2, metric="r2", n_jobs=1)
    gn.train(network, X, y[:, None], cost="squared_error", epochs=2, clip=1.0, l1=0.1, l2=0.1, dropout=0.1, n_jobs=2,
             weights=np.ones(120), validation=(X, y[:, None]), batch_size=16, time_limit=5)
    gn.train(network, scipy.sparse.csr_array(X), y[:, None], cost="squared_error", epochs=2)
gn.train_many([{"network": network, "X": X, "Y": y[:, None], "cost": "squared_error", "epochs": 2}] * 3)

for preset in ("tabular", "plain"):
    for estimator, target in ((gn.GlassClassifier, y > 0), (gn.GlassRegressor, y)):
        for data in (frame, X.astype("float32"), X) if preset == "tabular" else (X,):
            model = estimator(preset=preset, max_iter=2, n_networks=2, random_state=0).fit(data, target)
            model.predict(data), model.predict(data[:1]), model.score(data, target)
            if estimator is gn.GlassClassifier:
                model.predict_proba(data)
            gn.explain(model.member(0), data[:1]).to_text()
        model.predictor().predict(X[0])
big = rng.normal(size=(1500, 6))
gn.GlassRegressor(max_iter=2, random_state=0).fit(big, big[:, 0] * big[:, 1]).predict(big.astype("float32"))
gn.GlassClassifier(max_iter=2, random_state=0, early_stopping=True).fit(scipy.sparse.csr_array(X), y > 0)
"""


@pytest.fixture
def usual(tmp_path):
    """A folder with all the usual machine code, and nothing that other tests have compiled."""
    here = folders.cache_folder()
    with lock.alone_in(here, lambda: None):
        built = build.run_workers(here)
    folder = tmp_path / here.name
    folder.mkdir(mode=0o755)
    for path in built.paths:
        shutil.copy(path, folder)
    return folder


@pytest.mark.timeout(600)  # under `make bounds` everything is compiled, in two processes
def test_a_grid_search_compiles_once_and_nothing_is_left_for_later(tmp_path, usual):
    """One display, from one of the two workers; then everything usual runs without another.

    Missing is what both workers need first and what is soon compiled; under `make bounds` the folder is empty.
    """
    for path in usual.iterdir():
        if CHECKS_BOUNDS or path.name.startswith("lay_out_all."):
            path.unlink()

    def run(script):
        done = subprocess.run(
            [sys.executable, "-c", script],
            env=environment(tmp_path), capture_output=True, text=True, timeout=500, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done

    search = run(GRID_SEARCH)
    said = search.stderr.splitlines()

    assert search.stdout == "True\n"
    assert sum(bool(re.match(r"glassnet compiles its engine, once for this installation", line)) for line in said) == 1
    assert sum(bool(re.fullmatch(r"\.\.\. compiled in \d+\.\d s\.", line)) for line in said) == 1
    assert said.count(WAITS) <= 1
    assert len(said) == 2 + said.count(WAITS)
    assert run(EVERYTHING_USUAL).stderr == ""
