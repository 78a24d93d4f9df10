"""The network's front in all engines: one trajectory, whatever the solver, and the same bits on any number of threads."""

import numpy as np
import pytest
from scipy.sparse import csr_array

import glassnet as gn
from glassnet.core.catalog.costs import resolve_cost
from glassnet.core.catalog.penalties import Penalty
from glassnet.core.catalog.solvers import resolve_solver
from glassnet.core.front import FRONTS
from glassnet.engines.base import Problem
from glassnet.engines.cpu.engine import CpuEngine
from glassnet.engines.cpu.threads.barrier import HAS_THREADS
from glassnet.engines.reference import ReferenceEngine

SETTINGS = [
    {"solver": "adam"},
    {"solver": ("adamw", {"weight_decay": 0.1}), "clip": 0.05},
    {"solver": "momentum", "penalty": Penalty(1e-3, 1e-2), "dropout": (0.3, 0.2)},
]
ORDERS = np.asarray([np.random.default_rng(4).permutation(50) for _ in range(25)])


def network_with(front, sizes=(5, 7, 6, 3), dtype="float64", seed=2):
    embedded = None if front == "scaling" else [4, 0, 1]
    network = gn.Network.create(sizes, hidden="tanh", output="softmax", **FRONTS[front], embedded=embedded, seed=seed)
    theta = network.theta + np.random.default_rng(seed).normal(0.0, 0.3, network.n_params)
    return network.with_theta(theta).astype(dtype)


def samples_for(sizes, n=50):
    rng = np.random.default_rng(1)
    return rng.normal(0.0, 1.5, (n, sizes[0])), np.eye(sizes[-1])[rng.integers(0, sizes[-1], n)]


def problem_with(network, solver="adam", penalty=None, dropout=(0.0, 0.0), clip=None):
    entry = resolve_cost("cross_entropy")
    return Problem(network, entry, resolve_solver(solver), penalty or Penalty(), dropout, clip, 5)


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda settings: str(settings["solver"]))
@pytest.mark.parametrize("front", FRONTS)
def test_a_hundred_steps_agree(front, settings):
    """The compiled engine walks the reference's way: to 1e-10 in float64, to 1e-4 in float32."""
    X, Y = samples_for((5, 3))
    eta = np.full(100, 0.003)
    for dtype, near in (("float64", 1e-10), ("float32", 1e-4)):
        problem = problem_with(network_with(front, dtype=dtype), **settings)
        (mine, records), (theirs, expected) = (
            engine.run(engine.start(eta[0]), ORDERS, eta, 16)
            for engine in (kind(problem, X, Y) for kind in (CpuEngine, ReferenceEngine))
        )
        assert expected.divergence is None
        np.testing.assert_allclose(mine.theta, theirs.theta, rtol=near, atol=near)
        assert (mine.theta != problem.network.theta).all()
        for numbers, right in zip(records[:4], expected[:4], strict=True):
            np.testing.assert_allclose(numbers, right, rtol=10 * near, atol=near)


def test_one_step_is_the_gradient_of_core(make_engine):
    """In either engine a step of plain descent moves the front by its rates times what `backward` says."""
    X, Y = samples_for((5, 3))
    network = network_with("pbld+scaling")
    engine = make_engine(network, X, Y, cost="cross_entropy")
    grads = gn.backward(network, gn.forward(network, X), Y, cost="cross_entropy")
    after, _ = engine.run(engine.start(0.01), np.arange(50)[None, :], np.asarray([0.01]), 50)
    rates = np.repeat([slot.factor for slot in network.layout.slots], [slot.size for slot in network.layout.slots])

    np.testing.assert_allclose(after.theta, network.theta - 0.01 * rates * grads.grad, rtol=1e-12, atol=1e-14)
    assert rates[0] == 6.0


def test_outputs_are_those_of_core(make_engine):
    X, Y = samples_for((5, 3), n=300)
    for front in FRONTS:
        network = network_with(front)
        outputs = make_engine(network, X, Y, cost="cross_entropy").forward(network.theta, X)
        np.testing.assert_allclose(outputs, gn.forward(network, X).A[-1], rtol=1e-12)


@pytest.mark.skipif(not HAS_THREADS, reason="no POSIX threads on this system: the engine runs on one")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sizes", [(9, 70, 5), (600, 40, 3), (1, 2, 2)])
def test_threads_give_the_same_bits(sizes, dtype):
    """Also where A[0] is wide, so that its columns are laid out in strips."""
    X, Y = samples_for(sizes, n=150)
    for front in FRONTS:
        network = gn.Network.create(sizes, hidden="silu", output="softmax", **FRONTS[front], dtype=dtype, seed=1)
        settings = {"cost": "cross_entropy", "epochs": 3, "batch_size": 64, "engine": "cpu", "clip": 0.5}
        one, two = (gn.train(network, X, Y, n_jobs=n_jobs, **settings) for n_jobs in (1, 2))
        reference = gn.train(network, X, Y, **{**settings, "engine": "reference"})

        np.testing.assert_array_equal(one.network.theta, two.network.theta)
        np.testing.assert_array_equal(one.history["cost"], two.history["cost"])
        near = {"rtol": 1e-8, "atol": 1e-8} if dtype == "float64" else {"rtol": 2e-3, "atol": 2e-3}
        np.testing.assert_allclose(one.network.theta, reference.network.theta, **near)


def test_a_row_alone_has_the_bits_that_it_has_among_others():
    X, Y = samples_for((5, 3), n=200)
    network = network_with("pbld+scaling")
    engine = CpuEngine(problem_with(network), X, Y)
    among = engine.forward(network.theta, X)

    for i in (0, 57, 199):
        np.testing.assert_array_equal(engine.forward(network.theta, X[i : i + 1])[0], among[i])


@pytest.mark.parametrize("front", FRONTS)
def test_a_frozen_front_stays_bit_by_bit(front, make_engine):
    X, Y = samples_for((5, 3))
    network = network_with(front).freeze(0)
    engine = make_engine(network, X, Y, cost="cross_entropy", solver="adam")
    after, _ = engine.run(engine.start(0.01), ORDERS, np.full(100, 0.01), 16)
    n_front = sum(slot.size for slot in network.layout.slots if slot.layer == 0)

    np.testing.assert_array_equal(after.theta[:n_front], network.theta[:n_front])
    assert (after.theta[n_front:] != network.theta[n_front:]).all()


def test_divergence_says_where_in_the_front(make_engine):
    """x = 1e200, s = 1e200: their product is the first number that is not finite."""
    network = gn.Network.create([2, 1], input_scaling=True, output="identity", seed=0)
    network = network.with_theta(np.asarray([1.0, 1e200, 0.1, 0.1, 0.0]))
    engine = make_engine(network, [[1.0, 1e200]], [[0.0]])
    _, records = engine.run(engine.start(0.1), np.asarray([[0]]), np.asarray([0.1]), 1)

    assert (records.divergence.quantity, records.divergence.layer, records.divergence.unit) == ("A", 0, 1)
    assert "A at unit 1 of the front" in str(records.divergence)


def test_lbfgs_learns_the_front_too():
    X = np.linspace(-2, 2, 40)[:, None]
    network = gn.Network.create(
        [1, 4, 1], hidden="tanh", output="identity", numeric_embedding="pbld", input_scaling=True, seed=0
    )
    result = gn.train(network, X, np.sin(4 * X), cost="half_squared_error", solver="lbfgs", epochs=200)

    assert result.history["cost"][-1] < 0.01
    assert (result.network.theta != network.theta).all()


def test_a_sparse_x_is_refused():
    network = network_with("scaling", (5, 3))
    X, Y = samples_for((5, 3))

    with pytest.raises(
        gn.GlassnetError, match=r"^input_scaling=True cannot be trained on a sparse X, whose zeros would"
    ):
        gn.train(network, csr_array(X), Y, cost="cross_entropy", engine="cpu")
