"""Forward propagation of many rows in machine code."""

from typing import Any

import numpy as np

from glassnet.core.network import Network
from glassnet.engines.base import OddNumber
from glassnet.engines.cpu.compiling import announced
from glassnet.engines.cpu.encoding_kernels import ODD, encode_rows
from glassnet.engines.cpu.run_kernel import forward_many, lay_out_all
from glassnet.engines.cpu.shapes import entries_of, n_threads_for, padded, read_only, shape_of
from glassnet.engines.cpu.sides import all_sides
from glassnet.typing import Array

# No number depends on either.
ROWS_AT_A_TIME = 128  # so many rows of all layers stay in the cache
NUMBERS_TO_CONVERT = 1 << 17  # so many numbers of another precision, or not encoded, come by the cache, too


class Forward:
    """Carries rows through a network; the same row gets the same bits whatever rows come with it."""

    def __init__(self, network: Network, n_jobs: int | None = None) -> None:
        self.network, self.n_jobs = network, n_jobs
        self._shape = shape_of(network, ROWS_AT_A_TIME, trains=False)
        self._rooms: list[Any] = []
        self._blocks = self._shape.blocks(1)
        self._no_dropout = np.zeros(network.n_layers + 1)

    def __call__(self, theta: Array, X: Array, columns: tuple[Array, Array] | None = None) -> tuple[Array, Array]:
        """Return Z[L] and A[L], (n_rows, n_out), for dense or sparse rows.

        With `columns`, which is what `Encoder.as_arrays` returns, the rows are the user's numbers, and are encoded on
        the way.

        Raises
        ------
        OddNumber
            If one of these cannot be encoded.
        """
        dtype, n_rows, n_out = self._shape.dtype, X.shape[0], self.network.sizes[-1]
        Z, A = np.empty((n_rows, n_out), dtype), np.empty((n_rows, n_out), dtype)
        theta = padded(np.asarray(theta, dtype), self.network.sizes)
        n_threads = max(1, min(n_threads_for(self.network.sizes, n_rows, self.n_jobs), n_rows // ROWS_AT_A_TIME))
        while len(self._rooms) < n_threads:
            self._rooms.append(self._shape.room())
        what = f"prediction in {dtype}" + ("" if columns is None else f" from numbers in {_read_as(X)}")
        with announced(what):
            lay_out_all(self._shape.net, theta, self._rooms[0], self._blocks)
            rooms = [(*room[:3], *self._rooms[0][3:5], *room[5:]) for room in self._rooms[:n_threads]]
            borders = [n_rows * thread // n_threads for thread in range(n_threads + 1)]

            def carry(thread: int, n_threads: int, barrier: Array) -> None:
                self._rows(theta, rooms[thread], X, columns, borders[thread], borders[thread + 1], Z, A)

            all_sides(carry, n_threads)
        return Z, A

    def _rows(self, theta: Array, room: Any, X: Array, columns: Any, first: int, last: int, Z: Array, A: Array) -> None:
        dtype, n_inputs = self._shape.dtype, self.network.n_inputs
        if hasattr(X, "toarray"):  # filled in a few at a time: a tile's sums do not take the entries one by one
            step = ROWS_AT_A_TIME
        elif columns is None and X.dtype == dtype:
            step = max(1, last - first)
        else:
            step = max(ROWS_AT_A_TIME, NUMBERS_TO_CONVERT // n_inputs)
        A0 = None if columns is None else np.empty((min(step, last - first), n_inputs), dtype)
        none = entries_of(None, dtype)
        for start in range(first, last, step):
            some = slice(start, min(start + step, last))
            rows = X[some].toarray() if hasattr(X, "toarray") else X[some]
            if A0 is not None:
                raw, rows = read_only(rows, _read_as(rows)), A0[: len(rows)]
                if encode_rows(*columns, raw, rows) == ODD:
                    raise OddNumber
            flat = read_only(rows, dtype).reshape(-1)
            forward_many(
                self._shape.net, theta, room, self._no_dropout, flat, none, len(rows), ROWS_AT_A_TIME,
                Z[some].reshape(-1), A[some].reshape(-1),
            )  # fmt: skip


def _read_as(numbers: Array) -> Any:
    """Return the type in which the user's numbers are read: as they are, where machine code is made for it."""
    return np.dtype(np.float32 if numbers.dtype == np.float32 else np.float64)
