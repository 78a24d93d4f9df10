"""Attributes, warnings and errors that users of scikit-learn's MLP know, beyond what its own tests check."""

import copy
import inspect
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.metrics import accuracy_score, r2_score

import glassnet as gn
from glassnet.errors import DataError, MethodError, ParameterError, ReplayError, ShapeError


@pytest.mark.parametrize("kind, score", [("classifier", accuracy_score), ("regressor", r2_score)])
def test_validation_scores_are_those_of_scikit_learns_metrics(numbers, small, kind, score):
    """The score of each epoch's network, whose parameters are in the snapshots."""
    X, y = numbers
    held = (X[40:], y[40:])
    model = small(kind, preset="plain", snapshots=1, max_iter=6).fit(X[:40], y[:40], eval_set=held)
    expected = []
    for theta in model.history_.snapshots.values():
        output = gn.forward(model.network_.with_theta(theta), held[0]).A[-1][:, 0]
        expected.append(score(held[1], output >= 0.5 if kind == "classifier" else output))

    assert model.validation_scores_ == pytest.approx(expected, rel=1e-6)
    assert model.best_validation_score_ == max(model.validation_scores_)


@pytest.mark.parametrize("preset", ["plain", "tabular"])
def test_best_loss_gives_way_to_the_validation_score_only_in_plain(numbers, small, preset):
    """In the preset "tabular" it stays the minimum of the training cost."""
    model = small("classifier", preset=preset, early_stopping=True).fit(*numbers)

    assert model.best_loss_ == (None if preset == "plain" else min(model.loss_curve_))
    assert model.validation_scores_ is not None


def test_without_a_validation_set_there_are_no_scores(numbers, small):
    model = small("classifier", early_stopping=False).fit(*numbers)

    assert (model.validation_scores_, model.best_validation_score_) == (None, None)
    assert model.best_loss_ == min(model.loss_curve_)


def test_counts_of_epochs_and_rows(numbers, small):
    """n_iter_ is that of the last fit; t_ counts each epoch's rows, without those held out, over all of them."""
    model = small("classifier", warm_start=True, early_stopping=False, max_iter=4).fit(*numbers)
    model.set_params(max_iter=3).fit(*numbers)
    held_out = small("classifier", early_stopping=True, validation_fraction=0.2).fit(*numbers)

    assert (model.n_iter_, len(model.history_), model.t_) == (3, 7, 7 * 60)
    assert (held_out.n_iter_, held_out.t_) == (3, 3 * 48)
    assert (model.partial_fit(*numbers).n_iter_, model.t_) == (1, 8 * 60)


# Assigned parameters.


def test_assigned_weights_are_those_of_predictions(numbers, small):
    """The forward pass in NumPy with the assigned numbers, as a list, an entry of it, and in place."""
    X, y = numbers
    model = small("regressor", preset="plain", activation="tanh").fit(X, y)
    rng = np.random.default_rng(0)
    W, b = [rng.normal(size=(3, 5)), rng.normal(size=(5, 1))], [rng.normal(size=5), rng.normal(size=1)]
    model.coefs_ = W
    model.intercepts_[0], model.intercepts_[1] = b
    expected = np.tanh(X @ W[0] + b[0]) @ W[1] + b[1]
    np.testing.assert_allclose(model.predict(X), expected[:, 0], rtol=1e-12)

    model.coefs_[1][:] = 0.0
    np.testing.assert_allclose(model.predict(X), np.full(60, b[1][0]), rtol=1e-12)


def test_training_goes_on_from_assigned_weights(numbers, small):
    """One step of plain gradient descent on all rows, worked with NumPy."""
    X, y = numbers
    steps = {"hidden_layer_sizes": (), "solver": "gd", "learning_rate_init": 0.5, "alpha": 0.0}
    model = small("regressor", preset="plain", **steps).fit(X, y)
    model.coefs_, model.intercepts_ = [np.ones((3, 1))], [np.zeros(1)]
    model.partial_fit(X, y)
    error = X.sum(axis=1) - y
    np.testing.assert_allclose(model.coefs_[0][:, 0], 1.0 - 0.5 * X.T @ error / 60, rtol=1e-12)
    np.testing.assert_allclose(model.intercepts_[0], -0.5 * error.mean(), rtol=1e-12)


def test_a_list_of_an_earlier_fit_is_only_a_list(numbers, small):
    model = small("regressor").fit(*numbers)
    earlier = model.coefs_
    theta = model.fit(numbers[0], -numbers[1]).network_.theta.copy()
    earlier[0] = np.zeros((3, 5))

    np.testing.assert_array_equal(model.network_.theta, theta)


def test_both_lists_can_be_assigned_in_turn(numbers, small):
    """An entry of one list does not cut the other one off, nor bring earlier numbers back."""
    model = small("regressor").fit(*numbers)
    weights, biases = model.coefs_, model.intercepts_
    for layer in range(2):
        weights[layer] = np.full(weights[layer].shape, layer + 1.0)
        biases[layer] = np.full(biases[layer].shape, layer + 3.0)

    assert [np.unique(W).tolist() for W in model.coefs_] == [[1.0], [2.0]]
    assert [np.unique(b).tolist() for b in model.intercepts_] == [[3.0], [4.0]]

    model.coefs_ = [np.zeros((3, 5)), np.zeros((5, 1))]
    weights[1] = np.ones((5, 1))
    assert [np.unique(W).tolist() for W in model.coefs_] == [[0.0], [1.0]]


def test_copies_of_the_lists_are_plain_lists(fitted):
    for copied in (copy.copy(fitted.coefs_), copy.deepcopy(fitted.coefs_), pickle.loads(pickle.dumps(fitted.coefs_))):
        assert type(copied) is list
        np.testing.assert_array_equal(copied[0], fitted.network_.W[1].T)


def test_assigned_weights_drop_what_belongs_to_the_old_ones(numbers, small, tmp_path):
    """Calibration and replay; the model can be saved."""
    model = small("classifier", early_stopping=True).fit(*numbers)
    assert model.calibration_ is not None
    model.intercepts_[0] = np.zeros(5)
    model.save(tmp_path / "model.glassnet")

    assert model.calibration_ is None
    np.testing.assert_array_equal(gn.load(tmp_path / "model.glassnet").predict(numbers[0]), model.predict(numbers[0]))
    with pytest.raises(ReplayError, match="or its parameters were assigned; fit it again to replay it"):
        model.replay(*numbers)


def test_assignments_that_cannot_work(numbers, small):
    model = small("classifier").fit(*numbers)
    before = model.network_.theta.copy()
    with pytest.raises(
        ShapeError, match=r"^coefs_ has the shapes \[\(3, 5\), \(5, 1\)\], but was assigned \[\(3, 4\)\]; k"
    ):
        model.coefs_ = [np.zeros((3, 4))]
    with pytest.raises(ParameterError, match=r"^intercepts_ was assigned numbers that are not finite in float32"):
        model.intercepts_[1] = [1e300]
    for wrong in (None, 3, [[[1.0], [1.0, 2.0]]], [np.full((3, 5), "a"), np.ones((5, 1))], [np.full((3, 5), 1j)]):
        with pytest.raises(
            ParameterError, match=r"^coefs_ was assigned .*; expected a list of one array of numbers per"
        ):
            model.coefs_ = wrong
    np.testing.assert_array_equal(model.network_.theta, before)
    with pytest.raises(ParameterError, match=r"^coefs_ of the mean of 2 networks cannot be assigned; try one = model"):
        small("classifier", n_networks=2).fit(*numbers).coefs_ = model.coefs_
    with pytest.raises(NotFittedError, match="This GlassClassifier instance is not fitted yet"):
        small("classifier").coefs_ = model.coefs_


# The end of training.


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_the_last_epoch_warns_in_plain_only(numbers, small, solver):
    pattern = r"^training has not converged: all 3 epochs done; try a larger max_iter, or scaled inputs$"
    with pytest.warns(ConvergenceWarning, match=pattern) as caught:
        small("classifier", preset="plain", solver=solver).fit(*numbers)
    assert [each.filename for each in caught] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        small("classifier", solver=solver).fit(*numbers)


def test_an_ensemble_warns_once(numbers, small):
    with pytest.warns(ConvergenceWarning) as caught:
        small("classifier", preset="plain", n_networks=3).fit(*numbers)
    assert len(caught) == 1


@pytest.mark.parametrize("stop", [{"callback": lambda epoch, network: True}, {"time_limit": 1e-9}])
def test_a_run_that_was_stopped_does_not_warn(numbers, small, stop):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = small("classifier", preset="plain", **stop).fit(*numbers)
    assert model.history_.stopped in ("callback", "time")


def test_evaluations_of_lbfgs_are_limited(numbers, small):
    settings = {"preset": "plain", "solver": "lbfgs", "max_iter": 500, "alpha": 0.0, "tol": 0.0}
    pattern = (
        r"converged: L-BFGS has evaluated the cost 7 times, as often as max_fun allows; try a larger max_fun, or scaled"
    )
    with pytest.warns(ConvergenceWarning, match=pattern):
        model = small("classifier", **settings, max_fun=7).fit(*numbers)

    assert 1 <= model.n_iter_ <= 7 < small("classifier", **settings).fit(*numbers).n_iter_


@pytest.mark.parametrize("max_fun", [0, 2.5, True, "many"])
def test_max_fun_that_cannot_work(numbers, small, max_fun):
    with pytest.raises(ParameterError, match=rf"^max_fun={max_fun!r} must be a whole number from 1 upwards"):
        small("classifier", max_fun=max_fun).fit(*numbers)


def test_max_fun_of_a_run_that_cannot_work():
    with pytest.raises(ParameterError, match=r"solver 'lbfgs': max_fun = 0 must be a whole number from 1; 15000 is"):
        gn.train(gn.Network.create([1, 1]), [[0.0]], [[0.0]], cost="squared_error", solver=("lbfgs", {"max_fun": 0}))


def test_infinite_patience(numbers, small, tmp_path):
    """All epochs are trained, whatever tol is, and a model file can hold it."""
    model = small("classifier", preset="plain", tol=1e9, n_iter_no_change=np.inf, max_iter=40).fit(*numbers)
    model.save(tmp_path / "model.glassnet")

    assert model.n_iter_ == 40
    assert small("classifier", preset="plain", tol=1e9, max_iter=40).fit(*numbers).n_iter_ < 40
    np.testing.assert_array_equal(gn.load(tmp_path / "model.glassnet").predict(numbers[0]), model.predict(numbers[0]))


def test_tol_counts_for_the_validation_cost_in_plain(numbers, small):
    """An improvement below tol ends the training; in the preset "tabular" any improvement counts."""
    settings = {"early_stopping": True, "max_iter": 60, "n_iter_no_change": 3, "tol": 10.0}

    assert small("classifier", preset="plain", **settings).fit(*numbers).n_iter_ == 4
    assert small("classifier", **settings).fit(*numbers).n_iter_ > 4


def test_numbers_too_large_to_train_on(small):
    X = np.finfo(np.float64).max * np.random.default_rng(0).uniform(size=(10, 2))
    with pytest.raises(
        DataError, match=r"^Solver produced non-finite parameter weights\. .* Training diverged in its first"
    ):
        small("regressor", preset="plain").fit(X, X[:, 0] > 0)


# partial_fit.


def test_other_classes_than_in_the_first_call(numbers, small):
    model = small("classifier").partial_fit(*numbers, classes=[0, 1])
    model.partial_fit(*numbers, classes=[1, 0])
    with pytest.raises(
        DataError, match=r"^classes=\[1, 2\] differ from those of the first call, \[0, 1\]; leave classes"
    ):
        model.partial_fit(*numbers, classes=[1, 2])
    assert len(model.history_) == 2


@pytest.mark.parametrize("kind", ["classifier", "regressor"])
@pytest.mark.parametrize("solver", ["lbfgs", ("lbfgs", {"history": 5})])
def test_partial_fit_does_not_exist_for_a_line_search(small, kind, solver):
    model = small(kind, solver=solver)

    assert not hasattr(model, "partial_fit")
    assert hasattr(small(kind, solver="sgd"), "partial_fit")
    with pytest.raises(
        MethodError, match=r"^partial_fit does not support solver 'lbfgs', only single steps; use 'adam'"
    ):
        model.partial_fit([[0.0]], [0.0])


def test_an_unknown_solver_is_refused_by_partial_fit_itself(numbers, small):
    model = small("regressor", solver="nonesuch")
    assert hasattr(model, "partial_fit")
    with pytest.raises(ParameterError, match="nonesuch"):
        model.partial_fit(*numbers)


def test_partial_fit_holds_out_no_rows(numbers, small):
    with pytest.raises(
        ParameterError, match=r"^partial_fit does not support early_stopping=True, as it takes one step"
    ):
        small("regressor", preset="plain", early_stopping=True).partial_fit(*numbers)


def test_one_row_is_too_few_to_score(small):
    with pytest.raises(ParameterError, match=r"^The validation set is too small: early_stopping=True holds out 1 of 9"):
        small("regressor", preset="plain", early_stopping=True).fit(np.eye(9), range(9))


# Precision.


@pytest.mark.parametrize(
    "dress",
    [np.asarray, sparse.csr_array, pd.DataFrame, lambda X: __import__("polars").DataFrame(X)],
    ids=["array", "sparse", "pandas", "polars"],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", ["classifier", "regressor"])
def test_plain_trains_in_the_precision_of_x(numbers, small, kind, dtype, dress):
    X = dress(numbers[0].astype(dtype))
    model = small(kind, preset="plain").fit(X, numbers[1])
    streamed = small(kind, preset="plain")
    streamed.partial_fit(X, numbers[1], **({"classes": [0, 1]} if kind == "classifier" else {}))
    outputs = model.predict(X) if kind == "regressor" else model.predict_proba(X)

    assert {array.dtype for array in (*model.coefs_, *model.intercepts_, outputs)} == {np.dtype(dtype)}
    assert (streamed.network_.theta.dtype, model.recipe_["dtype"]) == (dtype, dtype)


def test_other_numbers_train_in_float64_in_plain(numbers, small):
    mixed = pd.DataFrame({"a": np.float32(numbers[0][:, 0]), "b": numbers[0][:, 1]})
    for X in (numbers[0].astype(int), numbers[0].tolist(), mixed):
        assert small("regressor", preset="plain").fit(X, numbers[1]).network_.theta.dtype == np.float64


def test_tabular_trains_in_float32_and_predicts_in_float64(numbers, small):
    X = numbers[0].astype(np.float32)
    model = small("regressor").fit(X, numbers[1])

    assert (model.network_.theta.dtype, model.predict(X).dtype) == (np.float32, np.float64)


def test_a_warm_start_keeps_its_precision(numbers, small):
    X, y = numbers
    model = small("regressor", preset="plain", warm_start=True).fit(X.astype(np.float32), y).fit(X, y)
    model.partial_fit(X, y)

    assert (model.network_.theta.dtype, model.recipe_["dtype"]) == (np.float32, "float32")


def fitted_names(kind):
    """The fitted attributes that are properties, and three that `fit` sets."""
    names = {name for name, _ in inspect.getmembers(kind, lambda value: isinstance(value, property))}
    public = {name for name in names if name.endswith("_") and not name.startswith("_")}
    return sorted((public | {"members_", "schema_", "recipe_"}) - {"cost_"})


@pytest.mark.parametrize("kind", [gn.GlassClassifier, gn.GlassRegressor])
def test_a_fitted_attribute_of_an_unfitted_estimator_is_named(kind):
    """As scikit-learn's: no attribute for `hasattr`, and a NotFittedError for whoever reads it."""
    names = fitted_names(kind)
    assert {"coefs_", "intercepts_", "loss_", "network_", "history_", "n_iter_"} < set(names)
    for name in names:
        estimator = kind()
        assert not hasattr(estimator, name)
        expected = rf"^This {kind.__name__} instance is not fitted yet, so it has no {name}; call fit\(X, y\) first\.$"
        with pytest.raises(NotFittedError, match=expected):
            getattr(estimator, name)


def test_a_missing_attribute_keeps_its_own_words(numbers, small):
    """Of a fitted estimator, of a method that is not there, and while an estimator is copied."""
    with pytest.raises(AttributeError, match=r"^'GlassClassifier' object has no attribute 'wieghts'$"):
        _ = gn.GlassClassifier().wieghts
    with pytest.raises(AttributeError, match=r"^'GlassClassifier' object has no attribute 'coef_'"):
        _ = small("classifier").fit(*numbers).coef_
    with pytest.raises(MethodError, match="lbfgs"):
        _ = gn.GlassClassifier(solver="lbfgs").partial_fit
    assert (
        copy.deepcopy(gn.GlassClassifier(alpha=3)).alpha
        == pickle.loads(pickle.dumps(gn.GlassClassifier(alpha=3))).alpha
    )
