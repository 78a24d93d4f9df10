"""The source of a fitted estimator: rows are those of the user's table, in its words and units."""

from typing import Any

import numpy as np

from glassnet.data.typed_values import plain
from glassnet.errors import ParameterError
from glassnet.estimators.inputs import n_rows, read_X, read_y, take
from glassnet.explanation.subject.from_estimator import of_estimator, prediction_of
from glassnet.explanation.subject.request import Request
from glassnet.studio.recording.sources import Row, Source, checked_rows, of_replay, of_snapshots


def of_model(model: Any, X: Any, y: Any, *, weights: Any, rows: Any) -> Source:
    """Return the source of a fitted classifier or regressor; of an ensemble, that of its first network."""
    if X is None or y is None:
        raise ParameterError(
            "a model does not store its data; pass the X and y of its last fit: gn.playback(model, X, y)."
        )
    n_networks, notes = len(model.members_), []
    if n_networks > 1:
        model = model.member(0)
        notes.append(f"The model is the mean of {n_networks} networks; this is the training of the first.")
    member = model.members_[0]
    if member.trained is not None and member.trained.recording is None:
        run = of_snapshots(member.as_trained, model.history_, "snapshots=1")
    else:
        run = of_replay(model.replay(X, y, weights))
    if member.calibration is not None and member.calibration.temperature != 1.0:
        notes.append(
            f"After this training, the last layer was divided by the temperature {member.calibration.temperature:.6g}, "
            f"which calibrates the probabilities of the model."
        )
    inputs = read_X(model, X, reset=False)
    targets = read_y(y, multi_output=True, n_rows=n_rows(inputs))
    chosen = checked_rows(rows, n_rows(inputs))
    subjects = [
        of_estimator(model, take(inputs, np.asarray([i])), plain(targets[i]), Request()) for i in chosen
    ]  # fmt: skip
    return Source(
        network=member.as_trained,
        names=subjects[0].names,
        run=run,
        cost=model.cost_,
        rows=tuple(
            Row(i, subject.inputs, subject.trace.X[0], np.asarray(subject.Y)[0], _in_words(subject.target))
            for i, subject in zip(chosen, subjects, strict=True)
        ),
        words=lambda A: prediction_of(model, A).words,
        notes=tuple(notes),
    )


def _in_words(target: Any) -> str:
    return (", ".join(map(str, target)) or "none") if isinstance(target, list) else str(target)
