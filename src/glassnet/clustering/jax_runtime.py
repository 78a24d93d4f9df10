"""JAX's multi-controller runtime between processes of several hosts. All that touches JAX's internals is here.

JAX has no public way to name the address that gloo listens on, or to detect a cluster without joining it.
"""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from glassnet.clustering.addresses import JaxAddress
from glassnet.errors import ClusterError, MissingExtraError, ParameterError, first_line
from glassnet.installing import needs

PATIENCE = 300  # seconds until all processes must have been started


@dataclass(frozen=True)
class Place:
    """Where rank 0 listens, and which process of how many this is."""

    host: str
    port: int
    rank: int
    world: int
    devices: Any = None  # numbers of the local devices, if a scheduler deals them out


def start(address: JaxAddress, heartbeat: float) -> tuple[Any, int, int]:
    """Join the runtime, and return one device of each process, this process's rank, and the number of processes.

    Raises
    ------
    ClusterError
        If the runtime cannot be joined, or connects another number of processes than were asked for.
    """
    jax = library()
    _refuse_late_start()
    place = _detected(address) if address.is_detected else _stated(address)
    own = _resolved(place.host, place.port)
    seconds = max(1, round(heartbeat))
    with stdout_kept_clean():
        try:
            jax.distributed.initialize(
                f"[{place.host}]:{place.port}" if ":" in place.host else f"{place.host}:{place.port}",
                place.world,
                place.rank,
                local_device_ids=place.devices,
                cluster_detection_method="deactivate",
                initialization_timeout=PATIENCE,
                heartbeat_timeout_seconds=seconds,
                shutdown_timeout_seconds=PATIENCE,
                coordinator_bind_address=_listening(place, own),
            )
        except RuntimeError as error:
            raise ClusterError(
                f"process {place.rank} of {place.world} could not join the cluster at {place.host}:{place.port}: "
                f"{first_line(error)}. Check the address, and that all {place.world} processes are started."
            ) from None
        with _gloo_listening_on(_own_address(place)):
            devices = jax.devices()
    if jax.process_count() != place.world:
        raise ClusterError(
            f"JAX sees {jax.process_count()} processes, but {place.world} were asked for: each would train alone. "
            f"Let nothing use JAX before the training."
        )
    first = {device.process_index: device for device in reversed(devices)}
    return [first[rank] for rank in range(place.world)], place.rank, place.world


@contextmanager
def stdout_kept_clean() -> Iterator[None]:
    """Send to stderr what libraries print on stdout, such as gloo its greetings: stdout may be read by a program."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        _flush_c_streams()
        os.dup2(kept, 1)
        os.close(kept)


def _flush_c_streams() -> None:
    import ctypes

    ctypes.CDLL(None).fflush(None)


def library() -> Any:
    """Return JAX."""
    try:
        import jax
    except ImportError:
        raise MissingExtraError(f"{needs('cluster=jax://', 'jax', 'cluster')}.") from None
    return jax


def _refuse_late_start() -> None:
    from jax._src import xla_bridge

    if xla_bridge.backends_are_initialized():
        raise ClusterError("JAX was used before the cluster was joined, which it does not allow; join first.")


def _stated(address: JaxAddress) -> Place:
    assert address.rank is not None
    assert address.world is not None
    return Place(address.host, address.port, address.rank, address.world)


def _detected(address: JaxAddress) -> Place:
    """Return the place that Slurm, Open MPI, Kubernetes, Cloud TPU or mpi4py gives this process."""
    from jax._src.clusters import ClusterEnv

    found = ClusterEnv.auto_detect_unset_distributed_params(None, None, None, None, address.detect, PATIENCE)
    where, world, rank, devices = found
    if where is None or world is None or rank is None:
        raise ClusterError(
            "jax://auto found no cluster around this process: it knows Slurm, Open MPI, Kubernetes and Cloud TPU, and "
            "with 'jax://auto?detect=mpi4py' any mpiexec. Start it by one of them, or name the host of rank 0."
        )
    if address.world is not None and address.world != world:
        raise ClusterError(
            f"cluster='jax://auto?world={address.world}' expects {address.world} processes, but there are {world}."
        )
    host, _, port = str(where).rpartition(":")
    return Place(host.strip("[]"), int(port), int(rank), int(world), devices)


def _resolved(host: str, port: int) -> str:
    """Return the address that a host's name has on this machine."""
    try:
        return str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])
    except OSError as error:
        raise ParameterError(
            f"the host {host!r} of rank 0 is not known here ({error.strerror or error}); name its address, such as "
            f"10.0.0.1."
        ) from None


def _listening(place: Place, resolved: str) -> str:
    """Return where rank 0 listens: on the address by which the others call it, and on no other.

    Debian gives a host's own name a loopback address, which others cannot reach; then it listens on all.
    """
    if _is_loopback(resolved) and not _is_loopback(place.host):
        resolved = "::" if ":" in resolved else "0.0.0.0"
    return f"[{resolved}]:{place.port}" if ":" in resolved else f"{resolved}:{place.port}"


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def _own_address(place: Place) -> str:
    """Return the address by which the other processes reach this one.

    It is the one on the route to rank 0; gloo would take that of the host's name, which Debian sets to 127.0.1.1. On
    the host of rank 0 the route is the loopback, so there it is the address by which others call rank 0.
    """
    from jax._src import distributed

    rank_0 = _resolved(place.host, place.port)
    own = _on_route_to(rank_0, place.port)
    client: Any = distributed.global_state.client
    client.key_value_set(f"glassnet/rank_0/{place.rank}", rank_0)
    if not _is_loopback(own):
        return own
    for rank in range(place.world):
        seen = str(client.blocking_key_value_get(f"glassnet/rank_0/{rank}", PATIENCE * 1000))
        if not _is_loopback(seen):
            return seen
    return own


def _on_route_to(host: str, port: int) -> str:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:  # connecting sends nothing
        probe.connect((host, port))
        return str(probe.getsockname()[0])


@contextmanager
def _gloo_listening_on(own: str) -> Iterator[None]:
    """Let gloo listen on an address: JAX never passes one on."""
    from jax._src import xla_bridge

    library: Any = vars(xla_bridge)["_jax"]
    make = library.make_gloo_tcp_collectives

    def with_address(**given: Any) -> Any:
        return make(**{"hostname": own, **given})

    library.make_gloo_tcp_collectives = with_address
    try:
        yield
    finally:
        library.make_gloo_tcp_collectives = make
