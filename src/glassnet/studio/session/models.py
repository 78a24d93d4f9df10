"""A fitted model that was opened: it is looked at as it is, and not trained."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from glassnet.data.table import Table
from glassnet.data.typed_values import plain
from glassnet.errors import ParameterError
from glassnet.explanation.subject.from_estimator import of_estimator, prediction_of
from glassnet.explanation.subject.request import Request
from glassnet.settings.train_settings import TrainSettings
from glassnet.studio.recording.sources import Row
from glassnet.studio.session.built import Built
from glassnet.studio.session.changed_rows import changed_row
from glassnet.studio.session.opened.projects import ModelProject
from glassnet.training.train import RunArguments
from glassnet.typing import Array


def built_of_model(project: ModelProject) -> Built:
    """Return the network of a model, before a first step that it never takes."""
    model, table = project.model, project.table
    network = model.network_.with_theta(np.asarray(model.network_.theta, dtype=np.float64))
    y = project.target if project.target is not None else model.predict(table)
    numbers = np.arange(table.n_rows) if table.rows is None else np.asarray(table.rows)
    places = {int(number): place for place, number in enumerate(numbers)}
    A0 = np.asarray(model.encode(table), dtype=np.float64)
    Y = np.asarray(model.target_encoder_.transform(y), dtype=np.float64)
    settings = TrainSettings(cost=model.cost_, solver="gd", epochs=1)
    training = RunArguments(network, A0, Y, settings).begun()

    def place_of(number: int) -> int:
        if number not in places:
            raise ParameterError(f"row {number} is not among the rows of this model; choose another row.")
        return places[number]

    def row(number: int) -> Row:
        found = row_of_table(model, table, y, place_of(number), number)
        return found if project.target is not None else replace(found, target=f"{found.target} (as predicted)")

    def inputs_with(number: int, values: Mapping[str, Any]) -> Array:
        return np.asarray(model.encode(changed_row(table.take(np.asarray([place_of(number)])), values)))

    return Built(
        setup=None,
        training=training,
        names=of_estimator(model, table.take(np.asarray([0])), None, Request()).names,
        task=model.target_encoder_.task,
        numbers=numbers,
        held_out=np.zeros(table.n_rows, dtype=bool),
        encoded=lambda: (A0, Y),
        row=row,
        inputs_with=inputs_with,
        prediction=lambda A: prediction_of(model, A),
        seconds=lambda: None,
        model=model,
        table=table,
        target=y,
    )


def row_of_table(model: Any, table: Table, y: Array, place: int, number: int) -> Row:
    """Return the row at a place of a table, encoded by a model; `number` is its number in the user's table."""
    subject = of_estimator(model, table.take(np.asarray([place])), plain(y[place]), Request())
    target = ", ".join(map(str, subject.target)) if isinstance(subject.target, list) else str(subject.target)
    return Row(number, subject.inputs, subject.trace.X[0], np.asarray(subject.Y)[0], target)
