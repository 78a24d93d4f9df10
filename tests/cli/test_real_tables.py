"""From a CSV to predictions, end to end, on real tables with text columns and missing values."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

SMALL = ("--hidden", "16", "--epochs", "25")


def spoiled(frame, rng):
    """Return the table with a share of its input cells empty."""
    return frame.mask(rng.random(frame.shape) < 0.05)


def diabetes():
    """Regression: sex in words, blood pressure in classes, five of a hundred cells empty, a running number."""
    table = load_diabetes(as_frame=True, scaled=False)
    inputs = table.data.assign(sex=table.data["sex"].map({1.0: "female", 2.0: "male"}))
    inputs["bp"] = pd.cut(inputs["bp"], 4, labels=["low", "normal", "raised", "high"]).astype(object)
    inputs = spoiled(inputs, np.random.default_rng(0))
    return inputs.assign(patient_id=range(len(inputs)), progression=table.target), "progression"


def cancer():
    """Binary: the radius in words, five of a hundred cells empty."""
    table = load_breast_cancer(as_frame=True)
    inputs = table.data.iloc[:, :10].copy()
    inputs["mean radius"] = np.where(inputs["mean radius"] > 15, "wide, rather", "small")
    return spoiled(inputs, np.random.default_rng(1)).assign(
        diagnosis=table.target.map({0: "bad", 1: "good"})
    ), "diagnosis"


def wine():
    """Three classes that are numbers."""
    table = load_wine(as_frame=True)
    return table.data.assign(cultivar=table.target), "cultivar"


@pytest.fixture(params=[diabetes, cancer, wine], ids=lambda make: make.__name__)
def table(request, folder):
    """Return name, target and frame of a table that lies in the working directory as a CSV."""
    frame, target = request.param()
    name = request.param.__name__
    frame.to_csv(f"{name}.csv", index=False)
    return name, target, frame


def test_train_predict_evaluate_explain(table, run):
    name, target, frame = table
    model, data = f"{name}.glassnet", f"{name}.csv"
    record = run("train", data, "--target", target, *SMALL, "--json").json
    predictions = run("predict", model, data, "--json").json
    scores = run("evaluate", model, data, "--json").json
    opened = run("explain", model, data, "--row", "5", "--json").json

    assert_beats_the_constant(record["test"])
    assert [line["row"] for line in predictions] == list(range(len(frame)))
    guesses = [line[f"predicted {target}"] for line in predictions]
    if record["schema"]["task"] == "regression":
        errors = np.asarray(guesses) - frame[target].to_numpy()
        assert scores["model"]["rmse"] == pytest.approx(np.sqrt(np.mean(errors**2)))
        assert "confusion" not in scores
    else:
        assert scores["model"]["accuracy"] == pytest.approx(np.mean(np.asarray(guesses) == frame[target].to_numpy()))
        sums = [sum(p for key, p in line.items() if key.startswith("P(")) for line in predictions]
        np.testing.assert_allclose(sums, 1.0, atol=1e-12)
    assert opened["row"] == 5


def assert_beats_the_constant(test):
    measure = next(iter(test["model"]))
    constant = test["baselines"][0][measure]
    assert test["model"][measure] > constant if measure == "accuracy" else test["model"][measure] < 0.9 * constant


def test_a_running_number_stays(folder, run):
    """It may be a year or a week: only text that differs in every row is certain to be an id."""
    frame, target = diabetes()
    frame.to_csv("d.csv", index=False)
    outcome = run("train", "d.csv", "--target", target, *SMALL)

    assert "left out" not in outcome.out
    assert re.search(r"patient_id +numeric", outcome.out)
    assert "RMSE" in outcome.out
    assert "always the mean" in outcome.out
