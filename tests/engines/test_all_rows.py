"""The sums over all rows, and the direction of L-BFGS, which engines compute for it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engines.test_parts_of_a_step import settings_of_steps

from glassnet.core.catalog.costs import resolve_cost
from glassnet.core.catalog.solvers import resolve_solver
from glassnet.core.quasi_newton.direction import CurvatureMemory, direction
from glassnet.engines.base import Factors, Problem, State
from glassnet.engines.cpu import all_rows
from glassnet.engines.registry import ENGINES, resolve_engine
from glassnet.errors import ShapeError


@given(drawn=settings_of_steps(["lbfgs"]), n_groups=st.sampled_from([0, 1, 2, 3, 4, 9]), n_jobs=st.integers(1, 3))
@settings(max_examples=60)
def test_the_sums_are_those_of_one_minibatch(drawn, n_groups, n_jobs):
    """By the sums of a step, without its dropout: in any groups, on any number of threads, in both engines."""
    problem, data, *_ = drawn
    network = problem.network
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(all_rows, "BYTES_TOGETHER", 1)  # 16 rows at a time
        patch.setattr(all_rows, "LEAST_GROUPS", max(n_groups, 1))
        patch.setattr(all_rows, "MOST_SUMMED", network.n_params * n_groups)
        sums = resolve_engine("cpu")(problem, *data, n_jobs=n_jobs).total(network.theta)
    reference = resolve_engine("reference")(problem, *data)
    whole = reference.accumulate(State(network.theta, ()), np.arange(60), Factors(dropout=0.0))
    near = {"rtol": 1e-3, "atol": 1e-4} if network.theta.dtype == np.float32 else {"rtol": 1e-10, "atol": 1e-12}

    for found in (sums, reference.total(network.theta)):
        assert found.n_rows == 60
        assert found.gradient.dtype == np.float64
        np.testing.assert_allclose(found.gradient, whole.gradient, **near)
        np.testing.assert_allclose([found.cost, found.metric], [float(whole.cost), float(whole.metric)], rtol=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_threads_and_calls_change_no_bit(dtype, make_network):
    """Of groups that threads take in any order; the memory of an earlier call has no influence."""
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(4000, 30)), rng.normal(size=(4000, 1))
    network = make_network((30, 40, 1), dtype=dtype)
    problem = Problem(network, resolve_cost("squared_error"), resolve_solver("lbfgs"))
    found = []
    for n_jobs in (1, 2, 5):
        engine = resolve_engine("cpu")(problem, X, Y, n_jobs=n_jobs)
        for factor in (1.0, 2.0, 1.0):
            sums = engine.total(factor * network.theta)
            if factor == 1.0:
                found.append((sums.cost, sums.gradient.tobytes()))

    assert len(set(found)) == 1


def test_a_float32_sum_keeps_its_digits(make_network):
    """Added in float32, the gradient of 200,000 rows would lose three digits more."""
    rng = np.random.default_rng(0)
    X = (1 + rng.uniform(size=(200_000, 1))).astype("float32")
    Y = np.zeros((len(X), 1), "float32")
    network = make_network((1, 1)).astype("float32")
    problem = Problem(network, resolve_cost("half_squared_error"), resolve_solver("lbfgs"))
    W, b = (float(each) for each in network.theta)
    errors = W * X.astype(float) + b
    exact = [float((errors * X).sum()), float(errors.sum())]

    for name in ENGINES:
        sums = resolve_engine(name)(problem, X, Y).total(network.theta)
        np.testing.assert_allclose(sums.gradient, exact, rtol=3e-7)


@pytest.mark.parametrize("n_seen", [0, 1, 3, 4, 11])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_direction_is_that_of_core(dtype, n_seen, make_engine, make_network, samples):
    network = make_network(dtype=dtype)
    engine = make_engine(network, *samples, solver="lbfgs")
    rng = np.random.default_rng(n_seen)
    grad, steps = rng.normal(size=network.n_params), rng.normal(size=(4, network.n_params)).astype(dtype)
    changes = (steps * rng.uniform(1, 9, network.n_params)).astype(dtype)
    memory = CurvatureMemory(steps, changes, (steps * changes).sum(axis=1, dtype=float), n_seen, 0)
    given_before = grad.copy()

    np.testing.assert_allclose(engine.direction(grad, memory), direction(grad, memory), rtol=1e-9)
    np.testing.assert_array_equal(grad, given_before)


def test_machine_code_is_entered_with_what_fits(make_network, samples):
    problem = Problem(make_network(), resolve_cost("squared_error"), resolve_solver("lbfgs"))
    engine = resolve_engine("cpu")(problem, *samples)
    rows = np.zeros((3, 26))
    memory = CurvatureMemory(rows, rows, np.ones(3), 3, 1)

    with pytest.raises(ShapeError, match=r"theta has the shape \(25,\), but this network has 26 parameters"):
        engine.total(np.zeros(25))
    with pytest.raises(ShapeError, match=r"the gradient has the shape \(25,\), but the engine expected \(26,\)"):
        engine.direction(np.zeros(25), memory)
    with pytest.raises(
        ShapeError, match=r"the matrix of changes has the shape \(2, 26\), but the engine expected \(3, 26\)"
    ):
        engine.direction(np.zeros(26), memory._replace(changes=rows[:2]))
    with pytest.raises(
        ShapeError, match=r"the matrix of steps has the shape \(3, 25\), but the engine expected \(3, 26\)"
    ):
        engine.direction(np.zeros(26), memory._replace(steps=rows[:, 1:]))
