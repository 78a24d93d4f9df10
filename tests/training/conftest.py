"""Small problems to train on, and the loop with numbers that a test decides."""

import numpy as np
import pytest

import glassnet as gn


@pytest.fixture(scope="session")
def binary():
    """120 rows of 4 inputs; the side of a noisy plane."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 4))
    return X, ((X @ [1.5, -1.0, 0.5, 0.0] + rng.normal(0, 0.8, 120)) > 0).astype(float)[:, None]


@pytest.fixture(scope="session")
def curve():
    """60 rows of 2 inputs and 2 targets on a smooth surface with noise."""
    rng = np.random.default_rng(1)
    X = rng.uniform(-1, 1, (60, 2))
    return X, np.c_[np.sin(2 * X[:, 0]), X[:, 0] * X[:, 1]] + rng.normal(0, 0.1, (60, 2))


@pytest.fixture(scope="session")
def start():
    """`start(sizes, hidden=, output=, dtype=)`: a network whose weights are drawn with seed 0."""

    def make(sizes=(4, 5, 1), *, hidden="tanh", output="sigmoid", dtype="float64"):
        return gn.Network.create(sizes, hidden=hidden, output=output, dtype=dtype, seed=0)

    return make
