"""Faults of training: settings with which a network does not learn, or learns the wrong things."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

import glassnet as gn
from benchmarks.doctor.cases import Case, Rows, numeric
from benchmarks.doctor.faults.fault import Fault, is_harmed, plain

NOT_LEARNED = ("nothing-learned", "worse-than-linear", "not-finite", "unsteady", "dead-units", "stopped-early")
RATE = ("rate-against-curvature", *NOT_LEARNED)
CONSEQUENCES = (*RATE, "error-signal", "saturated-units", "forgotten-class")


def learning_rate(rows: Rows, seed: int, rate: float) -> Case | None:
    return _harmful(rows, seed, solver="sgd", momentum=0.0, learning_rate_init=rate)


def steps_of_adam(rows: Rows, seed: int, rate: float) -> Case | None:
    case = plain(rows, seed, learning_rate_init=rate)
    return case if is_harmed(case, plain(rows, seed, learning_rate_init=0.005)) else None


def momentum(rows: Rows, seed: int, mu: float) -> Case | None:
    return _harmful(rows, seed, solver="sgd", momentum=mu, learning_rate_init=0.5)


def few_epochs(rows: Rows, seed: int, epochs: int) -> Case:
    return plain(rows, seed, learning_rate_init=1e-4, max_iter=epochs)


def deep_sigmoid(rows: Rows, seed: int, n_layers: int) -> Case:
    return plain(rows, seed, activation="sigmoid", hidden_layer_sizes=(16,) * n_layers, max_iter=15)


def equal_weights(rows: Rows, seed: int, value: float) -> Case:
    """A network whose weights were made by hand, all the same."""
    prepared = numeric(rows)
    sizes = [prepared.X.shape[1], 16, 1 if rows.is_regression else len(np.unique(rows.y))]
    layers = [(np.full((n, m), value), np.full(n, value)) for m, n in pairwise(sizes)]
    output = "identity" if rows.is_regression else "softmax"
    net = gn.Network.from_weights(layers, hidden="tanh", output=output)
    return _trained(net, prepared, seed, "half_squared_error" if rows.is_regression else "cross_entropy")


def positive_weights(rows: Rows, seed: int, activation: str) -> Case:
    return plain(rows, seed, activation=activation, init="uniform_0_1", hidden_layer_sizes=(64, 64), max_iter=20)


def penalty(rows: Rows, seed: int, alpha: float) -> Case | None:
    return _harmful(rows, seed, alpha=alpha * len(rows.y))


def dropout(rows: Rows, seed: int, rate: float) -> Case | None:
    return _harmful(rows, seed, dropout=rate)


def few_units(rows: Rows, seed: int, n_units: int) -> Case | None:
    if rows.is_regression or len(np.unique(rows.y)) < 5:  # one unit is as good as a line otherwise
        return None
    return _harmful(rows, seed, hidden_layer_sizes=(n_units,), max_iter=200)


def impatient(rows: Rows, seed: int, tol: float) -> Case:
    return plain(rows, seed, tol=tol, n_iter_no_change=1, max_iter=200, learning_rate_init=1e-4)


def in_order(rows: Rows, seed: int, batch_size: int) -> Case:
    prepared = numeric(rows)
    order = np.argsort(prepared.y, kind="stable")
    ordered = replace(prepared, X=prepared.X.iloc[order].reset_index(drop=True), y=prepared.y[order])
    return plain(ordered, seed, shuffle=False, batch_size=batch_size, max_iter=20)


def by_heart(rows: Rows, seed: int, n_rows: int) -> Case:
    few = replace(rows, X=rows.X.iloc[:n_rows].reset_index(drop=True), y=rows.y[:n_rows])
    rng = np.random.default_rng(seed)
    few = replace(few, y=rng.permutation(few.y))  # nothing to learn but the rows themselves
    return plain(few, seed, solver="lbfgs", alpha=0.0, max_iter=500, hidden_layer_sizes=(64,))


def bounded_output(rows: Rows, seed: int, output: str) -> Case | None:
    if not rows.is_regression:
        return None
    prepared = numeric(rows)
    net = gn.Network.create([prepared.X.shape[1], 16, 1], hidden="tanh", output=output, seed=seed)
    return _trained(net, prepared, seed, "half_squared_error")


def _harmful(rows: Rows, seed: int, **settings: Any) -> Case | None:
    """Return a network with these settings, if it is much worse than one with the usual ones."""
    case = plain(rows, seed, **settings)
    return case if is_harmed(case, plain(rows, seed)) else None


def _trained(net: gn.Network, rows: Rows, seed: int, cost: str) -> Case:
    """Return the case of a network of arrays, trained for some epochs."""
    names = np.unique(rows.y)

    def columns(y: np.ndarray) -> np.ndarray:
        return y[:, None] if rows.is_regression else (y[:, None] == names).astype(np.float64)

    arrays = rows.changed(lambda X, y: X.to_numpy(dtype=np.float64)).with_targets(columns)
    net = gn.train(net, arrays.X, arrays.y, cost=cost, epochs=30, batch_size=32, seed=seed).network
    return Case(net, arrays, options={"cost": cost})


FAULTS = (
    Fault("learning rate too large", RATE, "", "error", learning_rate, (3.0, 30.0, 1000.0), CONSEQUENCES),
    Fault("learning rate too small", (*RATE, "hardly-moved"), "", "error", learning_rate, (1e-6, 1e-8), CONSEQUENCES),
    Fault("steps of Adam too long", ("large-steps", *RATE), "", "warning", steps_of_adam, (0.1, 0.5),
          (*CONSEQUENCES, "overfits")),
    Fault("steps of Adam too short", RATE, "", "warning", steps_of_adam, (1e-5, 1e-4), CONSEQUENCES),
    Fault("momentum too large", NOT_LEARNED, "", "error", momentum, (0.99, 0.999), CONSEQUENCES),
    Fault("too few epochs", NOT_LEARNED, "", "warning", few_epochs, (1, 25), CONSEQUENCES),
    Fault("many sigmoid layers", ("error-signal", "nothing-learned"), "", "error", deep_sigmoid, (8, 12), CONSEQUENCES),
    Fault("weights that start equal", ("copied-units", "nothing-learned"), "", "error", equal_weights, (0.0, 0.1),
          CONSEQUENCES),
    Fault("weights that start positive", ("saturated-units", "error-signal", *NOT_LEARNED), "", "warning",
          positive_weights, ("sigmoid", "tanh"), CONSEQUENCES),
    Fault("penalty too large", NOT_LEARNED, "", "error", penalty, (10.0, 1000.0), CONSEQUENCES),
    Fault("dropout too large", NOT_LEARNED, "", "warning", dropout, (0.9, 0.97), CONSEQUENCES),
    Fault("too few units", NOT_LEARNED, "", "warning", few_units, (1, 2), CONSEQUENCES),
    Fault("stopped at the first pause", NOT_LEARNED, "", "warning", impatient, (0.01, 0.1), CONSEQUENCES),
    Fault("rows in order", ("ordered-rows",), "order", "warning", in_order, (16, 64), (*CONSEQUENCES, "overfits")),
    Fault("rows learned by heart", ("overfits",), "new rows", "warning", by_heart, (100, 300), ("miscalibrated",)),
    Fault("an output that cannot reach the target", ("out-of-reach",), "output", "error", bounded_output,
          ("sigmoid", "relu"), CONSEQUENCES),
)  # fmt: skip
