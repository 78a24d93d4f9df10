"""`MpiComm`: the processes that mpiexec or srun has started, through mpi4py, which is an extra."""

import os

import numpy as np

from glassnet.clustering.summing import WORD, Additions, allreduced, as_parts
from glassnet.errors import ClusterError, MissingExtraError
from glassnet.typing import Array

STARTED = ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "MV2_COMM_WORLD_SIZE")
"""Where launchers say how many processes they have started."""


class MpiComm:
    """The processes of one `mpiexec`.

    If one of them dies, MPI ends all others at once.

    Parameters
    ----------
    world : int, optional
        The number of processes that must be there.
    """

    def __init__(self, world: int | None = None) -> None:
        try:
            from mpi4py import MPI
        except (ImportError, RuntimeError) as error:  # RuntimeError: no MPI library beside it
            reason = "" if isinstance(error, ModuleNotFoundError) else f" ({error})"
            raise MissingExtraError(
                f"cluster='mpi' needs the package mpi4py and the MPI library of its mpiexec, which are not "
                f"installed{reason}; try: pip install mpi4py mpich"
            ) from None
        self._mpi = MPI
        self._comm = MPI.COMM_WORLD
        self.rank, self.world = int(self._comm.Get_rank()), int(self._comm.Get_size())
        started = next((int(os.environ[name]) for name in STARTED if os.environ.get(name, "").isdigit()), None)
        if started is not None and started != self.world:
            raise ClusterError(
                f"mpiexec started {started} processes, but mpi4py sees {self.world}: each would train alone. Use the "
                f"mpiexec of the MPI library that mpi4py was built with."
            )
        if world is not None and world != self.world:
            raise ClusterError(
                f"cluster='mpi?world={world}' expects {world} processes, but mpiexec started {self.world}; start "
                f"'mpiexec -n {world} glassnet ...'."
            )

    def allreduce(self, *buffers: Array, additions: Additions | None = None) -> list[Array]:
        """Return the sum over all ranks of each buffer."""
        return allreduced(self, [as_parts(buffer) for buffer in buffers], additions)

    def exchange(self, message: Array) -> Array:
        """Send row r of a message to rank r, and return the rows received."""
        received = np.empty_like(message)
        self._comm.Alltoall([message, self._mpi.UINT32_T], [received, self._mpi.UINT32_T])
        return received

    def gather(self, message: Array) -> Array:
        """Return the messages of all ranks."""
        received = np.empty((self.world, message.size), WORD)
        self._comm.Allgather([message, self._mpi.UINT32_T], [received, self._mpi.UINT32_T])
        return received

    def close(self) -> None:
        """Do nothing: mpi4py ends MPI when the process ends."""
