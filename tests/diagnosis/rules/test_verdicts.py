"""Epochs after the best one, and differences that can be chance."""

from copy import copy
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import ttest_rel
from tests.diagnosis.findings import found

import glassnet as gn
from glassnet.estimators.judging.simple_models import fitted_outputs
from glassnet.training.history import Epoch, Epochs, History

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 3))
Y = X[:, 0] - X[:, 1] + RNG.normal(size=120)


@pytest.fixture(scope="module")
def reg():
    return gn.GlassRegressor((8,), max_iter=100, random_state=0).fit(X, Y)


def watched(model, validation, best=None):
    n = len(validation)
    epochs = Epochs(Epoch(k, 1.0 / k, 0.0, None, float(v), None, 0.1, 0.0, 0.0) for k, v in enumerate(validation, 1))
    other = copy(model)
    other.members_ = (replace(model.members_[0], history=History(epochs, "epochs", "", n if best is None else best)),)
    return found(gn.diagnose(other), "past-best")


class TestPastBest:
    UP = np.concatenate([np.linspace(2.0, 1.0, 10), np.linspace(1.0, 1.5, 90)])

    def test_the_last_epoch_was_kept(self, reg):
        (each,) = watched(reg, self.UP)
        assert (each.level, each.where) == ("warning", "epoch 10 of 100")
        assert each.value == pytest.approx(np.median(self.UP[-10:]) - 1)
        assert each.next.endswith("or max_iter=10.")

    def test_the_best_epoch_was_kept(self, reg):
        assert not watched(reg, self.UP, best=10)

    @pytest.mark.parametrize(
        "costs",
        [np.linspace(2.0, 1.0, 100), np.linspace(1.0, 1.02, 100), 1 + np.tile([0.0, 0.4], 50)],
        ids=["falls", "hardly rises", "jumps"],
    )
    def test_others(self, reg, costs):
        assert not watched(reg, costs)

    def test_a_training_that_watched_its_own_cost(self):
        noise = np.random.default_rng(3).normal(size=120)
        model = gn.GlassRegressor(
            (64,), preset="plain", early_stopping=True, validation_fraction=0.5, monitor="cost", max_iter=400,
            n_iter_no_change=None, random_state=0,
        ).fit(X, noise)  # fmt: skip
        assert found(gn.diagnose(model), "past-best")


class TestWithinNoise:
    def test_as_a_paired_comparison(self, reg):
        new = RNG.normal(size=(40, 3))
        y = new[:, 0] - new[:, 1] + RNG.normal(size=40)
        own = (reg.predict(new) - y) ** 2
        center, spread = Y.mean(), Y.std()
        encode = lambda rows: reg.encode(rows).astype(float)  # noqa: E731
        linear = fitted_outputs(encode(X), ((Y - center) / spread)[:, None], encode(new), "regression")
        t = ttest_rel((center + spread * linear[:, 0] - y) ** 2, own).statistic
        each = found(gn.diagnose(reg, X, Y, validation=(new, y)), "within-noise")
        assert -2 < t < 1
        assert each[0].value == pytest.approx(t, rel=1e-3)

    def test_a_clear_difference(self, reg):
        rng = np.random.default_rng(1)
        rows, new = rng.normal(size=(300, 2)), rng.normal(size=(100, 2))
        curve = gn.GlassRegressor((16,), max_iter=100, random_state=0).fit(rows, rows[:, 0] ** 2)
        assert not found(gn.diagnose(curve, rows, rows[:, 0] ** 2, validation=(new, new[:, 0] ** 2)), "within-noise")
