"""Training again on all rows, for as many epochs as were best while some were held out."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.errors import ParameterError

SETTINGS = {"preset": "plain", "hidden_layer_sizes": (20,), "learning_rate_init": 0.05, "max_iter": 30, "alpha": 0.0,
            "n_iter_no_change": None, "early_stopping": True, "validation_fraction": 0.2, "random_state": 0}  # fmt: skip


@pytest.fixture(scope="module")
def noisy():
    """100 rows whose labels are half noise: the best epoch comes early."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 5))
    return X, (X[:, 0] + rng.normal(size=100) > 0).astype(int)


def test_all_rows_train_for_the_best_number_of_epochs(noisy):
    """The same as training on all rows and taking a snapshot at that epoch, on the way of the same schedule."""
    settings = {**SETTINGS, "learning_rate": "cosine"}
    held_out = gn.GlassClassifier(**settings).fit(*noisy)
    best = held_out.history_.best_epoch
    refitted = gn.GlassClassifier(**settings, refit=True).fit(*noisy)
    whole = gn.GlassClassifier(**{**settings, "early_stopping": False}, snapshots=1).fit(*noisy)

    assert 1 <= best < 30
    np.testing.assert_array_equal(refitted.network_.theta, whole.history_.snapshots[best])
    assert refitted.n_iter_ == refitted.history_.best_epoch == 30 + best
    assert refitted.history_.stop_reason == (
        f"trained again on all rows for {best} epochs, the best number on the rows held out"
    )


def test_the_temperature_stays(noisy):
    """Found on the held-out rows, divided by after the second training."""
    settings = {**SETTINGS, "temperature_scaling": True}
    first = gn.GlassClassifier(**settings).fit(*noisy)
    model = gn.GlassClassifier(**settings, refit=True).fit(*noisy)

    assert model.calibration_ == first.calibration_
    np.testing.assert_allclose(
        model.network_.W[2] * model.calibration_.temperature, model.members_[0].as_trained.W[2], rtol=1e-6
    )


def test_every_network_of_an_ensemble_is_refitted(noisy):
    model = gn.GlassClassifier(**SETTINGS, refit=True, n_networks=2).fit(*noisy)

    assert all(len(member.history) > 30 for member in model.members_)


@pytest.mark.parametrize(
    "parameters, message",
    [
        (
            {"early_stopping": False},
            "refit=True trains again on all rows, including those held out, but there are none; use early",
        ),
        ({"refit": "all"}, "refit='all' must be True or False"),
    ],
)
def test_parameters_that_cannot_work(noisy, parameters, message):
    with pytest.raises(ParameterError, match=message):
        gn.GlassClassifier(**{**SETTINGS, "refit": True, **parameters}).fit(*noisy)


def test_rows_of_the_user_are_not_learned_from(noisy):
    with pytest.raises(ParameterError, match="and no eval_set"):
        gn.GlassClassifier(**SETTINGS, refit=True).fit(*noisy, eval_set=noisy)
