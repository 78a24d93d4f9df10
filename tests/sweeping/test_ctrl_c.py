"""Ctrl-C while a sweep waits for its candidates: the signal itself, in a process of its own."""

import signal
import subprocess
import sys

import numpy as np
from tests.sweeping.test_sweep import SPACE, found, swept, table

SWEEPING = """
from dataclasses import replace

import numpy as np

import glassnet as gn
from glassnet.errors import TrainingInterrupted
from glassnet.sweeping import crew

do = crew.do


def endless(rows, job):
    if job.number < 3:
        return do(rows, job)
    print("endless", flush=True)
    return do(rows, replace(job, parameters={**job.parameters, "max_iter": 10**9}))


crew.do = endless
data = np.load("table.npz")
try:
    gn.sweep(gn.GlassClassifier(early_stopping=True), data["X"], data["y"], space=SPACE, trials=5, batch=3, folds=1,
             pruner="none", n_jobs=1, refit=False, storage="sweep.db")
except TrainingInterrupted as end:
    print(end, end.result.stopped, sep="|")
"""


def test_a_signal_ends_a_candidate_and_keeps_those_before_it(tmp_path):
    X, y = table()
    np.savez(tmp_path / "table.npz", X=X, y=y)
    command = [sys.executable, "-c", SWEEPING.replace("SPACE", repr(SPACE))]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout.readline() == "endless\n"
        child.send_signal(signal.SIGINT)
        told = child.stdout.read()

    assert child.returncode == 0
    assert told == "interrupted after 3 candidates of the sweep|Interrupted after 3 candidates.\n"
    options = {"trials": 5, "batch": 3, "pruner": "none"}
    again = swept(storage=tmp_path / "sweep.db", **options)
    assert again.n_resumed == 3
    assert found(again) == found(swept(**options))
