"""Rules about parts of the rows: groups that the network does much worse on, classes out of balance, single rows."""

from collections.abc import Iterator
from statistics import NormalDist

import numpy as np

from glassnet.data.type_inference import is_missing
from glassnet.diagnosis.finding import Finding
from glassnet.diagnosis.rule import Rule
from glassnet.diagnosis.subject import Subject
from glassnet.diagnosis.words import digits, listed, percent
from glassnet.drawing.small.plot import Plot, bars, histogram
from glassnet.typing import Array

FEWEST, FEWEST_IN_GROUP = 100, 20  # rows
MOST_LEVELS, PARTS = 30, 4  # levels of a column of texts, parts of a column of numbers
BY_CHANCE = 0.001  # probability that any of the groups is so much worse
MUCH_WORSE = 1.5  # times the cost of all other rows
LEARNED = 0.2  # share of the constant's cost that the network saves on the other rows
NOTHING = 0.1  # share that it saves at most in the group
LEAST_SHARE = 0.1  # of the most frequent class
HALF, NEARLY_ALL = 0.5, 0.9  # shares of the sum over all rows: of targets, costs and gradients, and of inputs
FEWEST_VALUES, MOST_INPUTS = 10, 20  # distinct values of an input, inputs that are looked at more closely
A_SHARE = 0.05  # of the cost of the best constant


def worse_group(subject: Subject) -> Iterator[Finding]:
    """Yield the group of rows on which the network is no better than one answer, though it is on the others."""
    rows, losses = subject.rows, subject.losses
    if subject.new_rows is not None and len(subject.new_rows) >= FEWEST:
        assert subject.new_losses is not None
        rows, losses = subject.new_rows, subject.new_losses
    if len(rows) < FEWEST or not np.isfinite(losses).all():
        return
    constant = subject.losses_of_constant(rows)
    groups = [(name, level, places) for name, values in subject.columns(rows) for level, places in _groups(values)]
    if not groups:
        return
    limit = -NormalDist().inv_cdf(BY_CHANCE / len(groups))
    worst = None
    for name, level, is_in in groups:
        inside, outside = losses[is_in], losses[~is_in]
        error = np.sqrt(np.var(inside, ddof=1) / len(inside) + np.var(outside, ddof=1) / len(outside))
        is_worse = np.mean(inside) - np.mean(outside) > limit * error and np.mean(inside) > MUCH_WORSE * np.mean(
            outside
        )
        has_learned = np.mean(outside) < (1 - LEARNED) * np.mean(constant[~is_in])
        if not is_worse or not has_learned or np.mean(inside) < (1 - NOTHING) * np.mean(constant[is_in]):
            continue
        ratio = float(np.mean(inside) / np.mean(outside))
        if worst is None or ratio > worst[0]:
            worst = ratio, name, level, is_in
    if worst is None:
        return
    ratio, name, level, is_in = worst
    yield Finding(
        "worse-group",
        "warning",
        f"column {name!r}, {level}",
        f"For the {int(is_in.sum()):,} {'new ' if rows is subject.new_rows else ''}rows of this group the cost is "
        f"{digits(float(np.mean(losses[is_in])))}, for the others {digits(float(np.mean(losses[~is_in])))}. One answer "
        f"for all rows would cost {digits(float(np.mean(constant[is_in])))} in this group. {len(groups):,} groups were "
        f"compared.",
        ratio,
        MUCH_WORSE,
        "What the network has learned does not hold for these rows, which a score of all rows hides.",
        "Look at how these rows came about: their targets may be wrong, or another rule holds for them. If they are "
        "rare, collect more of them, or give them more sample_weight.",
        rows=tuple(rows.numbered(np.flatnonzero(is_in))),
        plot=_costs(losses, [each for each in groups if each[0] == name], level),
    )


def _costs(losses: Array, groups: list[tuple[str, str, Array]], worst: str) -> Plot:
    levels = [level for _, level, _ in groups]
    costs = [float(np.mean(losses[is_in])) for _, _, is_in in groups]
    return bars(costs, levels, x=f"column {groups[0][0]!r}", y="cost", marked=[levels.index(worst)])


def _groups(values: Array) -> Iterator[tuple[str, Array]]:
    """Yield the groups of a column: its levels, or parts of equal size of its numbers, and the rows without a value."""
    gaps = is_missing(values)
    if values.dtype.kind == "f" and len(np.unique(values[~gaps])) > PARTS:
        bounds = np.unique(np.quantile(values[~gaps], np.linspace(0, 1, PARTS + 1)[1:-1]))
        part = np.searchsorted(bounds, values, side="left")
        limits = [-np.inf, *bounds, np.inf]
        levels = [(_between(limits[k], limits[k + 1]), (part == k) & ~gaps) for k in range(len(bounds) + 1)]
    elif values.dtype.kind in "fbO":
        distinct, counts = np.unique(values[~gaps].astype(str), return_counts=True)
        texts = np.where(gaps, "", values.astype(str))
        frequent = distinct[np.argsort(-counts, kind="stable")][:MOST_LEVELS]
        levels = [(f"value {level.item()!r}", (texts == level) & ~gaps) for level in frequent]
    else:
        return
    for level, is_in in [*levels, ("no value", gaps)]:
        if FEWEST_IN_GROUP <= is_in.sum() <= len(values) - FEWEST_IN_GROUP:
            yield level, is_in


def _between(low: float, high: float) -> str:
    if low == -np.inf:
        return f"up to {digits(high)}"
    return f"above {digits(low)}" + (f", up to {digits(high)}" if high < np.inf else "")


def imbalance(subject: Subject) -> Iterator[Finding]:
    """Yield a note if a class is much rarer than the most frequent one."""
    if subject.task not in ("binary", "multiclass") or subject.training.weighs_classes or len(subject.rows) < FEWEST:
        return
    Y = subject.rows.Y
    counts = np.hstack([len(Y) - Y.sum(axis=0), Y.sum(axis=0)]) if Y.shape[1] == 1 else Y.sum(axis=0)
    share = float(counts.min() / counts.max())
    if share >= LEAST_SHARE:
        return
    is_rare = counts < LEAST_SHARE * counts.max()
    rare = [repr(subject.classes[k]) for k in np.flatnonzero(is_rare)]
    yield Finding(
        "imbalance",
        "note",
        f"{'class' if len(rare) == 1 else 'classes'} {listed(rare)}",
        f"The most frequent class has {int(counts.max()):,} rows, the rarest one {int(counts.min()):,}.",
        share,
        LEAST_SHARE,
        "A high accuracy says little here: one reaches it without the rare classes.",
        "Judge by recall, or by the area under the curve; class_weight='balanced' if rare classes matter as much.",
        plot=bars(counts, subject.classes, x="class", y="rows", marked=np.flatnonzero(is_rare).tolist()),
    )


def dominant_row(subject: Subject) -> Iterator[Finding]:
    """Yield the row with most of the variance of a target or an input, of the cost, or of all gradients."""
    if len(subject.rows) < FEWEST:
        return
    found = [(_share(sizes) / limit, limit, of, sizes) for of, sizes, limit in _sizes(subject)]
    excess, limit, of, sizes = max(found, key=lambda each: each[0])
    if excess <= 1:
        return
    (row,) = subject.rows.numbered(np.asarray([sizes.argmax()]))
    is_input = of.startswith("the variance of input")
    yield Finding(
        "dominant-row",
        "note" if is_input else "warning",
        f"row {row} (counted from 0)",
        f"This one of {len(subject.rows):,} rows has {percent(_share(sizes))} of {of}.",
        _share(sizes),
        limit,
        "Beside its value, those of all other rows look alike to the network."
        if is_input
        else "The steps of training follow this row, and the other rows hardly count.",
        "Look at it: if the value is wrong, correct it or leave the row out; if it is right, preset='tabular', which "
        "bounds inputs, or the logarithm of the column."
        if is_input
        else "Look at it: if a value is wrong, correct it or leave the row out; if it is right, clip=1.0, or for "
        "quantities cost='huber' or the logarithm of the target.",
        rows=(row,),
        plot=histogram({"rows": sizes / np.sum(sizes)}, x=f"share of {of}", threshold=limit),
    )


def _sizes(subject: Subject) -> Iterator[tuple[str, Array, float]]:
    """Yield what the rows have shares of: in words, each row's part, and the share of one row that is too much.

    A network that has learned all rows but one has little cost left, most of it that row's, which is no fault: such a
    row counts only if its loss is more than a small share of what a constant costs.
    """
    if subject.task == "regression":
        for column in subject.rows.Y.T:
            yield "the variance of the target", (column - column.mean()) ** 2, HALF
    large = A_SHARE * float(np.sum(subject.losses_of_constant(subject.rows)))
    for of, sizes in (("the cost", subject.losses), ("the lengths of all gradients", subject.gradient_norms)):
        yield of, np.where(subject.losses[sizes.argmax()] > large, sizes, np.zeros(len(sizes))), HALF
    squares = (subject.rows.A0 - subject.rows.A0.mean(axis=0)) ** 2
    shares = squares.max(axis=0) / np.maximum(squares.sum(axis=0), np.finfo(np.float64).tiny)
    for k in np.argsort(-shares, kind="stable")[:MOST_INPUTS].tolist():
        if len(np.unique(subject.rows.A0[:, k])) > FEWEST_VALUES:  # a category of one row has all of its input
            yield f"the variance of input {subject.input_names[k]!r}", squares[:, k], NEARLY_ALL


def _share(sizes: Array) -> float:
    """Return the share of the largest in the sum."""
    total = float(np.sum(sizes))
    return float(np.max(sizes)) / total if 0 < total < np.inf else 0.0


RULES = (
    Rule(
        "worse-group",
        "A group of rows that the network has learned nothing about.",
        "Chung et al. 2019, Slice Finder; Bonferroni",
        worse_group,
    ),
    Rule("imbalance", "Classes much rarer than others.", "He & Garcia 2009", imbalance),
    Rule("dominant-row", "A single row that outweighs all others.", "Huber 1964; Koh & Liang 2017", dominant_row),
)
