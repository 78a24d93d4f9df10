import time

import numpy as np
import pytest

import glassnet as gn
from glassnet.engines.base import Records
from glassnet.engines.reference import ReferenceEngine

BCE = "binary_cross_entropy"


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_snapshots_are_the_networks_after_their_epochs(solver, binary, start):
    """Of every second epoch; each its own copy."""
    seen = {}
    result = gn.train(
        start(), *binary, cost=BCE, solver=solver, epochs=5, snapshots=2,
        callback=lambda record, network: seen.update({record.epoch: network.theta.copy()}),
    )  # fmt: skip

    assert list(result.history.snapshots) == [2, 4]
    for epoch, theta in result.history.snapshots.items():
        np.testing.assert_array_equal(theta, seen[epoch])


def test_without_being_asked_none_are_kept(binary, start):
    assert gn.train(start(), *binary, cost=BCE, epochs=2).history.snapshots == {}


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_the_epoch_under_way_at_the_time_limit_is_the_last(solver, binary, start):
    """Each epoch is made to last 20 ms: a limit of 50 ms leaves three or so, not a thousand."""

    def slow(record, network):
        time.sleep(0.02)

    result = gn.train(start(), *binary, cost=BCE, solver=solver, epochs=1000, time_limit=0.05, callback=slow)

    assert result.history.stopped == "time"
    assert 1 <= len(result.history) <= 4
    assert result.history.stop_reason == f"the time limit of 0.05 s was reached in epoch {len(result.history)}"


@pytest.fixture
def clock(monkeypatch):
    """The clock of training: it goes on only when a test says so."""
    clock = {"now": 0.0}
    monkeypatch.setattr("glassnet.training.loop.recorder.perf_counter", lambda: clock["now"])
    return clock


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_no_epoch_is_begun_that_would_end_far_too_late(solver, binary, start, clock):
    """Each lasts 0.5 s: a second one would end 0.4 s after the limit."""

    def half_a_second(epoch, network):
        clock["now"] += 0.5

    result = gn.train(start(), *binary, cost=BCE, solver=solver, epochs=9, time_limit=0.6, callback=half_a_second)

    assert result.history.stopped == "time"
    assert result.history.stop_reason == "one more epoch after epoch 1 would have passed the time limit of 0.6 s"


def test_what_compiles_first_does_not_count(binary, start, monkeypatch, clock):
    """An engine whose first call takes twice the limit; the numbers are those of a run without a limit."""
    seconds = [0.4]

    class Compiling(ReferenceEngine):
        def run(self, *arguments):
            clock["now"] += seconds.pop() if seconds else 0.0
            return super().run(*arguments)

    monkeypatch.setattr("glassnet.training.train.resolve_engine", lambda *_: Compiling)
    result = gn.train(start(), *binary, cost=BCE, epochs=5, time_limit=0.2)

    assert len(result.history) == 5
    assert result.history.epochs[-1].seconds == 0.0
    assert seconds == []
    monkeypatch.undo()
    free = gn.train(start(), *binary, cost=BCE, epochs=5, engine="reference")
    np.testing.assert_array_equal(result.network.theta, free.network.theta)


def test_a_limit_that_is_not_reached_changes_nothing(binary, start):
    free, limited = (gn.train(start(), *binary, cost=BCE, epochs=2, time_limit=t) for t in (None, 1e6))

    np.testing.assert_array_equal(free.network.theta, limited.network.theta)


@pytest.mark.parametrize(
    ("sizes", "limit", "calls"),
    [
        ((4, 5, 1), None, [16, 11, 11, 2]),  # 64 steps, which are 16 epochs; then tenths of a second
        ((4, 5, 1), 4.0, [1, 11, 11, 11, 6]),
        ((4, 1000, 1000, 1), None, [1, 11, 11, 11, 6]),  # whose 64 steps might take long
    ],
)
def test_a_call_of_the_engine_takes_as_many_epochs_as_end_soon(sizes, limit, calls, binary, start, monkeypatch, clock):
    """Each lasts 9 ms, and learns nothing. Ctrl-C acts between calls, so that none may take long."""
    taken = []

    class Steady(ReferenceEngine):
        def run(self, state, order, eta, *arguments):
            if len(eta) > 1:  # a single step is the one by which a run with a limit compiles
                taken.append(len(order))
                clock["now"] += 0.009 * len(order)
            return state, Records(*np.zeros((4, len(order))))

    monkeypatch.setattr("glassnet.training.train.resolve_engine", lambda *_: Steady)
    result = gn.train(start(sizes), *binary, cost=BCE, epochs=40, time_limit=limit, metric=None, shuffle=False)

    assert len(result.history) == 40
    assert taken == calls
