"""Learned slopes in all engines: one trajectory, the same bits on any number of threads, and for a row alone."""

from itertools import product

import numpy as np
import pytest
from allpairspy import AllPairs

import glassnet as gn
from glassnet.core.catalog.activation import ACTIVATIONS
from glassnet.core.catalog.costs import resolve_cost
from glassnet.core.catalog.penalties import Penalty
from glassnet.core.catalog.solvers import SOLVERS, resolve_solver
from glassnet.core.front import FRONTS
from glassnet.engines.base import Problem
from glassnet.engines.cpu.engine import CpuEngine
from glassnet.engines.cpu.threads.barrier import HAS_THREADS
from glassnet.engines.reference import ReferenceEngine

HIDDEN = [name for name in ACTIVATIONS if name != "step"]
SMOOTH = [name for name in SOLVERS if name not in ("lbfgs", "rprop")]  # where rounding decides nothing
SIZES = [5, 7, 6, 3]
ORDERS = np.asarray([np.random.default_rng(4).permutation(50) for _ in range(25)])

# Each value of each factor meets each value of every other one at least once.
COVERING = [
    tuple(row)
    for row in AllPairs(
        [HIDDEN, SMOOTH, [0.0, (0.3, 0.2)], [None, 0.05], [Penalty(), Penalty(1e-3, 1e-2)], [True, False],
         [None, "scaling", "pbld+scaling"]]
    )
]  # fmt: skip


def network_with(hidden="selu", sizes=SIZES, dtype="float64", *, bias=True, front=None, output="softmax", seed=2):
    network = gn.Network.create(
        sizes, hidden=hidden, output=output, bias=bias, **FRONTS.get(front, {}), learned_slope=True, seed=seed
    )
    theta = network.theta + np.random.default_rng(seed).normal(0.0, 0.3, network.n_params)
    return network.with_theta(theta).astype(dtype)


def samples_for(sizes=SIZES, n=50):
    rng = np.random.default_rng(1)
    return rng.normal(0.0, 1.5, (n, sizes[0])), np.eye(sizes[-1])[rng.integers(0, sizes[-1], n)]


@pytest.mark.parametrize("row", COVERING, ids=lambda row: f"{row[0]}-{row[1]}")
def test_a_hundred_steps_agree(row):
    """The compiled engine walks the reference's way: to 1e-10 in float64, to 1e-4 in float32."""
    hidden, solver, dropout, clip, penalty, bias, front = row
    X, Y = samples_for()
    eta = np.full(100, 0.003)
    for dtype, near in (("float64", 1e-10), ("float32", 1e-4)):
        network = network_with(hidden, dtype=dtype, bias=bias, front=front)
        rates = dropout or (0.0, 0.0)
        problem = Problem(network, resolve_cost("cross_entropy"), resolve_solver(solver), penalty, rates, clip, 5)
        (mine, records), (theirs, expected) = (
            engine.run(engine.start(eta[0]), ORDERS, eta, 16)
            for engine in (kind(problem, X, Y) for kind in (CpuEngine, ReferenceEngine))
        )
        assert expected.divergence is None
        np.testing.assert_allclose(mine.theta, theirs.theta, rtol=near, atol=near)
        for numbers, right in zip(records[:4], expected[:4], strict=True):
            np.testing.assert_allclose(numbers, right, rtol=10 * near, atol=near)
        moved = network.with_theta(mine.theta).slope[1] != network.slope[1]
        assert moved.all() or hidden == "identity"  # whose slopes do not matter


def test_the_covering_covers():
    assert {row[:2] for row in COVERING} == set(product(HIDDEN, SMOOTH))


def test_one_step_is_the_gradient_of_core(make_engine):
    """In either engine a step of plain descent moves a slope by a tenth of eta times what `backward` says."""
    X, Y = samples_for()
    network = network_with()
    engine = make_engine(network, X, Y, cost="cross_entropy")
    grads = gn.backward(network, gn.forward(network, X), Y, cost="cross_entropy")
    after = network.with_theta(engine.run(engine.start(0.1), np.arange(50)[None, :], np.asarray([0.1]), 50)[0].theta)

    for l in (1, 2):
        np.testing.assert_allclose(after.slope[l], network.slope[l] - 0.01 * grads.dslope[l], rtol=1e-12)
        np.testing.assert_allclose(after.W[l], network.W[l] - 0.1 * grads.dW[l], rtol=1e-10)


def test_a_row_alone_has_the_bits_that_it_has_among_others(make_engine):
    X, Y = samples_for(n=300)
    for hidden in ("selu", "softmax"):
        network = network_with(hidden)
        engine = make_engine(network, X, Y, cost="cross_entropy")
        among = engine.forward(network.theta, X)

        np.testing.assert_allclose(among, gn.forward(network, X).A[-1], rtol=1e-12)
        for i in (0, 57, 299) if engine.name == "cpu" else ():
            np.testing.assert_array_equal(engine.forward(network.theta, X[i : i + 1])[0], among[i])


@pytest.mark.skipif(not HAS_THREADS, reason="no POSIX threads on this system: the engine runs on one")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sizes", [(9, 70, 33, 5), (3, 600, 3), (1, 2, 2)])
def test_threads_give_the_same_bits(sizes, dtype):
    """Also where a layer is so wide that its activations are laid out in strips, and it has many blocks of units."""
    X, Y = samples_for(sizes, n=150)
    network = network_with("silu", sizes, dtype)
    settings = {"cost": "cross_entropy", "epochs": 3, "batch_size": 64, "clip": 0.5, "dropout": 0.2}
    one, *others = (gn.train(network, X, Y, n_jobs=n_jobs, engine="cpu", **settings) for n_jobs in (1, 2, 4))
    reference = gn.train(network, X, Y, engine="reference", **settings)

    for other in others:
        np.testing.assert_array_equal(other.network.theta, one.network.theta)
        np.testing.assert_array_equal(other.history["cost"], one.history["cost"])
    near = {"rtol": 1e-8, "atol": 1e-8} if dtype == "float64" else {"rtol": 2e-3, "atol": 2e-3}
    np.testing.assert_allclose(one.network.theta, reference.network.theta, **near)


def test_frozen_slopes_stay_bit_by_bit(make_engine):
    """At 1 they are those of the plain network, which the others' trajectory then is."""
    X, Y = samples_for()
    plain, sloped = (
        gn.Network.create(SIZES, hidden="silu", output="softmax", learned_slope=has, seed=3) for has in (False, True)
    )
    eta = np.full(100, 0.01)
    paths = []
    for network in (plain, sloped.freeze(names=("slope",))):
        engine = make_engine(network, X, Y, cost="cross_entropy", solver="adam")
        paths.append(network.with_theta(engine.run(engine.start(0.01), ORDERS, eta, 16)[0].theta))

    assert all((s == 1).all() for s in paths[1].slope if s is not None)
    for l in (1, 2, 3):
        np.testing.assert_allclose(paths[1].W[l], paths[0].W[l], rtol=1e-9, atol=1e-12)


def test_divergence_says_which_slope(make_engine):
    """z = -1e200, f = 0, dE/da = -1e200: all is finite, and f'(z) = 0 stops delta, but ds = dE/da · (f - z) is not."""
    network = gn.Network.from_weights(
        [([[1e200]], [0.0]), ([[1e200]], [0.0])], hidden="relu", output="identity", slopes=[[1.0]]
    )
    engine = make_engine(network, [[-1.0]], [[1.0]], cost="absolute_error")
    _, records = engine.run(engine.start(0.1), np.asarray([[0]]), np.asarray([0.1]), 1)

    assert (records.divergence.quantity, records.divergence.layer, records.divergence.unit) == ("dslope", 1, 0)


def test_lbfgs_learns_slopes_too():
    X = np.linspace(-2, 2, 40)[:, None]
    network = gn.Network.create([1, 6, 1], hidden="tanh", output="identity", learned_slope=True, seed=0)
    result = gn.train(network, X, np.abs(X), cost="half_squared_error", solver="lbfgs", epochs=100)

    assert result.history["cost"][-1] < 0.002
    assert (result.network.slope[1] != 1).all()
