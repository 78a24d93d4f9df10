"""Temperature scaling and the calibration report: probabilities that mean what they say, and proof of it."""

import math

import numpy as np
import pytest
from scipy import stats

import glassnet as gn
from glassnet.errors import ParameterError
from glassnet.estimators.fitting.calibration import calibrate, chance_of_errors, expected_calibration_error
from glassnet.estimators.fitting.temperature import HOTTEST, best_temperature


def cross_entropy_in_plain_python(Z, labels, temperature):
    """Mean of -sum t log p with Platt's targets, number by number."""
    n, total = len(Z), 0.0
    for row, label in zip(Z, labels):
        shares = [math.exp(z / temperature) for z in row]
        for j, share in enumerate(shares):
            target = (1 / len(row) + (n if j == label else 0)) / (n + 1)
            total -= target * math.log(share / sum(shares))
    return total / n


def overconfident(n_rows, n_classes, seed, factor):
    """Logits `factor` times too large for the labels drawn from them."""
    rng = np.random.default_rng(seed)
    Z = rng.normal(size=(n_rows, n_classes))
    shares = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    return factor * Z, np.asarray([rng.choice(n_classes, p=share) for share in shares])


@pytest.mark.parametrize("n_classes, factor", [(2, 3.0), (3, 0.4), (5, 1.0)])
def test_no_other_temperature_fits_better(n_classes, factor):
    """Beside a fine grid of temperatures, each scored by plain Python."""
    Z, labels = overconfident(40, n_classes, 0, factor)
    found = best_temperature(Z, labels)
    grid = np.exp(np.linspace(-3, 3, 301))
    scores = [cross_entropy_in_plain_python(Z.tolist(), labels, t) for t in grid]

    assert found == pytest.approx(grid[np.argmin(scores)], rel=0.02)
    assert cross_entropy_in_plain_python(Z.tolist(), labels, found) <= min(scores)


def test_the_temperature_undoes_what_was_done_to_the_logits():
    """Logits that were made three times too large, from 20,000 rows: 3, but for the noise."""
    assert best_temperature(*overconfident(20_000, 3, 1, 3.0)) == pytest.approx(3.0, rel=0.05)


def test_two_classes_have_one_logit():
    """One column z is the same as two columns 0 and z."""
    Z, labels = overconfident(50, 2, 2, 2.0)

    one_column = best_temperature((Z[:, 1] - Z[:, 0])[:, None], labels)
    assert one_column == pytest.approx(best_temperature(Z - Z[:, :1], labels), rel=1e-12)


def test_weights_are_shares_of_the_rows():
    """A row of weight 0 does not count, and all weights doubled change nothing."""
    Z, labels = overconfident(50, 3, 3, 2.0)

    assert best_temperature(Z, labels, np.full(50, 2.0)) == pytest.approx(best_temperature(Z, labels), rel=1e-9)
    with_others = best_temperature(np.vstack([Z, -9 * Z]), np.tile(labels, 2), np.repeat([1.0, 0.0], 50))
    assert with_others == pytest.approx(best_temperature(Z, labels), rel=0.05)  # Platt's row counts a hundredth


def test_rows_that_are_all_right_do_not_make_certain():
    """Hundred of hundred right: the probability ends near 1 - 1/2/101, as Platt's targets say."""
    temperature = best_temperature(np.full((100, 1), 2.0), np.ones(100, dtype=int))

    assert 1 / (1 + math.exp(-2.0 / temperature)) == pytest.approx(1 - 0.5 / 101, rel=1e-9)


def test_logits_that_mislead_are_made_as_modest_as_can_be():
    assert best_temperature(np.asarray([[5.0], [-5.0]]), np.asarray([0, 1])) == HOTTEST
    assert best_temperature(np.full((10**6, 1), 1e-3), np.ones(10**6, dtype=int)) == 1 / HOTTEST


def test_calibration_error_by_hand():
    """Two rows at 0.9 of which one is right, and one at 0.7 that is right: (2 |0.5 - 0.9| + |1 - 0.7|) / 3."""
    P = np.asarray([[0.9, 0.1], [0.9, 0.1], [0.3, 0.7]])
    error, bins = expected_calibration_error(P, np.asarray([0, 1, 1]))

    assert error == pytest.approx((2 * 0.4 + 0.3) / 3)
    assert [(each.n_rows, each.confidence, each.accuracy) for each in bins] == [(1, 0.7, 1.0), (2, 0.9, 0.5)]


def test_what_chance_makes_of_the_error():
    """All rows at 0.8 are one bin: the null is the mean distance of a binomial from its mean, known exactly."""
    P = np.tile([[0.8, 0.2]], (60, 1))
    binomial = stats.binom(60, 0.8)
    exact = sum(binomial.pmf(k) * abs(k - 48) for k in range(61)) / 60

    errors = chance_of_errors(P, seed=0)
    assert errors.mean() == pytest.approx(exact, abs=4 * errors.std() / math.sqrt(len(errors)))


def test_the_p_value_tells_right_probabilities_from_wrong_ones():
    """Of 40 reports on right probabilities about 2 have a p-value below 0.05; on doubled logits all have."""
    right = [calibrate(*overconfident(400, 3, seed, 1.0), rescale=False).ece_p_value for seed in range(40)]
    wrong = [calibrate(*overconfident(400, 3, seed, 2.5), rescale=False).ece_p_value for seed in range(10)]

    assert sum(p < 0.05 for p in right) <= 7  # of a binomial (40, 0.05) above it: one in 2,000
    assert max(wrong) < 0.05


@pytest.fixture(scope="module")
def three_classes():
    """300 rows with classes that overlap, and 200 rows to watch."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 2))
    y = np.asarray(["a", "b", "c"])[np.digitize(X[:, 0] + rng.normal(size=500), [-0.5, 0.5])]
    return X[:300], y[:300], X[300:], y[300:]


def fitted(three_classes, **others):
    X, y, X_held, y_held = three_classes
    settings = {"hidden_layer_sizes": (20,), "max_iter": 30, "random_state": 0, "learning_rate_init": 0.02}
    return gn.GlassClassifier(**{**settings, **others}).fit(X, y, eval_set=(X_held, y_held))


def test_probabilities_are_the_softmax_of_divided_logits(three_classes):
    """The same training without a temperature, its logits divided and its softmax taken by hand."""
    scaled, bare = fitted(three_classes), fitted(three_classes, temperature_scaling=False)
    T = scaled.calibration_.temperature
    X = three_classes[2]
    e = np.exp(bare.decision_function(X) / T)

    assert abs(T - 1) > 0.02
    np.testing.assert_allclose(scaled.predict_proba(X), e / e.sum(axis=1, keepdims=True), rtol=2e-5)
    np.testing.assert_array_equal(scaled.predict(X), bare.predict(X))
    assert bare.calibration_.temperature == 1.0
    assert bare.calibration_.log_loss == pytest.approx(scaled.calibration_.log_loss_before)


def test_the_report_is_about_the_rows_held_out(three_classes):
    """Log loss and calibration error from `predict_proba` of the watched rows."""
    _, _, X_held, y_held = three_classes
    model = fitted(three_classes)
    P = model.predict_proba(X_held)
    right = P[np.arange(len(P)), np.searchsorted(model.classes_, y_held)]

    found = model.calibration_
    assert found.n_rows == 200 == sum(each.n_rows for each in found.reliability)
    assert found.log_loss == pytest.approx(-np.log(right).mean(), rel=1e-4)
    assert found.log_loss <= found.log_loss_before + 1e-4
    assert np.mean(P.argmax(axis=1) == np.searchsorted(model.classes_, y_held)) == pytest.approx(
        sum(each.n_rows * each.accuracy for each in found.reliability) / 200
    )
    assert str(found).startswith(f"Temperature {found.temperature:.4g} from 200 held-out rows: log loss")


def test_explain_and_predictor_show_the_very_probabilities(three_classes):
    """The temperature is in the last layer, so every way to a probability has it."""
    model = fitted(three_classes)
    row = three_classes[2][0]
    P = model.predict_proba([row])[0]
    explanation = gn.explain(model, row)

    assert list(explanation.prediction.probabilities.values()) == pytest.approx(P.tolist(), rel=1e-12)
    np.testing.assert_array_equal(model.predictor().predict_proba(row), P)
    assert any(f"divided by the temperature {model.calibration_.temperature:.6g}" in note for note in explanation.notes)


def test_an_explanation_without_a_temperature_speaks_of_none(three_classes):
    notes = gn.explain(fitted(three_classes, preset="plain"), three_classes[2][0]).notes

    assert not any("temperature" in note for note in notes)


def test_the_model_file_holds_temperature_and_report(three_classes, tmp_path):
    model = fitted(three_classes)
    model.save(tmp_path / "model.glassnet")
    again = gn.load(tmp_path / "model.glassnet")

    assert again.calibration_ == model.calibration_
    np.testing.assert_array_equal(again.predict_proba(three_classes[2]), model.predict_proba(three_classes[2]))


def test_training_goes_on_without_the_temperature(three_classes, tmp_path):
    """A warm start takes the weights as training left them; a loaded model has them to the last bits of float32."""
    X, y, X_held, y_held = three_classes
    model, bare = (fitted(three_classes, temperature_scaling=scaling) for scaling in (True, False))
    model.save(tmp_path / "model.glassnet")
    loaded = gn.load(tmp_path / "model.glassnet")

    np.testing.assert_array_equal(model.members_[0].as_trained.theta, bare.network_.theta)
    np.testing.assert_allclose(loaded.members_[0].as_trained.theta, bare.network_.theta, rtol=1e-6)
    for estimator in (model, bare):
        estimator.set_params(warm_start=True, random_state=1).fit(X, y, eval_set=(X_held, y_held))
    np.testing.assert_array_equal(model.predict(X_held), bare.predict(X_held))
    np.testing.assert_array_equal(model.history_["cost"], bare.history_["cost"])


def test_without_rows_held_out_there_is_no_report(numbers, small):
    model = small("classifier").fit(*numbers)

    assert model.calibration_ is None
    assert (model.recipe_["label_smoothing"], model.recipe_["temperature_scaling"]) == (0.0, False)
    with pytest.raises(ParameterError, match=r"fits the temperature on rows held out, but there are none; use early"):
        small("classifier", temperature_scaling=True).fit(*numbers)


def test_smoothed_labels_are_what_training_sees(three_classes):
    """`gn.train` on targets worked by hand: 0.8 + 0.2/3 for the label and 0.2/3 for the others."""
    X, y, _, _ = three_classes
    settings = {"label_smoothing": 0.2, "max_iter": 3, "random_state": 0, "dtype": "float32"}
    model = gn.GlassClassifier((4,), preset="plain", **settings).fit(X, y)
    Y = np.where(y[:, None] == ["a", "b", "c"], 0.8 + 0.2 / 3, 0.2 / 3)
    seed = np.random.RandomState(0).randint(np.iinfo(np.int32).max)
    network = gn.Network.create([2, 4, 3], hidden="relu", output="softmax", dtype="float32", seed=seed)
    result = gn.train(
        network, X, Y, cost="cross_entropy", epochs=3, batch_size=200, learning_rate=1e-3, l2=1e-4 / 300,
        patience=10, tolerance=1e-4, seed=seed,
    )  # fmt: skip

    np.testing.assert_array_equal(model.network_.theta, result.network.theta)


@pytest.mark.parametrize(
    "parameters, message",
    [
        ({"label_smoothing": 1.0}, r"label_smoothing=1.0 must lie in \[0, 1\); 0.1 is usual, 0 switches it off"),
        ({"label_smoothing": True}, r"label_smoothing=True must lie in"),
        ({"temperature_scaling": 1.5}, "temperature_scaling=1.5 must be True, False or 'auto'"),
    ],
)
def test_parameters_that_cannot_work(numbers, small, parameters, message):
    with pytest.raises(ParameterError, match=message):
        small("classifier", **parameters).fit(*numbers)
