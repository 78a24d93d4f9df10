"""Faults of weights: a healthy network that was damaged after its training, as by a wrong import."""

from dataclasses import replace

import numpy as np

from benchmarks.doctor.cases import Case, Rows
from benchmarks.doctor.faults.fault import PLAIN, Fault, plain, with_weights

Layers = list[np.ndarray]
BAD = ("nothing-learned", "worse-than-linear")
CONSEQUENCES = (*BAD, "forgotten-class", "miscalibrated", "overfits")


def dead(rows: Rows, seed: int, share: float) -> Case | None:
    def change(W: Layers, b: Layers) -> None:
        b[0][: round(share * len(b[0]))] = -1e4

    return _at(with_weights(plain(rows, seed), change), share)


def saturated(rows: Rows, seed: int, factor: float) -> Case | None:
    def change(W: Layers, b: Layers) -> None:
        W[0] *= factor
        b[0] *= factor

    return with_weights(plain(rows, seed, activation="tanh"), change)


def copies(rows: Rows, seed: int, share: float) -> Case | None:
    def change(W: Layers, b: Layers) -> None:
        n = max(2, round(share * len(b[0])))
        W[0][:n], b[0][:n], W[1][:, :n] = W[0][0], b[0][0], W[1][:, :1]

    return _at(with_weights(plain(rows, seed), change), share)


def not_a_number(rows: Rows, seed: int, value: float) -> Case | None:
    def change(W: Layers, b: Layers) -> None:
        W[0][3, 0] = value

    return with_weights(plain(rows, seed), change)


def zeroed(rows: Rows, seed: int, layer: int) -> Case | None:
    def change(W: Layers, b: Layers) -> None:
        W[layer - 1][:] = 0.0

    return with_weights(plain(rows, seed), change, must_harm=True)


def noised(rows: Rows, seed: int, factor: float) -> Case | None:
    def change(W: Layers, b: Layers) -> None:
        W[0] += factor * W[0].std() * np.random.default_rng(seed).normal(size=W[0].shape).astype(W[0].dtype)

    return with_weights(plain(rows, seed), change, must_harm=True)


def units_in_other_order(rows: Rows, seed: int, layer: int) -> Case | None:
    def change(W: Layers, b: Layers) -> None:
        order = np.random.default_rng(seed).permutation(len(b[layer - 1]))
        W[layer - 1][:], b[layer - 1][:] = W[layer - 1][order], b[layer - 1][order]

    return with_weights(plain(rows, seed, hidden_layer_sizes=(24, 16)), change, must_harm=True)


def classes_in_other_order(rows: Rows, seed: int, by: int) -> Case | None:
    if rows.is_regression:
        return None

    def change(W: Layers, b: Layers) -> None:
        if len(b[-1]) == 1:
            W[-1] *= -1.0
            b[-1] *= -1.0
        else:
            W[-1][:], b[-1][:] = np.roll(W[-1], by, axis=0), np.roll(b[-1], by)

    return with_weights(plain(rows, seed), change, must_harm=True)


def shifted_output(rows: Rows, seed: int, shift: float) -> Case | None:
    def change(W: Layers, b: Layers) -> None:
        b[-1][0] += shift * (1.0 if rows.is_regression else 5.0)

    return with_weights(plain(rows, seed), change, must_harm=True)


def too_sure(rows: Rows, seed: int, factor: float) -> Case | None:
    if rows.is_regression:
        return None

    def change(W: Layers, b: Layers) -> None:
        W[-1] *= factor
        b[-1] *= factor

    return with_weights(plain(rows, seed, early_stopping=True, max_iter=200), change)


def _at(case: Case | None, share: float) -> Case | None:
    n_units = PLAIN["hidden_layer_sizes"][0]
    return case and replace(case, broken=frozenset(range(1, 1 + max(2, round(share * n_units)))))


FAULTS = (
    Fault("dead units", ("dead-units",), "layer 1", "error", dead, (0.6, 1.0), CONSEQUENCES),
    Fault("saturated units", ("saturated-units",), "layer 1", "warning", saturated, (300.0, 1e5), CONSEQUENCES),
    Fault("copied units", ("copied-units",), "layer 1", "warning", copies, (0.1, 1.0), CONSEQUENCES),
    Fault("a weight that is no number", ("not-finite",), "W[1][3, 0]", "error", not_a_number, (np.nan, np.inf)),
    Fault("a layer of zeros", (*BAD, "dead-units", "copied-units"), "", "error", zeroed, (1, 2), CONSEQUENCES),
    Fault("noise on the weights", BAD, "", "error", noised, (3.0, 30.0), CONSEQUENCES),
    Fault("units in another order", BAD, "", "error", units_in_other_order, (1, 2), CONSEQUENCES),
    Fault("classes in another order", BAD, "", "error", classes_in_other_order, (1, 2), CONSEQUENCES),
    Fault("a shifted output", BAD, "", "error", shifted_output, (2.0, 10.0), CONSEQUENCES),
    Fault("probabilities too sure", ("miscalibrated",), "probabilities", "warning", too_sure, (5.0, 30.0), BAD),
    Fault("probabilities too timid", ("miscalibrated",), "probabilities", "warning", too_sure, (0.2, 0.4), BAD),
)
