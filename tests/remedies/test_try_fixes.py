"""`gn.try_fixes`: what it recommends helps in rows that it has not seen, and it says so when nothing does."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier

import glassnet as gn
from glassnet.data.split import split
from glassnet.diagnosis.remedies import REMEDIES
from glassnet.diagnosis.remedy import Remedy
from glassnet.diagnosis.rules import RULES
from glassnet.errors import ParameterError, TrainingInterrupted
from glassnet.estimators.judging.fits_beside import FitsBeside

X, Y = load_breast_cancer(return_X_y=True)
X = ((X - X.mean(axis=0)) / X.std(axis=0))[:, :3]
TRAIN, NEW, FRESH = slice(0, 180), slice(180, 340), slice(340, None)
USUAL = dict(hidden_layer_sizes=(8,), preset="plain", max_iter=15, random_state=0)


def plain(**parameters):
    return gn.GlassClassifier(**{**USUAL, **parameters})


@pytest.fixture(scope="module")
def slow():
    return plain(learning_rate_init=1e-6).fit(X[TRAIN], Y[TRAIN])


@pytest.fixture(scope="module")
def fixes(slow):
    return gn.try_fixes(slow, X[TRAIN], Y[TRAIN], validation=(X[NEW], Y[NEW]), seeds=3)


def test_what_is_recommended_helps_in_fresh_rows(slow, fixes):
    assert fixes.recommended.helps
    before = log_loss(Y[FRESH], slow.predict_proba(X[FRESH]))
    mended = [plain(**{"learning_rate_init": 1e-6, **fixes.parameters, "random_state": seed}) for seed in (11, 12)]
    after = [log_loss(Y[FRESH], each.fit(X[TRAIN], Y[TRAIN]).predict_proba(X[FRESH])) for each in mended]
    assert max(after) < 0.5 * before


def test_costs_are_those_of_fits_on_the_rows_that_confirm(fixes):
    """scikit-learn's log loss of three fits, on the new rows that did not choose."""
    rows = split(160, fractions=(1 / 3, 0, 2 / 3), stratify=Y[NEW], seed=0).test
    assert (fixes.n_choosing, fixes.n_confirming) == (160 - len(rows), len(rows))

    def costs(**parameters):
        settings = {"learning_rate_init": 1e-6, **parameters}
        fits = [plain(**settings, random_state=seed).fit(X[TRAIN], Y[TRAIN]) for seed in range(2, 5)]
        return [log_loss(Y[NEW][rows], each.predict_proba(X[NEW][rows])) for each in fits]

    best = fixes.recommended
    assert fixes.cost == pytest.approx(np.mean(costs()), rel=1e-6)
    assert best.cost == pytest.approx(np.mean(costs(**best.remedy.parameters)), rel=1e-6)
    assert best.effect.change == pytest.approx(best.cost / fixes.cost - 1, rel=1e-6)


@pytest.mark.parametrize(
    "make, parameters",
    [
        (gn.GlassClassifier, dict(preset="plain", early_stopping=True)),
        (gn.GlassClassifier, dict(preset="tabular", early_stopping=True, temperature_scaling=True, threshold="f1")),
        (gn.GlassRegressor, dict(preset="tabular")),
    ],
)
def test_a_candidate_is_the_estimator_of_fit(make, parameters):
    target = Y if make is gn.GlassClassifier else X[:, 0] + Y
    usual = make((6,), max_iter=5, learning_rate_init=0.01)
    fits = FitsBeside(usual, X[TRAIN], target[TRAIN])
    beside = fits.begun_alone(parameters, seed=3)
    [result] = gn.train_many([beside.run])
    alone = make((6,), max_iter=5, learning_rate_init=0.01, random_state=3, **parameters).fit(X[TRAIN], target[TRAIN])
    found = beside.fitted(result)
    assert np.array_equal(found.network_.theta, alone.network_.theta)
    assert np.array_equal(found.predict(X[NEW]), alone.predict(X[NEW]))


def test_text_and_data(fixes):
    text = fixes.to_text()
    assert (
        "They were fitted to all rows of\ntraining. What follows was fitted 3 times with other seeds, and judged on"
        in text
    )
    assert "Use this: model.set_params(" in text
    assert max(map(len, text.splitlines())) <= 110
    again = json.loads(json.dumps(fixes.to_dict(), allow_nan=False))
    assert again["fixes"]["recommended"]["parameters"] == json.loads(json.dumps(fixes.parameters))
    assert [each["rule"] for each in again["findings"]] == [each.rule for each in fixes.diagnosis.findings]
    assert "<table>" in fixes.to_html()


def test_findings_have_remedies_that_the_model_has_not_yet(slow):
    found = gn.diagnose(slow, X[TRAIN], Y[TRAIN])
    remedies = [each for finding in found.findings for each in finding.remedies]
    assert Remedy({"learning_rate_init": 0.001}).key in [each.key for each in remedies]
    assert not any(each.parameters.get("learning_rate_init") == 1e-6 for each in remedies)
    for each in remedies:
        plain().set_params(**each.parameters)  # all are parameters


def test_rules_with_remedies_exist():
    assert REMEDIES.keys() <= {rule.name for rule in RULES}


def test_the_default_settings_need_no_fix():
    model = gn.GlassClassifier(random_state=0).fit(X[TRAIN], Y[TRAIN])
    found = gn.try_fixes(model, X[TRAIN], Y[TRAIN])
    assert (found.recommended, found.parameters) == (None, {})
    assert found.own_text() == "No fix was tried: no finding proposes one, and the settings are the default ones."


def test_where_there_is_nothing_to_learn_nothing_helps():
    """Classes that are drawn apart from the rows: no settings find them in new ones."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(260, 3)), rng.permutation(np.arange(260) % 10 == 0)
    model = gn.GlassClassifier((2,), preset="plain", solver="lbfgs", alpha=1e4, max_iter=9, random_state=0)
    model.fit(X[:160], y[:160])
    found = gn.try_fixes(model, X[:160], y[:160], validation=(X[160:], y[160:]), seeds=3)
    assert found.tried
    assert found.recommended is None
    assert "None of them helps measurably." in found.own_text()


def test_what_a_solver_does_not_take_is_not_tried():
    """Overfitting proposes dropout, which L-BFGS refuses."""
    rng = np.random.default_rng(0)
    y = rng.permutation(Y[TRAIN])
    model = plain(solver="lbfgs", alpha=0.0, max_iter=80, hidden_layer_sizes=(16,)).fit(X[TRAIN], y)
    found = gn.try_fixes(model, X[TRAIN], y, validation=(X[NEW], Y[NEW]), seeds=3)
    refused = next(each for each in found.tried if each.remedy.parameters == {"dropout": 0.2})
    assert refused.verdict.startswith("solver 'lbfgs' takes neither dropout nor clip")


def test_broken_weights_are_mended_by_another_fit():
    model = plain(learning_rate_init=0.01).fit(X[TRAIN], Y[TRAIN])
    model.network_.theta[...] = 0.3
    found = gn.try_fixes(model, X[TRAIN], Y[TRAIN], validation=(X[NEW], Y[NEW]), seeds=3)
    assert "copied-units" in [each.rule for each in found.diagnosis.findings]
    again = next(each for each in found.tried if each.remedy.is_repetition)
    assert again.helps
    assert found.own_cost > found.cost
    assert found.recommended is not None


def test_a_diverging_base_counts_as_a_constant():
    target = 1e3 * (X[:, 0] + Y)
    model = gn.GlassRegressor((8,), preset="plain", solver="sgd", learning_rate_init=1e4, max_iter=15, random_state=0)
    with pytest.warns(UserWarning, match="diverged"):
        model.fit(X[TRAIN], target[TRAIN])
    found = gn.try_fixes(model, X[TRAIN], target[TRAIN], validation=(X[NEW], target[NEW]), seeds=3)
    assert found.n_diverged == 3
    assert "In 3 of 3 fits they diverge, which counts as the best constant answer." in found.opening
    rows = split(160, fractions=(1 / 3, 0, 2 / 3), seed=0).test
    assert found.cost == pytest.approx(np.mean((target[NEW][rows] - target[TRAIN].mean()) ** 2) / 2)
    assert found.recommended.cost < 0.2 * found.cost


def test_a_column_can_be_left_out():
    frame = pd.DataFrame(X[:, :3], columns=["a", "b", "c"]).assign(number=np.arange(len(X)) + 7.0)
    order = np.argsort(Y[TRAIN], kind="stable")
    known = frame[TRAIN].iloc[order].reset_index(drop=True).assign(number=np.arange(180) + 7.0)
    model = gn.GlassClassifier((8,), keep=["number"], max_iter=40, random_state=0).fit(known, Y[TRAIN][order])
    found = gn.try_fixes(model, known, Y[TRAIN][order], validation=(frame[NEW], Y[NEW]), seeds=3)
    each = next(each for each in found.tried if each.remedy.drop == ("number",))
    assert each.helps
    assert each.remedy.words == "X without the column 'number'"


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_networks_of_scikit_learn():
    model = MLPClassifier((8,), learning_rate_init=1e-6, max_iter=5, random_state=0).fit(X[TRAIN], Y[TRAIN])
    found = gn.try_fixes(model, X[TRAIN], Y[TRAIN], validation=(X[NEW], Y[NEW]), seeds=3)
    better = MLPClassifier(**{**model.get_params(), **found.parameters}).fit(X[TRAIN], Y[TRAIN])
    assert found.recommended.helps
    assert better.score(X[FRESH], Y[FRESH]) > model.score(X[FRESH], Y[FRESH])


def test_ctrl_c_keeps_whole_seeds(slow):
    def stop(n_done, n_all):
        # The fits of the last seed are a base and its three rivals.
        if n_done >= n_all - 3:
            raise KeyboardInterrupt

    with pytest.raises(TrainingInterrupted, match="interrupted after 3 of 4 seeds that confirm") as caught:
        gn.try_fixes(slow, X[TRAIN], Y[TRAIN], validation=(X[NEW], Y[NEW]), seeds=4, progress=stop)
    found = caught.value.result
    assert found.n_seeds == 3
    assert found.recommended.helps
    assert "Interrupted after 3 of 4 seeds that confirm." in found.opening


def test_ctrl_c_while_choosing_confirms_nothing(slow):
    def stop(n_done, n_all):
        if n_done == n_all // 2:
            raise KeyboardInterrupt

    with pytest.raises(TrainingInterrupted, match="interrupted before anything was confirmed") as caught:
        gn.try_fixes(slow, X[TRAIN], Y[TRAIN], validation=(X[NEW], Y[NEW]), seeds=3, progress=stop)
    found = caught.value.result
    assert found.recommended is None
    assert "Not among the best where they were compared: " in found.own_text()
    assert found.own_text().endswith("Nothing is confirmed yet.")


def test_ctrl_c_before_anything_is_a_plain_one(slow):
    """The interruption of the fits themselves holds their networks, which are no answer here."""

    def stop(n_done, n_all):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        gn.try_fixes(slow, X[TRAIN], Y[TRAIN], validation=(X[NEW], Y[NEW]), seeds=3, progress=stop)
    assert type(caught.value) is KeyboardInterrupt


@pytest.mark.parametrize(
    "given, message",
    [
        (dict(seeds=2), "seeds=2 must be at least 3; 5 is usual."),
        (dict(X=None, y=None), "fixes are fitted to the rows of training, but there are none; pass X and y."),
        (dict(validation=(X[:30], Y[:30])), "fixes are compared on new rows, and 30 are too few to tell them apart; at least 40 were expected: pass more as validation=(X, y)."),
    ],
    ids=["seeds", "no rows", "few rows"],
)  # fmt: skip
def test_refusals(slow, given, message):
    with pytest.raises(ParameterError) as error:
        gn.try_fixes(slow, **{"X": X[TRAIN], "y": Y[TRAIN], **given})
    assert str(error.value) == message


def test_a_network_alone_is_refused(slow):
    with pytest.raises(ParameterError) as error:
        gn.try_fixes(slow.network_, X[TRAIN], Y[TRAIN])
    assert str(error.value) == (
        "a Network has no settings to change; pass a fitted GlassClassifier, GlassRegressor, or an MLP of scikit-learn."
    )
