"""The neighbor of measured processes."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
KILLED = """
import os, signal
from benchmarks.speed.processes.neighbor import neighbors
with neighbors(2):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_neighbors_of_a_killed_measurement_end():
    """They have its stdout, too, so that its end shows theirs."""
    done = subprocess.run([sys.executable, "-c", KILLED], cwd=ROOT, stdout=subprocess.PIPE, timeout=60)
    assert done.returncode == -9
