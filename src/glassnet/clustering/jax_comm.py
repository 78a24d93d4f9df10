"""`JaxComm`: processes on several hosts, connected by JAX: over TCP (gloo) on CPUs, by NCCL or ICI on accelerators."""

from functools import partial
from typing import Any

import numpy as np

from glassnet.clustering.addresses import JaxAddress
from glassnet.clustering.jax_runtime import library, start, stdout_kept_clean
from glassnet.clustering.leaving import leave
from glassnet.clustering.summing import WORD, Additions, allreduced, as_parts
from glassnet.typing import Array


class JaxComm:
    """The processes of JAX's multi-controller runtime, one device of each.

    If a peer dies, this process ends with exit code 75 within a second. If one falls silent, because it is frozen or
    its link is cut, the runtime aborts this process (SIGABRT) after the heartbeat.

    Parameters
    ----------
    address : JaxAddress
    heartbeat : float
        Seconds of silence after which a process counts as lost.
    """

    def __init__(self, address: JaxAddress, heartbeat: float) -> None:
        devices, self.rank, self.world = start(address, heartbeat)
        from jax.sharding import Mesh, NamedSharding

        self._jax = jax = library()
        self._device = devices[self.rank]
        mesh = Mesh(np.asarray(devices), ("rank",))
        mine, all_alike = jax.P("rank"), jax.P()
        self._sharding = NamedSharding(mesh, mine)
        spread = partial(jax.shard_map, mesh=mesh, in_specs=mine, check_vma=False)
        self._exchange = jax.jit(spread(lambda x: jax.lax.all_to_all(x[0], "rank", 0, 0, tiled=True), out_specs=mine))
        self._gather = jax.jit(spread(lambda x: jax.lax.all_gather(x[0], "rank"), out_specs=all_alike))
        with stdout_kept_clean():  # gloo connects, and talks, in the first sum
            self.allreduce(np.zeros(1, np.float32))

    def allreduce(self, *buffers: Array, additions: Additions | None = None) -> list[Array]:
        """Return the sum over all ranks of each buffer."""
        return allreduced(self, [as_parts(buffer) for buffer in buffers], additions)

    def exchange(self, message: Array) -> Array:
        """Send row r of a message to rank r, and return the rows received."""
        return self._sent(self._exchange, message)

    def gather(self, message: Array) -> Array:
        """Return the messages of all ranks."""
        return self._sent(self._gather, message)

    def close(self) -> None:
        """Wait for the others to close as well, and leave."""
        try:
            self._jax.distributed.shutdown()
        except (RuntimeError, ValueError) as error:
            leave(f"a process was lost at the end ({_first(error)})")

    def _sent(self, collective: Any, message: Array) -> Array:
        jax = self._jax
        try:
            local = jax.device_put(message[None].astype(WORD, copy=False), self._device)
            whole = jax.make_array_from_single_device_arrays((self.world, *message.shape), self._sharding, [local])
            return np.asarray(collective(whole).addressable_data(0))
        except (RuntimeError, ValueError) as error:  # JaxRuntimeError is the one, but gloo's can be the other
            # JAX's exit handlers would wait for the lost peer until the heartbeat
            leave(f"a process was lost ({_first(error)})")


def _first(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
