"""F(x, y, z) = xy + not z: eight rows, learned to zero mistakes."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.data.boolean import truth_table

X = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], dtype=float)
F = np.array([1, 0, 1, 0, 1, 0, 1, 1], dtype=float)  # by hand: 1 wherever z = 0, and in the last row


def test_the_library_makes_the_same_table():
    table = truth_table("x*y + ~z")

    np.testing.assert_array_equal(table.X, X)
    np.testing.assert_array_equal(table.F, F)


@pytest.mark.parametrize("seed", range(5))
def test_learned_to_zero_mistakes(seed):
    start = gn.Network.create([3, 3, 1], hidden="sigmoid", output="sigmoid", seed=seed)
    result = gn.train(start, X, F, cost="binary_cross_entropy", solver="gd", learning_rate=1.0, epochs=200)
    outputs = gn.forward(result.network, X).A[-1][:, 0]

    assert np.sum((outputs > 0.5) != F) == 0
    assert np.abs(outputs - F).max() < 0.2  # and not by a hair
    assert result.history.epochs[-1].metric == 1.0


def test_one_step_neuron_is_enough():
    """x + y - 1.5 z + 0.25 is 0.25, -1.25, 1.25, -0.25, 1.25, -0.25, 2.25, 0.75 in the table's order."""
    perceptron = gn.Network.from_weights([([[1.0, 1.0, -1.5]], [0.25])], output="step")
    trace = gn.forward(perceptron, X)

    assert trace.Z[1][:, 0].tolist() == [0.25, -1.25, 1.25, -0.25, 1.25, -0.25, 2.25, 0.75]
    assert trace.A[1][:, 0].tolist() == F.tolist()


def test_the_first_tutorials_sample_is_one_of_its_rows():
    """(1, 0, 1) has target 0, as in the 3-3-1 example."""
    assert F[X.tolist().index([1.0, 0.0, 1.0])] == 0
