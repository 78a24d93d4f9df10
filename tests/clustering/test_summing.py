"""Sums over the ranks of a cluster. Oracle: whole numbers for the value, one process for the bits."""

import numpy as np
import pytest
from tests.clustering.threads import on_threads

from glassnet.clustering.comm import LocalComm, agree, broadcast
from glassnet.clustering.summing import pairwise, summed
from glassnet.errors import ClusterError


def parts_of(rank, n_parts, n, dtype):
    return np.random.default_rng(rank).standard_normal((n_parts, n)).astype(dtype)


@pytest.mark.parametrize("world", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("n", [1, 5, 64])
def test_every_rank_receives_the_bits_of_one_process(world, n):
    """Buffers of two precisions travel in one message; their lengths need not be divisible by the number of ranks."""

    def work(comm):
        return comm.allreduce(parts_of(comm.rank, 2, n, np.float32), parts_of(comm.rank, 2, 3, np.float64))

    found = on_threads(world, work)

    for k, (length, dtype) in enumerate([(n, np.float32), (3, np.float64)]):
        (expected,) = LocalComm().allreduce(np.concatenate([parts_of(r, 2, length, dtype) for r in range(world)]))
        for sums in found:
            assert sums[k].dtype == dtype
            assert (sums[k] == expected).all()


@pytest.mark.parametrize("n", range(1, 18))
def test_pairwise_additions_reach_every_part_once(n):
    """In whole numbers no addition rounds, so the sum is exact if each part is added exactly once."""
    parts = 2.0 ** np.arange(n)[:, None]

    assert summed(parts, pairwise(n)) == 2**n - 1


def test_a_sum_that_is_not_finite_stays_so():
    found = on_threads(2, lambda comm: comm.allreduce(np.asarray([np.inf if comm.rank else -np.inf, np.nan, 1e300])))

    assert np.isnan(found[0][0][:2]).all()
    assert found[1][0][2] == 2e300


@pytest.mark.parametrize("data", [b"", b"a", b"\0\xff" * 1001])
def test_bytes_of_rank_0_reach_all(data):
    assert on_threads(3, lambda comm: broadcast(comm, data if comm.rank == 0 else None)) == [data] * 3


def test_all_ranks_raise_the_complaint_of_one():
    def work(comm):
        with pytest.raises(ClusterError, match=r"^rank 1: there is no file 'b.parquet'$"):
            agree(comm, "there is no file 'b.parquet'" if comm.rank == 1 else None)
        agree(comm)
        return comm.rank

    assert on_threads(3, work) == [0, 1, 2]
