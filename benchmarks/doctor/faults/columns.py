"""Faults of columns: scales, units of measurement, and columns that should not be there."""

from dataclasses import replace

import numpy as np
import pandas as pd

from benchmarks.doctor.cases import Case, Rows, fitted, numeric
from benchmarks.doctor.faults.fault import Fault, plain
from benchmarks.doctor.faults.training import CONSEQUENCES

# of new rows that are not as those of training
ELSEWHERE = ("overfits", "miscalibrated", "forgotten-class", "unlike-rows", "worse-group")


def unscaled(rows: Rows, seed: int, factor: float) -> Case | None:
    return _one_column(rows, seed, lambda column: column * factor)


def far_from_zero(rows: Rows, seed: int, offset: float) -> Case | None:
    return _one_column(rows, seed, lambda column: column + offset)


def _one_column(rows: Rows, seed: int, change) -> Case | None:
    prepared = numeric(rows)
    names = prepared.numbers()
    if len(names) < 2:
        return None
    broken = prepared.changed(
        lambda X, y: X.assign(**{names[0]: change(X[names[0]])}).rename(columns={names[0]: "broken"})
    )
    return fitted(broken, seed, preset="plain", hidden_layer_sizes=(32,), activation="relu", max_iter=60)


def not_scaled(rows: Rows, seed: int, solver: str) -> Case | None:
    """Raw numbers, as they are in the file, with the preset "plain"."""
    names = rows.numbers()
    raw = rows.changed(lambda X, y: X[names].fillna(rows.X[names].median()))
    if rows.is_regression:
        raw = raw.with_targets(lambda y: (y - rows.y.mean()) / rows.y.std())
    spread = raw.X.std()
    if len(names) < 2 or spread.max() < 300 * spread.min():  # which would be a mild case
        return None
    return fitted(raw, seed, preset="plain", hidden_layer_sizes=(32,), solver=solver, max_iter=60)


def made_from_target(rows: Rows, seed: int, noise: float) -> Case:
    rng = np.random.default_rng(seed)

    def with_column(X: pd.DataFrame, y: np.ndarray) -> pd.DataFrame:
        if rows.is_regression:
            return X.assign(broken=3 * y + noise * rows.y.std() * rng.normal(size=len(y)))
        wrong = rng.random(len(y)) < noise / 20
        return X.assign(broken=np.where(wrong, rng.permutation(y), y) * 7.0 + 2 + rng.random(len(y)))

    return fitted(rows.changed(with_column), seed, max_iter=30)


def words_of_target(rows: Rows, seed: int, share: float) -> Case | None:
    """A status that is written down after the fact, with gaps: its words tell the class."""
    if rows.is_regression:
        return None
    rng = np.random.default_rng(seed)
    names = np.asarray([f"status {rng.integers(100, 999)}" for _ in range(int(rows.y.max()) + 1)], dtype=object)

    def with_column(X: pd.DataFrame, y: np.ndarray) -> pd.DataFrame:
        words = np.where(rng.random(len(y)) < share, "none", names[y])
        return X.assign(broken=pd.Categorical(words, categories=["none", *dict.fromkeys(names)]))

    return fitted(rows.changed(with_column), seed, max_iter=30)


def counted_rows(rows: Rows, seed: int, start: int) -> Case:
    order = np.argsort(rows.y, kind="stable")
    X = rows.X.iloc[order].reset_index(drop=True).assign(broken=np.arange(len(order)) + float(start))
    X_new = rows.X_new.assign(broken=np.arange(len(rows.y_new)) + float(start + len(order)))
    X_fresh = rows.X_fresh.assign(broken=np.arange(len(rows.y_fresh)) + float(start + len(rows.y) + len(rows.y_new)))
    counted = replace(rows, X=X, y=rows.y[order], X_new=X_new, X_fresh=X_fresh)
    return fitted(counted, seed, keep=["broken"], max_iter=30)


def other_unit(rows: Rows, seed: int, factor: float) -> Case | None:
    """New rows a part of which has a column in another unit, such as grams instead of kilograms."""
    prepared = numeric(rows)
    names = prepared.numbers()
    if not names:
        return None
    X_new = prepared.X_new.copy()
    n = len(X_new) // 4
    raw = 2.0 + X_new[names[0]].iloc[:n]  # a scaled column is around 0, where units make no difference
    X_new.loc[: n - 1, names[0]] = factor * raw.to_numpy() - 2.0
    return replace(plain(replace(prepared, X_new=X_new), seed), broken=frozenset(range(n)))


def sentinel(rows: Rows, seed: int, n: int) -> Case | None:
    """New rows in which a number that was not measured stands as -999."""
    names = rows.numbers()
    if not names or rows.X[names[0]].min() < -500:
        return None
    X_new = rows.X_new.copy()
    X_new.loc[: n - 1, names[0]] = -999.0
    return replace(plain(replace(rows, X_new=X_new), seed), broken=frozenset(range(n)))


def not_scaled_when_new(rows: Rows, seed: int, with_target: bool) -> Case | None:
    """New rows to which the scaler of the training rows was not applied."""
    prepared, names = numeric(rows), rows.numbers()
    names = [name for name in names if name in prepared.X_new]
    far = rows.X[names].abs().max() > 20
    if not far.any():
        return None
    X_new = prepared.X_new.copy()
    X_new[names] = rows.X_new[names].fillna(0.0).to_numpy()
    y_new = rows.y_new if with_target else prepared.y_new
    return replace(plain(replace(prepared, X_new=X_new, y_new=y_new), seed), broken=frozenset(range(len(y_new))))


FAULTS = (
    Fault("an unscaled column", ("unscaled-inputs",), "broken", "warning", unscaled, (1e3, 1e6), CONSEQUENCES),
    Fault("a column far from 0", ("unscaled-inputs",), "broken", "warning", far_from_zero, (50.0, 2000.0),
          CONSEQUENCES),
    Fault("columns as they are in the file", ("unscaled-inputs",), "inputs", "warning", not_scaled, ("adam", "sgd"),
          CONSEQUENCES),
    Fault("a column made from the target", ("giveaway",), "broken", "warning", made_from_target, (0.0, 0.02)),
    Fault("words that tell the class", ("giveaway",), "broken", "warning", words_of_target, (0.0, 0.005)),
    Fault("a column that counts the rows", ("row-numbers",), "broken", "warning", counted_rows, (0, 10_000),
          ("outside", "giveaway", *ELSEWHERE)),
    Fault("new rows in another unit", ("outside",), "new rows", "note", other_unit, (100.0, 1000.0), ELSEWHERE),
    Fault("-999 in new rows", ("outside",), "new rows", "note", sentinel, (2, 20), ELSEWHERE),
    Fault("new rows that were not scaled", ("outside",), "new rows", "note", not_scaled_when_new, (False, True),
          ELSEWHERE),
)  # fmt: skip
