"""A sweep on a Ray cluster with a worker that is killed."""

import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

pytest.importorskip("ray")
ROOT = Path(__file__).parents[3]


@pytest.mark.timeout(600)
def test_a_sweep_in_ray_tasks_is_the_same_after_a_kill(hosts, tmp_path):
    """Ray starts on a host without a way outward, as it gives 127.0.0.1 the machine's outward address."""
    with tempfile.TemporaryDirectory(prefix="ray") as name:  # sockets have short paths only
        token = Path(name) / "token"
        token.touch(mode=0o600)
        token.write_text(secrets.token_hex(32))
        environment = {
            **os.environ,
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "HOME": name,
            "RAY_TMPDIR": name,
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN_PATH": str(token),
            "RAY_USAGE_STATS_ENABLED": "0",
        }
        words = hosts.command(0, sys.executable, "-m", "tests.clustering.hosts.ray_sweep", str(tmp_path))
        run = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True)

    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.splitlines()[-1] == "the same trials"
