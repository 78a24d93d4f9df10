"""The sums over all training rows in machine code: groups of rows, which threads take as they become free."""

from typing import Any

import numpy as np

from glassnet.core.network import Network
from glassnet.engines.base import Sums
from glassnet.engines.cpu.compiling.announcement import announced, is_known
from glassnet.engines.cpu.kernels.all_rows import sum_all_rows
from glassnet.engines.cpu.kernels.buffers import PIECE, ROW, Groups, Minibatch, Objective
from glassnet.engines.cpu.memory_layout import aligned_rows, layout_of, padded, read_only, rounded_up
from glassnet.engines.cpu.schedule import schedule_of
from glassnet.engines.cpu.threads.thread_pool import RepeatedCall
from glassnet.typing import Array

BYTES_TOGETHER = 3 << 18  # of the intermediate numbers of rows that a core computes at a time: they stay in its cache
MOST_GROUPS = 64  # of rows with a gradient of their own,
LEAST_GROUPS = 8  # as fewer would leave cores without work,
MOST_SUMMED = 1 << 20  # which together have at most so many numbers


class AllRows:
    """The arguments of `sum_all_rows` for a number of threads."""

    @staticmethod
    def has_memory_for(network: Network) -> bool:
        """Whether enough groups can have a gradient of their own."""
        return bool(network.n_params <= MOST_SUMMED // LEAST_GROUPS)

    def __init__(
        self, network: Network, objective: Objective, data: Any, n_samples: int, has_weights: bool, n_threads: int, *,
        sparse: bool,
    ) -> None:  # fmt: skip
        dtype, n_params = network.theta.dtype, network.n_params
        self.what = f"gradients of all rows in {dtype}"
        self._n_samples = n_samples
        bytes_per_row = 3 * sum(network.sizes) * dtype.itemsize
        n_parts = _shared_evenly(-(-n_samples // max(1, BYTES_TOGETHER // bytes_per_row)))
        n_together = rounded_up(-(-n_samples // n_parts), PIECE)
        n_parts = -(-n_samples // n_together)
        n_groups = min(n_parts, MOST_GROUPS, MOST_SUMMED // n_params)
        n_groups -= n_groups % LEAST_GROUPS if n_groups > LEAST_GROUPS else 0
        starts = np.minimum(np.arange(n_groups + 1) * n_parts // n_groups * n_together, n_samples)
        groups = Groups(
            starts, n_together, np.zeros((n_groups, n_params)), np.zeros((2, n_groups)), np.zeros(n_params + 2)
        )
        layout = layout_of(network, n_together, trains=True, sparse=sparse)
        schedule, length = schedule_of(network, layout, 1, whole=True)
        plans, params = layout.nets(1)
        batches = Minibatch(
            aligned_rows(n_threads, layout.n_rows * int(layout.plan[-1, ROW]), dtype),
            aligned_rows(n_threads, n_together if has_weights else 0, dtype),
            aligned_rows(n_threads, n_together, np.dtype(np.float64)),
            aligned_rows(n_threads, n_together, np.dtype(np.float64)),
        )
        self._theta = padded(network.theta, network.sizes)
        self._total = groups.total
        arguments = (
            (plans[0], params), data, tuple(objective), self._theta, aligned_rows(n_threads, length, dtype),
            tuple(layout.own_workspaces(n_threads)), tuple(batches), tuple(schedule),
            read_only(np.arange(n_samples), np.int64),
        )  # fmt: skip
        self._no_rows = *arguments, tuple(groups._replace(starts=starts[-1:]))
        self._call = RepeatedCall(sum_all_rows, n_threads, *arguments, tuple(groups))

    def sums(self, theta: Array) -> Sums:
        """Return the sums at these parameters."""
        self._theta[: len(theta)] = theta
        with announced(self.what):
            if not is_known(self.what):  # helpers must not wait for the compiler: it compiles a call without rows
                RepeatedCall(sum_all_rows, 1, *self._no_rows)()
            self._call()
        total = self._total.copy()
        cost, metric = total[-2:].tolist()
        return Sums(cost, metric, self._n_samples, total[:-2])


def _shared_evenly(n_parts: int) -> int:
    """Return a number of parts, at least as many, that 2, 4 or 8 threads can share without a rest.

    >>> [_shared_evenly(n) for n in (1, 3, 7, 8, 15, 33)]
    [1, 4, 8, 8, 16, 40]
    """
    if n_parts > LEAST_GROUPS:
        return rounded_up(n_parts, LEAST_GROUPS)
    return 1 << (n_parts - 1).bit_length()
