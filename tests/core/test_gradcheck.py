"""The gradient check itself: a check that cannot fail is a defect."""

from dataclasses import replace

import numpy as np
import pytest

import glassnet as gn
from glassnet.core.catalog.activation import ACTIVATIONS
from glassnet.core.catalog.costs import COSTS
from glassnet.core.records import ByLayer
from glassnet.errors import ParameterError

METHODS = ["complex_step", "central_differences"]
X = np.random.default_rng(0).normal(size=(5, 3))
Y = np.random.default_rng(1).normal(size=(5, 2))


def with_activation(network, layer, sigma):
    """Put an activation in without the check that `Network.create` makes."""
    each = list(network.activation)
    each[layer - 1] = sigma
    return replace(network, activation=ByLayer(each, name="activation"))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("wrong", [1.001, 0.0, -1.0])
def test_it_notices_a_wrong_derivative(method, wrong, make_network):
    """tanh' off by a factor in the hidden layer: every weight before it is wrong by that factor, none after it."""
    network = make_network([3, 4, 2])
    broken = replace(ACTIVATIONS["tanh"], derivative=lambda Z, A: wrong * (1 - A * A))
    check = gn.check_gradients(with_activation(network, 1, broken), X, Y, cost="half_squared_error", method=method)

    assert check.max_relative_error > 0.9 * abs(1 - wrong) / max(1, abs(wrong))
    assert check.worst.name.startswith(("W[1]", "b[1]"))
    assert all(shock.relative_error < 1e-7 for shock in check.shocks if shock.name.startswith(("W[2]", "b[2]")))


@pytest.mark.parametrize("method", METHODS)
def test_it_notices_a_wrong_derivative_of_the_cost(method, make_network):
    broken = replace(COSTS["squared_error"], name="halved", derivative=lambda A, Y: A - Y)  # the forgotten factor 2
    check = gn.check_gradients(make_network([3, 4, 2]), X, Y, cost=broken, method=method)

    assert check.max_relative_error == pytest.approx(0.5, abs=1e-6)


def test_it_names_the_one_weight_that_is_wrong(monkeypatch, make_network):
    """One entry of dW[2] is spoiled; its name stands in the report, with both numbers."""
    from glassnet.core import gradcheck

    true_backward = gradcheck.backward

    def spoiled(network, trace, Y, **options):
        grads = true_backward(network, trace, Y, **options)
        grads.dW[2][1, 3] += 0.25
        return grads

    network = make_network([3, 4, 2])
    right = true_backward(network, gn.forward(network, X), Y, cost="half_squared_error").dW[2][1, 3]
    monkeypatch.setattr(gradcheck, "backward", spoiled)
    check = gn.check_gradients(network, X, Y, cost="half_squared_error")

    assert check.worst.name == "W[2][1, 3]"
    assert check.worst.backpropagated == pytest.approx(right + 0.25, rel=1e-12)
    assert check.worst.measured == pytest.approx(right, rel=1e-12)
    assert check.max_relative_error == check.worst.relative_error
    assert sum(shock.relative_error > 1e-9 for shock in check.shocks) == 1
    assert f"worst: W[2][1, 3]: backpropagation {right + 0.25:.9g}, shock {right:.9g}" in str(check)


@pytest.mark.parametrize("method", METHODS)
def test_it_notices_a_penalty_left_out(method, monkeypatch, make_network):
    monkeypatch.setattr(gn.Penalty, "gradient", lambda self, theta, decays: 0 * theta)
    network = make_network([3, 4, 2])
    check = gn.check_gradients(network, X, Y, cost="half_squared_error", penalty=gn.Penalty(l2=1.0), method=method)

    assert check.max_relative_error > 0.1
    assert check.worst.name.startswith("W")


def test_it_covers_every_parameter_by_name(make_network):
    check = gn.check_gradients(make_network([2, 2, 1]), X[:, :2], Y[:, :1], cost="half_squared_error")
    names = ["W[1][0, 0]", "W[1][0, 1]", "W[1][1, 0]", "W[1][1, 1]", "b[1][0]", "b[1][1]"]

    assert [shock.name for shock in check.shocks] == [*names, "W[2][0, 0]", "W[2][0, 1]", "b[2][0]"]
    assert check.at_kinks == ()


def test_shocks_across_a_kink_are_left_out_and_named():
    """The hidden z is exactly 0: any shock crosses relu's kink; the weight after it does not."""
    network = gn.Network.from_weights([([[1.0]], [-1.0]), ([[2.0]], [0.5])], hidden="relu", output="identity")
    check = gn.check_gradients(network, [[1.0]], [[3.0]], cost="half_squared_error", method="central_differences")

    assert check.at_kinks == ("W[1][0, 0]", "b[1][0]")
    assert [shock.name for shock in check.shocks] == ["W[2][0, 0]", "b[2][0]"]
    assert check.max_relative_error < 1e-10
    assert str(check).endswith("left out at kinks: W[1][0, 0], b[1][0]")


@pytest.mark.parametrize("cost", ["absolute_error", "pinball", "huber"])
def test_kinks_of_the_cost_are_left_out(cost):
    """Output 1 and target 1 (for huber 2): exactly where the slope changes."""
    network = gn.Network.from_weights([([[1.0]], None)], output="identity")
    target = 2.0 if cost == "huber" else 1.0
    check = gn.check_gradients(network, [[1.0]], [[target]], cost=cost, method="central_differences")

    assert check.at_kinks == ("W[1][0, 0]",)
    assert (check.shocks, check.worst, check.max_relative_error) == ((), None, 0.0)
    assert str(check).startswith("0 derivatives by central differences: largest relative error 0.0e+00")


def test_a_zero_weight_is_a_kink_of_the_l1_penalty_but_a_zero_bias_is_not():
    """Biases start at 0 and are not penalized, so they must be checked."""
    network = gn.Network.from_weights([([[0.0, 1.0]], [0.0])], output="identity")
    penalty = gn.Penalty(l1=0.5)
    arguments = dict(cost="half_squared_error", penalty=penalty)

    check = gn.check_gradients(network, [[1.0, 2.0]], [[0.3]], method="central_differences", **arguments)
    assert check.at_kinks == ("W[1][0, 0]",)
    assert [shock.name for shock in check.shocks] == ["W[1][0, 1]", "b[1][0]"]

    check = gn.check_gradients(network, [[1.0, 2.0]], [[0.3]], method="complex_step", **arguments)
    assert check.max_relative_error < 1e-12  # both say that the penalty's part is 0 there


def test_derivatives_that_are_all_zero_are_no_error(make_network):
    """The signed error on softmax outputs, which always sum to 1: only rounding is left."""
    network = make_network([3, 4, 2], output="softmax")

    assert gn.check_gradients(network, X, np.eye(2)[[0, 1, 1, 0, 1]], cost="error").max_relative_error < 1e-6


def test_auto_takes_the_complex_step_for_what_comes_with_glassnet(make_network):
    check = gn.check_gradients(make_network([3, 4, 2], hidden="gelu"), X, Y, cost="huber")

    assert check.method == "complex step"
    assert str(check).startswith("26 derivatives by complex step: largest relative error")


def test_a_float32_network_is_checked_in_float64(make_network):
    check = gn.check_gradients(make_network([3, 4, 2]).astype("float32"), X, Y, cost="half_squared_error")

    assert check.max_relative_error < 1e-12


@pytest.mark.parametrize("method", METHODS)
def test_weights_take_part(method, make_network):
    arguments = dict(cost="half_squared_error", method=method)
    network, weights = make_network([3, 4, 2]), [0.0, 1.0, 2.0, 3.0, 0.5]
    weighted, plain = (gn.check_gradients(network, X, Y, weights=w, **arguments) for w in (weights, None))

    assert weighted.max_relative_error < 1e-7
    assert weighted.shocks[0].measured != pytest.approx(plain.shocks[0].measured, rel=1e-3)


def test_an_unknown_method_is_refused(make_network):
    message = r"^method='numeric' is not known\. Choose from: auto, complex_step, central_differences\.$"

    with pytest.raises(ParameterError, match=message):
        gn.check_gradients(make_network([3, 2]), X, Y, cost="squared_error", method="numeric")
