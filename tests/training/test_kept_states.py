"""How many states a run keeps, where, and how much memory they take."""

import gc
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glassnet as gn
from glassnet.engines.base import State
from glassnet.engines.reference import ReferenceEngine
from glassnet.engines.seeding import ShuffleStream
from glassnet.training.checkpoints import Checkpoint, CheckpointPolicy

ORDERS = ShuffleStream(3, np.random.default_rng(0), shuffle=True)
START = Checkpoint(0, None, ORDERS.position())


@given(st.integers(1, 12), st.integers(1, 300), st.lists(st.integers(1, 40), min_size=1, max_size=20))
def test_states_are_evenly_spaced_and_never_too_many(most, epochs, calls):
    """Whatever many epochs a call would take: the k-th multiples of the smallest power of 2 that leaves few enough."""
    keeper, done = CheckpointPolicy(most, START), 0
    while done < epochs:
        done += keeper.at_most(min(calls[done % len(calls)], epochs - done), done)
        keeper.offer(done, State(np.zeros(1), None, done), ORDERS)
        assert len(keeper.kept) <= most + 1
    gap = next(2**k for k in range(10) if epochs // 2**k <= most)

    assert [kept.epochs for kept in keeper.kept] == list(range(0, epochs + 1, gap))


def test_by_default_only_the_start_is_kept(binary, start):
    result = gn.train(start(), *binary, cost="binary_cross_entropy", epochs=20)

    assert [kept.epochs for kept in result.recording.kept] == [0]


def test_keeping_states_changes_no_number(binary, start):
    without, with_states = (
        gn.train(
            start(), *binary, cost="binary_cross_entropy", epochs=20, dropout=0.2, schedule="cosine", kept_states=k
        )
        for k in (0, 5)
    )

    np.testing.assert_array_equal(without.network.theta, with_states.network.theta)
    np.testing.assert_array_equal(without.history["cost"], with_states.history["cost"])


def test_a_run_is_opened_from_the_nearest_state(binary, start, monkeypatch):
    """40 epochs of 4 steps, a state after every 8 epochs: never more than 8 epochs are gone through again."""
    result = gn.train(start(), *binary, cost="binary_cross_entropy", epochs=40, kept_states=7, engine="reference")
    assert [kept.epochs for kept in result.recording.kept] == [0, 8, 16, 24, 32, 40]
    run, taken, step = result.replay(), [], ReferenceEngine._step
    monkeypatch.setattr(ReferenceEngine, "_step", lambda *args: taken.append(1) or step(*args))

    for place, n_steps in [(39, 7 * 4), (3, 3 * 4), (4, 4), (25, 4), (24, 0), (31, 7 * 4), (32, 0), (1, 4), (40, 0)]:
        taken.clear()
        assert run.at(epoch=place).epoch == place
        assert len(taken) == n_steps


def bytes_added(epochs, kept_states):
    """Return how much more memory is in use after a run than before it, and at most during it; and theta's bytes."""
    X = np.random.default_rng(0).normal(size=(40, 50))
    network = gn.Network.create([50, 200, 40, 1], hidden="tanh", output="sigmoid", seed=0)

    def run():
        return gn.train(network, X, (X[:, 0] > 0) * 1.0, cost="binary_cross_entropy", epochs=epochs,
                        kept_states=kept_states)  # fmt: skip

    run()  # whatever is made once for all
    gc.collect()
    tracemalloc.start()
    try:
        result = run()
        now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(result.history) == epochs
    return now, most, network.theta.nbytes


@pytest.mark.parametrize("kept_states", [0, 2, 8])
def test_memory_is_bounded_by_the_number_of_states(kept_states):
    """A state of Adam is three times theta: the result holds so many of them, the last one's, and the network's theta.

    While the run lasts there is one more than kept, and what the engine works with: the same for each `kept_states`.
    """
    (held, most, theta), (_, most_of_none, _) = bytes_added(100, kept_states), bytes_added(100, 0)
    state, slack = 3 * theta, 0.5 * theta

    assert held <= kept_states * state + 2 * state + slack
    assert most <= most_of_none + (kept_states + 1) * state + slack


def test_memory_does_not_grow_with_the_run():
    """Beyond the history's own records, a few hundred bytes for each epoch."""
    (short, _, theta), (long, _, _) = bytes_added(64, 4), bytes_added(512, 4)

    assert long - short < theta / 2 + 448 * 600
