"""The compiled engine walks the reference engine's trajectory, whatever is combined."""

from itertools import product

import numpy as np
import pytest
from allpairspy import AllPairs

import glassnet as gn
from glassnet.core.catalog.activation import ACTIVATIONS, resolve_activation
from glassnet.core.catalog.costs import COSTS, resolve_cost
from glassnet.core.catalog.pairs import check_pair
from glassnet.core.catalog.penalties import Penalty
from glassnet.core.catalog.solvers import SOLVERS, resolve_solver
from glassnet.engines.base import CONSTANT, Factors, Problem
from glassnet.engines.cpu.engine import CpuEngine
from glassnet.engines.reference import ReferenceEngine
from glassnet.training.metrics import resolve_metric

SIZES = [5, 7, 6, 3]
HIDDEN = [name for name in ACTIVATIONS if name != "step"]
FIRST_ORDER = [name for name in SOLVERS if name != "lbfgs"]
KINKED = ("absolute_error", "pinball", "rprop")  # rounding decides there: compared step by step
DROPOUTS = [0.0, 0.3, [0.0, 0.4]]
PENALTIES = [{}, {"l1": 1e-3}, {"l2": 1e-2}, {"l1": 1e-3, "l2": 1e-2}]


def valid_pairs():
    """Every pair of output activation and cost that `train` takes."""
    for output, cost in product(ACTIVATIONS, COSTS):
        try:
            check_pair(resolve_activation(output), resolve_cost(cost), SIZES[-1])
        except gn.GlassnetError:
            continue
        # softmax outputs sum to 1, so that their signed error never changes: its gradient is nothing but rounding
        if output != "step" and (output, cost) != ("softmax", "error"):
            yield output, cost


# Each value of each factor meets each value of every other one at least once.
COVERING = [
    tuple(row)
    for row in AllPairs([list(valid_pairs()), HIDDEN, FIRST_ORDER, PENALTIES, DROPOUTS, [None, 0.1], [False, True]])
]


def problem_and_data(row, dtype):
    (output, cost), hidden, solver, penalty, dropout, clip, weighted = row
    rng = np.random.default_rng(1)
    X, Y = rng.normal(size=(50, SIZES[0])), rng.uniform(0.1, 0.9, size=(50, SIZES[-1]))
    network = gn.Network.create(SIZES, hidden=hidden, output=output, seed=2, dtype=dtype)
    entry = resolve_cost(cost)
    rates = tuple(dropout) if isinstance(dropout, list) else (dropout, dropout)
    problem = Problem(
        network, entry, resolve_solver(solver), Penalty(**penalty), rates, clip, 5, resolve_metric("auto", entry)
    )
    return problem, X, Y / Y.sum(axis=1, keepdims=True), rng.uniform(0.5, 2.0, size=50) if weighted else None


def engines_for(row, dtype):
    return [engine(*problem_and_data(row, dtype)) for engine in (CpuEngine, ReferenceEngine)]


def is_kinked(row):
    return row[0][1] in KINKED or row[2] in KINKED


def name_of(row):
    return "-".join(str(part) for part in (*row[0], *row[1:3]))


ORDERS = np.asarray([np.random.default_rng(4).permutation(50) for _ in range(25)])
N_STEPS = 4  # of 16 rows and a rest, for each of the orders


def assert_a_hundred_steps_agree(row, factors=CONSTANT):
    eta = np.full(100, 0.003)
    for dtype, near in (("float64", 1e-10), ("float32", 1e-4)):
        (mine, records), (theirs, expected) = (
            engine.run(engine.start(eta[0]), ORDERS, eta, 16, factors) for engine in engines_for(row, dtype)
        )
        assert expected.divergence is None
        np.testing.assert_allclose(mine.theta, theirs.theta, rtol=near, atol=near)
        for numbers, right in zip(records[:4], expected[:4], strict=True):
            np.testing.assert_allclose(numbers, right, rtol=10 * near, atol=near)


@pytest.mark.parametrize("row", [row for row in COVERING if not is_kinked(row)], ids=name_of)
def test_a_hundred_steps_agree(row):
    """After 100 steps parameters and records agree to 1e-10 in float64, and to 1e-4 in float32."""
    assert_a_hundred_steps_agree(row)


# Without the penalty l1: where weights decay to 0 it has its kink, so that rounding would decide.
COMBINED = [("identity", "half_squared_error"), ("sigmoid", "binary_cross_entropy"), ("softmax", "cross_entropy")]
DECAYING = [
    tuple(row)
    for row in AllPairs([COMBINED, HIDDEN, ["adamw"], [{}, {"l2": 1e-2}], DROPOUTS, [None, 0.1], [False, True]])
]


@pytest.mark.parametrize("row", DECAYING, ids=name_of)
def test_a_hundred_steps_agree_with_dropout_and_decay_on_a_schedule(row):
    """Dropout falls after half of the steps, and a decay of 0.01 rises to twenty times itself."""
    t = np.arange(100) / 100
    assert_a_hundred_steps_agree(row, Factors(0.5 + 0.5 * np.cos(np.pi * np.maximum(2 * t - 1, 0)), 20 * t))


@pytest.mark.parametrize("row", [row for row in COVERING if is_kinked(row)], ids=name_of)
def test_kinked_ones_agree_step_by_step(row):
    """From a common state, the reference's, each of 20 single steps agrees."""
    for dtype, near in (("float64", 1e-10), ("float32", 1e-4)):
        engine, reference = engines_for(row, dtype)
        state = reference.start(0.003)
        for order in ORDERS[:20]:
            step = order[None, :16]
            mine, _ = engine.run(state, step, np.asarray([0.003]), 16)
            state, _ = reference.run(state, step, np.asarray([0.003]), 16)
            np.testing.assert_allclose(mine.theta, state.theta, rtol=near, atol=near)


def test_the_covering_covers():
    """Every hidden activation meets every solver and every pair: pairwise, as it says."""
    assert {row[1:3] for row in COVERING} == set(product(HIDDEN, FIRST_ORDER))
    assert {row[:2] for row in COVERING} == set(product(valid_pairs(), HIDDEN))


def test_going_on_from_a_state_equals_one_long_run():
    """Two runs of one epoch, the second from the first's state, end where two epochs do, bit by bit."""
    net = gn.Network.create([4, 5, 1], hidden="tanh", seed=0)
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(20, 4)), rng.integers(0, 2, size=(20, 1))
    common = {"cost": "binary_cross_entropy", "batch_size": 7, "shuffle": False, "engine": "cpu"}
    long = gn.train(net, X, Y, epochs=2, **common)
    first = gn.train(net, X, Y, epochs=1, **common)
    second = gn.train(net, X, Y, epochs=1, state=first.state, **common)

    np.testing.assert_array_equal(second.network.theta, long.network.theta)


@pytest.mark.parametrize("dropout", [{}, {"dropout": 0.5, "dropout_schedule": "cosine"}], ids=["whole", "dropout"])
def test_divergence_is_named_as_the_reference_names_it(dropout):
    """Epoch, step, layer, unit and quantity of the first number that is not finite; the last finite network is kept."""
    net = gn.Network.create([3, 4, 2], hidden="relu", output="identity", seed=0)
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(30, 3)), rng.normal(size=(30, 2))
    mine, reference = (
        gn.train(net, X, Y, cost="squared_error", solver="sgd", learning_rate=1e6, epochs=50, engine=engine, **dropout)
        for engine in ("cpu", "reference")
    )

    assert mine.history.divergence == reference.history.divergence
    assert np.isfinite(mine.network.theta).all()


def test_frozen_parameters_stay_bit_by_bit():
    """A frozen layer's weights and biases are the same after training."""
    net = gn.Network.create([3, 4, 2], hidden="relu", output="softmax", seed=0).freeze(1)
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(30, 3)), np.eye(2)[rng.integers(0, 2, size=30)]
    solver = ("adamw", {"weight_decay": 0.1})
    after = gn.train(net, X, Y, cost="cross_entropy", solver=solver, epochs=3, engine="cpu").network

    np.testing.assert_array_equal(after.W[1], net.W[1])
    np.testing.assert_array_equal(after.b[1], net.b[1])
    assert (after.W[2] != net.W[2]).all()


def test_a_network_without_biases_has_none_afterwards():
    """An absent bias has no slot and takes part in nothing."""
    net = gn.Network.create([3, 4, 1], bias=False, seed=0)
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(30, 3)), rng.integers(0, 2, size=(30, 1))
    mine, reference = (
        gn.train(net, X, Y, cost="binary_cross_entropy", epochs=3, engine=engine).network
        for engine in ("cpu", "reference")
    )

    assert mine.b[1] is None
    np.testing.assert_allclose(mine.theta, reference.theta, rtol=1e-12)


def test_own_activations_are_left_to_the_reference():
    """What only Python can compute is refused with the engine that can."""
    sine = gn.Activation("sine", np.sin, lambda Z, A: np.cos(Z))
    net = gn.Network.create([2, 2, 1], hidden=sine, seed=0)

    with pytest.raises(gn.GlassnetError, match="layer 1 has your own activation 'sine', which engine='cpu' cannot"):
        gn.train(net, [[0, 1]], [[1]], cost="binary_cross_entropy", engine="cpu")


def test_an_unknown_engine_is_refused():
    """The message names the engines there are."""
    net = gn.Network.create([1, 1], seed=0)

    with pytest.raises(gn.GlassnetError, match=r"engine='gpu' is not known\. Choose from: auto, cpu, reference"):
        gn.train(net, [[1]], [[1]], cost="binary_cross_entropy", engine="gpu")
