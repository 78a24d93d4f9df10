"""The two estimators describe the parameters that they share alike: neither description is out of date alone."""

import inspect
import re

import pytest

import glassnet as gn

CLASSIFIER, REGRESSOR = gn.GlassClassifier, gn.GlassRegressor
OWN = {"class_weight", "label_smoothing", "temperature_scaling", "threshold", "loss", "clip_predictions"}


def described(estimator):
    """From each parameter's name to what its docstring says of it."""
    text = inspect.getdoc(estimator).partition("Parameters\n----------\n")[2].partition("\nAttributes\n")[0]
    entries = re.split(r"^(?=\S)", text, flags=re.MULTILINE)
    return {name.strip(): entry for entry in entries if entry for name in entry.partition(" :")[0].split(",")}


def declared(estimator):
    """From each parameter's name to its declaration."""
    return {name: str(each) for name, each in inspect.signature(estimator.__init__).parameters.items()}


@pytest.mark.parametrize("found", [described, declared])
def test_what_is_shared_is_the_same(found):
    ours, theirs = found(CLASSIFIER), found(REGRESSOR)

    assert set(ours) ^ set(theirs) == OWN
    assert {name for name in set(ours) & set(theirs) if ours[name] != theirs[name]} == set()


@pytest.mark.parametrize("estimator", [CLASSIFIER, REGRESSOR])
def test_each_parameter_is_kept_under_its_own_name(estimator):
    """scikit-learn's `clone` and `get_params` rely on it; here with a value of its own for each."""
    values = {name: object() for name in inspect.signature(estimator).parameters}

    assert vars(estimator(**values)) == values
