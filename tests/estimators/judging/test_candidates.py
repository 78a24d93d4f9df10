"""Candidates are encoded and read together; each must be what `fit` makes of it alone, to the last bit."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.metrics import accuracy_score, log_loss, mean_absolute_error, r2_score

import glassnet as gn
from glassnet.estimators.judging.candidates import CandidateRows, model_for_all_rows

N = 240


def table():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=N), "b": rng.normal(size=N), "c": rng.choice(["x", "y", "z"], N)})
    X.loc[::17, "a"] = np.nan
    y = np.where(X["b"] + (X["c"] == "x") + 0.3 * rng.normal(size=N) > 0.4, "yes", "no")
    return X, y


def parts_of(rows):
    return rows._parts[0]


@pytest.mark.parametrize(
    "parameters",
    [
        {"hidden_layer_sizes": [8], "early_stopping": True},
        {"hidden_layer_sizes": [8], "early_stopping": True, "label_smoothing": 0.0, "n_iter_no_change": 2},
        {"hidden_layer_sizes": [4, 4], "early_stopping": False},
        {"preset": "plain", "hidden_layer_sizes": [5]},
        {
            "hidden_layer_sizes": [6],
            "early_stopping": True,
            "threshold": "f1",
            "init": "data",
            "class_weight": "balanced",
        },
    ],
)
def test_a_candidate_is_the_classifier_that_fit_makes(parameters):
    X, y = table()
    rows = CandidateRows(gn.GlassClassifier(max_iter=6), X, y)
    rows.hold_out(0.3, seed=1)
    training, held = parts_of(rows)

    candidate = rows.begun(parameters, 0, seed=3).advanced(2).advanced(6)

    model = gn.GlassClassifier(**{"max_iter": 6, "random_state": 3} | parameters)
    if candidate.model.recipe_.early_stopping:
        model.fit(X.iloc[training], y[training], eval_set=(X.iloc[held], y[held]))
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(X.iloc[training], y[training])
    scores = candidate.scores()
    assert scores["accuracy"] == accuracy_score(y[held], model.predict(X.iloc[held]))
    assert scores["log_loss"] == pytest.approx(log_loss(y[held], model.predict_proba(X.iloc[held])), rel=1e-12)


@pytest.mark.parametrize("columns", [1, 2])
def test_a_candidate_is_the_regressor_that_fit_makes(columns):
    X, _ = table()
    y = np.column_stack([X["b"] * 3 + 100, X["b"] ** 2])[:, :columns]
    y = y[:, 0] if columns == 1 else y
    rows = CandidateRows(gn.GlassRegressor(max_iter=5), X, y)
    rows.hold_out(0.25, seed=0)
    training, held = parts_of(rows)

    scores = rows.begun({"hidden_layer_sizes": [8], "loss": "huber"}, 0, seed=1).advanced(5).scores()

    model = gn.GlassRegressor((8,), loss="huber", max_iter=5, random_state=1).fit(X.iloc[training], y[training])
    predicted = model.predict(X.iloc[held])
    assert scores["r2"] == pytest.approx(r2_score(y[held], predicted), rel=1e-9)
    assert scores["mae"] == pytest.approx(mean_absolute_error(y[held], predicted), rel=1e-9)
    assert scores["rmse"] == pytest.approx(np.sqrt(((predicted - y[held]) ** 2).mean()), rel=1e-9)


def test_multilabel_and_sparse_rows():
    rng = np.random.default_rng(0)
    X = csr_matrix(rng.random((N, 6)) * (rng.random((N, 6)) < 0.4))
    Y = (X.toarray()[:, :2] > 0.2).astype(int)
    rows = CandidateRows(gn.GlassClassifier(max_iter=4), X, Y)
    rows.hold_out(0.25, seed=0)
    training, held = parts_of(rows)

    scores = rows.begun({"hidden_layer_sizes": [8]}, 0, seed=1).advanced(4).scores()

    model = gn.GlassClassifier((8,), max_iter=4, random_state=1).fit(X[training], Y[training])
    P = model.predict_proba(X[held])
    assert scores["accuracy"] == np.mean(model.predict(X[held]) == Y[held])
    assert scores["log_loss"] == pytest.approx(np.mean([log_loss(Y[held][:, k], P[:, k]) for k in range(2)]))


def test_another_process_goes_on_with_the_same_bits():
    X, y = table()
    rows = CandidateRows(gn.GlassClassifier(max_iter=9), X, y)
    rows.hold_out(0.3, seed=1)
    parameters = {"hidden_layer_sizes": [8], "early_stopping": True, "dropout": 0.2}
    begun = rows.begun(parameters, 0, seed=3).advanced(4)

    state, elsewhere = pickle.loads(pickle.dumps((begun.training.run.state, rows)))
    there = elsewhere.begun(parameters, 0, seed=3, at=state).advanced(9)

    here = begun.advanced(9)
    assert (there.training.run.result().theta == here.training.run.result().theta).all()
    assert there.scores() == here.scores()


def test_what_diverges_has_no_scores():
    X, y = np.linspace(0, 1, 40)[:, None], np.linspace(0, 1, 40)
    rows = CandidateRows(gn.GlassRegressor(preset="plain", solver="gd", max_iter=40), X, y)
    rows.hold_out(0.25, seed=0)

    candidate = rows.begun({"learning_rate_init": 1e30, "activation": "identity"}, 0, seed=0).advanced(40)

    assert candidate.diverged
    assert all(np.isnan(value) for value in candidate.scores().values())


def test_folds_cover_every_row_once():
    X, y = table()
    rows = CandidateRows(gn.GlassClassifier(), X, y)

    assert rows.cross_validate(4, seed=0) == (
        "Scored by cross-validation with 4 folds, stratified by 2 classes: 240 rows."
    )

    held = np.concatenate([each for _, each in rows._parts])
    assert sorted(held) == list(range(N))
    assert all(set(training) | set(scored) == set(range(N)) for training, scored in rows._parts)


def test_the_model_of_all_rows_trains_on_all_of_them():
    small = model_for_all_rows(gn.GlassClassifier(alpha=2.0), {"dropout": 0.1}, 500, seed=4)
    large = model_for_all_rows(gn.GlassClassifier(alpha=2.0), {"dropout": 0.1}, 5000, seed=4)

    assert (small.alpha, small.dropout, small.random_state, small.refit) == (2.0, 0.1, 4, False)
    assert large.refit is True
