"""A fit in parts has the bits of `fit`, and a model at any time."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.errors import ParameterError
from glassnet.estimators.fit_in_parts import begin_fit

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 3))
classes = np.where(X[:, 0] + X[:, 1] > 0, "up", "down")
quantity = X @ [1.0, -2.0, 0.5]

MODELS = {
    "classes": (gn.GlassClassifier, classes, {}),
    "quantity": (gn.GlassRegressor, quantity, {}),
    "held out": (gn.GlassClassifier, classes, {"early_stopping": True, "validation_fraction": 0.25}),
    "plain": (gn.GlassRegressor, quantity, {"preset": "plain", "solver": "sgd"}),
    "lbfgs": (gn.GlassClassifier, classes, {"solver": "lbfgs"}),
}


@pytest.fixture(params=MODELS)
def case(request):
    make, y, settings = MODELS[request.param]
    return make((5,), max_iter=12, random_state=3, **settings), y


def test_the_bits_are_those_of_fit(case):
    model, y = case
    fit = begin_fit(model, X, y)
    while not fit.training.run.finished:
        fit.training.run.advance(epochs=5)

    found = fit.fitted()

    whole = model.fit(X, y)
    np.testing.assert_array_equal(found.network_.theta, whole.network_.theta)
    np.testing.assert_array_equal(found.predict(X), whole.predict(X))
    assert found.history_.stop_reason == whole.history_.stop_reason
    assert found.history_["cost"].tolist() == whole.history_["cost"].tolist()


def test_a_fit_that_ends_early_has_the_bits_of_the_moment(case, tmp_path):
    """As `fit` with a callback that stops it there: schedules depend on `max_iter`, not on where it ended."""
    model, y = case
    fit = begin_fit(model, X, y)
    fit.training.run.advance(epochs=7)

    fit.fitted().save(tmp_path / "seven.glassnet")

    stopped = model.set_params(callback=lambda epoch, network: epoch.epoch >= 7).fit(X, y)
    loaded = gn.load(tmp_path / "seven.glassnet")
    np.testing.assert_array_equal(loaded.network_.theta, stopped.network_.theta)
    np.testing.assert_array_equal(loaded.predict(X), stopped.predict(X))


def test_before_the_first_step_it_has_the_initial_network(case):
    fit = begin_fit(case[0], X, case[1])

    found = fit.fitted()

    np.testing.assert_array_equal(found.members_[0].as_trained.theta, fit.training.plan.problem.network.theta)
    assert gn.explain(found, X[0]).prediction is not None


def test_the_model_of_a_chosen_moment(case):
    """A network of the training, or one with a weight that was set by hand, and the history until then."""
    model, y = case
    fit = begin_fit(model, X, y)
    fit.training.run.advance()
    network = fit.training.plan.problem.network
    edited = network.with_theta(np.full_like(network.theta, 0.25))

    found = fit.fitted(at=(edited, 4))

    np.testing.assert_allclose(found.members_[0].as_trained.theta, 0.25, rtol=1e-6)  # without the temperature
    assert len(found.history_) == 4
    with pytest.raises(gn.errors.ReplayError, match="parameters were assigned"):
        found.replay(X, y)


def test_the_estimator_stays_as_it_is():
    model = gn.GlassClassifier((4,), random_state=0)
    before = dict(vars(model))

    begin_fit(model, X, classes).training.run.advance(epochs=2)

    assert vars(model) == before


def test_held_out_rows_are_those_that_do_not_train():
    fit = begin_fit(gn.GlassClassifier((4,), early_stopping=True, validation_fraction=0.25, random_state=1), X, classes)

    A0, Y = fit.encoded()

    assert fit.held_out.sum() == 15
    np.testing.assert_array_equal(A0[~fit.held_out].astype(np.float32), fit.training.plan.data.X)
    np.testing.assert_array_equal(A0[fit.held_out].astype(np.float32), fit.training.plan.validation.X)
    np.testing.assert_array_equal(Y[fit.held_out], fit.training.plan.validation.Y)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"n_networks": 3}, "n_networks=3 trains several"),
        ({"refit": True, "early_stopping": True}, "refit=True trains"),
    ],
)
def test_fits_of_several_trainings_are_refused(settings, named):
    with pytest.raises(ParameterError, match=named):
        begin_fit(gn.GlassClassifier((4,), **settings), X, classes)


def test_errors_speak_of_the_estimators_parameters():
    with pytest.raises(ParameterError, match="hidden layers") as error:
        begin_fit(gn.GlassClassifier((4,), dropout=[0.1, 0.2]), X, classes)
    assert "dropout" in str(error.value)
