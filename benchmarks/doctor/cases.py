"""A case of the suite: a model with its rows, and what was broken in it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

import glassnet as gn
from benchmarks.accuracy.tables import Table
from glassnet.diagnosis.diagnosis import Diagnosis

NEW = 0.25  # share of the rows that the model is not trained on
MOST_USED = 2 / 3  # of a table; the rest are fresh rows
MOST_FRESH = 4000
LEAST_OF_CLASS = 8


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of a table: of training, new ones that the doctor sees too, and fresh ones that only the judge sees."""

    X: pd.DataFrame
    y: np.ndarray
    X_new: pd.DataFrame
    y_new: np.ndarray
    is_regression: bool
    X_fresh: pd.DataFrame
    y_fresh: np.ndarray

    def changed(self, change: Callable[[pd.DataFrame, np.ndarray], pd.DataFrame]) -> "Rows":
        """Return the rows with ``change(X, y)`` in place of each X."""
        return replace(
            self,
            X=change(self.X, self.y),
            X_new=change(self.X_new, self.y_new),
            X_fresh=change(self.X_fresh, self.y_fresh),
        )

    def with_targets(self, change: Callable[[np.ndarray], np.ndarray]) -> "Rows":
        """Return the rows with other targets."""
        return replace(self, y=change(self.y), y_new=change(self.y_new), y_fresh=change(self.y_fresh))

    def numbers(self) -> list[str]:
        """Return the columns of numbers with more than ten values."""
        return [name for name in self.X.columns if self.X[name].dtype.kind == "f" and self.X[name].nunique() > 10]


@dataclass(frozen=True, eq=False)
class Case:
    """A fitted model and its rows.

    Attributes
    ----------
    model : estimator or Network
    rows : Rows
    refit : callable or None
        ``refit(rows, **changes)`` fits the model again, with other rows or settings.
    options : dict
        Of `gn.diagnose`.
    broken : frozenset of int
        Numbers of the units (from 1) or rows (from 0) that were broken, if the fault has such.
    """

    model: Any
    rows: Rows
    refit: Callable[..., Any] | None = None
    options: dict[str, Any] = field(default_factory=dict)
    broken: frozenset[int] = frozenset()

    @property
    def X(self) -> Any:
        """The columns of training."""
        return self.rows.X

    @property
    def y(self) -> np.ndarray:
        """The targets of training."""
        return self.rows.y

    @property
    def X_new(self) -> Any:
        """The columns of the new rows."""
        return self.rows.X_new

    @property
    def y_new(self) -> np.ndarray:
        """The targets of the new rows."""
        return self.rows.y_new

    def diagnosis(self) -> Diagnosis:
        """Return what the doctor says."""
        return gn.diagnose(self.model, self.X, self.y, validation=(self.X_new, self.y_new), **self.options)


def rows_of(table: Table, n_rows: int, seed: int) -> Rows:
    """Return some rows of a table, split at random; classes of fewer than eight rows are left out."""
    rng = np.random.default_rng(seed)
    n_rows = min(n_rows, int(MOST_USED * len(table.y)))
    order = rng.permutation(len(table.y))
    used, fresh = order[:n_rows], order[n_rows:][:MOST_FRESH]
    if not table.is_regression:
        names, counts = np.unique(table.y[used], return_counts=True)
        kept = names[counts >= LEAST_OF_CLASS]
        used, fresh = (places[np.isin(table.y[places], kept)] for places in (used, fresh))
    n_new = round(NEW * len(used))
    parts = (used[n_new:], used[:n_new], fresh)
    X, X_new, X_fresh = (table.X.iloc[places].reset_index(drop=True) for places in parts)
    y, y_new, y_fresh = (table.y[places] for places in parts)
    return Rows(X, y, X_new, y_new, table.is_regression, X_fresh, y_fresh)


def numeric(rows: Rows) -> Rows:
    """Return the rows as scaled numbers, for the preset "plain": what a careful user prepares by hand."""
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    prepared = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), make_column_selector(dtype_include=np.number)),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False, min_frequency=3),
         make_column_selector(dtype_include="category")),
        verbose_feature_names_out=False,
    )  # fmt: skip
    prepared.set_output(transform="pandas")
    prepared.fit(rows.X)
    found = rows.changed(lambda X, y: prepared.transform(X))
    if rows.is_regression:
        mean, spread = rows.y.mean(), rows.y.std()
        found = found.with_targets(lambda y: (y - mean) / spread)
    return found


def fitted(rows: Rows, seed: int, **settings: Any) -> Case:
    """Return the case of a model with these settings."""
    make = gn.GlassRegressor if rows.is_regression else gn.GlassClassifier

    def refit(rows: Rows, **changes: Any) -> Any:
        return make(random_state=seed, **{**settings, **changes}).fit(rows.X, rows.y)

    return Case(refit(rows), rows, refit)
