"""The same seed is the same run, bit by bit; another seed is another one."""

import numpy as np
import pytest

import glassnet as gn

BCE = "binary_cross_entropy"
SETTINGS = {
    "adam": dict(solver="adam"),
    "dropout": dict(solver="momentum", dropout=0.3),
    "penalized": dict(solver="rmsprop", l1=1e-3, l2=1e-2, clip=0.5),
    "weighted": dict(solver="sgd", weights=np.linspace(0, 2, 120)),
    "lbfgs": dict(solver="lbfgs"),
}


def numbers(history):
    return [[getattr(epoch, name) for name in ("cost", "metric", "gradient_norm", "penalty")] for epoch in history]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("setting", SETTINGS)
def test_the_same_seed_is_the_same_run(setting, dtype, binary, start):
    first, second = (
        gn.train(start(dtype=dtype), *binary, cost=BCE, epochs=4, seed=3, **SETTINGS[setting]) for _ in range(2)
    )

    np.testing.assert_array_equal(first.network.theta, second.network.theta)
    assert first.network.theta.dtype == np.dtype(dtype)
    assert numbers(first.history) == numbers(second.history)


@pytest.mark.parametrize("setting", ["adam", "dropout"])
def test_another_seed_is_another_run(setting, binary, start):
    first, second = (gn.train(start(), *binary, cost=BCE, epochs=2, seed=s, **SETTINGS[setting]) for s in (0, 1))

    assert not np.array_equal(first.network.theta, second.network.theta)


def test_the_seed_also_draws_the_dropout(binary, start):
    """Without shuffling only the masks are left to differ."""
    ends = [
        gn.train(start(), *binary, cost=BCE, epochs=1, shuffle=False, dropout=0.5, seed=s).network.theta for s in (0, 1)
    ]

    assert not np.array_equal(*ends)


def test_a_longer_run_begins_with_a_shorter_one(binary, start):
    short, long = (gn.train(start(), *binary, cost=BCE, epochs=n, dropout=0.2, seed=5) for n in (3, 7))

    assert numbers(long.history)[:3] == numbers(short.history)


def test_a_generator_is_a_seed_too(binary, start):
    by_number, by_generator = (
        gn.train(start(), *binary, cost=BCE, epochs=2, seed=seed) for seed in (8, np.random.default_rng(8))
    )

    np.testing.assert_array_equal(by_number.network.theta, by_generator.network.theta)


def test_the_network_given_stays_as_it_is(binary, start):
    network = start()
    before = network.theta.copy()
    gn.train(network, *binary, cost=BCE, epochs=2)

    np.testing.assert_array_equal(network.theta, before)


@pytest.mark.parametrize("solver", gn.solvers().names)
def test_a_run_cut_in_two_is_one_run(solver, binary, start):
    """With the rows in order, going on from a result's state is what would have come next, bit by bit."""
    options = dict(cost=BCE, solver=solver, shuffle=False, learning_rate=0.01)
    whole = gn.train(start(), *binary, epochs=5, **options)
    half = gn.train(start(), *binary, epochs=2, **options)
    rest = gn.train(half.network, *binary, epochs=3, state=half.state, **options)

    np.testing.assert_array_equal(rest.network.theta, whole.network.theta)
    assert numbers(half.history) + numbers(rest.history) == numbers(whole.history)
    assert rest.state.step == whole.state.step
