"""Activations and costs made from a formula: computed, checked, refused in words, and used like any other."""

import copy
import pickle

import numpy as np
import pytest

import glassnet as gn
from glassnet.core.catalog.activation import ACTIVATIONS
from glassnet.core.catalog.activation import ALIASES as ACTIVATION_ALIASES
from glassnet.core.catalog.costs import ALIASES, COSTS
from glassnet.errors import ParameterError

SWOOSH = gn.Activation.from_formula("swoosh", "log(1 + exp(z - 1)) - 0.08 z")
CAUCHY = gn.Cost.from_formula("cauchy", "log(1 + (t - o)^2 / width)", parameters={"width": 2})
INF = float("inf")


def test_the_issue_s_activation():
    """Against logaddexp and the logistic function of NumPy and SciPy's making; far out nothing overflows."""
    Z = np.asarray([[-900.0, -2.0, 0.0, 0.5, 3.0, 900.0]])
    A = SWOOSH(Z)
    np.testing.assert_allclose(A, np.logaddexp(0, Z - 1) - 0.08 * Z, rtol=1e-14)
    np.testing.assert_allclose(SWOOSH.prime(Z, A), np.exp(-np.logaddexp(0, 1 - Z)) - 0.08, rtol=1e-13)
    assert (SWOOSH.formula, SWOOSH.source) == ("log(1 + exp(z - 1)) - 0.08 z",) * 2
    assert SWOOSH.derivative_formula == "1 / (1 + exp(1 - z)) - 0.08"
    assert (SWOOSH.kinks, SWOOSH.is_builtin, SWOOSH.spec) == ((), False, "swoosh")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_shape_and_precision_stay(dtype):
    flat = gn.Activation.from_formula("flat", "2")
    Z = np.ones((2, 3), dtype=dtype)
    for sigma in (SWOOSH, flat):
        A = sigma(Z)
        for values in (A, sigma.prime(Z, A)):
            assert (values.shape, values.dtype) == ((2, 3), np.dtype(dtype))
    assert Z.tolist() == np.ones((2, 3)).tolist()


def test_one_equal_to_a_built_in_trains_to_the_same_numbers():
    """silu by its formula, on the reference, step by step."""
    own = gn.Activation.from_formula("my_silu", "z / (1 + exp(-z))")
    cost = gn.Cost.from_formula("my_cost", "1/2 (t - o)^2")
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(20, 3)), rng.normal(size=(20, 2))
    theta = rng.normal(size=32)
    results = []
    for hidden, by in ((own, cost), ("silu", "half_squared_error")):
        network = gn.Network.create([3, 5, 2], hidden=hidden, output="identity", seed=1)
        network = network.with_theta(theta)
        engine = "auto" if hidden is own else "reference"
        results.append(gn.train(network, X, Y, cost=by, solver="adam", epochs=5, seed=0, engine=engine))
    ours, theirs = results
    np.testing.assert_allclose(ours.network.theta, theirs.network.theta, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(ours.history["cost"], theirs.history["cost"], rtol=1e-12)


@pytest.mark.parametrize(
    ("formula", "parameters"),
    [("z / (1 + exp(-beta z))", {"beta": 1.7}), ("max(0, z)^2", {}), ("|z|^2.5 sign(z)", {}), ("sin(z)", {}),
     ("clip(z, -1, 1) + 0.1 z", {}), ("z if z > 0.3 else exp(z - 0.3) - 0.7", {}), ("z log(1 + z^2)", {})],
)  # fmt: skip
def test_its_backpropagation_is_what_shocks_measure(formula, parameters):
    rng = np.random.default_rng(0)
    sigma = gn.Activation.from_formula("own", formula, parameters=parameters)
    network = gn.Network.create([3, 4, 2], hidden=sigma, output=sigma, seed=1)
    check = gn.check_gradients(network, rng.normal(size=(6, 3)), rng.normal(size=(6, 2)), cost=CAUCHY)
    assert check.method == "central differences"
    assert len(check.shocks) >= network.n_params // 2
    assert check.max_relative_error < 1e-6


@pytest.mark.parametrize(
    "formula", ["log(1 + (t - o)^2)", "|t - o|", "(t - o)^2 if |t - o| < 0.5 else |t - o| - 0.25", "max(t - o, 0)^2"]
)
def test_a_cost_and_its_kinks(formula):
    rng = np.random.default_rng(0)
    cost = gn.Cost.from_formula("own", formula)
    network = gn.Network.create([3, 4, 2], hidden="tanh", output="identity", seed=1)
    check = gn.check_gradients(network, rng.normal(size=(6, 3)), rng.normal(size=(6, 2)), cost=cost)
    assert check.max_relative_error < 1e-6


def test_a_cost_by_hand():
    """log(1 + 4/2) = log 3; its derivative by o is -2 (t - o) / 2 / (1 + (t - o)² / 2) = 2 / 3 at o - t = 2."""
    assert gn.cost(CAUCHY, [[3.0]], [[1.0]]) == pytest.approx(np.log(3), rel=1e-15)
    network = gn.Network.from_weights([([[3.0]], None)], output="identity")
    grads = gn.backward(network, gn.forward(network, [[1.0]]), [[1.0]], cost=CAUCHY)
    assert grads.dW[1].item() == pytest.approx(2 / 3, rel=1e-15)


def test_where_a_cost_holds_decides_the_pairs():
    own = gn.Cost.from_formula("deviance", "2 (o - t log(o))", outputs=(0, INF), targets=(0, INF))
    assert gn.cost(own, [[0.5]], [[0.0]]) == 1.0
    network = gn.Network.create([1, 1], output="identity", seed=0)
    with pytest.raises(ParameterError, match="cost 'deviance' does not fit the output activation 'identity'"):
        gn.train(network, [[1.0]], [[1.0]], cost=own)
    with pytest.raises(ParameterError, match=r"cost 'deviance' needs targets in \[0, inf\], but Y has -1"):
        gn.train(gn.Network.create([1, 1], output="softplus", seed=0), [[1.0]], [[-1.0]], cost=own)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_they_are_copied_and_pickled(copied):
    Z = np.asarray([[0.3, -2.0]])
    assert copied(SWOOSH) == SWOOSH
    assert copied(SWOOSH)(Z).tolist() == SWOOSH(Z).tolist()
    assert copied(CAUCHY).of_outputs(Z, Z + 1).tolist() == CAUCHY.of_outputs(Z, Z + 1).tolist()


@pytest.mark.parametrize("name", [*ACTIVATIONS, *ACTIVATION_ALIASES])
def test_an_activation_under_a_built_in_name_is_itself(name):
    own = gn.Activation.from_formula(name, "3 z - 1")

    assert not own.is_builtin
    assert gn.Network.create([1, 1], output=own, seed=0).activation[1](np.asarray([[2.0]])).tolist() == [[5.0]]


@pytest.mark.parametrize("name", [*COSTS, *ALIASES])
def test_a_cost_under_a_built_in_name_is_itself(name):
    """Also on outputs with which the built-in one would be computed from z, and with targets that it would refuse."""
    by_formula = gn.Cost.from_formula(name, "1000 (t - o)^2")
    by_functions = gn.Cost(name, lambda A, Y: 1000 * (A - Y) ** 2, lambda A, Y: 2000 * (A - Y))
    net = gn.Network.from_weights([([[1.0], [-1.0]], [0.0, 0.0])], output="softmax")
    trace = gn.forward(net, [[0.0]])
    for own in (by_formula, by_functions):
        assert not own.is_builtin
        assert gn.cost(own, [[3.0]], [[-1.0]]) == 16000
        grads = gn.backward(net, trace, [[1.0, 0.0]], cost=own)
        assert float(grads.cost) == 500.0  # the outputs are 1/2 and 1/2: 1000 (1/4 + 1/4)
        # d = (-1000, 1000) at the outputs; a_j (d_j - sum_k d_k a_k) with a = 1/2 at z
        np.testing.assert_allclose(grads.delta[1], [[-500.0, 500.0]])


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("two words", "z"), {}, "activation name 'two words' must be one word of letters, digits and _"),
        (("", "z"), {}, "activation name '' must be one word"),
        ((3, "z"), {}, "activation name '3' must be one word"),
        (("x" * 99, "z"), {}, "of at most 60 characters"),
        (("own", "log(z)"), {}, "activation 'own': its formula gives nan at z = -20; expected a finite number for"),
        (("own", "1 / z"), {}, "its formula gives inf at z = 0"),
        (("own", "sqrt(|z|)"), {}, "its derivative gives nan at z = 0"),
        (("own", "exp(exp(z))"), {}, "its formula gives inf at z ="),
        (("own", "beta z"), {}, "'beta' at position 1 is not known; its letters are: z"),
        (("own", "z"), {"parameters": {"beta": 1}}, "its formula 'z' does not have the parameter 'beta'"),
        (("own", "beta z"), {"parameters": {"beta": "1"}}, "activation 'own': beta = '1' must be a finite number"),
        (("own", "beta z"), {"parameters": {"beta": INF}}, "activation 'own': beta = inf must be a finite number"),
        (("own", "z z"), {"parameters": {"z": 1}}, "activation 'own' cannot have a parameter 'z'"),
        (("own", "exp z"), {"parameters": {"exp": 1}}, "cannot have a parameter 'exp'; take a word such as 'beta'"),
        (("own", "2 z"), {"range": (0, 1)}, r"gives -40 at z = -20, outside of range=\(0, 1\); widen the range"),
        (("own", "z"), {"range": (1, 0)}, r"range=\(1, 0\) must be two numbers, the lower one first"),
        (("own", "z"), {"range": 3}, "range=3 must be two numbers"),
    ],
)
def test_activations_refused(arguments, options, message):
    with pytest.raises(ParameterError, match=message):
        gn.Activation.from_formula(*arguments, **options)


@pytest.mark.parametrize(
    ("formula", "options", "message"),
    [
        (
            "o - t log(o)",
            {},
            r"cost 'own': its formula gives nan for .* outputs=\(low, high\) and targets=\(low, high\)",
        ),
        ("z", {}, "'z' at position 1 is not known; its letters are: o, t"),
        ("t - o", {"outputs": (1, 1)}, r"cost 'own': outputs=\(1, 1\) must be two numbers, the lower one first"),
        ("(t - o)^2", {"parameters": {"width": 1}}, "does not have the parameter 'width'"),
    ],
)
def test_costs_refused(formula, options, message):
    with pytest.raises(ParameterError, match=message):
        gn.Cost.from_formula("own", formula, **options)


def test_the_compiled_engine_says_that_it_cannot():
    network = gn.Network.create([1, 1], output="identity", seed=0)
    with pytest.raises(
        ParameterError, match="cost 'cauchy' is your own, which engine='cpu' cannot compile; use engine="
    ):
        gn.train(network, [[1.0]], [[1.0]], cost=CAUCHY, engine="cpu")
    with pytest.raises(ParameterError, match=r"layer 1 has your own activation 'swoosh', which engine='cpu' cannot"):
        gn.train(gn.Network.create([1, 1, 1], hidden=SWOOSH, seed=0), [[1.0]], [[1.0]], cost="huber", engine="cpu")
