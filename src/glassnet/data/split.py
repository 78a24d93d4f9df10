"""Splits rows into training, validation and test sets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.arrays import generator
from glassnet.data.row_words import in_row
from glassnet.data.type_inference import is_missing
from glassnet.errors import DataError, ParameterError, ShapeError
from glassnet.typing import Array

_NAMES = ("train", "validation", "test")
PART = np.int8  # number of a part


@dataclass(frozen=True, eq=False)
class Split:
    """Row positions of each part, ascending, and a description of the split."""

    train: Array
    validation: Array
    test: Array
    how: str


def split(
    rows: Any,
    *,
    fractions: Sequence[float] = (0.6, 0.2, 0.2),
    stratify: Any = None,
    groups: Any = None,
    time: Any = None,
    seed: Any = 0,
) -> Split:
    """Split rows into training, validation and test sets.

    Parameters
    ----------
    rows : int or array of shape (n_rows,)
        Number of rows, or the target; if its values are labels (not floats), the split is stratified by class.
    fractions : three floats
        Shares of train, validation and test, with sum 1; validation and test may be 0.
    stratify : array of shape (n_rows,), optional
        Labels to stratify by instead of the target. A class with one row goes to train. False does not stratify.
    groups : array of shape (n_rows,), optional
        Rows of one group (a patient, a day) stay in the same part.
    time : array of shape (n_rows,), optional
        The earliest rows train, the latest test; rows of equal time stay together if that leaves no part empty.
    seed : int or Generator
        The same seed gives the same split.

    Returns
    -------
    Split

    Examples
    --------
    >>> parts = split(["a", "a", "b", "a", "b", "a", "b", "a", "b", "a"], fractions=(0.5, 0, 0.5))
    >>> len(parts.train), len(parts.validation), len(parts.test)
    (5, 0, 5)
    >>> parts.how
    'Stratified by 2 classes: 5 rows to train, 0 to validation, 5 to test.'
    """
    n_rows, labels = _labels(rows, stratify)
    shares = _shares(fractions)
    _check_criteria(n_rows, stratify, groups, time)
    rng = generator(seed)
    if time is not None:
        part, how = _by_time(np.asarray(time), shares), "By time, the latest rows to test"
    elif groups is not None:
        group_of = _codes(np.asarray(groups))
        part, how = _by_group(group_of, shares, rng), f"By {group_of.max() + 1} groups, none in two parts"
    elif labels is not None:
        class_of = _codes(labels)
        part, how = _stratified(class_of, shares, rng), f"Stratified by {class_of.max() + 1} classes"
    else:
        part, how = _at_random(n_rows, shares, rng), "At random"
    train, validation, test = (_places(part == k) for k in range(3))
    counts = f"{len(train)} rows to train, {len(validation)} to validation, {len(test)} to test"
    return Split(train, validation, test, f"{how}: {counts}.")


def _places(chosen: Array) -> Array:
    """Return the places where something holds, in half of the memory if there are less than two billion."""
    return np.flatnonzero(chosen).astype(np.int32 if len(chosen) < 1 << 31 else np.int64)


def _labels(rows: Any, stratify: Any) -> tuple[int, Array | None]:
    if isinstance(rows, int | np.integer):
        n_rows, target = int(rows), None
    else:
        values = np.asarray(rows)
        n_rows = len(values)
        target = values if values.ndim == 1 and values.dtype.kind not in "fM" else None
    if n_rows < 1:
        raise DataError(f"{n_rows} rows cannot be split; at least one was expected. Check the source.")
    if stratify is None or stratify is False:
        return n_rows, None if stratify is False else target
    return n_rows, np.asarray(stratify)


def _shares(fractions: Sequence[float]) -> Array:
    shares = np.asarray(fractions, dtype=np.float64)
    if shares.shape != (3,) or not (shares >= 0).all() or shares[0] <= 0 or abs(shares.sum() - 1) > 1e-9:
        raise ParameterError(
            f"fractions is {tuple(fractions)}, but expected three shares for train, validation and test that "
            f"add up to 1, "
            "the first above 0; try (0.6, 0.2, 0.2)."
        )
    return shares


def _check_criteria(n_rows: int, stratify: Any, groups: Any, time: Any) -> None:
    given = {"groups": groups, "time": time, "stratify": None if stratify is False else stratify}
    named = {name: np.asarray(values) for name, values in given.items() if values is not None}
    if len(named) > 1:
        raise ParameterError(f"{' and '.join(named)} were given, but a split follows one of them; choose one.")
    for name, values in named.items():
        if values.shape != (n_rows,):
            raise ShapeError(
                f"{name} has shape {values.shape}, but one value for each of the {n_rows} rows was expected."
            )
        gaps = is_missing(values)
        if name != "stratify" and gaps.any():
            raise DataError(
                f"{name} is missing {in_row(np.flatnonzero(gaps)[0])}, but every row needs a value for the split; "
                f"try leaving such rows out."
            )


def _codes(values: Array) -> Array:
    """Return integer codes 0, 1, 2, ... of the distinct values; text and mixed types by their repr."""
    if values.dtype.kind != "O":
        return np.unique(values, return_inverse=True)[1].reshape(-1)
    places: dict[str, int] = {}
    kind = np.int32 if len(values) < 1 << 31 else np.int64
    found = np.fromiter((places.setdefault(repr(value), len(places)) for value in values), kind, len(values))
    code_of_place = np.empty(len(places), kind)
    code_of_place[[places[word] for word in sorted(places)]] = np.arange(len(places))
    return code_of_place[found]


def _at_random(n_rows: int, shares: Array, rng: np.random.Generator) -> Array:
    counts = _filled(_counts(n_rows, shares, np.zeros(3)), shares)
    part = np.empty(n_rows, PART)
    part[rng.permutation(n_rows)] = np.repeat(np.arange(3, dtype=PART), counts)
    return part


def _stratified(class_of: Array, shares: Array, rng: np.random.Generator) -> Array:
    """Split class by class; rounding errors are carried over to keep the total shares."""
    part = np.empty(len(class_of), PART)
    owed = np.zeros(3)
    for code in range(class_of.max() + 1):
        members = rng.permutation(_places(class_of == code))
        counts = _counts(len(members), shares, owed)
        owed = owed + shares * len(members) - counts
        part[members] = np.repeat(np.arange(3, dtype=PART), counts)
    return part


def _counts(n: int, shares: Array, owed: Array) -> Array:
    """Return the number of rows per part: whole shares first, the rest by largest remainder, at least one to train."""
    counts = np.floor(shares * n + 1e-9).astype(np.int64)
    for _ in range(n - int(counts.sum())):
        claim = np.where(shares > 0, shares * n + owed - counts, -np.inf)
        counts[np.argmax(claim)] += 1
    if counts[0] == 0:
        counts[np.argmax(counts)] -= 1
        counts[0] = 1
    return counts


def _filled(counts: Array, shares: Array) -> Array:
    """Return the counts with at least one row for every nonempty part, if there are enough rows."""
    for k in range(3):
        if shares[k] > 0 and counts[k] == 0 and counts.max() > 1:
            counts[np.argmax(counts)] -= 1
            counts[k] = 1
    return counts


def _by_group(group_of: Array, shares: Array, rng: np.random.Generator) -> Array:
    """Assign each group, largest first, to the part with the largest deficit of rows."""
    sizes = np.bincount(group_of)
    if len(sizes) < np.count_nonzero(shares):
        raise DataError(
            f"groups has {len(sizes)} different value(s), but {np.count_nonzero(shares)} parts need at least one each; "
            "try a finer grouping or fewer parts."
        )
    order = rng.permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    lacking = shares * len(group_of)
    part_of_group = np.empty(len(sizes), dtype=np.int64)
    for position, group in enumerate(order):
        still_empty = [k for k in range(3) if shares[k] > 0 and k not in part_of_group[order[:position]]]
        must_fill = len(sizes) - position <= len(still_empty)
        candidates = still_empty if must_fill else [k for k in range(3) if shares[k] > 0]
        chosen = max(candidates, key=lambda k: lacking[k])
        part_of_group[group] = chosen
        lacking[chosen] -= sizes[group]
    return part_of_group[group_of]


def _by_time(time: Array, shares: Array) -> Array:
    order = np.argsort(time, kind="stable")
    ordered = time[order]
    counts = _filled(_counts(len(time), shares, np.zeros(3)), shares)
    cuts = np.cumsum(counts)[:2]
    together = [int(np.searchsorted(ordered, ordered[min(cut, len(time) - 1)], side="left")) for cut in cuts]
    is_empty = np.diff([0, *together, len(time)]) == 0
    if not (is_empty & (shares > 0)).any() and shares[2] > 0:
        cuts = np.asarray(together)
    part = np.empty(len(time), dtype=np.int64)
    part[order] = np.searchsorted(cuts, np.arange(len(time)), side="right")
    return part
