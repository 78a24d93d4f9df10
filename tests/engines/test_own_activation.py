import numpy as np
import pytest

import glassnet as gn
from glassnet.errors import ParameterError

SINE = gn.Activation("sine", np.sin, lambda Z, A: np.cos(Z))


def test_an_engine_runs_a_users_activation_or_says_who_does(engine_name, make_engine, samples):
    network = gn.Network.create([3, 4, 2], hidden=SINE, output="identity", seed=0)
    if engine_name != "reference":
        with pytest.raises(ParameterError, match=r"your own activation 'sine', .*compile; use engine='reference'\.$"):
            make_engine(network, *samples)
        return
    engine = make_engine(network, *samples)
    state, _ = engine.run(engine.start(0.1), np.arange(20)[None, :], np.asarray([0.1]), 20)
    grads = gn.backward(network, gn.forward(network, samples[0]), samples[1], cost="half_squared_error")

    np.testing.assert_allclose(state.theta, gn.descend(network, grads, learning_rate=0.1).theta, rtol=1e-12)
