"""Blame by row and by class."""

from typing import Any

import numpy as np

from glassnet.explanation.blame.records import ClassBlame, RowBlame
from glassnet.typing import Array

TINY = float(np.finfo(np.float64).tiny)  # keeps the logarithm of a zero probability finite
FAR = 3.5  # robust z-score of an outlier, Iglewicz & Hoaglin 1993


def class_rows(labels: Array, classes: Array, probabilities: Array) -> tuple[RowBlame, ...]:
    """Return the rows of a classifier, most blamed first; `probabilities` (n_rows, n_classes) by `classes`."""
    codes: Array = np.searchsorted(classes, labels)
    own = probabilities[np.arange(len(codes)), codes]
    suspect = _confidently_other(codes, probabilities)
    predicted = classes[np.argmax(probabilities, axis=1)].tolist()
    losses = -np.log(np.maximum(own, TINY))
    rows = zip(range(len(codes)), labels.tolist(), predicted, own.tolist(), losses.tolist(), suspect.tolist())
    return _ranked([RowBlame(*row) for row in rows])


def _confidently_other(codes: Array, probabilities: Array) -> Array:
    """Whether another class reaches its mean probability over the rows labeled with it.

    Northcutt, Jiang & Chuang 2021, "Confident learning": the presumed true class is the most probable of the classes at
    or above their mean.
    """
    n_classes = probabilities.shape[1]
    means = [probabilities[codes == c, c].mean() if np.any(codes == c) else np.inf for c in range(n_classes)]
    confident = np.where(probabilities >= np.asarray(means), probabilities, -1.0)
    return (confident.max(axis=1) >= 0) & (np.argmax(confident, axis=1) != codes)


def quantity_rows(targets: Array, predictions: Array, scales: Array) -> tuple[RowBlame, ...]:
    """Return the rows of a regression, most blamed first, by half the squared error in units of the targets' scales."""
    errors = (targets - predictions) / scales  # (n_rows, n_targets)
    blame = 0.5 * np.square(errors).sum(axis=1)
    middle = np.median(errors, axis=0)
    spread = np.median(np.abs(errors - middle), axis=0)
    z = 0.6745 * np.abs(errors - middle) / np.where(spread > 0, spread, np.inf)
    suspect = (z > FAR).any(axis=1)
    rows = zip(_plain(targets), _plain(predictions), blame.tolist(), suspect.tolist())
    return _ranked([RowBlame(i, label, found, None, *judged) for i, (label, found, *judged) in enumerate(rows)])


def class_blame(rows: tuple[RowBlame, ...], classes: Array, losses: Array, labels: Array) -> tuple[ClassBlame, ...]:
    """Return the classes, highest cost first; `losses` (n_rows,) come from the network."""
    by_row = sorted(rows, key=lambda row: row.row)
    total = float(losses.sum())
    found = []
    for label in classes.tolist():
        mine = np.flatnonzero(labels == label)
        if not len(mine):
            continue
        wrong = [by_row[i].predicted for i in mine.tolist() if by_row[i].predicted != label]
        taken_for = max(dict.fromkeys(wrong), key=wrong.count) if wrong else None
        cost = float(losses[mine].sum())
        share = cost / total if total else 0.0
        found.append(ClassBlame(label, len(mine), len(wrong), cost / len(mine), share, taken_for))
    return tuple(sorted(found, key=lambda each: -each.share))


def _ranked(rows: list[RowBlame]) -> tuple[RowBlame, ...]:
    return tuple(sorted(rows, key=lambda row: -row.blame))


def _plain(values: Array) -> list[Any]:
    """Return each row's target: a number, or a list of several."""
    return [row[0] if len(row) == 1 else row for row in values.tolist()]
