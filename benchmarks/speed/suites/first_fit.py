"""The first fit of a fresh process: iris, 100 epochs, imports included, with compiled code on disk and without.

The compiled code of glassnet goes to folders of the benchmark's own (NUMBA_CACHE_DIR): a new one for each cold start,
and the one of the first cold start for all warm ones. Nothing else differs.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from sklearn.datasets import load_iris

from benchmarks.speed.options import Options
from benchmarks.speed.processes.roster import version_of
from benchmarks.speed.processes.worker import FAILED, MISSING, reason_of
from benchmarks.speed.reporting.summary import OURS
from benchmarks.speed.suites.steps import OK, OTHER_WORK

FOLDER = Path(__file__).parents[1] / "first_fit"
SCRIPTS = {
    "gn.train": ("glassnet_train.py", "glassnet", "numba"),
    "GlassClassifier": ("glass_classifier.py", "glassnet", "numba"),
    "scikit-learn": ("scikit_learn.py", "scikit-learn", None),
    "PyTorch": ("pytorch.py", "PyTorch", "torch"),
}
LEAST_ACCURACY = 0.9
COLD_STARTS = 2


def measure(options: Options) -> dict[str, dict[str, Any]]:
    """Time all scripts: cold where there is something to compile, then warm, interleaved."""
    table = load_iris()
    data = options.folder / "iris.npz"
    np.savez(data, X=table.data.astype(np.float32), y=table.target)
    results: dict[str, dict[str, Any]] = {}
    ready: list[str] = []
    for name, (script, contender, package) in SCRIPTS.items():
        if contender not in options.contenders:
            continue
        options.say(f"first fit: {name}")
        if package and version_of(package) is None:
            results[name] = {"status": MISSING, "reason": f"{package} is not installed"}
            continue
        try:
            starts = COLD_STARTS if contender == OURS else 1  # the others have nothing to compile: files read once
            cold = [run(script, data, options.folder / f"cache-{script}-{n}")[0] for n in range(starts)]
            _, accuracy = run(script, data, options.folder / f"cache-{script}-0")
        except RuntimeError as error:
            results[name] = {"status": FAILED, "reason": reason_of(error)}
            continue
        results[name] = {"status": OK, "accuracy": accuracy, "seconds": []}
        if contender == OURS:
            results[name] |= {"cold_seconds": cold, "cold_median_seconds": median(cold)}
        if accuracy < LEAST_ACCURACY:
            results[name] |= {"status": OTHER_WORK, "reason": f"only {accuracy:.0%} right"}
        else:
            ready.append(name)
    for _ in range(options.repeats):
        for name in ready:
            script = SCRIPTS[name][0]
            results[name]["seconds"].append(run(script, data, options.folder / f"cache-{script}-0")[0])
    for name in ready:
        results[name]["median_seconds"] = median(results[name]["seconds"])
    return results


def run(script: str, data: Path, cache: Path) -> tuple[float, float]:
    """Run a script in a fresh process; return its seconds and the share of right answers that it prints."""
    environment = os.environ | {"NUMBA_CACHE_DIR": str(cache)}
    command = [sys.executable, str(FOLDER / script), str(data)]
    start = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["no message"])[-1])
    return seconds, float(done.stdout)
