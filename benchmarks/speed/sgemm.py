"""The machine's own large matrix product: what the arithmetic of a big network is measured against."""

import itertools

import numpy as np

from benchmarks.speed.task import Task

SIZE = 4096


class Sgemm:
    """`C = A @ B` with three square float32 matrices, by NumPy on all cores."""

    flops = 2 * SIZE**3

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self._A, self._B = (rng.standard_normal((SIZE, SIZE), dtype=np.float32) for _ in range(2))
        self._C = np.zeros((SIZE, SIZE), dtype=np.float32)

    def run(self) -> None:
        """Multiply."""
        np.matmul(self._A, self._B, out=self._C)


def flops_of_run(task: Task) -> int:
    """Return the floating-point operations of the matrix products of a task's whole run.

    Z, dW and delta of each layer take 2 n_in n_out per row each; the first layer's input gradient is not needed and not
    counted.
    """
    sizes = task.settings.sizes
    connections = [n_in * n_out for n_in, n_out in itertools.pairwise(sizes)]
    return 2 * len(task.X) * task.settings.epochs * (3 * sum(connections) - connections[0])
