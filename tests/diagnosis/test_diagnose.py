"""The entrances of `gn.diagnose`, its formats and its refusals."""

import json
import re
from copy import copy
from xml.etree import ElementTree

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.datasets import load_iris
from sklearn.neural_network import MLPClassifier, MLPRegressor

import glassnet as gn
from glassnet.diagnosis.from_model import subject_of
from glassnet.diagnosis.rules import RULES
from glassnet.drawing.small.render import small_svg
from glassnet.errors import DataError, GlassnetError, ParameterError, ShapeError

X, Y = load_iris(return_X_y=True)


@pytest.fixture(scope="module")
def clf():
    return gn.GlassClassifier((8,), max_iter=40, random_state=0).fit(X[::2], Y[::2])


@pytest.fixture(scope="module")
def found(clf):
    far = X[1::2].copy()
    far[0] = 1e3
    return gn.diagnose(clf, X[::2], Y[::2], validation=(far, Y[1::2]))


def test_rules_have_names_of_their_own():
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names) >= 18


def test_text_has_evidence_and_advice(found):
    text = found.to_text()
    assert text.splitlines()[0].endswith(f"by {len(RULES)} rules in 75 rows and 75 new rows")
    assert "i note: outside (new row 0 (counted from 0))" in text
    assert "  Next: Check these values" in text
    assert max(map(len, text.splitlines())) <= 100


def test_the_dictionary_is_strict_json(found):
    again = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert again["n_new_rows"] == 75
    names = {"rule", "level", "where", "evidence", "value", "threshold", "meaning", "next", "rows", "plot", "remedies",
             "source", "precision"}  # fmt: skip
    assert all(set(each) == names for each in again["findings"])
    assert all(each["source"] and f"Source: {each['source']}." in found.to_html() for each in again["findings"])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_every_plot_is_consistent_and_drawn(found):
    """One network per task that is bad in many ways, and the plots of all its findings."""
    rng = np.random.default_rng(0)
    wide, noise = X * [1.0, 1e6, 1.0, 1.0], rng.normal(size=150)
    bad = MLPClassifier((6, 5), solver="sgd", max_iter=25, random_state=0, learning_rate_init=5.0, shuffle=False)
    line = MLPRegressor(hidden_layer_sizes=(6,), activation="tanh", max_iter=25, random_state=0).fit(
        X * 900, noise * 1e4
    )
    far = X[::3] * [50.0, 1.0, 1.0, 1.0]
    findings = [
        *found.findings,
        *gn.diagnose(bad.fit(wide, Y), wide, Y, validation=(wide[::3], Y[::3])).findings,
        *gn.diagnose(line, X * 900, noise * 1e4, validation=(far, noise[::3])).findings,
    ]
    plots = [each.plot for each in findings if each.plot is not None]
    assert {plot.kind for plot in plots} >= {"bars", "lines", "histogram"}
    for plot in plots:
        n_edges = 1 if plot.kind == "histogram" else 0
        places = len(plot.labels) if plot.kind == "bars" else len(plot.at) - n_edges
        assert [len(series.values) for series in plot.series] == [places] * len(plot.series)
        assert all(0 <= place < places for place in plot.marked)
        ElementTree.fromstring(small_svg(plot))


def test_html_folds_long_lists_of_rows(clf):
    html = gn.diagnose(clf, X[::2], Y[::2], validation=(X[::2], Y[::2])).to_html()
    assert "<details><summary>All 75 rows, counted from 0</summary><p>0, 1, 2, " in html
    assert '<span class="level">✕ error</span>Repeated rows</h2>' in html
    assert html.startswith("<!DOCTYPE html>")
    assert html.count("<article") == html.count("</article>") > 0


def test_text_keeps_to_a_width_and_to_plain_characters(found):
    text = found.to_text(width=60, blocks=False)
    assert max(map(len, text.splitlines())) <= 60
    assert "█" not in text
    assert "█" in found.to_text()


def test_names_in_html_are_text():
    import pandas as pd

    frame = pd.DataFrame(X[:, :2], columns=["<script>alert(1)</script>", "b"])
    model = gn.GlassClassifier((4,), max_iter=3, random_state=0).fit(frame, Y)
    far = frame.copy()
    far.iloc[0, 0] = 1e6
    html = gn.diagnose(model, frame, Y, validation=(far, Y)).to_html()
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_the_worst_come_first(found):
    order = ["error", "warning", "note"]
    levels = [order.index(each.level) for each in found.findings]
    assert levels == sorted(levels)
    assert all(each.level != "note" for each in found.of_level("warning"))


@pytest.mark.parametrize("make", [MLPClassifier, MLPRegressor])
def test_scikit_learns_networks_are_read_as_they_are(make):
    y = Y if make is MLPClassifier else Y.astype(float)
    model = make(hidden_layer_sizes=(6,), max_iter=600, random_state=0, learning_rate_init=0.01).fit(X, y)
    subject = subject_of(model, X, y, None, None, None)
    outputs = model.predict_proba(X) if make is MLPClassifier else model.predict(X)[:, None]
    np.testing.assert_allclose(subject.trace.A[-1], outputs, rtol=1e-10)
    expected = model.loss_curve_
    assert [epoch.cost for epoch in subject.training.history] == pytest.approx(expected)
    assert gn.diagnose(model, X, y).n_rows == 150


FOREIGN = MLPClassifier(hidden_layer_sizes=(4,), max_iter=600, random_state=0, learning_rate_init=0.01)


@pytest.mark.parametrize(
    "X, y, message",
    [
        (X, Y + 9, "y has the class 9, which the model was not trained on; leave the row out."),
        (X, Y[:9], "X has 150 rows, but y has 9; give one target per row."),
        ([["a"] * 4] * 150, Y, "X has values that are no numbers (could not convert string to float: np.str_('a')); encode them as for the training."),
        (X, [None] * 150, "y has the class None, which the model was not trained on; leave the row out."),
        (X, np.column_stack([Y, Y]), "y has shape (150, 2), but classes must be one column; try y[:, 0]."),
        (X, 1, "y is of the type int, but a list or an array of one target per row was expected; try list(...)."),
        (X[:0], Y[:0], "X has no rows, but at least one is needed; leave X and y out to look at the weights alone."),
        (np.where(X > 7.5, np.nan, X), Y, "X has nan in row 105, column 0 (counted from 0), but a network takes finite numbers; leave such rows out, or fill the gaps."),
    ],
    ids=["other class", "short y", "text", "no label", "two columns", "one value", "no rows", "gap"],
)  # fmt: skip
def test_odd_rows_of_a_foreign_model_are_refused(X, y, message):
    model = FOREIGN.fit(load_iris().data, Y)
    with pytest.raises(GlassnetError) as found:
        gn.diagnose(model, X, y)
    assert str(found.value) == message


@pytest.mark.parametrize(
    "left_out, message",
    [
        ("intercepts_", "lacks what fit leaves ('MLPClassifier' object has no attribute 'intercepts_'); fit it again."),
        ("_label_binarizer", "lacks what fit leaves ('MLPClassifier' object has no attribute '_label_binarizer')"),
        ("coefs_", "is not fitted yet; call fit(X, y) first."),
    ],
)
def test_a_foreign_model_that_is_not_whole_is_refused(left_out, message):
    model = copy(FOREIGN.fit(X, Y))
    del vars(model)[left_out]
    with pytest.raises(ParameterError, match=re.escape(f"this MLPClassifier {message}")):
        gn.diagnose(model, X, Y)


def test_a_foreign_model_with_too_few_layers_is_refused():
    model = copy(FOREIGN.fit(X, Y))
    model.coefs_ = model.coefs_[:1]
    with pytest.raises(ParameterError, match="this MLPClassifier has 1 coefs_, but 2 intercepts_; fit it again"):
        gn.diagnose(model, X, Y)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_poisson_loss_of_scikit_learn_is_read():
    model = MLPRegressor(hidden_layer_sizes=(4,), loss="poisson", max_iter=3, random_state=0).fit(X, X[:, 0])
    subject = subject_of(model, X, X[:, 0], None, None, None)
    np.testing.assert_allclose(subject.trace.A[-1][:, 0], model.predict(X), rtol=1e-6)
    assert subject.cost.name == "poisson"


@pytest.mark.parametrize(
    "y, message",
    [
        (3.0, "y is of the type float, but a list or an array of one target per row was expected"),
        (iter([1.0]), "y is of the type list_iterator, but a list or an array of one target per row was expected"),
        (["a"] * 150, "y has values that are no numbers (could not convert string to float"),
        ([[1.0], [1.0, 2.0]] * 75, "y cannot be read as an array"),
    ],
    ids=["one value", "iterator", "text", "ragged"],
)
def test_odd_targets_of_a_network_are_refused(y, message):
    net = gn.Network.create([4, 1], output="identity", seed=0)
    with pytest.raises(DataError, match=re.escape(message)):
        gn.diagnose(net, X, y, cost="half_squared_error")


@pytest.mark.parametrize("given", [dict(X=X[:0], y=X[:0, :1]), dict(X=X, y=X[:, :1], validation=(X[:0], X[:0, :1]))])
def test_rows_that_are_none_are_refused(given):
    net = gn.Network.create([4, 1], output="identity", seed=0)
    with pytest.raises(DataError, match="X has no rows, but at least one is needed; leave X and y out"):
        gn.diagnose(net, cost="half_squared_error", **given)


def test_the_targets_of_a_network_may_be_a_sparse_matrix():
    net = gn.Network.create([4, 1], output="identity", seed=0)
    dense = gn.diagnose(net, X, X[:, :1], cost="half_squared_error")
    assert gn.diagnose(net, X, csr_array(X[:, :1]), cost="half_squared_error") == dense


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("broken", ["target", "input", "all"])
def test_a_number_whose_square_overflows_is_found_in_its_row(broken):
    """1e200 can be stored, its square cannot."""
    net, rows, y = gn.Network.create([4, 1], output="identity", seed=0), X.copy(), X[:, :1].copy()
    if broken == "target":
        y[7] = 1e200
    else:
        rows[7 if broken == "input" else slice(None)] = 1e200
    first, *_ = gn.diagnose(net, rows, y, cost="half_squared_error").findings
    n, row = (150, 0) if broken == "all" else (1, 7)
    assert (first.rule, first.where, len(first.rows)) == ("not-finite", f"row {row} (counted from 0)", n)
    assert f"The losses of {n} of 150 rows are not finite. That of row {row} is the first" in first.evidence
    assert broken != "target" or first.evidence.endswith("and the target 1e+200.")


def test_new_rows_as_large_as_can_be_are_only_outside():
    reg = gn.GlassRegressor((4,), max_iter=5, random_state=0).fit(X, X[:, 0])
    found = gn.diagnose(reg, X, X[:, 0], validation=(np.full_like(X, 1e308), X[:, 0]))
    assert "outside" in [each.rule for each in found.findings]


def test_a_target_that_never_changes_has_no_scale():
    """The mean of equal numbers may differ from them by a rounding error, which is no spread."""
    reg = gn.GlassRegressor((4,), preset="plain", max_iter=5, random_state=0).fit(X, X[:, 0])
    found = gn.diagnose(reg, X, np.full(150, 0.1))
    assert not {"first-cost", "unscaled-target", "nothing-learned"} & {each.rule for each in found.findings}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_weights_beyond_any_step_are_no_division_by_zero():
    model = MLPClassifier(hidden_layer_sizes=(4,), max_iter=2, random_state=0).fit(X, Y)
    model.coefs_ = [W * 1e300 for W in model.coefs_]
    (found,) = [each for each in gn.diagnose(model, X, Y).findings if each.rule == "hardly-moved"]
    assert found.next.startswith("learning_rate_init=1, or many more epochs")  # 1000 times of now


def test_a_foreign_model_may_have_been_trained_on_a_sparse_matrix():
    assert gn.diagnose(FOREIGN.fit(csr_array(X), Y), csr_array(X), Y) == gn.diagnose(FOREIGN.fit(csr_array(X), Y), X, Y)


def test_a_large_table_is_looked_at_in_part(monkeypatch):
    from glassnet.diagnosis import from_model

    monkeypatch.setattr(from_model, "MOST_ROWS", 60)
    net = gn.Network.create([4, 3, 3], output="softmax", seed=0)
    found = gn.diagnose(net, X, np.eye(3)[Y], cost="cross_entropy")
    assert found.n_rows == 60


def test_the_weights_alone_can_be_looked_at(clf):
    found = gn.diagnose(clf)
    assert (found.n_rows, found.rules) == (0, tuple(rule.name for rule in RULES if not rule.needs_rows))
    assert found.to_text().startswith("Nothing found by 5 rules in the weights and the history.")


@pytest.mark.parametrize(
    "given, error, message",
    [
        (dict(X=X), ParameterError, "X and y belong together; pass both, or neither to look at the weights alone."),
        (dict(X=X, y=Y[:-1]), ShapeError, "X has 150 rows, but y has 149; give one target per row."),
        (dict(X=X, y=Y, validation=X), ParameterError, "validation must be a pair (X, y) of rows that the model was not trained on."),
        (dict(X=X, y=Y, cost="huber"), ParameterError, "cost='huber' was given, but the model has a cost of its own; leave it out."),
        (dict(X=X, y=Y, out_of_fold=3), ParameterError, "out_of_fold must be the result of gn.out_of_fold(model, X, y) for the same rows; make it from them."),
        (dict(out_of_fold=3), ParameterError, "out_of_fold has predictions of the rows in X, but there are none; pass X and y."),
    ],
    ids=["no y", "short y", "no pair", "cost", "out of fold", "no rows"],
)  # fmt: skip
def test_refusals(clf, given, error, message):
    with pytest.raises(error) as found:
        gn.diagnose(clf, **given)
    assert str(found.value) == message


@pytest.mark.parametrize(
    "model, message",
    [
        (3, "model is a int, but a Network, the result of gn.train, a GlassClassifier, GlassRegressor, a fitted MLPClassifier or MLPRegressor of scikit-learn, or a Sequential of PyTorch or Keras was expected."),
        (MLPClassifier(), "this MLPClassifier is not fitted yet; call fit(X, y) first."),
        (gn.Network.create([4, 3], seed=0), "a Network has no cost; pass one, such as cost='half_squared_error'."),
    ],
    ids=["a number", "not fitted", "no cost"],
)  # fmt: skip
def test_other_models_are_refused(model, message):
    with pytest.raises(ParameterError) as found:
        gn.diagnose(model, X, np.eye(3)[Y])
    assert str(found.value) == message


def test_an_ensemble_is_looked_at_network_by_network(clf):
    two = gn.GlassClassifier((4,), n_networks=2, max_iter=3, random_state=0).fit(X, Y)
    with pytest.raises(ParameterError) as found:
        gn.diagnose(two, X, Y)
    assert str(found.value) == (
        "this GlassClassifier is the mean of 2 networks, but only one can be opened; try model.member(0), a "
        "GlassClassifier with the first network."
    )
    assert gn.diagnose(two.member(1), X, Y).n_rows == 150
