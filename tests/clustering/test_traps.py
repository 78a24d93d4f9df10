"""What JAX and MPI do by themselves, and must not do to a training. On hosts: tests/clustering/hosts."""

import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest

from glassnet.clustering import jax_runtime
from glassnet.clustering.addresses import JaxAddress
from glassnet.clustering.leaving import TRY_AGAIN, stop_requests
from glassnet.clustering.mpi_comm import MpiComm
from glassnet.errors import ClusterError, MissingExtraError, ParameterError

ADDRESS = JaxAddress("127.0.0.1", 1234, 0, 2)


def stand_in(n_processes, initialize=lambda *_, **__: None):
    devices = [SimpleNamespace(process_index=rank) for rank in range(n_processes)]
    return SimpleNamespace(
        distributed=SimpleNamespace(initialize=initialize),
        devices=lambda: devices,
        process_count=lambda: n_processes,
    )


@pytest.fixture
def jax_is(monkeypatch):
    """`jax_is(stand_in(...))` puts something in the place of JAX, which is joined once per process."""

    def put(library):
        monkeypatch.setattr(jax_runtime, "library", lambda: library)
        monkeypatch.setattr(jax_runtime, "_refuse_late_start", lambda: None)
        monkeypatch.setattr(jax_runtime, "_own_address", lambda place: "127.0.0.1")

    return put


def test_processes_that_would_train_apart_are_refused(jax_is):
    """Without its own cluster, as in a stock JaxTrainer of Ray on CPUs, JAX sees one process in each of them."""
    jax_is(stand_in(1))

    with pytest.raises(ClusterError, match="JAX sees 1 processes, but 2 were asked for: each would train alone"):
        jax_runtime.start(ADDRESS, 20.0)


def test_the_world_that_was_asked_for_is_joined(jax_is):
    given = {}
    jax_is(stand_in(2, lambda *words, **options: given.update(options, words=words)))
    devices, rank, world = jax_runtime.start(ADDRESS, 20.0)

    assert ([device.process_index for device in devices], rank, world) == ([0, 1], 0, 2)
    assert given["words"] == ("127.0.0.1:1234", 2, 0)
    assert given["coordinator_bind_address"] == "127.0.0.1:1234"
    assert given["heartbeat_timeout_seconds"] == 20


def test_a_cluster_that_cannot_be_joined_is_named(jax_is):
    def fail(*_, **__):
        raise RuntimeError("DEADLINE_EXCEEDED: connection timed out.\nmore")

    jax_is(stand_in(2, fail))
    with pytest.raises(
        ClusterError,
        match=r"process 0 of 2 could not join the cluster at 127.0.0.1:1234: DEADLINE_EXCEEDED: connection timed out",
    ):
        jax_runtime.start(ADDRESS, 20.0)


@pytest.mark.parametrize(
    ("host", "resolved", "listens"),
    [
        ("10.0.0.1", "10.0.0.1", "10.0.0.1:1234"),
        ("node-7", "10.0.0.7", "10.0.0.7:1234"),
        ("node-7", "127.0.1.1", "0.0.0.0:1234"),  # Debian's hosts file: others could not call this address
        ("127.0.0.1", "127.0.0.1", "127.0.0.1:1234"),
        ("localhost", "127.0.0.1", "127.0.0.1:1234"),
        ("fd00::1", "fd00::1", "[fd00::1]:1234"),
    ],
)
def test_rank_0_listens_where_it_is_called(host, resolved, listens):
    assert jax_runtime._listening(jax_runtime.Place(host, 1234, 0, 2), resolved) == listens


def test_an_unknown_host_is_named():
    with pytest.raises(ParameterError, match=r"the host 'no.such.host.invalid' of rank 0 is not known here"):
        jax_runtime._resolved("no.such.host.invalid", 1234)


def python(code, *arguments, **options):
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=120, check=False, **options
    )


def test_jax_that_was_used_before_is_refused():
    code = """
import jax
jax.devices()
from glassnet.clustering.jax_runtime import start
from glassnet.clustering.addresses import parse_address
try:
    start(parse_address("jax://127.0.0.1:1234?rank=0&world=2"), 20.0)
except RuntimeError as error:
    print(error)
"""
    assert python(code).stdout == "JAX was used before the cluster was joined, which it does not allow; join first.\n"


def test_no_cluster_around_this_process_is_told():
    code = """
from glassnet.clustering.jax_runtime import start
from glassnet.clustering.addresses import parse_address
try:
    start(parse_address("jax://auto"), 20.0)
except RuntimeError as error:
    print(error)
"""
    assert python(code).stdout.startswith("jax://auto found no cluster around this process: it knows Slurm, Open MPI")


def test_what_libraries_print_does_not_reach_stdout():
    """Also what C's buffers hold back, as they do where stdout is a pipe."""
    code = """
import ctypes
from glassnet.clustering.jax_runtime import stdout_kept_clean
with stdout_kept_clean():
    ctypes.CDLL(None).printf(b"[Gloo] Rank 0 is connected\\n")
print("{}")
"""
    found = python(code)
    assert (found.stdout, "[Gloo] Rank 0" in found.stderr) == ("{}\n", True)


def test_a_lost_peer_ends_the_process_without_exit_handlers():
    code = """
import atexit
from glassnet.clustering.leaving import leave
atexit.register(print, "waits for the lost peer")
print("a result")
leave("a process was lost")
"""
    found = python(code)
    assert (found.returncode, found.stdout) == (TRY_AGAIN, "a result\n")
    assert found.stderr == (
        "glassnet: a process was lost; start all processes again to continue from the last checkpoint.\n"
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_a_request_and_a_second_one_ends_the_process(number):
    before = signal.getsignal(number)
    with stop_requests() as stop:
        assert not stop
        signal.raise_signal(number)
        assert stop
    assert signal.getsignal(number) == before

    code = """
import signal, sys
from glassnet.clustering.leaving import stop_requests
with stop_requests():
    signal.raise_signal(int(sys.argv[1]))
    print("asked", flush=True)
    signal.raise_signal(int(sys.argv[1]))
    print("not reached")
"""
    found = python(code, str(int(number)))
    assert (found.returncode, found.stdout) == (-number, "asked\n")


def stand_in_for_mpi(monkeypatch, size):
    world = SimpleNamespace(Get_rank=lambda: 0, Get_size=lambda: size)
    library = SimpleNamespace(MPI=SimpleNamespace(COMM_WORLD=world))
    monkeypatch.setitem(sys.modules, "mpi4py", library)


def test_an_mpiexec_of_another_mpi_is_refused(monkeypatch):
    """Each of its processes would see itself alone."""
    stand_in_for_mpi(monkeypatch, 1)
    monkeypatch.setenv("PMI_SIZE", "4")

    with pytest.raises(ClusterError, match="mpiexec started 4 processes, but mpi4py sees 1: each would train alone"):
        MpiComm()


def test_another_number_of_processes_than_asked_for_is_refused(monkeypatch):
    stand_in_for_mpi(monkeypatch, 2)
    for name in ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "MV2_COMM_WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)

    assert MpiComm(2).world == 2
    with pytest.raises(ClusterError, match="expects 3 processes, but mpiexec started 2; start 'mpiexec -n 3"):
        MpiComm(3)


def test_mpi4py_that_is_missing_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "mpi4py", None)

    with pytest.raises(MissingExtraError, match="are not installed; try: pip install mpi4py mpich"):
        MpiComm()


def test_jax_that_is_missing_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", None)

    with pytest.raises(MissingExtraError, match=r"cluster=jax:// needs the package jax, which is not installed"):
        jax_runtime.library()
