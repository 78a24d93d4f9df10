"""SciPy's matrix library has one thread during L-BFGS, and its own number before and after."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.training.loop import scipy_threads
from glassnet.training.loop.scipy_threads import one_thread


@pytest.fixture(autouse=True)
def _two_threads():
    libraries = scipy_threads._libraries()
    if not libraries.lib_controllers:
        pytest.skip("SciPy shares its matrix library with NumPy here")
    with libraries.limit(limits=2):
        yield


def numbers():
    return [library.num_threads for library in scipy_threads._libraries().lib_controllers]


def train(callback):
    X = np.linspace(-1.0, 1.0, 20)[:, None]
    net = gn.Network.create([1, 3, 1], hidden="tanh", output="identity", seed=0)
    return gn.train(net, X, X**2, cost="squared_error", solver="lbfgs", epochs=4, callback=callback)


def test_during_a_run_and_after_it():
    seen = []
    train(lambda epoch, network: seen.append(numbers()))

    assert {tuple(each) for each in seen} == {(1,)}
    assert numbers() == [2]


def test_after_a_run_that_failed():
    def fail(epoch, network):
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        train(fail)
    assert numbers() == [2]


def test_the_last_of_several_runs_puts_the_number_back():
    first, second = one_thread(), one_thread()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert numbers() == [1]

    second.__exit__(None, None, None)
    assert numbers() == [2]
