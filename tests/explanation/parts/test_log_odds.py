"""One sigmoid neuron reads as logistic regression, in the units of the user's columns."""

import math

import numpy as np
import pandas as pd
import pytest

import glassnet as gn


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    mass = rng.normal(4000, 500, 80).round()
    mass[:3] = np.nan
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, 80), unit="D")
    return pd.DataFrame(
        {"mass": mass, "island": rng.choice(["a", "b", "c"], 80), "day": day, "y": rng.integers(0, 2, 80)}
    )


def log_odds(model, row):
    return float(model.decision_function(pd.DataFrame([row]))[0])


def test_one_unit_more_of_a_column(frame):
    """Independent: decision_function of the row with a little more of one column, and of another level."""
    columns = ["mass", "island", "day"]
    model = gn.GlassClassifier((), max_iter=30, dtype="float64", random_state=0).fit(frame[columns], frame["y"])
    row = frame[columns].iloc[5].to_dict()
    found = {each.input: each for each in gn.explain(model, frame[columns].iloc[[5]]).log_odds}
    h = 1e-3
    more, less = ({**row, "mass": row["mass"] + sign * h} for sign in (1, -1))
    slope = (log_odds(model, more) - log_odds(model, less)) / (2 * h)
    assert found["mass"].per_unit == pytest.approx(slope, rel=1e-5)
    assert found["mass"].is_local
    assert found["mass"].odds_ratio == pytest.approx(math.exp(slope), rel=1e-6)
    a, b = (log_odds(model, {**row, "island": level}) for level in "ab")
    assert found["island=b"].per_unit - found["island=a"].per_unit == pytest.approx(b - a, rel=1e-9)
    assert (found["island=a"].unit, found["mass is missing"].unit, found["day: elapsed days"].unit) == (
        "level", "level", "day",
    )  # fmt: skip
    assert not found["island=a"].is_local
    assert len(found) == model.network_.sizes[0]


def test_text_and_json():
    network = gn.Network.from_weights([([[math.log(2.0), -1.0]], [0.5])], output="sigmoid")
    explanation = gn.explain(network, [1.0, 0.0])
    text = explanation.to_text()
    assert "x1     unit   0.693147  × 2\n" in text
    assert "x2     unit  -1         × 0.367879" in text
    assert "bias: log-odds 0.5 where every input is 0" in text
    assert "near this row" not in text
    assert explanation.to_dict()["log_odds"][0]["odds_ratio"] == pytest.approx(2.0, rel=1e-15)


def test_many_columns_are_folded():
    network = gn.Network.create([30, 1], output="sigmoid", seed=0)
    text = gn.explain(network, np.ones(30)).to_text()
    assert "and 6 more with less" in text
    assert max(map(len, text.splitlines())) <= 88


@pytest.mark.parametrize(("sizes", "output"), [([2, 2], "softmax"), ([2, 3, 1], "sigmoid"), ([2, 1], "identity")])
def test_other_networks_have_no_log_odds(sizes, output):
    network = gn.Network.create(sizes, output=output, seed=0)
    explanation = gn.explain(network, [1.0, 2.0])
    assert explanation.log_odds == ()
    assert "LOG-ODDS" not in str(explanation)
