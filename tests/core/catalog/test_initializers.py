"""Bounds and variances as published, measured on a large draw, and which initializer fits which activation."""

import math

import numpy as np
import pytest

import glassnet as gn
from glassnet.core.catalog.activation import ACTIVATIONS
from glassnet.core.catalog.initializers import INITIALIZERS, initializer_for
from glassnet.errors import ParameterError

N_IN, N_OUT = 300, 500
# Variances from the papers; a uniform draw in ±bound has the variance bound²/3.
VARIANCES = {
    "glorot": 2 / (N_IN + N_OUT),
    "he": 2 / N_IN,
    "lecun": 1 / N_IN,
}


def draw(name, seed=0):
    return INITIALIZERS[name](np.random.default_rng(seed), N_IN, N_OUT)


@pytest.mark.parametrize("name", [name for name in INITIALIZERS if name != "uniform_0_1"])
def test_mean_and_variance(name):
    """150,000 draws: the mean within 5 standard errors of 0, the variance within 2 %."""
    W, (family, shape) = draw(name), name.split("_")
    variance = VARIANCES[family]

    assert W.shape == (N_OUT, N_IN)
    assert abs(W.mean()) < 5 * math.sqrt(variance / W.size)
    assert W.var() == pytest.approx(variance, rel=0.02)
    if shape == "uniform":
        bound = math.sqrt(3 * variance)
        assert 0.999 * bound < np.abs(W).max() <= bound
    else:  # a normal draw has 0.27 % beyond three standard deviations
        assert (np.abs(W) > 3 * math.sqrt(variance)).mean() == pytest.approx(0.0027, rel=0.2)


def test_the_tutorials_weights_lie_between_0_and_1():
    W = draw("uniform_0_1")

    assert 0 <= W.min() < 1e-4
    assert 1 - 1e-4 < W.max() < 1
    assert W.mean() == pytest.approx(0.5, abs=0.005)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_the_same_seed_is_the_same_draw(name):
    np.testing.assert_array_equal(draw(name, 3), draw(name, 3))
    assert not np.array_equal(draw(name, 3), draw(name, 4))


@pytest.mark.parametrize(
    ("activation", "name"),
    [
        ("relu", "he_normal"),
        ("leaky_relu", "he_normal"),
        ("gelu", "he_normal"),
        ("mish", "he_normal"),
        ("selu", "lecun_normal"),
        ("tanh", "glorot_uniform"),
        ("sigmoid", "glorot_uniform"),
        ("softmax", "glorot_uniform"),
        ("identity", "glorot_uniform"),
    ],
)
def test_auto_fits_the_activation(activation, name):
    assert initializer_for("auto", ACTIVATIONS[activation]).__name__ == name


def test_each_layer_gets_its_own():
    """In one network: He's variance before relu, Glorot's before the output."""
    network = gn.Network.create([N_IN, N_OUT, N_IN], hidden="relu", output="identity", seed=0)

    assert network.W[1].var() == pytest.approx(2 / N_IN, rel=0.02)
    assert network.W[2].var() == pytest.approx(2 / (N_IN + N_OUT), rel=0.02)
    assert not network.b[1].any()


def test_the_tutorials_biases_are_drawn_too():
    network = gn.Network.create([2, N_OUT, 1], init="uniform_0_1", seed=0)

    assert (network.theta >= 0).all()
    assert network.b[1].std() == pytest.approx(1 / math.sqrt(12), rel=0.1)


def test_an_unknown_initializer_is_refused():
    message = r"^init='xavier' is not known\. Choose from: auto, glorot_uniform, .*, uniform_0_1\.$"

    with pytest.raises(ParameterError, match=message):
        gn.Network.create([2, 1], init="xavier")
