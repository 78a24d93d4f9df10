"""How much rows and classes count."""

import numpy as np
import pytest

import glassnet as gn

CONVEX = {"preset": "plain", "solver": "lbfgs", "hidden_layer_sizes": (), "alpha": 1.0, "tol": 1e-9, "max_iter": 500,
          "dtype": "float64", "random_state": 0}  # fmt: skip


@pytest.fixture
def overlapping():
    """80 rows of two classes that no line parts."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 2))
    return X, (X[:, 0] + rng.normal(size=80) > 0.8).astype(int)


def test_weight_two_is_a_row_given_twice(overlapping):
    """Without minibatches both have the same cost, so the same optimum.

    alpha counts against the number of rows, so it is given in proportion to them.
    """
    X, y = overlapping
    twice = np.arange(80) % 3 == 0
    weighted = gn.GlassClassifier(**CONVEX).fit(X, y, sample_weight=1.0 + twice)
    rows = np.concatenate([np.arange(80), np.flatnonzero(twice)])
    doubled = gn.GlassClassifier(**{**CONVEX, "alpha": len(rows) / 80}).fit(X[rows], y[rows])

    np.testing.assert_allclose(weighted.network_.theta, doubled.network_.theta, atol=1e-6)


def test_weight_zero_is_a_row_left_out(overlapping):
    X, y = overlapping
    used = np.arange(80) % 4 != 0
    weighted = gn.GlassClassifier(**CONVEX).fit(X, y, sample_weight=used.astype(float))
    without = gn.GlassClassifier(**{**CONVEX, "alpha": used.mean()}).fit(X[used], y[used])

    np.testing.assert_allclose(weighted.network_.theta, without.network_.theta, atol=1e-6)


def test_only_the_proportions_of_weights_count(overlapping):
    X, y = overlapping
    weights = np.random.default_rng(1).uniform(0.5, 2, 80)
    one, thousand = (gn.GlassClassifier(**CONVEX).fit(X, y, sample_weight=c * weights) for c in (1.0, 1000.0))

    np.testing.assert_allclose(one.network_.theta, thousand.network_.theta, atol=1e-6)


def test_class_weights_are_sample_weights_by_class(overlapping):
    """A dictionary, alone and together with sample weights, which multiply."""
    X, y = overlapping
    weights = np.random.default_rng(1).uniform(0.5, 2, 80)
    for own in (None, weights):
        by_class = gn.GlassClassifier(**CONVEX, class_weight={0: 1.0, 1: 5.0}).fit(X, y, sample_weight=own)
        by_row = gn.GlassClassifier(**CONVEX).fit(X, y, np.where(y == 1, 5.0, 1.0) * (1.0 if own is None else own))
        np.testing.assert_array_equal(by_class.network_.theta, by_row.network_.theta)


def test_balanced_weights_give_both_classes_the_same_say(overlapping):
    """n / (2 n_class), as in scikit-learn: the rare class is found more often."""
    X, y = overlapping
    balanced = gn.GlassClassifier(**CONVEX, class_weight="balanced").fit(X, y)
    by_row = gn.GlassClassifier(**CONVEX).fit(X, y, sample_weight=(80 / (2 * np.bincount(y)))[y])
    ordinary = gn.GlassClassifier(**CONVEX).fit(X, y)

    np.testing.assert_allclose(balanced.network_.theta, by_row.network_.theta, atol=1e-12)
    assert balanced.predict(X).sum() > ordinary.predict(X).sum()


def test_class_weights_by_text_labels(overlapping):
    X, y = overlapping
    words = np.asarray(["no", "yes"])[y]
    by_word = gn.GlassClassifier(**CONVEX, class_weight={"yes": 5.0, "no": 1.0}).fit(X, words)
    by_row = gn.GlassClassifier(**CONVEX).fit(X, y, np.where(y == 1, 5.0, 1.0))

    np.testing.assert_array_equal(by_word.network_.theta, by_row.network_.theta)


def test_a_regression_pulled_by_one_row():
    """The weighted mean, by hand: targets 0, 0, 3 with weights 1, 1, 2 give 6/4."""
    reg = gn.GlassRegressor(**{**CONVEX, "alpha": 0.0}).fit(np.zeros((3, 1)), [0.0, 0.0, 3.0], [1.0, 1.0, 2.0])

    assert reg.predict([[0.0]])[0] == pytest.approx(1.5, abs=1e-6)


@pytest.mark.parametrize(
    "weights, message",
    [
        (np.ones(5), r"sample_weight.shape == \(5,\), expected \(80,\)"),
        (-np.ones(80), "Negative values in data passed to `sample_weight`"),
        (np.full(80, np.nan), "Input sample_weight contains NaN"),
        (np.zeros(80), "at least one non-zero number|and not all 0"),
    ],
)
def test_weights_that_cannot_work(overlapping, weights, message):
    """In scikit-learn's words, by fit and by partial_fit."""
    X, y = overlapping
    with pytest.raises(ValueError, match=message):
        gn.GlassClassifier(**CONVEX).fit(X, y, sample_weight=weights)
    with pytest.raises(ValueError, match=message):
        gn.GlassClassifier(preset="plain").partial_fit(X, y, [0, 1], sample_weight=weights)


def test_class_weights_that_cannot_work(overlapping):
    with pytest.raises(ValueError, match=r"The classes, \[0, 1\], are not in class_weight"):
        gn.GlassClassifier(**CONVEX, class_weight={7: 1.0}).fit(*overlapping)
