"""The same value gets the same verdict at every entrance: `train`, both estimators, a model file and a checkpoint."""

import json
import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import glassnet as gn
from glassnet.errors import ModelFileError, ParameterError
from glassnet.estimators.files.agreement import TAKE_AUTO, check_agreement
from glassnet.estimators.files.records import read_description
from glassnet.estimators.files.restoring import restore_model
from glassnet.estimators.files.saving import describe_model
from glassnet.estimators.fitting.recipe import resolve_recipe
from glassnet.settings.table import OF_ESTIMATORS, OF_TRAIN, SETTINGS

NAN, INF = float("nan"), float("inf")
X, Y = np.arange(40.0).reshape(20, 2) / 40, np.arange(20) % 2
VALUES = [
    None, True, False, np.True_, 0, 1, -1, 3, 0.5, 1.0, 2.5, -0.1, NAN, INF, -INF, 10**20, 10**400, 10**5000, 1e308,
    "3", "", "auto", "nothing", b"x", [], [1], [0.1, 0.2], (), (4,), [NAN], {}, {0: NAN}, {"a": 1.0}, object(), object,
    np.int64(3), np.float32(0.5), np.float64(NAN), np.uint8(0), np.array(3), np.array(0.5), np.array([1, 2]),
    np.array(["a"]), np.array(True), Fraction(1, 2), Decimal("0.5"), 1j, ("adam", {"beta1": NAN}), ("step", {"every": 0}),
    ("leaky_relu", {"slope": INF}), (1, 2, 3), [[1]], range(3),
]  # fmt: skip


def sentence(act):
    """Return the sentence of the error that an act ends with, or None; it may end with no other error."""
    try:
        act()
    except ParameterError as error:
        told = str(error)
        assert "\n" not in told
        assert len(told) < 1000
        assert told.endswith((".", "?"))
        return told
    return None


@pytest.mark.parametrize("name", OF_TRAIN)
def test_train(name):
    """What the kind refuses is refused in its words; what it allows may not fit the others, but is never odd."""
    net = gn.Network.create([2, 2, 1], hidden="tanh", seed=0)
    for value in VALUES:
        settings = {"cost": "binary_cross_entropy", "epochs": 1, name: value}
        refused = sentence(lambda: OF_TRAIN[name].check(value))  # noqa: B023
        if refused is not None:
            assert sentence(lambda: gn.train(net, X, Y, **settings)) == refused  # noqa: B023
        elif name != "callback":  # what it does is the user's own
            told = sentence(lambda: gn.train(net, X, Y, **settings))  # noqa: B023
            assert told is None or not told.startswith(f"{name}={value!r} must be"), told


@pytest.mark.parametrize("name", OF_ESTIMATORS)
@pytest.mark.parametrize(("make", "kind"), [(gn.GlassClassifier, "classifier"), (gn.GlassRegressor, "regressor")])
def test_estimators(make, kind, name):
    parameter = OF_ESTIMATORS[name]
    if parameter.setting.only not in ("", kind):
        return
    for value in VALUES:
        model = make(**{"hidden_layer_sizes": (2,), "max_iter": 1, "random_state": 0, name: value})
        is_open = isinstance(value, str) and value == "auto" == parameter.default
        refused = None if is_open else sentence(lambda: parameter.check(value))  # noqa: B023
        told = sentence(lambda: resolve_recipe(model.get_params(), 20))  # noqa: B023
        if refused is None:
            assert told is None or not told.startswith(f"{name}={value!r} must be"), told
        else:
            assert told == refused
            assert sentence(lambda: model.fit(X, Y)) == refused  # noqa: B023
            assert not hasattr(model, "network_")


SHARED = {each.train.name: each.estimators.name for each in SETTINGS if each.train and each.estimators}


@pytest.mark.parametrize("name", SHARED)
def test_a_setting_of_train_and_of_estimators_has_one_verdict(name):
    for value in VALUES:
        if name == "learning_rate" and value is None:  # the solver's own; estimators have one of their own
            continue
        verdicts = [sentence(lambda: each.check(value)) is None  # noqa: B023
                    for each in (OF_TRAIN[name], OF_ESTIMATORS[SHARED[name]])]  # fmt: skip
        assert verdicts[0] == verdicts[1], value


@pytest.fixture(scope="module")
def described():
    """A small model of each kind: the class, its description and its parameters."""
    models = [make((2,), max_iter=1, random_state=0).fit(X, Y) for make in (gn.GlassClassifier, gn.GlassRegressor)]
    return [(type(model), describe_model(model, "0"), model.network_.theta) for model in models]


NOT_IN_FILES = {"callback", "random_state", "n_jobs", "verbose"}


@pytest.mark.parametrize("name", sorted(set(OF_ESTIMATORS) - NOT_IN_FILES))
def test_model_files(name, described):
    """A recipe is refused where `fit` would refuse it, and where it leaves something open."""
    written = [each for each in VALUES if type(each) in (type(None), bool, int, float, str, list)]
    for value in [each for each in written if each not in (10**5000, 10**20)]:  # no JSON; no whole number of a file
        refused = sentence(lambda: OF_ESTIMATORS[name].check(value)) is not None  # noqa: B023
        refused = refused or (value == "auto" and name not in TAKE_AUTO)
        if (name, value) == ("weight_decay", None):  # in older files it stands for the solver's own
            refused = False
        for make, description, theta in described:
            if name not in description["recipe"]:
                continue
            told = ""
            changed = {**description, "recipe": {**description["recipe"], name: value}}
            try:
                record = read_description(json.dumps(changed))
                check_agreement(record, theta)
                restore_model(make, record, theta, {})
            except ModelFileError as error:
                told = str(error)
            assert told or not refused, value
            assert refused or not re.search(r"Expected `|must be a ", told), told
