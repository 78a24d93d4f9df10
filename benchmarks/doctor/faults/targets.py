"""Faults of targets: wrong labels, rare classes, scales, and targets that belong to other rows."""

from dataclasses import replace

import numpy as np
import pandas as pd

import glassnet as gn
from benchmarks.doctor.cases import Case, Rows, fitted, numeric
from benchmarks.doctor.faults.fault import Fault, plain
from benchmarks.doctor.faults.training import CONSEQUENCES

MOST_OF_RARE = 0.08  # share of the new rows


def unscaled(rows: Rows, seed: int, factor: float) -> Case | None:
    if not rows.is_regression:
        return None
    return _as_is(numeric(rows).with_targets(lambda y: y * factor), seed)


def far_from_zero(rows: Rows, seed: int, offset: float) -> Case | None:
    if not rows.is_regression:
        return None
    return _as_is(numeric(rows).with_targets(lambda y: y + offset), seed)


def _as_is(rows: Rows, seed: int) -> Case:
    """Fit rows of numbers without scaling them again."""
    return fitted(rows, seed, preset="plain", hidden_layer_sizes=(32,), activation="relu", max_iter=60)


def wrong_labels(rows: Rows, seed: int, share: float) -> Case | None:
    if rows.is_regression:
        return None
    rng, y = np.random.default_rng(seed), rows.y.copy()
    names = np.unique(y)
    places = rng.permutation(len(y))[: round(share * len(y))]
    y[places] = [rng.choice(names[names != label]) for label in y[places]]
    case = fitted(replace(rows, y=y), seed, max_iter=30)
    unseen = gn.out_of_fold(case.model, case.X, case.y)
    return replace(case, options={"out_of_fold": unseen}, broken=frozenset(places.tolist()))


def of_other_rows(rows: Rows, seed: int, shift: int) -> Case | None:
    """A target that was joined to the wrong rows: shifted by some, or in another order."""
    rng = np.random.default_rng(seed)

    def moved(y: np.ndarray) -> np.ndarray:
        return np.roll(y, shift) if shift else rng.permutation(y)

    return plain(rows.with_targets(moved), seed)


def rare_class(rows: Rows, seed: int, share: float) -> Case | None:
    if rows.is_regression or len(np.unique(rows.y)) != 2:
        return None
    rng = np.random.default_rng(seed)

    def without(X: pd.DataFrame, y: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
        rare = np.flatnonzero(y == 1)
        kept = rng.permutation(rare)[: max(6, round(share * (len(y) - len(rare))))]
        places = np.sort(np.concatenate([np.flatnonzero(y != 1), kept]))
        X, y = X.iloc[places].reset_index(drop=True), y[places]
        alike = rng.permutation(np.flatnonzero(y != 1))[: int(np.sum(y == 1))]
        X.loc[y == 1] = X.loc[alike].to_numpy()  # which looks much like the other
        return X, y

    parts = [without(X, y) for X, y in ((rows.X, rows.y), (rows.X_new, rows.y_new), (rows.X_fresh, rows.y_fresh))]
    (X, y), (X_new, y_new), (X_fresh, y_fresh) = parts
    if np.mean(y_new) > MOST_OF_RARE:  # too few rows to make it rare
        return None
    return fitted(Rows(X, y, X_new, y_new, False, X_fresh, y_fresh), seed, max_iter=30)


def other_names_when_new(rows: Rows, seed: int, by: int) -> Case | None:
    """New rows whose classes were numbered in another order."""
    names = np.unique(rows.y)
    if rows.is_regression or by % len(names) == 0:
        return None
    y_new = names[(np.searchsorted(names, rows.y_new) + by) % len(names)]
    return plain(replace(rows, y_new=y_new), seed, early_stopping=True, max_iter=200)


FAULTS = (
    Fault("an unscaled target", ("unscaled-target",), "target", "warning", unscaled, (1e-4, 1e4), CONSEQUENCES),
    Fault("a target far from 0", ("unscaled-target", "nothing-learned", "worse-than-linear", "stopped-early"), "",
          "warning", far_from_zero, (100.0, 1e4), CONSEQUENCES),
    Fault("wrong labels", ("wrong-labels",), "rows", "warning", wrong_labels, (0.05, 0.1, 0.2), ("miscalibrated",)),
    Fault("a target of other rows", ("nothing-learned", "overfits"), "", "warning", of_other_rows, (0, 1),
          ("miscalibrated", "forgotten-class", "worse-than-linear")),
    Fault("a rare class", ("forgotten-class",), "class 1", "warning", rare_class, (0.02, 0.05)),
    Fault("other names of classes in new rows", ("overfits", "miscalibrated"), "", "warning", other_names_when_new,
          (1, 3), ("forgotten-class",)),
)  # fmt: skip
