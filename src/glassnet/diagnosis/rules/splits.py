"""Rules about how rows were split and ordered: near copies on both sides, other distributions, and drift."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from glassnet.diagnosis.finding import Finding
from glassnet.diagnosis.rule import Rule
from glassnet.diagnosis.subject import Rows, Subject
from glassnet.diagnosis.words import digits, listed, percent
from glassnet.drawing.small.plot import Plot, histogram
from glassnet.typing import Array

FEWEST = 30  # rows on each side
SURE = 4.3  # standard errors, at any of the distances
NEAR = (0.01, 0.03, 0.1, 0.2, 0.3)  # times the median distance of a row of training to its nearest neighbor
REPEATED = 1e-7  # relative distance below which rows are the same, of which another rule speaks
NEAR_SHARE, FEWEST_NEAR = 0.02, 3  # of the new rows, beyond chance
MOST_SEEKING, AT_A_TIME = 1000, 250  # rows whose nearest neighbors are looked for
APART = 0.15  # Kolmogorov-Smirnov distance
BY_CHANCE = 1e-4  # probability of such a distance in any of the columns
MOST_INPUTS = 1000


def near_copies(subject: Subject) -> Iterator[Finding]:
    """Yield a finding if more new rows nearly repeat a row of training than rows of training repeat each other."""
    rows, new = subject.rows, subject.new_rows
    if new is None or min(len(rows), len(new)) < FEWEST or rows.A0.shape[1] > MOST_INPUTS:
        return
    rng = np.random.default_rng(0)
    known, asking = _standardized(rows, new)
    of_known, of_new = (np.sort(rng.permutation(len(each))[:MOST_SEEKING]) for each in (known, asking))
    own = _nearest(known[of_known], known, of_known)
    others = _nearest(asking[of_new], known)
    same = REPEATED * np.sqrt(known.shape[1])
    limits = [limit for limit in np.asarray(NEAR) * float(np.median(own)) if limit > same]
    if not limits:
        return
    limit = max(limits, key=lambda limit: _excess(own, others, limit, same)[1])
    among_known, excess = _excess(own, others, limit, same)
    is_near = (others > same) & (others < limit)
    share = float(is_near.mean())
    if excess < SURE or share < among_known + NEAR_SHARE or is_near.sum() < FEWEST_NEAR:
        return
    yield Finding(
        "near-copies",
        "error",
        f"new rows {listed(new.numbered(of_new[np.flatnonzero(is_near)]))} (counted from 0)",
        f"{percent(share)} of {len(others):,} new rows are closer to a row of training than "
        f"{percent(float(limit / np.median(own)))} of the usual distance between neighbors; of the rows of training, "
        f"{percent(among_known)} are so close to another. That is {digits(excess)} standard errors more.",
        excess,
        SURE,
        "The scores on the new rows are too good: the network has seen rows that hardly differ from them.",
        "Split again, so that rows that belong together (the same person, the same device) are on one side: split by "
        "group.",
        rows=tuple(new.numbered(of_new[np.argsort(others, kind="stable")[: np.sum(others < limit)]])),
        plot=histogram(
            {"rows of training": own, "new rows": others}, x="distance to the nearest row of training", threshold=limit
        ),
    )


def _excess(own: Array, others: Array, limit: float, same: float) -> tuple[float, float]:
    """Return the share of near neighbors in one set of rows, and by how many standard errors the other has more."""
    among_known, share = float(np.mean(own < limit)), float(np.mean((others > same) & (others < limit)))
    both = (among_known * len(own) + share * len(others)) / (len(own) + len(others))
    error = float(np.sqrt(both * (1 - both) * (1 / len(own) + 1 / len(others))))
    return among_known, (share - among_known) / error if error > 0 else 0.0


def _standardized(rows: Rows, new: Rows) -> tuple[Array, Array]:
    """Return the inputs in units of their standard deviation among the rows of training, without constant ones."""
    center, spread = rows.A0.mean(axis=0), rows.A0.std(axis=0)
    varies = spread > 0
    known, asking = ((each.A0[:, varies] - center[varies]) / spread[varies] for each in (rows, new))
    return known, asking


def _nearest(asking: Array, known: Array, own: Array | None = None) -> Array:
    """Return the distance of each row to the nearest known one; `own` are the rows' places there, to be left out."""
    squares = np.sum(known * known, axis=1)  # (n_known,)
    nearest = np.empty(len(asking))
    for start in range(0, len(asking), AT_A_TIME):
        part = asking[start : start + AT_A_TIME]
        distance = squares - 2 * part @ known.T  # without the rows' own squares, which change no order
        if own is not None:
            distance[np.arange(len(part)), own[start : start + AT_A_TIME]] = np.inf
        best = distance.argmin(axis=1)
        nearest[start : start + AT_A_TIME] = np.sqrt(np.sum((part - known[best]) ** 2, axis=1))
    return nearest


def unlike_rows(subject: Subject) -> Iterator[Finding]:
    """Yield a finding if new rows have other distributions than the rows of training, beyond chance."""
    if subject.new_rows is None:
        return
    apart = _apart(subject, subject.rows, subject.new_rows)
    if not apart:
        return
    worst = max(apart, key=lambda each: each.distance)
    yield Finding(
        "unlike-rows",
        "warning",
        f"the new rows, {listed([each.name for each in apart])}",
        f"{worst.name[0].upper()}{worst.name[1:]} has other values than in training: the share of rows below some "
        f"value differs by {percent(worst.distance)}; {percent(worst.threshold)} can be chance.",
        worst.distance,
        worst.threshold,
        "The new rows are not like those of training, so that their scores say little about either.",
        "If the rows are in an order (by time, by place), split at random or look at the scores part by part; if the "
        "world has changed, train on newer rows.",
        plot=worst.plot("rows of training", "new rows"),
    )


def drifting_rows(subject: Subject) -> Iterator[Finding]:
    """Yield a note if the first third of the rows has other distributions than the last one."""
    n = len(subject.rows) // 3
    order = np.arange(len(subject.rows))
    apart = _apart(subject, subject.rows.part(order[:n]), subject.rows.part(order[len(order) - n :]))
    if not apart:
        return
    worst = max(apart, key=lambda each: each.distance)
    yield Finding(
        "drifting-rows",
        "note",
        f"the order of the rows, {listed([each.name for each in apart])}",
        f"Between the first and the last third of the rows, {worst.name} changes: the share of rows below some value "
        f"differs by {percent(worst.distance)}; {percent(worst.threshold)} can be chance.",
        worst.distance,
        worst.threshold,
        "The rows are in an order that is not random. A split by position gives two parts that differ; a random one "
        "hides whether the network holds for what comes next.",
        "If the order is that of time, train on the first rows and judge by the last ones (validation=...). Otherwise "
        "split at random.",
        plot=worst.plot("first third", "last third"),
    )


@dataclass(frozen=True, eq=False)
class _Apart:
    """An input or a target with different distributions in two sets of rows."""

    name: str
    distance: float
    threshold: float
    values: tuple[Array, Array]

    def plot(self, one: str, other: str) -> Plot:
        return histogram(dict(zip((one, other), self.values, strict=True)), x=self.name)


def _apart(subject: Subject, some: Rows, others: Rows) -> list[_Apart]:
    """Return the inputs and targets with different distributions in two sets of rows."""
    if min(len(some), len(others)) < FEWEST or some.A0.shape[1] > MOST_INPUTS:
        return []
    names = [*(f"input {name!r}" for name in subject.input_names), *_targets(subject)]
    one, other = np.hstack([some.A0, some.Y]), np.hstack([others.A0, others.Y])
    n = len(one) * len(other) / (len(one) + len(other))
    threshold = max(APART, float(np.sqrt(np.log(2 * len(names) / BY_CHANCE) / 2 / n)))
    pairs = zip(names, one.T, other.T, strict=True)
    found = [_Apart(name, _distance(first, second), threshold, (first, second)) for name, first, second in pairs]
    return [each for each in found if each.distance > threshold]


def _targets(subject: Subject) -> list[str]:
    n_out = subject.rows.Y.shape[1]
    if n_out == 1:
        return ["the target"]
    if len(subject.classes) == n_out:
        return [f"class {name!r}" for name in subject.classes]
    return [f"target {k}" for k in range(1, n_out + 1)]


def _distance(one: Array, other: Array) -> float:
    """Return the largest difference between the shares of values up to a number: Kolmogorov-Smirnov."""
    one, other = np.sort(one), np.sort(other)
    both = np.concatenate([one, other])
    shares = [np.searchsorted(each, both, side="right") / len(each) for each in (one, other)]
    return float(np.abs(shares[0] - shares[1]).max())


RULES = (
    Rule(
        "near-copies",
        "New rows that hardly differ from rows of training.",
        "distances to nearest neighbors; Kapoor & Narayanan 2023",
        near_copies,
    ),
    Rule(
        "unlike-rows",
        "New rows with other distributions than those of training.",
        "Kolmogorov-Smirnov, corrected for the number of columns",
        unlike_rows,
    ),
    Rule(
        "drifting-rows",
        "Rows that change from the first to the last.",
        "Kolmogorov-Smirnov, corrected for the number of columns",
        drifting_rows,
    ),
)
