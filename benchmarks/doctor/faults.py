"""Faults, each seeded into an otherwise healthy fit: what was done, which rule should find it, and where."""

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

import glassnet as gn
from benchmarks.accuracy.tables import Table
from benchmarks.doctor.cases import Case, Rows, fitted, numeric, rows_of

PLAIN: dict[str, Any] = dict(preset="plain", hidden_layer_sizes=(32,))
N_ROWS = 800


@dataclass(frozen=True)
class Fault:
    """A kind of fault.

    Attributes
    ----------
    name : str
    rules : tuple of str
        Any of them is a hit.
    where : str
        Text that the place of the finding must have; empty if there is no place.
    level : "error" or "warning"
        How bad it is.
    make : callable
        ``make(rows, seed, strength)`` gives the broken case, or None if the table does not allow the fault.
    strengths : tuple
    """

    name: str
    rules: tuple[str, ...]
    where: str
    level: str
    make: Callable[[Rows, int, Any], Case | None]
    strengths: tuple[Any, ...]


def seeded_faults(table: Table, seeds: range) -> Iterator[tuple[Fault, str, Case]]:
    """Yield broken fits of a table."""
    for fault in FAULTS:
        for strength in fault.strengths:
            for seed in seeds:
                case = fault.make(rows_of(table, N_ROWS, 1000 + seed), seed, strength)
                if case is not None:
                    yield fault, f"{table.name}, {fault.name} {strength}, seed {seed}", case


def _changed(case: Case, change: Callable[[list[np.ndarray], list[np.ndarray]], None]) -> Case:
    """Return the case with other weights: `change` edits the lists of weights (n_out, n_in) and biases in place."""
    model, network = copy(case.model), case.model.network_
    theta = np.array(network.theta)
    changed = network.with_theta(theta)
    W = [network.layout.view(theta, l, "W") for l in range(1, network.n_layers + 1)]
    b = [network.layout.view(theta, l, "b") for l in range(1, network.n_layers + 1)]
    change(W, b)
    model.members_ = (replace(model.members_[0], network=changed),)
    return replace(case, model=model)


def _plain(rows: Rows, seed: int, **settings: Any) -> Case:
    return fitted(numeric(rows), seed, **{**PLAIN, "activation": "relu", "max_iter": 60, **settings})


def learning_rate_large(rows: Rows, seed: int, rate: float) -> Case:
    return _plain(rows, seed, solver="sgd", momentum=0.0, learning_rate_init=rate)


def learning_rate_small(rows: Rows, seed: int, rate: float) -> Case:
    return _plain(rows, seed, solver="sgd", momentum=0.0, learning_rate_init=rate)


def few_epochs(rows: Rows, seed: int, epochs: int) -> Case:
    return _plain(rows, seed, learning_rate_init=1e-4, max_iter=epochs)


def dead(rows: Rows, seed: int, share: float) -> Case:
    def change(W: list[np.ndarray], b: list[np.ndarray]) -> None:
        b[0][: round(share * len(b[0]))] = -1e4

    return _changed(_plain(rows, seed), change)


def saturated(rows: Rows, seed: int, factor: float) -> Case:
    def change(W: list[np.ndarray], b: list[np.ndarray]) -> None:
        W[0] *= factor
        b[0] *= factor

    return _changed(_plain(rows, seed, activation="tanh"), change)


def copies(rows: Rows, seed: int, share: float) -> Case:
    def change(W: list[np.ndarray], b: list[np.ndarray]) -> None:
        n = max(2, round(share * len(b[0])))
        W[0][:n], b[0][:n], W[1][:, :n] = W[0][0], b[0][0], W[1][:, :1]

    return _changed(_plain(rows, seed), change)


def not_a_number(rows: Rows, seed: int, value: float) -> Case:
    def change(W: list[np.ndarray], b: list[np.ndarray]) -> None:
        W[0][3, 0] = value

    return _changed(_plain(rows, seed), change)


def deep_sigmoid(rows: Rows, seed: int, n_layers: int) -> Case:
    return _plain(rows, seed, activation="sigmoid", hidden_layer_sizes=(16,) * n_layers, max_iter=15)


def unscaled_column(rows: Rows, seed: int, factor: float) -> Case | None:
    prepared = numeric(rows)
    wide = [name for name in prepared.X.columns if prepared.X[name].nunique() > 10]
    if len(wide) < 2:
        return None
    X, X_new = prepared.X.copy(), prepared.X_new.copy()
    X[wide[0]], X_new[wide[0]] = X[wide[0]] * factor, X_new[wide[0]] * factor
    X, X_new = (frame.rename(columns={wide[0]: "broken"}) for frame in (X, X_new))
    return fitted(replace(prepared, X=X, X_new=X_new), seed, **PLAIN, activation="relu", max_iter=60)


def unscaled_target(rows: Rows, seed: int, factor: float) -> Case | None:
    if not rows.is_regression:
        return None
    prepared = numeric(rows)
    return fitted(
        replace(prepared, y=prepared.y * factor, y_new=prepared.y_new * factor), seed, **PLAIN, activation="relu",
        max_iter=60,
    )  # fmt: skip


def leak(rows: Rows, seed: int, noise: float) -> Case:
    rng = np.random.default_rng(seed)

    def with_column(X: pd.DataFrame, y: np.ndarray) -> pd.DataFrame:
        if rows.is_regression:
            return X.assign(broken=3 * y + noise * rows.y.std() * rng.normal(size=len(y)))
        wrong = rng.random(len(y)) < noise / 20
        return X.assign(broken=np.where(wrong, rng.permutation(y), y) * 7.0 + 2 + rng.random(len(y)))

    return fitted(replace(rows, X=with_column(rows.X, rows.y), X_new=with_column(rows.X_new, rows.y_new)), seed)


def counted_rows(rows: Rows, seed: int, start: int) -> Case:
    order = np.argsort(rows.y, kind="stable")
    X = rows.X.iloc[order].reset_index(drop=True).assign(broken=np.arange(len(order)) + float(start))
    X_new = rows.X_new.assign(broken=np.arange(len(rows.y_new)) + float(start + len(order)))
    return fitted(replace(rows, X=X, y=rows.y[order], X_new=X_new), seed, keep=["broken"])


def wrong_labels(rows: Rows, seed: int, share: float) -> Case | None:
    if rows.is_regression:
        return None
    rng, y = np.random.default_rng(seed), rows.y.copy()
    names = np.unique(y)
    places = rng.permutation(len(y))[: round(share * len(y))]
    y[places] = [rng.choice(names[names != label]) for label in y[places]]
    case = fitted(replace(rows, y=y), seed, max_iter=30)
    return replace(case, options={"out_of_fold": gn.out_of_fold(case.model, rows.X, y)})


def repeated(rows: Rows, seed: int, share: float) -> Case:
    n = round(share * len(rows.y_new))
    X_new = pd.concat([rows.X.iloc[:n], rows.X_new.iloc[n:]]).reset_index(drop=True)
    return fitted(replace(rows, X_new=X_new, y_new=np.concatenate([rows.y[:n], rows.y_new[n:]])), seed)


def in_order(rows: Rows, seed: int, batch_size: int) -> Case:
    prepared = numeric(rows)
    order = np.argsort(prepared.y, kind="stable")
    ordered = replace(prepared, X=prepared.X.iloc[order].reset_index(drop=True), y=prepared.y[order])
    return fitted(ordered, seed, **PLAIN, activation="relu", shuffle=False, batch_size=batch_size, max_iter=20)


def rare_class(rows: Rows, seed: int, share: float) -> Case | None:
    if rows.is_regression or len(np.unique(rows.y)) != 2:
        return None
    rng = np.random.default_rng(seed)

    def without(X: pd.DataFrame, y: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
        rare = np.flatnonzero(y == 1)
        kept = rng.permutation(rare)[: max(6, round(share * (len(y) - len(rare))))]
        places = np.sort(np.concatenate([np.flatnonzero(y != 1), kept]))
        return X.iloc[places].reset_index(drop=True), y[places]

    X, y = without(rows.X, rows.y)
    X_new, y_new = without(rows.X_new, rows.y_new)
    for frame, target in ((X, y), (X_new, y_new)):  # which looks much like the other
        places = rng.permutation(np.flatnonzero(target != 1))[: int(np.sum(target == 1))]
        frame.loc[target == 1] = frame.loc[places].to_numpy()
    return fitted(replace(rows, X=X, y=y, X_new=X_new, y_new=y_new), seed, max_iter=30)


def by_heart(rows: Rows, seed: int, n_rows: int) -> Case:
    few = replace(rows, X=rows.X.iloc[:n_rows].reset_index(drop=True), y=rows.y[:n_rows])
    rng = np.random.default_rng(seed)
    few = replace(few, y=rng.permutation(few.y))  # nothing to learn but the rows themselves
    return _plain(few, seed, solver="lbfgs", alpha=0.0, max_iter=500, hidden_layer_sizes=(64,))


def far_away(rows: Rows, seed: int, factor: float) -> Case | None:
    numbers = [name for name in rows.X.columns if rows.X[name].dtype.kind == "f" and rows.X[name].nunique() > 10]
    if not numbers:
        return None
    X_new = rows.X_new.copy()
    X_new.loc[:4, numbers[0]] = factor * (1 + rows.X[numbers[0]].abs().max())
    prepared = numeric(replace(rows, X_new=X_new))
    return fitted(prepared, seed, **PLAIN, activation="relu", max_iter=40)


def too_sure(rows: Rows, seed: int, factor: float) -> Case | None:
    if rows.is_regression:
        return None

    def change(W: list[np.ndarray], b: list[np.ndarray]) -> None:
        W[-1] *= factor
        b[-1] *= factor

    return _changed(_plain(rows, seed, early_stopping=True, max_iter=200), change)


NOT_LEARNED = ("nothing-learned", "worse-than-linear", "not-finite", "unsteady", "dead-units", "stopped-early")
FAULTS = (
    Fault("learning rate too large", NOT_LEARNED, "", "error", learning_rate_large, (30.0, 1000.0)),
    Fault("learning rate too small", NOT_LEARNED, "", "error", learning_rate_small, (1e-6, 1e-8)),
    Fault("too few epochs", NOT_LEARNED, "", "warning", few_epochs, (1, 25)),
    Fault("dead units", ("dead-units",), "layer 1", "error", dead, (0.6, 1.0)),
    Fault("saturated units", ("saturated-units",), "layer 1", "warning", saturated, (300.0, 1e5)),
    Fault("copied units", ("copied-units",), "layer 1", "warning", copies, (0.1, 1.0)),
    Fault("a weight that is no number", ("not-finite",), "W[1][3, 0]", "error", not_a_number, (np.nan, np.inf)),
    Fault("many sigmoid layers", ("error-signal", "nothing-learned"), "", "error", deep_sigmoid, (8, 12)),
    Fault("an unscaled column", ("unscaled-inputs",), "broken", "warning", unscaled_column, (1e3, 1e6)),
    Fault("an unscaled target", ("unscaled-target",), "target", "warning", unscaled_target, (1e-4, 1e4)),
    Fault("a column made from the target", ("giveaway",), "broken", "warning", leak, (0.0, 0.02)),
    Fault("a column that counts the rows", ("row-numbers",), "broken", "warning", counted_rows, (0, 10_000)),
    Fault("wrong labels", ("wrong-labels",), "rows", "warning", wrong_labels, (0.1, 0.2)),
    Fault("rows on both sides", ("repeated-rows",), "new rows", "error", repeated, (0.1, 0.5)),
    Fault("rows in order", ("ordered-rows",), "order", "warning", in_order, (16, 64)),
    Fault("a rare class", ("forgotten-class",), "class 1", "warning", rare_class, (0.02, 0.05)),
    Fault("rows learned by heart", ("overfits",), "new rows", "warning", by_heart, (100, 300)),
    Fault("rows far away", ("outside",), "new rows 0, 1, 2, 3", "warning", far_away, (3.0, 100.0)),
    Fault("probabilities too sure", ("miscalibrated",), "probabilities", "warning", too_sure, (5.0, 30.0)),
)  # fmt: skip
