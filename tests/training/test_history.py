"""What a run tells about itself: every field against numbers that are computed another way."""

import json
import time

import numpy as np
import pytest

import glassnet as gn
from glassnet.engines.base import Divergence
from glassnet.errors import EpochIndexError, ParameterError
from glassnet.training.history import Epoch, Epochs, History

BCE = "binary_cross_entropy"


def test_full_batch_fields_by_hand(curve, start):
    """gd meets all rows at once: cost, metric and norm are those of the network before the step."""
    network, (X, Y) = start((2, 3, 2), output="identity"), curve
    penalty = gn.Penalty(l1=0.01, l2=0.1)
    result = gn.train(
        network, X, Y, cost="half_squared_error", solver="gd", epochs=1, learning_rate=0.2, l1=0.01, l2=0.1
    )
    record = result.history.epochs[0]

    trace = gn.forward(network, X)
    grads = gn.backward(network, trace, Y, cost="half_squared_error")
    decays = network.layout.decays(network.theta)
    variance = ((Y - Y.mean(axis=0)) ** 2).sum() / 60
    assert record.epoch == 1
    assert record.cost == pytest.approx(gn.cost("half_squared_error", trace.A[-1], Y), rel=1e-12)
    assert record.metric == pytest.approx(1 - ((trace.A[-1] - Y) ** 2).sum() / 60 / variance, rel=1e-12)
    assert record.penalty == pytest.approx(penalty.value(result.network.theta, decays), rel=1e-12)  # at the end
    assert record.gradient_norm == pytest.approx(
        np.linalg.norm(grads.grad + penalty.gradient(network.theta, decays)), rel=1e-12
    )
    assert record.learning_rate == 0.2
    assert (record.validation_cost, record.validation_metric) == (None, None)
    assert record.objective == record.cost + record.penalty


def test_validation_is_measured_at_the_end_of_the_epoch(binary, start):
    X, Y = binary
    seen = []
    result = gn.train(
        start(), X[:90], Y[:90], cost=BCE, epochs=3, dropout=0.3, validation=(X[90:], Y[90:]),
        callback=lambda record, network: seen.append(network),
    )  # fmt: skip

    for record, network in zip(result.history, seen, strict=True):
        outputs = gn.forward(network, X[90:]).A[-1]  # without dropout
        assert record.validation_cost == pytest.approx(gn.cost(BCE, outputs, Y[90:]), rel=1e-12)
        assert record.validation_metric == pytest.approx(((outputs >= 0.5) == (Y[90:] >= 0.5)).mean(), rel=1e-12)


@pytest.mark.parametrize("batch_size", [1, 13, 120])
def test_the_penalty_does_not_depend_on_the_minibatch(batch_size, binary, start):
    """scikit-learn 1.9 adds its L2 term once per minibatch: 1.2, 2.0 or 13.5 for frozen weights. Here it stays put."""
    network = start().freeze(1).freeze(2)
    record = gn.train(network, *binary, cost=BCE, l1=0.1, l2=5.0, batch_size=batch_size, epochs=1).history.epochs[0]
    weights = np.concatenate([network.W[1].ravel(), network.W[2].ravel()])

    assert record.penalty == pytest.approx(0.1 * np.abs(weights).sum() + 2.5 * (weights**2).sum(), rel=1e-12)
    assert record.cost == pytest.approx(gn.cost(BCE, gn.forward(network, binary[0]).A[-1], binary[1]), rel=1e-12)


def test_the_cost_of_an_epoch_weighs_the_last_minibatch_by_its_rows(binary, start):
    """120 rows in minibatches of 50, 50, 20."""
    network = start().freeze(1).freeze(2)
    record = gn.train(network, *binary, cost=BCE, batch_size=50, epochs=1).history.epochs[0]

    assert record.cost == pytest.approx(gn.cost(BCE, gn.forward(network, binary[0]).A[-1], binary[1]), rel=1e-12)
    assert record.metric == pytest.approx(((gn.forward(network, binary[0]).A[-1] >= 0.5) == binary[1]).mean())


@pytest.mark.parametrize(
    ("schedule", "last"),
    [
        ("constant", [1, 1, 1, 1]),
        (("step", {"factor": 0.5, "every": 2}), [1, 1, 0.5, 0.5]),
        # 120 rows in minibatches of 30: the last of the 4 steps of epoch e is at (e + 3/4) / 4 of the run.
        ("cosine", [0.5 * (1 + np.cos(np.pi * (e + 0.75) / 4)) for e in range(4)]),
        (("warm_up", {"share": 0.5}), [3 / 8, 7 / 8, 1, 1]),
        ("coslog4", [0.5 * (1 - np.cos(2 * np.pi * np.log2(1 + 15 * (e + 0.75) / 4))) for e in range(4)]),
    ],
    ids=str,
)
def test_the_learning_rate_follows_its_schedule(schedule, last, binary, start):
    result = gn.train(
        start(), *binary, cost=BCE, solver="sgd", epochs=4, batch_size=30, learning_rate=0.3, schedule=schedule
    )

    np.testing.assert_allclose(result.history["learning_rate"], 0.3 * np.asarray(last), rtol=1e-12)


def test_a_scheduled_step_uses_its_rate(binary, start):
    """Two full steps with the rate halved after the first, by hand."""
    network = start()
    result = gn.train(
        network, *binary, cost=BCE, solver="gd", epochs=2, learning_rate=0.4,
        schedule=("step", {"factor": 0.5, "every": 1}),
    )  # fmt: skip
    for eta in (0.4, 0.2):
        network = gn.descend(
            network, gn.backward(network, gn.forward(network, binary[0]), binary[1], cost=BCE), learning_rate=eta
        )

    np.testing.assert_allclose(result.network.theta, network.theta, rtol=1e-12)


def test_seconds_run_on(binary, start):
    began = time.perf_counter()
    seconds = gn.train(start(), *binary, cost=BCE, epochs=5).history["seconds"]
    elapsed = time.perf_counter() - began

    assert (np.diff(seconds) > 0).all()
    assert 0 < seconds[-1] < elapsed


def test_one_quantity_over_all_epochs(binary, start):
    history = gn.train(start(), *binary, cost=BCE, epochs=3, l2=0.1).history

    assert len(history) == 3
    assert history["epoch"].tolist() == [1, 2, 3]
    np.testing.assert_array_equal(history["objective"], history["cost"] + history["penalty"])
    assert np.isnan(history["validation_cost"]).all()
    assert history.metric_name == "accuracy"


def test_without_a_metric(binary, start):
    history = gn.train(start(), *binary, cost=BCE, epochs=2, metric=None).history

    assert history.metric_name is None
    assert [epoch.metric for epoch in history] == [None, None]


def test_an_unknown_quantity_is_refused(binary, start):
    history = gn.train(start(), *binary, cost=BCE, epochs=1).history

    with pytest.raises(
        ParameterError, match=r"^history has no 'loss'\. Choose from: epoch, cost, penalty, .*objective\.$"
    ):
        history["loss"]


def test_plain_data_brings_it_back(binary, start):
    """Through JSON, as a model file stores it; snapshots stay out."""
    X, Y = binary
    history = gn.train(start(), X, Y, cost=BCE, epochs=3, validation=(X, Y), snapshots=1).history
    back = History.from_dict(json.loads(json.dumps(history.to_dict(), allow_nan=False)))

    assert back.epochs == history.epochs
    assert back.to_dict() == history.to_dict()
    assert back.snapshots == {}


def epoch(number, seconds):
    return Epoch(number, 1.0, 0.0, None, None, None, 0.1, 1.0, seconds)


def test_a_divergence_is_plain_data_too():
    history = History((epoch(1, 0.5),), "diverged", "why", 1, None, Divergence(7, 2, 1, "Z", epoch=2))
    back = History.from_dict(json.loads(json.dumps(history.to_dict())))

    assert back == history


def test_a_later_run_is_put_after_an_earlier_one():
    """Epochs, seconds, snapshots, the best epoch and the epoch of a divergence count on."""
    earlier = History((epoch(1, 0.5), epoch(2, 1.0)), "epochs", "all 2 epochs done", 2, None, None, {2: "a"})
    later = History((epoch(1, 0.25),), "diverged", "why", 1, "r2", Divergence(4, 1, 0, "Z", epoch=2), {1: "b"})
    both = earlier.extended(later)

    assert [record.epoch for record in both] == [1, 2, 3]
    assert [record.seconds for record in both] == [0.5, 1.0, 1.25]
    assert (both.stopped, both.stop_reason, both.best_epoch, both.metric_name) == ("diverged", "why", 3, "r2")
    assert both.divergence.epoch == 4
    assert both.snapshots == {2: "a", 3: "b"}
    assert earlier.extended(History((epoch(1, 1.0),), "epochs", "", 1)).divergence is None


def test_after_no_epochs_the_later_run_stands_alone():
    later = History((epoch(1, 0.25),), "epochs", "done", 1)

    assert History((), "interrupted", "", 0).extended(later) is later


def test_epochs_are_a_sequence_of_records():
    records = [epoch(1, 0.5), epoch(2, 1.0), epoch(3, 2.0)]
    epochs = Epochs(records)

    assert len(epochs) == 3
    assert epochs[-1] == records[2]
    assert epochs[1:] == tuple(records[1:])
    assert list(epochs) == records
    assert epochs == records
    assert epochs != records[:2]
    assert epochs.values("seconds", since=1) == [1.0, 2.0]
    assert epochs.values("objective") == [1.0, 1.0, 1.0]
    assert repr(epochs) == "Epochs(3 epochs)"
    with pytest.raises(IndexError):
        epochs[3]


def test_a_history_is_read_by_position_and_by_quantity():
    history = History(Epochs([epoch(1, 0.5), epoch(2, 1.0), epoch(3, 2.0)]), "epochs", "all 3 epochs done", 2)

    assert history[-1] == history.epochs[2]
    assert history[0] == history[np.int64(0)] == history.epochs[0]
    assert history[1:] == tuple(history.epochs[1:])
    assert history[::-1] == tuple(history)[::-1]
    assert (len(history), [record.epoch for record in history]) == (3, [1, 2, 3])
    assert history["epoch"].tolist() == [1.0, 2.0, 3.0]
    for position in (3, -4):
        with pytest.raises(
            EpochIndexError, match=rf"^history\[{position}\] does not exist: there are 3 epochs, at pos"
        ):
            history[position]
    for key in (1.5, None, True):
        with pytest.raises(ParameterError, match=r"is neither a quantity nor a position; try history\['cost'\] or"):
            history[key]


def test_a_history_says_itself_in_one_line():
    history = History(Epochs([epoch(1, 0.5), epoch(2, 1.0)]), "epochs", "all 2 epochs done", 2)
    assert (
        repr(history)
        == f"History of 2 epochs: cost {history[0].cost:.4g} to {history[1].cost:.4g}; stopped: all 2 epochs done"
    )
    assert repr(History(Epochs(), "interrupted", "interrupted", 0)) == "History of 0 epochs; stopped: interrupted"
    kept = repr(History(history.epochs, "early", "no improvement", 1))
    assert kept.endswith("; kept: epoch 1; stopped: no improvement")
