"""Ctrl-C between any two lines, of the loop and of writing a checkpoint: the next call ends with the same bits."""

import sys

import numpy as np
import pytest
from tests.training.interrupting import InterruptAt

import glassnet as gn
from glassnet.engines import seeding
from glassnet.training import checkpoints, history, run, run_state
from glassnet.training import train as train_module
from glassnet.training.loop import early_stopping, epoch_batcher, listeners, recorder
from glassnet.training.saving import checkpoint_file, content, generators, task

BCE = "binary_cross_entropy"
TRACED = {
    module.__file__
    for module in (
        checkpoint_file, checkpoints, content, early_stopping, epoch_batcher, generators, history, listeners,
        recorder, run, run_state, seeding, task, train_module,
    )
}  # fmt: skip


def is_interrupted_at(n, work):
    tracer, before = InterruptAt(n, TRACED), sys.gettrace()
    sys.settrace(tracer)
    try:
        work()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return tracer.left <= 0


@pytest.mark.parametrize(
    "options",
    [
        {"schedule": "adaptive", "patience": 1, "tolerance": 0.05, "kept_states": 2},
        {"validated": True, "patience": 3, "snapshots": 1, "callback": lambda record, network: record.epoch == 5},
    ],
    ids=["adaptive", "validated, stopped by a callback"],
)
def test_between_any_two_lines(options, binary, start, tmp_path):
    X, Y = binary
    settings = {"cost": BCE, "epochs": 6, "learning_rate": 0.05, **options}
    if settings.pop("validated", False):
        settings["validation"] = (X[80:], Y[80:])

    def train(**checkpoint):
        return gn.train(start(), X[:80], Y[:80], **settings, **checkpoint)

    whole = train()
    n, tried = 1, 0
    while True:
        place = tmp_path / f"{n}.ckpt"
        if not is_interrupted_at(n, lambda: train(checkpoint=place, checkpoint_every=0)):  # noqa: B023
            break
        result = train(checkpoint=place, checkpoint_every=0)
        np.testing.assert_array_equal(result.network.theta, whole.network.theta)
        np.testing.assert_array_equal(result.state.solver.m, whole.state.solver.m)
        np.testing.assert_array_equal(result.history["cost"], whole.history["cost"])
        assert result.history.stop_reason == whole.history.stop_reason
        assert result.recording.factors == whole.recording.factors
        place.unlink()
        assert not [path.name for path in tmp_path.iterdir() if path.suffix != ".lock"]
        n, tried = n + 17 + n // 60, tried + 1
    assert tried > 60
