"""kill -9 hits a script with several threads in the middle of its training; the next one resumes it."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import glassnet as gn
from glassnet.training.saving.content import read_content

SCRIPT = """
import sys
import numpy as np
import glassnet as gn
rng = np.random.default_rng(0)
X = rng.normal(size=(2000, 20)); Y = (X[:, :1] > 0) * 1.0
net = gn.Network.create([20, 64, 32, 1], hidden="tanh", seed=0)
result = gn.train(
    net, X, Y, cost="binary_cross_entropy", epochs=100, batch_size=256, dropout=0.1, n_jobs=2,
    checkpoint=sys.argv[1] or None, checkpoint_every=0,
)
np.save(sys.argv[2], result.network.theta)
"""


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_a_script_is_killed_and_started_again(tmp_path):
    place = tmp_path / "run.ckpt"

    def start(checkpoint, result):
        return subprocess.Popen([sys.executable, "-c", SCRIPT, checkpoint, tmp_path / result])

    whole = start("", "whole.npy")
    killed = start(place, "killed.npy")
    try:
        while killed.poll() is None and not (place.exists() and read_content(place).record.run.n_epochs):
            time.sleep(0.01)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert not (tmp_path / "killed.npy").exists(), "too late"
        epochs = read_content(place).record.run.n_epochs
        again = start(place, "again.npy")
        assert (whole.wait(), again.wait()) == (0, 0)
    finally:
        for process in (whole, killed):
            process.kill()
            process.wait()

    assert 0 < epochs < 100
    expected = np.load(tmp_path / "whole.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "again.npy"), expected)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2000, 20))
    np.testing.assert_array_equal(gn.resume(place, X, (X[:, :1] > 0) * 1.0).network.theta, expected)
    assert not [path for path in tmp_path.iterdir() if ".part" in path.name or path.suffix == ".lock"]
