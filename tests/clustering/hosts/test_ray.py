"""Ray starts a training, starts it again when a worker is killed, and goes on in another driver."""

import os
import secrets
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("ray.train")

ROOT = Path(__file__).parents[3]


@pytest.fixture
def ray_cluster(hosts):
    """Ray on the first host, as `run(*words)`: its address is none of the machine's, and its files and its token vanish.

    Ray gives 127.0.0.1 the host's outward address, so it is only started where no address leads outward.
    """
    with tempfile.TemporaryDirectory(prefix="ray") as name:  # sockets have short paths only
        folder = Path(name)
        token = folder / "token"
        token.touch(mode=0o600)
        token.write_text(secrets.token_hex(32))
        environment = {
            **os.environ,
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "JAX_PLATFORMS": "cpu",
            "HOME": name,
            "RAY_TMPDIR": name,
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN_PATH": str(token),
            "RAY_ADDRESS": f"{hosts.address(0)}:6379",
            "RAY_USAGE_STATS_ENABLED": "0",
        }

        def run(*words):
            command = hosts.command(0, *words)
            return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)

        try:
            starter = Path(sys.executable).with_name("ray")
            head = ("--head", f"--node-ip-address={hosts.address(0)}", "--num-cpus=2", "--include-dashboard=false")
            started = run(str(starter), "start", *head, "--disable-usage-stats", "--object-store-memory=100000000")
            assert started.returncode == 0, started.stdout + started.stderr
            yield run
        finally:
            inside = subprocess.run(["ip", "netns", "pids", hosts.namespace(0)], capture_output=True, text=True)
            for pid in inside.stdout.split():
                os.kill(int(pid), signal.SIGKILL)


@pytest.mark.timeout(600)
def test_ray_goes_on_after_killed_workers_and_in_another_driver(ray_cluster, unbroken, tmp_path):
    """The first driver may lose one worker, and loses two; the second one names the same storage and the same run."""
    driver = (sys.executable, "-m", "tests.clustering.hosts.ray_driver", str(tmp_path))
    first = ray_cluster(*driver, "by-address")

    assert first.returncode == 1, first.stdout + first.stderr
    assert "failed on Ray more often than max_failures=1 allows" in first.stdout
    assert "The same command continues from the last checkpoint." in first.stdout
    second = ray_cluster(*driver, "by-records")
    assert second.returncode == 0, second.stdout + second.stderr
    assert second.stdout == "trained by 2\n"
    begun = [int((tmp_path / f"attempt-{k}").read_text()) for k in range(3)]
    assert begun == [1, 2, 3]  # the first epoch that ended in each attempt
    assert (np.load(tmp_path / "theta.npy") == unbroken["float32"]).all()
