"""Fingerprints of data, by which model files recognize their training data without storing it."""

import hashlib
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
    if array.dtype.kind in "OU":  # hash the content of text, independent of NumPy's width
        _add_words(digest, ["text", str(array.shape)])
        values = array.ravel()
        for start in range(0, len(values), TEXTS_AT_A_TIME):
            some = values[start : start + TEXTS_AT_A_TIME].tolist()
            _add_words(digest, [f"{type(value).__name__}:{value}" for value in some])
        return
    dtype = array.dtype.newbyteorder("<")
    _add_words(digest, [dtype.str, str(array.shape)])
    if array.dtype.kind == "f" and np.isnan(array).any():  # NaN has many bit patterns
        array = np.where(np.isnan(array), np.asarray(np.nan, dtype=array.dtype), array)
    plain = np.ascontiguousarray(array).astype(dtype, copy=False)
    digest.update(plain.reshape(-1).view(np.uint8))  # without a copy, which would double the memory


def _add_words(digest: Any, words: list[str]) -> None:
    """Add each word with its length, so that different lists of words differ."""
    digest.update(b"".join(len(word.encode()).to_bytes(8, "little") + word.encode() for word in words))
