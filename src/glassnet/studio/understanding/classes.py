"""Views of a classifier: confusion, calibration and ranking."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.drawing.figures.confusion import Confusion as Matrix
from glassnet.drawing.figures.confusion import confusion_of
from glassnet.drawing.figures.ranking import RankingCurve, ranking_curve
from glassnet.drawing.figures.reliability import reliability_of
from glassnet.errors import ParameterError
from glassnet.escaping import placeholders
from glassnet.studio.understanding.numbers import thinned
from glassnet.studio.understanding.options import place
from glassnet.studio.understanding.records import (
    Calibration,
    CalibrationPart,
    Confusion,
    ConfusionPart,
    Ranking,
    RankingPart,
    ReliabilityGroup,
)
from glassnet.studio.understanding.seen import Part, Seen
from glassnet.studio.understanding.words import percent
from glassnet.typing import Array

MOST_ROWS = 5_000  # of each part
MOST_CLASSES = 20  # in a confusion matrix; the others are counted together
MOST_EXAMPLES = 5  # rows of a cell
MOST_POINTS = 200  # of a curve


@dataclass(frozen=True, eq=False)
class Judged:
    """A part with its true and predicted classes, as places, and the probabilities (n_rows, n_classes)."""

    whole: Part
    part: Part
    truth: Array
    predicted: Array
    probabilities: Array

    @property
    def words(self) -> str:
        """How many rows were judged."""
        return self.whole.words(len(self.part))


def judged(seen: Seen, part: Part) -> Judged:
    """Return at most `MOST_ROWS` rows of a part with their predictions."""
    some, model = part.sample(MOST_ROWS), seen.model
    probabilities = model.outputs(some.X)
    truth = np.asarray(model.places(some.y), dtype=np.intp)
    return Judged(part, some, truth, np.asarray(model.decided(probabilities), dtype=np.intp), probabilities)


def confusion(seen: Seen, options: Mapping[str, Any]) -> Confusion:
    """Return the confusion matrices; classes beyond the first 20 by number of rows are counted together."""
    parts = [judged(seen, part) for part in seen.parts]
    names = seen.model.output_names
    shown = np.arange(len(names))
    if len(names) > MOST_CLASSES:
        n_rows = np.bincount(np.concatenate([part.truth for part in parts]), minlength=len(names))
        shown = np.sort(np.argsort(-n_rows, kind="stable")[: MOST_CLASSES - 1])
    merged = np.full(len(names), len(shown))
    merged[shown] = np.arange(len(shown))
    rest = [] if len(shown) == len(names) else [f"{len(names) - len(shown)} others"]
    classes = tuple([placeholders(names[k]) for k in shown] + rest)
    return Confusion(seen.epoch, classes, tuple(_confusion(part, merged, classes) for part in parts))


def _confusion(part: Judged, merged: Array, classes: tuple[str, ...]) -> ConfusionPart:
    n = len(classes)
    truth, predicted = merged[part.truth], merged[part.predicted]
    found = confusion_of(truth.tolist(), predicted.tolist())
    counts = np.zeros((n, n), dtype=np.int64)
    counts[np.ix_(found.classes, found.classes)] = found.counts
    accuracy = float(np.mean(part.truth == part.predicted))
    return ConfusionPart(
        part=part.whole.name,
        n_rows=len(part.whole),
        n_judged=len(part.part),
        counts=tuple(map(tuple, counts.tolist())),
        shares=tuple(map(tuple, Matrix(classes, counts).shares.tolist())),
        examples=_examples(part, truth, predicted, n),
        accuracy=accuracy,
        words=_most_confused(part, counts, classes, accuracy),
    )


def _examples(part: Judged, truth: Array, predicted: Array, n: int) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """Return some rows of each cell, the most certain predictions first."""
    certainty = part.probabilities[np.arange(len(part.truth)), part.predicted]
    found: list[list[list[int]]] = [[[] for _ in range(n)] for _ in range(n)]
    for i in np.argsort(-certainty, kind="stable").tolist():
        cell = found[truth[i]][predicted[i]]
        if len(cell) < MOST_EXAMPLES:
            cell.append(int(part.part.rows[i]))
    return tuple(tuple(map(tuple, row)) for row in found)


def _most_confused(part: Judged, counts: Array, classes: tuple[str, ...], accuracy: float) -> str:
    words = f"{percent(accuracy)} of {part.words} are predicted right."
    wrong = counts - np.diag(np.diag(counts))
    if not wrong.any():
        return words
    i, j = np.unravel_index(np.argmax(wrong), wrong.shape)
    n = int(wrong[i, j])
    return f"{words} Most often, {classes[i]} is taken for {classes[j]}: {n:,} {'row' if n == 1 else 'rows'}."


def calibration(seen: Seen, options: Mapping[str, Any]) -> Calibration:
    """Return the reliability of the probabilities; option ``output``: a class instead of the predicted one."""
    names = tuple(map(placeholders, seen.model.output_names))
    output = place(options, "output", len(names), "classes")
    parts = [judged(seen, part) for part in seen.parts]
    return Calibration(seen.epoch, names, output, tuple(_calibration(part, names, output) for part in parts))


def _calibration(part: Judged, names: tuple[str, ...], output: int | None) -> CalibrationPart:
    if output is None:
        label, came_true = "the predicted class", part.predicted == part.truth
        probability = part.probabilities[np.arange(len(part.truth)), part.predicted]
    else:
        label, came_true, probability = names[output], part.truth == output, part.probabilities[:, output]
    found = reliability_of(label, came_true, probability)
    each = zip(found.predicted, found.observed, found.low, found.high, found.counts, strict=True)
    over = float(np.sum(found.counts * (found.predicted - found.observed)) / found.counts.sum())
    too = "too high" if over > 0 else "too low"
    return CalibrationPart(
        part=part.whole.name,
        n_rows=len(part.whole),
        n_judged=len(part.part),
        groups=tuple(ReliabilityGroup(float(p), float(o), float(l), float(h), int(n)) for p, o, l, h, n in each),
        error=found.calibration_error,
        words=f"Over {part.words}, the probability of {label} is off by {percent(found.calibration_error)} on average, "
        f"and {percent(abs(over))} {too} all in all.",
    )


def ranking(seen: Seen, options: Mapping[str, Any]) -> Ranking:
    """Return the ROC and precision-recall curves; option ``output``: a class, by default the last of two."""
    names = tuple(map(placeholders, seen.model.output_names))
    chosen = place(options, "output", len(names), "classes")
    output = chosen if chosen is not None else int(len(names) == 2)
    parts = [judged(seen, part) for part in seen.parts]
    mixed = [part for part in parts if 0 < np.mean(part.truth == output) < 1]
    if not mixed:
        raise ParameterError(
            f"all rows or none are of class {names[output]!r}, so there is nothing to rank; choose another class."
        )
    return Ranking(seen.epoch, names, output, tuple(_ranking(part, names[output], output) for part in mixed))


def _ranking(part: Judged, name: str, output: int) -> RankingPart:
    curve = ranking_curve(name, part.truth == output, part.probabilities[:, output])
    return RankingPart(
        part=part.whole.name,
        n_rows=len(part.whole),
        n_judged=len(part.part),
        roc=((0.0, 0.0), *_points(curve, curve.false_positive_rate, curve.recall)),
        precision_recall=_points(curve, curve.recall, curve.precision),
        area=curve.area,
        average_precision=curve.average_precision,
        share=curve.share,
        words=f"Over {part.words}, a row of {name} gets a higher probability of it than another row in "
        f"{percent(curve.area)} of pairs; guessing gives 50%.",
    )


def _points(curve: RankingCurve, x: Array, y: Array) -> tuple[tuple[float, float], ...]:
    return tuple((float(x[k]), float(y[k])) for k in thinned(len(curve.thresholds), MOST_POINTS))
