"""Start weights that fit the samples, and learning rates of their own for weights and biases."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.core.data_start import start_from_data
from glassnet.errors import ParameterError

X = np.random.default_rng(0).normal(20.0, [1.0, 100.0, 1e-3], size=(80, 3))


@pytest.fixture
def started():
    return start_from_data(gn.Network.create([3, 7, 5, 2], hidden=["selu", "relu"], output="softmax"), X, seed=3)


def neuron(network, layer, j, A):
    """One neuron's pre-activations over the samples, number by number."""
    return [
        sum(float(w) * float(a) for w, a in zip(network.W[layer][j], row)) + float(network.b[layer][j]) for row in A
    ]


def test_every_neuron_spreads_by_one(started):
    """Standard deviations by plain sums over the samples, whatever the units of the columns."""
    A = X
    for layer, sigma in started.activation.items():
        columns = [neuron(started, layer, j, A) for j in range(started.sizes[layer])]
        for z in columns:
            mean = sum(z) / len(z)
            assert sum((value - mean) ** 2 for value in z) / len(z) == pytest.approx(1.0, rel=1e-6)
        A = sigma(np.asarray(columns).T)


def test_every_hidden_neuron_bends_among_the_samples(started):
    """Its pre-activation is 0 somewhere between the samples' smallest and largest; output biases are 0."""
    trace = gn.forward(started, X)
    for layer in (1, 2):
        assert (trace.Z[layer].min(axis=0) < 0).all()
        assert (trace.Z[layer].max(axis=0) > 0).all()
    assert not started.b[3].any()


def test_directions_are_those_of_the_normal_draw():
    """Only lengths are made to fit: correlation with the spread of the columns is none, weights have mean 0."""
    wide = start_from_data(gn.Network.create([3, 4000, 1]), X / X.std(axis=0), seed=0)
    unit = wide.W[1] / np.linalg.norm(wide.W[1], axis=1, keepdims=True)

    np.testing.assert_allclose(unit.mean(axis=0), 0.0, atol=4 / np.sqrt(3 * 4000))
    np.testing.assert_allclose((unit**2).mean(axis=0), 1 / 3, atol=0.02)


def test_draws_repeat_and_precision_stays():
    network = gn.Network.create([3, 4, 1], dtype="float32")
    first, again, other = (start_from_data(network, X, seed=seed) for seed in (1, 1, 2))

    np.testing.assert_array_equal(first.theta, again.theta)
    assert first.theta.dtype == np.float32
    assert (first.theta != other.theta).any()


def test_samples_that_are_all_alike_and_layers_without_biases():
    """No spread to divide by: weights stay as drawn and finite."""
    network = start_from_data(gn.Network.create([3, 4, 1], bias=False), np.ones((5, 3)), seed=0)

    assert np.isfinite(network.theta).all()
    assert network.b[1] is None


def test_jax_arrays():
    """The same numbers from another array library, up to its float32."""
    import jax.numpy as jnp

    network = gn.Network.create([3, 4, 1], hidden="tanh", dtype="float32")
    ours = start_from_data(network, X.astype(np.float32), seed=0)
    np.testing.assert_allclose(start_from_data(network, jnp.asarray(X), seed=0).theta, ours.theta, rtol=2e-3, atol=1e-4)


def test_rates_by_fan_in_are_steps_of_their_own():
    """One step of plain gradient descent: each block moves by its factor times the step it would take alone."""
    network = gn.Network.create([4, 9, 1], seed=0)
    Y = np.random.default_rng(1).random((80, 1))
    inputs = np.random.default_rng(2).normal(size=(80, 4))
    step = {"cost": "half_squared_error", "solver": "gd", "epochs": 1, "learning_rate": 0.1, "engine": "reference"}
    before = network.theta
    alone = gn.train(network, inputs, Y, **step).network.theta - before
    paced = gn.train(network.with_rates("fan_in", biases=0.1), inputs, Y, **step).network.theta - before
    factors = np.concatenate([np.full(36, 1 / 2), np.full(9, 0.1), np.full(9, 1 / 3), np.full(1, 0.1)])

    np.testing.assert_allclose(paced, factors * alone, rtol=1e-9, atol=1e-17)


def test_rates_keep_what_is_frozen():
    slots = gn.Network.create([2, 1], seed=0).freeze(names="b").with_rates("fan_in").layout.slots

    assert [slot.frozen for slot in slots] == [False, True]


@pytest.mark.parametrize(
    "rates, message",
    [
        (("fan_out",), "weights='fan_out' is not known. Choose from: equal, fan_in"),
        (("equal", -1.0), "biases=-1.0 must be a number from 0 upwards: a factor of the learning rate"),
    ],
)
def test_rates_that_cannot_be(rates, message):
    with pytest.raises(ParameterError, match=message):
        gn.Network.create([2, 1], seed=0).with_rates(*rates)
