"""Data sets with one fault each, and clean ones: what was broken is known to the row and the column."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.accuracy.tables import Table
from benchmarks.doctor.cases import Rows, rows_of

N_ROWS = 800  # of which a quarter are new rows
FIRST_SEED = 5000  # so that the rows are not those of the suite
CLEAN = "clean"
COLUMN = "broken"
SHARE_COPIED = 0.2
BALANCED = 0.15  # share of the rarest class from which a table counts as balanced


@dataclass(frozen=True, eq=False)
class Injected:
    """A data set.

    Attributes
    ----------
    name, kind : str
    X, y, X_new, y_new : tables and targets
        The rows of training, and new ones.
    is_regression : bool
    rows : tuple of int
        The broken rows: of training for wrong labels, new ones for copies.
    column : str
        The broken column, or "".
    may_judge : tuple of str
        For a clean data set: the kinds of faults that it is free of.
    """

    name: str
    kind: str
    X: pd.DataFrame
    y: np.ndarray
    X_new: pd.DataFrame
    y_new: np.ndarray
    is_regression: bool
    rows: tuple[int, ...] = ()
    column: str = ""
    may_judge: tuple[str, ...] = ()


def injected(table: Table) -> Iterator[Injected]:
    """Yield the data sets of a table: as many clean ones as there are of each kind."""
    for seed in range(STRENGTHS):
        rows = rows_of(table, N_ROWS, FIRST_SEED + seed)
        if len(rows.y) < 200:
            return
        yield replace(_as_is(rows, f"{table.name}, clean, {seed}", CLEAN), may_judge=_free_of(rows))
        for kind, (make, strengths) in KINDS.items():
            made = make(rows, strengths[seed], np.random.default_rng(seed))
            if made is not None:
                yield replace(made, name=f"{table.name}, {kind}, {strengths[seed]}", kind=kind)


def wrong_labels(rows: Rows, share: float, rng: np.random.Generator) -> Injected | None:
    """Give some rows the label of another class, drawn at random."""
    if rows.is_regression:
        return None
    y, names = rows.y.copy(), np.unique(rows.y)
    places = rng.permutation(len(y))[: round(share * len(y))]
    y[places] = [rng.choice(names[names != label]) for label in y[places]]
    return replace(_as_is(rows), y=y, rows=_sorted(places))


def copies(rows: Rows, share: float, rng: np.random.Generator) -> Injected:
    """Put copies of training rows among the new ones."""
    return _with_copies(rows, share, 0.0, rng)


def near_copies(rows: Rows, noise: float, rng: np.random.Generator) -> Injected | None:
    """Put rows among the new ones that differ from training rows by a little noise in every number."""
    return _with_copies(rows, SHARE_COPIED, noise, rng) if len(rows.numbers()) >= 2 else None


def leak(rows: Rows, noise: float, rng: np.random.Generator) -> Injected:
    """Add a column that is made from the target."""

    def made(y: np.ndarray) -> np.ndarray:
        if rows.is_regression:
            return 3 * y + noise * rows.y.std() * rng.normal(size=len(y))
        is_wrong = rng.random(len(y)) < noise / 20
        return np.where(is_wrong, rng.permutation(y), y) * 7.0 + 2 + rng.random(len(y))

    return replace(
        _as_is(rows), X=rows.X.assign(**{COLUMN: made(rows.y)}), X_new=rows.X_new.assign(**{COLUMN: made(rows.y_new)}),
        column=COLUMN,
    )  # fmt: skip


def identifier(rows: Rows, form: str, rng: np.random.Generator) -> Injected:
    """Add a column that names the row: its number in rows sorted by the target, or a text in random order."""
    n, n_new = len(rows.y), len(rows.y_new)
    if form == "number":
        order = np.argsort(rows.y, kind="stable")
        X = rows.X.iloc[order].reset_index(drop=True).assign(**{COLUMN: np.arange(n) + 1.0})
        X_new = rows.X_new.assign(**{COLUMN: np.arange(n_new) + n + 1.0})
        return replace(_as_is(rows), X=X, y=rows.y[order], X_new=X_new, column=COLUMN)
    texts = np.asarray([f"P-{k:05d}" for k in rng.permutation(100_000)[: n + n_new]])
    return replace(
        _as_is(rows), X=rows.X.assign(**{COLUMN: texts[:n]}), X_new=rows.X_new.assign(**{COLUMN: texts[n:]}),
        column=COLUMN,
    )  # fmt: skip


def imbalance(rows: Rows, share: float, rng: np.random.Generator) -> Injected | None:
    """Take rows of one class away, until it has this share, in both parts."""
    if rows.is_regression or not _is_balanced(rows.y):
        return None
    rare = int(np.unique(rows.y)[-1])

    def kept(y: np.ndarray, fewest: int) -> np.ndarray:
        others, own = np.flatnonzero(y != rare), np.flatnonzero(y == rare)
        n = max(fewest, round(share / (1 - share) * len(others)))
        return np.sort(np.concatenate([others, rng.permutation(own)[:n]]))

    places, new = kept(rows.y, 6), kept(rows.y_new, 2)
    return replace(
        _as_is(rows), X=_taken(rows.X, places), y=rows.y[places], X_new=_taken(rows.X_new, new), y_new=rows.y_new[new]
    )


def ordered(rows: Rows, noise: float, rng: np.random.Generator) -> Injected | None:
    """Put the rows of training in an order along one of their numbers, more or less."""
    numbers = rows.numbers()
    if not numbers:
        return None
    ranks = rows.X[numbers[0]].rank(method="first").to_numpy() / len(rows.y)
    order = np.argsort(np.nan_to_num(ranks, nan=0.5) + noise * rng.normal(size=len(ranks)), kind="stable")
    return replace(_as_is(rows), X=_taken(rows.X, order), y=rows.y[order])


def shifted(rows: Rows, shift: float, rng: np.random.Generator) -> Injected | None:
    """Shift one number of the new rows by so many standard deviations."""
    numbers = rows.numbers()
    if not numbers:
        return None
    column = rows.X_new[numbers[0]] + shift * float(rows.X[numbers[0]].std())
    return replace(_as_is(rows), X_new=rows.X_new.assign(**{numbers[0]: column}), column=numbers[0])


STRENGTHS = 2
KINDS: dict[str, tuple[Callable[[Rows, Any, np.random.Generator], Injected | None], tuple[Any, Any]]] = {
    "wrong labels": (wrong_labels, (0.1, 0.2)),
    "copies across the split": (copies, (0.1, 0.3)),
    "near copies across the split": (near_copies, (1e-3, 2e-2)),
    "a column made from the target": (leak, (0.0, 0.02)),
    "an identifier": (identifier, ("number", "text")),
    "a rare class": (imbalance, (0.02, 0.05)),
    "rows in an order": (ordered, (0.05, 0.3)),
    "new rows that are shifted": (shifted, (0.5, 1.5)),
}


def _with_copies(rows: Rows, share: float, noise: float, rng: np.random.Generator) -> Injected:
    n = round(share * len(rows.y_new))
    places, sources = np.sort(rng.permutation(len(rows.y_new))[:n]), rng.permutation(len(rows.y))[:n]
    X_new, y_new = rows.X_new.copy(), rows.y_new.copy()
    X_new.iloc[places] = rows.X.iloc[sources].to_numpy()
    y_new[places] = rows.y[sources]
    if noise:
        for name in rows.numbers():
            by = noise * float(rows.X[name].std()) * rng.normal(size=n)
            X_new.loc[places, name] = X_new.loc[places, name].to_numpy() + by
    return replace(_as_is(rows), X_new=X_new.astype(rows.X.dtypes), y_new=y_new, rows=_sorted(places))


def _as_is(rows: Rows, name: str = "", kind: str = "") -> Injected:
    return Injected(name, kind, rows.X, rows.y, rows.X_new, rows.y_new, rows.is_regression)


def _free_of(rows: Rows) -> tuple[str, ...]:
    """Return the kinds of faults that could have been put into these rows, and are not there by nature."""
    rng = np.random.default_rng(0)
    return tuple(kind for kind, (make, strengths) in KINDS.items() if make(rows, strengths[0], rng) is not None)


def _is_balanced(y: np.ndarray) -> bool:
    counts = np.unique(y, return_counts=True)[1]
    return bool(counts.min() / counts.sum() >= BALANCED)


def _taken(X: pd.DataFrame, places: np.ndarray) -> pd.DataFrame:
    return X.iloc[places].reset_index(drop=True)


def _sorted(places: np.ndarray) -> tuple[int, ...]:
    return tuple(sorted(int(place) for place in places))
