"""A sweep in tasks on a Ray cluster, ``ray_sweep.py FOLDER``: one worker is killed, and the trials must be the same."""

import os
import sys
from pathlib import Path

import numpy as np

import glassnet as gn
from glassnet.sweeping.ray_tasks import RayExecutor

SPACE = {"hidden_layer_sizes": [[4], [8]], "learning_rate_init": {"low": 1e-3, "high": 0.2, "log": True}, "max_iter": 9}


class Killing(RayExecutor):
    """Kills the worker of the first task, once."""

    folder = Path()

    def submit(self, fn, /, *given):
        return super().submit(die_once_and_do, str(self.folder / "killed"), fn, *given)


def die_once_and_do(path, fn, *given):
    """Kill this worker unless one was killed already, else do the task."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        import ray

        return fn(*(ray.get(each) if isinstance(each, ray.ObjectRef) else each for each in given))
    os._exit(9)


def swept(executor):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 2))
    y = np.where(X[:, 0] > 0, "yes", "no")
    result = gn.sweep(
        gn.GlassClassifier(), X, y, space=SPACE, trials=8, batch=4, folds=1, refit=False, executor=executor
    )
    return [(trial.state, trial.parameters, trial.scores, trial.epochs) for trial in result.trials]


def main(folder):
    Killing.folder = Path(folder)
    with Killing("local", workers=2) as executor:
        found = swept(executor)
    assert (Killing.folder / "killed").exists()
    assert found == swept(None)
    print("the same trials")


if __name__ == "__main__":
    main(*sys.argv[1:])
