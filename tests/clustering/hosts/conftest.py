"""Hosts for the tests of a cluster, and processes on them."""

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from tests.clustering.hosts.network import PORT, Hosts, sweep
from tests.clustering.hosts.problem import trained
from tests.conftest import REQUIRE_ALL

ROOT = Path(__file__).parents[3]
DEADLINE = 120  # seconds


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(item.fspath).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.hosts)


@pytest.fixture(scope="session")
def hosts():
    """Four hosts, whose cables are in."""
    why = None
    if os.name != "posix" or os.geteuid() != 0:
        why = "network namespaces need root"
    elif shutil.which("ip") is None:
        why = "'ip' is not installed: network namespaces are made by iproute2"
    if why is not None:
        (pytest.fail if REQUIRE_ALL else pytest.skip)(why)
    sweep()
    hosts = Hosts(4)
    yield hosts
    hosts.close()


@pytest.fixture(scope="session")
def unbroken():
    """The weights after a training in one process, by precision."""
    return {dtype: trained(dtype).network.theta for dtype in ("float32", "float64")}


def environment():
    return {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", "JAX_PLATFORMS": "cpu"}


class Group:
    """The processes of a cluster, one on each host."""

    def __init__(self, hosts, folder, world, *dtypes, heartbeat=60, host="10.77.0.1", saves=True):
        self.folder = folder
        self.processes = []
        for rank in range(world):
            address = f"jax://{host}:{PORT}?rank={rank}&world={world}"
            how = address, str(heartbeat), str(folder), "saves" if saves else "forgets", *dtypes
            words = sys.executable, "-m", "tests.clustering.hosts.worker", *how
            with (folder / f"{rank}.out").open("w") as out, (folder / f"{rank}.err").open("w") as err:
                self.processes.append(
                    subprocess.Popen(hosts.command(rank, *words), cwd=ROOT, env=environment(), stdout=out, stderr=err)
                )

    def until(self, happened):
        """Wait until something has happened; fail if a process ends before, or after a deadline."""
        end = time.monotonic() + DEADLINE
        while not happened():
            for process in self.processes:
                assert process.poll() is None, self.said()
            assert time.monotonic() < end, self.said()
            try:
                self.processes[0].wait(0.02)
            except subprocess.TimeoutExpired:
                continue

    def until_within_an_epoch(self):
        self.until(lambda: (self.folder / "float32.partway").exists() and (self.folder / "float32.ckpt").exists())

    def codes(self, deadline=DEADLINE):
        """Return the exit codes of all processes."""
        end = time.monotonic() + deadline
        try:
            return [process.wait(max(0.1, end - time.monotonic())) for process in self.processes]
        except subprocess.TimeoutExpired:
            pytest.fail(self.said())

    def said(self):
        return "\n".join(f"== {path.name}\n{path.read_text()}" for path in sorted(self.folder.glob("*.[oe][ur][tr]")))

    def weights(self, dtype="float32"):
        return np.load(self.folder / f"{dtype}.npy")

    def close(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()


@pytest.fixture
def start(hosts, tmp_path):
    """`start(world, dtype, ...)` starts a process on each of the first hosts."""
    groups = []

    def started(world, *dtypes, **options):
        groups.append(Group(hosts, tmp_path, world, *(dtypes or ["float32"]), **options))
        return groups[-1]

    yield started
    for group in groups:
        group.close()


@pytest.fixture
def run_on(hosts):
    """`run_on([(host, words), ...])` runs commands side by side, and returns how they ended."""

    def run(commands, cwd=ROOT):
        def one(command):
            host, words = command
            given = hosts.command(host, *map(str, words))
            return subprocess.run(
                given, cwd=cwd, env=environment(), capture_output=True, text=True, timeout=DEADLINE, check=False
            )

        with ThreadPoolExecutor(len(commands)) as pool:
            return list(pool.map(one, commands))

    return run
