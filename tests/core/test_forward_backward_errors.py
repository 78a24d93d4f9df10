import numpy as np
import pytest

import glassnet as gn
from glassnet.errors import LayerIndexError, ParameterError, ShapeError

NETWORK = gn.Network.create([3, 2, 1], output="identity", seed=0)


def test_inputs_of_the_wrong_width_are_refused():
    message = r"^X has 4 columns, but this network has 3 inputs; expected one column per input\.$"

    with pytest.raises(ShapeError, match=message):
        gn.forward(NETWORK, np.ones((2, 4)))


def test_inputs_of_the_wrong_depth_are_refused():
    with pytest.raises(ShapeError, match=r"^X has 3 dimensions; expected a matrix with one row per sample\.$"):
        gn.forward(NETWORK, np.ones((2, 3, 1)))


def test_targets_that_do_not_match_are_refused():
    with pytest.raises(ShapeError, match=r"^outputs have shape \(2, 1\) but targets \(1, 2\); expected one target per"):
        gn.backward(NETWORK, gn.forward(NETWORK, np.ones((2, 3))), [[0.0, 1.0]], cost="squared_error")


def test_with_one_output_a_flat_list_is_its_column():
    """Targets as people hold them, (n_samples,), mean the same as (n_samples, 1)."""
    trace = gn.forward(NETWORK, np.asarray([[1.0, 0.0, 2.0], [0.5, 1.0, 0.0]]))
    flat = gn.backward(NETWORK, trace, [0.0, 1.0], cost="squared_error")
    column = gn.backward(NETWORK, trace, [[0.0], [1.0]], cost="squared_error")

    np.testing.assert_array_equal(flat.grad, column.grad)
    assert gn.cost("squared_error", trace.A[-1], [0.0, 1.0]) == gn.cost("squared_error", trace.A[-1], [[0.0], [1.0]])


def test_weights_that_do_not_match_are_refused():
    trace = gn.forward(NETWORK, np.ones((2, 3)))

    with pytest.raises(ShapeError, match=r"^weights have shape \(3,\); expected one number per sample: \(2,\)\.$"):
        gn.backward(NETWORK, trace, np.ones((2, 1)), cost="squared_error", weights=[1, 2, 3])


def test_the_blame_at_the_inputs_comes_on_request_only():
    trace, Y = gn.forward(NETWORK, np.ones((2, 3))), np.zeros((2, 1))

    assert gn.backward(NETWORK, trace, Y, cost="squared_error", inputs=True).delta[0].shape == (2, 3)
    with pytest.raises(LayerIndexError, match=r"delta\[0\] does not exist"):
        gn.backward(NETWORK, trace, Y, cost="squared_error").delta[0]


@pytest.mark.parametrize("learning_rate", [0, -0.1, float("nan"), float("inf")])
def test_a_step_needs_a_positive_learning_rate(learning_rate):
    grads = gn.backward(NETWORK, gn.forward(NETWORK, np.ones((2, 3))), np.zeros((2, 1)), cost="squared_error")

    with pytest.raises(ParameterError, match=r"^learning_rate=.* must be a positive number, such as 0\.1\.$"):
        gn.descend(NETWORK, grads, learning_rate=learning_rate)


def test_a_step_leaves_frozen_layers():
    network = NETWORK.freeze(1)
    grads = gn.backward(network, gn.forward(network, np.ones((2, 3))), np.ones((2, 1)), cost="squared_error")
    after = gn.descend(network, grads, learning_rate=0.5)

    np.testing.assert_array_equal(after.W[1], network.W[1])
    np.testing.assert_array_equal(after.b[1], network.b[1])
    np.testing.assert_array_equal(after.W[2], network.W[2] - 0.5 * grads.dW[2])


def test_nothing_given_is_modified():
    """X, Y and weights stay the user's."""
    rng = np.random.default_rng(0)
    X, Y, weights = rng.normal(size=(4, 3)), rng.normal(size=(4, 1)), rng.uniform(size=4)
    kept = [X.copy(), Y.copy(), weights.copy(), NETWORK.theta.copy()]
    grads = gn.backward(NETWORK, gn.forward(NETWORK, X), Y, cost="huber", weights=weights, inputs=True)
    gn.descend(NETWORK, grads, learning_rate=1.0)

    for given, copy in zip([X, Y, weights, NETWORK.theta], kept, strict=True):
        np.testing.assert_array_equal(given, copy)
