"""Classes of every type, probabilities, quantities, several of them, and the costs of a regression."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy.special import expit, softmax

import glassnet as gn
from glassnet.errors import DataError, ParameterError, ShapeError

LABELS = {
    "int": np.asarray([3, 7, 10]),
    "int8": np.asarray([1, 2, 3], dtype=np.int8),
    "bool": np.asarray([False, True, True]),
    "float": np.asarray([0.0, 1.0, 2.0]),
    "str": np.asarray(["Adelie", "Gentoo", "Chinstrap"]),
    "object": np.asarray(["a", "bb", "c"], dtype=object),
}


@pytest.mark.parametrize("kind", LABELS)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_labels_keep_their_type(numbers, small, kind, n_classes):
    """`classes_` is sorted like NumPy sorts; predictions are labels of the same type."""
    y = LABELS[kind][np.arange(60) % n_classes]
    model = small("classifier").fit(numbers[0], y)

    np.testing.assert_array_equal(model.classes_, np.unique(y))
    assert model.classes_.dtype == y.dtype
    assert model.predict(numbers[0]).dtype == y.dtype
    assert set(model.predict(numbers[0])) <= set(y)


@pytest.mark.parametrize(
    "hold", [pd.Series, pl.Series, pa.array, list, tuple, lambda y: pd.Series(y, dtype="category")]
)
def test_targets_of_every_library(numbers, small, hold):
    words = ["no", "yes"] * 30
    expected = small("classifier").fit(numbers[0], np.asarray(words)).predict_proba(numbers[0])

    np.testing.assert_array_equal(small("classifier").fit(numbers[0], hold(words)).predict_proba(numbers[0]), expected)


def test_nullable_targets_of_pandas(numbers, small):
    X, y = numbers
    assert small("classifier").fit(X, pd.Series(y, dtype="Int64")).classes_.tolist() == [0, 1]
    assert small("classifier").fit(X, pd.Series(y == 1, dtype="boolean")).classes_.tolist() == [False, True]


@pytest.mark.parametrize("n_classes", [2, 3, 5])
def test_probabilities_add_up(numbers, small, n_classes):
    """(n, n_classes), each row sums to 1, and the most probable class is the prediction."""
    X, y = numbers[0], np.arange(60) % n_classes
    model = small("classifier").fit(X, y)
    P = model.predict_proba(X)

    assert P.shape == (60, n_classes)
    np.testing.assert_allclose(P.sum(axis=1), 1.0, rtol=1e-14)
    np.testing.assert_array_equal(model.predict(X), model.classes_[P.argmax(axis=1)])
    np.testing.assert_allclose(model.predict_log_proba(X), np.log(P))


def test_decision_function_is_the_logit(numbers, small):
    """SciPy's sigmoid and softmax of it are the probabilities; for two classes its sign decides."""
    X, y = numbers
    two, three = small("classifier").fit(X, y), small("classifier").fit(X, np.arange(60) % 3)
    Z = two.decision_function(X)

    assert Z.shape == (60,)
    np.testing.assert_allclose(expit(Z), two.predict_proba(X)[:, 1], rtol=1e-12)
    np.testing.assert_array_equal(Z > 0, two.predict(X) == 1)
    np.testing.assert_allclose(softmax(three.decision_function(X), axis=1), three.predict_proba(X), rtol=1e-12)


def test_a_probability_of_zero_has_a_logarithm(small):
    """Minus infinity, without a warning."""
    X, y = np.asarray([[-1e4], [1e4]] * 5), [0, 1] * 5
    model = small("classifier", preset="plain", hidden_layer_sizes=(), solver="lbfgs", alpha=0, max_iter=50).fit(X, y)

    assert model.predict_log_proba(X).min() == -np.inf


def test_one_column_as_a_matrix(numbers, small):
    """(n, 1) is taken as (n,), with scikit-learn's warning."""
    X, y = numbers
    for kind in ("classifier", "regressor"):
        with pytest.warns(UserWarning, match="A column-vector y was passed when a 1d array was expected"):
            model = small(kind).fit(X, y[:, None])
        np.testing.assert_array_equal(model.predict(X), small(kind).fit(X, y).predict(X))


def test_several_quantities_at_once(small):
    """Each of three outputs is learned, in its own units; a shape of (n, 3) comes back."""
    X = np.random.default_rng(0).normal(size=(80, 3))
    Y = X * [1.0, 100.0, 0.01] + [0.0, 1e4, 5.0]
    model = small("regressor", solver="lbfgs", max_iter=100, alpha=0.0).fit(X, Y)

    assert model.predict(X).shape == (80, 3)
    assert model.n_outputs_ == 3
    assert 1 - ((model.predict(X) - Y) ** 2).sum(axis=0) / ((Y - Y.mean(axis=0)) ** 2).sum(axis=0) == pytest.approx(
        1, abs=0.05
    )
    for frame in (pd.DataFrame(Y), pa.table({"a": Y[:, 0], "b": Y[:, 1], "c": Y[:, 2]})):
        assert small("regressor").fit(X, frame).predict(X).shape == (80, 3)


@pytest.mark.parametrize(
    "loss, expected",
    [
        ("squared_error", 4.0),  # the mean of 0, 0, 1, 2, 17
        ("absolute_error", 1.0),  # their median
        (("pinball", {"quantile": 0.9}), 17.0),
        ("poisson", 4.0),  # its optimum is the mean, too
        (("huber", {"delta": 1.0}), 1.0),  # blame cut to 1: -1 - 1 + (1 - c) + (2 - c) + 1 = 0
    ],
)
def test_the_best_constant_of_each_cost(loss, expected):
    """Inputs that say nothing leave a constant, whose best value is known for each cost."""
    model = gn.GlassRegressor(
        preset="plain", hidden_layer_sizes=(), alpha=0, loss=loss, solver="adam", learning_rate="cosine",
        learning_rate_init=0.2, max_iter=600, batch_size=5, n_iter_no_change=None, random_state=0, dtype="float64",
    ).fit(np.zeros((5, 1)), [0.0, 0.0, 1.0, 2.0, 17.0])  # fmt: skip

    assert model.predict([[0.0]])[0] == pytest.approx(expected, abs=0.1)


def test_standardized_targets_come_back_in_their_units(small):
    """With the default preset a target around a million is no harder than one around 0."""
    X = np.random.default_rng(0).normal(size=(100, 1))
    settings = {"max_iter": 60, "batch_size": 10, "learning_rate_init": 0.01}
    near, far = (
        small("regressor", **settings).fit(X, y) for y in (np.sin(X[:, 0]), 1e6 + 1e3 * np.sin(X[:, 0]))
    )  # fmt: skip

    np.testing.assert_allclose((far.predict(X) - 1e6) / 1e3, near.predict(X), atol=1e-3)
    assert far.score(X, 1e6 + 1e3 * np.sin(X[:, 0])) > 0.9


def test_counts_stay_positive_and_are_not_standardized(numbers, small):
    model = small("regressor", loss="poisson").fit(numbers[0], numbers[1])

    assert (model.predict(numbers[0]) > 0).all()
    assert model.out_activation_ == "softplus"
    assert model.target_encoder_.scales.tolist() == [1.0]


@pytest.mark.parametrize(
    "kind, y, error, message",
    [
        ("classifier", None, ValueError, "requires y to be passed, but the target y is None; write fit"),
        ("classifier", np.ones(60), DataError, r"y has one class only \(1\.0\), but a classifier needs two"),
        ("classifier", np.linspace(0, 1, 60), ValueError, "Unknown label type: continuous"),
        (
            "classifier",
            np.asarray(["a", None] * 30, dtype=object),
            DataError,
            r"y is missing in row 1 \(counted from 0\), but every row",
        ),
        ("classifier", np.asarray([1.0, np.nan] * 30), ValueError, "Input y contains NaN"),
        (
            "classifier",
            np.arange(120).reshape(60, 2),
            DataError,
            r"y has the value 2 in row 1 \(counted from 0\), but several columns of y",
        ),
        ("classifier", np.ones((60, 2, 2)), ValueError, "Found array with dim 3"),
        ("classifier", [0, 1], ValueError, r"inconsistent numbers of samples: \[60, 2\]"),
        ("regressor", None, ValueError, "requires y to be passed, but the target y is None"),
        ("regressor", np.asarray(["a", "b"] * 30), DataError, "'a', but regression needs numbers"),
        ("regressor", np.full(60, np.inf), ValueError, "Input y contains infinity"),
    ],
)
def test_targets_that_cannot_be_learned(numbers, small, kind, y, error, message):
    """One sentence each, in scikit-learn's words where it has some; by fit and by partial_fit."""
    with pytest.raises(error, match=message):
        small(kind).fit(numbers[0], y)
    if kind == "regressor":
        with pytest.raises(error, match=message):
            small(kind).partial_fit(numbers[0], y)


def test_costs_that_do_not_fit(numbers, small):
    X, y = numbers
    with pytest.raises(ParameterError, match=r"^loss='nope' is not known"):
        small("regressor", loss="nope").fit(X, y)
    with pytest.raises(ParameterError, match=r"cost 'poisson' needs targets in \[0, inf\], but Y has -"):
        small("regressor", loss="poisson").fit(X, X[:, 0])


def test_another_number_of_targets_later_is_refused(numbers, small):
    X, _ = numbers
    model = small("regressor").partial_fit(X, X[:, :2])
    with pytest.raises(ShapeError, match="y has 3 columns, but 2 were fitted"):
        model.partial_fit(X, X)


@pytest.mark.parametrize("kind", ["classifier", "regressor"])
@pytest.mark.parametrize("number", [Decimal, Fraction])
def test_exact_numbers_of_python_are_no_target(numbers, small, kind, number):
    """NumPy holds them as objects, of which neither classes nor quantities can be made."""
    y = [0.0, number(1), *numbers[1].tolist()[2:]]
    sentence = (
        rf"^y has the {number.__name__} 1 in row 1 \(counted from 0\), but a target is plain numbers, text or Booleans; "
        r"try \[float\(value\) for value in y\], or for classes \[str\(value\) for value in y\]\.$"
    )
    with pytest.raises(DataError, match=sentence):
        small(kind).fit(numbers[0], y)
    with pytest.raises(DataError, match=sentence):
        small(kind).fit(numbers[0], [[value, 0] for value in y])
