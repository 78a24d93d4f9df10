"""`join`: from the address of a cluster to its `Comm`; `work_together` calls a function on each of its processes."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from glassnet.clustering.addresses import Address, JaxAddress, LocalAddress, MpiAddress, RayAddress
from glassnet.clustering.comm import Comm, LocalComm
from glassnet.errors import ClusterError
from glassnet.settings.kinds import POSITIVE

T = TypeVar("T")

HEARTBEAT = 20.0
"""Seconds after which a silent process counts as lost."""


def join(address: Address, *, heartbeat: float = HEARTBEAT) -> Comm:
    """Join the processes at an address, and return this process's place among them.

    Ray starts processes itself, so its address cannot be joined; `work_together` takes it, too.

    Examples
    --------
    >>> from glassnet.clustering.addresses import parse_address
    >>> join(parse_address("local")).world
    1
    """
    seconds = POSITIVE.check("heartbeat", heartbeat)
    if isinstance(address, LocalAddress):
        return LocalComm()
    if isinstance(address, JaxAddress):
        from glassnet.clustering.jax_comm import JaxComm

        return JaxComm(address, seconds)
    if isinstance(address, MpiAddress):
        from glassnet.clustering.mpi_comm import MpiComm

        return MpiComm(address.world)
    raise ClusterError("the processes of a Ray cluster are started by Ray; launch the training instead.")


def work_together(
    address: Address, work: Callable[[Comm], T], *, heartbeat: float = HEARTBEAT, folder: Path | None = None
) -> T:
    """Call ``work(comm)`` on each process at an address, and return this process's result.

    Parameters
    ----------
    address : Address
    work : callable
        Ray pickles it, and returns the result of rank 0.
    heartbeat : float
        Seconds after which a silent process counts as lost.
    folder : Path, optional
        Storage that all processes share, where the work keeps its checkpoints.

    Examples
    --------
    >>> from glassnet.clustering.addresses import parse_address
    >>> work_together(parse_address("local"), lambda comm: f"rank {comm.rank} of {comm.world}")
    'rank 0 of 1'
    """
    if isinstance(address, RayAddress):
        from glassnet.clustering.ray.launcher import launch

        return launch(address, work, heartbeat=heartbeat, folder=folder)
    comm = join(address, heartbeat=heartbeat)
    result = work(comm)
    comm.close()
    return result
