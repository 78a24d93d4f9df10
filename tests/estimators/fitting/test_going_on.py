"""Held-out rows, the best epoch, and training that goes on: eval_set, early stopping, warm start, streams."""

import re

import numpy as np
import pytest

import glassnet as gn
from glassnet.errors import DataError, ParameterError

OVERFITS = {"preset": "plain", "hidden_layer_sizes": (30,), "alpha": 0.0, "learning_rate_init": 0.05, "batch_size": 10,
            "max_iter": 30, "n_iter_no_change": None, "random_state": 0}  # fmt: skip


@pytest.fixture
def noise():
    """Labels that have nothing to do with the inputs: whoever trains longer does worse on other rows."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(60, 5)), rng.integers(0, 2, 60), rng.normal(size=(60, 5)), rng.integers(0, 2, 60)


def cross_entropy(model, X, y):
    """By hand, from the probabilities."""
    return -np.log(model.predict_proba(X)[np.arange(len(y)), y]).mean()


def test_the_best_epoch_on_eval_set_is_kept(noise):
    """The history has each epoch's validation cost; the network is that of the smallest."""
    X, y, X_held, y_held = noise
    model = gn.GlassClassifier(**OVERFITS).fit(X, y, eval_set=(X_held, y_held))
    costs = model.history_["validation_cost"]

    assert len(costs) == 30
    assert model.history_.best_epoch == np.argmin(costs) + 1 < 30
    assert cross_entropy(model, X_held, y_held) == pytest.approx(costs.min(), rel=1e-5)
    assert cross_entropy(gn.GlassClassifier(**OVERFITS).fit(X, y), X_held, y_held) > costs.min()


def test_eval_set_is_only_watched(noise):
    """It changes neither the training costs nor the encoders; LightGBM's form, a list of one pair, is fine."""
    X, y, X_held, y_held = noise
    watched = gn.GlassClassifier(**OVERFITS).fit(X, y, eval_set=[(X_held, y_held)])
    alone = gn.GlassClassifier(**OVERFITS).fit(X, y)

    np.testing.assert_array_equal(watched.history_["cost"], alone.history_["cost"])


def test_patience_ends_the_run(noise):
    X, y, X_held, y_held = noise
    model = gn.GlassClassifier(**{**OVERFITS, "n_iter_no_change": 3}).fit(X, y, eval_set=(X_held, y_held))

    assert model.history_.stopped == "early"
    assert model.n_iter_ == model.history_.best_epoch + 3


def test_early_stopping_holds_out_a_stratified_part():
    """A quarter of 40 rows with 30 and 10 of two classes: alpha counts against the 30 rows that train."""
    X = np.random.default_rng(0).normal(size=(40, 2))
    y = np.asarray([0] * 30 + [1] * 10)
    model = gn.GlassClassifier(
        preset="plain", hidden_layer_sizes=(), early_stopping=True, validation_fraction=0.25, max_iter=2, alpha=30.0,
        random_state=0,
    ).fit(X, y)  # fmt: skip

    assert np.isfinite(model.history_["validation_cost"]).all()
    last = model.history_.epochs[-1]
    assert model.history_.best_epoch == 2
    # alpha / (2 n_train) times the squared weights, by hand
    assert last.penalty == pytest.approx(30.0 / (2 * 30) * float((model.coefs_[0] ** 2).sum()), rel=1e-5)


def test_a_thousand_rows_are_enough_to_hold_some_out(numbers, small):
    X, y = np.tile(numbers[0], (17, 1)), np.tile(numbers[1], 17)

    assert np.isfinite(small("classifier").fit(X, y).history_["validation_cost"]).all()
    assert np.isnan(small("classifier").fit(X[:999], y[:999]).history_["validation_cost"]).all()
    assert np.isnan(small("classifier", early_stopping=False).fit(X, y).history_["validation_cost"]).all()


def test_a_class_with_one_row_trains(numbers, small):
    """It cannot be held out: the network would have no output for it."""
    y = numbers[1].copy()
    y[0] = 7
    assert small("classifier", early_stopping=True).fit(numbers[0], y).classes_.tolist() == [0, 1, 7]


def test_validation_metric_may_decide(noise):
    X, y, X_held, y_held = noise
    model = gn.GlassClassifier(**OVERFITS, monitor="validation_metric").fit(X, y, eval_set=(X_held, y_held))

    assert model.score(X_held, y_held) == pytest.approx(model.history_["validation_metric"].max())


@pytest.mark.parametrize(
    "eval_set, error, message",
    [
        ("X", ParameterError, r"eval_set must be a pair \(X, y\)"),
        ((1, 2, 3), ParameterError, r"eval_set must be a pair \(X, y\)"),
        (([[0.0] * 4], [0]), ValueError, "X has 4 features, but GlassClassifier is expecting 5"),
        (([[0.0] * 5], [9]), DataError, "y has the class 9 in row 0 .*, which training did not have; it had 0, 1"),
        (([[0.0] * 5], [0, 1]), ValueError, "validation X has 1 rows, but Y has 2"),
    ],
)
def test_eval_sets_that_cannot_work(noise, eval_set, error, message):
    with pytest.raises(error, match=message):
        gn.GlassClassifier(**OVERFITS).fit(noise[0], noise[1], eval_set=eval_set)


def test_too_few_rows_to_hold_out(small):
    with pytest.raises(ParameterError, match=r"early_stopping=True holds out 0\.1 of 4 rows, which is none; use early"):
        small("classifier", early_stopping=True).fit(np.eye(4), [0, 1, 0, 1])


def test_warm_start_goes_on(numbers, small):
    """With plain steps, which remember nothing, 2 + 3 epochs in the same order are 5 epochs."""
    steps = {"preset": "plain", "solver": "gd", "learning_rate_init": 0.1, "dtype": "float64", "n_iter_no_change": None}
    whole = small("classifier", **steps, max_iter=5).fit(*numbers)
    model = small("classifier", **steps, max_iter=2, warm_start=True).fit(*numbers)
    assert model.n_iter_ == 2
    model.set_params(max_iter=3).fit(*numbers)

    np.testing.assert_array_equal(model.network_.theta, whole.network_.theta)
    np.testing.assert_array_equal(model.loss_curve_, whole.loss_curve_)
    assert [epoch.epoch for epoch in model.history_] == [1, 2, 3, 4, 5]


def test_without_warm_start_fit_begins_anew(numbers, small):
    model = small("classifier").fit(*numbers)
    theta = model.network_.theta.copy()
    model.fit(*numbers)

    np.testing.assert_array_equal(model.network_.theta, theta)
    assert model.n_iter_ == 3


def test_warm_start_keeps_classes_and_columns(numbers, small):
    X, y = numbers
    model = small("classifier", warm_start=True).fit(X, y)
    for other, found in ((y + 1, r"\[1 2\]"), (np.zeros(60, int), r"\[0\]")):
        message = rf"^warm_start can only be used where `y` has the same classes .* Previously got \[0 1\], `y` has {found}; try"
        with pytest.raises(DataError, match=message):
            model.fit(X, other)
    with pytest.raises(ValueError, match="X has 2 features, but GlassClassifier is expecting 3"):
        model.fit(X[:, :2], y)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({}, {"learned_slope": True}),
        ({"hidden_layer_sizes": (4,)}, {"hidden_layer_sizes": (4, 4)}),
        ({"activation": "relu"}, {"activation": "tanh"}),
        ({"input_scaling": True}, {"input_scaling": False}),
        ({"numeric_embedding": "pbld"}, {"numeric_embedding": None}),
        ({"dtype": "float32"}, {"dtype": "float64"}),
    ],
)
def test_warm_start_refuses_another_structure(numbers, small, first, then):
    model = small("classifier", warm_start=True, **first).fit(*numbers)
    name, value = next(iter(then.items()))
    for _ in range(2):  # a refusal leaves nothing behind that a second try would go by
        with pytest.raises(ParameterError, match=rf"^{name}={re.escape(repr(value))}, but warm_start=True continues"):
            model.set_params(**then).fit(*numbers)


def test_warm_start_goes_on_without_a_front_that_there_is_not():
    """Of more than 200 numbers none is embedded, whatever the recipe for other tables says."""
    X = np.random.default_rng(0).normal(size=(1000, 201))
    model = gn.GlassClassifier((3,), max_iter=1, random_state=0, warm_start=True).fit(X, X[:, 0] > 0)
    assert model.network_.front is None
    model.set_params(numeric_embedding=None).fit(X, X[:, 0] > 0)

    assert len(model.history_) == 2


def test_warm_start_takes_sizes_in_any_form(numbers, small):
    model = small("classifier", hidden_layer_sizes=(4,), warm_start=True).fit(*numbers)
    for same in ([4], np.asarray([4]), 4):
        model.set_params(hidden_layer_sizes=same).fit(*numbers)
    assert model.network_.sizes[1:-1] == (4,)


def test_one_partial_fit_is_one_epoch(numbers, small):
    """The same start weights, order and solver: the same numbers as fit with one epoch."""
    whole = small("classifier", preset="plain", max_iter=1, batch_size=7).fit(*numbers)
    part = small("classifier", preset="plain", batch_size=7).partial_fit(*numbers, classes=[0, 1])

    np.testing.assert_array_equal(part.network_.theta, whole.network_.theta)
    assert part.n_iter_ == 1


def test_partial_fit_remembers_the_solver(numbers, small):
    """Three calls with all rows as one batch are three epochs of Adam: its moments go on from call to call."""
    settings = {"preset": "plain", "batch_size": 60, "shuffle": False, "dtype": "float64", "n_iter_no_change": None}
    whole = small("classifier", **settings, max_iter=3).fit(*numbers)
    part = small("classifier", **settings)
    for _ in range(3):
        part.partial_fit(*numbers, classes=[0, 1])

    np.testing.assert_array_equal(part.network_.theta, whole.network_.theta)
    np.testing.assert_array_equal(part.loss_curve_, whole.loss_curve_)


def test_a_stream_is_learned(small):
    """Forty batches that never come again; the first has only one of the classes."""
    rng = np.random.default_rng(0)
    model = small("classifier", learning_rate_init=0.02)
    for batch in range(40):
        X = rng.normal(size=(50, 3))
        y = np.where(X[:, 0] > X[:, 1], "left", "right")
        model.partial_fit(X[y == "left"], y[y == "left"], ["left", "right"]) if batch == 0 else model.partial_fit(X, y)
    X = rng.normal(size=(500, 3))

    assert model.score(X, np.where(X[:, 0] > X[:, 1], "left", "right")) > 0.93
    assert len(model.history_) == 40


def test_a_stream_of_quantities_is_learned(small):
    rng = np.random.default_rng(0)
    model = small("regressor", learning_rate_init=0.02)
    for _ in range(40):
        X = rng.normal(size=(50, 2))
        model.partial_fit(X, 100 + X[:, 0] - X[:, 1])
    X = rng.normal(size=(500, 2))

    assert model.score(X, 100 + X[:, 0] - X[:, 1]) > 0.95


@pytest.mark.parametrize("schedule", ["cosine", "adaptive", "invscaling", "exponential"])
def test_a_stream_has_a_constant_rate(numbers, small, schedule):
    """It has no end that a schedule could fall towards."""
    model = small("classifier", learning_rate=schedule, learning_rate_init=0.01, solver="sgd")
    for _ in range(2):
        model.partial_fit(*numbers, classes=[0, 1])

    assert model.history_["learning_rate"].tolist() == [0.01, 0.01]
    assert model.recipe_["learning_rate"] == "constant"


def test_partial_fit_after_fit_goes_on(numbers, small):
    model = small("classifier").fit(*numbers)
    before = model.network_.theta.copy()
    model.partial_fit(*numbers)

    assert (len(model.history_), model.n_iter_) == (4, 1)
    assert 0 < np.abs(model.network_.theta - before).max() < 0.1


def test_the_first_partial_fit_needs_all_classes(numbers, small):
    with pytest.raises(DataError, match=r"the first call of partial_fit needs classes=\[\.\.\.\], all classes of the"):
        small("classifier").partial_fit(*numbers)
    with pytest.raises(DataError, match=r"y has the class 1 in row .*, which training did not have; it had 0, 2"):
        small("classifier").partial_fit(*numbers, classes=[0, 2])


@pytest.mark.parametrize("solver", ["lbfgs", ("lbfgs", {"history": 5})])
def test_partial_fit_refuses_a_line_search(numbers, small, solver):
    with pytest.raises(
        ParameterError, match="partial_fit does not support solver 'lbfgs', only single steps; use 'adam'"
    ):
        small("regressor", solver=solver).partial_fit(*numbers)
