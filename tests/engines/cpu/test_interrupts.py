"""A prediction of many rows is made in many calls, so that Ctrl-C ends it in all threads, and soon."""

import threading

import numpy as np
import pytest

import glassnet as gn
from glassnet.engines.cpu import forward as module
from glassnet.engines.cpu.forward import Forward


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_ctrl_c_ends_every_thread_between_two_calls(monkeypatch, n_jobs):
    """The main thread is interrupted in its third call; the others stop before their next one."""
    network = gn.Network.create([4, 8, 1], hidden="tanh", seed=0)
    X = np.random.default_rng(0).normal(size=(100_000, 4))
    monkeypatch.setattr(module, "PRODUCTS_PER_CALL", 128 * network.n_params)
    kernel, calls, waits = module.forward_many, [], threading.Event()

    def counted(*given):
        calls.append(threading.current_thread())
        if threading.current_thread() is not threading.main_thread():
            assert waits.wait(60)  # until the main thread was interrupted
        elif len([each for each in calls if each is threading.main_thread()]) == 3:
            raise KeyboardInterrupt
        kernel(*given)

    class Told(threading.Event):
        def set(self):
            super().set()
            waits.set()

    monkeypatch.setattr(module, "forward_many", counted)
    monkeypatch.setattr(module, "Event", Told)
    with pytest.raises(KeyboardInterrupt):
        Forward(network, n_jobs=n_jobs)(network.theta, X)

    monkeypatch.undo()
    assert len(calls) <= 3 + (n_jobs - 1)


def test_the_number_of_calls_changes_no_bit(monkeypatch):
    network = gn.Network.create([4, 8, 1], hidden="tanh", seed=0)
    X = np.random.default_rng(0).normal(size=(5_000, 4))
    whole = Forward(network, n_jobs=1)(network.theta, X)[1]
    monkeypatch.setattr(module, "PRODUCTS_PER_CALL", 0)

    np.testing.assert_array_equal(Forward(network, n_jobs=1)(network.theta, X)[1], whole)
