"""The direction of L-BFGS beside BFGS with whole matrices, and both parts together on quadratic functions."""

import array_api_strict
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.core.quasi_newton.direction import CurvatureMemory, direction, is_curved, rows_of_memory
from glassnet.core.quasi_newton.line_search import Trial, search


def quadratic(n, seed, condition=100.0):
    """A symmetric matrix with eigenvalues from 1 to `condition`, and a random minimum."""
    rng = np.random.default_rng(seed)
    Q = np.linalg.qr(rng.normal(size=(n, n)))[0]
    return Q @ np.diag(np.geomspace(1, condition, n)) @ Q.T, rng.normal(size=n)


def remembered(pairs, history):
    """The memory after these steps and changes, kept as a ring."""
    n = len(pairs[0][0])
    steps, changes, curvatures = np.zeros((history, n)), np.zeros((history, n)), np.zeros(history)
    for k, (s, y) in enumerate(pairs):
        steps[k % history], changes[k % history], curvatures[k % history] = s, y, s @ y
    return CurvatureMemory(steps, changes, curvatures, len(pairs), 0)


def inverse_hessian(pairs):
    """BFGS as in equation 6.17 of Nocedal & Wright, with matrices, from the scaled identity on."""
    s, y = pairs[-1]
    H = s @ y / (y @ y) * np.eye(len(s))
    for s, y in pairs:
        V = np.eye(len(s)) - np.outer(y, s) / (y @ s)
        H = V.T @ H @ V + np.outer(s, s) / (y @ s)
    return H


@pytest.mark.parametrize("n_seen", [1, 2, 3, 4, 7])
def test_it_is_bfgs_from_the_last_steps(n_seen):
    """A ring of three rows forgets what is older."""
    A, _ = quadratic(5, seed=n_seen)
    rng = np.random.default_rng(1)
    pairs = [(s, A @ s) for s in rng.normal(size=(n_seen, 5))]
    grad = rng.normal(size=5)
    memory = remembered(pairs, history=3)

    assert len(rows_of_memory(memory)) == min(n_seen, 3)
    np.testing.assert_allclose(direction(grad, memory), -inverse_hessian(pairs[-3:]) @ grad, rtol=1e-10)


def test_without_steps_it_leads_against_the_gradient():
    grad = np.asarray([1.0, -2.0])
    np.testing.assert_array_equal(
        direction(grad, CurvatureMemory(np.ones((4, 2)), np.ones((4, 2)), np.ones(4), 0, 0)), -grad
    )


@given(st.integers(1, 6), st.integers(1, 9), st.integers(0, 10**6))
def test_it_leads_downhill(n, n_seen, seed):
    """With steps of positive curvature the estimate is positive definite."""
    A, _ = quadratic(n, seed)
    rng = np.random.default_rng(seed)
    memory = remembered([(s, A @ s) for s in rng.normal(size=(n_seen, n))], history=4)
    grad = rng.normal(size=n)

    assert grad @ direction(grad, memory) < 0


def test_another_array_library():
    xp = array_api_strict
    A, _ = quadratic(3, seed=0)
    memory = remembered([(s, A @ s) for s in np.eye(3)], history=2)
    strict = CurvatureMemory(*(xp.asarray(each) for each in memory[:3]), *memory[3:])
    grad = np.asarray([1.0, 2.0, 3.0])

    np.testing.assert_allclose(np.asarray(direction(xp.asarray(grad), strict)), direction(grad, memory), rtol=1e-14)


def test_small_curvatures_are_rounding():
    assert is_curved(1e-3, 1.0)
    assert not is_curved(1e-17, 1.0)
    assert not is_curved(-1.0, 1.0)
    assert not is_curved(float("nan"), 1.0)


@given(st.integers(1, 7), st.integers(0, 10**6))
def test_a_quadratic_function_of_n_numbers_takes_n_steps(n, seed):
    """With a nearly exact line search, and one more for the scaling of the first: Nocedal & Wright, theorem 6.4."""
    A, minimum = quadratic(n, seed, condition=30.0)
    x, pairs = np.zeros(n), []
    for _ in range(n + 1):
        grad = A @ (x - minimum)
        if np.linalg.norm(grad) < 1e-9:
            break
        d = direction(grad, remembered(pairs, history=10)) if pairs else -grad

        def at(t, x=x, d=d):
            g = A @ (x + t * d - minimum)
            return Trial(t, float((x + t * d - minimum) @ g) / 2, float(g @ d))

        t = search(at, at(0.0), 1.0, curvature=1e-10, most=40).best.step
        pairs.append((t * d, t * A @ d))
        x = x + t * d

    np.testing.assert_allclose(x, minimum, atol=1e-6)
