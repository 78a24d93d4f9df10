"""A run that blows up: epoch, layer and unit of the first number that is not finite, and a network that is finite."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.engines.base import Divergence


def line(dtype="float64"):
    """y = w x with w = 1."""
    return gn.Network.from_weights([(np.ones((1, 1), dtype=dtype), None)], output="identity")


def test_the_epoch_can_be_computed_by_hand():
    """x = 1, t = 0, eta = 1e10: w is multiplied by 1 - 1e10 at each step, so w after k epochs is (-1e10)^k.

    In float32 numbers end at 3.4e38. The outputs 1, -1e10, 1e20 are finite; the square of 1e20 is not. So the cost of
    the third epoch is the first number that is not finite, and the network kept has w = 1e20.
    """
    result = gn.train(
        line("float32"), [[1.0]], [[0.0]], cost="half_squared_error", solver="gd", learning_rate=1e10, epochs=10
    )
    history = result.history

    assert history.divergence == Divergence(step=2, layer=1, unit=0, quantity="cost", epoch=3, row=0)
    assert (history.stopped, len(history), history.best_epoch) == ("diverged", 2, 2)
    assert history.stop_reason == (
        "the first number that was not finite: cost at unit 0 of layer 1, in epoch 3, step 2, training row 0, where "
        "(t - o)^2 is inf for t = 0, o = 1e+20; "
        "try a smaller learning rate, or clip=1.0"
    )
    assert result.network.W[1].item() == pytest.approx(1e20, rel=1e-5)


def test_the_remedy_helps():
    """The same run with clip=1.0 and a learning rate that fits."""
    result = gn.train(
        line("float32"),
        [[1.0]],
        [[0.0]],
        cost="half_squared_error",
        solver="gd",
        learning_rate=0.5,
        clip=1.0,
        epochs=10,
    )

    assert result.history.stopped == "epochs"
    assert abs(result.network.W[1].item()) < 0.01


def test_a_huge_learning_rate_blows_up_a_relu_network(curve, start):
    network = start((2, 8, 8, 2), hidden="relu", output="identity")
    result = gn.train(network, *curve, cost="half_squared_error", solver="sgd", learning_rate=1e4, epochs=20)
    found = result.history.divergence

    assert result.history.stopped == "diverged"
    assert found.epoch == len(result.history) + 1
    assert found.step == result.state.step
    assert 1 <= found.layer <= 3
    assert np.isfinite(result.network.theta).all()


def test_a_weight_that_starts_infinite():
    """Nothing was ever finite: it stops in the first epoch and names the neuron that the weight leads into."""
    network = gn.Network.from_weights([([[1.0], [np.inf]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])], hidden="relu")
    result = gn.train(network, [[1.0], [2.0]], [[0.0], [1.0]], cost="binary_cross_entropy", epochs=5)

    assert result.history.divergence == Divergence(step=0, layer=1, unit=1, quantity="Z", epoch=1, row=0)
    assert (len(result.history), result.history.best_epoch) == (0, 0)
    assert result.history["cost"].shape == (0,)


def test_with_validation_the_best_epoch_is_kept(curve, start):
    """The epochs before the end get worse and worse: the best one was the first."""
    network = start((2, 4, 2), hidden="relu", output="identity")
    result = gn.train(
        network, *curve, cost="half_squared_error", solver="gd", learning_rate=30.0, epochs=200, validation=curve
    )
    costs = result.history["validation_cost"]

    assert result.history.stopped == "diverged"
    assert result.history.best_epoch == 1 + int(np.nanargmin(costs))
    kept = gn.forward(result.network, curve[0]).A[-1]
    assert gn.cost("half_squared_error", kept, curve[1]) == pytest.approx(np.nanmin(costs), rel=1e-12)


@pytest.mark.parametrize("sparse", [False, True])
def test_lbfgs_names_what_its_start_weights_did(sparse):
    from scipy.sparse import csr_array

    network = gn.Network.from_weights([([[1.0], [np.inf]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])], hidden="relu")
    X = np.asarray([[1.0], [2.0]])
    result = gn.train(
        network, csr_array(X) if sparse else X, [[0.0], [1.0]], cost="binary_cross_entropy", solver="lbfgs", epochs=5
    )

    assert result.history.stopped == "diverged"
    assert result.history.stop_reason.endswith("try smaller start weights or scaled inputs")
    found = result.history.divergence
    assert (found.layer, found.unit, found.quantity) == (1, 1, "Z")


def test_lbfgs_notices_a_penalty_that_overflows():
    """The square of 1e200 does; the input is 0, so that nothing else is large."""
    network = gn.Network.from_weights([([[1e200]], None)], output="identity")
    result = gn.train(network, [[0.0]], [[0.0]], cost="half_squared_error", solver="lbfgs", l2=1.0, epochs=5)

    assert (result.history.stopped, len(result.history)) == ("diverged", 0)
    np.testing.assert_array_equal(result.network.theta, network.theta)


def test_an_epoch_reports_a_penalty_that_overflows_without_a_warning():
    network = gn.Network.from_weights([(np.asarray([[1e20]], dtype=np.float32), None)], output="identity").freeze(1)
    result = gn.train(network, [[0.0]], [[0.0]], cost="half_squared_error", l2=1.0, epochs=1, engine="reference")

    assert result.history["penalty"].tolist() == [np.inf]


def test_the_compiled_engine_adds_penalties_in_double_precision():
    """Half of 1e20 squared, 5e39, does not fit into float32, but it is no reason to report an infinite penalty."""
    network = gn.Network.from_weights([(np.asarray([[1e20]], dtype=np.float32), None)], output="identity").freeze(1)
    result = gn.train(network, [[0.0]], [[0.0]], cost="half_squared_error", l2=1.0, epochs=1, engine="cpu")

    np.testing.assert_allclose(result.history["penalty"], [5e39], rtol=1e-6)
