"""Healthy fits: settings that suit the table, as users who know what they do would choose them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import glassnet as gn
from benchmarks.accuracy.tables import Table
from benchmarks.doctor.cases import MOST_USED, Case, Rows, fitted, numeric, rows_of

SIZES = (300, 800, 2000)
SMALLEST_STEP = 1.3  # of two sizes that a small table allows, the larger is this many times the smaller


def tabular(rows: Rows, seed: int) -> Case:
    return fitted(rows, seed)


def by_adam(rows: Rows, seed: int) -> Case:
    case = _plain(rows, seed, activation="relu", early_stopping=True, max_iter=300, n_iter_no_change=20)
    if rows.is_regression or len(rows.y) > SIZES[0]:
        return case
    unseen = gn.out_of_fold(case.model, case.rows.X, case.rows.y)
    return replace(case, options={"out_of_fold": unseen})


def by_momentum(rows: Rows, seed: int) -> Case:
    return _plain(
        rows, seed, activation="silu", solver="sgd", momentum=0.9, learning_rate_init=0.02, batch_size=32,
        early_stopping=True, max_iter=300, n_iter_no_change=20,
    )  # fmt: skip


def by_lbfgs(rows: Rows, seed: int) -> Case:
    return _plain(rows, seed, activation="tanh", solver="lbfgs", alpha=3.0, max_iter=150)


def of_scikit_learn(rows: Rows, seed: int) -> Case:
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    rows = numeric(rows)
    make = MLPRegressor if rows.is_regression else MLPClassifier

    def refit(rows: Rows, **changes: Any) -> Any:
        settings = {"alpha": 1.0, "max_iter": 150, "learning_rate_init": 2e-3, "batch_size": 32}
        return make(hidden_layer_sizes=(32,), random_state=seed, **{**settings, **changes}).fit(rows.X, rows.y)

    return Case(refit(rows), rows, refit)


KINDS: dict[str, Callable[[Rows, int], Case]] = {
    "tabular": tabular,
    "plain, Adam, early stopping": by_adam,
    "plain, momentum, early stopping": by_momentum,
    "plain, L-BFGS, penalty": by_lbfgs,
    "scikit-learn, Adam, penalty": of_scikit_learn,
}


def sizes_of(table: Table) -> list[int]:
    """Return how many rows to take: the sizes that leave enough fresh rows to judge by."""
    found: list[int] = []
    for size in SIZES:
        n = min(size, int(MOST_USED * len(table.y)))
        if not found or n >= SMALLEST_STEP * found[-1]:
            found.append(n)
    return found


def healthy_fits(table: Table, seeds: range) -> Iterator[tuple[str, Callable[[], Case]]]:
    """Yield the names of the healthy fits of a table, with what makes them."""
    for seed in seeds:
        for size in sizes_of(table):
            for kind, make in KINDS.items():
                name = f"{table.name}, {size} rows, {kind}, seed {seed}"
                yield name, lambda size=size, seed=seed, make=make: make(rows_of(table, size, seed), seed)


def _plain(rows: Rows, seed: int, **settings: Any) -> Case:
    return fitted(numeric(rows), seed, preset="plain", hidden_layer_sizes=(32,), **settings)
