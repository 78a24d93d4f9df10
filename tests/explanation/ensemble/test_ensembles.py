"""An ensemble is explained as the mean of its networks, each named: the very numbers that the model predicts with."""

import json
import re

import numpy as np
import pandas as pd
import pytest

import glassnet as gn
from glassnet.errors import DataError, ParameterError
from glassnet.explanation.explanation import Explanation

N = 3


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"age": rng.normal(40, 10, 60), "ward": rng.choice(["a", "b", "c"], 60)})
    return frame, np.where(frame["age"] > 44, "ill", np.where(frame["ward"] == "a", "well", "mixed"))


@pytest.fixture(scope="module")
def clf(table):
    return gn.GlassClassifier((4,), n_networks=N, max_iter=9, random_state=0).fit(*table)


@pytest.fixture(scope="module")
def reg(table):
    return gn.GlassRegressor((4,), n_networks=9, max_iter=9, random_state=0).fit(table[0][["ward"]], table[0]["age"])


def test_the_mean_is_the_prediction_to_the_last_bit(table, clf):
    for i in range(20):
        row = table[0].iloc[[i]]
        explanation = gn.explain(clf, row)
        np.testing.assert_array_equal(explanation.mean, clf.predict_proba(row)[0])
        for k in range(N):
            np.testing.assert_array_equal(explanation.outputs[k], clf.member(k).predict_proba(row)[0])
        assert explanation.prediction.label == clf.predict(row)[0]


def test_the_mean_of_quantities(table, reg):
    row = table[0][["ward"]].iloc[[5]]
    explanation = gn.explain(reg, row, 50.0)

    assert explanation.prediction.values["y"] == reg.predict(row)[0]
    error = (50.0 - reg.target_encoder_.means[0]) / reg.target_encoder_.scales[0] - explanation.mean[0]
    assert explanation.cost.total == pytest.approx(error**2 / 2)  # half_squared_error, by its formula


def test_two_classes_and_arrays():
    X, y = [[0.0], [0.1], [0.9], [1.0]] * 5, ["no", "no", "yes", "yes"] * 5
    clf = gn.GlassClassifier((4,), n_networks=2, max_iter=9, random_state=0).fit(X, y)
    explanation = gn.explain(clf, [0.3], "no")

    p = clf.predict_proba([[0.3]])[0]
    assert explanation.names == ("yes",)
    assert explanation.mean[0] == p[1]
    assert explanation.cost.total == pytest.approx(-np.log(p[0]))


def test_each_network_opens(table, clf):
    explanation = gn.explain(clf, table[0].iloc[0], "ill")

    assert len(explanation.members) == N
    for k in range(-1, N):
        one = explanation.member(k)
        assert isinstance(one, Explanation)
        assert one.to_dict() == gn.explain(clf.member(k), table[0].iloc[0], "ill").to_dict()
    for k in (N, -N - 1, 0.5, True):
        with pytest.raises(
            ParameterError, match=rf"^member\({k}\) does not exist: this ensemble has the networks 0 to 2.$"
        ):
            explanation.member(k)


def test_the_text(table, clf):
    """Every network has a line with its number, its outputs, its answer and its cost; the mean is written out."""
    explanation = gn.explain(clf, table[0].iloc[0], "ill")
    text = explanation.to_text()

    assert text.startswith("Mean of 3 networks 4-4-3: silu, softmax; 35 parameters each\nPrediction: class = ")
    for k in range(N):
        (line,) = re.findall(rf"^  network {k} .*$", text, re.MULTILINE)
        assert [f"{x:.4g}" for x in map(float, line.split()[2:5])] == [f"{x:.4g}" for x in explanation.outputs[k]]
        assert line.split()[5] == explanation.member(k).prediction.label
    assert re.search(r"ill +a = \(0\.\d+ \+ 0\.\d+ \+ 0\.\d+\) / 3 = 0\.\d+", text)
    assert "member(0) of this explanation shows the first" in " ".join(text.split())
    assert str(explanation) == text
    assert repr(explanation).startswith("Explanation of one row by 3 networks: class = ")
    assert "No target given: forward only." in gn.explain(clf, table[0].iloc[0]).to_text()


@pytest.mark.parametrize("width", [60, 80, 110])
def test_the_text_keeps_its_width(table, reg, width):
    """Nine networks do not fit into a sum: the last number is that of the others."""
    text = gn.explain(reg, table[0][["ward"]].iloc[0], 30.0).to_text(width=width)
    assert max(map(len, text.splitlines())) <= width
    assert "the last number of a sum is that of its 3 other networks" in " ".join(text.split())


def test_all_formats(table, clf, tmp_path):
    explanation = gn.explain(clf, table[0].iloc[0], "ill")
    pages = [explanation.to_markdown(), explanation.to_latex(), explanation.to_html(), explanation._repr_html_()]
    for page in pages:
        assert all(f"network {k}" in page for k in range(N))
        assert f"{explanation.mean[0]:.6g}" in page
    record = json.loads(explanation.to_json())
    assert record["n_networks"] == N
    assert record["mean"] == dict(zip(("ill", "mixed", "well"), clf.predict_proba(table[0].iloc[[0]])[0], strict=True))
    assert [each["prediction"]["label"] for each in record["networks"]] == [
        each.prediction.label for each in explanation.members
    ]
    assert record["outputs"][1] == dict(zip(("ill", "mixed", "well"), explanation.outputs[1], strict=True))


def test_the_workbook_is_live(table, clf, tmp_path):
    """Read by openpyxl: the outputs stand as numbers, each mean as a formula over them."""
    openpyxl = pytest.importorskip("openpyxl")
    explanation = gn.explain(clf, table[0].iloc[0])
    explanation.to_xlsx(tmp_path / "e.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "e.xlsx")["Ensemble"]

    found = np.asarray([[sheet.cell(5 + k, 2 + j).value for j in range(3)] for k in range(N)])
    np.testing.assert_allclose(found, explanation.outputs, rtol=1e-15)  # xlsxwriter writes 16 digits
    assert sheet.cell(5 + N, 2).value == "=('Ensemble'!$B$5+'Ensemble'!$B$6+'Ensemble'!$B$7)/3"


def test_many_networks_and_classes_are_folded():
    X, y = np.arange(40.0)[:, None], [f"class{k}" for k in np.arange(40) % 10]
    clf = gn.GlassClassifier((2,), n_networks=30, max_iter=1, random_state=0).fit(X, y)
    text = gn.explain(clf, [3.0]).to_text(width=70)

    assert "  and 6 more networks and " in text
    assert "more outputs" in text
    assert max(map(len, text.splitlines())) <= 70


def test_what_is_refused(table, clf):
    with pytest.raises(DataError, match="target='dead' is not a class of this model"):
        gn.explain(clf, table[0].iloc[0], "dead")
    with pytest.raises(ParameterError, match=r"one network is opened at a time; try model.member\(0\)"):
        gn.draw(clf, table[0].iloc[0])
    assert gn.draw(clf.member(0), table[0].iloc[0]).svg.startswith("<svg")
