"""Blame over a data set: against loops over rows in plain Python, the law of the most active neuron, and mistakes found."""

import json
import math
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import glassnet as gn
from glassnet.errors import ParameterError, ShapeError
from glassnet.explanation.blame import passes as blame_passes

COST = "half_squared_error"


@settings(max_examples=25)
@given(
    sizes=st.lists(st.integers(1, 4), min_size=2, max_size=4),
    hidden=st.sampled_from(["tanh", "sigmoid", "relu"]),
    seed=st.integers(0, 2**32 - 1),
)
def test_every_number_is_what_loops_make_of_it(work, sizes, hidden, seed):
    rng = np.random.default_rng(seed)
    network = gn.Network.create(sizes, hidden=hidden, output="identity", seed=0)
    network = network.with_theta(rng.normal(size=network.n_params))
    X, Y = rng.normal(size=(5, sizes[0])), rng.normal(size=(5, sizes[-1]))
    found = gn.blame(network, X, Y, cost=COST)
    each = [work(network, x, y, COST, 0.1) for x, y in zip(X.tolist(), Y.tolist(), strict=True)]
    assert found.cost == pytest.approx(math.fsum(one.total for one in each) / 5, rel=1e-12)

    def mean(values):
        return pytest.approx(math.fsum(values) / 5, rel=1e-11, abs=1e-14)

    for neuron in found.neurons:
        l, j = neuron.layer, int(re.search(r"\d+$", neuron.name)[0]) - 1
        assert neuron.activity == mean(abs(one.A[l][j]) for one in each)
        assert neuron.error_signal == mean(abs(one.delta[l][j]) for one in each)
        if l < network.n_layers:  # the sizes of the gradients of its weights onward, one by one
            assert neuron.blame == mean(abs(row[j]) for one in each for row in one.dW[l + 1])
        else:
            assert neuron.blame == neuron.error_signal
    for column in found.columns:
        k = int(column.column[1:]) - 1
        assert column.blame == mean(abs(row[k]) for one in each for row in one.dW[1])
        slopes = [sum(d * w[k] for d, w in zip(one.delta[1], one.W[1], strict=True)) for one in each]
        assert column.pull == mean(map(abs, slopes))
    for l in range(1, network.n_layers + 1):
        shares = [neuron.share for neuron in found.neurons if neuron.layer == l]
        assert sum(shares) == pytest.approx(1.0) or not any(shares)
        assert shares == sorted(shares, reverse=True)
    losses = [one.total for one in each]
    assert [row.row for row in found.rows] == sorted(range(5), key=lambda i: -losses[i])
    assert [row.blame for row in found.rows] == pytest.approx(sorted(losses, reverse=True), rel=1e-12)


def test_in_one_row_the_most_active_upstream_neuron_gets_the_most(tutorial):
    found = gn.blame(tutorial, [[1, 0, 1]], [[0]], cost=COST)
    hidden = [neuron for neuron in found.neurons if neuron.layer == 1]
    assert [neuron.name for neuron in hidden] == ["hidden1.1", "hidden1.2", "hidden1.3"]
    assert hidden[0].blame == pytest.approx(0.0994956, abs=1e-7)  # w10's gradient, the only weight onward
    assert [column.column for column in found.columns][-1] == "x2"  # silent: no part in the error
    assert found.columns[-1].blame == 0


@pytest.fixture(scope="module")
def flipped():
    """A table that is easy to learn, with 8 of 160 labels wrong."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=160), "b": rng.normal(size=160), "c": rng.choice(["u", "v", "w"], 160)})
    y = np.where(X["a"] > 0.4, "high", np.where(X["a"] < -0.4, "low", "middle"))
    wrong = rng.choice(np.flatnonzero(abs(abs(X["a"]) - 0.4) > 0.3), 8, replace=False)
    y[wrong] = np.where(y[wrong] == "high", "low", "high")
    model = gn.GlassClassifier((8,), learning_rate_init=0.02, max_iter=40, random_state=0, engine="cpu")
    model.fit(X, y)
    return model, X, y, wrong, gn.out_of_fold(model, X, y)


def test_mislabeled_rows_come_first(flipped):
    model, X, y, wrong, unseen = flipped
    found = gn.blame(model, X, y, out_of_fold=unseen)
    assert len({row.row for row in found.rows[:8]} & set(wrong)) >= 7
    assert len({row.row for row in found.suspects} & set(wrong)) >= 7
    assert len(found.suspects) < 25
    first = found.rows[0]
    own = unseen.predictions[first.row, unseen.classes.tolist().index(first.target)]
    assert (first.probability, first.blame) == (own, pytest.approx(-math.log(own)))
    assert first.predicted == unseen.classes[np.argmax(unseen.predictions[first.row])]
    assert found.columns[0].column in ("a", "c")
    assert {column.column: column.inputs for column in found.columns} == {"a": 1, "b": 1, "c": 3}


def test_classes(flipped):
    model, X, y, _, _ = flipped
    found = gn.blame(model, X, y)
    predicted = model.predict(X)
    p = model.predict_proba(X)[np.arange(len(y)), np.searchsorted(model.classes_, y)]
    assert sum(each.share for each in found.classes) == pytest.approx(1.0)
    for each in found.classes:
        mine = y == each.label
        assert (each.rows, each.wrong) == (mine.sum(), (predicted[mine] != each.label).sum())
        assert each.cost == pytest.approx(-np.log(p[mine]).mean(), rel=1e-4)  # trained in float32
    assert found.cost == pytest.approx(-np.log(p).mean(), rel=1e-4)


def test_two_classes_and_quantities():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(60, 2))
    two = gn.GlassClassifier((3,), max_iter=3, random_state=0).fit(X, X[:, 0] > 0)
    found = gn.blame(two, X, X[:, 0] > 0, out_of_fold=gn.out_of_fold(two, X, X[:, 0] > 0, folds=3))
    assert {row.target for row in found.rows} == {True, False}
    y = 3.0 * X[:, 0] + 100.0
    y[7] += 40.0
    one = gn.GlassRegressor((4,), max_iter=60, random_state=0).fit(X, y)
    unseen = gn.out_of_fold(one, X, y)
    found = gn.blame(one, X, y, out_of_fold=unseen)
    assert found.rows[0].row == 7
    assert found.rows[0].is_suspect
    assert found.classes == ()
    scale = one.target_encoder_.scales[0]
    assert found.rows[0].blame == pytest.approx(0.5 * ((y[7] - unseen.predictions[7, 0]) / scale) ** 2)
    several = gn.GlassRegressor((4,), max_iter=2, random_state=0).fit(X, X * 2)
    assert len(gn.blame(several, X, X * 2).rows[0].target) == 2


def test_rows_do_not_depend_on_the_chunks(flipped, monkeypatch):
    model, X, y, _, _ = flipped
    whole = gn.blame(model, X, y)
    monkeypatch.setattr(blame_passes, "CHUNK", 7)
    parts = gn.blame(model, X, y)
    assert [row.row for row in parts.rows] == [row.row for row in whole.rows]
    assert parts.cost == pytest.approx(whole.cost, rel=1e-13)
    assert [n.name for n in parts.neurons] == [n.name for n in whole.neurons]


def test_text_json_and_tables(flipped):
    model, X, y, _, unseen = flipped
    found = gn.blame(model, X, y, out_of_fold=unseen)
    text = found.to_text(shown=3)
    for line in ("Blame over 160 rows: mean cost", "NEURONS", "layer 1", "COLUMNS", "CLASSES", "and 157 more",
                 "ROWS  judged by networks that were not trained on them"):  # fmt: skip
        assert line in text
    assert max(map(len, str(found).splitlines())) <= 100
    assert "memorized their mistakes" in str(gn.blame(model, X, y))
    record = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert len(record["rows"]) == 160
    assert record["rows"][0]["blame"] == found.rows[0].blame
    table = found.table("suspects")
    assert table.to_dict()[0]["name"] == str(found.suspects[0].row)
    assert "<table>" in table._repr_html_()
    assert found.table("neurons").names[0] in ("high", "low", "middle")
    assert found._repr_html_().startswith("<pre>Blame over 160 rows")
    assert re.fullmatch(r"Blame over 160 rows: cross_entropy \S+, \d+ suspect rows", repr(found))


def test_errors(flipped, tutorial):
    model, X, y, _, unseen = flipped
    with pytest.raises(ParameterError, match="a Network has no cost; pass one"):
        gn.blame(tutorial, [[1, 0, 1]], [[0]])
    with pytest.raises(ParameterError, match="out_of_fold belongs to an estimator, which can be refitted"):
        gn.blame(tutorial, [[1, 0, 1]], [[0]], cost=COST, out_of_fold=unseen)
    with pytest.raises(ShapeError, match="X has 2 columns, but this network has 3 inputs"):
        gn.blame(tutorial, [[1, 0]], [[0]], cost=COST)
    with pytest.raises(ParameterError, match="GlassClassifier has not learned anything yet"):
        gn.blame(gn.GlassClassifier(), X, y)
    with pytest.raises(ShapeError, match="X has 160 rows, but y has 3; give one target per row"):
        gn.blame(model, X, y[:3])
    with pytest.raises(ParameterError, match=r"out_of_fold is a ndarray; pass what gn\.out_of_fold\(model, X, y\)"):
        gn.blame(model, X, y, out_of_fold=unseen.predictions)
    with pytest.raises(ParameterError, match="out_of_fold has 160 rows, but X has 20; make it from the same X and y"):
        gn.blame(model, X[:20], y[:20], out_of_fold=unseen)
    two = gn.GlassClassifier((2,), max_iter=1, random_state=0).fit(X, y == "low")
    with pytest.raises(ParameterError, match="out_of_fold has other classes than this model"):
        gn.blame(two, X, y == "low", out_of_fold=unseen)
    found = gn.blame(tutorial, [[1, 0, 1]], [[0]], cost=COST)
    with pytest.raises(
        ParameterError, match=r"there is no table of 'weights'\. Choose from: neurons, columns, classes"
    ):
        found.table("weights")
    with pytest.raises(ParameterError, match="there are no classes to show"):
        found.table("classes")
