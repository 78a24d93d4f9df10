"""Exact and approximate facts of a column from one pass over its rows, in a memory that does not grow with them."""

from collections import Counter
from hashlib import blake2b
from typing import Any

import numpy as np

from glassnet.data.type_inference import is_missing
from glassnet.typing import Array

MOST_HASHES = 1 << 14
"""Up to so many distinct values their number is exact; beyond, its relative standard error is 0.8 %."""

MOST_COUNTED = 1 << 16
"""Up to so many distinct texts their counts are exact; beyond, each may be too low by (rows / 65,536)."""

MOST_LEVELS = 1000
"""Up to so many distinct values, a row of each is kept."""


class DistinctCount:
    """Counts distinct values by the smallest of their hashes (the KMV sketch of Bar-Yossef et al. 2002).

    >>> count = DistinctCount()
    >>> count.see(np.asarray([1.0, 2.0, 2.0]))
    >>> count.n, count.has_repeated
    (2, True)
    """

    def __init__(self) -> None:
        self._hashes: Array = np.empty(0, np.uint64)
        self._limit = np.uint64(2**64 - 1)
        self.has_repeated = False

    def see(self, values: Array) -> None:
        """Add values without missing ones: numbers, dates or objects."""
        hashes = _hashes_of(values)
        hashes = np.sort(hashes[hashes <= self._limit])
        found = np.unique(np.concatenate([self._hashes, hashes]))
        self.has_repeated = self.has_repeated or len(found) < len(self._hashes) + len(hashes)
        if len(found) > MOST_HASHES:
            found = found[:MOST_HASHES]
            self._limit = found[-1]
        self._hashes = found

    @property
    def n(self) -> int:
        """Number of distinct values."""
        if len(self._hashes) < MOST_HASHES:
            return len(self._hashes)
        return round((MOST_HASHES - 1) / (float(self._limit) / 2.0**64))


class ColumnFacts:
    """What the schema needs to know of a column.

    >>> facts = ColumnFacts()
    >>> facts.see(np.asarray(["a", None, "b", "a"], dtype=object)).tolist()
    [0, 1, 2]
    >>> facts.n_rows, facts.n_missing, facts.counts["a"], facts.distinct.n
    (4, 1, 2, 2)
    """

    def __init__(self, *, has_levels: bool = False) -> None:
        self.n_rows = self.n_missing = 0
        self.distinct = DistinctCount()
        self.counts: Counter[Any] = Counter()
        self._has_levels = has_levels
        self._known: set[Any] = set()
        self._low: Any = None
        self._high: Any = None

    def see(self, values: Array) -> Array:
        """Add the values of some rows; return the positions of rows that show something new.

        These are the first row with a missing value, rows with a new minimum or maximum, with a number that is not
        finite, and with a level that was not seen before.
        """
        gaps = is_missing(values)
        first_gap = np.flatnonzero(gaps)[:1] if self.n_missing == 0 else np.empty(0, np.int64)
        self.n_rows, self.n_missing = self.n_rows + len(values), self.n_missing + int(gaps.sum())
        places = np.arange(len(values)) if not gaps.any() else np.flatnonzero(~gaps)
        present = values[places] if gaps.any() else values
        if len(present) == 0:
            return first_gap
        self.distinct.see(present)
        is_number = values.dtype.kind in "fM"
        new = places[self._extremes(present)] if is_number else np.empty(0, np.int64)
        if not is_number or self._has_levels:
            new = np.concatenate([new, places[self._levels(present)]])
        return np.unique(np.concatenate([first_gap, new]))

    def _extremes(self, present: Array) -> Array:
        found = []
        low, high = int(present.argmin()), int(present.argmax())
        if self._low is None or present[low] < self._low:
            self._low = present[low]
            found.append(low)
        if self._high is None or present[high] > self._high:
            self._high = present[high]
            found.append(high)
        return np.asarray(found, np.int64)

    def _levels(self, present: Array) -> Array:
        if present.dtype.kind in "fMb":
            levels, first, counts = np.unique(present, return_index=True, return_counts=True)
            listed = dict(zip(levels.tolist(), counts.tolist(), strict=True))
            places = dict(zip(levels.tolist(), first.tolist(), strict=True))
        else:
            words = present.tolist()
            listed = Counter(words)
            places = {word: k for k, word in zip(range(len(words) - 1, -1, -1), reversed(words))}
        self.counts.update(listed)
        if len(self.counts) > 2 * MOST_COUNTED:
            self.counts = Counter(dict(self.counts.most_common(MOST_COUNTED)))
        new = [level for level in places if level not in self._known]
        new = sorted(new, key=places.__getitem__)[: max(0, MOST_LEVELS - len(self._known))]
        self._known.update(new)
        return np.asarray([places[level] for level in new], np.int64)


def _hash_of(value: Any) -> int:
    """Return a hash that is the same in every process, unlike Python's own."""
    return int.from_bytes(blake2b(repr(value).encode(), digest_size=8).digest(), "little")


def _hashes_of(values: Array) -> Array:
    """Return a hash of 64 bits of each value: the finalizer of MurmurHash3 on its bits."""
    if values.dtype.kind == "O":
        listed = values.tolist()
        hashed = {value: _hash_of(value) for value in set(listed)}
        bits = np.asarray([hashed[value] for value in listed], np.uint64)
    elif values.dtype.kind == "M":
        bits = values.astype(np.int64).view(np.uint64)
    else:
        bits = (values.astype(np.float64) + 0.0).view(np.uint64)  # -0.0 becomes 0.0
    for shift, factor in ((33, 0xFF51AFD7ED558CCD), (33, 0xC4CEB9FE1A85EC53)):
        bits = (bits ^ (bits >> np.uint64(shift))) * np.uint64(factor)
    return bits ^ (bits >> np.uint64(33))
