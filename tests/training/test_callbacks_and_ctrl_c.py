"""A callback sees every epoch and may stop the run; Ctrl-C ends it with a network that can be used."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import glassnet as gn
from glassnet.errors import TrainingInterrupted

BCE = "binary_cross_entropy"
SOLVERS = ["adam", "lbfgs"]


@pytest.mark.parametrize("solver", SOLVERS)
def test_it_is_given_each_record_and_the_network_after_it(solver, binary, start):
    seen = []
    result = gn.train(
        start(), *binary, cost=BCE, solver=solver, epochs=4, callback=lambda *given: seen.append(given) and None
    )

    assert [record for record, _ in seen] == list(result.history)
    np.testing.assert_array_equal(seen[-1][1].theta, result.network.theta)
    assert not np.array_equal(seen[0][1].theta, seen[1][1].theta)  # each its own, not one that changes behind its back
    assert seen[0][1].sizes == (4, 5, 1)


@pytest.mark.parametrize("solver", SOLVERS)
def test_it_stops_the_run_by_true(solver, binary, start):
    seen = []

    def third(record, network):
        seen.append(network.theta)
        return record.epoch == 3

    result = gn.train(start(), *binary, cost=BCE, solver=solver, epochs=20, callback=third)

    assert (len(result.history), result.history.stopped, result.history.best_epoch) == (3, "callback", 3)
    assert result.history.stop_reason == "the callback asked to stop after epoch 3"
    np.testing.assert_array_equal(result.network.theta, seen[-1])


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("validated", [False, True])
def test_ctrl_c_keeps_the_best_so_far(solver, validated, binary, start):
    X, Y = binary
    seen = []

    def interrupt(record, network):
        seen.append((record, network.theta))
        if record.epoch == 4:
            raise KeyboardInterrupt

    options = dict(validation=(X[80:], Y[80:])) if validated else {}
    with pytest.raises(TrainingInterrupted, match="interrupted after 4 epochs; the best network so far is kept") as end:
        gn.train(
            start(), X[:80], Y[:80], cost=BCE, solver=solver, epochs=20, callback=interrupt, learning_rate=0.05,
            **options,
        )  # fmt: skip
    result = end.value.result

    best = 1 + int(np.argmin([record.validation_cost for record, _ in seen])) if validated else 4
    assert (len(result.history), result.history.stopped, result.history.best_epoch) == (4, "interrupted", best)
    assert result.history.stop_reason == "interrupted after 4 epochs; the best network so far is kept"
    np.testing.assert_array_equal(result.network.theta, seen[best - 1][1])


def test_other_errors_of_a_callback_come_through(binary, start):
    def broken(record, network):
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        gn.train(start(), *binary, cost=BCE, epochs=2, callback=broken)


SCRIPT = """
import numpy as np, glassnet as gn
rng = np.random.default_rng(0)
X = rng.normal(size=(500, 4)); Y = (X[:, :1] > 0) * 1.0
net = gn.Network.create([4, 8, 1], hidden="tanh", seed=0)
def tell(record, network):
    if record.epoch == 2:
        print("running", flush=True)
try:
    gn.train(net, X, Y, cost="binary_cross_entropy", epochs=10**6, callback=tell)
except KeyboardInterrupt as end:
    result = end.result
history = result.history
outputs = gn.forward(result.network, X).A[-1]
print(history.stopped, len(history) >= 2, history.best_epoch == len(history), bool(np.isfinite(outputs).all()))
"""


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_a_real_signal_ends_a_real_process():
    """What a person does: Ctrl-C in the middle of an epoch; the script goes on with the network."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline() == "running\n"
        time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()

    assert (out, err, process.returncode) == ("interrupted True True True\n", "", 0)
