"""The estimators' messages name their own parameters, and none that they lack."""

import inspect
import re

import numpy as np
import pytest

import glassnet as gn
from glassnet.errors import GlassnetError

X = np.arange(40.0).reshape(20, 2)
QUANTITY = np.linspace(0.0, 1.0, 20)
ODD = (-1, 0, 2.5, "odd", [], object, None)
OF_FIT = {"X", "y", "sample_weight", "eval_set"}


def messages(make, y):
    """Return what fit says of each parameter with values that may be wrong."""
    told = {}
    for name in inspect.signature(make).parameters:
        if name in ("callback", "keep", "verbose", "random_state"):
            continue
        for value in ODD:
            try:
                make(**{"hidden_layer_sizes": (2,), "max_iter": 1, "random_state": 0, name: value}).fit(X, y)
            except GlassnetError as error:
                told[f"{name}={value!r}"] = str(error)
            except (TypeError, ValueError, AttributeError):
                pass  # scikit-learn's own, or Python's
    return told


@pytest.mark.parametrize(("make", "y"), [(gn.GlassRegressor, QUANTITY), (gn.GlassClassifier, QUANTITY > 0.5)])
def test_only_parameters_of_the_estimator_are_named(make, y):
    told = messages(make, y)
    own = set(inspect.signature(make).parameters) | OF_FIT

    assert len(told) > 60
    for given, sentence in told.items():
        named = re.findall(r"(?<![\w.'\"-])([a-z]\w*)=", re.sub(r"'[^']*'|<[^>]*>", "", sentence))
        assert set(named) <= own, f"{given}: {sentence}"
        assert not re.search(r"\bepochs=|\bpatience=|\btolerance=", sentence), sentence


CASES = [
    ({"max_iter": 0}, "^max_iter=0 must be a whole number from 1 upwards.$"),
    ({"learning_rate": "quick"}, "^learning_rate='quick' is not known. Choose from: constant"),
    ({"activation": ["relu", "tanh"]}, r"^activation=\['relu', 'tanh'\] names 2 activations, but there are 1"),
    ({"loss": "odd"}, "^loss='odd' is not known. Choose from: error"),
    ({"solver": "sgd", "momentum": 1.5}, r"^momentum=1.5 must lie in \[0, 1\); 0.9 is usual\.$"),
    ({"solver": ("momentum", {"mu": 1.5})}, r"^solver 'momentum': mu = 1.5 must lie in \[0, 1\)"),
    ({"n_networks": 2, "dropout": 3}, r"^dropout=3 must lie in \[0, 1\)"),
]


@pytest.mark.parametrize(("parameters", "message"), CASES)
def test_the_words_of_the_regressor(parameters, message):
    with pytest.raises(GlassnetError, match=message):
        gn.GlassRegressor(**{"hidden_layer_sizes": (2,), "max_iter": 1, **parameters}).fit(X, QUANTITY)


def test_an_estimate_uses_the_same_words():
    for parameters, message in (CASES[0], CASES[2], CASES[3]):
        with pytest.raises(GlassnetError, match=message):
            gn.GlassRegressor(**{"hidden_layer_sizes": (2,), "max_iter": 1, **parameters}).estimate(X, QUANTITY)


def test_text_is_no_quantity():
    with pytest.raises(
        GlassnetError, match=r"^target 'y' has the text 'a', but regression needs .*; try GlassClassifier.$"
    ):
        gn.GlassRegressor().fit(X, ["a", "b"] * 10)


def test_a_network_keeps_its_own_words():
    """`gn.train` has `epochs`; only what goes through an estimator is renamed."""
    with pytest.raises(GlassnetError, match=r"^epochs=0 must be a whole number from 1 upwards.$"):
        gn.train(gn.Network.create([2, 1], seed=0), X, QUANTITY, cost="half_squared_error", epochs=0)
