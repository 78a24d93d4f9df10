"""Forward propagation of many rows in machine code."""

from typing import Any

import numpy as np

from glassnet.core.network import Network
from glassnet.csr import checked_csr
from glassnet.engines.base import NeedsSlowPath, own_activation
from glassnet.engines.checks import check_rows, check_shape, check_theta
from glassnet.engines.cpu.compiling.announcement import announced, is_known
from glassnet.engines.cpu.doors import check_network, checked_columns
from glassnet.engines.cpu.kernels.buffers import Workspace
from glassnet.engines.cpu.kernels.encoding import ODD, encode_rows
from glassnet.engines.cpu.kernels.forward_pass import forward_many, lay_out_all
from glassnet.engines.cpu.memory_layout import layout_of, no_entries, padded, read_only
from glassnet.engines.cpu.schedule import blocks_of
from glassnet.engines.cpu.threads.barrier import is_broken
from glassnet.engines.cpu.threads.thread_pool import run_on_threads
from glassnet.engines.cpu.threads.tuner import n_threads_for, work_of_step
from glassnet.typing import Array

# Results do not depend on these numbers.
ROWS_AT_A_TIME = 128  # rows whose activations fit into the cache
NUMBERS_TO_CONVERT = 1 << 17  # numbers converted to another precision, or encoded, at a time: they fit into the cache
WORK_AT_A_TIME = 2e9  # multiplications and additions: in between, some ten times a second, interrupts are noticed


class Forward:
    """Computes outputs of rows; the same row gets the same bits regardless of the other rows."""

    def __init__(self, network: Network, n_jobs: int | None = None) -> None:
        check_network(network)
        self.network, self.n_jobs = network, n_jobs
        self._layout = layout_of(network, ROWS_AT_A_TIME, trains=False)
        self._net, self._no_entries = tuple(self._layout.net), tuple(no_entries(self._layout.dtype))
        self._workspaces: list[Workspace] = []
        self._blocks = blocks_of(self._layout, 1)
        self._no_dropout = np.zeros(network.n_layers + 1)
        self._seen: tuple[Any, Any] = None, None  # columns as given, and copies of them

    @staticmethod
    def supports(network: Network) -> str | None:
        """Return why the engine cannot compute the outputs of a network; None if it can."""
        return own_activation(network)

    def __call__(self, theta: Array, X: Array, columns: tuple[Array, Array] | None = None) -> tuple[Array, Array]:
        """Return Z[L] and A[L], (n_rows, n_out), for dense or sparse rows.

        With `columns`, the result of `Encoder.as_arrays`, the rows are the user's numbers and are encoded on the way.

        Raises
        ------
        NeedsSlowPath
            If a number cannot be encoded.
        ShapeError, DataError
            If rows, columns, parameters and network do not match.
        """
        dtype, sizes = self._layout.dtype, self.network.sizes
        X = checked_csr(X) if hasattr(X, "tocsr") else np.asarray(X)
        columns = None if columns is None else self._own_columns(columns)
        check_rows(X, self.network.n_inputs if columns is None else len(columns[0]))
        check_theta(theta, self.network.n_params)
        n_rows, n_out = X.shape[0], sizes[-1]
        Z, A = np.empty((n_rows, n_out), dtype), np.empty((n_rows, n_out), dtype)
        theta = padded(np.asarray(theta, dtype), sizes)
        n_threads = max(1, min(n_threads_for(sizes, n_rows, self.n_jobs), n_rows // ROWS_AT_A_TIME))
        workspaces, self._workspaces = self._workspaces, []  # no other call finds them while they are in use
        while len(workspaces) < n_threads:
            workspaces.append(self._layout.workspace())
        what = f"prediction in {dtype}" + ("" if columns is None else " from columns")
        with announced(what):
            laid_out, *others = workspaces[:n_threads]
            lay_out_all(self._net, theta, tuple(laid_out), self._blocks)
            own = [laid_out, *(other._replace(panels=laid_out.panels) for other in others)]
            borders = [n_rows * thread // n_threads for thread in range(n_threads + 1)]

            def carry(thread: int, n_threads: int, barrier: Array) -> None:
                self._carry(barrier, theta, own[thread], X, columns, borders[thread], borders[thread + 1], Z, A)

            if not is_known(what):  # helpers must not wait for the compiler
                self._rows(theta, own[0], X[:0], columns, np.empty((0, self.network.n_inputs), dtype), Z[:0], A[:0])
            run_on_threads(carry, n_threads)
        self._workspaces = workspaces
        return Z, A

    def _own_columns(self, columns: tuple[Array, Array]) -> Any:
        """Return checked copies; for the same encoder as last time, the same copies."""
        if columns is not self._seen[0]:
            self._seen = columns, checked_columns(*columns, self.network.n_inputs, numbers_alone=True)
        return self._seen[1]

    def _carry(
        self, barrier: Array, theta: Array, workspace: Workspace, X: Array, columns: Any, first: int, last: int,
        Z: Array, A: Array,
    ) -> None:  # fmt: skip
        dtype, n_inputs = self._layout.dtype, self.network.n_inputs
        if hasattr(X, "toarray"):  # made dense a few rows at a time: tiles do not sum sparse entries
            step = ROWS_AT_A_TIME
        elif columns is None and X.dtype == dtype:
            step = max(ROWS_AT_A_TIME, int(WORK_AT_A_TIME / work_of_step(self.network.sizes, 1)))
        else:
            step = max(ROWS_AT_A_TIME, NUMBERS_TO_CONVERT // n_inputs)
        A0 = np.empty((0 if columns is None else min(step, last - first), n_inputs), dtype)
        for start in range(first, last, step):
            if is_broken(barrier):  # another thread has failed
                return
            some = slice(start, min(start + step, last))
            self._rows(theta, workspace, X[some], columns, A0, Z[some], A[some])

    def _rows(self, theta: Array, workspace: Workspace, X: Array, columns: Any, A0: Array, Z: Array, A: Array) -> None:
        dtype, n_inputs = self._layout.dtype, self.network.n_inputs
        rows = X.toarray() if hasattr(X, "toarray") else X
        if columns is not None:
            raw, rows = read_only(rows, np.float64), A0[: len(rows)]
            if encode_rows(*columns, raw, rows) == ODD:
                raise NeedsSlowPath
        check_shape(rows, (len(Z), n_inputs), "a part of the inputs")
        forward_many(
            self._net, theta, tuple(workspace), self._no_dropout, read_only(rows, dtype).reshape(-1),
            self._no_entries, len(rows), ROWS_AT_A_TIME, Z.reshape(-1), A.reshape(-1),
        )  # fmt: skip
