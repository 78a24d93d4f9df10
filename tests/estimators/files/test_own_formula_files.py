"""A model whose activation and cost come from formulas is one file, which loads where nothing of them is known."""

import json
import subprocess
import sys

import numpy as np
import pytest

import glassnet as gn
from glassnet.errors import ModelFileError, ParameterError
from glassnet.estimators.files.agreement import check_agreement
from glassnet.estimators.files.records import read_description
from glassnet.estimators.files.restoring import restore_model
from glassnet.estimators.files.saving import describe_model

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(60, 3)), RNG.normal(size=60)
SWOOSH = gn.Activation.from_formula("swoosh", "log(1 + exp(z - 1)) - beta z", parameters={"beta": 0.08})
CAUCHY = gn.Cost.from_formula("cauchy", "log(1 + (t - o)^2)")


@pytest.fixture(scope="module")
def model():
    options = {"max_iter": 3, "random_state": 0}
    return gn.GlassRegressor((5,), activation=SWOOSH, loss=CAUCHY, **options).fit(X, Y)


def test_a_fresh_process_loads_it(model, tmp_path):
    model.save(tmp_path / "own.glassnet")
    np.save(tmp_path / "X.npy", X)
    code = (
        "import sys, numpy as np, glassnet as gn\n"
        "model, X = gn.load('own.glassnet'), np.load('X.npy')\n"
        "np.save('found.npy', model.predict(X))\n"
        "print(model.activation.formula, '|', model.cost_.formula)\n"
        "print(gn.explain(model, X[:1], 1.0).cost.total)\n"
        "model.set_params(max_iter=2).fit(X, X[:, 0])\n"
        "model.save('again.glassnet')\n"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    words, total = run.stdout.splitlines()
    assert words == "log(1 + exp(z - 1)) - beta z | log(1 + (t - o)^2)"
    assert float(total) == gn.explain(model, X[:1], 1.0).cost.total
    assert np.load(tmp_path / "found.npy").tolist() == model.predict(X).tolist()
    assert gn.load(tmp_path / "again.glassnet").activation == SWOOSH


def described(model, **changes):
    """The description as a file has it, with something changed in the record of the activation."""
    record = json.loads(json.dumps(describe_model(model, "0")))
    for sigma in (record["network"]["activations"][0], record["parameters"]["activation"]):
        sigma.update(changes)
    return record


def test_the_description_is_strict_json(model):
    record = described(model)
    expected = {"activation": "swoosh", "parameters": {"beta": 0.08}, "formula": SWOOSH.source, "range": [None, None]}
    assert record["network"]["activations"][0] == record["parameters"]["activation"] == expected
    assert record["own_activations"] == []
    assert record["parameters"]["loss"]["formula"] == "log(1 + (t - o)^2)"


def restored(model, record):
    """What `load` does with a description."""
    description = read_description(json.dumps(record))
    check_agreement(description, model.network_.theta, {})
    return restore_model(gn.GlassRegressor, description, model.network_.theta, {})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"formula": "__import__('os')"},
            "has an invalid formula: .*'__import__' at position 1 is not kn",
        ),
        ({"formula": "z" * 2000}, "Expected `str` of length <= 1000"),
        ({"formula": "(" * 500 + "z" + ")" * 500}, "of length <= 1000|is nested in more than 40"),
        ({"formula": ["z"]}, "Expected `str"),
        ({"formula": "log(z) beta"}, "its formula gives nan at z"),
        ({"parameters": {"beta": "x"}}, "Expected `int"),
        ({"parameters": {}}, "'beta' at position"),
    ],
)
def test_a_formula_that_was_tampered_with_is_refused(model, changes, message):
    with pytest.raises(ModelFileError, match=message):
        restored(model, described(model, **changes))


def test_functions_of_one_s_own_are_not_lost_in_silence(tmp_path):
    """An activation is asked for at loading, as before; a cost would be lost, so it is refused at saving."""
    cubed = gn.Cost("cubed", lambda A, Y: np.abs(A - Y) ** 3, lambda A, Y: 3 * (A - Y) * np.abs(A - Y))
    model = gn.GlassRegressor((3,), loss=cubed, max_iter=2, random_state=0).fit(X, Y)
    message = "its cost 'cubed' is defined by functions; try gn.Cost.from_formula, or pickle"
    with pytest.raises(ParameterError, match=message):
        model.save(tmp_path / "model.glassnet")
    sine = gn.Activation("sine", np.sin, lambda Z, A: np.cos(Z), range=(-1.0, 1.0))
    model = gn.GlassRegressor((3,), activation=sine, max_iter=2, random_state=0).fit(X, Y)
    model.save(tmp_path / "model.glassnet")
    with pytest.raises(
        ModelFileError, match=r"or save a model whose activation comes from gn\.Activation\.from_formula"
    ):
        gn.load(tmp_path / "model.glassnet")
    assert (
        gn.load(tmp_path / "model.glassnet", activations={"sine": sine}).predict(X).tolist()
        == model.predict(X).tolist()
    )


def test_a_classifier_too(tmp_path):
    labels = np.where(X[:, 0] > 0, "yes", "no")
    model = gn.GlassClassifier((4, 3), activation=[SWOOSH, "relu"], max_iter=3, random_state=0).fit(X, labels)
    model.save(tmp_path / "model.glassnet")
    again = gn.load(tmp_path / "model.glassnet")
    assert again.predict_proba(X).tolist() == model.predict_proba(X).tolist()
    assert again.activation[0] == SWOOSH
