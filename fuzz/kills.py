"""kill -9 at random moments of runs that write checkpoints: resumed, they end with the same bits as if never killed.

A case draws a run, trains it to its end, and then trains it again in processes that are killed, each at a random
moment, until one of them comes to its end. A short run with a checkpoint after every call of the engine spends most of
its time in writing them, so that most kills hit a write.
"""

import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from fuzz.child import run_cases
from fuzz.tally import Tally

SECONDS = 30.0  # a case is several trainings
MOST_KILLS = 4

MINIBATCH = ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "nadam"]
FULL_BATCH = ["gd", "rprop", "lbfgs"]
N_ROWS = 120


def run(n: int, seed: int) -> Tally:
    """Kill the processes of `n` runs."""
    return run_cases("kills", "fuzz.kills:try_kills", n, seed, seconds=SECONDS)


def prepare() -> None:
    """Import and compile what every case needs."""
    for case in range(12):
        network, X, Y, options = _drawn(random.Random(case))
        _train(network, X, Y, {**options, "epochs": 1})


def try_kills(seed: int, case: int) -> str:
    """Kill and resume one run, and return how often it was killed."""
    import glassnet as gn

    rng = random.Random(f"{seed} {case}")
    network, X, Y, options = _drawn(rng)
    data = {"validation": options["validation"], "weights": options["weights"]}
    with tempfile.TemporaryDirectory(dir=".") as folder:
        place = Path(folder) / "run.ckpt"
        started = time.monotonic()
        whole = _train(network, X, Y, options, checkpoint=Path(folder) / "whole.ckpt")
        duration = time.monotonic() - started

        def go_on() -> Any:
            if place.exists() and rng.random() < 0.7:  # by either way
                return gn.resume(place, X, Y, n_jobs=1, checkpoint_every=0, **data)
            return _train(network, X, Y, options, checkpoint=place)

        kills = sum(killed(go_on, rng.uniform(0.0, duration)) for _ in range(rng.randint(1, MOST_KILLS)))
        epochs = _epochs_in(place)
        _check_same(go_on(), whole)
        left = sorted(path.name for path in Path(folder).iterdir())
        assert left == ["run.ckpt", "whole.ckpt"], f"left {left}"
    if kills == 0:
        return "done before they could be killed"
    when = "before the first epoch" if epochs == 0 else "at its end" if epochs == len(whole.history) else "on the way"
    return f"bit-identical after the last kill came {when}"


def killed(work: Callable[[], Any], seconds: float) -> bool:
    """Do some work in a process and kill it after so many seconds; return whether it was still at work."""
    process = os.fork()
    if process == 0:
        try:
            work()
            os._exit(0)
        except BaseException as error:
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
            os._exit(1)
    time.sleep(seconds)
    os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    if os.WIFEXITED(status):
        assert os.WEXITSTATUS(status) == 0, "a killed run could not be continued by the next process"
        return False
    return True


def _epochs_in(place: Path) -> int:
    """Return how many epochs a checkpoint holds; whatever was killed, it can be read."""
    from glassnet.training.saving.content import read_content

    return read_content(place).record.run.n_epochs if place.exists() else 0


def _train(network: Any, X: Any, Y: Any, options: dict[str, Any], **checkpoint: Any) -> Any:
    import glassnet as gn

    every = {"checkpoint_every": 0} if checkpoint else {}
    return gn.train(network, X, Y, cost="cross_entropy", n_jobs=1, **options, **checkpoint, **every)


def _check_same(resumed: Any, whole: Any) -> None:
    """Check parameters, solver memory and history, seconds aside."""
    assert (resumed.network.theta == whole.network.theta).all(), "other parameters"
    assert resumed.state.step == whole.state.step, "another step"
    for mine, other in zip(resumed.state.solver, whole.state.solver, strict=True):
        assert np.array_equal(mine, other), "another memory of the solver"
    for name in ("cost", "penalty", "metric", "validation_cost", "validation_metric", "learning_rate", "gradient_norm"):
        assert np.array_equal(resumed.history[name], whole.history[name], equal_nan=True), f"another {name}"
    assert resumed.history.stop_reason == whole.history.stop_reason, "another end"
    assert resumed.history.best_epoch == whole.history.best_epoch, "another best epoch"
    assert resumed.history.snapshots.keys() == whole.history.snapshots.keys(), "other snapshots"
    for epoch, theta in resumed.history.snapshots.items():
        assert np.array_equal(theta, whole.history.snapshots[epoch]), "other snapshots"
    middle = max(1, len(whole.history) // 2)
    if len(whole.history) and whole.recording is not None:
        assert np.array_equal(resumed.at(epoch=middle).state.theta, whole.at(epoch=middle).state.theta), "other replay"


def _drawn(rng: random.Random) -> tuple[Any, Any, Any, dict[str, Any]]:
    """Return network, data and settings of a run that takes some tenths of a second."""
    import glassnet as gn

    numbers = np.random.default_rng(rng.randrange(1000))
    X = numbers.normal(size=(N_ROWS, 4))
    Y = np.eye(3)[np.digitize(X[:, 0] + X[:, 1] ** 2, [0.3, 1.4])]
    full = rng.random() < 0.2
    validated = rng.random() < 0.5
    schedule = rng.choice(["constant", "cosine", "inverse", "adaptive"])
    options = {
        "solver": rng.choice(FULL_BATCH if full else MINIBATCH),
        "epochs": rng.choice([5, 30, 100]),
        "batch_size": None if full else rng.choice([8, 32, N_ROWS]),
        "schedule": schedule,
        "dropout": 0.0 if full else rng.choice([0.0, 0.3]),  # L-BFGS takes none
        "l2": rng.choice([0.0, 1e-2]),
        "weights": rng.choice([None, np.linspace(0.5, 1.5, N_ROWS)]),
        "validation": (X[:40], Y[:40]) if validated else None,
        "patience": rng.choice([3, 10]) if schedule == "adaptive" else rng.choice([None, 10]),
        "tolerance": rng.choice([0.0, 1e-3]),
        "shuffle": rng.random() < 0.8,
        "snapshots": rng.choice([0, 1, 7]),
        "kept_states": rng.choice([0, 3]),
        "engine": rng.choice(["cpu", "cpu", "reference"]),
        "seed": rng.randrange(1000),
    }
    network = gn.Network.create(
        [4, rng.choice([8, 64]), 3], hidden="tanh", output="softmax", seed=rng.randrange(1000),
        dtype=rng.choice(["float32", "float64"]),
    )  # fmt: skip
    return network, X, Y, options
