"""When to stop and which epoch to keep, on validation costs that the test writes down."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.engines.reference import ReferenceEngine

BCE = "binary_cross_entropy"
NAN = float("nan")


@pytest.fixture
def run_on(monkeypatch, binary, start):
    """`run_on(costs, **options)`: train as many epochs, and let the validation cost be what is written."""

    def run(costs, **options):
        left, seen = iter(costs), []

        def evaluate(engine, theta, X, Y, weights=None):
            return next(left), np.full(np.shape(Y), 0.0)

        monkeypatch.setattr(ReferenceEngine, "evaluate", evaluate)
        options = dict(validation=binary, callback=lambda record, network: seen.append(network.theta)) | options
        result = gn.train(start(), *binary, cost=BCE, epochs=len(costs), engine="reference", **options)
        return result, seen

    return run


@pytest.mark.parametrize(
    ("costs", "best"),
    [
        ([5, 3, 4, 2, 6], 4),
        ([1, 2, 3], 1),
        ([3, 2, 1], 3),
        ([2, 1, 1, 1, 2], 4),  # of equally good epochs the last one
        ([2, NAN, 1, 3], 3),  # what is not a number is no improvement, and forgets nothing
        ([NAN, 4, NAN, 3, NAN], 4),
        ([float("inf"), 2, float("inf")], 2),
    ],
    ids=str,
)
def test_the_best_epoch_is_kept(costs, best, run_on):
    result, seen = run_on(costs)

    assert result.history.best_epoch == best
    np.testing.assert_array_equal(result.network.theta, seen[best - 1])
    np.testing.assert_array_equal(result.state.theta, seen[best - 1])
    assert (result.history.stopped, result.history.stop_reason) == ("epochs", f"all {len(costs)} epochs done")
    np.testing.assert_array_equal(result.history["validation_cost"], costs)


def test_where_no_epoch_can_be_measured_the_start_is_kept(run_on, start):
    result, _ = run_on([NAN, NAN])

    assert result.history.best_epoch == 0
    np.testing.assert_array_equal(result.network.theta, start().theta)


@pytest.mark.parametrize(
    ("costs", "patience", "tolerance", "n_epochs", "best"),
    [
        ([5, 4, 4.5, 4.6, 1], 2, 0.0, 4, 2),
        ([5, 4, 4.5, 3, 4, 4, 1], 2, 0.0, 6, 4),
        ([5, 4.95, 4.9, 1], 2, 0.1, 3, 3),  # better each time, but never by more than 0.1 of 5
        ([5, 4.95, 4.89, 4.8, 4.7], 2, 0.1, 5, 5),  # twice 0.05 and a bit is more than 0.1
        ([1, 1, 1, 1, 1], 3, 0.0, 4, 4),
        ([5, NAN, NAN, 1], 2, 0.0, 3, 1),
    ],
    ids=str,
)
def test_patience_and_tolerance(costs, patience, tolerance, n_epochs, best, run_on):
    result, seen = run_on(costs, patience=patience, tolerance=tolerance)

    assert (len(result.history), result.history.best_epoch) == (n_epochs, best)
    np.testing.assert_array_equal(result.network.theta, seen[best - 1])
    if n_epochs < len(costs):
        assert result.history.stopped == "early"
        assert result.history.stop_reason == (
            f"validation cost has not improved for {patience} epochs; epoch {best} was the best and is kept"
        )


def test_the_metric_may_be_watched(binary, start):
    """Of all epochs with the highest validation accuracy the last is kept, whatever its cost."""
    X, Y = binary
    result = gn.train(
        start(), X[:80], Y[:80], cost=BCE, epochs=30, validation=(X[80:], Y[80:]), monitor="validation_metric",
        learning_rate=0.02,
    )  # fmt: skip
    scores = result.history["validation_metric"]
    last_of_the_best = 1 + int(np.flatnonzero(scores == scores.max())[-1])

    assert result.history.best_epoch == last_of_the_best
    accuracy = ((gn.forward(result.network, X[80:]).A[-1] >= 0.5) == (Y[80:] >= 0.5)).mean()
    assert accuracy == pytest.approx(scores.max())


def test_overfitting_is_stopped_and_the_best_network_returned(binary, start):
    """Nothing made up: 30 rows, 40 hidden units; the validation cost of what is returned is the lowest of all."""
    X, Y = binary
    result = gn.train(
        start((4, 40, 1)), X[:30], Y[:30], cost=BCE, epochs=2000, patience=20, learning_rate=0.02,
        validation=(X[30:], Y[30:]),
    )  # fmt: skip
    costs = result.history["validation_cost"]

    assert result.history.stopped == "early"
    assert result.history.best_epoch == 1 + int(costs.argmin()) == len(costs) - 20
    assert gn.cost(BCE, gn.forward(result.network, X[30:]).A[-1], Y[30:]) == pytest.approx(costs.min(), rel=1e-12)
    assert costs[-1] > costs.min()
    assert result.history["cost"][-1] < result.history["cost"][result.history.best_epoch - 1]


def test_without_validation_the_last_epoch_is_kept_even_if_another_was_better(binary, start):
    """The training objective is watched for convergence only."""
    seen = []
    result = gn.train(
        start(), *binary, cost=BCE, solver="gd", learning_rate=0.5, epochs=5000, patience=5, tolerance=1e-4,
        callback=lambda record, network: seen.append(network.theta),
    )  # fmt: skip
    history, objective = result.history, result.history["objective"]

    assert history.stopped == "converged"
    assert history.stop_reason == "training cost has not improved by more than 0.0001 for 5 epochs"
    assert history.best_epoch == len(history) < 5000
    np.testing.assert_array_equal(result.network.theta, seen[-1])
    assert objective[-6] - objective[-1] < 5e-4


def test_convergence_looks_at_the_objective(binary, start):
    """Frozen weights under a penalty: nothing changes, so it stops after 1 + patience epochs."""
    result = gn.train(start().freeze(1).freeze(2), *binary, cost=BCE, l2=1.0, epochs=50, patience=3)

    assert len(result.history) <= 10
    assert result.history.stopped == "converged"


def test_validation_may_be_watched_without_patience(run_on):
    assert len(run_on([3, 4, 5, 6])[0].history) == 4


def test_weights_of_validation_rows_count(binary, start):
    X, Y = binary
    weights = np.r_[np.ones(20), np.zeros(20)]
    result = gn.train(start(), X[:80], Y[:80], cost=BCE, epochs=1, validation=(X[80:], Y[80:], weights))
    outputs = gn.forward(result.network, X[80:100]).A[-1]

    assert result.history.epochs[0].validation_cost == pytest.approx(gn.cost(BCE, outputs, Y[80:100]), rel=1e-12)


def test_an_adaptive_rate_falls_to_a_fifth(run_on):
    """Each time that `patience` epochs brought nothing; then it waits anew."""
    costs = [5, 6, 6, 4, 5, 5, 5, 5]
    result, _ = run_on(costs, schedule="adaptive", patience=2, learning_rate=0.5)

    np.testing.assert_allclose(result.history["learning_rate"], [0.5, 0.5, 0.5, 0.1, 0.1, 0.1, 0.02, 0.02], rtol=1e-12)
    assert (result.history.stopped, result.history.best_epoch) == ("epochs", 4)


def test_an_adaptive_rate_ends_the_run_when_it_is_tiny(run_on):
    """From 1e-5: 2e-6, then 4e-7, which is below 1e-6."""
    result, _ = run_on([1, 2, 2, 2, 2, 2, 2, 2, 2], schedule="adaptive", patience=1, learning_rate=1e-5)

    np.testing.assert_allclose(result.history["learning_rate"], [1e-5, 1e-5, 2e-6, 4e-7], rtol=1e-12)
    assert (result.history.stopped, result.history.best_epoch) == ("early", 1)


def test_an_adaptive_rate_without_validation(binary, start):
    result = gn.train(
        start(), *binary, cost=BCE, schedule="adaptive", patience=2, tolerance=10.0, epochs=6, learning_rate=0.1
    )

    np.testing.assert_allclose(result.history["learning_rate"], [0.1, 0.1, 0.1, 0.02, 0.02, 0.004], rtol=1e-12)
