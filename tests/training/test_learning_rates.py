"""Learning rate, dropout and weight decay of a step are functions of its place in the run alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import glassnet as gn
from glassnet.core.catalog.schedules import SCHEDULES
from glassnet.training.loop.epoch_batcher import EpochBatcher

NETWORK = gn.Network.create([1, 1], output="identity", seed=0)


@pytest.mark.parametrize("schedule", SCHEDULES)
@settings(max_examples=10)
@given(st.integers(1, 40), st.integers(1, 9), st.integers(2, 12), st.integers(1, 12))
def test_rates_do_not_depend_on_how_many_epochs_a_call_takes(schedule, n_samples, batch_size, epochs, at_a_time):
    """Bit by bit: a clock decides how many epochs a call takes, and the same seed must be the same run."""
    paces = [[], []]
    for k, n in enumerate((epochs, at_a_time)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                EpochBatcher, "n_epochs", lambda self, done, early_stopping, seconds, n=n: min(n, epochs - done)
            )
            patch.setattr(
                "glassnet.engines.reference.ReferenceEngine.run",
                recorded(paces[k]),
            )
            X = np.ones((n_samples, 1))
            gn.train(NETWORK, X, X, cost="half_squared_error", solver="adamw", epochs=epochs, batch_size=batch_size,
                     schedule=schedule, dropout_schedule=schedule, decay_schedule=schedule, shuffle=False, engine="reference")  # fmt: skip

    one, other = (np.concatenate(pace, axis=1) for pace in paces)
    np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(one[1], one[2])
    np.testing.assert_allclose(one[0], 0.001 * one[1], rtol=1e-15)


def recorded(paces):
    from glassnet.engines.reference import ReferenceEngine

    run = ReferenceEngine.run

    def spied(self, state, order, eta, batch_size, factors):
        paces.append(np.asarray([np.broadcast_to(each, len(eta)) for each in (eta, *factors)]))
        return run(self, state, order, eta, batch_size, factors)

    return spied
