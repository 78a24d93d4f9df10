"""The learning curves, and the gap between training and validation rows in words."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet.drawing.figures.gap import Gap, gap_of, losses_of
from glassnet.estimators.judging.scoring import score
from glassnet.studio.understanding.numbers import finite, thinned
from glassnet.studio.understanding.records import Curve, Learning, Score
from glassnet.studio.understanding.seen import Part, Seen
from glassnet.studio.understanding.words import number
from glassnet.training.history import History

MOST_ROWS = 5_000  # of each part
MOST_POINTS = 1_000  # of a curve
MUCH = 1.5  # times the training cost
LABELS = {
    "cost": "training cost",
    "validation_cost": "validation cost",
    "metric": "training",
    "validation_metric": "validation",
}
SCORES = {
    "accuracy": "accuracy",
    "log_loss": "log loss",
    "rmse": "root mean square error",
    "mae": "mean absolute error",
    "r2": "R²",
}


def learning(seen: Seen, options: Mapping[str, Any]) -> Learning:
    """Return the learning curves and the gap."""
    history = seen.subject.history
    judged = [part.sample(MOST_ROWS) for part in seen.parts]
    level, words = _gap(seen, judged)
    return Learning(
        epoch=seen.epoch,
        n_epochs=len(history),
        curves=tuple(_curves(history)),
        best_epoch=history.best_epoch if len(history) else None,
        reason=history.stop_reason if history.stopped not in ("", "interrupted") else None,  # a pause is no end
        scores=tuple(_scores(seen, judged)),
        gap=level,
        words=tuple(words),
    )


def _curves(history: History) -> list[Curve]:
    places = thinned(len(history), MOST_POINTS)
    made = []
    for name, label in LABELS.items():
        values = history[name]
        if np.isfinite(values).any():
            metric = SCORES.get(history.metric_name or "", history.metric_name)
            label = f"{label} {metric}" if name.endswith("metric") else label
            points = tuple((k + 1, finite(values[k])) for k in places)
            made.append(Curve(name, label.replace("_", " "), points))
    return made


def _scores(seen: Seen, judged: list[Part]) -> list[Score]:
    """Return the scores of the parts side by side; none for several labels or targets."""
    model = seen.model
    if model.has_labels or (model.classes is None and len(model.output_names) > 1):
        return []
    found = {}
    with np.errstate(all="ignore"):  # what diverged squares to infinity
        for part in judged:
            outputs = model.outputs(part.X)
            if model.classes is None:
                truth = np.asarray(part.y, dtype=np.float64).reshape(len(part), -1)
                found[part.name] = score(truth[:, 0], outputs[:, 0], None, None)
            else:
                classes, decided = np.arange(outputs.shape[1]), np.asarray(model.decided(outputs), dtype=np.intp)
                found[part.name] = score(np.asarray(model.places(part.y), dtype=np.intp), decided, outputs, classes)
    training, validation = found[judged[0].name], found.get("validation", {})
    return [
        Score(SCORES[name], finite(value), finite(validation.get(name, np.nan))) for name, value in training.items()
    ]


def _gap(seen: Seen, judged: list[Part]) -> tuple[Any, list[str]]:
    """Return how far training and validation rows are apart, as a word and in sentences."""
    if len(judged) < 2:
        return "unknown", ["No rows are held out, so overfitting cannot be seen: build with validation rows."]
    model = seen.model
    training, validation = (
        losses_of(model.network, model.encoded(part.X), model.targets(part.y), seen.subject.cost) for part in judged[:2]
    )
    if seen.subject.history.stopped == "diverged" or not np.isfinite([*training, *validation]).all():
        return "unknown", ["The training diverged, and says nothing about overfitting: try a smaller learning rate."]
    gap = gap_of(training, validation)
    level = _level(gap)
    whole = [part.words(len(some)) for part, some in zip(seen.parts, judged, strict=True)]
    words = [
        f"The cost is {number(gap.training)} over {whole[0]} and {number(gap.validation)} over {whole[1]}.",
        _meaning(gap, level),
    ]
    held = seen.subject.history["validation_cost"]
    if np.isfinite(held).any():
        best = int(np.nanargmin(held))
        last = float(held[-1])
        if best + 1 < len(held) and last > held[best]:
            words.append(
                f"The validation cost was smallest at epoch {best + 1:,} ({number(float(held[best]))}) and is "
                f"{number(last)} at epoch {len(held):,}."
            )
    return level, words


def _level(gap: Gap) -> str:
    if not gap.is_beyond_chance or gap.difference <= 0:
        return "none"
    return "overfitting" if gap.validation > MUCH * gap.training else "small"


def _meaning(gap: Gap, level: str) -> str:
    if level == "overfitting":
        times = f"{gap.validation / gap.training:.3g} times as much" if gap.training > 0 else "from nothing"
        return (
            f"That is {times}, and more than chance explains: the network overfits. Try fewer neurons, a larger "
            f"penalty, dropout, or an earlier stop."
        )
    if level == "small":
        return "Chance alone would hardly make this gap, but it is small: the network overfits a little."
    if gap.difference > 0:
        return "Rows drawn by chance could make this gap: there is no sign of overfitting."
    return "New rows are predicted no worse than known ones: there is no sign of overfitting."
