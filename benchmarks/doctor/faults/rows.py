"""Faults of rows: the same on both sides of the split, or from elsewhere."""

from dataclasses import replace

import numpy as np
import pandas as pd

from benchmarks.doctor.cases import Case, Rows, fitted, numeric
from benchmarks.doctor.faults.columns import ELSEWHERE
from benchmarks.doctor.faults.fault import Fault, plain


def repeated(rows: Rows, seed: int, share: float) -> Case:
    n = round(share * len(rows.y_new))
    X_new = pd.concat([rows.X.iloc[:n], rows.X_new.iloc[n:]]).reset_index(drop=True)
    both = replace(rows, X_new=X_new, y_new=np.concatenate([rows.y[:n], rows.y_new[n:]]))
    return replace(fitted(both, seed, max_iter=30), broken=frozenset(range(n)))


def doubled_before_the_split(rows: Rows, seed: int, times: int) -> Case:
    """Rows that were repeated to have more of a kind, and split only then."""
    rng = np.random.default_rng(seed)
    X, y = pd.concat([rows.X, rows.X_new]), np.concatenate([rows.y, rows.y_new])
    kind = y > np.median(y) if rows.is_regression else y == np.unique(y)[np.bincount(y)[np.unique(y)].argmin()]
    places = np.concatenate([np.arange(len(y)), *[np.flatnonzero(kind)] * (times - 1)])
    places = rng.permutation(places)
    known, new = np.split(places, [round(0.75 * len(places))])
    broken = frozenset(np.flatnonzero(np.isin(new, known)).tolist())
    parts = [X.iloc[at].reset_index(drop=True) for at in (known, new)]
    split = replace(rows, X=parts[0], y=y[known], X_new=parts[1], y_new=y[new])
    return replace(plain(split, seed), broken=broken)


def far_away(rows: Rows, seed: int, factor: float) -> Case | None:
    numbers = rows.numbers()
    if not numbers:
        return None
    X_new = rows.X_new.copy()
    X_new.loc[:4, numbers[0]] = factor * (1 + rows.X[numbers[0]].abs().max())
    return replace(plain(replace(rows, X_new=X_new), seed, max_iter=40), broken=frozenset(range(5)))


def from_elsewhere(rows: Rows, seed: int, spreads: float) -> Case | None:
    """New rows of another population: all numbers are some standard deviations higher."""
    prepared = numeric(rows)
    names = prepared.numbers()
    if len(names) < 3:
        return None
    X_new = prepared.X_new.copy()
    X_new[names] += spreads
    return replace(plain(replace(prepared, X_new=X_new), seed), broken=frozenset(range(len(X_new))))


FAULTS = (
    Fault("rows on both sides", ("repeated-rows",), "new rows", "error", repeated, (0.05, 0.1, 0.5)),
    Fault("rows repeated before the split", ("repeated-rows",), "new rows", "error", doubled_before_the_split, (2, 4)),
    Fault("rows far away", ("outside",), "new rows", "note", far_away, (3.0, 100.0), ELSEWHERE),
    Fault("new rows from elsewhere", ("outside",), "new rows", "note", from_elsewhere, (3.0, 10.0), ELSEWHERE),
)
