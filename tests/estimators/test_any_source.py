"""Frames, arrays and files with the same content: the same schema and the same score, on twelve real tables."""

import warnings
from dataclasses import replace

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.estimators.real_tables import TABLES

import glassnet as gn
from glassnet.data.reading.sources import read
from glassnet.errors import DataWarning


@pytest.fixture(autouse=True)
def in_own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def in_csv(frame, notations=None):
    frame.to_csv("table.csv", index=False)
    return read("table.csv", notations=notations).table


def in_parquet(frame, notations=None):
    pq.write_table(in_arrow(frame), "table.parquet")
    return read("table.parquet", notations=notations).table


def in_arrow(frame):
    return pa.Table.from_pandas(frame, preserve_index=False)


SOURCES = {
    "pandas": lambda frame, notations=None: frame,
    "polars": lambda frame, notations=None: pl.from_pandas(frame),
    "arrow": lambda frame, notations=None: in_arrow(frame),
    "dict": lambda frame, notations=None: {name: column.tolist() for name, column in frame.items()},
    "object array": lambda frame, notations=None: frame.to_numpy(dtype=object),
    "list of rows": lambda frame, notations=None: frame.astype(object).to_numpy().tolist(),
    "csv": in_csv,
    "parquet": in_parquet,
}


def fitted(X, y, is_classes):
    """Return a model that has trained for a moment, and the warnings about its columns."""
    make = gn.GlassClassifier if is_classes else gn.GlassRegressor
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", DataWarning)
        model = make((4,), max_iter=4, early_stopping=False, random_state=0).fit(X, y)
    return model, [str(warning.message) for warning in told]


def without_names(schema, frame):
    """Return a schema with the columns' places for their names: an array has no names to tell."""
    place = {name: f"x{k}" for k, name in enumerate(frame.columns)}
    columns = tuple(replace(column, name=place.get(column.name, column.name)) for column in schema.columns)
    return columns, [(place.get(item.name, item.name), item.reason) for item in schema.left_out]


@pytest.mark.parametrize("name", TABLES)
def test_the_same_content_gives_the_same_schema_and_score(name):
    """Whatever holds it in training and in use; a third of the rows is scored, which training did not see."""
    table = TABLES[name]
    frame = table.make().reset_index(drop=True)
    is_new = np.arange(len(frame)) % 3 == 0
    inputs = frame.drop(columns=table.target)
    old, new = inputs[~is_new], inputs[is_new]
    y, y_new = frame[table.target][~is_new].to_numpy(), frame[table.target][is_new].to_numpy()
    found = {}
    for source, hold in SOURCES.items():
        model, told = fitted(hold(old), y, table.is_classes)
        score = model.score(hold(new, model.schema_.notations), y_new)
        found[source] = (*without_names(model.schema_, inputs), score)
        assert len([sentence for sentence in told if "keep=" in sentence]) == len(model.schema_.left_out)
        for item in model.schema_.left_out:
            assert any(repr(item.name) in sentence and f"keep=[{item.name!r}]" in sentence for sentence in told)

    assert np.isfinite(found["pandas"][2])
    for source in SOURCES:
        assert found[source] == found["pandas"], source


@pytest.mark.parametrize("name", TABLES)
def test_notations_are_understood_and_told(name):
    table = TABLES[name]
    frame = table.make().reset_index(drop=True)
    model, told = fitted(frame.drop(columns=table.target), frame[table.target], table.is_classes)
    schema = model.schema_

    assert {column: schema[column].notation for column in table.notations} == table.notations
    assert {item.name: item.reason for item in schema.left_out} == table.left_out
    for column, notation in table.notations.items():
        is_told = any(f"column {column!r} is text that was read as" in notice for notice in schema.notices)
        assert is_told or notation in ("1234.56", "2020-12-31")
    for column in table.doubtful:
        assert any(f"column {column!r}" in sentence and "could also mean" in sentence for sentence in told)
    assert len(told) == len(table.left_out) + len(table.doubtful)


def test_years_that_run_are_not_taken_for_an_id():
    """A straight line over 1900 to 2019 has an R2 of 0.996; without the years nothing is left but noise."""
    rng = np.random.default_rng(0)
    year = np.arange(1900, 2020)
    X = {"year": year, "noise": rng.normal(size=120)}
    y = 0.1 * year + rng.normal(scale=0.2, size=120)
    is_new = np.arange(120) % 4 == 0
    for share in (40, 80, 120):  # rows drawn at random, too: what is an id must not depend on it
        rows = np.sort(rng.permutation(np.flatnonzero(~is_new))[:share])
        model = gn.GlassRegressor(random_state=0).fit({name: c[rows] for name, c in X.items()}, y[rows])

        assert model.schema_.names == ("year", "noise")
        assert model.score({name: column[is_new] for name, column in X.items()}, y[is_new]) > 0.97


def test_a_small_batch_is_read_as_in_training(tmp_path):
    """Alone, "1,234" reads as thousands; a column of decimal commas makes it one and a bit."""
    X = {"x": ["1,5", "2,25", "0,75", "3,5"] * 5, "d": ["31/12/2020", "01/02/2021"] * 10}
    model, told = fitted(X, list(range(20)), False)
    path = tmp_path / "m.glassnet"
    model.save(path)
    batch = {"x": ["1,234"], "d": ["02/03/2020"]}

    assert told == []
    for one in (model, gn.load(path)):
        assert one.encode(batch).tolist() == one.encode({"x": [1.234], "d": [np.datetime64("2020-03-02")]}).tolist()
        with pytest.raises(gn.GlassnetError, match=r"written like 1.234,56, when .* but has '5.5' in row 1 \(counted"):
            one.predict({"x": ["1,5", "5.5"], "d": ["02/03/2020"] * 2})
        with pytest.raises(gn.GlassnetError, match=r"'d' was a date .*, but has '12/31/2020' in row 0"):
            one.predict({"x": ["1,5"], "d": ["12/31/2020"]})


def test_a_target_of_text_is_read_as_numbers():
    """A currency as the target: as numbers, in fit and in score."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    price = np.round(1000 + 100 * X[:, 0], 2)
    text = [f"${value:,.2f}" for value in price]
    by_text, _ = fitted(X, text, False)
    by_number, _ = fitted(X, price, False)

    np.testing.assert_array_equal(by_text.predict(X), by_number.predict(X))
    assert by_text.score(X, text) == by_number.score(X, price)
