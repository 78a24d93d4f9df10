"""Rules about hidden units: those that are dead, saturated, or copies of each other."""

from collections.abc import Iterator, Mapping

import numpy as np

from glassnet.diagnosis.finding import Finding, Level
from glassnet.diagnosis.rule import Listening, Rule
from glassnet.diagnosis.subject import Subject
from glassnet.diagnosis.words import listed, percent
from glassnet.drawing.small.plot import Plot, bars
from glassnet.engines.statistics import FLAT, SATURATED, LayerStatistics
from glassnet.typing import Array

DEAD_NOTE, DEAD_WARNING, DEAD_ERROR = 0.1, 0.5, 0.9  # shares of a layer's units
SATURATED_ROWS = 0.95  # share of the rows in which a unit is
SATURATED_WARNING, SATURATED_ERROR = 0.25, 0.9
ALIKE = 1e-9  # relative difference of weights below which they are equal
COPIES_WARNING, COPIES_ERROR = 0.0, 0.5


def dead_units(subject: Subject) -> Iterator[Finding]:
    """Yield the layers with units whose output does not change and passes no gradient, in any row."""
    by_layer = {
        l: dead_in(layer) for l in subject.hidden_layers() if (layer := subject.statistics.layers[l]).flat is not None
    }
    for l, dead in by_layer.items():
        share = float(dead.mean())
        if share < DEAD_NOTE:
            continue
        name = subject.network.activation[l].name
        level, threshold = _level(share)
        yield Finding(
            "dead-units",
            level,
            f"layer {l}, units {listed((np.flatnonzero(dead) + 1).tolist())}",
            f"{int(dead.sum())} of {len(dead)} units have a slope of 0 in all {len(subject.rows):,} rows: what "
            f"comes in changes nothing.",
            share,
            threshold,
            "These units give the same output for every row, and no gradient reaches their weights: they can neither "
            "help nor learn.",
            "A smaller learning rate."
            if name == "silu"
            else f"A smaller learning rate, or activation='{'leaky_relu' if name == 'relu' else 'silu'}' instead of "
            f"{name!r}, which always has a slope.",
            plot=_shares(by_layer, l, "share of units that are dead", threshold),
        )


def dead_in(layer: LayerStatistics) -> Array:
    """Return which units of a layer are dead; none if their slopes are not known."""
    if layer.flat is None:
        return np.zeros(len(layer.spread), dtype=bool)
    # a unit that jumps from one end of its range to the other has no slope either, but it is not dead
    return np.asarray((layer.flat == 1.0) & (layer.spread <= FLAT))


def saturated_units(subject: Subject) -> Iterator[Finding]:
    """Yield the layers with bounded units that are at their bounds in nearly all rows."""
    by_layer = {
        l: shares >= SATURATED_ROWS
        for l in subject.hidden_layers()
        if np.isfinite(subject.network.activation[l].range).all()
        and (shares := subject.statistics.layers[l].saturated) is not None
    }
    for l, saturated in by_layer.items():
        share = float(saturated.mean())
        if share < SATURATED_WARNING:
            continue
        threshold = SATURATED_ERROR if share >= SATURATED_ERROR else SATURATED_WARNING
        yield Finding(
            "saturated-units",
            "error" if share >= SATURATED_ERROR else "warning",
            f"layer {l}, units {listed((np.flatnonzero(saturated) + 1).tolist())}",
            f"{int(saturated.sum())} of {len(saturated)} units have less than {percent(SATURATED)} of their "
            f"largest slope in at least {percent(SATURATED_ROWS)} of the rows.",
            share,
            threshold,
            f"These {subject.network.activation[l].name} units are nearly always at an end of their range, where what "
            f"comes in hardly changes the output; they learn very slowly.",
            "Scale the inputs (preset='tabular' does), use a smaller learning rate, or activation='silu'.",
            plot=_shares(by_layer, l, "share of units that are saturated", threshold),
        )


def copied_units(subject: Subject) -> Iterator[Finding]:
    """Yield the layers with units that have the same weights, in and out."""
    for l in subject.hidden_layers():
        incoming, outgoing = subject.network.W[l], subject.network.W[l + 1].T
        bias = subject.network.b[l]
        parts = [incoming, outgoing] if bias is None else [incoming, bias[:, None], outgoing]
        weights = np.hstack(parts)  # (n_units, ...)
        group = _alike(weights)
        sizes = np.bincount(group)
        copies = sizes[group] > 1
        copies &= np.abs(weights).max(axis=1) > 0  # units that a penalty has removed are all 0
        share = float(copies.mean())
        if share <= COPIES_WARNING:
            continue
        yield Finding(
            "copied-units",
            "error" if share >= COPIES_ERROR else "warning",
            f"layer {l}, units {listed((np.flatnonzero(copies) + 1).tolist())}",
            f"{int(copies.sum())} of {len(copies)} units have the same weights as another unit of the layer, to the "
            f"last digits.",
            share,
            COPIES_ERROR if share >= COPIES_ERROR else COPIES_WARNING,
            "Units with the same weights get the same gradients and stay copies of each other forever; together they "
            "can do no more than one of them.",
            "Start from random weights, as Network.create and the estimators do, not from equal ones.",
        )


def _level(share: float) -> tuple[Level, float]:
    if share >= DEAD_ERROR:
        return "error", DEAD_ERROR
    return ("warning", DEAD_WARNING) if share >= DEAD_WARNING else ("note", DEAD_NOTE)


def _shares(by_layer: Mapping[int, Array], l: int, y: str, threshold: float) -> Plot | None:
    """Return the share of units in each layer, if there are several layers."""
    if len(by_layer) < 2:
        return None
    shares = [float(units.mean()) for units in by_layer.values()]
    return bars(shares, list(by_layer), x="layer", y=y, marked=[list(by_layer).index(l)], threshold=threshold)


def _alike(weights: Array) -> Array:
    """Return a number for each row, the same for rows that are equal but for rounding."""
    scale = np.abs(weights).max() or 1.0
    order = np.lexsort(np.round(weights / scale / ALIKE / 10).T[::-1])
    ordered = weights[order]
    differs = np.abs(np.diff(ordered, axis=0)).max(axis=1) > ALIKE * scale
    group = np.empty(len(weights), np.int64)
    group[order] = np.concatenate([[0], np.cumsum(differs)])
    return group


RULES = (
    Rule(
        "dead-units",
        "Hidden units that give the same output for every row and get no gradient.",
        "Maas, Hannun & Ng 2013; rule DeadRelu of Amazon SageMaker Debugger",
        dead_units,
        listening=Listening(),
    ),
    Rule(
        "saturated-units",
        "Hidden units with bounds, such as tanh, that are at them in nearly all rows.",
        "Glorot & Bengio 2010; Rakitianskaia & Engelbrecht 2015",
        saturated_units,
        listening=Listening(),
    ),
    Rule(
        "copied-units",
        "Hidden units with the same weights, whose symmetry training cannot break.",
        "Goodfellow, Bengio & Courville 2016, section 8.4",
        copied_units,
        needs_rows=False,
    ),
)
