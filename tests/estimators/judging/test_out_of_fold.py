"""Out-of-fold predictions: every row by networks that have not seen it, as scikit-learn's own loop makes them."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.model_selection import PredefinedSplit, cross_val_predict

import glassnet as gn
from glassnet.errors import ParameterError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3))
Y = np.asarray(["a", "b", "c", "a"] * 10)


def quick(**parameters):
    return gn.GlassClassifier((3,), max_iter=2, random_state=5, **parameters)


def test_as_cross_val_predict_with_the_same_parts(monkeypatch):
    """With the start weights that the estimator has anyway, it is scikit-learn's loop over the same parts."""
    monkeypatch.setattr(gn.GlassClassifier, "set_params", lambda self, **_: self)
    unseen = gn.out_of_fold(quick(), X, Y, folds=4)
    expected = cross_val_predict(quick(), X, Y, cv=PredefinedSplit(unseen.fold), method="predict_proba")
    assert unseen.predictions.tolist() == expected.tolist()


def test_parts_hold_every_class_alike():
    unseen = gn.out_of_fold(quick(), X, Y, folds=5)
    assert np.bincount(unseen.fold).tolist() == [8] * 5
    for label, n in (("a", 4), ("b", 2), ("c", 2)):
        assert np.bincount(unseen.fold[label == Y]).tolist() == [n] * 5


def test_repeatable_whatever_the_estimator_s_own_seed():
    first = gn.out_of_fold(quick(), X, Y, seed=3).predictions
    assert gn.out_of_fold(quick().set_params(random_state=None), X, Y, seed=3).predictions.tolist() == first.tolist()
    assert gn.out_of_fold(quick(), X, Y, seed=4).predictions.tolist() != first.tolist()


def test_several_repeats_are_averaged():
    once, twice = (gn.out_of_fold(quick(), X, Y, repeats=n) for n in (1, 2))
    assert twice.predictions.sum(axis=1) == pytest.approx(np.ones(40))
    assert twice.predictions.tolist() != once.predictions.tolist()
    assert repr(twice) == "OutOfFold: 40 x 3 probabilities by 10 refits"


def test_frames_sparse_matrices_and_quantities():
    frame = pd.DataFrame(X, columns=["x", "y", "z"]).assign(word=Y)
    assert gn.out_of_fold(quick(), frame, Y).predictions.shape == (40, 3)
    assert gn.out_of_fold(quick(), csr_array(X), Y).predictions.shape == (40, 3)
    regressor = gn.GlassRegressor((3,), max_iter=2, random_state=0)
    one = gn.out_of_fold(regressor, X, X[:, 0] * 10 + 100)
    assert (one.predictions.shape, one.classes) == ((40, 1), None)
    assert abs(one.predictions.mean() - 100) < 20
    assert gn.out_of_fold(regressor, X, X[:, :2]).predictions.shape == (40, 2)


def test_a_class_of_two_rows_is_unknown_to_no_part_for_both():
    y = np.where(np.arange(40) < 2, "rare", Y)
    unseen = gn.out_of_fold(quick(), X, y)
    assert unseen.classes.tolist() == ["a", "b", "c", "rare"]
    assert unseen.predictions.sum(axis=1) == pytest.approx(np.ones(40))


def test_the_estimator_stays_as_it_is():
    estimator = quick()
    before = clone(estimator).get_params()
    gn.out_of_fold(estimator, X, Y)
    assert estimator.get_params() == before
    assert not hasattr(estimator, "network_")


def test_errors():
    with pytest.raises(
        ParameterError, match="estimator is a dict, but a GlassClassifier or GlassRegressor was expected"
    ):
        gn.out_of_fold({}, X, Y)
    with pytest.raises(ParameterError, match="folds=1 must be from 2 to the number of rows, 40; 5 is usual"):
        gn.out_of_fold(quick(), X, Y, folds=1)
    with pytest.raises(ParameterError, match="folds=41 must be from 2 to the number of rows, 40"):
        gn.out_of_fold(quick(), X, Y, folds=41)
    with pytest.raises(ParameterError, match="class 'rare' has only one row"):
        gn.out_of_fold(quick(), X, np.where(np.arange(40) < 1, "rare", Y))
    with pytest.raises(ParameterError, match=r"repeats=0 must be a whole number from 1 upwards"):
        gn.out_of_fold(quick(), X, Y, repeats=0)
