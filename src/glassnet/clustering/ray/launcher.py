"""`launch`: calls a function on the processes that Ray starts."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from glassnet.clustering.addresses import RayAddress
from glassnet.clustering.comm import Comm
from glassnet.errors import ClusterError

T = TypeVar("T")


def launch(address: RayAddress, work: Callable[[Comm], T], *, heartbeat: float, folder: Path | None) -> T:
    """Call ``work(comm)`` on each process that Ray starts, again after one was lost, and return rank 0's result.

    See `glassnet.clustering.joining.work_together`.
    """
    raise ClusterError(f"cluster='ray://{address.place}' cannot be launched by this version; use jax:// or mpi.")
