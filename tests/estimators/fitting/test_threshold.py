"""Of two classes, from which probability on the second is answered: given, or tuned for a score."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score

import glassnet as gn
from glassnet.errors import ParameterError
from glassnet.estimators.fitting.threshold import best_threshold

PROBABILITIES = [0.0, 0.1, 0.3, 0.4, 0.5, 0.9, 1.0]
SCORES = {"accuracy": accuracy_score, "balanced_accuracy": balanced_accuracy_score, "f1": f1_score}


@settings(max_examples=60)
@given(
    rows=st.lists(st.tuples(st.sampled_from(PROBABILITIES), st.booleans()), min_size=2),
    metric=st.sampled_from(sorted(SCORES)),
)
def test_no_other_threshold_scores_better(rows, metric):
    """scikit-learn's scores at the threshold found, and at every probability; between two, rows are told apart as there."""
    p, truth = np.asarray([row[0] for row in rows]), np.asarray([row[1] for row in rows])
    if truth.all() or not truth.any():
        return
    score = SCORES[metric]
    found = score(truth, p >= best_threshold(p, truth, metric))

    assert found == pytest.approx(max(score(truth, p >= t) for t in PROBABILITIES))


def test_weights_count_as_repeated_rows():
    rng = np.random.default_rng(0)
    p, truth, times = rng.random(30), rng.random(30) < 0.4, rng.integers(1, 4, 30)
    repeated = np.repeat(np.arange(30), times)

    weighted = best_threshold(p, truth, "f1", times.astype(float))
    assert weighted == pytest.approx(best_threshold(p[repeated], truth[repeated], "f1"))


@pytest.fixture(scope="module")
def rare():
    """600 rows, a tenth of a rare class that is seldom more likely than not."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 2))
    return X, np.where(rng.random(600) < 0.25 / (1 + np.exp(-2 * X[:, 0])), "rare", "often")


SETTINGS = {"max_iter": 60, "learning_rate_init": 0.02}


def fitted(rare, small, **others):
    return small("classifier", early_stopping=True, validation_fraction=0.3, **{**SETTINGS, **others}).fit(*rare)


def test_a_tuned_threshold_finds_the_rare_class(rare, small):
    """It is below a half, and predict, predictor, explain and the file go by it."""
    model = fitted(rare, small, threshold="balanced_accuracy")
    p = model.predict_proba(rare[0])[:, 1]
    threshold = model.threshold_

    assert 0.02 < threshold < 0.4
    np.testing.assert_array_equal(model.predict(rare[0]), np.where(p >= threshold, "rare", "often"))
    assert balanced_accuracy_score(rare[1], model.predict(rare[0])) > 0.6
    one = model.predictor()
    assert [one.predict(row) for row in rare[0][:50]] == model.predict(rare[0][:50]).tolist()


def test_explain_and_the_model_file_know_it(rare, small, tmp_path):
    model = fitted(rare, small, threshold=0.125)
    model.save(tmp_path / "model.glassnet")
    at = int(np.argmax(model.predict_proba(rare[0])[:, 1]))
    words = gn.explain(model, rare[0][at]).prediction.words[0]

    assert gn.load(tmp_path / "model.glassnet").threshold_ == 0.125
    assert words.startswith("class = rare")
    assert words.endswith("; rare from the threshold 0.125 on")
    assert "threshold" not in gn.explain(fitted(rare, small), rare[0][at]).prediction.words[0]


def test_the_threshold_changes_answers_only(rare, small):
    """Probabilities are those of the same training without it."""
    np.testing.assert_array_equal(
        fitted(rare, small, threshold="f1").predict_proba(rare[0]), fitted(rare, small).predict_proba(rare[0])
    )


def test_an_ensemble_is_tuned_on_what_its_networks_held_out(rare, small):
    model = fitted(rare, small, threshold="balanced_accuracy", n_networks=2)

    assert 0.02 < model.threshold_ < 0.4
    assert model.member(1).threshold_ == model.threshold_


@pytest.mark.parametrize(
    "threshold, message",
    [
        (1.5, "threshold=1.5 must be a probability from 0 to 1, or one of: accuracy, balanced_accuracy, f1"),
        ("recall", "threshold='recall' must be a probability"),
        ("f1", "threshold='f1' is tuned on rows held out, but there are none; use early_stopping=True"),
    ],
)
def test_thresholds_that_cannot_be(numbers, small, threshold, message):
    with pytest.raises(ParameterError, match=message):
        small("classifier", threshold=threshold).fit(*numbers)


def test_what_cannot_be_decided_by_a_threshold(numbers, small):
    X, y = numbers
    with pytest.raises(ParameterError, match="decides between two classes, but y has 3; leave it out"):
        small("classifier", threshold=0.3).fit(X, np.arange(60) % 3)
    with pytest.raises(ParameterError, match="all of them have the same class; hold out more, or give a number"):
        small("classifier", threshold="f1").fit(X, y, eval_set=(X[y == 1], y[y == 1]))
    assert small("classifier").fit(X, np.arange(60) % 3).threshold_ is None
