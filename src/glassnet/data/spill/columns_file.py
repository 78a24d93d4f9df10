"""`ColumnsFile`: a temporary file of columns, and the columns in it, of which any rows can be read."""

import tempfile
import weakref
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from threading import Lock
from typing import Any

import numpy as np

from glassnet.data.notation.column_reading import objects
from glassnet.typing import Array

ROWS_AT_A_TIME = 1 << 18


class ColumnsFile:
    """A file without a name, which the system removes when nothing uses it, even if this process is killed.

    Examples
    --------
    >>> file = ColumnsFile()
    >>> file.read(file.append(np.asarray([1.5, 2.5])), 2, np.float64).tolist()
    [1.5, 2.5]
    """

    def __init__(self) -> None:
        self._file: Any = tempfile.TemporaryFile(prefix="glassnet-", buffering=0)  # noqa: SIM115
        weakref.finalize(self, self._file.close)  # with the last column in it
        self._end = 0
        self._lock = Lock()

    def append(self, values: Array) -> int:
        """Write an array to the end and return its place."""
        content = memoryview(np.ascontiguousarray(values).view(np.uint8).data)
        place = self._end
        with self._lock:
            self._file.seek(place)
            while content:
                content = content[self._file.write(content) :]
            self._end = self._file.tell()
        return place

    def read(self, place: int, n: int, dtype: Any) -> Array:
        """Return the array of `n` values at a place."""
        values = np.empty(n, dtype)
        content = memoryview(values.view(np.uint8).data)
        with self._lock:
            self._file.seek(place)
            while content:
                n_bytes = self._file.readinto(content)
                if not n_bytes:
                    raise OSError("the temporary file with the columns of the table is cut off")
                content = content[n_bytes:]
        return values


class StoredColumn(ABC):
    """A column of a `glassnet.data.table.Table` in a file."""

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of rows."""

    @abstractmethod
    def between(self, start: int, stop: int) -> Array:
        """Return the values of the rows from `start` to before `stop`."""

    @property
    def values(self) -> Array:
        """All values."""
        return self.between(0, len(self))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        """Return all values, for NumPy."""
        return np.asarray(self.values, dtype)

    def __getitem__(self, rows: Array | slice) -> Array:
        """Return the values of some rows, by position; what lies between the first and the last of them is read.

        Of many ascending positions, only the values of some are in memory beside the result.
        """
        if isinstance(rows, slice):
            return self.between(rows.start, rows.stop)
        if len(rows) <= ROWS_AT_A_TIME or not (rows[1:] >= rows[:-1]).all():
            return self._at(rows)
        first = self._at(rows[:ROWS_AT_A_TIME])
        values = np.empty(len(rows), first.dtype)
        values[:ROWS_AT_A_TIME] = first
        for start in range(ROWS_AT_A_TIME, len(rows), ROWS_AT_A_TIME):
            values[start : start + ROWS_AT_A_TIME] = self._at(rows[start : start + ROWS_AT_A_TIME])
        return values

    def _at(self, rows: Array) -> Array:
        if len(rows) == 0:
            return self.between(0, 0)
        first, last = int(rows.min()), int(rows.max())
        return self.between(first, last + 1)[rows - first]


class Pieces:
    """Where the pieces of a column lie in a file: their numbers of rows and their places.

    >>> list(Pieces([2, 3], [0, 80]).overlapping(1, 4))
    [(0, 1, 2), (80, 0, 2)]
    """

    def __init__(self, sizes: Sequence[int], places: Sequence[Any]) -> None:
        self._starts, self._places = list(accumulate(sizes, initial=0)), list(places)

    def __len__(self) -> int:
        return self._starts[-1]

    def overlapping(self, start: int, stop: int) -> Iterator[tuple[Any, int, int]]:
        """Yield the place of each piece that has some of these rows, and which of its rows they are."""
        k = bisect_right(self._starts, start) - 1
        while k < len(self._places) and self._starts[k] < stop:
            first, after = self._starts[k], self._starts[k + 1]
            yield self._places[k], max(start - first, 0), min(stop, after) - first
            k += 1


class StoredNumbers(StoredColumn):
    """Numbers, dates or codes.

    >>> file = ColumnsFile()
    >>> pieces = Pieces([2, 1], [file.append(np.asarray([1.5, 2.5])), file.append(np.asarray([3.5]))])
    >>> column = StoredNumbers(file, pieces, np.float64)
    >>> column.values.tolist(), column[np.asarray([2, 1])].tolist()
    ([1.5, 2.5, 3.5], [3.5, 2.5])
    """

    def __init__(self, file: ColumnsFile, pieces: Pieces, dtype: Any) -> None:
        self._file, self._pieces, self._dtype = file, pieces, np.dtype(dtype)

    def __len__(self) -> int:
        return len(self._pieces)

    def between(self, start: int, stop: int) -> Array:
        """Return the values of the rows from `start` to before `stop`."""
        values = np.empty(max(min(stop, len(self)) - start, 0), self._dtype)
        at = 0
        for place, first, after in self._pieces.overlapping(start, stop):
            some = self._file.read(place + first * self._dtype.itemsize, after - first, self._dtype)
            values[at : at + len(some)] = some
            at += len(some)
        return values


class StoredLevels(StoredColumn):
    """Values of which few are distinct: the code of each row, and the value of each code."""

    def __init__(self, codes: StoredNumbers, levels: Array) -> None:
        self._codes, self._levels = codes, levels

    def __len__(self) -> int:
        return len(self._codes)

    def between(self, start: int, stop: int) -> Array:
        """Return the values of the rows from `start` to before `stop`."""
        return self._levels[self._codes.between(start, stop)]


class StoredTexts(StoredColumn):
    """Texts of which many are distinct, None where there is none.

    >>> file = ColumnsFile()
    >>> StoredTexts(file, Pieces([3], [StoredTexts.write(file, ["a", None, "é"])])).values.tolist()
    ['a', None, 'é']
    """

    def __init__(self, file: ColumnsFile, pieces: Pieces) -> None:
        self._file, self._pieces = file, pieces

    @staticmethod
    def write(file: ColumnsFile, texts: Sequence[str | None]) -> tuple[int, int, int]:
        """Write a piece and return its place: that of the lengths, their number, and that of the letters."""
        encoded = [b"" if text is None else text.encode() for text in texts]
        lengths = np.fromiter(map(len, encoded), np.int64, len(encoded))
        lengths[[text is None for text in texts]] = -1
        place = file.append(lengths)
        return place, len(encoded), file.append(np.frombuffer(b"".join(encoded), np.uint8))

    def __len__(self) -> int:
        return len(self._pieces)

    def between(self, start: int, stop: int) -> Array:
        """Return the values of the rows from `start` to before `stop`."""
        texts: list[str | None] = []
        for place, first, after in self._pieces.overlapping(start, stop):
            texts += self._piece(*place)[first:after]
        return objects(texts)

    def _piece(self, place: int, n: int, letters_at: int) -> list[str | None]:
        lengths = self._file.read(place, n, np.int64)
        ends = np.cumsum(np.maximum(lengths, 0)).tolist()
        letters = self._file.read(letters_at, ends[-1] if ends else 0, np.uint8).tobytes()
        listed = zip(lengths.tolist(), ends, strict=True)
        return [None if length < 0 else letters[end - length : end].decode() for length, end in listed]


class StoredRows(StoredColumn):
    """Some rows of a column in a file.

    >>> file = ColumnsFile()
    >>> column = StoredNumbers(file, Pieces([3], [file.append(np.asarray([1.5, 2.5, 3.5]))]), np.float64)
    >>> StoredRows(column, np.asarray([0, 2])).values.tolist()
    [1.5, 3.5]
    """

    def __init__(self, column: StoredColumn, rows: Array) -> None:
        self._column, self._rows = column, rows

    def __len__(self) -> int:
        return len(self._rows)

    def between(self, start: int, stop: int) -> Array:
        """Return the values of the rows from `start` to before `stop`."""
        return self._column[self._rows[start:stop]]
