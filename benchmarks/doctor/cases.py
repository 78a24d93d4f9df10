"""A case of the suite: a model with its rows, and what was broken in it."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

import glassnet as gn
from benchmarks.accuracy.tables import Table

NEW = 0.25  # share of the rows that the model is not trained on


@dataclass(frozen=True, eq=False)
class Case:
    """A fitted model, the rows of its training, and new ones."""

    model: Any
    X: Any
    y: np.ndarray
    X_new: Any
    y_new: np.ndarray
    options: dict[str, Any] = field(default_factory=dict)  # of gn.diagnose


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of a table, split into those of training and new ones."""

    X: pd.DataFrame
    y: np.ndarray
    X_new: pd.DataFrame
    y_new: np.ndarray
    is_regression: bool


def rows_of(table: Table, n_rows: int, seed: int) -> Rows:
    """Return some rows of a table, with whole classes, split at random."""
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(table.y))[:n_rows]
    X, y = table.X.iloc[chosen].reset_index(drop=True), table.y[chosen]
    if not table.is_regression:
        names, counts = np.unique(y, return_counts=True)
        kept = np.isin(y, names[counts >= 8])
        X, y = X[kept].reset_index(drop=True), y[kept]
    n_new = round(NEW * len(y))
    return Rows(X[n_new:].reset_index(drop=True), y[n_new:], X[:n_new].reset_index(drop=True), y[:n_new],
                table.is_regression)  # fmt: skip


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
    y, y_new = rows.y, rows.y_new
    if rows.is_regression:
        y, y_new = (y - rows.y.mean()) / rows.y.std(), (y_new - rows.y.mean()) / rows.y.std()
    return Rows(prepared.fit_transform(rows.X), y, prepared.transform(rows.X_new), y_new, rows.is_regression)


def fitted(rows: Rows, seed: int, **settings: Any) -> Case:
    """Return the case of a model with these settings."""
    make = gn.GlassRegressor if rows.is_regression else gn.GlassClassifier
    model = make(random_state=seed, **settings).fit(rows.X, rows.y)
    return Case(model, rows.X, rows.y, rows.X_new, rows.y_new)
