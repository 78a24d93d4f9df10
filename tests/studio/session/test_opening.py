"""Opening examples, tables and models, and choosing what is learned."""

from pathlib import Path

import numpy as np
import pytest
from msgspec import structs
from tests.studio.session.listening import Frame

import glassnet as gn
from glassnet.data.reading.sources import read
from glassnet.studio import messages as m
from glassnet.studio.session.opened.examples import examples
from glassnet.studio.session.opened.files import open_file
from glassnet.studio.session.opened.limits import USUAL, check_table
from glassnet.studio.session.opened.projects import Origin, model_project, table_project

PENGUINS = Path("examples/penguins.csv")
CSV = "size,color,price\n1,red,10\n2,blue,19\n3,red,33\n,blue,41\n5,red,48\n6,blue,62\n"


@pytest.fixture
def prices(tmp_path):
    path = tmp_path / "received"
    path.write_text(CSV)
    return path


def opened(page, path, title, **named):
    tab = page(**named) if named else page()
    tab.session.open_table(path, title)
    return tab


def test_whole_numbers_are_classes_or_a_quantity(page, tmp_path):
    """As `glassnet train` decides it, and as its option --task says."""
    path = tmp_path / "received"
    path.write_text("x,stars\n" + "".join(f"{k},{1 + k % 5}\n" for k in range(120)))
    tab = opened(page, path, "stars.csv")
    card = tab.last(m.DataCard)
    assert (card.task, card.is_whole, card.chosen_task) == ("classification", True, None)
    assert card.warnings == ("target 'stars' has 5 distinct whole numbers: classification. If they are a quantity, "
                             "choose so below.",)  # fmt: skip
    assert tab.last(m.ModelCard).record["sizes"][-1] == 5

    tab.ask(m.Choose, "stars", None, "regression")
    card = tab.last(m.DataCard)
    assert (card.task, card.is_whole, card.chosen_task) == ("regression", True, "regression")
    assert tab.last(m.ModelCard).record["sizes"][-1] == 1

    tab.ask(m.Choose, "stars")
    assert tab.last(m.DataCard).task == "classification"
    tab.ask(m.OpenExample, "penguins")
    assert not tab.last(m.DataCard).is_whole
    assert "target 'species' has the text 'Adelie'" in tab.refused(m.Choose, "species", None, "regression")


def test_a_column_of_numbers_with_a_few_words_is_told(page, tmp_path):
    path = tmp_path / "received"
    ages = ["n.s." if k % 9 == 0 else str(20 + k % 40) for k in range(90)]
    path.write_text("age,place,size\n" + "".join(f"{age},{'ab'[k % 2]},{k / 7:.3f}\n" for k, age in enumerate(ages)))
    tab = opened(page, path, "ages.csv")

    assert tab.last(m.DataCard).warnings[1:] == (
        "column 'age' is text because of 'n.s.', in 10 rows; the other 80 have numbers. Empty those cells to train on "
        "numbers.",
    )


@pytest.mark.parametrize("name", [each.name for each in examples()])
def test_every_example_opens_and_takes_a_step(page, name):
    tab = page()
    tab.ask(m.OpenExample, name)
    before = tab.last(Frame).numbers

    tab.ask(m.Step)

    assert tab.last(Frame).numbers.shape == before.shape
    assert not np.array_equal(tab.last(Frame).numbers, before)
    assert tab.last(m.ModelCard).seconds >= 0


def test_the_bundled_penguins_are_those_of_the_repository():
    bundled = Path("src/glassnet/studio/session/opened/data/penguins.csv")
    assert bundled.read_bytes() == PENGUINS.read_bytes()


def test_the_card_of_the_penguins(page):
    """Counts from examples/README.md."""
    card = page().ask(m.OpenExample, "penguins")[0]

    columns = {each.name: each for each in card.columns}
    assert (card.n_rows, card.task, card.target) == (344, "classification", "species")
    assert columns["species"].role == "target"
    assert dict(columns["species"].counts) == {"Adelie": 152, "Chinstrap": 68, "Gentoo": 124}
    assert (columns["sex"].missing, columns["bill_length_mm"].missing) == (11, 2)
    assert columns["island"].choices == ("Biscoe", "Dream", "Torgersen")
    assert (columns["body_mass_g"].least, columns["body_mass_g"].most) == (2700.0, 6300.0)
    assert sum(n for _, n in columns["body_mass_g"].counts) == 342
    assert card.preview[0][:3] == ("Adelie", "Torgersen", "39.1")
    assert card.preview[3][2] == "missing"


def test_a_boolean_function_of_ones_own(page):
    tab = page()
    card = tab.ask(m.OpenExample, "boolean", "a ^ b")[0]

    assert card.title == "F = a ^ b"
    assert card.truth_table == (("a", "b", "F"), ("0", "0", "0"), ("0", "1", "1"), ("1", "0", "1"), ("1", "1", "0"))
    assert "'?' at position 3 of 'a ? b' means nothing here" in tab.refused(m.OpenExample, "boolean", "a ? b")
    assert tab.last(m.DataCard) is card
    assert "there is no example 'penguin'; did you mean 'penguins'" in tab.refused(m.OpenExample, "penguin")


def test_a_table_with_a_guessed_target(page, prices):
    tab = opened(page, prices, "prices.csv")

    card = tab.last(m.DataCard)
    assert (card.title, card.target, card.task, card.n_rows) == ("prices.csv", "price", "regression", 6)
    tab.play(until=3)


def test_choosing_target_and_columns(page, prices):
    tab = opened(page, prices, "prices.csv")

    tab.ask(m.Choose, "color", ("size",))

    card = tab.last(m.DataCard)
    assert (card.target, card.task) == ("color", "classification")
    assert [each.role for each in card.columns] == ["input", "target", "left out"]
    assert tab.last(m.ModelCard).record["names"][-1] == ["red"]
    assert "'colour' is not among the columns; did you mean 'color'?" in tab.refused(m.Choose, "colour")
    assert "'color' is the target and cannot be an input" in tab.refused(m.Choose, "color", ("color",))
    assert "no column is chosen" in tab.refused(m.Choose, "color", ())
    assert tab.last(m.DataCard) is card


def test_rows_are_those_of_the_users_table(page, tmp_path):
    """Row 1 has no target and cannot be looked at; row 2 keeps its number."""
    path = tmp_path / "received"
    path.write_text("x,y\n1,a\n2,\n3,b\n4,a\n5,b\n")
    tab = opened(page, path, "letters.csv")
    tab.ask(m.Choose, "y")

    tab.ask(m.Look, 2)

    assert tab.last(m.RowCard).row["index"] == 2
    assert tab.last(m.RowCard).row["columns"][0]["raw"] == "3"
    assert tab.last(m.RowCard).row["target"] == "b"
    assert tab.last(Frame).row == 2
    assert "row 1 has no value in the target 'y'" in tab.refused(m.Look, 1)
    assert "row 9 does not exist: the table has the rows 0 to 4" in tab.refused(m.Look, 9)


def test_a_session_that_starts_with_a_file(page):
    tab = page(USUAL, open_file(PENGUINS, "penguins.csv", USUAL, target="island"))

    tab.wait(lambda: any(isinstance(each, Frame) for each in tab.told))

    assert tab.last(m.DataCard).title == "penguins.csv"
    assert tab.last(m.DataCard).target == "island"


def test_a_start_that_fails_is_told(page):
    table = read(PENGUINS).table
    limits = structs.replace(USUAL, parameters=5)
    tab = page(limits, table_project("Penguins", Origin("table", "Penguins"), table, target="species"))

    refused = tab.wait(lambda: next((x for x in tab.told if isinstance(x, m.Refused)), None))
    assert "but the studio takes 5 at most; try fewer or smaller layers" in refused.message


# Models.


@pytest.fixture
def model():
    table = read(PENGUINS).table
    columns = ["bill_length_mm", "bill_depth_mm", "sex"]
    return gn.GlassClassifier((5,), max_iter=20, random_state=0).fit(table.select(columns), table["species"])


def test_a_model_without_its_table_shows_a_typical_row(page, model, tmp_path):
    model.save(tmp_path / "received")

    tab = opened(page, tmp_path / "received", "penguins.glassnet")

    assert tab.last(m.ModelCard).setup is None
    assert tab.last(m.DataCard).is_fixed
    assert [each["name"] for each in tab.last(m.RowCard).row["columns"]] == ["bill_length_mm", "bill_depth_mm", "sex"]
    assert tab.last(m.RowCard).row["target"].endswith("(as predicted)")
    L1 = model.network_.W[1].size
    np.testing.assert_array_equal(tab.last(Frame).numbers[:L1], np.ravel(model.network_.W[1]).astype(float))
    for command in (m.Play, m.Step, m.Epoch, m.Reset):
        assert "this model was opened as it is" in tab.refused(command)
    for kind in ("python", "shell"):
        with pytest.raises(gn.errors.ParameterError, match="has no training to be repeated; take the model itself"):
            tab.session.download(kind)
    for kind in ("model", "picture.svg", "workbook", "table"):
        assert tab.session.download(kind).content
    tab.ask(m.WhatIf, {"bill_length_mm": 55.0, "sex": "male"})
    row = {"bill_length_mm": 55.0, "bill_depth_mm": 17.3, "sex": "male"}
    assert tab.last(m.Prediction).outputs == tuple(gn.explain(model, row).prediction.outputs.items())


def test_a_model_beside_its_table_is_shown_with_the_rows(page, model, tmp_path):
    model.save(tmp_path / "received")
    tab = page()
    tab.session.open_table(PENGUINS, "penguins.csv")

    tab.session.open_table(tmp_path / "received", "penguins.glassnet")
    tab.ask(m.Look, 200)

    assert tab.last(m.RowCard).row["target"] == "Gentoo"
    words = tuple(gn.explain(model, dict(read(PENGUINS).table.row(200))).prediction.words)
    assert tuple(tab.last(Frame).predictions[0]) == words
    setup = tab.last(m.ModelCard).setup
    assert setup is None
    tab.ask(m.ShowNeuron, 1, 0)
    assert sum(tab.last(m.NeuronCard).counts) == 344


def test_a_fitted_model_from_python(page, model):
    tab = page(USUAL, model_project("Model", Origin("model", "Model"), model))

    tab.wait(lambda: any(isinstance(each, Frame) for each in tab.told))

    assert tab.last(m.ModelCard).n_parameters == model.network_.n_params


# Too much.


@pytest.mark.parametrize(
    ("limits", "size", "most"),
    [({"rows": 5}, "6 rows", 5), ({"columns": 2}, "3 columns", 2), ({"cells": 17}, "18 cells", 17)],
)
def test_tables_that_are_too_large(page, prices, limits, size, most):
    tab = page(structs.replace(USUAL, **limits))

    with pytest.raises(gn.errors.DataError, match=f"prices.csv has {size}, but at most {most} are read here"):
        tab.session.open_table(prices, "prices.csv")

    with pytest.raises(gn.errors.DataError, match=f"this table has {size}, but the studio takes {most} at most"):
        check_table(read(prices).table, structs.replace(USUAL, **limits))


def test_networks_that_are_too_large(page):
    tab = page()
    tab.ask(m.OpenExample, "boolean")
    card, frame = tab.last(m.ModelCard), tab.last(Frame)
    # 3 · 4096 + 4096 into the first layer, twice 4096 · 4096 + 4096, and 4096 + 1 into the output
    wide = structs.replace(card.setup, hidden=(m.HiddenLayer(4_096, "relu"),) * 3)

    assert "this network would have 33,583,105 parameters" in tab.refused(m.Build, wide)
    assert "2,000,000 epochs are more than" in tab.refused(m.Build, structs.replace(card.setup, max_iter=2_000_000))
    assert tab.last(m.ModelCard) is card
    assert tab.last(Frame) is frame


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"hidden": (m.HiddenLayer(3, "sigmiod"),)}, "sigmiod"),
        ({"solver": "none"}, "solver"),
        ({"learning_rate_init": -1.0}, "learning_rate_init"),
        ({"dropout": 1.5}, "dropout"),
        ({"loss": "huber"}, "cost 'huber' is for quantities, but 'F' has classes"),
    ],
)
def test_setups_that_do_not_work(page, changes, sentence):
    tab = page()
    tab.ask(m.OpenExample, "boolean")
    card = tab.last(m.ModelCard)

    assert sentence in tab.refused(m.Build, structs.replace(card.setup, **changes))
    assert tab.last(m.ModelCard) is card
    tab.ask(m.Step)


def test_columns_of_every_kind_have_a_card(page, tmp_path):
    """Missing, infinite and constant values, dates, and names that are markup."""
    path = tmp_path / "received"
    path.write_text(
        "empty,infinite,when,<script>,same,label\n"
        ",inf,2024-01-01,1,7,a\n,2,2024-01-02,2,7,b\n,3,2024-01-03,3,7,a\n,4,,4,7,b\n,5,2024-01-05,5,7,a\n"
    )
    tab = opened(page, path, "odd.csv")
    assert "column 'infinite' has infinite values, so it is left out." in tab.last(m.DataCard).warnings
    tab.ask(m.Choose, "label", ("when", "<script>"))

    cards = {each.name: each for each in tab.last(m.DataCard).columns}
    assert (cards["empty"].missing, cards["empty"].counts) == (5, ())
    assert (cards["infinite"].role, cards["infinite"].most) == ("left out", 5.0)
    assert (cards["when"].kind, cards["when"].missing) == ("datetime", 1)
    assert cards["<script>"].role == "input"
    assert cards["same"].distinct == 1
    tab.play(until=2)


def test_nothing_to_train(page, tmp_path):
    path = tmp_path / "received"
    path.write_text("a,b\n")
    with pytest.raises(gn.errors.GlassnetError, match="has column names but no rows"):
        opened(page, path, "empty.csv")
