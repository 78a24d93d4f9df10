"""Several labels per row, of which it may have any number: an indicator matrix in, an indicator matrix out."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.datasets import load_digits, make_multilabel_classification
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, log_loss
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neural_network import MLPClassifier

import glassnet as gn
from glassnet.drawing import confusion_matrix, decision_regions
from glassnet.errors import DataError, ParameterError, ShapeError

NAMES = ("rain", "wind", "sun")


@pytest.fixture(scope="module")
def weather():
    """300 rows of 6 counts, and which of three labels each has; a frame names them."""
    X, Y = make_multilabel_classification(300, 6, n_classes=3, random_state=0)
    return X, pd.DataFrame(Y, columns=NAMES)


@pytest.fixture(scope="module")
def fitted(weather, small):
    return small("classifier", max_iter=30).fit(*weather)


def test_without_hidden_layers_each_label_is_a_logistic_regression(weather):
    """scikit-learn's, one for each label: with C = 1 / alpha it has the same minimum."""
    X, Y = weather[0] - 3.0, weather[1].to_numpy()
    clf = gn.GlassClassifier(
        (), preset="plain", solver="lbfgs", alpha=2.0, max_iter=500, tol=1e-9, dtype="float64", random_state=0
    ).fit(X, Y)
    apart = MultiOutputClassifier(LogisticRegression(C=0.5, tol=1e-10, max_iter=5000)).fit(X, Y)

    expected = np.column_stack([each[:, 1] for each in apart.predict_proba(X)])
    np.testing.assert_allclose(clf.predict_proba(X), expected, atol=1e-5)
    np.testing.assert_array_equal(clf.predict(X), apart.predict(X))
    assert clf.loss_ == pytest.approx(
        sum(log_loss(Y[:, k], expected[:, k]) for k in range(3)) + np.sum(clf.coefs_[0] ** 2) / len(X), rel=1e-5
    )


def test_shapes_and_classes_are_those_of_scikit_learn(weather, fitted):
    X, Y = weather
    other = MLPClassifier((5,), max_iter=5, tol=1.0, n_iter_no_change=1, random_state=0).fit(X, Y.to_numpy())

    assert fitted.label_names_ == NAMES
    assert fitted.classes_.tolist() == other.classes_.tolist()
    assert fitted.n_outputs_ == other.n_outputs_
    assert fitted.out_activation_ == other.out_activation_.replace("logistic", "sigmoid")
    for method in ("predict", "predict_proba"):
        mine, theirs = getattr(fitted, method)(X), getattr(other, method)(X)
        assert (mine.shape, mine.dtype) == (theirs.shape, theirs.dtype)
    Z = fitted.decision_function(X)
    np.testing.assert_allclose(1 / (1 + np.exp(-Z)), fitted.predict_proba(X), atol=1e-12)
    assert fitted.score(X, Y) == accuracy_score(Y.to_numpy(), fitted.predict(X))


@pytest.mark.parametrize(
    "form", [np.asarray, lambda Y: Y.astype(bool), lambda Y: csr_matrix(Y.to_numpy()), lambda Y: Y.astype(float)]
)
def test_every_form_of_the_indicator_matrix_trains_alike(weather, fitted, small, form):
    X, Y = weather
    other = small("classifier", max_iter=30).fit(X, form(Y))

    np.testing.assert_array_equal(other.predict_proba(X), fitted.predict_proba(X))
    assert other.label_names_ == (NAMES if hasattr(form(Y), "columns") else ("label0", "label1", "label2"))
    assert other.score(X, form(Y)) == fitted.score(X, Y)


def test_digits_are_told_by_their_properties():
    """Even, prime and large at once: about as good as scikit-learn's network."""
    X, digit = load_digits(return_X_y=True)
    Y = np.column_stack([digit % 2 == 0, np.isin(digit, (2, 3, 5, 7)), digit > 4]).astype(int)
    clf = gn.GlassClassifier((32,), max_iter=20, random_state=0).fit(X[:1200], Y[:1200])
    other = MLPClassifier((32,), random_state=0, early_stopping=True).fit(X[:1200] / 16, Y[:1200])

    assert clf.score(X[1200:], Y[1200:]) > other.score(X[1200:] / 16, Y[1200:]) - 0.03
    assert f1_score(Y[1200:], clf.predict(X[1200:]), average="micro") > 0.9


def test_the_temperature_is_the_best_over_all_labels(weather, small):
    """A search over the temperature, of the log loss with one answer's worth of doubt as Platt has it."""
    X, Y = weather[0], weather[1].to_numpy()
    settings = {"max_iter": 60, "learning_rate_init": 0.05, "label_smoothing": 0.0}
    held = (X[200:], Y[200:])
    raw = small("classifier", **settings, temperature_scaling=False).fit(X[:200], Y[:200], eval_set=held)
    clf = small("classifier", **settings, temperature_scaling=True).fit(X[:200], Y[:200], eval_set=held)
    Z, truth = raw.decision_function(X[200:]).ravel(), Y[200:].ravel()
    n = len(truth)
    sure = (n * truth + 0.5) / (n + 1)

    def cost(T):
        return np.mean(np.logaddexp(0, Z / T) - sure * Z / T)

    best = minimize_scalar(cost, bounds=(0.05, 20), method="bounded", options={"xatol": 1e-8}).x
    assert clf.calibration_.temperature == pytest.approx(best, rel=1e-4)
    assert clf.calibration_.n_rows == 100
    assert clf.calibration_.log_loss == pytest.approx(log_loss(truth, clf.predict_proba(X[200:]).ravel()))
    assert raw.recipe_["label_smoothing"] == 0.0


def test_labels_are_not_smoothed_unless_asked(weather, small):
    """By hand: a tenth of the certainty is spread over "has it" and "has it not", so 1 becomes 0.95."""
    X, Y = weather
    auto = small("classifier", early_stopping=True).fit(X, Y)
    asked = small("classifier", early_stopping=True, label_smoothing=0.1).fit(X, Y)

    assert auto.recipe_["label_smoothing"] == 0.0
    assert np.unique(asked._targets(Y.to_numpy())).round(12).tolist() == [0.05, 0.95]


def test_each_label_has_the_threshold_that_scores_best_for_it(weather, small):
    """scikit-learn's F1 at every probability there is; a label that no row held out has keeps 0.5."""
    X, Y = weather[0], weather[1].to_numpy().copy()
    Y[200:, 2] = 0
    clf = small("classifier", max_iter=30, threshold="f1").fit(X[:200], Y[:200], eval_set=(X[200:], Y[200:]))
    P = clf.predict_proba(X[200:])

    assert clf.threshold_.shape == (3,)
    assert clf.threshold_[2] == 0.5
    for k in (0, 1):
        found = f1_score(Y[200:, k], clf.predict(X[200:])[:, k])
        assert found == pytest.approx(max(f1_score(Y[200:, k], P[:, k] >= t) for t in P[:, k]))


def test_a_threshold_for_all_labels(weather, small):
    X, Y = weather
    clf = small("classifier", threshold=0.25).fit(X, Y)

    np.testing.assert_array_equal(clf.predict(X), clf.predict_proba(X) >= 0.25)
    assert clf.threshold_.tolist() == [0.25] * 3


def test_the_file_the_predictor_and_ensembles_answer_alike(weather, small, tmp_path):
    X, Y = weather
    clf = small("classifier", early_stopping=True, threshold="f1", n_networks=2).fit(X, Y)
    clf.save(tmp_path / "model.glassnet")
    loaded, one = gn.load(tmp_path / "model.glassnet"), clf.predictor()

    assert loaded.label_names_ == NAMES
    assert loaded.threshold_.tolist() == clf.threshold_.tolist()
    np.testing.assert_array_equal(loaded.predict_proba(X), clf.predict_proba(X))
    np.testing.assert_array_equal(loaded.predict(X), clf.predict(X))
    np.testing.assert_array_equal([one.predict(row) for row in X[:40]], clf.predict(X[:40]))
    np.testing.assert_array_equal([one.predict_proba(row) for row in X[:40]], clf.predict_proba(X[:40]))
    P = clf.predict_proba(X)
    np.testing.assert_allclose(clf.decision_function(X), np.log(P / (1 - P)), rtol=1e-9)
    np.testing.assert_allclose(P, (clf.member(0).predict_proba(X) + clf.member(1).predict_proba(X)) / 2)


def test_weights_count_as_repeated_rows(weather):
    """Full batches, so that nothing else depends on the number of rows; alpha 0, as it counts by the rows."""
    X, Y = weather[0][:60], weather[1][:60].to_numpy()
    times = np.arange(60) % 3
    settings = {"preset": "plain", "solver": "lbfgs", "alpha": 0.0, "max_iter": 20, "dtype": "float64"}
    twice = np.repeat(np.arange(60), times)

    weighted = gn.GlassClassifier((3,), random_state=0, **settings).fit(X, Y, times)
    repeated = gn.GlassClassifier((3,), random_state=0, **settings).fit(X[twice], Y[twice])
    np.testing.assert_allclose(weighted.predict_proba(X), repeated.predict_proba(X), rtol=1e-4, atol=1e-6)


def test_a_stream_of_labels(weather, small):
    X, Y = weather
    clf = small("classifier").partial_fit(X[:200], Y[:200]).partial_fit(X[200:], Y[200:])

    assert clf.label_names_ == NAMES
    assert len(clf.history_) == 2
    assert clf.predict(X).shape == (300, 3)


def test_training_goes_on_from_labels(weather, small):
    """Three epochs and three more; the mixed columns of a frame are read like any others."""
    X, Y = weather
    mixed = Y.astype(object).assign(sun=Y["sun"].astype(bool))
    clf = small("classifier", preset="plain", warm_start=True).fit(X, mixed).fit(X, Y.to_numpy())

    assert len(clf.history_) == 6
    assert clf.label_names_ == NAMES
    with pytest.raises(ShapeError, match="y has 1 columns, but 3 labels were fitted"):
        clf.fit(X, Y["sun"])


def test_explain_names_the_labels(weather, fitted):
    X, _ = weather
    found = gn.explain(fitted, X[0], target=["rain", "sun"])
    P = fitted.predict_proba(X[:1])[0]

    shown = gn.forward(fitted.network_.astype("float64"), fitted.encode(X[:1])).A[-1][0]
    assert found.prediction.probabilities == dict(zip(NAMES, shown.tolist(), strict=True))
    # an engine's sums are taken in another order than those that are shown
    assert found.prediction.probabilities == pytest.approx(dict(zip(NAMES, P.tolist(), strict=True)), rel=1e-13)
    assert found.prediction.label == tuple(name for name, p in zip(NAMES, P, strict=True) if p >= 0.5)
    assert found.target == ["rain", "sun"]
    truth = np.asarray([1, 0, 1])
    assert found.cost.total == pytest.approx(-np.sum(np.log(np.where(truth == 1, P, 1 - P))), rel=1e-6)
    same = gn.explain(fitted, X[0], target=[1, 0, 1])
    assert same.cost.total == found.cost.total
    assert "labels: " in found.to_text()
    with pytest.raises(DataError, match="target='snow' is not a label of this model; the labels are"):
        gn.explain(fitted, X[0], target="snow")


def test_explain_tells_a_label_that_less_than_a_half_is_enough_for(weather, small):
    X, Y = weather
    words = gn.explain(small("classifier", threshold=0.25).fit(X, Y), X[0]).prediction.words[0]

    assert words.count(" where 0.25 is enough") == 3


def test_blame_and_replay_take_labels(weather, fitted):
    X, Y = weather
    unseen = gn.out_of_fold(fitted, X, Y, folds=3)
    blame = gn.blame(fitted, X, Y, out_of_fold=unseen)
    worst = blame.rows[0]

    assert unseen.predictions.shape == (300, 3)
    assert worst.target == Y.iloc[worst.row].tolist()
    assert worst.blame == pytest.approx(0.5 * np.sum((Y.iloc[worst.row] - unseen.predictions[worst.row]) ** 2))
    np.testing.assert_array_equal(
        fitted.replay(X, Y).at(epoch=fitted.n_iter_).network.theta, fitted.members_[0].state.theta
    )


def test_what_cannot_be_done_with_labels(weather, small, fitted):
    X, Y = weather
    with pytest.raises(ParameterError, match="class_weight='balanced' needs one class per row, but y has 3"):
        small("classifier", class_weight="balanced").fit(X, Y)
    with pytest.raises(DataError, match=r"y has the value 2 in row 0 .*, but several columns of y are labels"):
        small("classifier").fit(X, Y + 1 + (Y == 0))
    with pytest.raises(ShapeError, match="y has 2 columns, but 3 labels were fitted"):
        small("classifier").fit(X, Y, eval_set=(X, Y.iloc[:, :2]))
    with pytest.raises(ParameterError, match="all of them have the same class; hold out more"):
        small("classifier", threshold="f1").fit(X, Y, eval_set=(X, np.ones((300, 3))))
    with pytest.raises(ParameterError, match="requires one class per row, but this model predicts several"):
        confusion_matrix(fitted, X, Y)
    with pytest.raises(ParameterError, match="a picture of decision regions requires one class per row"):
        decision_regions(fitted, X, features=("x0", "x1"))
