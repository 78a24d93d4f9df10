"""Explanations of fitted models: any kind of row, the user's own words, the numbers of predict."""

import json

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.sparse import csr_array

import glassnet as gn
from glassnet.data.reading.tabular import table_from
from glassnet.errors import ColumnError, DataError, ParameterError, ShapeError


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    n = 60
    mass = rng.normal(4000, 500, n).round()
    island = rng.choice(["Biscoe", "Dream"], n)
    species = np.where(mass > 4200, "Gentoo", np.where(island == "Dream", "Chinstrap", "Adelie"))
    return pd.DataFrame({"mass": mass, "island": island, "species": species})


@pytest.fixture(scope="module")
def classifier(frame):
    model = gn.GlassClassifier((5,), max_iter=5, random_state=0)
    return model.fit(frame[["mass", "island"]], frame["species"])


@pytest.fixture(scope="module")
def regressor(frame):
    model = gn.GlassRegressor((4, 3), max_iter=3, random_state=0)
    return model.fit(frame[["species", "island"]], frame["mass"])


def test_the_same_row_in_any_form(classifier, frame):
    X = frame[["mass", "island"]]
    expected = classifier.predict_proba(X)[3].tolist()
    mass, island = X.iloc[3]
    rows = [
        X.iloc[[3]],
        X.iloc[3],
        pl.from_pandas(X)[3],
        table_from(X.iloc[[3]]),
        {"mass": mass, "island": island},
        {"mass": [mass], "island": [island]},
        frame.iloc[[3]],  # with the target beside it
    ]
    for row in rows:
        found = gn.explain(classifier, row).prediction
        assert list(found.probabilities.values()) == expected  # bit by bit what predict_proba says
        assert found.label == classifier.predict(X)[3]


def test_flat_arrays_and_sparse_rows_count_as_one_row():
    X, y = np.random.default_rng(1).normal(size=(30, 3)), np.arange(30) % 2
    model = gn.GlassClassifier((2,), max_iter=2, random_state=0).fit(X, y)
    whole = gn.explain(model, X[:1], 1).to_dict()
    for row in (X[0], X[0].tolist(), tuple(X[0].tolist()), csr_array(X[:1])):
        assert gn.explain(model, row, 1).to_dict() == whole
    sparse = gn.GlassClassifier((2,), max_iter=2, random_state=0).fit(csr_array(X), y)
    assert gn.explain(sparse, csr_array(X[:1])).prediction.probabilities["1"] == sparse.predict_proba(X[:1])[0, 1]


def test_inputs_show_the_encoding(classifier, frame):
    explanation = gn.explain(classifier, {"mass": 4321, "island": "Dream"})
    mass, island = explanation.inputs
    assert mass.raw == 4321
    assert mass.steps[0].startswith("(4321 - ")
    assert island.inputs == ("island=Dream",)
    assert [*mass.values, *island.values] == explanation.forward[1].a_in.tolist()
    text = explanation.to_text()
    assert "  island  Dream  Dream is level 2 of 2 -> island=Dream: 1" in text
    assert f"  mass    4321   {mass.steps[0]}" in text


def test_missing_values_are_explained(classifier):
    with_gap = gn.explain(classifier, {"mass": None, "island": "Torgersen"})
    assert with_gap.inputs[0].raw is None
    text = " ".join(str(with_gap).split())
    assert "missing: the median" in text
    assert "Torgersen has no separate input: all zeros -> all its inputs are 0" in text
    assert json.loads(json.dumps(with_gap.to_dict(), allow_nan=False))["inputs"][0]["raw"] is None


def test_classes_in_words(classifier, frame):
    explanation = gn.explain(classifier, frame.iloc[[0]], "Gentoo")
    assert explanation.forward[-1].names == ("Adelie", "Chinstrap", "Gentoo")
    assert explanation.target == "Gentoo"
    p = explanation.prediction.probabilities["Gentoo"]
    assert explanation.cost.total == pytest.approx(-np.log(p), rel=1e-12)
    assert explanation.backward[2].neuron("Gentoo").delta == pytest.approx(p - 1, rel=1e-12)
    text = explanation.to_text()
    assert "delta = o - t, what ∂E/∂a · ∂a/∂z comes to (softmax with cross_entropy)" in text
    assert "adam on the mean gradient of minibatches" in text


def test_two_classes_have_one_output_named_by_the_second(frame):
    y = frame["mass"] > 4000
    model = gn.GlassClassifier((), max_iter=3, random_state=0).fit(frame[["island", "mass"]], y)
    explanation = gn.explain(model, frame.iloc[0], target=bool(y[0]))
    assert explanation.forward[1].names == ("True",)
    assert sum(explanation.prediction.probabilities.values()) == pytest.approx(1)
    assert list(explanation.prediction.probabilities) == ["False", "True"]
    assert explanation.to_dict()["prediction"]["label"] is bool(model.predict(frame.iloc[[0]])[0])


def test_a_label_may_come_as_text(frame):
    model = gn.GlassClassifier((2,), max_iter=2, random_state=0).fit(frame[["mass"]], np.arange(60) % 3)
    assert gn.explain(model, {"mass": 4000}, "2").target == 2
    assert gn.explain(model, {"mass": 4000}, np.int64(2)).target == 2
    assert gn.explain(model, {"mass": 4000}, pd.Series([2])).target == 2


def test_probabilities_in_a_sentence():
    """A class that is named like a number stays apart from its probability, and a tiny one is no power of ten."""
    X, y = np.asarray([[0.0], [1.0]] * 20), np.asarray([0, 1] * 20)
    model = gn.GlassClassifier((2,), max_iter=3, random_state=0).fit(X, y)
    p = model.predict_proba([[1.0]])[0]
    likely, other = np.argsort(-p)
    (words,) = gn.explain(model, [1.0]).prediction.words
    assert words == f"class = {likely} with probability {p[likely]:.6g} ({other} with {p[other]:.6g})"

    sure = gn.GlassClassifier((), preset="plain", solver="lbfgs", max_iter=200, random_state=0).fit(X * 50, y)
    (words,) = gn.explain(sure, [50.0]).prediction.words
    assert words.startswith("class = 1 with probability ")
    assert words.endswith(" (0 with less than 0.0001)")


def test_values_in_the_user_s_units(regressor, frame):
    explanation = gn.explain(regressor, frame.iloc[[5]], 4000)
    value = regressor.predict(frame.iloc[[5]])[0]
    assert explanation.prediction.values == {"y": value}
    encoder = regressor.target_encoder_
    standardized = (4000 - encoder.means[0]) / encoder.scales[0]
    assert explanation.cost.outputs[0].target == pytest.approx(standardized)
    assert explanation.target == pytest.approx(4000)
    words = explanation.prediction.words[0]
    assert words.startswith("y = ")
    assert words.endswith(f" = {value:.6g}")


def test_several_quantities():
    X = np.random.default_rng(2).normal(size=(30, 2))
    model = gn.GlassRegressor((3,), max_iter=2, random_state=0).fit(X, X * 3.0)
    explanation = gn.explain(model, X[4], [1.0, 2.0])
    assert list(explanation.prediction.values.values()) == pytest.approx(model.predict(X)[4].tolist(), rel=1e-15)
    assert explanation.target == pytest.approx([1.0, 2.0])
    assert f"E = {explanation.cost.total:.6g}" in str(explanation)
    with pytest.raises(ShapeError, match="y has 1 columns, but 2 were fitted"):
        gn.explain(model, X[4], 1.0)


def test_the_step_starts_from_the_model_s_learning_rate(classifier, frame):
    assert (
        gn.explain(classifier, frame.iloc[0], "Adelie").update.learning_rate == classifier.recipe_["learning_rate_init"]
    )
    assert gn.explain(classifier, frame.iloc[0], "Adelie", learning_rate=0.5).update.learning_rate == 0.5


@pytest.mark.parametrize(
    ("solver", "words"),
    [
        ("lbfgs", "Training used lbfgs, which uses all rows at once"),
        ("rprop", "Training took other steps: rprop on the mean gradient of all rows"),
        ("sgd", "Training took other steps: sgd on the mean gradient of minibatches"),
    ],
)
def test_how_training_differed(frame, solver, words):
    model = gn.GlassRegressor((2,), solver=solver, max_iter=2, random_state=0).fit(frame[["island"]], frame["mass"])
    assert words in " ".join(str(gn.explain(model, {"island": "Dream"}, 4000)).split())


def test_own_float32_output_is_told_where_it_differs():
    network = gn.Network.create([60, 40, 2], hidden="tanh", output="identity", dtype="float32", seed=3)
    row = np.random.default_rng(3).normal(size=60)
    notes = gn.explain(network, row).notes
    assert "trained in float32" in notes[0]
    float32 = gn.forward(network, row.astype(np.float32)[None]).A[-1][0].tolist()
    float64 = gn.explain(network, row).forward[-1].a.tolist()
    for a32, a64 in zip(float32, float64, strict=True):
        assert (f"{a32:.6g} instead of {a64:.6g}" in notes[0]) == (f"{a32:.6g}" != f"{a64:.6g}")
    assert gn.explain(network.astype("float64"), row).notes == ()


def test_saved_models_explain_alike(classifier, frame, tmp_path):
    classifier.save(tmp_path / "m.glassnet")
    again = gn.load(tmp_path / "m.glassnet")
    assert (
        gn.explain(again, frame.iloc[0], "Adelie").to_dict()
        == gn.explain(classifier, frame.iloc[0], "Adelie").to_dict()
    )


@pytest.mark.parametrize(
    ("row", "target", "error", "message"),
    [
        ({"mass": [1.0, 2.0], "island": ["Dream", "Dream"]}, None, ShapeError, "row has 2 rows, but one row is"),
        ({"mass": 4000.0}, None, ColumnError, "column 'island' is missing"),
        ({"mass": "heavy", "island": "Dream"}, None, ColumnError, "column 'mass' was numeric"),
        ({"mass": 4000.0, "island": "Dream"}, "Emperor", DataError, "target='Emperor' is not a class"),
        ({"mass": 4000.0, "island": "Dream"}, "gento", DataError, "did you mean 'Gentoo'"),
    ],
)  # fmt: skip
def test_errors(classifier, row, target, error, message):
    with pytest.raises(error, match=message):
        gn.explain(classifier, row, target)


def test_errors_of_models(regressor):
    with pytest.raises(DataError, match="target='heavy' is not a number"):
        gn.explain(regressor, {"species": "Adelie", "island": "Dream"}, "heavy")
    with pytest.raises(ParameterError, match="GlassClassifier is not fitted yet"):
        gn.explain(gn.GlassClassifier(), [1.0])
    with pytest.raises(ParameterError, match="model is a dict, but a Network, GlassClassifier or GlassRegressor"):
        gn.explain({}, [1.0])
    with pytest.raises(ParameterError, match="cost='mse' compares outputs with a target, but none was given"):
        gn.explain(regressor, {"species": "Adelie", "island": "Dream"}, cost="mse")
