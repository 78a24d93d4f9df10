"""The compiled engine walks the reference engine's trajectory, whatever is combined."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.core.activation import ACTIVATIONS
from glassnet.core.solvers import SOLVERS

SIZES = [5, 7, 6, 3]
HIDDEN = [name for name in ACTIVATIONS if name != "step"]
FIRST_ORDER = [name for name in SOLVERS if name != "lbfgs"]
PAIRS = [
    ("softmax", "cross_entropy"),
    ("sigmoid", "binary_cross_entropy"),
    ("identity", "half_squared_error"),
    ("identity", "squared_error"),
    ("identity", "huber"),
    ("softplus", "poisson"),
    ("tanh", "error"),
    ("sigmoid", "squared_error"),
    ("softmax", "squared_error"),
]
EXTRAS = [
    {},
    {"l1": 1e-3},
    {"l2": 1e-2, "clip": 0.5},
    {"dropout": 0.3},
    {"dropout": [0.0, 0.4], "l1": 1e-3, "l2": 1e-2, "weights": True},
    {"weights": True, "clip": 0.1},
]


def combinations():
    """Every hidden activation, solver, pair and extra, each meeting many of the others: 42 runs instead of 9,000."""
    rng = np.random.default_rng(0)
    for index in range(42):
        hidden = HIDDEN[index % len(HIDDEN)]
        solver = FIRST_ORDER[int(rng.permutation(len(FIRST_ORDER))[index % 3])] if index >= 10 else FIRST_ORDER[index]
        yield hidden, solver, PAIRS[index % len(PAIRS)], EXTRAS[int(rng.integers(len(EXTRAS)))]


def run(engine, hidden, solver, pair, extra, dtype, epochs):
    rng = np.random.default_rng(1)
    X, Y = rng.normal(size=(50, SIZES[0])), rng.uniform(0.1, 0.9, size=(50, SIZES[-1]))
    settings = dict(extra)
    if settings.pop("weights", False):
        settings["weights"] = rng.uniform(0.5, 2.0, size=50)
    net = gn.Network.create(SIZES, hidden=hidden, output=pair[0], seed=2, dtype=dtype)
    whole = SOLVERS[solver].full_batch
    return gn.train(
        net,
        X,
        Y / Y.sum(axis=1, keepdims=True),
        cost=pair[1],
        solver=solver,
        learning_rate=0.01,
        epochs=epochs,
        batch_size=None if whole else 16,
        engine=engine,
        seed=3,
        **settings,
    )


@pytest.mark.parametrize(("hidden", "solver", "pair", "extra"), list(combinations()))
def test_a_hundred_steps_agree_to_ten_digits(hidden, solver, pair, extra):
    """In float64 the parameters agree to 1e-10 after 100 steps, and so does each number of the history.

    RPROP moves by signs, which rounding can turn: it is compared over a few steps.
    """
    epochs = 5 if solver == "rprop" else 25
    mine, reference = (run(engine, hidden, solver, pair, extra, "float64", epochs) for engine in ("cpu", "reference"))

    np.testing.assert_allclose(mine.network.theta, reference.network.theta, rtol=1e-10, atol=1e-10)
    for quantity in ("cost", "metric", "gradient_norm", "penalty"):
        np.testing.assert_allclose(mine.history[quantity], reference.history[quantity], rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("hidden", HIDDEN)
def test_single_precision_agrees_to_four_digits(hidden):
    """In float32 the parameters agree to 1e-4 after 100 steps of Adam."""
    pair, extra = ("softmax", "cross_entropy"), {"l2": 1e-3, "dropout": 0.2}
    mine, reference = (run(engine, hidden, "adam", pair, extra, "float32", 25) for engine in ("cpu", "reference"))

    assert mine.network.theta.dtype == np.float32
    np.testing.assert_allclose(mine.network.theta, reference.network.theta, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("pair", [("identity", "absolute_error"), ("identity", ("pinball", {"quantile": 0.9}))])
def test_costs_with_a_kink_agree_step_by_step(pair):
    """The slope of these costs jumps at the target, where rounding decides: compared over one epoch."""
    mine, reference = (run(engine, "tanh", "sgd", pair, {}, "float64", 1) for engine in ("cpu", "reference"))

    np.testing.assert_allclose(mine.network.theta, reference.network.theta, rtol=1e-12, atol=1e-12)


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


def test_divergence_is_named_as_the_reference_names_it():
    """Epoch, step, layer, unit and quantity of the first number that is not finite; the last finite network is kept."""
    net = gn.Network.create([3, 4, 2], hidden="relu", output="identity", seed=0)
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(30, 3)), rng.normal(size=(30, 2))
    mine, reference = (
        gn.train(net, X, Y, cost="squared_error", solver="sgd", learning_rate=1e6, epochs=50, engine=engine)
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
