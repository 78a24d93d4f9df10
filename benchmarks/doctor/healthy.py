"""Healthy fits: settings that suit the table, as users who know what they do would choose them."""

from collections.abc import Iterator
from typing import Any

from benchmarks.accuracy.tables import Table
from benchmarks.doctor.cases import Case, fitted, numeric, rows_of

SIZES = (400, 2000)
PLAIN: dict[str, dict[str, Any]] = {
    "relu, early stopping": dict(activation="relu", early_stopping=True, max_iter=300, n_iter_no_change=20),
    "tanh, L-BFGS, penalty": dict(activation="tanh", solver="lbfgs", alpha=3.0, max_iter=150),
}


def healthy_fits(table: Table, seeds: range) -> Iterator[tuple[str, Case]]:
    """Yield fits of a table, with their names."""
    for seed in seeds:
        for size in SIZES:
            rows = rows_of(table, size, seed)
            yield f"{table.name}, {size} rows, tabular, seed {seed}", fitted(rows, seed)
            for name, settings in PLAIN.items():
                yield (
                    f"{table.name}, {size} rows, plain, {name}, seed {seed}",
                    fitted(numeric(rows), seed, preset="plain", hidden_layer_sizes=(32,), **settings),
                )
