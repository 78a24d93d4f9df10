"""Whatever holds the table, the same data gives the same predictions."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse

import glassnet as gn
from glassnet.data.reading.tabular import table_from
from glassnet.errors import ColumnError, DataError, DataWarning, ShapeError

HOLDERS = {
    "pandas": lambda frame: frame,
    "pandas categories": lambda frame: frame.astype({"island": "category"}),
    "pandas nullable": lambda frame: frame.convert_dtypes(),
    "polars": pl.from_pandas,
    "polars categories": lambda frame: pl.from_pandas(frame).with_columns(pl.col("island").cast(pl.Categorical)),
    "arrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    "dict": lambda frame: {name: column.tolist() for name, column in frame.items()},
    "Table": table_from,
}

WITHOUT_NAMES = {
    "object array": lambda frame: frame.to_numpy(dtype=object),
    "object array with None": lambda frame: frame.astype(object).where(frame.notna(), None).to_numpy(),
    "list of lists": lambda frame: frame.to_numpy(dtype=object).tolist(),
    "list of tuples": lambda frame: [tuple(row) for row in frame.to_numpy(dtype=object).tolist()],
}


@pytest.fixture(scope="module")
def labels(mixed):
    return (mixed["island"] == "Dream").to_numpy()


@pytest.mark.parametrize("holder", HOLDERS)
def test_frames_of_every_library(mixed, labels, small, holder):
    """Trained and asked through any frame: the same bits as through pandas."""
    expected = small("classifier").fit(mixed, labels).predict_proba(mixed)
    model = small("classifier").fit(HOLDERS[holder](mixed), labels)

    np.testing.assert_array_equal(model.predict_proba(HOLDERS[holder](mixed)), expected)
    np.testing.assert_array_equal(model.predict_proba(mixed), expected)
    assert model.n_features_in_ == 3
    assert model.feature_names_in_.tolist() == ["mass", "year", "island"]


@pytest.mark.parametrize("holder", WITHOUT_NAMES)
def test_text_and_gaps_without_names(mixed, labels, small, holder):
    """Arrays and lists with text and None work by position; None is a gap, not the text 'None'."""
    expected = small("classifier").fit(mixed, labels).predict_proba(mixed)
    rows = WITHOUT_NAMES[holder](mixed)
    model = small("classifier").fit(rows, labels)

    np.testing.assert_array_equal(model.predict_proba(rows), expected)
    assert not hasattr(model, "feature_names_in_")
    assert model.schema_.columns[2].levels == ("Biscoe", "Dream", "Torgersen")


@pytest.mark.parametrize("convert", [np.float64, np.float32, np.int64, np.bool_, object, "list", "fortran"], ids=str)
def test_numbers_in_any_dress(numbers, small, convert):
    """Zeros and ones are the same numbers as float32, int, bool, object or in lists."""
    X = (numbers[0] > 0).astype(float)
    dressed = X.tolist() if convert == "list" else np.asfortranarray(X) if convert == "fortran" else X.astype(convert)
    model = small("classifier", preset="plain", dtype="float64")
    expected = model.fit(X, numbers[1]).predict_proba(X)

    np.testing.assert_array_equal(model.fit(dressed, numbers[1]).predict_proba(dressed), expected)


@pytest.mark.parametrize("layout", [sparse.csr_array, sparse.csc_array, sparse.csr_matrix, sparse.coo_array])
def test_sparse_matrices(numbers, small, layout):
    """Zeros that are not stored count as zeros, in every layout, in training and in prediction."""
    X, y = numbers
    X = np.where(X > 0.5, X, 0.0)
    plain = {"preset": "plain", "dtype": "float64"}
    dense, thin = (small("classifier", **plain).fit(A, y) for A in (X, layout(X)))
    robust = small("classifier").fit(layout(X), y)

    np.testing.assert_allclose(thin.predict_proba(X), dense.predict_proba(X), rtol=1e-10)
    np.testing.assert_array_equal(thin.predict_proba(layout(X)), thin.predict_proba(X))
    np.testing.assert_array_equal(robust.predict_proba(layout(X)), robust.predict_proba(X))
    np.testing.assert_array_equal(dense.predict_proba(layout(X)), dense.predict_proba(X))


def test_columns_are_found_by_name(mixed, labels, small):
    """In another order, with others beside them: the same predictions."""
    model = small("classifier").fit(mixed, labels)
    expected = model.predict_proba(mixed)

    np.testing.assert_array_equal(model.predict_proba(mixed[["island", "mass", "year"]]), expected)
    np.testing.assert_array_equal(model.predict_proba(mixed.assign(comment="new")), expected)


def test_a_missing_column_is_named(mixed, labels, small):
    """The sentence names the column, and what it may have been renamed to."""
    model = small("classifier").fit(mixed, labels)
    with pytest.raises(ColumnError, match=r"^column 'island' is missing, .*; the table has mass, year\.$"):
        model.predict(mixed[["mass", "year"]])
    with pytest.raises(ColumnError, match=r"column 'mass' is missing, .* did you rename it to 'mas'\?"):
        model.predict(mixed.rename(columns={"mass": "mas"}))


def test_text_in_a_numeric_column_is_refused(mixed, labels, small):
    model = small("classifier").fit(mixed, labels)
    with pytest.raises(ColumnError, match=r"column 'mass' was numeric with .*, but has 'heavy' in row 0 .*;"):
        model.predict(mixed.assign(mass="heavy"))


def test_unseen_levels_and_new_gaps_are_predicted(mixed, labels, small):
    """A level that training did not have, and a gap where it had none, get finite probabilities."""
    model = small("classifier").fit(mixed, labels)
    new = pd.DataFrame({"mass": [0.0, np.nan], "year": [np.nan, 1.0], "island": ["Mars", None]})

    assert np.isfinite(model.predict_proba(new)).all()
    assert model.encoder_.transform(table_from(new))[0, 3:6].tolist() == [0.0, 0.0, 0.0]


def test_an_array_after_a_frame_is_read_by_position(mixed, labels, small):
    """scikit-learn's warning that names are missing, and the same predictions."""
    model = small("classifier").fit(mixed, labels)
    with pytest.warns(UserWarning, match="X does not have valid feature names, but GlassClassifier was fitted with"):
        predicted = model.predict_proba(mixed.to_numpy(dtype=object))

    np.testing.assert_array_equal(predicted, model.predict_proba(mixed))


@pytest.mark.parametrize(
    "settings",
    [{}, {"n_networks": 3}, {"early_stopping": True}, {"early_stopping": True, "refit": True}, {"preset": "plain"}],
    ids=str,
)
def test_a_column_that_is_left_out_is_told_once_a_fit(mixed, labels, small, settings):
    """However often the table is read in it; and not again by what uses the model."""
    frame = mixed.assign(planet="Earth")
    model = small("classifier", **settings)
    for _ in range(2):
        with pytest.warns(DataWarning) as told:
            model.fit(frame, labels)
        assert [str(warning.message) for warning in told if warning.category is DataWarning] == [
            "column 'planet' is Earth in every row and is left out. To use it, pass keep=['planet']."
        ]
    model.predict(frame), model.score(frame, labels), model.summary()


@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
def test_an_array_after_a_frame_of_which_columns_were_left_out(mixed, labels, small):
    """An id and a constant are not used, but an array in the frame's place still has them."""
    keys = [f"K{k}" for k in range(60)]
    frame = mixed.assign(key=keys, planet="Earth")[["key", "mass", "planet", "year", "island"]]
    with pytest.warns(DataWarning) as told:
        model = small("classifier").fit(frame, labels)
    assert [str(warning.message) for warning in told] == [
        "column 'key' is text that differs in every row like an id and is left out. To use it, pass keep=['key'].",
        "column 'planet' is Earth in every row and is left out. To use it, pass keep=['planet'].",
    ]
    assert {warning.filename for warning in told} == {__file__}

    assert model.encoder_.input_names[0] == "mass"
    assert model.n_features_in_ == 5
    np.testing.assert_array_equal(
        model.predict_proba(frame.to_numpy(dtype=object)), model.predict_proba(frame.drop(columns=["key", "planet"]))
    )


def test_an_endless_range_is_refused_before_it_is_written_out(fitted, labels, small):
    """`range(100000000000)` takes no memory; its numbers would take 745 GB."""
    endless = range(100_000_000_000)
    for ask in (fitted.predict, lambda X: small("classifier").fit(X, labels), lambda X: small("regressor").fit(X, X)):
        with pytest.raises(
            DataError, match=r"^X is of the type range, but a table was expected: a DataFrame, a 2-D array"
        ):
            ask(endless)
    with pytest.raises(DataError, match=r"^y is range\(0, 100000000000\), a range of more than 10,000,000 numbers"):
        small("classifier").fit([[1.0], [2.0]], endless)


def test_a_frame_after_an_array_is_read_by_position(numbers, small):
    X, y = numbers
    model = small("classifier").fit(X, y)

    np.testing.assert_array_equal(model.predict_proba(pd.DataFrame(X, columns=list("abc"))), model.predict_proba(X))
    with pytest.raises(ShapeError, match="X has 2 columns, but the model was trained on 3"):
        model.predict(pd.DataFrame(X[:, :2], columns=list("ab")))


def test_refitting_forgets_the_names(mixed, labels, numbers, small):
    model = small("classifier").fit(mixed, labels)
    model.fit(*numbers)

    assert not hasattr(model, "feature_names_in_")
    assert model.predict(numbers[0]).shape == (60,)


def test_the_wrong_number_of_columns_is_refused(fitted):
    with pytest.raises(ValueError, match="X has 2 features, but GlassClassifier is expecting 3 features as input"):
        fitted.predict([[1.0, 2.0]])


def test_infinite_numbers_are_refused(fitted, mixed, labels, small):
    with pytest.raises(ValueError, match="Input X contains infinity"):
        fitted.predict([[np.inf, 0.0, 0.0]])
    with pytest.raises(DataError, match="column 'mass' is infinite, or too large for a float, in row 0"):
        small("classifier").fit(mixed, labels).predict(mixed.assign(mass=np.inf))


@pytest.mark.parametrize("keep", ["key", ["key"], ("key",), np.asarray(["key"])], ids=repr)
def test_keep_uses_a_column_that_looks_like_an_id(mixed, labels, small, keep):
    model = small("classifier", keep=keep).fit(mixed.assign(key=[f"K{k}" for k in range(60)]), labels)

    assert "key=K0" in model.encoder_.input_names


def test_plain_numbers_reach_the_network_as_they_are(numbers, small):
    """With preset='plain' numeric arrays and frames pass unchanged: the textbook's numbers stay visible."""
    X, y = numbers
    for holder in (X, pd.DataFrame(X, columns=list("abc")), sparse.csr_array(X)):
        encoded = small("classifier", preset="plain").fit(holder, y).encode(holder)
        np.testing.assert_array_equal(encoded.toarray() if sparse.issparse(encoded) else encoded, X)


def test_plain_text_and_gaps_are_encoded_without_scaling(mixed, labels, small):
    model = small("classifier", preset="plain").fit(mixed, labels)
    encoded = dict(zip(model.encoder_.input_names, model.encode(mixed).T))

    np.testing.assert_array_equal(encoded["year"], mixed["year"])
    np.testing.assert_array_equal(encoded["mass is missing"], mixed["mass"].isna())


@pytest.mark.parametrize("n_networks", [1, 2])
def test_an_array_predicts_as_its_columns_do_one_by_one(n_networks, monkeypatch):
    """Numbers are encoded on the way to the network, else column by column: the same bits, gaps or not."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 3))
    y = X[:, 0] > 0
    X[::5, 1] = np.nan
    model = gn.GlassClassifier(max_iter=3, random_state=0, n_networks=n_networks).fit(X, y)
    quick = model.predict_proba(X), model.decision_function(X)
    monkeypatch.setattr("glassnet.estimators.fitted.is_plain_array", lambda model, X: False)

    np.testing.assert_array_equal(quick[0], model.predict_proba(X))
    np.testing.assert_array_equal(quick[1], model.decision_function(X))


def test_an_array_that_cannot_be_encoded_is_refused_in_words():
    X = np.random.default_rng(0).normal(size=(80, 3))
    model = gn.GlassClassifier(max_iter=3, random_state=0).fit(X, X[:, 0] > 0)
    for rows, complaint in (
        (X[:, :2], "2 features"),
        (np.where(np.arange(80)[:, None] == 7, np.inf, X), "infinity"),
        (X[0], "1D"),
    ):
        with pytest.raises(ValueError, match=complaint):
            model.predict(rows)
    gap = np.where(np.arange(80)[:, None] == 7, np.nan, X)
    assert np.isfinite(model.predict_proba(gap)).all()


NO_TABLES = [
    (range(10**11), "X is of the type range, but a table was expected: a DataFrame, a 2-D array, a list of rows"),
    ((row for row in "ab"), "X is of the type generator, but a table was expected"),
    ("a string", "X is of the type str, but a table was expected"),
    ({1, 2}, "X is of the type set, but a table was expected"),
    (None, "X is of the type NoneType, but a table was expected"),
    ([range(10**11)], r"row 0 of X \(counted from 0\) is a range, but a row is a list of values"),
    (np.ones((4, 1), dtype=complex), "X has complex numbers, but a network takes real ones"),
    (
        pd.DataFrame([[1, 2]] * 4, columns=["a", 1]),
        "Feature names are only supported if all input features have string",
    ),
]


@pytest.mark.parametrize("X, sentence", NO_TABLES, ids=[case[1][:30] for case in NO_TABLES])
def test_what_is_no_table_is_told_before_it_takes_memory(small, X, sentence):
    with pytest.raises(DataError if "row 0" not in sentence else ShapeError, match=sentence) as told:
        small("classifier").fit(X, ["a", "b", "a", "b"])
    assert "\n" not in str(told.value)


NO_TARGETS = [
    (range(10**11), r"y is range\(0, 100000000000\), a range of more than 10,000,000 numbers"),
    ((k for k in range(4)), "y is of the type generator, but a list or an array of one value per row was expected"),
    ("abab", "y is of the type str, but a list or an array"),
    ({1, 2}, "y is of the type set, but a list or an array"),
    (np.ones(4, dtype=complex), "y contains complex numbers, but the target must be real"),
    ([10**400, 1, 2, 3], "y has a number beyond the largest float|Input y contains|infinity"),
]


@pytest.mark.parametrize("y, sentence", NO_TARGETS, ids=[case[1][:30] for case in NO_TARGETS])
def test_what_is_no_target_is_told_before_it_takes_memory(small, y, sentence):
    with pytest.raises(DataError, match=sentence) as told:
        small("regressor").fit([[1.0], [2.0], [3.0], [4.0]], y)
    assert "\n" not in str(told.value)


def test_numbers_that_the_network_cannot_hold_are_told(small):
    """The maximum of float32 is 3.4e38; the preset "plain" does not scale numbers."""
    X, y = [[1e39], [1.0], [2.0], [3.0]], [1.0, 2.0, 3.0, 4.0]
    with pytest.raises(
        DataError, match=r"X contains values as large as 1e[+]39, but the maximum of dtype='float32' is 3.4e[+]38"
    ):
        small("regressor", preset="plain", dtype="float32").fit(X, y)
    with pytest.raises(DataError, match=r"y has numbers as large as 1e[+]308, whose squares exceed the largest float"):
        small("regressor").fit([[1.0], [2.0], [3.0], [4.0]], [1e308, 1.0, 2.0, 3.0])
