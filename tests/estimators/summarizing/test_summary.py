"""`summary()`: what "auto" came to and why, sizes, parameters, time, columns, what was left out; and short reprs."""

import json
import math
from html import unescape

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

import glassnet as gn
from glassnet.estimators.fitting.presets import SMALL, TABULAR
from glassnet.estimators.summarizing.costs_apart import least_cost

N = 1200  # enough to hold rows out


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "age": rng.normal(40, 10, N),
            "sex": rng.choice(["f", "m"], N),
            "ward": rng.choice(["a", "b", "c"], N),
            "same": 1.0,
            "seen": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 700, N), unit="D"),
            "smokes": rng.choice([True, False], N),
        }
    ).assign(age=lambda t: t["age"].where(t.index % 50 > 0))


@pytest.fixture(scope="module")
def classes(table):
    return np.where(table["age"].fillna(40) + 8 * (table["sex"] == "m") > 44, "ill", "well")


@pytest.fixture(scope="module")
def large(table, classes):
    return gn.GlassClassifier(max_iter=4, random_state=0).fit(table.drop(columns="same"), classes)


def small(**parameters):
    X, y = [[0.0], [0.1], [0.9], [1.0]] * 5, [0.0, 0.1, 0.9, 1.0] * 5
    return gn.GlassRegressor(**{"max_iter": 3, "random_state": 0, **parameters}).fit(X, y)


def test_sizes_parameters_and_time(large):
    summary = large.summary()

    assert (summary.estimator, summary.preset, summary.task, summary.classes) == (
        "GlassClassifier", "tabular", "binary", ("ill", "well"),
    )  # fmt: skip
    assert summary.sizes == large.network_.sizes
    assert summary.n_parameters == large.network_.theta.size
    assert summary.seconds == large.history_[-1].seconds > 0
    assert (summary.n_epochs, summary.best_epoch) == (4, large.history_.best_epoch)
    assert summary.cost == large.history_[summary.best_epoch - 1].cost
    assert summary.validation_cost == large.history_[summary.best_epoch - 1].validation_cost
    assert summary.stop_reason == large.history_.stop_reason


def test_what_auto_came_to(large):
    """Every parameter that was left open is there with the value that training had, and a reason."""
    summary = large.summary()
    open_ones = {name for name, value in large.get_params().items() if isinstance(value, str) and value == "auto"}
    reasons = {choice.parameter: choice.why for choice in summary.choices if choice.is_auto}

    # `init` and `engine` have an "auto" of their own; the preset decides the former
    assert set(summary.auto) == open_ones - {"engine"}
    assert summary.auto["hidden_layer_sizes"] == TABULAR["hidden_layer_sizes"]
    assert summary.auto["batch_size"] == 128
    assert reasons["hidden_layer_sizes"] == "a wide network, as the table has 1,000 rows or more"
    assert reasons["batch_size"] == "the table has fewer than 20,000 rows"
    assert reasons["label_smoothing"] == "compensated by the temperature from the rows held out"
    assert all(reasons.values())
    assert [(choice.parameter, choice.value) for choice in summary.choices if not choice.is_auto] == [
        ("max_iter", 4), ("random_state", 0),
    ]  # fmt: skip


def test_a_small_table_has_other_reasons():
    summary = small().summary()
    reasons = {choice.parameter: choice.why for choice in summary.choices}

    assert summary.auto["hidden_layer_sizes"] == SMALL["hidden_layer_sizes"]
    assert reasons["hidden_layer_sizes"] == "a small network, as the table has fewer than 1,000 rows"
    assert reasons["early_stopping"] == "no rows to spare, as the table has fewer than 1,000 rows"
    assert reasons["numeric_embedding"] == "none, as the table has fewer than 1,000 rows"
    assert summary.auto["numeric_embedding"] is None
    assert summary.auto["input_scaling"] is False


def test_reasons_of_the_rest():
    plain = small(preset="plain").summary()
    assert {choice.why for choice in plain.choices if choice.is_auto} == {"as in scikit-learn's MLP"}
    own_rate = {choice.parameter: choice.why for choice in small(learning_rate_init=0.1).summary().choices}
    assert own_rate["rates"] == "your learning rate is used unchanged"
    adaptive = {choice.parameter: choice.why for choice in small(learning_rate="adaptive").summary().choices}
    assert adaptive["n_iter_no_change"] == "required by the adaptive learning rate"
    lbfgs = {choice.parameter: choice.why for choice in small(solver="lbfgs").summary().choices}
    assert lbfgs["dropout"] == "solver 'lbfgs' needs one fixed cost"


def test_columns_and_how_they_are_encoded(large):
    found = {column.name: column for column in large.summary().columns}

    assert list(found) == ["age", "sex", "ward", "seen", "smokes"]
    assert found["age"].encoding.endswith("clipped smoothly at 3; a flag where missing")
    assert found["age"].inputs == ("age", "age is missing")
    assert found["age"].missing == pytest.approx(0.02, abs=0.01)
    assert found["sex"].encoding == "1 for 'm', 0 for 'f'"
    assert found["ward"].encoding == "a 0/1 input for each of 3 levels"
    assert found["seen"].encoding == "days since 2024-01-01, year, month, day of week, each scaled"
    assert found["smokes"].encoding == "1 for True, 0 for False"
    assert sum(len(column.inputs) for column in found.values()) == large.encoder_.n_inputs


@pytest.mark.filterwarnings("ignore")  # a column that is left out is also warned of
def test_what_was_left_out(table, classes):
    summary = gn.GlassClassifier((2,), max_iter=1, random_state=0).fit(table, classes).summary()
    (left,) = summary.left_out
    assert (left.name, left.reason) == ("same", "constant")
    assert "LEFT OUT\n  same  constant" in str(summary)


def test_the_score_on_rows_held_out(large):
    summary = large.summary()
    assert summary.scores == {
        "accuracy": large.history_[summary.best_epoch - 1].validation_metric,
        "log_loss": large.members_[0].calibration.log_loss,
    }
    assert summary.scored_on == "120 validation rows, which also chose the epoch"
    assert small().summary().scores == {}
    assert "score: unknown, as no rows were held out" in str(small().summary())


def test_why_the_training_cost_is_above_the_validation_cost(large):
    """The least cost of smoothed labels is their entropy, here in a plain loop."""
    (note,) = large.summary().notes
    shares = [0.95, 0.05]
    entropy = -sum(share * math.log(share) for share in shares)

    assert least_cost(0.1, 2) == pytest.approx(entropy)
    assert "dropout leaves out 5% of the hidden units at each step and labels are smoothed by 0.1, which costs" in note
    assert "at least 0.199. The validation cost" in note
    assert small().summary().notes == ()
    without = gn.GlassRegressor((4,), dropout=0.0, early_stopping=True, max_iter=2, random_state=0)
    assert without.fit(np.linspace(0, 1, 50)[:, None], np.linspace(0, 1, 50)).summary().notes == ()


def test_a_loaded_model_says_the_same(large, tmp_path):
    """But for the random state, which belongs to the session."""
    large.save(tmp_path / "m.glassnet")
    loaded = gn.load(tmp_path / "m.glassnet").summary()
    own = large.summary()

    assert loaded.auto.keys() == own.auto.keys()
    assert (loaded.sizes, loaded.scores, loaded.columns, loaded.notes, loaded.seconds) == (
        own.sizes, own.scores, own.columns, own.notes, own.seconds,
    )  # fmt: skip
    assert str(loaded) == str(own).replace(", random_state=0", "")


def test_other_kinds_of_model():
    """Ensembles, sparse tables, several targets and labels."""
    from scipy.sparse import csr_array

    ensemble = small(n_networks=2).summary()
    assert ensemble.n_networks == 2
    assert "2 such networks" in str(ensemble)
    sparse = gn.GlassRegressor((2,), max_iter=1, random_state=0).fit(csr_array(np.eye(6)), np.arange(6.0)).summary()
    assert (sparse.n_rows, len(sparse.columns)) == (None, 6)
    many = gn.GlassRegressor((2,), max_iter=1, random_state=0).fit(np.eye(6), np.eye(6)[:, :2]).summary()
    assert many.sizes[-1] == 2
    wide = gn.GlassRegressor((2,), max_iter=1, random_state=0).fit(np.eye(60), np.arange(60.0)).summary()
    assert "and 30 more: see .columns" in str(wide)
    with pytest.raises(NotFittedError):
        gn.GlassRegressor().summary()


def test_it_prints_itself(large):
    summary = large.summary()

    assert repr(summary) == str(summary) == summary.to_text()
    assert str(summary).splitlines()[0] == "GlassClassifier of y: 2 classes; columns read from 1,080 rows"
    assert max(map(len, summary.to_text(width=80).splitlines())) <= 80
    assert unescape(summary._repr_html_()) == f"<pre>{summary}</pre>"
    assert json.loads(json.dumps(summary.to_dict(), default=str))["n_parameters"] == summary.n_parameters


def test_short_reprs(large):
    assert repr(large.schema_) == "Schema of 5 columns (1 numeric, 2 categorical, 1 datetime, 1 boolean); 1,080 rows"
    assert repr(large.history_).startswith("History of 4 epochs: cost ")
    assert repr(large.history_).endswith("; stopped: all 4 epochs done")
    assert large.history_.best_epoch == 4 or f"; kept: epoch {large.history_.best_epoch}; " in repr(large.history_)
    estimate = gn.GlassRegressor((2,), max_iter=1).estimate([[0.0], [1.0]], [0.0, 1.0])
    assert repr(estimate) == f"Estimate: {estimate}"
    assert all(len(repr(each)) < 200 for each in (large.schema_, large.history_, large.history_.epochs, estimate))


def test_the_test_of_the_command_line_comes_first(large, tmp_path):
    """`glassnet train` leaves its result in the model; rows that chose nothing are the better judges."""
    large.save(tmp_path / "m.glassnet")
    model = gn.load(tmp_path / "m.glassnet")
    model.report_ = {"test": {"n_rows": 69, "model": {"accuracy": 0.75, "log_loss": 0.5}}}

    assert "score: accuracy 0.75, log loss 0.5 on 69 rows that training never saw" in str(model.summary())
    for odd in ({}, {"test": 3}, {"test": {"model": []}}, [1]):
        model.report_ = odd
        assert model.summary().scored_on == "120 validation rows, which also chose the epoch"
