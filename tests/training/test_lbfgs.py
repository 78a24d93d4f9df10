"""L-BFGS reaches optima that other libraries find by other ways."""

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

import glassnet as gn
from glassnet.core.quasi_newton.direction import direction
from glassnet.engines.base import Sums
from glassnet.errors import ParameterError
from glassnet.settings.train_settings import TrainSettings
from glassnet.training.lbfgs import FLAT_COST, LbfgsSteps
from glassnet.training.plan import make_plan

BCE, HSE = "binary_cross_entropy", "half_squared_error"


@pytest.mark.parametrize("n_features", [1, 5])
def test_one_sigmoid_neuron_is_logistic_regression(n_features):
    """scikit-learn's unpenalized coefficients to 1e-4."""
    rng = np.random.default_rng(2)
    X = rng.normal(size=(200, n_features))
    y = (X[:, 0] + rng.logistic(size=200) > 0.3).astype(float)
    theirs = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(X, y)
    network = gn.Network.create([n_features, 1], output="sigmoid", seed=0)
    result = gn.train(network, X, y, cost=BCE, solver="lbfgs", epochs=500)

    np.testing.assert_allclose(result.network.W[1], theirs.coef_, atol=1e-4)
    np.testing.assert_allclose(result.network.b[1], theirs.intercept_, atol=1e-4)
    assert (result.history.stopped, result.history.stop_reason) == ("converged", "L-BFGS has converged")


def test_a_softmax_layer_is_multinomial_regression():
    """Coefficients are free up to a common shift, so the probabilities are compared; with a penalty alpha = n l2."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(150, 3))
    y = (X @ rng.normal(size=(3, 3)) + rng.gumbel(size=(150, 3))).argmax(axis=1)
    theirs = LogisticRegression(C=1 / (150 * 0.01), tol=1e-10, max_iter=1000).fit(X, y)
    network = gn.Network.create([3, 3], output="softmax", seed=0)
    result = gn.train(network, X, np.eye(3)[y], cost="cross_entropy", solver="lbfgs", l2=0.01, epochs=500)

    np.testing.assert_allclose(gn.forward(result.network, X).A[-1], theirs.predict_proba(X), atol=1e-4)


@pytest.mark.parametrize("n_out", [1, 3])
def test_an_identity_layer_is_least_squares(n_out):
    rng = np.random.default_rng(4)
    X, Y = rng.normal(size=(60, 4)), rng.normal(size=(60, n_out))
    solution = np.linalg.lstsq(np.c_[X, np.ones(60)], Y)[0]
    network = gn.Network.create([4, n_out], output="identity", seed=0)
    result = gn.train(network, X, Y, cost=HSE, solver="lbfgs", epochs=500)

    np.testing.assert_allclose(result.network.W[1].T, solution[:4], atol=1e-6)
    np.testing.assert_allclose(result.network.b[1], solution[4], atol=1e-6)


def test_each_record_is_of_the_point_reached(curve, start):
    """Cost, penalty and gradient norm at the end of each iteration; the objective never rises."""
    seen = []
    result = gn.train(
        start((2, 6, 2), output="identity"), *curve, cost=HSE, solver="lbfgs", l2=0.01, epochs=12,
        callback=lambda record, network: seen.append(network),
    )  # fmt: skip
    for record, network in zip(result.history, seen, strict=True):
        trace = gn.forward(network, curve[0])
        grads = gn.backward(network, trace, curve[1], cost=HSE)
        penalty = gn.Penalty(l2=0.01)
        decays = network.layout.decays(network.theta)
        assert record.cost == pytest.approx(float(grads.cost), rel=1e-12)
        assert record.penalty == pytest.approx(penalty.value(network.theta, decays), rel=1e-12)
        slope = np.linalg.norm(grads.grad + penalty.gradient(network.theta, decays))
        assert record.gradient_norm == pytest.approx(slope, rel=1e-9)

    assert (np.diff(result.history["objective"]) <= 0).all()
    assert (len(result.history), result.history.stopped) == (12, "epochs")
    assert result.history.stop_reason == "all 12 epochs done"
    np.testing.assert_array_equal(result.network.theta, seen[-1].theta)


def test_frozen_layers_stay(curve, start):
    network = start((2, 6, 2), output="identity").freeze(1)
    result = gn.train(network, *curve, cost=HSE, solver="lbfgs", epochs=500)
    hidden = gn.forward(network, curve[0]).A[1]
    solution = np.linalg.lstsq(np.c_[hidden, np.ones(60)], curve[1])[0]

    np.testing.assert_array_equal(result.network.W[1], network.W[1])
    np.testing.assert_array_equal(result.network.b[1], network.b[1])
    least = ((np.c_[hidden, np.ones(60)] @ solution - curve[1]) ** 2).sum() / 120
    assert gn.cost(HSE, gn.forward(result.network, curve[0]).A[-1], curve[1]) == pytest.approx(least, rel=1e-6)


def test_the_best_validation_epoch_is_kept(curve, start):
    X, Y = curve
    result = gn.train(
        start((2, 30, 2), output="identity"), X[:20], Y[:20], cost=HSE, solver="lbfgs", epochs=300, patience=10,
        validation=(X[20:], Y[20:]),
    )  # fmt: skip
    costs = result.history["validation_cost"]

    assert result.history.stopped == "early"
    assert result.history.best_epoch == 1 + int(costs.argmin()) == len(costs) - 10
    outputs = gn.forward(result.network, X[20:]).A[-1]
    assert gn.cost(HSE, outputs, Y[20:]) == pytest.approx(costs.min(), rel=1e-12)


def test_single_precision_gets_as_far_as_it_can(start):
    """The least-squares optimum to single precision; the network stays float32."""
    rng = np.random.default_rng(4)
    X, Y = rng.normal(size=(60, 4)), rng.normal(size=(60, 1))
    solution = np.linalg.lstsq(np.c_[X, np.ones(60)], Y)[0]
    network = gn.Network.create([4, 1], output="identity", dtype="float32", seed=0)
    result = gn.train(network, X, Y, cost=HSE, solver="lbfgs", epochs=200)

    assert result.network.theta.dtype == np.float32
    np.testing.assert_allclose(result.network.theta, solution[:, 0], atol=1e-3)
    assert len(result.history) < 200


def test_at_the_optimum_there_is_nothing_to_do():
    network = gn.Network.from_weights([([[2.0]], [1.0])], output="identity")
    result = gn.train(network, [[0.0], [1.0]], [[1.0], [3.0]], cost=HSE, solver="lbfgs", epochs=10)

    assert (len(result.history), result.history.stopped) == (0, "converged")
    np.testing.assert_array_equal(result.network.theta, network.theta)


def test_tolerance_is_the_gradient_at_which_it_has_converged(curve, start):
    loose, tight = (
        gn.train(start((2, 6, 2), output="identity"), *curve, cost=HSE, solver="lbfgs", epochs=400, tolerance=t).history
        for t in (1e-2, 1e-5)
    )

    assert len(loose) < len(tight)
    assert loose["gradient_norm"][-1] < 1e-1


@pytest.mark.parametrize("w", [1e-3, 0.25, 3.0, 1e6])
def test_tolerance_is_the_largest_part_of_the_gradient(w):
    """With the input 1 and the target 0, the gradient of half of the squared outputs is the weights themselves."""
    network = gn.Network.create((1, 2), output="identity", bias=False).with_theta(np.asarray([w, -w / 3]))

    def n_steps(tolerance):
        history = gn.train(
            network, np.ones((1, 1)), np.zeros((1, 2)), cost=HSE, solver="lbfgs", epochs=5, tolerance=tolerance
        ).history
        return len(history), history.stopped

    assert n_steps(w) == n_steps(1e300) == (0, "converged")
    assert n_steps(w * (1 - 1e-15))[0] > 0


def test_no_rng_takes_part(curve, start):
    ends = [
        gn.train(start((2, 4, 2), output="identity"), *curve, cost=HSE, solver="lbfgs", epochs=5, seed=s).network.theta
        for s in (0, 1)
    ]

    np.testing.assert_array_equal(*ends)


# Functions whose numbers a test decides, in place of an engine's sums.


class Invented:
    """An engine whose parameters are those of a function; `function` returns its value and gradient."""

    name = "invented"

    def __init__(self, function, log=None):
        self._function, self._log = function, [] if log is None else log

    def total(self, theta):
        self._log.append(theta)
        value, grad = self._function(theta.astype(float))
        return Sums(value, 0.0, 1, np.asarray(grad, float))

    def direction(self, grad, memory):
        return direction(grad, memory)

    def evaluate(self, *_):
        raise AssertionError("there is no validation set")


def steps_on(function, theta, epochs=200, log=None, **options):
    """Run L-BFGS on a function of n numbers, which are the parameters of a network without biases."""
    network = gn.Network.from_weights([([theta], None)], output="identity")
    settings = TrainSettings(cost=HSE, solver=("lbfgs", options.pop("parameters", {})), **options)
    n = len(theta)
    plan = make_plan(network, np.zeros((1, n)), [[0.0]], settings.checked(), weights=None, validation=None, seed=0)
    steps = LbfgsSteps(plan, Invented(function, log))
    return steps.run(steps.start(1.0), np.zeros((epochs, 1)), np.ones(epochs), 1)


def rosenbrock(x):
    value = 100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2
    grad = np.zeros_like(x)
    grad[:-1] = -400 * x[:-1] * (x[1:] - x[:-1] ** 2) - 2 * (1 - x[:-1])
    grad[1:] += 200 * (x[1:] - x[:-1] ** 2)
    return float(value.sum()), grad


def powell(x):
    """Powell's singular function: the Hessian at its minimum, 0, has the rank 2 of 4."""
    a, b, c, d = x
    grad = np.asarray([
        2 * (a + 10 * b) + 40 * (a - d) ** 3, 20 * (a + 10 * b) + 4 * (b - 2 * c) ** 3,
        10 * (c - d) - 8 * (b - 2 * c) ** 3, -10 * (c - d) - 40 * (a - d) ** 3,
    ])  # fmt: skip
    return float((a + 10 * b) ** 2 + 5 * (c - d) ** 2 + (b - 2 * c) ** 4 + 10 * (a - d) ** 4), grad


@pytest.mark.parametrize(
    ("function", "start_at"),
    [(rosenbrock, [-1.2, 1.0]), (rosenbrock, [-1.2, 1.0] * 10), (powell, [3.0, -1.0, 0.0, 1.0])],
)
def test_hard_functions_beside_scipy(function, start_at):
    """SciPy's L-BFGS-B, with the same memory and the same rules for stopping, needs about as many evaluations."""
    log = []
    state, records = steps_on(function, start_at, log=log)
    theirs = minimize(
        function, start_at, jac=True, method="L-BFGS-B", options={"maxiter": 200, "ftol": FLAT_COST, "gtol": 1e-8}
    )

    assert function(state.theta)[0] <= max(theirs.fun, 1e-12)
    assert len(log) == state.solver.n_evaluations <= 1.4 * theirs.nfev
    assert (np.diff(records.cost) <= 0).all()
    assert records.end == ("converged", "L-BFGS has converged")


@pytest.mark.parametrize("max_fun", [1, 2, 3, 5, 17])
def test_no_more_evaluations_than_allowed(max_fun):
    """Also within a line search, whose lowest point so far is then the last."""
    log, start_at = [], [-1.2, 1.0]
    state, records = steps_on(rosenbrock, start_at, log=log, parameters={"max_fun": max_fun})

    assert len(log) == state.solver.n_evaluations == max_fun
    assert rosenbrock(state.theta)[0] <= rosenbrock(np.asarray(start_at))[0]
    assert records.end == ("epochs", f"L-BFGS has evaluated the cost {max_fun} times, as often as max_fun allows")


def test_from_points_that_are_not_finite_it_steps_back():
    """log(1 - |x|²) ends at a sphere, and the first steps are long: the gradient is small far from the minimum."""

    def function(x):
        inside = 1 - x @ x
        with np.errstate(all="ignore"):
            return float(-np.log(inside) + 5 * x.sum()), 2 * x / inside + 5

    log = []
    state, records = steps_on(function, [0.1, 0.2, -0.3], log=log, parameters={"history": 3})

    assert records.end == ("converged", "L-BFGS has converged")
    assert any(not np.isfinite(function(theta)[0]) for theta in log)
    np.testing.assert_allclose(function(state.theta)[1], 0, atol=1e-6)


def test_a_gradient_of_another_cost_is_told():
    """A cost that rises whatever the step: nothing is found, and nothing is claimed."""
    state, records = steps_on(lambda x: (float(np.abs(x - 1).sum()), np.asarray([3.0, -2.0])), [1.0, 1.0])

    assert records.end[0] == "epochs"
    assert records.end[1].startswith("L-BFGS stopped: no step against the gradient lowers the cost")
    assert records.cost == []
    np.testing.assert_array_equal(state.theta, [1.0, 1.0])


def test_after_a_useless_direction_it_starts_anew():
    """Where only the remembered curvature misleads, the direction of the gradient is tried before the end."""
    log = []

    def function(x):  # a kink along the first axis, smooth along the second
        return float(3 * abs(x[0]) + (x[1] - 1) ** 2), np.asarray([3.0 if x[0] >= 0 else -3.0, 2 * (x[1] - 1)])

    state, records = steps_on(function, [1.0, -4.0], log=log)

    assert records.end is not None
    assert function(state.theta)[0] == min(function(theta)[0] for theta in log)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n_jobs", [2, 3])
def test_threads_change_no_bit(dtype, n_jobs):
    """More rows than are computed at a time, so that several threads have work."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3000, 20))
    network = gn.Network.create([20, 40, 1], hidden="relu", output="identity", dtype=dtype, seed=0)
    one, many = (
        gn.train(network, X, np.sin(X[:, :1]), cost=HSE, solver="lbfgs", epochs=8, n_jobs=n) for n in (1, n_jobs)
    )

    np.testing.assert_array_equal(one.network.theta, many.network.theta)
    np.testing.assert_array_equal(one.history["cost"], many.history["cost"])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("hidden", ["relu", "tanh"])
def test_networks_end_as_low_as_with_scipy(dtype, hidden):
    """The mean over six starts, after 60 iterations, with about as many evaluations; the objective never rises."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(300, 6))
    Y = np.sin(2 * X[:, :1]) * X[:, 1:2] + 0.1 * rng.normal(size=(300, 1))
    ours, theirs = [], []
    for seed in range(6):
        network = gn.Network.create([6, 12, 1], hidden=hidden, output="identity", seed=seed)
        result = gn.train(network.astype(dtype), X, Y, cost=HSE, solver="lbfgs", l2=1e-3, epochs=60)
        decays = network.layout.decays(network.theta)

        def objective(theta, network=network, decays=decays):
            moved = network.with_theta(theta)
            grads = gn.backward(moved, gn.forward(moved, X), Y, cost=HSE)
            penalty = gn.Penalty(l2=1e-3)
            return float(grads.cost) + penalty.value(theta, decays), grads.grad + penalty.gradient(theta, decays)

        found = minimize(objective, network.theta, jac=True, method="L-BFGS-B", options={"maxiter": 60})
        ours.append((objective(result.network.theta.astype(float))[0], result.state.solver.n_evaluations))
        theirs.append((found.fun, found.nfev))
        assert (np.diff(result.history["objective"]) <= 0).all()
    (cost, evaluations), (their_cost, their_evaluations) = np.mean(ours, axis=0), np.mean(theirs, axis=0)

    assert cost <= 1.05 * their_cost
    assert evaluations <= 1.1 * their_evaluations


def test_frozen_parameters_take_no_part_in_the_curvature(curve, start):
    result = gn.train(start((2, 6, 2), output="identity").freeze(1), *curve, cost=HSE, solver="lbfgs", epochs=9)
    n_frozen = 6 * 2 + 6

    assert (result.state.solver.steps[:, :n_frozen] == 0).all()
    assert (result.state.solver.changes[:, :n_frozen] == 0).all()
    assert (result.state.solver.steps[:9, n_frozen:] != 0).any(axis=1).all()


def test_more_memory_than_parameters(start):
    rng = np.random.default_rng(4)
    X = rng.normal(size=(30, 1))
    network = gn.Network.create([1, 1], output="identity", seed=0)
    result = gn.train(network, X, 3 * X - 1, cost=HSE, solver=("lbfgs", {"history": 50}), epochs=50)

    np.testing.assert_allclose(result.network.theta, [3.0, -1.0], atol=1e-7)
    assert len(result.history) < 10


def test_a_state_with_another_memory_is_refused(curve, start):
    network = start((2, 5, 2), output="identity")
    state = gn.train(network, *curve, cost=HSE, solver="lbfgs", epochs=3).state
    with pytest.raises(ParameterError, match="state comes from a run of solver 'lbfgs' with another memory"):
        gn.train(network, *curve, cost=HSE, solver=("lbfgs", {"history": 5}), epochs=3, state=state)


def test_patience_is_for_the_validation_set(curve, start):
    """The training cost is watched by L-BFGS itself, whose `tolerance` is a gradient."""
    options = dict(cost=HSE, solver="lbfgs", epochs=30, tolerance=1e-3)
    network = start((2, 6, 2), output="identity")

    patient, plain = (gn.train(network, *curve, patience=p, **options).history for p in (1, None))
    assert len(patient) == len(plain) > 1
    assert patient.stop_reason == plain.stop_reason
