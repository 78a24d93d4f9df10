"""kill -9 at random moments of a sweep: run again, it ends with the same trials as if never killed.

A case draws a sweep, runs it to its end in memory, and then in processes that are killed, each at a random moment,
until one of them comes to its end. No trial may be lost, doubled or have another score.
"""

import random
import sqlite3
import tempfile
import time
import warnings
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from fuzz.child import run_cases
from fuzz.kills import killed
from fuzz.tally import Tally

SECONDS = 120.0  # a case is many trainings
KILLS = 20
N_ROWS = 150


def run(n: int, seed: int, *, few: bool = False) -> Tally:
    """Kill the processes of `n` sweeps, each up to twenty times."""
    target = "try_a_few" if few else "try_sweeps"
    return run_cases("sweeps", f"fuzz.sweeps:{target}", n, seed, seconds=SECONDS)


def prepare() -> None:
    """Import and compile what every case needs."""
    _sweep(_drawn(random.Random(0)), None)


def try_a_few(seed: int, case: int) -> str:
    """Kill one sweep a few times."""
    return try_sweeps(seed, case, kills=4)


def try_sweeps(seed: int, case: int, kills: int = KILLS) -> str:
    """Kill and go on with one sweep, and return how often it was killed."""
    rng = random.Random(f"{seed} {case}")
    options = _drawn(rng)
    with tempfile.TemporaryDirectory(dir=".") as folder:
        place = Path(folder) / "sweep.db"
        started = time.monotonic()
        whole = _sweep(options, Path(folder) / "whole.db")
        duration = time.monotonic() - started
        n_kills = 0
        for _ in range(kills):
            # most of the moments lie in the first half, so that many kills are needed to come to the end
            n_kills += killed(lambda: _sweep(options, place), rng.uniform(0.0, 0.5 * duration))
            if place.exists():
                check_numbers(place, options["trials"])
        result = _sweep(options, place)
        check_same(result, whole)
        check_numbers(place, options["trials"], finished=options["trials"])
        left = sorted(path.name for path in Path(folder).iterdir())
        assert left == ["sweep.db", "whole.db"], f"left {left}"
    return "the same trials after the last kill" if n_kills else "done before it could be killed"


def check_numbers(place: Path, n_trials: int, finished: int | None = None) -> None:
    """Check in the database itself that no trial is doubled, and how many have ended."""
    with closing(sqlite3.connect(place)) as connection:
        rows = connection.execute("SELECT number, state FROM trials ORDER BY number").fetchall()
    assert [number for number, _ in rows] == list(range(len(rows))), f"numbers {rows}"
    assert len(rows) <= n_trials, f"{len(rows)} trials"
    if finished is not None:
        states = [state for _, state in rows]
        assert len(states) == finished, f"{len(states)} trials"
        assert not {"RUNNING", "WAITING"} & set(states), f"states {states}"


def check_same(result: Any, whole: Any) -> None:
    """Check that two sweeps have found the same, seconds aside."""
    assert len(result.trials) == len(whole.trials), f"{len(result.trials)} trials"
    for mine, other in zip(result.trials, whole.trials, strict=True):
        for name in ("number", "state", "parameters", "score", "scores", "epochs", "why"):
            assert getattr(mine, name) == getattr(other, name), f"trial {mine.number}: another {name}"


def _sweep(options: dict[str, Any], storage: Path | None) -> Any:
    import glassnet as gn

    numbers = np.random.default_rng(0)
    X = numbers.normal(size=(N_ROWS, 3))
    y = np.where(X[:, 0] + X[:, 1] ** 2 + 0.3 * numbers.normal(size=N_ROWS) > 0.8, "yes", "no")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return gn.sweep(gn.GlassClassifier(), X, y, storage=storage, refit=False, n_jobs=1, **options)


def _drawn(rng: random.Random) -> dict[str, Any]:
    """Return the settings of a sweep that takes about a second."""
    return {
        "space": {
            "hidden_layer_sizes": {"layers": [1, 2], "width": {"low": 4, "high": 16}},
            "learning_rate_init": {"low": 1e-3, "high": 0.1, "log": True},
            "activation": ["silu", "relu"],
            "max_iter": rng.choice([3, 9, 18]),
        },
        "trials": rng.choice([8, 13, 20]),
        "batch": rng.choice([3, 6]),
        "folds": rng.choice([1, 2]),
        "sampler": rng.choice(["tpe", "random"]),
        "pruner": rng.choice(["halving", "none"]),
        "seed": rng.randrange(1000),
    }
