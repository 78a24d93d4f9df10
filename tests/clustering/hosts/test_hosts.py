"""Trainings on several hosts end in the weights of one process, whatever happens on the way.

The hosts are network namespaces, on each of which the machine's name means 127.0.1.1.
"""

import json
import signal
import socket
import sys
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest
from tests.clustering.hosts.network import PORT

import glassnet as gn

TOLERANCE = {"float32": 1e-6, "float64": 1e-12}


@pytest.mark.parametrize(("world", "host"), [(2, "host-0"), (4, "10.77.0.1")])
def test_hosts_train_as_one(start, unbroken, world, host):
    """The host of rank 0 may be called by its name, which means 127.0.1.1 on itself."""
    group = start(world, "float32", "float64", host=host, saves=False)

    assert group.codes() == [0] * world, group.said()
    for dtype, theta in unbroken.items():
        assert np.abs(group.weights(dtype) - theta).max() <= TOLERANCE[dtype]
        assert (group.weights(dtype) == theta).all()  # which lanes promise beyond that
    for rank in range(world):
        assert (group.folder / f"{rank}.out").read_text() == f"joined as {rank}\n"  # gloo greets elsewhere


@pytest.mark.parametrize("victim", [1, 0])
def test_a_killed_process_ends_the_others_at_once_and_a_restart_continues(start, unbroken, victim):
    """Rank 0 is JAX's coordinator. The heartbeat is longer than the test waits, so nothing hangs until it."""
    group = start(2, heartbeat=600)
    group.until_within_an_epoch()
    group.processes[victim].kill()
    codes = group.codes(60)

    assert codes[victim] == -signal.SIGKILL
    assert codes[1 - victim] in (75, -signal.SIGABRT), group.said()
    if victim == 1:
        assert codes[0] == 75
        assert "start all processes again to continue" in (group.folder / "0.err").read_text()
    again = start(2)
    assert again.codes() == [0, 0], again.said()
    assert (again.weights() == unbroken["float32"]).all()


def test_a_cut_link_ends_all_after_the_heartbeat_and_a_restart_continues(start, hosts, unbroken):
    group = start(2, heartbeat=4)
    group.until_within_an_epoch()
    hosts.cut(1)
    try:
        codes = group.codes(60)
    finally:
        hosts.mend(1)

    assert set(codes) <= {75, -signal.SIGABRT}, group.said()
    again = start(2)
    assert again.codes() == [0, 0], again.said()
    assert (again.weights() == unbroken["float32"]).all()


def test_sigterm_stops_all_at_one_step_and_more_hosts_continue(start, unbroken):
    """JAX's preemption notifier would take the signal for itself, and the training would go on to its end."""
    group = start(2)
    group.until_within_an_epoch()
    group.processes[1].send_signal(signal.SIGTERM)

    assert group.codes(60) == [75, 75], group.said()
    ends = [(group.folder / f"{rank}.out").read_text().splitlines()[-1] for rank in range(2)]
    assert ends[0] == ends[1]
    assert ends[0].startswith("training was asked to stop, and has stopped after step ")
    more = start(3)
    assert more.codes() == [0, 0, 0], more.said()
    assert (more.weights() == unbroken["float32"]).all()


def test_fewer_hosts_continue_without_the_coordinator(start, unbroken):
    group = start(3)
    group.until_within_an_epoch()
    group.processes[0].kill()
    group.codes(60)
    fewer = start(2)

    assert fewer.codes() == [0, 0], fewer.said()
    assert (fewer.weights() == unbroken["float32"]).all()


def test_the_coordinator_listens_on_the_address_that_it_is_called_by(start):
    """JAX would let it listen on all addresses, without authentication."""
    group = start(2)
    group.until_within_an_epoch()
    listening = []
    for name in ("tcp", "tcp6"):
        for line in Path(f"/proc/{group.processes[0].pid}/net/{name}").read_text().splitlines()[1:]:
            local, _, state = line.split()[1:4]
            address, port = local.split(":")
            if state == "0A" and int(port, 16) == PORT:
                listening.append(socket.inet_ntoa(bytes.fromhex(address[-8:])[::-1]))  # 0.0.0.0 for all of IPv6

    assert listening == ["10.77.0.1"]


def test_the_command_trains_on_shards_and_keeps_stdout_for_its_result(run_on, tmp_path):
    """Two hosts, and MPI between two processes of one host, save the model that one process saves."""
    shards(tmp_path)
    command = (
        *("-m", "glassnet", "train", f"{tmp_path}/shard-*.parquet", "--target", "y", "--epochs", "3", "--json"),
        *("--hidden", "8", "--lanes", "4"),
    )
    alone = run_on([(0, (sys.executable, *command, "--cluster", "local", "--output", f"{tmp_path}/local.glassnet"))])
    two = run_on(
        [
            (
                k,
                (
                    sys.executable,
                    *command,
                    "--output",
                    f"{tmp_path}/jax.glassnet",
                    "--cluster",
                    f"jax://10.77.0.1:{PORT}?rank={k}&world=2",
                ),
            )
            for k in range(2)
        ]
    )
    mpiexec = Path(sys.executable).with_name("mpiexec")
    mpi = run_on(
        [
            (
                0,
                (
                    mpiexec,
                    "-n",
                    "2",
                    sys.executable,
                    *command,
                    "--cluster",
                    "mpi?world=2",
                    "--output",
                    f"{tmp_path}/mpi.glassnet",
                ),
            )
        ]
    )

    assert [found.returncode for found in (*alone, *two, *mpi)] == [0, 0, 0, 0], [
        found.stderr for found in (*two, *mpi)
    ]
    assert two[1].stdout == ""
    expected = json.loads(alone[0].stdout)["history"]
    for found, name in ((two[0], "jax"), (mpi[0], "mpi")):
        assert json.loads(found.stdout)["history"]["epochs"][-1]["cost"] == expected["epochs"][-1]["cost"]
        theta = gn.load(f"{tmp_path}/{name}.glassnet").network_.theta
        assert (theta == gn.load(f"{tmp_path}/local.glassnet").network_.theta).all()


def shards(folder):
    rng = np.random.default_rng(0)
    for k in range(3):
        X = rng.standard_normal((301, 3))
        columns = {f"x{j}": X[:, j] for j in range(3)} | {"y": np.where(X.sum(axis=1) > 0, "up", "down")}
        pyarrow.parquet.write_table(pyarrow.table(columns), folder / f"shard-{k}.parquet", row_group_size=100)


def test_a_process_that_cannot_read_ends_all_with_one_sentence(run_on, tmp_path):
    shards(tmp_path)
    (tmp_path / "other").mkdir()
    found = run_on(
        [
            (
                k,
                (
                    sys.executable,
                    "-m",
                    "glassnet",
                    "train",
                    f"{folder}/shard-*.parquet",
                    "--target",
                    "y",
                    "--cluster",
                    f"jax://10.77.0.1:{PORT}?rank={k}&world=2",
                ),
            )
            for k, folder in enumerate([tmp_path, tmp_path / "other"])
        ],
        cwd=tmp_path,
    )

    assert [each.returncode for each in found] == [1, 1]
    assert "rank 1: " in found[0].stderr
    assert "shard-*.parquet" in found[0].stderr
    assert not list(tmp_path.glob("*.glassnet"))
