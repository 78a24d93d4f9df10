"""Forward propagation of many rows in machine code."""

from typing import Any

import numpy as np

from glassnet.core.network import Network
from glassnet.engines.cpu.compiling import announced
from glassnet.engines.cpu.run_kernel import forward_many, lay_out_all
from glassnet.engines.cpu.shapes import entries_of, n_threads_for, padded, read_only, shape_of
from glassnet.engines.cpu.sides import all_sides
from glassnet.typing import Array

# No number depends on either.
ROWS_AT_A_TIME = 128  # so many rows of all layers stay in the cache
ROWS_TO_CONVERT = 2048  # rows of another precision come by the cache, too


class Forward:
    """Carries rows through a network; the same row gets the same bits whatever rows come with it."""

    def __init__(self, network: Network, n_jobs: int | None = None) -> None:
        self.network, self.n_jobs = network, n_jobs
        self._shape = shape_of(network, ROWS_AT_A_TIME, trains=False)
        self._rooms: list[Any] = []
        self._blocks = self._shape.blocks(1)
        self._no_dropout = np.zeros(network.n_layers + 1)

    def __call__(self, theta: Array, X: Array) -> tuple[Array, Array]:
        """Return Z[L] and A[L], (n_rows, n_out), for dense or sparse rows."""
        dtype, n_rows, n_out = self._shape.dtype, X.shape[0], self.network.sizes[-1]
        Z, A = np.empty((n_rows, n_out), dtype), np.empty((n_rows, n_out), dtype)
        theta = padded(np.asarray(theta, dtype), self.network.sizes)
        n_threads = max(1, min(n_threads_for(self.network.sizes, n_rows, self.n_jobs), n_rows // ROWS_AT_A_TIME))
        while len(self._rooms) < n_threads:
            self._rooms.append(self._shape.room())
        with announced(f"prediction in {dtype}"):
            lay_out_all(self._shape.net, theta, self._rooms[0], self._blocks)
            rooms = [(*room[:3], *self._rooms[0][3:5], *room[5:]) for room in self._rooms[:n_threads]]
            borders = [n_rows * thread // n_threads for thread in range(n_threads + 1)]

            def carry(thread: int, n_threads: int, barrier: Array) -> None:
                self._rows(theta, rooms[thread], X, borders[thread], borders[thread + 1], Z, A)

            all_sides(carry, n_threads)
        return Z, A

    def _rows(self, theta: Array, room: Any, X: Array, first: int, last: int, Z: Array, A: Array) -> None:
        if hasattr(X, "toarray"):  # filled in a few at a time: a tile's sums do not take the entries one by one
            step = ROWS_AT_A_TIME
        else:
            step = max(1, last - first) if X.dtype == self._shape.dtype else ROWS_TO_CONVERT
        none = entries_of(None, self._shape.dtype)
        for start in range(first, last, step):
            some = slice(start, min(start + step, last))
            rows = X[some].toarray() if hasattr(X, "toarray") else X[some]
            flat = read_only(rows, self._shape.dtype).reshape(-1)
            forward_many(
                self._shape.net, theta, room, self._no_dropout, flat, none, len(rows), ROWS_AT_A_TIME,
                Z[some].reshape(-1), A[some].reshape(-1),
            )  # fmt: skip
