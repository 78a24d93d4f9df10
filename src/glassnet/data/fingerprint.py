"""Fingerprints of data, by which model files recognize their training data without storing it."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from glassnet.csr import checked_csr
from glassnet.data.table import Table
from glassnet.typing import Array

TEXTS_AT_A_TIME = 1 << 15  # texts become Python's objects by parts, as each takes many bytes


def fingerprint(*data: Any) -> str:
    """Return the SHA-256, as 64 hexadecimal digits, over names, types and values in order.

    Parameters
    ----------
    *data : Table, array, sparse matrix or None
        Taken in the order given, so that ``fingerprint(X, y)`` covers both.

    Examples
    --------
    >>> fingerprint(np.asarray([1.0, 2.0])) == fingerprint(np.asarray([2.0, 1.0]))
    False
    >>> len(fingerprint(np.asarray([1.0, 2.0]), None))
    64
    """
    return fingerprints(*data)[-1]


def fingerprints(*data: Any) -> list[str]:
    """Return the fingerprint of the first item, of the first two, and so on, in one pass.

    >>> X, y = np.asarray([1.0, 2.0]), np.asarray([0, 1])
    >>> fingerprints(X, y) == [fingerprint(X), fingerprint(X, y)]
    True
    """
    digest, found = hashlib.sha256(), []
    for item in data:
        _add(digest, item)
        found.append(digest.hexdigest())
    return found


def fingerprint_of_columns(names: Sequence[str], n_rows: int, parts_of: Callable[[str], Iterator[Array]]) -> str:
    """Return the fingerprint of a table whose columns come in parts.

    Parameters
    ----------
    names : sequence of str
    n_rows : int
        Number of rows of all parts together.
    parts_of : callable
        Called with a name; returns the parts of its column, all of one type.

    Examples
    --------
    >>> from glassnet.data.reading.tabular import table_from
    >>> parts = {"x": [np.asarray([1.0]), np.asarray([2.0])]}
    >>> fingerprint_of_columns(["x"], 2, lambda name: iter(parts[name])) == fingerprint(table_from({"x": [1.0, 2.0]}))
    True
    """
    digest = hashlib.sha256()
    _add_words(digest, ["table", *names])
    for name in names:
        for k, part in enumerate(parts_of(name)):
            if k == 0:
                _add_head(digest, part.dtype, (n_rows,))
            _add_values(digest, part)
    return digest.hexdigest()


def _add(digest: Any, item: Any) -> None:
    if isinstance(item, Table):
        _add_words(digest, ["table", *item.names])
        for column in item.columns:
            _add_array(digest, column)
    elif hasattr(item, "tocsr"):
        matrix = checked_csr(item).copy()  # a copy, to bring it into canonical order
        matrix.sum_duplicates()
        _add_words(digest, ["sparse", str(matrix.shape)])
        for part in (matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64), matrix.data):
            _add_array(digest, part)
    elif item is None:
        _add_words(digest, ["none"])
    else:
        _add_array(digest, np.asarray(item))


def _add_array(digest: Any, array: Array) -> None:
    _add_head(digest, array.dtype, array.shape)
    _add_values(digest, array)


def _add_head(digest: Any, dtype: Any, shape: tuple[int, ...]) -> None:
    _add_words(digest, ["text" if dtype.kind in "OU" else dtype.newbyteorder("<").str, str(shape)])


def _add_values(digest: Any, array: Array) -> None:
    if array.dtype.kind in "OU":  # hash the content of text, independent of NumPy's width
        values = array.ravel()
        for start in range(0, len(values), TEXTS_AT_A_TIME):
            some = values[start : start + TEXTS_AT_A_TIME].tolist()
            _add_words(digest, [f"{type(value).__name__}:{value}" for value in some])
        return
    dtype = array.dtype.newbyteorder("<")
    if array.dtype.kind == "f" and np.isnan(array).any():  # NaN has many bit patterns
        array = np.where(np.isnan(array), np.asarray(np.nan, dtype=array.dtype), array)
    plain = np.ascontiguousarray(array).astype(dtype, copy=False)
    digest.update(plain.reshape(-1).view(np.uint8))  # without a copy, which would double the memory


def _add_words(digest: Any, words: list[str]) -> None:
    """Add each word with its length, so that different lists of words differ."""
    digest.update(b"".join(len(word.encode()).to_bytes(8, "little") + word.encode() for word in words))
