"""Units that are linear, and units that nothing needs."""

import numpy as np
import pytest
from tests.diagnosis.findings import found

import glassnet as gn

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 2))
LINE = X[:, :1] - 2 * X[:, 1:]


def one_layer(W, b, hidden="relu", W2=None):
    W2 = np.linspace(0.5, 1.5, len(W))[None] if W2 is None else W2
    return gn.Network.from_weights([(W, b), (W2, [0.0])], hidden=hidden, output="identity")


def weights(n):
    rng = np.random.default_rng(1)
    return rng.normal(size=(n, 2)), rng.normal(size=n) / 4


def of(net, rule):
    return found(gn.diagnose(net, X, LINE, cost="half_squared_error"), rule)


class TestLinearUnits:
    @pytest.mark.parametrize("n, level", [(2, None), (3, "note"), (5, "note"), (6, "warning")])
    def test_relu_units_that_are_never_off(self, n, level):
        W, b = weights(6)
        b[:n] = 100.0
        assert [each.level for each in of(one_layer(W, b), "linear-units")] == ([] if level is None else [level])

    def test_units_are_named_and_dead_ones_do_not_count(self):
        W, b = weights(6)
        b[[1, 2, 4, 5]] = 100.0
        b[[0, 3]] = -100.0
        (each,) = of(one_layer(W, b), "linear-units")
        assert (each.level, each.where, each.value) == ("warning", "layer 1, units 2, 3, 5 and 6", 1.0)

    def test_units_that_only_just_change_are_dead_not_linear(self):
        """So far from 0, silu gives numbers of 1e-300, on which any curve is a line."""
        W, b = weights(4)
        net = one_layer(W, b - 700.0, "silu")
        assert [each.where for each in of(net, "dead-units")] == ["layer 1, units 1, 2, 3 and 4"]
        assert not of(net, "linear-units")

    @pytest.mark.parametrize("size, is_linear", [(1e-3, True), (1.0, False)])
    def test_tanh_units_near_0(self, size, is_linear):
        W, b = weights(4)
        net = one_layer(size * W, size * b, "tanh")
        straight = [np.corrcoef(X @ W[j] + b[j], np.tanh(size * (X @ W[j] + b[j])))[0, 1] ** 2 for j in range(4)]
        assert bool(min(straight) > 1 - 1e-4) == is_linear
        assert len(of(net, "linear-units")) == is_linear

    def test_layers_without_activation(self):
        net = gn.Network.create([2, 4, 4, 1], hidden="identity", output="identity", seed=0)
        assert [each.where[:7] for each in of(net, "linear-units")] == ["layer 1", "layer 2"]


class TestUselessUnits:
    def test_units_that_the_next_layer_does_not_read(self):
        W, b = weights(10)
        W2 = np.arange(1.0, 11.0)[None].copy()
        W2[0, [2, 5, 9]] = 1e-6
        (each,) = of(one_layer(W, b, W2=W2), "useless-units")
        assert (each.level, each.where) == ("note", "layer 1, units 3, 6 and 10")
        assert each.value == pytest.approx(0.3)

    def test_the_change_is_that_of_the_outputs_without_them(self):
        W, b = weights(10)
        W2 = np.arange(1.0, 11.0)[None].copy()
        W2[0, :4] = 2e-4
        (each,) = of(one_layer(W, b, W2=W2), "useless-units")
        A = np.maximum(X @ W.T + b, 0)
        ablated = A.copy()
        ablated[:, :4] = A[:, :4].mean(axis=0)
        change = np.sqrt(np.mean((A @ W2.T - ablated @ W2.T) ** 2)) / (A @ W2.T).std()
        assert f"{100 * change:.2f}%" in each.evidence

    def test_units_of_a_layer_in_the_middle(self):
        net = gn.Network.create([2, 8, 8, 1], hidden="tanh", output="identity", seed=0)
        theta = np.array(net.theta)
        net.layout.view(theta, 2, "W")[:, :3] = 0.0
        (each,) = of(net.with_theta(theta), "useless-units")
        assert each.where == "layer 1, units 1, 2 and 3"

    def test_a_network_without_biases(self):
        W, _ = weights(10)
        W2 = np.arange(1.0, 11.0)[None].copy()
        W2[0, :3] = 0.0
        net = gn.Network.from_weights([(W, None), (W2, None)], hidden="relu", output="identity")
        assert len(of(net, "useless-units")) == 1

    def test_units_that_are_read_are_not(self):
        assert not of(one_layer(*weights(10)), "useless-units")

    def test_dead_units_are_the_matter_of_another_rule(self):
        W, b = weights(10)
        b[:5] = -100.0
        assert not of(one_layer(W, b), "useless-units")
