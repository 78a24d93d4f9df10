"""One sigmoid neuron with binary cross-entropy is logistic regression: oracle, scikit-learn without penalty."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression

import glassnet as gn

ONE = ["mean smoothness"]
FIVE = ["mean texture", "mean smoothness", "mean symmetry", "mean fractal dimension", "texture error"]


def table(columns):
    """Return standardized features and 1 for malignant; neither set of features separates the classes."""
    cancer = load_breast_cancer()
    values = cancer.data[:, [list(cancer.feature_names).index(column) for column in columns]]
    return (values - values.mean(axis=0)) / values.std(axis=0), 1.0 - cancer.target


def one_neuron(X, y):
    neuron = gn.Network.create([X.shape[1], 1], output="sigmoid", seed=0)
    return gn.train(neuron, X, y, cost="binary_cross_entropy", solver="lbfgs", epochs=200, tolerance=1e-8).network


@pytest.mark.parametrize("columns", [ONE, FIVE], ids=["one feature", "five features"])
def test_same_coefficients_as_scikit_learn(columns):
    X, y = table(columns)
    neuron = one_neuron(X, y)
    peer = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(X, y)

    np.testing.assert_allclose(neuron.W[1], peer.coef_, atol=1e-4)
    np.testing.assert_allclose(neuron.b[1], peer.intercept_, atol=1e-4)
    np.testing.assert_allclose(gn.forward(neuron, X).A[-1][:, 0], peer.predict_proba(X)[:, 1], atol=1e-5)


@pytest.mark.parametrize("columns", [ONE, FIVE], ids=["one feature", "five features"])
def test_the_answer_solves_the_likelihood_equations(columns):
    """At the maximum of the likelihood the residuals are orthogonal to every feature and to the constant."""
    X, y = table(columns)
    residuals = gn.forward(one_neuron(X, y), X).A[-1][:, 0] - y

    np.testing.assert_allclose(X.T @ residuals / len(y), 0, atol=1e-6)
    assert residuals.mean() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("k", range(5))
def test_one_unit_more_multiplies_the_odds_by_the_odds_ratio(k):
    X, y = table(FIVE)
    neuron = one_neuron(X, y)
    p = gn.forward(neuron, X).A[-1][:, 0]
    p_more = gn.forward(neuron, X + np.eye(5)[k]).A[-1][:, 0]

    np.testing.assert_allclose(p_more / (1 - p_more) / (p / (1 - p)), np.exp(neuron.W[1][0, k]), rtol=1e-9)


def test_the_weighted_sum_is_the_log_odds():
    X, y = table(ONE)
    trace = gn.forward(one_neuron(X, y), X)

    np.testing.assert_allclose(trace.Z[1], np.log(trace.A[1] / (1 - trace.A[1])), atol=1e-9)


def test_per_unit_of_the_original_column_the_weight_is_divided_by_the_deviation():
    """Oracle: scikit-learn on the column as it is, in units of 0.01."""
    X, y = table(ONE)
    raw = load_breast_cancer().data[:, [4]]
    neuron = one_neuron(X, y)
    peer = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(raw / 0.01, y)

    assert neuron.W[1][0, 0] * 0.01 / raw.std() == pytest.approx(peer.coef_[0, 0], abs=1e-4)
