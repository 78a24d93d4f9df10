"""Replacing `MLPClassifier` by `GlassClassifier` runs, and the familiar names keep their meaning."""

import inspect
import warnings

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler

import glassnet as gn
from glassnet.errors import ParameterError

PAIRS = [(MLPClassifier, gn.GlassClassifier), (MLPRegressor, gn.GlassRegressor)]
EXACT = {"solver": "lbfgs", "tol": 1e-10, "max_iter": 2000, "random_state": 0}
OURS = {"preset": "plain", "dtype": "float64"}


@pytest.mark.parametrize("theirs, ours", PAIRS)
def test_every_parameter_of_scikit_learn_is_accepted(theirs, ours, numbers):
    """With scikit-learn's own default values, all given at once, the network trains."""
    defaults = {name: p.default for name, p in inspect.signature(theirs).parameters.items()}
    model = ours(**{**defaults, "max_iter": 3}).fit(*numbers)

    assert model.network_.sizes == (3, 100, 1)
    assert model.get_params().keys() >= defaults.keys()


@pytest.mark.parametrize(
    "settings",
    [
        {"solver": "sgd", "learning_rate": "adaptive", "learning_rate_init": 0.01, "max_iter": 40},
        {"solver": "sgd", "learning_rate": "invscaling", "power_t": 0.5, "momentum": 0.5, "nesterovs_momentum": False},
        {"solver": "sgd", "learning_rate": "constant", "momentum": 0.0},
        {"solver": "lbfgs", "activation": "logistic", "batch_size": 10, "max_fun": 100},
        {"activation": "identity", "hidden_layer_sizes": 7, "early_stopping": True, "validation_fraction": 0.2},
        {"hidden_layer_sizes": np.asarray([6, 4]), "n_iter_no_change": 5, "tol": 0.0, "shuffle": False},
    ],
    ids=lambda settings: "-".join(map(str, settings)),
)
@pytest.mark.parametrize("preset", ["tabular", "plain"])
@pytest.mark.parametrize("theirs, ours", PAIRS)
def test_a_call_written_for_scikit_learn_runs(theirs, ours, preset, settings, numbers):
    """The same call, under both presets, reaches the same number of layers."""
    settings = {"hidden_layer_sizes": (8,), "max_iter": 5, "random_state": 0, **settings}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        expected = theirs(**settings).fit(*numbers)
    model = ours(preset=preset, **settings).fit(*numbers)

    assert model.n_layers_ == expected.n_layers_
    assert [W.shape for W in model.coefs_] == [W.shape for W in expected.coefs_]
    assert [b.shape for b in model.intercepts_] == [b.shape for b in expected.intercepts_]
    assert len(model.loss_curve_) == model.n_iter_


def test_plain_defaults_are_scikit_learns():
    """Under preset='plain' every "auto" stands for the number that MLPClassifier has; what it has not is off."""
    from glassnet.estimators.fitting.presets import PLAIN

    theirs = MLPClassifier().get_params()
    assert PLAIN["batch_size"] == 200  # their "auto": min(200, n_samples)
    assert {name: value for name, value in PLAIN.items() if name not in theirs} == {
        "label_smoothing": 0.0, "temperature_scaling": False, "clip_predictions": False, "init": "auto",
        "rates": "equal", "bias_rate": 1.0, "numeric_embedding": None, "input_scaling": False, "learned_slope": False, "dropout": 0.0,
        "dropout_schedule": "constant", "weight_decay": None, "decay_schedule": "constant", "dtype": None,
    }  # fmt: skip
    for name in theirs.keys() & PLAIN.keys() - {"batch_size"}:
        assert PLAIN[name] == theirs[name], name


def test_no_hidden_layer_is_logistic_regression():
    """hidden_layer_sizes=() and alpha=0 give LogisticRegression's unpenalized coefficients to 1e-4.

    Three measurements of the breast cancer table, standardized: the classes overlap, so the optimum is finite.
    """
    X, y = load_breast_cancer(return_X_y=True)
    X = StandardScaler().fit_transform(X[:, [0, 1, 4]])
    expected = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10_000).fit(X, y)
    model = gn.GlassClassifier(hidden_layer_sizes=(), alpha=0, **EXACT, **OURS).fit(X, y)

    np.testing.assert_allclose(model.coefs_[0].T, expected.coef_, atol=1e-4)
    np.testing.assert_allclose(model.intercepts_[0], expected.intercept_, atol=1e-4)
    np.testing.assert_allclose(model.predict_proba(X), expected.predict_proba(X), atol=1e-4)


def test_no_hidden_layer_is_linear_regression(numbers):
    X = numbers[0]
    Y = np.column_stack([X @ [1.0, 2.0, 3.0] + 4, X[:, 0] ** 2])
    expected = LinearRegression().fit(X, Y)
    model = gn.GlassRegressor(hidden_layer_sizes=(), alpha=0, **EXACT, **OURS).fit(X, Y)

    np.testing.assert_allclose(model.coefs_[0].T, expected.coef_, atol=1e-5)
    np.testing.assert_allclose(model.intercepts_[0], expected.intercept_, atol=1e-5)


@pytest.mark.parametrize("alpha", [3.0, 10.0])
@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_alpha_has_scikit_learns_meaning(kind, alpha):
    """Where ours has converged, scikit-learn finds the same objective and next to nothing left to gain.

    The objective is cost plus alpha / (2n) times squared weights. One output for the regression: over several,
    scikit-learn averages its loss, but not its gradient.
    """
    X, y = load_iris(return_X_y=True)
    X, y = X[:, :3], {"binary": (y == 1).astype(int), "multiclass": y, "regression": X[:, 3]}[kind]
    theirs, ours = PAIRS[kind == "regression"]
    settings = {"hidden_layer_sizes": (3,), "activation": "tanh", "alpha": alpha, **EXACT}
    model = ours(**{**settings, **OURS, "max_iter": 300}).fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        other = theirs(**{**settings, "max_iter": 1, "warm_start": True}).fit(X, y)
        other.coefs_, other.intercepts_ = [np.array(W) for W in model.coefs_], [np.array(b) for b in model.intercepts_]
        other.set_params(max_iter=20).fit(X, y)

    assert model.loss_ == pytest.approx(other.loss_, rel=1e-3)


@pytest.mark.parametrize("number", [0.01, 1, np.float32(0.5)])
def test_a_number_as_learning_rate_is_refused(numbers, small, number):
    """learning_rate names the schedule; the sentence says where the number belongs, in fit and in partial_fit."""
    for call in ("fit", "partial_fit"):
        with pytest.raises(ParameterError, match=r"names the schedule, as in scikit-learn; .* learning_rate_init="):
            getattr(small("regressor", learning_rate=number), call)(*numbers)


def test_losses_are_told_as_in_scikit_learn(fitted):
    """loss_curve_ has one objective per epoch, loss_ is the last and best_loss_ the smallest."""
    assert fitted.loss_curve_ == fitted.history_["objective"].tolist()
    assert fitted.loss_ == fitted.loss_curve_[-1]
    assert fitted.best_loss_ == min(fitted.loss_curve_)
    assert (fitted.n_iter_, fitted.n_layers_, fitted.n_outputs_, fitted.out_activation_) == (3, 3, 1, "sigmoid")
