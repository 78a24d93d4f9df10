"""A table split into parts, of which one trains."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.data.columns.labels import target_values
from glassnet.data.columns.schema_inference import infer_schema
from glassnet.data.reading.tabular import table_from
from glassnet.data.split import split
from glassnet.errors import ReplayError
from glassnet.estimators.split_table import SplitTable


@pytest.fixture
def table(penguins):
    rows = table_from(penguins.dropna(subset="species"))
    schema = infer_schema(rows, target="species")
    y = target_values(rows, schema)
    return SplitTable(rows, y, schema, split(y, fractions=(0.7, 0.1, 0.2), seed=0))


@pytest.mark.parametrize("settings", [{}, {"n_networks": 2}], ids=str)
def test_a_model_is_replayed_with_the_rows_that_trained_it(table, small, settings):
    model = small("classifier", **settings)
    table.fit(model)

    run = model.replay(*table.part(table.parts.train))

    np.testing.assert_array_equal(run.at(epoch=3).network.theta, model.members_[0].state.theta)
    assert len(run.at(epoch=0).data.X) == len(table.parts.train)


@pytest.mark.parametrize("part", ["all rows", "test", "another order"])
def test_other_rows_are_refused_and_the_sentence_names_the_right_ones(table, small, part):
    model = small("classifier")
    table.fit(model)
    train = table.parts.train
    rows = {"all rows": np.arange(len(table.y)), "test": table.parts.test, "another order": train[::-1]}[part]

    with pytest.raises(ReplayError, match="the training rows of a split table; pass these alone, in the same order"):
        model.replay(*table.part(rows))


def test_a_model_of_a_file_says_that_it_has_no_training(table, small, tmp_path):
    model = small("classifier")
    table.fit(model)
    model.save(tmp_path / "model.glassnet")

    with pytest.raises(ReplayError, match=r"^this model comes from a file, which does not store the training"):
        gn.load(tmp_path / "model.glassnet").replay(*table.part(table.parts.train))
