"""Every parameter that cannot work is told by its own name, with its value and what was expected."""

import threading

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from glassnet.engines.cores import MOST_PER_CORE, n_cores
from glassnet.errors import ColumnError, ParameterError

CASES = [
    ({"preset": "fast"}, "preset='fast' is not known. Choose from: tabular, plain"),
    ({"hidden_layer_sizes": (8, 0)}, r"hidden_layer_sizes=\(8, 0\) has 0; each hidden layer needs a whole number"),
    ({"hidden_layer_sizes": (8, 2.5)}, r"hidden_layer_sizes=\(8, 2\.5\) has 2\.5; each hidden layer needs"),
    ({"hidden_layer_sizes": 2.5}, "hidden_layer_sizes=2.5 has 2.5; each hidden layer needs"),
    ({"hidden_layer_sizes": None}, "hidden_layer_sizes=None has None; each hidden layer needs"),
    ({"hidden_layer_sizes": "64"}, "hidden_layer_sizes='64' has '6'; each hidden layer needs"),
    ({"hidden_layer_sizes": True}, "hidden_layer_sizes=True has True; each hidden layer needs"),
    ({"activation": "rellu"}, "activation 'rellu' is not known. Did you mean 'relu'"),
    ({"activation": ["relu", "relu"]}, "2"),
    ({"solver": "adamm"}, "solver 'adamm' is not known. Did you mean 'adam'"),
    ({"alpha": -1.0}, "alpha=-1.0 must be a number from 0 upwards; 0 switches the penalty off"),
    ({"alpha": "strong"}, "alpha='strong' must be a number from 0 upwards"),
    ({"alpha": None}, "alpha=None must be a number from 0 upwards"),
    ({"alpha": float("nan")}, "alpha=nan must be a number from 0 upwards"),
    ({"alpha": float("inf")}, "alpha=inf must be a number from 0 upwards"),
    ({"alpha": True}, "alpha=True must be a number from 0 upwards"),
    ({"l1": -1.0}, "l1=-1.0 must be a number from 0 upwards; 0 switches the penalty off"),
    ({"l1": "x"}, "l1='x' must be a number from 0 upwards"),
    ({"tol": -1e-3}, "tol=-0.001 must be a number from 0 upwards; 1e-4 is usual"),
    ({"max_iter": 0}, "max_iter=0 must be a whole number from 1 upwards"),
    ({"max_iter": 2.5}, "max_iter=2.5 must be a whole number from 1 upwards"),
    ({"n_iter_no_change": 0}, "n_iter_no_change=0 must be a whole number from 1 upwards"),
    ({"batch_size": 0}, "batch_size=0 must be a whole number from 1 upwards"),
    ({"learning_rate_init": 0.0}, "learning_rate_init=0.0 must be a positive number"),
    ({"learning_rate_init": "x"}, "learning_rate_init='x' must be a positive number"),
    (
        {"learning_rate": "quick"},
        r"^learning_rate='quick' is not known\. Choose from: constant, step, inverse, exponential, cosine, flat_cosine, "
        r"warm_up, coslog4, adaptive, invscaling\.$",
    ),
    ({"learning_rate": "adaptative"}, "^learning_rate='adaptative' is not known. Did you mean 'adaptive'\\?"),
    ({"dropout_schedule": "invscaling"}, "^dropout_schedule 'invscaling' is not known.*coslog4\\.$"),
    ({"validation_fraction": 1.0}, "validation_fraction=1.0 must lie between 0 and 1; 0.1 is usual"),
    ({"validation_fraction": None}, "validation_fraction=None must lie between 0 and 1"),
    ({"dtype": "float16"}, "dtype='float16' is not a precision; use 'float32', 'float64' or 'auto'"),
    ({"engine": "gpu"}, "engine='gpu' is not known"),
    ({"init": "zeros"}, "init='zeros' is not known"),
    ({"dropout": 1.0}, r"dropout=1.0 must lie in \[0, 1\)"),
    ({"weight_decay": -0.1}, "weight_decay=-0.1 must be a number from 0 upwards; 0 switches it off"),
    ({"weight_decay": "0.1"}, "weight_decay='0.1' must be a number from 0 upwards"),
    (
        {"weight_decay": 0.02, "solver": "sgd"},
        "^weight_decay=0.02 is decoupled weight decay, which solver 'sgd' lacks; use solver='adam', or alpha for a "
        "penalty on the weights.$",
    ),
    ({"weight_decay": 1, "solver": ("nadam", {"beta1": 0.8})}, "^weight_decay=1 is .* which solver 'nadam' lacks"),
    (
        {"decay_schedule": "cosine"},
        "^decay_schedule='cosine' has no weight decay to act on; use weight_decay=0.02, or leave "
        "decay_schedule='auto'.$",
    ),
    ({"weight_decay": 0.1, "decay_schedule": "quick"}, "^decay_schedule 'quick' is not known"),
    ({"dropout_schedule": "adaptive"}, "^dropout_schedule 'adaptive' is not known"),
    ({"clip": 0.0}, "clip=0.0 must be a positive number"),
    ({"time_limit": -1}, "time_limit=-1 must be a positive number"),
    ({"snapshots": -1}, "snapshots=-1 must be a whole number"),
    ({"solver": "sgd", "momentum": 1.5}, r"momentum=1\.5 must lie in \[0, 1\)"),
    ({"beta_1": 1.0}, r"beta_1=1\.0 must lie in \[0, 1\)"),
    ({"solver": "lbfgs", "dropout": 0.1}, "solver 'lbfgs' takes neither dropout nor clip"),
    ({"early_stopping": True, "monitor": "luck"}, "monitor='luck' is not known"),
]


@pytest.mark.parametrize("kind", ["classifier", "regressor"])
@pytest.mark.parametrize("parameters, message", CASES, ids=[str(parameters) for parameters, _ in CASES])
def test_parameters_that_cannot_work(numbers, small, kind, parameters, message):
    """Nothing is said before fit, as scikit-learn's contract asks; then one sentence."""
    estimator = small(kind, **parameters)
    with pytest.raises(ParameterError, match=message) as error:
        estimator.fit(*numbers)
    assert "\n" not in str(error.value)


def test_parameters_that_work(numbers, small):
    """NumPy's numbers are numbers, and a solver that needs all rows takes no batch size."""
    small("classifier", hidden_layer_sizes=np.int64(4), alpha=np.float32(0.1), max_iter=np.int32(2)).fit(*numbers)
    for solver in ("gd", "rprop", ("rprop", {"grow": 1.3}), ("lbfgs", {"history": 5})):
        assert small("classifier", solver=solver).fit(*numbers).n_iter_ == 3


@pytest.mark.parametrize("options", [{}, {"n_networks": 2}, {"n_networks": 2, "time_limit": 60.0}])
def test_more_threads_than_cores_have_a_use_for_are_not_started(numbers, small, options):
    """A hundred thousand cannot be started at all; the numbers are those of one thread."""
    many = small("classifier", n_jobs=100_000, **options).fit(*numbers)
    one = small("classifier", n_jobs=1, **options).fit(*numbers)

    np.testing.assert_array_equal(many.predict_proba(numbers[0]), one.predict_proba(numbers[0]))
    ours = [thread for thread in threading.enumerate() if thread.name.startswith("glassnet")]
    assert len(ours) <= MOST_PER_CORE * n_cores()
    assert many.n_jobs == 100_000  # as scikit-learn's clone wants it


def test_a_column_to_keep_that_does_not_exist(mixed, small):
    with pytest.raises(ColumnError, match="there is no column 'iland' to keep or drop; did you mean 'island'"):
        small("classifier", keep=["iland"]).fit(mixed, np.arange(60) % 2)


@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_log_proba", "decision_function", "encode"])
def test_asking_before_fit(small, method):
    with pytest.raises(NotFittedError, match=r"This GlassClassifier instance is not fitted yet\. Call 'fit'"):
        getattr(small("classifier"), method)([[1.0]])


def test_asking_a_regressor_before_fit(small):
    with pytest.raises(NotFittedError, match=r"This GlassRegressor instance is not fitted yet\. Call 'fit'"):
        small("regressor").predict([[1.0]])
