"""What makes A[0] of the inputs: learned scaling and the embedding of numbers as waves."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import glassnet as gn
from glassnet.core.data_start import start_from_data
from glassnet.core.front import FRONTS
from glassnet.core.layout import Layout
from glassnet.errors import LayerIndexError, ParameterError, ShapeError


def drawn(front, sizes=(4, 5, 2), embedded=None, seed=1, dtype="float64", **options):
    """A network whose parameters are all drawn, none is 0 or 1; every second input is embedded."""
    if embedded is None and "pbld" in front:
        embedded = [2, 0]
    network = gn.Network.create(sizes, **FRONTS[front], embedded=embedded, seed=0, **options)
    theta = np.random.default_rng(seed).normal(0.3, 0.6, network.n_params)
    return network.with_theta(theta).astype(dtype)


@pytest.fixture
def samples():
    rng = np.random.default_rng(5)
    return rng.normal(0.0, 2.0, (7, 4)), rng.normal(size=(7, 2))


def worked_by_hand(network, row):
    """A[0] of one row in Python's floats, one cosine after the other."""
    values = {name: part.tolist() for name, part in network.front_values.items()}
    a = [float(x) for x in row]
    for place, column in enumerate(network.front.embedded):
        for r in range(3):
            e = values["shift"][place][r]
            for h in range(16):
                angle = 2 * math.pi * values["frequency"][place][h] * float(row[column]) + values["phase"][place][h]
                e += values["mix"][place][r][h] * math.cos(angle)
            a.append(e)
    return [s * x for s, x in zip(values.get("scale", [1.0] * len(a)), a, strict=True)]


@pytest.mark.parametrize("front", FRONTS)
def test_a0_number_by_number(front, samples):
    network, X = drawn(front), samples[0]
    expected = [worked_by_hand(network, row) for row in X]

    np.testing.assert_allclose(gn.forward(network, X).A[0], expected, rtol=1e-13, atol=1e-13)
    np.testing.assert_array_equal(gn.forward(network, X).X, X)


def test_one_scale_by_hand():
    """x = 2, s = 3, w = 0.5: z = w s x = 3; E = (z - 1)^2 / 2, so dE/dz = 2, ds = 2 · 0.5 · 2, dw = 2 · 3 · 2."""
    network = gn.Network.create([1, 1], input_scaling=True, output="identity", bias=False, seed=0)
    network = network.with_theta(np.asarray([3.0, 0.5]))
    trace = gn.forward(network, [[2.0]])
    grads = gn.backward(network, trace, [[1.0]], cost="half_squared_error", inputs=True)

    assert trace.A[0].tolist() == [[6.0]]
    assert grads.dfront["scale"].tolist() == [2.0]
    assert grads.grad.tolist() == [2.0, 12.0]
    assert (grads.delta[0].tolist(), grads.dX.tolist()) == ([[1.0]], [[3.0]])


@pytest.mark.parametrize("front", FRONTS)
def test_gradients_are_those_of_jax(front, samples):
    """The front written anew with einsum, differentiated by jax; also the gradient at the inputs."""
    network, (X, Y) = drawn(front, hidden="tanh", output="identity"), samples
    embedded = jnp.asarray(network.front.embedded, dtype=int)

    def cost(values, layers, inputs):
        a = inputs
        if "mix" in values:
            turns = jnp.einsum("im,mh->imh", inputs[:, embedded], values["frequency"])
            waves = jnp.cos(2 * jnp.pi * turns + values["phase"])
            e = jnp.einsum("imh,mrh->imr", waves, values["mix"]) + values["shift"]
            a = jnp.hstack([a, e.reshape(len(a), -1)])
        a = a * values.get("scale", 1.0)
        (W1, b1), (W2, b2) = layers
        return (0.5 * (jnp.tanh(a @ W1.T + b1) @ W2.T + b2 - Y) ** 2).sum() / len(Y)

    with jax.enable_x64(True):
        values = {name: jnp.asarray(part) for name, part in network.front_values.items()}
        layers = [(jnp.asarray(W), jnp.asarray(b)) for W, b in zip(network.W, network.b, strict=True)]
        by_front, by_layer, by_input = jax.grad(cost, argnums=(0, 1, 2))(values, layers, jnp.asarray(X))
    grads = gn.backward(network, gn.forward(network, X), Y, cost="half_squared_error", inputs=True)

    assert set(grads.dfront) == set(by_front)
    for name, expected in by_front.items():
        np.testing.assert_allclose(grads.dfront[name], expected, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(grads.dW[1], by_layer[0][0], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(grads.dX / 7, by_input, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("front", FRONTS)
def test_the_gradient_check_covers_the_front(front, samples):
    check = gn.check_gradients(drawn(front, output="identity"), *samples, cost="half_squared_error")

    assert check.method == "complex step"
    assert check.max_relative_error < 1e-12
    assert any("[0]" in shock.name for shock in check.shocks)


@pytest.mark.parametrize("front", FRONTS)
def test_core_computes_it_with_jax_arrays_too(front, samples):
    """Under jit, with the parameters or the samples as tracers."""
    network, (X, Y) = drawn(front, output="identity"), samples

    def passes(theta, rows):
        net = network.with_theta(theta)
        return gn.backward(net, gn.forward(net, rows), Y, cost="half_squared_error").grad

    expected = passes(network.theta, X)
    with jax.enable_x64(True):
        np.testing.assert_allclose(jax.jit(passes)(jnp.asarray(network.theta), X), expected, rtol=1e-10, atol=1e-12)
        by_rows = jax.jit(lambda rows: passes(jnp.asarray(network.theta), rows))
        np.testing.assert_allclose(by_rows(jnp.asarray(X)), expected, rtol=1e-10, atol=1e-12)


def test_start_values():
    """Scales 1, frequencies spread by 0.1, phases all around, mix and shift within a quarter: RealMLP's."""
    network = gn.Network.create([40, 3, 1], numeric_embedding="pbld", input_scaling=True, seed=0)
    values = network.front_values

    assert network.sizes == (160, 3, 1)
    assert network.n_inputs == 40
    assert (values["scale"] == 1).all()
    assert values["frequency"].std() == pytest.approx(0.1, rel=0.1)
    assert 3.0 < np.abs(values["phase"]).max() <= math.pi
    for name in ("mix", "shift"):
        assert 0.24 < np.abs(values[name]).max() <= 0.25
    assert {slot.name: slot.factor for slot in network.layout.slots[:6]} == {
        "scale": 6.0, "frequency": 0.1, "phase": 0.1, "mix": 0.1, "shift": 0.1, "W": 1.0,
    }  # fmt: skip


def test_the_layers_start_as_they_do_without():
    plain, scaled = (gn.Network.create([3, 4, 1], input_scaling=on, seed=7) for on in (False, True))

    np.testing.assert_array_equal(plain.W[1], scaled.W[1])
    np.testing.assert_array_equal(gn.forward(plain, np.ones((1, 3))).A[-1], gn.forward(scaled, np.ones((1, 3))).A[-1])


def test_start_from_data_sees_what_the_front_makes():
    """Pre-activations of spread 1 come from A[0], not from X."""
    X = np.random.default_rng(0).normal(5.0, 40.0, size=(60, 3))
    network = gn.Network.create([3, 6, 1], numeric_embedding="pbld", input_scaling=True, hidden="selu", seed=0)
    network = network.with_theta(np.where(np.arange(network.n_params) < 12, 0.7, network.theta))
    started = start_from_data(network, X, seed=1)

    np.testing.assert_allclose(gn.forward(started, X).Z[1].std(axis=0), 1.0, rtol=1e-10)
    np.testing.assert_array_equal(started.front_values["scale"], np.full(12, 0.7))


def test_folded_scales_compute_the_same(samples):
    network = drawn("scaling", output="softmax", bias=False)
    folded = network.fold()

    assert folded.front is None
    assert folded.layout == Layout.dense([4, 5, 2], [False, False])
    np.testing.assert_allclose(gn.forward(folded, samples[0]).A[-1], gn.forward(network, samples[0]).A[-1], rtol=1e-13)
    assert folded.fold() is folded


def test_only_the_front_can_be_frozen(samples):
    X, Y = samples
    network = drawn("pbld+scaling", output="identity").freeze(0)
    grads = gn.backward(network, gn.forward(network, X), Y, cost="half_squared_error")
    after = gn.descend(network, grads, learning_rate=0.1)

    for name, before in network.front_values.items():
        np.testing.assert_array_equal(after.front_values[name], before)
    assert (after.W[1] != network.W[1]).all()
    assert [slot.name for slot in network.freeze(0, ["mix"]).layout.slots if slot.frozen].count("mix") == 1


def test_rates_of_the_layers_leave_the_front_alone():
    paced = drawn("pbld+scaling").with_rates("fan_in", biases=0.5)

    assert [slot.factor for slot in paced.layout.slots if slot.layer == 0] == [6.0, 0.1, 0.1, 0.1, 0.1]
    assert paced.layout.slots[5].factor == 1 / math.sqrt(10)


def test_every_number_of_the_front_has_a_name():
    network = drawn("pbld+scaling")
    mix = network.layout.slot(0, "mix")

    assert network.layout.name_of(0) == "scale[0][0]"
    assert network.layout.name_of(mix.offset + 48 + 2 * 16 + 5) == "mix[0][1, 2, 5]"
    assert network.theta[mix.offset + 48 + 2 * 16 + 5] == network.front_values["mix"][1, 2, 5]


def test_nothing_to_embed_is_no_embedding():
    assert gn.Network.create([2, 1], numeric_embedding="pbld", embedded=[]).front is None
    assert gn.Network.create([2, 1], numeric_embedding="pbld", input_scaling=True, embedded=[]).front.kind == "scaling"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"numeric_embedding": "fourier"}, r"numeric_embedding='fourier' is not known\. Choose from: pbld, or None"),
        ({"embedded": [0]}, r"embedded=\[0\] names columns to embed, but numeric_embedding=None embeds none; use num"),
        ({"input_scaling": True, "embedded": [0]}, "numeric_embedding=None embeds none; use numeric_embedding='pbld'"),
        ({"input_scaling": "yes"}, r"^input_scaling='yes' must be True or False\.$"),
        (
            {"numeric_embedding": "pbld", "embedded": [3]},
            r"embedded=\[3\] has 3; each is the number of a column of X, from 0 to 2",
        ),
        ({"numeric_embedding": "pbld", "embedded": [True]}, r"has True; each is the number of a column"),
        (
            {"numeric_embedding": "pbld", "embedded": [1, 1]},
            r"embedded=\[1, 1\] names a column twice; name each one once",
        ),
    ],
)
def test_what_cannot_be_a_front(options, message):
    with pytest.raises(ParameterError, match=message):
        gn.Network.create([3, 1], **options)


def test_an_embedding_cannot_be_folded():
    with pytest.raises(ParameterError, match="cannot be folded into weights, because it embeds 2 of the inputs"):
        drawn("pbld").fold()


def test_x_has_the_columns_of_the_inputs(samples):
    with pytest.raises(ShapeError, match="X has 3 columns, but this network has 4 inputs"):
        gn.forward(drawn("pbld"), samples[0][:, :3])


def test_layer_0_is_there_with_a_front_only():
    with pytest.raises(LayerIndexError, match="layer 0 cannot be frozen: this network has the layers 1 to 1"):
        gn.Network.create([2, 1]).freeze(0)
    with pytest.raises(LayerIndexError, match="this network has the layers 0 to 1"):
        gn.Network.create([2, 1], input_scaling=True).freeze(2)
