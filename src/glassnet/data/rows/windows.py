"""`Windows`: the rows of a source in memory, one window after the other; a thread fills the next one meanwhile."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import cycle
from types import TracebackType
from typing import Any, Self

from glassnet.data.rows.encoded_rows import Arrays, EncodedRows
from glassnet.typing import Array

JUDGED_AT_A_TIME = 1 << 14  # rows; more would not be faster


class Buffers:
    """Memory for two windows of rows, each with room for rows that are carried over from the one before.

    Parameters
    ----------
    rows : EncodedRows
    dtype : dtype
    n_rows : int
        Rows of a window; a table of fewer rows takes less memory.
    most_carried : int
        Rows that can be carried over.
    """

    def __init__(self, rows: EncodedRows, dtype: Any, n_rows: int, most_carried: int = 0) -> None:
        self.most_carried = most_carried
        self.arrays = [rows.empty(most_carried + min(n_rows, rows.n_rows), dtype) for _ in range(2)]

    def to_fill(self) -> Iterator[Arrays]:
        """Return the memory of the windows, in turn, without end."""
        return cycle([arrays.part(slice(self.most_carried, None)) for arrays in self.arrays])


class Windows:
    """The rows of some groups, window by window, in the order of the groups.

    Iterate over it within its context. The rows that `carry` names are the first ones of the next window.

    Parameters
    ----------
    rows : EncodedRows
    groups : sequence of int
    dtype : dtype
        Precision of the arrays.
    buffers : Buffers, optional
        The memory to use.

    Examples
    --------
    >>> import numpy as np
    >>> from glassnet.data.encoding.encoder import Encoder
    >>> from glassnet.data.reading.tabular import table_from
    >>> from glassnet.data.rows.in_memory import TableSource
    >>> source = TableSource(table_from({"x0": [1, 2, 3, 4], "y": [0, 1, 1, 0]}), rows_per_group=2)
    >>> rows = EncodedRows(source, Encoder.identity(1), lambda table: table["y"][:, None], n_out=1)
    >>> with Windows(rows, [1, 0], np.float64, Buffers(rows, np.float64, 3)) as windows:
    ...     [arrays.X.ravel().tolist() for arrays in windows]
    [[3.0, 4.0, 1.0], [2.0]]
    """

    def __init__(
        self, rows: EncodedRows, groups: Sequence[int] | Array, dtype: Any, buffers: Buffers | None = None
    ) -> None:
        self._buffers = Buffers(rows, dtype, JUDGED_AT_A_TIME) if buffers is None else buffers
        self._filled = rows.windows(groups, self._buffers.to_fill())
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="glassnet-rows")
        self._next: Future[int] = self._pool.submit(next, self._filled, 0)
        self._turn, self._n_carried = 0, 0
        self._arrays: Arrays | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def __iter__(self) -> Iterator[Arrays]:
        while n := self._next.result():
            self._next = self._pool.submit(next, self._filled, 0)
            start = self._buffers.most_carried
            self._arrays = self._buffers.arrays[self._turn].part(slice(start - self._n_carried, start + n))
            self._turn, self._n_carried = 1 - self._turn, 0
            yield self._arrays

    def carry(self, rows: Array) -> None:
        """Carry rows of this window over to the next one; their number is limited by the buffers."""
        assert self._arrays is not None
        end = self._buffers.most_carried
        there = self._buffers.arrays[self._turn].part(slice(end - len(rows), end))
        here = self._arrays.part(rows)
        there.X[:], there.Y[:], self._n_carried = here.X, here.Y, len(rows)
        if there.weights is not None and here.weights is not None:
            there.weights[:] = here.weights
