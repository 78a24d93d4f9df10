"""Products of the Hessian against jax.hvp, complex steps of the gradient, and differences of gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glassnet as gn
from glassnet.core.catalog.activation import ACTIVATIONS
from glassnet.core.catalog.costs import COSTS
from glassnet.core.catalog.pairs import check_pair
from glassnet.core.curvature.hessian import hessian_of
from glassnet.core.forward import forward
from glassnet.core.records import ByLayer
from glassnet.errors import ParameterError

TRAINABLE = [name for name in ACTIVATIONS if name != "step"]
WEIGHTS = np.asarray([1.0, 0.5, 2.0, 0.0, 1.5])
PENALTY = gn.Penalty(l1=0.03, l2=0.2)
SHOCK = 1e-30


def is_valid(output, cost):
    try:
        check_pair(ACTIVATIONS[output], COSTS[cost], 2)
    except ParameterError:
        return False
    return True


def gradient(network, theta, X, Y, *, cost, weights=None, masks=None, penalty=None):
    """The gradient of cost and penalty, also for complex parameters."""
    moved = network.with_theta(theta)
    grads = gn.backward(moved, forward(moved, X, masks=masks), Y, cost=cost, weights=weights)
    decays = network.layout.decays(network.theta)
    l2 = 0.0 if penalty is None else penalty.l2  # an L1 penalty is straight
    return grads.grad + l2 * theta * decays


def check(network, X, Y, *, masks=None, **given):
    """Compare with the imaginary part of the gradient after an imaginary shock, which cancels nothing."""
    v = np.random.default_rng(3).normal(size=network.n_params)
    trace = forward(network, X, masks=masks)
    found = hessian_of(network, trace, Y, **given).times(v)
    expected = gradient(network, network.theta + 1j * SHOCK * v, X, Y, masks=masks, **given).imag / SHOCK
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11 * np.abs(expected).max())


@pytest.mark.parametrize("output, cost", [(o, c) for o in TRAINABLE for c in COSTS if is_valid(o, c)])
def test_every_pair_of_output_and_cost(output, cost, make_network, make_targets):
    for n_out in (2, 5) if output == "softmax" else (1, 2):
        network = make_network([3, 4, n_out], output=output, seed=7)
        X, Y = np.random.default_rng(8).normal(size=(5, 3)), make_targets(cost, 5, n_out)
        check(network, X, Y, cost=cost, weights=WEIGHTS, penalty=PENALTY)


@pytest.mark.parametrize("hidden", TRAINABLE)
def test_every_hidden_activation(hidden, make_network, make_targets):
    network = make_network([3, 4, 3, 2], hidden=hidden, output="softmax", seed=7)
    X, Y = np.random.default_rng(8).normal(size=(5, 3)), make_targets("cross_entropy", 5, 2)
    check(network, X, Y, cost="cross_entropy")


@pytest.mark.parametrize("hidden", ["tanh", "softmax", ("leaky_relu", {"slope": 0.3})], ids=str)
def test_dropout_slopes_and_front(hidden, make_targets):
    network = gn.Network.create([3, 4, 3, 2], hidden=hidden, output="softmax", numeric_embedding="pbld", embedded=[0, 2],
                                input_scaling=True, learned_slope=True, seed=1)  # fmt: skip
    rng = np.random.default_rng(2)
    network = network.with_theta(network.theta + rng.normal(0.0, 0.3, network.n_params))
    masks = ByLayer([2.0 * rng.integers(0, 2, (5, 4)), 2.0 * rng.integers(0, 2, (5, 3)), None], name="masks")
    X, Y = rng.normal(size=(5, 3)), make_targets("cross_entropy", 5, 2)
    check(network, X, Y, cost="cross_entropy", masks=masks, weights=WEIGHTS, penalty=PENALTY)


def test_scaling_alone_and_no_biases(make_targets):
    scaled = gn.Network.create([3, 4, 2], input_scaling=True, hidden="tanh", output="identity", bias=False, seed=1)
    X, Y = np.random.default_rng(2).normal(size=(5, 3)), make_targets("huber", 5, 2)
    check(scaled, X, Y, cost="huber")


def test_own_formulas_are_exact(make_network, make_targets):
    wave = gn.Activation.from_formula("wave", "z / (1 + exp(-beta z)) + sin(z)", parameters={"beta": 1.5})
    cauchy = gn.Cost.from_formula("cauchy", "log(1 + (t - o)^2)")
    network = make_network([3, 4, 2], hidden=wave, output="identity")
    X, Y = np.random.default_rng(8).normal(size=(5, 3)), make_targets("huber", 5, 2)
    check(network, X, Y, cost=cauchy)


def test_own_functions_are_differences(make_network, make_targets):
    """The same network with built-in tanh and poisson is the oracle."""
    own = gn.Activation("own", lambda Z: np.tanh(Z), lambda Z, A: 1 - A**2, range=(-1.0, 1.0))
    poisson = gn.Cost("own", lambda A, Y: A - Y * np.log(A), lambda A, Y: 1 - Y / A, outputs=(0.0, np.inf))
    X, Y = np.random.default_rng(8).normal(size=(5, 3)), make_targets("poisson", 5, 2)
    mine = make_network([3, 4, 2], hidden=own, output="softplus")
    known = make_network([3, 4, 2], hidden="tanh", output="softplus")
    v = np.random.default_rng(3).normal(size=mine.n_params)
    found = hessian_of(mine, gn.forward(mine, X), Y, cost=poisson).times(v)
    expected = hessian_of(known, gn.forward(known, X), Y, cost="poisson").times(v)
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("hidden, written", [("silu", jax.nn.silu), ("mish", jax.nn.mish)])
def test_jax_agrees(hidden, written, make_network, make_targets):
    """A network written anew with jax.nn, by forward-over-reverse of another library."""
    network = make_network([3, 4, 3, 4], hidden=hidden, output="softmax", seed=5)
    X, Y = np.random.default_rng(8).normal(size=(6, 3)), make_targets("cross_entropy", 6, 4)
    v = np.random.default_rng(3).normal(size=network.n_params)

    def cost(theta):
        a = X
        for layer in (1, 2, 3):
            z = a @ network.layout.view(theta, layer, "W").T + network.layout.view(theta, layer, "b")
            a = written(z)
        return optax.softmax_cross_entropy(z, Y).mean()

    with jax.enable_x64(True):
        product = jax.jit(lambda theta, v: jax.jvp(jax.grad(cost), (theta,), (v,))[1])
        expected = product(jnp.asarray(network.theta), jnp.asarray(v))
    found = hessian_of(network, gn.forward(network, X), Y, cost="cross_entropy").times(v)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@given(
    sizes=st.lists(st.integers(1, 5), min_size=2, max_size=4),
    hidden=st.sampled_from(["tanh", "sigmoid", "softplus", "silu", "gelu"]),
    seed=st.integers(0, 2**16),
)
def test_differences_of_gradients(sizes, hidden, seed):
    """A law of any smooth network: the gradient changes by H v per unit of v. H is symmetric."""
    rng = np.random.default_rng(seed)
    network = gn.Network.create(sizes, hidden=hidden, output="identity", seed=0)
    network = network.with_theta(rng.normal(0.0, 0.7, network.n_params))
    X, Y = rng.normal(size=(4, sizes[0])), rng.normal(size=(4, sizes[-1]))
    v, w = rng.normal(size=(2, network.n_params))
    hessian = hessian_of(network, gn.forward(network, X), Y, cost="half_squared_error")
    near = [gradient(network, network.theta + h * v, X, Y, cost="half_squared_error") for h in (1e-5, -1e-5)]
    product = hessian.times(v)
    np.testing.assert_allclose(product, (near[0] - near[1]) / 2e-5, rtol=1e-4, atol=1e-5 * (1 + np.abs(product).max()))
    np.testing.assert_allclose(w @ product, v @ hessian.times(w), rtol=1e-9, atol=1e-9 * np.abs(product).max())
