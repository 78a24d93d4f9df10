"""Faults of some of the rows or some of the values: near copies, other populations, one group, one row, one number."""

from dataclasses import replace

import numpy as np
import pandas as pd

from benchmarks.doctor.cases import Case, Rows, fitted, numeric
from benchmarks.doctor.faults.columns import ELSEWHERE
from benchmarks.doctor.faults.fault import PLAIN, Fault, plain
from benchmarks.doctor.faults.training import CONSEQUENCES


def near_copies(rows: Rows, seed: int, noise: float) -> Case | None:
    """A tenth of the new rows were measured a second time: the same thing, with a little noise."""
    rng, names = np.random.default_rng(seed), rows.numbers()
    if len(names) < 3:
        return None
    n = round(0.1 * len(rows.y_new))
    again = rows.X.iloc[:n].copy()
    again[names] += noise * rng.normal(size=(n, len(names))) * rows.X[names].std().to_numpy()
    X_new = pd.concat([again, rows.X_new.iloc[n:]]).reset_index(drop=True)
    both = replace(rows, X_new=X_new, y_new=np.concatenate([rows.y[:n], rows.y_new[n:]]))
    return replace(plain(both, seed), broken=frozenset(range(n)))


def split_by_value(rows: Rows, seed: int, share: float) -> Case | None:
    """New rows that are the last ones in the order of a column, such as the time."""
    named = _with_broken(rows)
    if named is None:
        return None
    X, y = pd.concat([named.X, named.X_new]), np.concatenate([named.y, named.y_new])
    noise = np.random.default_rng(seed).normal(size=len(y)) * (1 - share) * X["broken"].std()
    order = np.argsort((X["broken"].fillna(X["broken"].median()) + noise).to_numpy(), kind="stable")
    known, new = np.split(order, [len(named.y)])
    X, y = X.iloc[np.concatenate([known, new])], y[np.concatenate([known, new])]
    parts = dict(X=X.iloc[: len(known)].reset_index(drop=True), y=y[: len(known)])
    parts |= dict(X_new=X.iloc[len(known) :].reset_index(drop=True), y_new=y[len(known) :])
    if not rows.is_regression and set(parts["y_new"]) - set(parts["y"]):
        return None
    return plain(replace(named, **parts), seed)


def sorted_rows(rows: Rows, seed: int, by: str) -> Case | None:
    """Rows of training in the order of a column or of the target, shuffled while training."""
    named = _with_broken(rows)
    if named is None:
        return None
    order = np.argsort(named.y if by == "target" else named.X["broken"].to_numpy(), kind="stable")
    return plain(replace(named, X=named.X.iloc[order].reset_index(drop=True), y=named.y[order]), seed)


def one_group(rows: Rows, seed: int, share: float) -> Case | None:
    """A group of rows whose targets were joined wrongly: the rows with the largest values of a column."""
    named = _with_broken(rows)
    if named is None:
        return None
    rng, limit = np.random.default_rng(seed), named.X["broken"].quantile(1 - share)
    if named.X["broken"].std() == 0 or not 0.1 < (named.X["broken"] > limit).mean() < 0.4:
        return None

    def mixed(X: pd.DataFrame, y: np.ndarray) -> np.ndarray:
        places = np.flatnonzero((X["broken"] > limit).to_numpy())
        found = y.copy()
        found[places] = rng.choice(rows.y, size=len(places))
        return found

    broken = replace(
        named, y=mixed(named.X, named.y), y_new=mixed(named.X_new, named.y_new),
        y_fresh=mixed(named.X_fresh, named.y_fresh),
    )  # fmt: skip
    return plain(broken, seed, early_stopping=True, max_iter=200)


def typing_error(rows: Rows, seed: int, factor: float) -> Case | None:
    """One number with the decimal point at another place, in the target or, for classes, in a column."""
    prepared, k = numeric(rows), 7
    if rows.is_regression:
        y = prepared.y.copy()
        y[k] = factor * (1 + abs(y[k]))
        broken = replace(prepared, y=y)
    else:
        names = prepared.numbers()
        if not names:
            return None
        X = prepared.X.copy()
        X.loc[k, names[0]] = factor * (1 + abs(X.loc[k, names[0]]))
        broken = replace(prepared, X=X)
    return replace(fitted(broken, seed, **PLAIN), broken=frozenset([k]))


def few_of_a_class(rows: Rows, seed: int, share: float) -> Case | None:
    """A class of which most rows were not collected."""
    if rows.is_regression:
        return None
    names, counts = np.unique(rows.y, return_counts=True)
    rare = names[counts.argmin()]

    def kept(X: pd.DataFrame, y: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
        places = np.flatnonzero(y == rare)
        n = max(4, round(share * np.sum(y == names[counts.argmax()])))
        chosen = np.sort(np.concatenate([np.flatnonzero(y != rare), places[:n]]))
        return X.iloc[chosen].reset_index(drop=True), y[chosen]

    (X, y), (X_new, y_new) = kept(rows.X, rows.y), kept(rows.X_new, rows.y_new)
    return plain(replace(rows, X=X, y=y, X_new=X_new, y_new=y_new), seed)


def no_information(rows: Rows, seed: int, value: float) -> Case:
    with_column = numeric(rows).changed(lambda X, y: X.assign(broken=value))
    return fitted(with_column, seed, keep=["broken"], **PLAIN)


def numbers_for_gaps(rows: Rows, seed: int, value: float) -> Case | None:
    """Gaps that were written as a number."""
    named, rng = _with_broken(rows), np.random.default_rng(seed)
    if named is None or named.X["broken"].abs().max() > abs(value):
        return None

    def changed(X: pd.DataFrame, y: np.ndarray) -> pd.DataFrame:
        return X.assign(broken=X["broken"].mask(rng.random(len(X)) < 0.03, value))

    return fitted(named.changed(changed), seed, max_iter=30)


def in_two_units(rows: Rows, seed: int, noise: float) -> Case | None:
    """A quantity that is there twice, in two units."""
    names, rng = rows.numbers(), np.random.default_rng(seed)
    if not names:
        return None

    def changed(X: pd.DataFrame, y: np.ndarray) -> pd.DataFrame:
        spread = rows.X[names[0]].std()
        return X.assign(broken=2.2 * (X[names[0]] + noise * spread * rng.normal(size=len(X))) + 32)

    return plain(rows.changed(changed), seed)


def names_of_rows(rows: Rows, seed: int, doubled: float) -> Case:
    """Texts that name the row, some of which are there twice."""
    rng = np.random.default_rng(seed)

    def changed(X: pd.DataFrame, y: np.ndarray) -> pd.DataFrame:
        number = rng.permutation(len(X))
        number = np.where(rng.random(len(X)) < doubled, rng.permutation(number), number)
        return X.assign(broken=[f"P-{each:06d}" for each in number + 1000 * len(X)])

    return fitted(rows.changed(changed), seed, keep=["broken"], max_iter=30)


def _with_broken(rows: Rows) -> Rows | None:
    """Return the rows with their first column of numbers under the name "broken"; None if there is none."""
    names = rows.numbers()
    return rows.changed(lambda X, y: X.rename(columns={names[0]: "broken"})) if names else None


FAULTS = (
    Fault("rows measured twice", ("near-copies",), "new rows", "error", near_copies, (0.001, 0.01, 0.03)),
    Fault("a split by value", ("unlike-rows",), "broken", "warning", split_by_value, (0.5, 1.0),
          ("outside", "worse-group", *ELSEWHERE, *CONSEQUENCES)),
    Fault("sorted rows", ("drifting-rows",), "order", "note", sorted_rows, ("column", "target")),
    Fault("a group with other targets", ("worse-group",), "broken", "warning", one_group, (0.15, 0.3),
          ("overfits", "miscalibrated", "wrong-labels", "worse-than-linear", "nothing-learned")),
    Fault("a number typed wrongly", ("dominant-row",), "row 7 ", "warning", typing_error, (100.0, 1e4),
          ("unscaled-target", "unscaled-inputs", "first-cost", *CONSEQUENCES)),
    Fault("few rows of a class", ("imbalance",), "class", "note", few_of_a_class, (0.02, 0.05),
          ("forgotten-class", "miscalibrated", "overfits")),
    Fault("a column that never changes", ("constant-inputs",), "broken", "note", no_information, (0.0, 1.0)),
    Fault("numbers that stand for gaps", ("sentinel-values",), "broken", "warning", numbers_for_gaps,
          (-999.0, 99999.0)),
    Fault("a quantity in two units", ("copied-inputs",), "broken", "note", in_two_units, (0.0, 0.01)),
    Fault("a column that names the rows", ("identifiers",), "broken", "warning", names_of_rows, (0.02, 0.1),
          (*ELSEWHERE, "worse-than-linear")),
)  # fmt: skip
