"""Faults of the structure and of the start: units that add nothing, bad first outputs, steps that are too small."""

from dataclasses import replace

import numpy as np
import pandas as pd

from benchmarks.doctor.cases import Case, Rows, fitted, numeric
from benchmarks.doctor.faults.fault import PLAIN, Fault, plain, with_weights
from benchmarks.doctor.faults.training import CONSEQUENCES
from benchmarks.doctor.losses import fresh_losses

Layers = list[np.ndarray]
N_UNITS = 32
FAR_PAST = 1.2  # times the cost on fresh rows of the same network with its best epoch


def never_off(rows: Rows, seed: int, share: float) -> Case | None:
    """Biases so large that relu units are never off; the next layer takes off what that adds."""

    def change(W: Layers, b: Layers) -> None:
        n = round(share * N_UNITS)
        b[1] -= 50.0 * W[1][:, :n].sum(axis=1)
        b[0][:n] += 50.0

    broken = frozenset(range(1, 1 + round(share * N_UNITS)))
    case = with_weights(plain(rows, seed), change)
    return case and replace(case, broken=broken)


def identity(rows: Rows, seed: int, sizes: tuple[int, ...]) -> Case:
    return plain(rows, seed, activation="identity", hidden_layer_sizes=sizes)


def not_read(rows: Rows, seed: int, share: float) -> Case | None:
    """Units whose output the next layer hardly takes."""

    def change(W: Layers, b: Layers) -> None:
        W[1][:, : round(share * N_UNITS)] *= 1e-5

    broken = frozenset(range(1, 1 + round(share * N_UNITS)))
    case = with_weights(plain(rows, seed), change)
    return case and replace(case, broken=broken)


def far_start(rows: Rows, seed: int, init: str) -> Case:
    """Initial weights that are all positive, so that the first outputs are far from any target."""
    return plain(rows, seed, init=init, hidden_layer_sizes=(64, 64))


def small_steps(rows: Rows, seed: int, rate: float) -> Case:
    return plain(rows, seed, learning_rate_init=rate)


def tiny_inputs(rows: Rows, seed: int, factor: float) -> Case:
    """Columns in a unit so large that all numbers are nearly 0."""
    small = numeric(rows).changed(lambda X, y: X * factor)
    return fitted(small, seed, **PLAIN)


def bounded_layers(rows: Rows, seed: int, activation: str) -> Case:
    """Many layers of an activation that passes hardly any error back."""
    return plain(rows, seed, activation=activation, hidden_layer_sizes=(16,) * 12)


def past_the_best(rows: Rows, seed: int, n_epochs: int) -> Case | None:
    """A training that watches its own cost, on few rows and for long."""
    few = replace(rows, X=rows.X.iloc[:200].reset_index(drop=True), y=rows.y[:200])
    settings = {"early_stopping": True, "n_iter_no_change": None, "max_iter": n_epochs, "validation_fraction": 0.25}
    case, best = (plain(few, seed, monitor=what, **settings) for what in ("cost", None))
    return case if fresh_losses(case).mean() > FAR_PAST * fresh_losses(best).mean() else None


def a_line_is_enough(rows: Rows, seed: int, noise: float) -> Case | None:
    """Targets that are a linear function of the columns, with noise: a network cannot do better than a line."""
    rng, prepared = np.random.default_rng(seed), numeric(rows)
    slopes = rng.normal(size=prepared.X.shape[1])
    spread = (prepared.X @ slopes).std()
    if spread == 0:
        return None

    def sums(X: pd.DataFrame) -> np.ndarray:
        found = (X @ slopes).to_numpy() / spread + noise * rng.normal(size=len(X))
        return found if rows.is_regression else (found > 0).astype(int)

    straight = replace(prepared, y=sums(prepared.X), y_new=sums(prepared.X_new), y_fresh=sums(prepared.X_fresh))
    return fitted(straight, seed, **{**PLAIN, "early_stopping": True, "max_iter": 200})


FAULTS = (
    Fault("units that are never off", ("linear-units",), "layer 1", "warning", never_off, (0.6, 1.0), CONSEQUENCES),
    Fault("hidden layers without activation", ("linear-units",), "layer", "warning", identity, ((32,), (32, 32)),
          CONSEQUENCES),
    Fault("units that nothing reads", ("useless-units",), "layer 1", "note", not_read, (0.25, 0.6), CONSEQUENCES),
    Fault("a start far from the targets", ("first-cost",), "start", "warning", far_start, ("uniform_0_1",),
          CONSEQUENCES),
    Fault("steps too small", ("hardly-moved",), "weights", "error", small_steps, (1e-7, 1e-9), CONSEQUENCES),
    Fault("inputs that are nearly 0", ("cannot-memorize", "unscaled-inputs"), "", "warning", tiny_inputs, (1e-5, 1e-8),
          CONSEQUENCES),
    Fault("layers that pass nothing back", ("cannot-memorize", "error-signal"), "", "error", bounded_layers,
          ("sigmoid", "hard_sigmoid"), CONSEQUENCES),
    Fault("long after the best epoch", ("past-best",), "epoch", "warning", past_the_best, (500,),
          (*CONSEQUENCES, "overfits", "miscalibrated")),
    Fault("a task that a line solves", ("within-noise", "overfits", "worse-than-linear"), "", "note", a_line_is_enough,
          (0.5, 2.0), CONSEQUENCES),
)  # fmt: skip
