"""What repeats the table of settings, because editors, scikit-learn or checkers of types read it, says the same."""

import inspect
from dataclasses import MISSING, fields

import pytest

import glassnet as gn
from glassnet.estimators.files.parameters import ClassifierParameters, RegressorParameters
from glassnet.estimators.fitting.recipe import resolve_recipe
from glassnet.estimators.fitting.threshold import METRICS
from glassnet.settings.choices import THRESHOLDS
from glassnet.settings.records import ClassifierRecipe, RegressorRecipe
from glassnet.settings.table import OF_ESTIMATORS, OF_TRAIN, SETTINGS
from glassnet.settings.train_settings import TrainSettings
from glassnet.training.saving.records import SettingsRecord

NO_SETTINGS = {"network", "X", "Y", "weights", "validation", "state", "checkpoint", "checkpoint_every"}
KINDS = [(gn.GlassClassifier, "classifier", ClassifierRecipe), (gn.GlassRegressor, "regressor", RegressorRecipe)]


def declared(function):
    return {name: each.default for name, each in inspect.signature(function).parameters.items()}


def of(kind):
    return {name: each for name, each in OF_ESTIMATORS.items() if each.setting.only in ("", kind)}


def test_the_signature_of_train():
    given = {name: default for name, default in declared(gn.train).items() if name not in NO_SETTINGS}

    assert given.pop("cost") is inspect.Parameter.empty
    assert given == {name: each.default for name, each in OF_TRAIN.items() if name != "cost"}


@pytest.mark.parametrize(("estimator", "kind", "recipe"), KINDS)
def test_the_signatures_of_the_estimators(estimator, kind, recipe):
    assert declared(estimator) == {name: each.default for name, each in of(kind).items()}


def test_the_record_of_train():
    found = {each.name: each.default for each in fields(TrainSettings)}

    assert found.pop("cost") is MISSING
    assert found == {name: each.default for name, each in OF_TRAIN.items() if name != "cost"}


@pytest.mark.parametrize(("estimator", "kind", "recipe"), KINDS)
def test_the_records_of_the_recipes(estimator, kind, recipe):
    assert {each.name for each in fields(recipe)} == set(of(kind))


def test_the_record_of_a_checkpoint_holds_what_changes_a_number():
    """Lanes are not of `train`, but of a cluster."""
    assert set(SettingsRecord.__struct_fields__) - {"formula", "lanes"} == set(OF_TRAIN) - {"callback", "n_jobs"}


def test_the_record_of_a_model_file_holds_every_parameter():
    """Apart from those of a session; two of them, and `front`, are in files of older versions."""
    found = set(ClassifierParameters.__struct_fields__) | set(RegressorParameters.__struct_fields__)

    assert found - {"front"} == set(OF_ESTIMATORS) - {"callback", "random_state"}


def test_what_the_table_repeats_itself():
    assert tuple(METRICS) == THRESHOLDS
    for name, each in OF_ESTIMATORS.items():
        assert (each.default == "auto") == (each.setting.auto is not None or name == "engine"), name
    assert all(each.train or each.estimators for each in SETTINGS)


@pytest.mark.parametrize("name", [*OF_TRAIN, *OF_ESTIMATORS])
def test_each_default_is_one_of_the_allowed_values(name):
    for table in (OF_TRAIN, OF_ESTIMATORS):
        if name in table and name != "cost":
            parameter = table[name]
            values = [parameter.default] if parameter.default != "auto" or not parameter.setting.auto else []
            auto = parameter.setting.auto
            values += (
                [] if auto is None else [each for each in (auto.plain, auto.large, auto.small) if each is not None]
            )
            for value in values:
                assert parameter.check(value) == value


@pytest.mark.parametrize(("estimator", "kind", "recipe"), KINDS)
def test_a_recipe_is_a_record_and_reads_like_a_dictionary(estimator, kind, recipe):
    parameters = estimator(alpha=2.0).get_params()
    found = resolve_recipe(parameters, n_samples=50)

    assert type(found) is recipe
    assert (found.alpha, found["alpha"], found.get("nothing")) == (2.0, 2.0, None)
    assert list(found) == list(parameters)
    assert dict(found) == found
    assert ("max_iter" in found, "nothing" in found, len(found)) == (True, False, len(parameters))
    for change in (lambda: setattr(found, "alpha", 1.0), lambda: found.__setitem__("alpha", 1.0)):
        with pytest.raises((AttributeError, TypeError)):
            change()
    with pytest.raises(KeyError, match="nothing"):
        found["nothing"]
