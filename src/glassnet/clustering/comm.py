"""`Comm`: all that training needs of a cluster. `LocalComm` is a cluster of one process."""

from typing import Protocol

import numpy as np

from glassnet.clustering.summing import Additions, as_parts, pairwise, summed
from glassnet.errors import ClusterError
from glassnet.typing import Array

LONGEST_TEXT = 400  # bytes of a rank's complaint


class Comm(Protocol):
    """The processes that train together, seen from one of them.

    Attributes
    ----------
    rank : int
        Number of this process, from 0. Rank 0 writes files.
    world : int
        Number of processes.
    """

    rank: int
    world: int

    def allreduce(self, *buffers: Array, additions: Additions | None = None) -> list[Array]:
        """Return the sum over all ranks of each buffer; all ranks receive the same bits.

        All ranks call it with buffers of the same shapes and types, (n,) or (n_parts, n), in one message. The parts of
        all ranks are added in the order of `additions`, by default pairwise in the order of the ranks.
        """

    def close(self) -> None:
        """Leave the cluster; all ranks do so after their last sum."""


class LocalComm:
    """A single process.

    Examples
    --------
    >>> comm = LocalComm()
    >>> comm.allreduce(np.asarray([[1.0, 2.0], [10.0, 20.0]]))
    [array([11., 22.])]
    """

    rank = 0
    world = 1

    def allreduce(self, *buffers: Array, additions: Additions | None = None) -> list[Array]:
        """Return the sum of the parts of each buffer."""
        parts = [as_parts(buffer) for buffer in buffers]
        return [summed(each, pairwise(len(each)) if additions is None else additions) for each in parts]

    def close(self) -> None:
        """Do nothing."""


def broadcast(comm: Comm, data: bytes | None) -> bytes:
    """Return the bytes that rank 0 passes, on all ranks.

    >>> broadcast(LocalComm(), b"weights")
    b'weights'
    """
    given = data if comm.rank == 0 else b""
    assert given is not None
    (n,) = comm.allreduce(np.asarray([len(given)], np.int64))
    words = np.zeros(-(-int(n[0]) // 8), np.int64)
    words.view(np.uint8)[: len(given)] = np.frombuffer(given, np.uint8)
    (sent,) = comm.allreduce(words)
    return bytes(sent.view(np.uint8)[: int(n[0])])


def agree(comm: Comm, complaint: str | None = None) -> None:
    """Wait for all ranks, and raise the same error on all of them if one has a complaint.

    A rank that left because of an error of its own would otherwise keep the others waiting.

    >>> agree(LocalComm())
    >>> agree(LocalComm(), "there is no file 'b.parquet'")
    Traceback (most recent call last):
    ...
    glassnet.errors.ClusterError: rank 0: there is no file 'b.parquet'
    """
    said = np.zeros((comm.world, LONGEST_TEXT), np.uint8)
    text = (complaint or "").encode()[:LONGEST_TEXT]
    said[comm.rank, : len(text)] = np.frombuffer(text, np.uint8)
    (all_said,) = comm.allreduce(said.view(np.int64).reshape(-1))
    for rank, row in enumerate(all_said.view(np.uint8).reshape(comm.world, LONGEST_TEXT)):
        heard = row.tobytes().rstrip(b"\0").decode(errors="ignore")
        if heard:
            raise ClusterError(f"rank {rank}: {heard}")
