"""Backpropagation against jax.grad on networks written anew with jax.nn and optax's losses."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import glassnet as gn

JAX_ACTIVATIONS = {
    "identity": lambda z: z,
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "leaky_relu": lambda z: jax.nn.leaky_relu(z, 0.01),
    "elu": jax.nn.elu,
    "selu": jax.nn.selu,
    "gelu": lambda z: jax.nn.gelu(z, approximate=True),
    "silu": jax.nn.silu,
    "mish": jax.nn.mish,
    "softplus": jax.nn.softplus,
    "softsign": jax.nn.soft_sign,
    "hard_sigmoid": jax.nn.hard_sigmoid,
    "softmax": jax.nn.softmax,
}
# Losses of the outputs A, or of the last z where optax wants logits; each sums over outputs, per sample.
JAX_LOSSES = {
    "absolute_error": lambda z, A, Y: jnp.abs(A - Y).sum(axis=1),
    "half_squared_error": lambda z, A, Y: optax.l2_loss(A, Y).sum(axis=1),
    "squared_error": lambda z, A, Y: optax.squared_error(A, Y).sum(axis=1),
    "huber": lambda z, A, Y: optax.huber_loss(A, Y, delta=1.0).sum(axis=1),
    "binary_cross_entropy": lambda z, A, Y: optax.sigmoid_binary_cross_entropy(z, Y).sum(axis=1),
    "cross_entropy": lambda z, A, Y: optax.softmax_cross_entropy(z, Y),
    "poisson": lambda z, A, Y: (A - Y * jnp.log(A)).sum(axis=1),
    "pinball": lambda z, A, Y: jnp.maximum(0.5 * (Y - A), -0.5 * (Y - A)).sum(axis=1),
}
CASES = [
    *(("tanh", "identity", cost) for cost in ("absolute_error", "squared_error", "huber", "pinball")),
    *((hidden, "identity", "half_squared_error") for hidden in JAX_ACTIVATIONS),
    *(("tanh", output, "half_squared_error") for output in JAX_ACTIVATIONS),
    ("relu", "sigmoid", "binary_cross_entropy"),
    ("gelu", "softmax", "cross_entropy"),
    ("silu", "softplus", "poisson"),
    ("mish", "sigmoid", "poisson"),
    ("elu", "softmax", "poisson"),
]


@pytest.fixture(autouse=True, scope="module")
def in_64_bits():
    with jax.enable_x64(True):
        yield


@pytest.mark.parametrize(
    ("hidden", "output", "cost", "n_out"),
    [
        *((*case, 2) for case in CASES),
        *(("tanh", "identity", "half_squared_error", n_out) for n_out in (1, 5)),
        *(("relu", "sigmoid", "binary_cross_entropy", n_out) for n_out in (1, 5)),
        ("gelu", "softmax", "cross_entropy", 5),
    ],
)
def test_cost_and_gradients_of_weights_and_inputs(hidden, output, cost, n_out, make_network, make_targets):
    network = make_network([3, 4, 3, n_out], hidden=hidden, output=output, seed=n_out)
    X, Y = np.random.default_rng(4).normal(size=(6, 3)), make_targets(cost, 6, n_out)
    weights = np.asarray([1.0, 0.5, 2.0, 0.0, 1.0, 1.5])
    l1, l2 = 0.01, 0.3

    def objective(parameters, inputs):
        a = inputs
        for place, (W, b) in enumerate(parameters):
            z = jnp.einsum("ik,jk->ij", a, W) + b
            a = JAX_ACTIVATIONS[output if place == 2 else hidden](z)
        penalty = sum(l1 * jnp.abs(W).sum() + l2 / 2 * (W**2).sum() for W, _ in parameters)
        mean = (weights * JAX_LOSSES[cost](z, a, Y)).mean()
        return mean + penalty, mean

    parameters = [(jnp.asarray(W), jnp.asarray(b)) for W, b in zip(network.W, network.b, strict=True)]
    (_, value), (by_layer, by_input) = jax.jit(jax.value_and_grad(objective, argnums=(0, 1), has_aux=True))(
        parameters, X
    )
    expected = np.concatenate([np.ravel(part) for layer in by_layer for part in layer])

    grads = gn.backward(network, gn.forward(network, X), Y, cost=cost, weights=weights, inputs=True)
    penalty = gn.Penalty(l1=l1, l2=l2).gradient(network.theta, network.layout.decays(network.theta))

    assert float(grads.cost) == pytest.approx(float(value), rel=1e-12)
    np.testing.assert_allclose(grads.grad + penalty, expected, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(grads.delta[0] / 6, by_input, rtol=1e-10, atol=1e-13)
