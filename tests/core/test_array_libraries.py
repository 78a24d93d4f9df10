"""Core on array-api-strict, which has nothing but the standard, and on JAX, whose arrays cannot be changed."""

from pathlib import Path

import array_api_strict
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import glassnet as gn
from glassnet.arrays import namespace
from glassnet.core.catalog.activation import ACTIVATIONS
from glassnet.core.catalog.costs import COSTS
from glassnet.core.catalog.pairs import check_pair, check_targets
from glassnet.core.catalog.schedules import SCHEDULES
from glassnet.core.catalog.solvers import SOLVERS
from glassnet.core.front import FRONTS
from glassnet.core.records import ByLayer
from glassnet.errors import ParameterError

LIBRARIES = {"array_api_strict": array_api_strict, "jax": jnp}
RNG = np.random.default_rng(0)
X, WEIGHTS = RNG.normal(size=(5, 3)), RNG.uniform(size=5)
ONE_HOT = np.eye(2)[[0, 1, 1, 0, 1]]  # targets that every cost can mean
PAIRS = [("tanh", output, cost) for output in ACTIVATIONS for cost in COSTS]
HIDDEN = [(hidden, "identity", "squared_error") for hidden in ACTIVATIONS if hidden != "step"]


@pytest.fixture(autouse=True, scope="module")
def in_64_bits():
    with jax.enable_x64(True):
        yield


@pytest.fixture(params=LIBRARIES)
def xp(request):
    return LIBRARIES[request.param]


def is_valid(output, cost):
    try:
        check_pair(ACTIVATIONS[output], COSTS[cost], 2)
    except ParameterError:
        return False
    return True


def belongs(array, xp):
    return isinstance(array, type(xp.zeros(1)))


def same(arrays, others, xp):
    for array, other in zip(arrays, others, strict=True):
        assert belongs(array, xp)
        np.testing.assert_allclose(np.asarray(array), other, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize(("hidden", "output", "cost"), [*(case for case in PAIRS if is_valid(*case[1:])), *HIDDEN])
def test_forward_cost_and_backward(hidden, output, cost, xp, make_network):
    """Every number is NumPy's, and every array belongs to the library that came in."""
    network = make_network([3, 4, 2], hidden=hidden, output=output)
    moved = network.with_theta(xp.asarray(network.theta))
    mask = RNG.integers(0, 2, (5, 4)) * 2.0
    masks, moved_masks = (ByLayer([m, None], name="masks") for m in (mask, xp.asarray(mask)))

    trace = gn.forward(network, X, masks=masks)
    grads = gn.backward(network, trace, ONE_HOT, cost=cost, weights=WEIGHTS, inputs=True)
    other = gn.forward(moved, xp.asarray(X), masks=moved_masks)
    found = gn.backward(moved, other, xp.asarray(ONE_HOT), cost=cost, weights=xp.asarray(WEIGHTS), inputs=True)

    same([*other.Z, *other.A], [*trace.Z, *trace.A], xp)
    same([*found.delta, *found.dW, *found.db, found.grad], [*grads.delta, *grads.dW, *grads.db, grads.grad], xp)
    assert belongs(found.cost, xp)
    value = gn.cost(cost, other.A[-1], xp.asarray(ONE_HOT), weights=xp.asarray(WEIGHTS))
    assert value == pytest.approx(gn.cost(cost, trace.A[-1], ONE_HOT, weights=WEIGHTS), rel=1e-11)


def test_the_step_function(xp):
    assert np.asarray(ACTIVATIONS["step"](xp.asarray([[-1.0, 0.0]]))).tolist() == [[0.0, 1.0]]


@pytest.mark.parametrize("name", [name for name in SOLVERS if name != "lbfgs"])
def test_steps_of_the_solvers(name, xp):
    theta, grads = RNG.normal(size=6), RNG.normal(size=(4, 6))
    rates = np.asarray([0.1, 0.0, 0.2, 0.1, 0.1, 0.1])
    solver = SOLVERS[name]

    def walk(lib):
        place, state = lib.asarray(theta), solver.init(lib.asarray(theta), 0.1)
        for grad in grads:
            place, state = solver.step(place, lib.asarray(grad), state, eta=lib.asarray(rates), **solver.parameters)
        return place

    same([walk(xp)], [walk(np)], xp)


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules(name, xp):
    t = np.linspace(0, 0.99, 12)

    same([SCHEDULES[name](xp.asarray(t), xp.asarray(20 * t))], [SCHEDULES[name](t, 20 * t)], xp)


def test_penalties(xp):
    theta, decays = RNG.normal(size=4), np.asarray([1.0, 1.0, 0.0, 1.0])
    penalty = gn.Penalty(l1=0.3, l2=0.7)

    same([penalty.gradient(xp.asarray(theta), xp.asarray(decays))], [penalty.gradient(theta, decays)], xp)
    assert penalty.value(xp.asarray(theta), xp.asarray(decays)) == pytest.approx(
        penalty.value(theta, decays), rel=1e-14
    )


@pytest.mark.parametrize("method", ["complex_step", "central_differences"])
def test_gradient_checks(method, xp, make_network):
    network = make_network([3, 2, 2], hidden="elu", output="softmax")
    moved = network.with_theta(xp.asarray(network.theta))
    check = gn.check_gradients(
        moved, xp.asarray(X), xp.asarray(ONE_HOT), cost="cross_entropy", penalty=gn.Penalty(l2=0.1), method=method
    )

    assert len(check.shocks) == network.n_params
    assert check.max_relative_error < (1e-12 if method == "complex_step" else 1e-7)


def test_networks_of_given_weights(xp):
    network = gn.Network.from_weights([(xp.asarray([[1.0, 2.0]]), xp.asarray([3.0]))], output="identity")

    assert namespace(network.theta) is namespace(xp.zeros(1))
    assert belongs(network.astype("float32").theta, xp)
    assert repr(network) == "Network 2-1: identity; 3 parameters, float64"
    grads = gn.backward(
        network, gn.forward(network, xp.asarray([[1.0, 1.0]])), xp.asarray([[5.0]]), cost="squared_error"
    )
    assert np.asarray(gn.descend(network.freeze(1, ["b"]), grads, learning_rate=0.5).theta).tolist() == [0.0, 1.0, 3.0]


def test_checks_of_targets(xp):
    check_targets(COSTS["cross_entropy"], xp.asarray(ONE_HOT))
    with pytest.raises(ParameterError, match="Y has values that are not finite"):
        check_targets(COSTS["squared_error"], xp.asarray([[float("nan")]]))


def test_core_runs_under_jit(make_network):
    """As the accelerator's engine will run it: the gradient as one compiled function of theta."""
    network = make_network([3, 4, 2], hidden="relu", output="softmax")
    Y, penalty, solver = jnp.asarray(ONE_HOT), gn.Penalty(l1=0.1, l2=0.1), SOLVERS["adam"]

    @jax.jit
    def step(theta, state):
        moved = network.with_theta(theta)
        grad = gn.backward(moved, gn.forward(moved, jnp.asarray(X)), Y, cost="cross_entropy").grad
        grad = grad + penalty.gradient(theta, network.layout.decays(theta))
        return solver.step(theta, grad, state, eta=0.1, **solver.parameters)

    theta = jnp.asarray(network.theta)
    compiled, _ = step(theta, solver.init(theta, 0.1))

    grad = gn.backward(network, gn.forward(network, X), ONE_HOT, cost="cross_entropy").grad
    grad = grad + penalty.gradient(network.theta, network.layout.decays(network.theta))
    plain, _ = solver.step(network.theta, grad, solver.init(network.theta, 0.1), eta=0.1, **solver.parameters)
    np.testing.assert_allclose(np.asarray(compiled), plain, rtol=1e-10)


def test_core_imports_no_array_library():
    """Read from the source: the only way to an array library is glassnet.arrays, on the floor below."""
    core = Path(gn.__file__).with_name("core")
    texts = {str(path.relative_to(core)): path.read_text() for path in core.rglob("*.py")}

    assert len(texts) > 10
    assert [name for name, text in texts.items() if "import numpy\n" in text or "\nimport numpy as" in text] == []


@pytest.mark.parametrize("front", FRONTS)
def test_the_front(front, xp):
    network = gn.Network.create([3, 4, 2], **FRONTS[front], hidden="tanh", output="identity", seed=0)
    moved = network.with_theta(xp.asarray(network.theta))
    results = []
    for net, rows, targets in ((moved, xp.asarray(X), xp.asarray(ONE_HOT)), (network, X, ONE_HOT)):
        trace = gn.forward(net, rows)
        grads = gn.backward(net, trace, targets, cost="squared_error", inputs=True)
        results.append([trace.A[0], trace.A[-1], grads.grad, grads.dX, *grads.dfront.values()])

    same(*results, xp)
