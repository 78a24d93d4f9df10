"""A learned slope for each hidden neuron: a = s · sigma(z) + (1 - s) · z."""

import math

import array_api_strict
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import glassnet as gn
from glassnet.core.catalog.activation import ACTIVATIONS
from glassnet.core.data_start import start_from_data
from glassnet.core.layout import Layout
from glassnet.core.records import ByLayer
from glassnet.errors import ParameterError, ShapeError

TRAINABLE = [name for name in ACTIVATIONS if name != "step"]
EXACT, DIFFERENCES = ("complex_step", 1e-12), ("central_differences", 1e-7)
LIBRARIES = {"array_api_strict": array_api_strict, "jax": jnp}


def drawn(sizes=(3, 4, 4, 2), seed=1, **options):
    """A network whose parameters are all drawn, none is 0; its slopes lie around 0.7."""
    network = gn.Network.create(sizes, **{"output": "identity", "learned_slope": True, **options}, seed=0)
    rng = np.random.default_rng(seed)
    slopes = np.concatenate([np.full(slot.size, slot.name == "slope") for slot in network.layout.slots])
    theta = rng.normal(0.0, 0.6, network.n_params)
    return network.with_theta(np.where(slopes, rng.normal(0.7, 0.4, network.n_params), theta))


@pytest.fixture
def samples():
    rng = np.random.default_rng(5)
    return rng.normal(0.0, 1.5, (5, 3)), rng.normal(size=(5, 2))


def test_one_neuron_by_hand():
    """x = -2, w = 1, s = 0.75, relu: z = -2, f = 0, a = 0.75·0 + 0.25·(-2) = -0.5; o = a · 3 = -1.5, t = 0.5: E = 2.

    dE/do = -2, dE/da = -6; ds = -6 · (0 + 2) = -12; delta = -6 · (0.75·0 + 0.25) = -1.5; dw = -1.5 · -2 = 3.
    """
    network = gn.Network.from_weights(
        [([[1.0]], None), ([[3.0]], None)], hidden="relu", output="identity", slopes=[[0.75]]
    )
    trace = gn.forward(network, [[-2.0]])
    grads = gn.backward(network, trace, [[0.5]], cost="half_squared_error")

    assert (trace.Z[1].item(), trace.F[1].item(), trace.A[1].item(), trace.A[2].item()) == (-2.0, 0.0, -0.5, -1.5)
    assert (grads.cost, grads.delta[1].item(), grads.dslope[1].tolist()) == (2.0, -1.5, [-12.0])
    assert grads.dslope[2] is None
    assert grads.grad.tolist() == [3.0, -12.0, 1.0]


def test_where_the_slopes_lie():
    network = gn.Network.create([3, 2, 2, 1], learned_slope=True, bias=False, seed=0)

    assert [(slot.name, slot.layer, slot.offset, slot.factor, slot.decays) for slot in network.layout.slots] == [
        ("W", 1, 0, 1.0, True), ("slope", 1, 6, 0.1, False), ("W", 2, 8, 1.0, True), ("slope", 2, 12, 0.1, False),
        ("W", 3, 14, 1.0, True),
    ]  # fmt: skip
    assert network.layout.name_of(7) == "slope[1][1]"
    assert network.slope[2].tolist() == [1.0, 1.0]
    assert network.slope[-1] is None
    assert repr(network) == "Network 3-2-2-1: sigmoid, sigmoid, sigmoid; 16 parameters, float64; learned slopes"


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_it_starts_as_the_plain_network(hidden, samples):
    """The same weights from the same seed, and the same bits: 1 · f + 0 · z."""
    plain, sloped = (gn.Network.create([3, 4, 2], hidden=hidden, learned_slope=has, seed=7) for has in (False, True))

    np.testing.assert_array_equal(plain.W[2], sloped.W[2])
    np.testing.assert_array_equal(gn.forward(sloped, samples[0]).A[-1], gn.forward(plain, samples[0]).A[-1])


def test_with_slope_0_a_neuron_is_linear(samples):
    network = drawn()
    network = gn.Network.from_weights(
        list(zip(network.W, network.b, strict=True)), hidden="tanh", output="identity", slopes=[np.zeros(4)] * 2
    )
    trace = gn.forward(network, samples[0])

    np.testing.assert_array_equal(trace.A[1], trace.Z[1])
    np.testing.assert_array_equal(trace.A[2], trace.Z[2])


@pytest.mark.parametrize("how", [EXACT, DIFFERENCES], ids=["complex step", "differences"])
@pytest.mark.parametrize(
    ("output", "cost"),
    [("identity", "half_squared_error"), ("sigmoid", "binary_cross_entropy"), ("softmax", "cross_entropy")],
)
@pytest.mark.parametrize("hidden", TRAINABLE)
def test_gradients(hidden, output, cost, how, make_targets):
    method, tolerance = how
    for n_out in (2, 5) if output == "softmax" else (1, 2, 5):
        network = drawn([3, 4, n_out], seed=7, hidden=hidden, output=output)
        X, Y = np.random.default_rng(8).normal(size=(5, 3)), make_targets(cost, 5, n_out)
        found = gn.check_gradients(network, X, Y, cost=cost, penalty=gn.Penalty(l1=0.03, l2=0.2), method=method)

        assert found.max_relative_error < tolerance, f"{n_out} outputs\n{found}"
        assert len(found.shocks) + len(found.at_kinks) == network.n_params
        assert len(found.shocks) > 0.5 * network.n_params


def test_gradients_are_those_of_jax(samples):
    """The formula written anew and differentiated by jax, with dropout masks and weighted samples."""
    network, (X, Y) = drawn(hidden="elu"), samples
    weights = np.asarray([0.5, 2.0, 1.0, 0.0, 1.5])
    masks = np.random.default_rng(3).integers(0, 2, (2, 5, 4)) * 2.0

    def cost(layers, slopes):
        a = jnp.asarray(X)
        for place, (W, b) in enumerate(layers):
            a = a @ W.T + b
            if place < 2:
                a = (slopes[place] * jax.nn.elu(a) + (1 - slopes[place]) * a) * masks[place]
        return (weights[:, None] * 0.5 * (a - Y) ** 2).sum() / len(Y)

    with jax.enable_x64(True):
        layers = [(jnp.asarray(W), jnp.asarray(b)) for W, b in zip(network.W, network.b, strict=True)]
        slopes = [jnp.asarray(s) for s in network.slope if s is not None]
        by_layer, by_slope = jax.grad(cost, argnums=(0, 1))(layers, slopes)
    trace = gn.forward(network, X, masks=ByLayer([*masks, None], name="masks"))
    grads = gn.backward(network, trace, Y, cost="half_squared_error", weights=weights)

    for l in (1, 2):
        np.testing.assert_allclose(grads.dslope[l], by_slope[l - 1], rtol=1e-10, atol=1e-13)
    for l in (1, 2, 3):
        np.testing.assert_allclose(grads.dW[l], by_layer[l - 1][0], rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("hidden", TRAINABLE)
@pytest.mark.parametrize("library", LIBRARIES)
def test_core_computes_it_with_other_arrays_too(library, hidden, samples):
    xp, network, (X, Y) = LIBRARIES[library], drawn(hidden=hidden), samples
    expected = gn.backward(network, gn.forward(network, X), Y, cost="squared_error")
    with jax.enable_x64(True):
        moved = network.with_theta(xp.asarray(network.theta))
        trace = gn.forward(moved, xp.asarray(X))
        found = gn.backward(moved, trace, xp.asarray(Y), cost="squared_error")

        assert isinstance(found.dslope[1], type(xp.zeros(1)))
        np.testing.assert_allclose(np.asarray(found.grad), expected.grad, rtol=1e-11, atol=1e-13)


def test_under_jit(samples):
    network, (X, Y) = drawn(hidden="mish"), samples

    def passes(theta):
        net = network.with_theta(theta)
        return gn.backward(net, gn.forward(net, X), Y, cost="half_squared_error").grad

    with jax.enable_x64(True):
        compiled = jax.jit(passes)(jnp.asarray(network.theta))
    np.testing.assert_allclose(compiled, passes(network.theta), rtol=1e-10, atol=1e-12)


def test_a_step_moves_slopes_a_tenth_as_far(samples):
    network, (X, Y) = drawn(), samples
    grads = gn.backward(network, gn.forward(network, X), Y, cost="half_squared_error")
    after = gn.descend(network, grads, learning_rate=0.2)

    np.testing.assert_allclose(after.slope[1], network.slope[1] - 0.02 * grads.dslope[1], rtol=1e-14)
    np.testing.assert_allclose(after.W[1], network.W[1] - 0.2 * grads.dW[1], rtol=1e-14)


def test_slopes_stay_with_the_network(samples):
    """Through rates, precision, folding and freezing."""
    network = drawn(input_scaling=True, hidden="selu")
    paced, folded = network.with_rates("fan_in", biases=0.5), network.fold()
    fixed = network.freeze(names=("slope",))
    grads = gn.backward(fixed, gn.forward(fixed, samples[0]), samples[1], cost="half_squared_error")
    after = gn.descend(fixed, grads, learning_rate=0.1)

    assert [slot.factor for slot in paced.layout.slots if slot.name == "slope"] == [0.1, 0.1]
    assert network.astype("float32").slope[1].dtype == np.float32
    assert folded.layout == Layout.dense([3, 4, 4, 2], has_slope=[True, True, False])
    np.testing.assert_allclose(gn.forward(folded, samples[0]).A[-1], gn.forward(network, samples[0]).A[-1], rtol=1e-12)
    np.testing.assert_array_equal(after.slope[1], network.slope[1])
    assert (after.W[1] != network.W[1]).all()


def test_start_from_data_sees_what_the_slopes_make():
    """Pre-activations of spread 1 in the second layer come from leaning activations."""
    X = np.random.default_rng(0).normal(5.0, 40.0, size=(60, 3))
    network = drawn(hidden="relu")
    started = start_from_data(network, X, seed=1)

    np.testing.assert_array_equal(started.slope[1], network.slope[1])
    np.testing.assert_allclose(gn.forward(started, X).Z[2].std(axis=0), 1.0, rtol=1e-10)


def test_a_users_own_activation_leans_too(samples):
    sine = gn.Activation("sine", np.sin, lambda Z, A: np.cos(Z))
    check = gn.check_gradients(drawn(hidden=sine), *samples, cost="half_squared_error")

    assert check.max_relative_error < 1e-7
    assert math.isclose(
        gn.forward(drawn([1, 1, 1], hidden=sine), [[0.0]]).A[1].item(),
        (lambda s, z: s * math.sin(z) + (1 - s) * z)(*(drawn([1, 1, 1]).slope[1].item(), drawn([1, 1, 1]).b[1].item())),
    )


def test_slopes_belong_to_hidden_layers():
    layers = [([[1.0, 2.0]], [0.0]), ([[1.0]], None)]
    with pytest.raises(
        ParameterError, match="slopes has 2 entries, but there are 1 hidden layers, and the output layer"
    ):
        gn.Network.from_weights(layers, slopes=[[1.0], [1.0]])
    with pytest.raises(ParameterError, match="slopes=5 is no list; give one array or None for each hidden layer"):
        gn.Network.from_weights(layers, slopes=5)
    with pytest.raises(ShapeError, match=r"slope\[1\] has shape \(2,\); this network needs \(1,\)"):
        gn.Network.from_weights(layers, slopes=[[1.0, 1.0]])
    with pytest.raises(ParameterError, match="learned_slope='yes' must be True or False"):
        gn.Network.create([2, 2, 1], learned_slope="yes")
    with pytest.raises(ParameterError, match="must be True or False"):
        gn.Network.create([2, 3, 1], learned_slope=np.array([True, False]))
    assert gn.Network.from_weights(layers, slopes=[None]).slope[1] is None
    assert gn.Network.create([2, 1], learned_slope=True).layout == Layout.dense([2, 1])
