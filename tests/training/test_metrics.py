import numpy as np
import pytest
from sklearn.metrics import accuracy_score, r2_score

import glassnet as gn
from glassnet.core.catalog.costs import COSTS
from glassnet.errors import ParameterError
from glassnet.training.metrics import resolve_metric


@pytest.mark.parametrize("cost", COSTS)
def test_auto_is_accuracy_for_classes_and_explained_variance_for_numbers(cost):
    expected = "accuracy" if cost in ("cross_entropy", "binary_cross_entropy") else "r2"

    assert resolve_metric("auto", COSTS[cost]).name == expected
    assert resolve_metric(None, COSTS[cost]) is None


def score(metric, A, Y):
    return metric.finish(Y)(float(np.mean(metric.per_sample(A, Y))))


def test_accuracy_is_scikit_learns():
    rng = np.random.default_rng(0)
    A, Y = rng.dirichlet([1, 1, 1], 50), np.eye(3)[rng.integers(0, 3, 50)]

    expected = accuracy_score(Y.argmax(axis=1), A.argmax(axis=1))
    assert score(resolve_metric("accuracy", COSTS["cross_entropy"]), A, Y) == expected


def test_accuracy_of_several_sides_is_scikit_learns_for_multilabel():
    rng = np.random.default_rng(0)
    A, Y = rng.uniform(size=(50, 2)), rng.integers(0, 2, (50, 2))

    expected = accuracy_score(Y, A >= 0.5)
    assert score(resolve_metric("accuracy", COSTS["binary_cross_entropy"]), A, Y) == pytest.approx(expected)


@pytest.mark.parametrize("n_out", [1, 3])
def test_r2_is_scikit_learns_weighted_by_variance(n_out):
    """Pooled over the outputs: scikit-learn's multioutput='variance_weighted'."""
    rng = np.random.default_rng(0)
    Y = rng.normal(size=(40, n_out)) * np.arange(1, n_out + 1)
    A = Y + rng.normal(size=(40, n_out))

    expected = r2_score(Y, A, multioutput="variance_weighted")
    assert score(resolve_metric("r2", COSTS["squared_error"]), A, Y) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("off", "expected"), [(0.0, 1.0), (0.5, 0.0)])
def test_r2_of_targets_that_are_all_alike(off, expected):
    """scikit-learn's convention: 1 where they are met exactly, else 0."""
    Y = np.ones((4, 1))

    assert score(resolve_metric("r2", COSTS["squared_error"]), Y + off, Y) == expected
    assert r2_score(Y, Y + off) == expected


def test_an_unknown_metric_is_refused(binary, start):
    message = r"^metric='f1' is not known\. Choose from: auto, accuracy, r2, or None\.$"

    with pytest.raises(ParameterError, match=message):
        gn.train(start(), *binary, cost="binary_cross_entropy", metric="f1")
