"""The residuals of a regression: predicted against actual."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet.drawing.figures.residual import Residuals as Errors
from glassnet.drawing.small.plot import bin_edges
from glassnet.escaping import placeholders
from glassnet.estimators.judging.scoring import score
from glassnet.studio.understanding.numbers import finite
from glassnet.studio.understanding.options import place
from glassnet.studio.understanding.records import ResidualPart, ResidualPoint, Residuals
from glassnet.studio.understanding.seen import SEED, Part, Seen
from glassnet.studio.understanding.words import number
from glassnet.typing import Array

MOST_ROWS = 5_000  # of each part
MOST_POINTS = 300
BINS = 24


def residuals(seen: Seen, options: Mapping[str, Any]) -> Residuals:
    """Return the residuals; option ``output``: the place of the target."""
    names = tuple(map(placeholders, seen.model.output_names))
    output = place(options, "output", len(names), "targets") or 0
    parts = []
    for part in seen.parts:
        some = part.sample(MOST_ROWS)
        truth = np.asarray(some.y, dtype=np.float64).reshape(len(some), -1)[:, output]
        parts.append((part, some, Errors(names[output], truth, seen.model.outputs(some.X)[:, output])))
    ends = np.concatenate([values for _, _, errors in parts for values in (errors.truth, errors.predicted)])
    widest = max(float(np.abs(errors.values).max()) for _, _, errors in parts) or 1.0
    return Residuals(
        epoch=seen.epoch,
        outputs=names,
        output=output,
        low=float(ends.min()),
        high=float(ends.max()),
        parts=tuple(_part(*part, widest) for part in parts),
    )


def _part(part: Part, some: Part, errors: Errors, widest: float) -> ResidualPart:
    counts, edges = np.histogram(errors.values, bin_edges(np.asarray([-widest, widest]), BINS))
    scores = score(errors.truth, errors.predicted, None, None)
    return ResidualPart(
        part=part.name,
        n_rows=len(part),
        n_judged=len(some),
        points=_points(some, errors),
        edges=tuple(edges.tolist()),
        counts=tuple(counts.tolist()),
        mean=errors.mean,
        rmse=errors.rmse,
        mae=scores["mae"],
        r2=finite(scores["r2"]),
        words=_words(part.words(len(some)), errors, scores),
    )


def _points(some: Part, errors: Errors) -> tuple[ResidualPoint, ...]:
    """Return some of the rows, among them those with the largest residuals."""
    worst = np.argsort(-np.abs(errors.values), kind="stable")[: MOST_POINTS // 10]
    others: Array = np.random.default_rng(SEED).permutation(np.setdiff1d(np.arange(len(some)), worst))
    shown = np.sort(np.concatenate([worst, others[: MOST_POINTS - len(worst)]]))
    return tuple(
        ResidualPoint(int(some.rows[i]), float(errors.truth[i]), float(errors.predicted[i]), float(errors.values[i]))
        for i in shown.tolist()
    )


def _words(rows: str, errors: Errors, scores: Mapping[str, float]) -> str:
    side = "too low" if errors.mean > 0 else "too high"
    words = (
        f"Over {rows}, predictions are off by {number(scores['mae'])} on average (root mean square "
        f"{number(errors.rmse)}), and {number(abs(errors.mean))} {side} all in all."
    )
    if np.isfinite(scores["r2"]):
        words += f" R² is {scores['r2']:.3f}: 1 is perfect, 0 is as good as always predicting the mean."
    return words
