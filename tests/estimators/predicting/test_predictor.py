"""`model.predictor()`: one row at a time, with the very bits that the model gives for the whole table."""

import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_diabetes, load_iris, load_wine

import glassnet as gn

SHORT = {"max_iter": 5, "random_state": 0}


@pytest.fixture(scope="module")
def wine():
    X, y = load_wine(return_X_y=True)
    model = gn.GlassClassifier(**SHORT).fit(X, y)
    return model, model.predictor(), X


@pytest.fixture(scope="module")
def penguins():
    """Numbers, categories of two and of three levels, Booleans, and gaps in all of them."""
    rng = np.random.default_rng(0)
    n = 120
    table = {
        "mass": [None if k % 11 == 0 else float(x) for k, x in enumerate(rng.normal(4000, 500, n))],
        "island": [
            None if k % 13 == 0 else str(x) for k, x in enumerate(rng.choice(["Biscoe", "Dream", "Torgersen"], n))
        ],
        "sex": [None if k % 17 == 0 else str(x) for k, x in enumerate(rng.choice(["female", "male"], n))],
        "ringed": [bool(x) for x in rng.random(n) < 0.5],
        "depth": rng.normal(17, 2, n).tolist(),
    }
    y = rng.choice(["Adelie", "Gentoo"], n)
    model = gn.GlassClassifier(**SHORT).fit(table, y)
    return model, model.predictor(), table


def test_every_row_of_a_table_of_numbers(wine):
    model, one, X = wine

    np.testing.assert_array_equal([one.predict_proba(row) for row in X], model.predict_proba(X))
    assert [one.predict(row) for row in X] == model.predict(X).tolist()


@settings(max_examples=50, deadline=None)
@given(row=st.lists(st.one_of(st.floats(-1e9, 1e9), st.just(np.nan)), min_size=13, max_size=13))
def test_any_row_of_numbers(wine, row):
    model, one, _ = wine

    np.testing.assert_array_equal(one.predict_proba(np.asarray(row)), model.predict_proba(np.asarray([row]))[0])
    np.testing.assert_array_equal(one.predict_proba(row), one.predict_proba(np.asarray(row)))


def test_numbers_categories_booleans_and_gaps(penguins):
    model, one, table = penguins
    names = list(table)
    rows = [dict(zip(names, values, strict=True)) for values in zip(*table.values(), strict=True)]
    whole = model.predict_proba(table)

    np.testing.assert_array_equal([one.predict_proba(row) for row in rows], whole)
    np.testing.assert_array_equal([one.predict_proba(list(row.values())) for row in rows], whole)
    assert [one.predict(row) for row in rows] == model.predict(table).tolist()


def test_a_level_that_training_did_not_have(penguins):
    model, one, _ = penguins
    row = {"mass": 4000.0, "island": "Mars", "sex": "male", "ringed": True, "depth": 17.0}

    np.testing.assert_array_equal(one.predict_proba(row), model.predict_proba({k: [v] for k, v in row.items()})[0])


def test_odd_values_are_left_to_the_model(penguins):
    """Whole numbers, NumPy's own types and NaN for a missing category mean what they mean to the model."""
    model, one, _ = penguins
    row = {"mass": np.int64(4000), "island": float("nan"), "sex": "male", "ringed": 1, "depth": np.float32(17)}

    np.testing.assert_array_equal(one.predict_proba(row), model.predict_proba({k: [v] for k, v in row.items()})[0])


def test_quantities():
    X, y = load_diabetes(return_X_y=True)
    model = gn.GlassRegressor(**SHORT).fit(X, y)
    one = model.predictor()

    np.testing.assert_array_equal([one.predict(row) for row in X[:50]], model.predict(X[:50]))
    with pytest.raises(gn.GlassnetError, match="predict_proba needs a classifier"):
        one.predict_proba(X[0])


def test_several_quantities():
    X, y = load_diabetes(return_X_y=True)
    model = gn.GlassRegressor(**SHORT).fit(X, np.column_stack([y, -y]))

    np.testing.assert_array_equal(model.predictor().predict(X[3]), model.predict(X[3:4])[0])


def test_plain_networks_refuse_gaps_in_the_models_own_words():
    X, y = load_iris(return_X_y=True)
    one = gn.GlassClassifier(preset="plain", **SHORT).fit(X, y).predictor()
    with pytest.raises(gn.GlassnetError, match="has a missing value in row 0"):
        one.predict([1.0, np.nan, 2.0, 3.0])


@pytest.mark.parametrize("word", ["NA", "n/a", "?", " Dream ", "Dream\n", "", "Mars"])
def test_words_are_read_as_in_a_table(word):
    """Missing markers and blanks around a level, also where rare levels are taken together as another one."""
    islands = ["Biscoe", "Dream"] * 40 + ["Torgersen", "Alaska"]
    model = gn.GlassClassifier(**SHORT).fit({"island": islands, "x": list(range(82))}, ["a", "b"] * 41)
    row = {"island": word, "x": 3}

    expected = model.predict_proba({name: [value] for name, value in row.items()})[0]
    np.testing.assert_array_equal(model.predictor().predict_proba(row), expected)


@pytest.mark.parametrize("row", [[1.0, 2.0], np.zeros(14), np.zeros((1, 13))])
def test_rows_of_another_shape_are_refused(wine, row):
    with pytest.raises((gn.GlassnetError, ValueError), match=r"columns|features|one row was expected"):
        wine[1].predict(row)


def test_infinite_numbers_are_refused(wine):
    with pytest.raises(ValueError, match=r"(?i)infinit"):
        wine[1].predict(np.full(13, np.inf))


def test_rows_in_pieces_of_memory_of_all_kinds(wine):
    """A column of another array, a row that may not be written to, another precision."""
    _, one, X = wine
    expected = one.predict_proba(X[5])
    fixed = X[5].copy()
    fixed.flags.writeable = False

    np.testing.assert_array_equal(one.predict_proba(np.asfortranarray(X)[5]), expected)
    np.testing.assert_array_equal(one.predict_proba(fixed), expected)
    np.testing.assert_array_equal(one.predict_proba(X[5].astype(">f8")), expected)


def test_dates_are_refused():
    days = [datetime.date(2024, 1, 1 + k % 28) for k in range(40)]
    model = gn.GlassClassifier(**SHORT).fit({"day": days, "x": list(range(40))}, [k % 2 for k in range(40)])
    with pytest.raises(gn.GlassnetError, match="column 'day' has dates"):
        model.predictor()


def test_a_loaded_model_has_one_too(wine, tmp_path):
    model, one, X = wine
    model.save(tmp_path / "m.glassnet")

    np.testing.assert_array_equal(
        gn.load(tmp_path / "m.glassnet").predictor().predict_proba(X[0]), one.predict_proba(X[0])
    )


def test_it_needs_a_fitted_model():
    with pytest.raises(ValueError, match="not fitted"):
        gn.GlassClassifier().predictor()
