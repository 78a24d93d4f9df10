"""Each solver beside optax for 20 steps on a quadratic, and where definitions differ, what the difference is.

Definitions that differ in optax 0.2: its adagrad starts from squares of 0.1 and has epsilon under the root
(`initial_accumulator_value` and `eps`, set below); its rmsprop has epsilon under the root unless eps_in_sqrt=False; its
rprop takes every step one call late (measured), so ours has the paper's pseudo-code beside it.
"""

import math

import jax
import numpy as np
import optax
import pytest

from glassnet.core.catalog.optimizers import AdamState, RpropState
from glassnet.core.catalog.solvers import resolve_solver

ETA = 0.05
RNG = np.random.default_rng(0)
ROOT = RNG.normal(size=(6, 6))
H, CENTER, START = ROOT @ ROOT.T + 0.1 * np.eye(6), RNG.normal(size=6), RNG.normal(size=6)


def slope(theta):
    """The gradient of 1/2 (theta - center)ᵀ H (theta - center)."""
    return H @ (theta - CENTER)


def walk(spec, n_steps=20, eta=ETA, start=START, gradient=slope, **options):
    solver = resolve_solver(spec)
    theta, state, path = start, solver.init(start, eta), []
    for _ in range(n_steps):
        theta, state = solver.step(theta, gradient(theta), state, eta=eta, **{**solver.parameters, **options})
        path.append(theta)
    return np.asarray(path)


def walk_of_optax(transformation):
    with jax.enable_x64(True):
        theta, state, path = START, transformation.init(START), []
        for _ in range(20):
            update, state = transformation.update(slope(theta), state, theta)
            theta = np.asarray(optax.apply_updates(theta, update))
            path.append(theta)
    return np.asarray(path)


@pytest.mark.parametrize(
    ("spec", "transformation"),
    [
        ("gd", optax.sgd(ETA)),
        ("sgd", optax.sgd(ETA)),
        ("momentum", optax.sgd(ETA, momentum=0.9)),
        (("momentum", {"mu": 0.5}), optax.sgd(ETA, momentum=0.5)),
        ("nesterov", optax.sgd(ETA, momentum=0.9, nesterov=True)),
        ("rmsprop", optax.rmsprop(ETA, decay=0.9, eps=1e-8, eps_in_sqrt=False)),
        (("rmsprop", {"rho": 0.5, "epsilon": 1e-3}), optax.rmsprop(ETA, decay=0.5, eps=1e-3, eps_in_sqrt=False)),
        ("adam", optax.adam(ETA, b1=0.9, b2=0.999, eps=1e-8)),
        (("adam", {"beta1": 0.5, "beta2": 0.7, "epsilon": 0.1}), optax.adam(ETA, b1=0.5, b2=0.7, eps=0.1)),
        ("nadam", optax.nadam(ETA, b1=0.9, b2=0.999, eps=1e-8)),
    ],
    ids=lambda value: str(value) if isinstance(value, (str, tuple)) and not hasattr(value, "init") else "optax",
)  # fmt: skip
def test_twenty_steps_beside_optax(spec, transformation):
    np.testing.assert_allclose(walk(spec), walk_of_optax(transformation), rtol=1e-9, atol=1e-12)


def test_adagrad_beside_optax():
    """From squares of 0; optax's epsilon stands under the root, so ours is made too small to matter in both."""
    theirs = optax.adagrad(ETA, initial_accumulator_value=0.0, eps=1e-30)

    np.testing.assert_allclose(walk(("adagrad", {"epsilon": 1e-30})), walk_of_optax(theirs), rtol=1e-9, atol=1e-12)


def test_adamw_beside_optax():
    """Both shrink by eta · weight_decay of the parameter before the step."""
    theirs = optax.adamw(ETA, b1=0.9, b2=0.999, eps=1e-8, weight_decay=0.3)

    np.testing.assert_allclose(walk(("adamw", {"weight_decay": 0.3})), walk_of_optax(theirs), rtol=1e-9, atol=1e-12)


def test_decay_may_differ_between_parameters():
    """The engine hands in one decay per parameter, 0 for biases."""
    decay = np.asarray([0.3, 0.0, 0.3, 0.0, 0.3, 0.0])
    mixed = walk("adamw", n_steps=1, weight_decay=decay)[0]

    np.testing.assert_array_equal(mixed[::2], walk("adamw", n_steps=1, weight_decay=0.3)[0][::2])
    np.testing.assert_array_equal(mixed[1::2], walk("adam", n_steps=1)[0][1::2])


@pytest.mark.parametrize(("gradient", "step"), [(1e-7, 9.0909090909e-4), (0.1, 9.99999900e-4)])
def test_adams_epsilon_stands_outside_of_the_root(gradient, step):
    """Kingma & Ba's Algorithm 1: the first step is eta · g / (|g| + epsilon). scikit-learn's would be 2.40e-4."""
    walked = walk("adam", 1, eta=0.001, start=np.zeros(1), gradient=lambda theta: np.asarray([gradient]))

    assert -walked.item() == pytest.approx(step, rel=1e-9)


def test_adams_moments_by_hand():
    """Two steps with g = 1, then 3; b1 = 1/2, b2 = 3/4, so that all is a fraction but the root.

    m: 1/2, 1/4 + 3/2 = 7/4; m_hat = (7/4) / (1 - 1/4) = 7/3
    v: 1/4, 3/16 + 9/4 = 39/16; v_hat = (39/16) / (1 - 9/16) = 39/7
    """
    solver = resolve_solver(("adam", {"beta1": 0.5, "beta2": 0.75, "epsilon": 1e-12}))
    theta, state = np.zeros(1), solver.init(np.zeros(1), 1.0)
    for g in (1.0, 3.0):
        before = theta
        theta, state = solver.step(theta, np.asarray([g]), state, eta=1.0, **solver.parameters)

    assert (state.t, state.m.item(), state.v.item()) == (2, 7 / 4, 39 / 16)
    assert (theta - before).item() == pytest.approx(-(7 / 3) / math.sqrt(39 / 7), rel=1e-11)


def rprop_by_hand(n_steps):
    """iRprop- of Igel & Hüsken 2003 as its pseudo-code is written, one parameter after the other."""
    theta, sizes, last, path = START.tolist(), [0.01] * 6, [0.0] * 6, []
    for _ in range(n_steps):
        g = slope(np.asarray(theta)).tolist()
        for i in range(6):
            if g[i] * last[i] > 0:
                sizes[i] = min(sizes[i] * 1.2, 50.0)
            elif g[i] * last[i] < 0:
                sizes[i] = max(sizes[i] * 0.5, 1e-6)
                g[i] = 0.0
            theta[i] -= math.copysign(sizes[i], g[i]) if g[i] != 0 else 0.0
            last[i] = g[i]
        path.append(list(theta))
    return np.asarray(path)


def test_rprop_beside_its_pseudo_code():
    ours = walk("rprop", n_steps=60, eta=0.01)

    np.testing.assert_allclose(ours, rprop_by_hand(60), rtol=1e-12, atol=1e-14)
    assert np.abs(ours[-1] - CENTER).max() < np.abs(START - CENTER).max()


def test_rprops_sizes_stay_between_their_bounds():
    solver = resolve_solver(("rprop", {"smallest": 0.25, "largest": 2.0}))
    theta, state = np.zeros(2), RpropState(np.asarray([1.9, 0.3]), np.asarray([1.0, 1.0]))
    theta, state = solver.step(theta, np.asarray([1.0, -1.0]), state, eta=9.0, **solver.parameters)

    assert state.sizes.tolist() == [2.0, 0.25]
    assert theta.tolist() == [-2.0, 0.0]  # the second one turned: no step
    assert state.last.tolist() == [1.0, 0.0]


@pytest.mark.parametrize("name", ["gd", "sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "nadam"])
def test_a_vector_of_rates_is_one_rate_for_each_parameter(name):
    """A rate of 0 leaves the parameter where it is: that is how layers are frozen."""
    rates = np.asarray([ETA, 0.0, 2 * ETA, ETA, ETA, ETA])
    fixed = lambda theta: CENTER  # a gradient that does not couple the parameters # noqa: E731
    mixed = walk(name, eta=rates, gradient=fixed)

    np.testing.assert_array_equal(mixed[-1][1], START[1])
    np.testing.assert_allclose(mixed[:, 2], walk(name, eta=2 * ETA, gradient=fixed)[:, 2], rtol=1e-15)
    np.testing.assert_allclose(mixed[:, 3:], walk(name, gradient=fixed)[:, 3:], rtol=1e-15)


@pytest.mark.parametrize(
    "name", ["gd", "momentum", "nesterov", "rmsprop", "adagrad", "adam", "adamw", "nadam", "rprop"]
)
def test_state_goes_in_and_comes_out(name):
    """A step changes nothing that it was given, so that it can be shown and replayed."""
    solver = resolve_solver(name)
    grad, eta = slope(START), 0.01
    _, state = solver.step(START, grad, solver.init(START, eta), eta=eta, **solver.parameters)
    kept = [np.copy(part) for part in state]
    once, twice = (solver.step(START, grad, state, eta=eta, **solver.parameters) for _ in range(2))

    np.testing.assert_array_equal(once[0], twice[0])
    for part, copy in zip(state, kept, strict=True):
        np.testing.assert_array_equal(part, copy)


def test_the_first_state_is_at_rest():
    assert resolve_solver("adam").init(np.zeros(2), 0.1)._replace(m=None, v=None) == AdamState(0, None, None)
    assert resolve_solver("momentum").init(np.ones(2), 0.1).velocity.tolist() == [0.0, 0.0]
    assert resolve_solver("rprop").init(np.ones(2), 0.1).sizes.tolist() == [0.1, 0.1]
