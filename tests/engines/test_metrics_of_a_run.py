"""A run adds up the metric's number of each sample, for the outputs as they were met."""

import numpy as np
import pytest

import glassnet as gn

ROWS = np.arange(20)[None, :]


def met(make_engine, network, X, Y, cost, metric):
    engine = make_engine(network, X, Y, cost=cost, metric=metric)
    return engine.run(engine.start(1e-9), ROWS, np.asarray([1e-9]), 20)[1].metric[0]


@pytest.fixture
def classes():
    rng = np.random.default_rng(3)
    return rng.normal(size=(20, 3)), np.eye(2)[rng.integers(0, 2, 20)]


def test_of_several_classes_the_largest_output_answers(make_engine, make_network, classes):
    X, Y = classes
    network = make_network(output="softmax")
    right = sum(a.index(max(a)) == y.index(1.0) for a, y in zip(gn.forward(network, X).A[-1].tolist(), Y.tolist()))

    assert met(make_engine, network, X, Y, "cross_entropy", "accuracy") == pytest.approx(right / 20)


def test_of_several_sides_all_must_be_right(make_engine, make_network, classes):
    X, Y = classes[0], np.random.default_rng(5).integers(0, 2, (20, 2)).astype(float)
    network = make_network(output="sigmoid")
    answers = gn.forward(network, X).A[-1].tolist()
    right = sum(all((a >= 0.5) == (t == 1.0) for a, t in zip(row, y)) for row, y in zip(answers, Y.tolist()))

    assert 0 < right < 20
    assert met(make_engine, network, X, Y, "binary_cross_entropy", "accuracy") == pytest.approx(right / 20)


@pytest.mark.parametrize(
    ("output", "cost"),
    [("identity", "half_squared_error"), ("softmax", "cross_entropy"), ("sigmoid", "binary_cross_entropy")],
)
def test_explained_variance_adds_squared_errors(output, cost, make_engine, make_network, classes):
    """Whatever the cost: a person may ask for R² of probabilities."""
    X, Y = classes
    network = make_network(output=output)
    squares = ((gn.forward(network, X).A[-1] - Y) ** 2).sum() / 20

    assert met(make_engine, network, X, Y, cost, "r2") == pytest.approx(squares, rel=1e-9)


def test_without_a_metric_nothing_is_added(make_engine, make_network, samples):
    assert met(make_engine, make_network(), *samples, "half_squared_error", None) == 0.0
