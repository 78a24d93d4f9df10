"""Subjects: the penguins as classes and as a quantity, and the tutorials' network of a Boolean function."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import glassnet as gn
from glassnet.core.catalog.costs import resolve_cost
from glassnet.data.columns.labels import target_values
from glassnet.data.columns.schema_inference import infer_schema
from glassnet.data.reading.sources import read
from glassnet.data.split import split
from glassnet.explanation.subject.from_estimator import output_names
from glassnet.explanation.subject.notation import neuron_names
from glassnet.studio.subject import Subject
from glassnet.studio.understanding.seen import Part
from glassnet.training.history import History

PENGUINS = Path(__file__).parents[3] / "examples" / "penguins.csv"


@cache
def fitted(target):
    """A model of the penguins, its training and validation rows as tables, and their targets and numbers."""
    table = read(PENGUINS).table
    schema = infer_schema(table, target=target)
    rows = table.take(np.flatnonzero([value == value and value is not None for value in table[target].tolist()]))
    y = target_values(rows, schema)
    parts = split(y, fractions=(0.7, 0.3, 0.0), seed=0)
    kind = gn.GlassClassifier if target == "species" else gn.GlassRegressor
    X = rows.select(schema.names)
    training, validation = (
        Part(name, X.take(places), y[places], rows.rows[places])
        for name, places in (("training", parts.train), ("validation", parts.validation))
    )
    model = kind((6,), max_iter=40, snapshots=4, random_state=0)
    model.fit(training.X, training.y, eval_set=(validation.X, validation.y))
    return model, (training, validation)


def of_model(model, X, y, held_out=None, **options):
    """The subject of a fitted model; the rows are numbered in their order."""
    n = X.n_rows
    encoder, target_encoder = model.encoder_, model.target_encoder_
    outputs = output_names(target_encoder, getattr(model, "target_name_", None))
    given = {
        "network": model.network_.astype("float64"), "cost": model.cost_,
        "names": neuron_names(model.network_, encoder.input_names, outputs), "task": target_encoder.task,
        "X": model.encode(X), "Y": target_encoder.transform(y), "rows": np.arange(n),
        "held_out": np.zeros(n, bool) if held_out is None else held_out, "row": 0, "words": str,
        "epoch": len(model.history_), "step": 0, "history": model.history_,
        "path": lambda n: tuple(model.history_.snapshots.items())[-n:], "model": model, "table": X, "target": y,
    }  # fmt: skip
    return Subject(**given | options)


def of_penguins(target):
    """All rows of the table, the validation rows marked."""
    model, (training, validation) = fitted(target)
    rows = np.concatenate([training.rows, validation.rows])
    order = np.argsort(rows)
    names = training.X.names
    columns = tuple(np.concatenate([training.X[name], validation.X[name]])[order] for name in names)
    y = np.concatenate([training.y, validation.y])[order]
    X = replace(training.X, columns=columns, rows=rows[order])
    return of_model(model, X, y, np.isin(rows[order], validation.rows), rows=rows[order])


@pytest.fixture(scope="session")
def penguins():
    """A classifier of the species."""
    return of_penguins("species")


@pytest.fixture(scope="session")
def masses():
    """A regressor of the body mass."""
    return of_penguins("body_mass_g")


@pytest.fixture(scope="session")
def truth_table():
    """The tutorials' network 3-3-1 on F = xy + not z, trained by gradient descent."""
    X = np.asarray([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], dtype=float)
    Y = np.asarray([[float(bool(x and y) or not z)] for x, y, z in X])
    W1, W2 = [[0.9, 0.3, 0.2], [0.8, 0.5, 0.4], [0.1, 0.6, 0.7]], [[0.3], [0.5], [0.9]]
    net = gn.Network.from_weights([(W1, None), (W2, None)], hidden="sigmoid", output="sigmoid", by="input")
    result = gn.train(net, X, Y, cost="half_squared_error", solver="gd", learning_rate=2.0, epochs=400, snapshots=40)
    return Subject(
        network=result.network, cost=resolve_cost("half_squared_error"),
        names=neuron_names(net, ("x", "y", "z"), ("F",)), task="none", X=X, Y=Y, rows=np.arange(8),
        held_out=np.zeros(8, bool), row=3, words=str, epoch=400, step=0, history=result.history,
        path=lambda n: tuple(result.history.snapshots.items()),
    )  # fmt: skip


@pytest.fixture(scope="session")
def untrained(truth_table):
    """The same before its first epoch."""
    return replace(truth_table, history=History((), "", "", 0), path=lambda n: (), epoch=0)
