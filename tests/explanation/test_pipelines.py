"""`explain` and `draw` through a scikit-learn Pipeline: the row goes through the earlier steps, by their names."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures, StandardScaler

import glassnet as gn
from glassnet.errors import ParameterError, ShapeError

RNG = np.random.default_rng(0)
FRAME = pd.DataFrame({"age": RNG.normal(40, 10, 60), "dose": RNG.normal(size=60), "ward": RNG.choice(["a", "b"], 60)})
Y = np.where(FRAME["age"] > 42, "ill", "well")
QUANTITY = FRAME["age"].to_numpy() / 10


def reg(**parameters):
    return gn.GlassRegressor(**{"hidden_layer_sizes": (3,), "max_iter": 5, "random_state": 0, **parameters})


@pytest.fixture(scope="module")
def pipe():
    columns = make_column_transformer(
        (StandardScaler(), ["age", "dose"]), (OneHotEncoder(sparse_output=False), ["ward"])
    )
    return make_pipeline(columns, gn.GlassClassifier((3,), max_iter=5, random_state=0)).fit(FRAME, Y)


NAMES = ["standardscaler__age", "standardscaler__dose", "onehotencoder__ward_a", "onehotencoder__ward_b"]


@pytest.mark.parametrize(
    "row",
    [FRAME.iloc[[4]], FRAME.iloc[4], FRAME.iloc[4].to_dict(), list(FRAME.iloc[4]), FRAME.iloc[4].to_numpy()],
    ids=["frame", "row of a frame", "dictionary", "list", "array"],
)
def test_every_form_of_a_row(pipe, row):
    """A warning of scikit-learn's about names would fail the test."""
    explanation = gn.explain(pipe, row, "ill")

    assert explanation.prediction.probabilities["well"] == pipe.predict_proba(FRAME.iloc[[4]])[0, 1]
    assert [column.column for column in explanation.inputs] == NAMES
    assert explanation.inputs[0].raw == pipe[:-1].transform(FRAME.iloc[[4]])[0, 0]
    assert explanation.notes[0] == (
        "Explained in the output columns of the earlier steps of the Pipeline: 'columntransformer' (ColumnTransformer)."
    )
    assert explanation.backward[1].weight(NAMES[0], "hidden1.1").gradient != 0
    assert NAMES[2] in explanation.to_text()


def test_the_model_itself_keeps_its_names(pipe):
    gn.explain(pipe, FRAME.iloc[[0]])
    assert pipe[-1].schema_.names == ("x0", "x1", "x2", "x3")
    assert pipe[-1].encoder_.input_names == ("x0", "x1", "x2", "x3")


def test_steps_of_other_kinds():
    numbers = FRAME[["age", "dose"]]
    sparse = make_pipeline(OneHotEncoder(), reg()).fit(FRAME[["ward"]], QUANTITY)
    assert [c.column for c in gn.explain(sparse, {"ward": "b"}).inputs] == ["ward_a", "ward_b"]
    framed = make_pipeline(StandardScaler().set_output(transform="pandas"), reg()).fit(numbers, QUANTITY)
    assert [c.column for c in gn.explain(framed, numbers.iloc[0]).inputs] == ["age", "dose"]
    plain = make_pipeline(PolynomialFeatures(2, include_bias=False), reg()).fit(numbers.to_numpy(), QUANTITY)
    assert [c.column for c in gn.explain(plain, [1.0, 2.0]).inputs] == ["x0", "x1", "x0^2", "x0 x1", "x1^2"]
    alone = make_pipeline(reg()).fit(numbers, QUANTITY)
    assert not any("Pipeline" in note for note in gn.explain(alone, numbers.iloc[0]).notes)
    skipped = Pipeline([("no", "passthrough"), ("scale", StandardScaler()), ("net", reg())]).fit(numbers, QUANTITY)
    assert "'scale' (StandardScaler)." in gn.explain(skipped, numbers.iloc[0]).notes[0]


def test_a_pipeline_in_a_pipeline():
    inner = make_pipeline(PolynomialFeatures(2, include_bias=False), reg())
    outer = make_pipeline(SimpleImputer(), inner).fit(FRAME[["age", "dose"]], QUANTITY)
    explanation = gn.explain(outer, {"age": 3.0, "dose": np.nan})

    assert explanation.prediction.values["y"] == outer.predict(pd.DataFrame({"age": [3.0], "dose": [np.nan]}))[0]
    assert [c.column for c in explanation.inputs][2:4] == ["age^2", "age dose"]
    assert "'simpleimputer' (SimpleImputer), 'polynomialfeatures' (PolynomialFeatures)." in explanation.notes[0]


def test_an_ensemble_in_a_pipeline():
    pipe = make_pipeline(StandardScaler(), reg(n_networks=2)).fit(FRAME[["age", "dose"]], QUANTITY)
    explanation = gn.explain(pipe, FRAME[["age", "dose"]].iloc[0])

    assert explanation.prediction.values["y"] == pipe.predict(FRAME[["age", "dose"]].iloc[[0]])[0]
    assert "'standardscaler' (StandardScaler)." in " ".join(explanation.to_text().split())


def test_a_drawing(pipe):
    assert [neuron.name for neuron in gn.draw(pipe).view.neurons][:4] == NAMES
    assert gn.draw(pipe, FRAME.iloc[[0]], "ill").view.flows


def test_what_is_refused(pipe):
    with pytest.raises(
        ParameterError, match=r"^this Pipeline ends in a LinearRegression, but a GlassClassifier or Glass"
    ):
        gn.explain(make_pipeline(StandardScaler(), LinearRegression()).fit([[1.0], [2.0]], [1, 2]), [1.0])
    with pytest.raises(ParameterError, match=r"^this Pipeline is not fitted yet; call fit\(X, y\) first.$"):
        gn.explain(make_pipeline(StandardScaler(), reg()), [1.0])
    with pytest.raises(ShapeError, match=r"^row has 2 rows, but one row is explained at a time"):
        gn.explain(pipe, FRAME.iloc[:2])
