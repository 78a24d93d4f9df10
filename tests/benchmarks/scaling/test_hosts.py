"""Simulated hosts: what their links do to packets, and that nothing of them stays."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.scaling.hosts import PREFIX, connected, remove_abandoned, why_not
from benchmarks.scaling.switch import Link
from tests.conftest import REQUIRE_ALL

pytestmark = pytest.mark.hosts

SERVER = """
import socket
server = socket.create_server(("0.0.0.0", 7000))
print("listening", flush=True)
connection, _ = server.accept()
left = int(connection.recv(20))
connection.sendall(b"go")
while left:
    left -= len(connection.recv(left))
connection.sendall(b"done")
"""
CLIENT = """
import socket, sys, time
address, n = sys.argv[1], int(sys.argv[2])
connection = socket.create_connection((address, 7000))
start = time.perf_counter()
connection.sendall(str(n).encode())
connection.recv(2)
answered = time.perf_counter()
connection.sendall(bytes(n))
connection.recv(4)
print(answered - start, time.perf_counter() - answered)
"""


@pytest.fixture(autouse=True)
def possible():
    reason = why_not()
    if reason is not None:
        (pytest.fail if REQUIRE_ALL else pytest.skip)(reason)


def namespaces():
    names = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
    return [line.split()[0] for line in names.splitlines() if line.startswith(f"{PREFIX}-{os.getpid()}-")]


def seconds_between(hosts, n_bytes):
    """Seconds until an answer to a few bytes, and to many, by a program on each host."""
    with hosts[1].start(sys.executable, "-c", SERVER, stdout=subprocess.PIPE) as server:
        server.stdout.readline()
        answer, transfer = hosts[0].run(sys.executable, "-c", CLIENT, hosts[1].address, str(n_bytes)).split()
    return float(answer), float(transfer)


def test_a_delayed_answer_takes_two_delays():
    """Never less, however fast the machine is."""
    with connected(2, Link("30 ms", 0.03)) as hosts:
        assert seconds_between(hosts, 1)[0] >= 0.06


def test_a_rate_is_an_upper_limit():
    """2 MB at 10 MB/s take at least 0.2 s; all of them arrive."""
    with connected(2, Link("10 MB/s", 0.0, 10e6)) as hosts:
        assert seconds_between(hosts, 2_000_000)[1] >= 0.2


@pytest.mark.parametrize("link", [Link("none"), Link("1 ms", 1e-3)], ids=["bridge", "switch"])
def test_hosts_reach_each_other_and_nothing_else(link):
    with connected(2, link) as hosts:
        for host in hosts:
            routes = host.run("ip", "route").splitlines()
            assert [route.split()[0] for route in routes] == ["10.77.0.0/24"]
        seconds_between(hosts, 1000)


def test_nothing_stays_after_a_failure():
    """Neither namespaces and their files nor what runs in them."""
    sleepers = []

    def fail_in_between():
        with connected(2, Link("1 ms", 1e-3)) as hosts:
            sleepers.append(hosts[0].start("sleep", "1000"))
            assert len(namespaces()) == 2
            raise RuntimeError("in between")

    with pytest.raises(RuntimeError, match="in between"):
        fail_in_between()
    assert sleepers[0].wait(10) == -9
    assert namespaces() == []
    assert list(Path("/etc/netns").glob(f"{PREFIX}-{os.getpid()}-*")) == []


def test_hosts_of_a_killed_process_are_removed_by_the_next_one():
    code = "import os\nfrom benchmarks.scaling.hosts import *\nwith connected(1, Link('none')): os.kill(os.getpid(), 9)"
    killed = subprocess.Popen([sys.executable, "-c", code])
    assert killed.wait(60) == -9
    mine = Path("/run/netns", f"{PREFIX}-{killed.pid}-0")
    assert mine.exists()

    remove_abandoned()

    assert not mine.exists()
