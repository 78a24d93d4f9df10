"""Near copies of rows, other distributions, and drift."""

import numpy as np
import pytest
from scipy.spatial import cKDTree
from scipy.stats import ks_2samp
from tests.diagnosis.findings import found

import glassnet as gn
from glassnet.diagnosis.rules.splits import _nearest

RNG = np.random.default_rng(0)
X, NEW = RNG.normal(size=(200, 3)), RNG.normal(size=(60, 3))
NET = gn.Network.create([3, 8, 1], hidden="tanh", output="identity", seed=0)


def target(X):
    return X[:, :1] - 2 * X[:, 1:2]


def of(rule, X=X, new=NEW, Y=None, Y_new=None):
    Y, Y_new = target(X) if Y is None else Y, target(new) if Y_new is None else Y_new
    return found(gn.diagnose(NET, X, Y, validation=(new, Y_new), cost="half_squared_error"), rule)


class TestNearCopies:
    def test_rows_with_a_little_noise(self):
        new = NEW.copy()
        new[[3, 10, 11, 40, 41, 59]] = X[[5, 6, 7, 8, 9, 10]] + 1e-3
        (each,) = of("near-copies", new=new)
        assert each.level == "error"
        assert set(each.rows) == {3, 10, 11, 40, 41, 59}
        known = cKDTree(X)  # no row of training is so near to another one
        assert (known.query(X, k=2)[0][:, 1] > 0.01).all()
        error = np.sqrt(6 / 260 * 254 / 260 * (1 / 200 + 1 / 60))
        assert each.value == pytest.approx(0.1 / error)

    def test_rows_that_only_come_from_the_same_place(self):
        assert not of("near-copies")

    def test_the_same_rows_are_the_matter_of_another_rule(self):
        new = NEW.copy()
        new[:9] = X[:9]
        assert not of("near-copies", new=new)
        assert of("repeated-rows", new=new)

    def test_rows_that_are_near_each_other_anyway(self):
        rng = np.random.default_rng(1)
        centers = rng.normal(size=(150, 3))
        rows = np.repeat(centers, 2, axis=0) + 1e-4 * rng.normal(size=(300, 3))
        order = rng.permutation(300)
        assert not of("near-copies", X=rows[order[:200]], new=rows[order[200:]])

    def test_distances_are_those_of_a_tree(self):
        np.testing.assert_allclose(_nearest(NEW, X), cKDTree(X).query(NEW)[0], rtol=1e-10)
        own = np.arange(0, 200, 3)
        np.testing.assert_allclose(_nearest(X[own], X, own), cKDTree(X).query(X[own], k=2)[0][:, 1], rtol=1e-10)


class TestUnlikeRows:
    def test_an_input_that_has_moved(self):
        new = NEW + np.asarray([0.0, 1.5, 0.0])
        (each,) = of("unlike-rows", new=new)
        assert each.where == "the new rows, input 'x2' and the target"
        assert each.value == pytest.approx(
            max(ks_2samp(X[:, 1], new[:, 1])[0], ks_2samp(target(X)[:, 0], target(new)[:, 0])[0])
        )

    def test_a_target_that_has_moved(self):
        (each,) = of("unlike-rows", Y_new=target(NEW) + 3)
        assert each.where == "the new rows, the target"

    def test_rows_from_the_same_place(self):
        assert not of("unlike-rows")

    def test_few_rows_prove_nothing(self):
        assert not of("unlike-rows", new=NEW[:12] + 1.0)


class TestDriftingRows:
    def test_rows_in_the_order_of_the_target(self):
        order = np.argsort(target(X)[:, 0])
        (each,) = of("drifting-rows", X=X[order])
        assert each.level == "note"
        assert "the target" in each.where
        assert each.value == 1.0  # all of the first third are below all of the last

    def test_an_input_that_grows(self):
        rows = X + np.asarray([[0.0, 0.0, 1.0]]) * np.linspace(0, 3, 200)[:, None]
        (each,) = of("drifting-rows", X=rows)
        assert each.where == "the order of the rows, input 'x3'"
        assert each.value == pytest.approx(ks_2samp(rows[:66, 2], rows[-66:, 2])[0])

    def test_rows_in_random_order(self):
        assert not of("drifting-rows")

    def test_classes_have_their_names(self):
        y = np.repeat(["a", "b", "c"], 60)
        rows = np.random.default_rng(2).normal(size=(180, 2))
        clf = gn.GlassClassifier((4,), preset="plain", max_iter=2, random_state=0).fit(rows, y)
        (each,) = found(gn.diagnose(clf, rows, y), "drifting-rows")
        assert each.where == "the order of the rows, class 'a' and class 'c'"
