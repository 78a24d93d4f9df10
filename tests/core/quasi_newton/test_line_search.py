"""The search along a line meets the strong Wolfe conditions, which are computed here anew, and never ends higher."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.core.quasi_newton.line_search import CURVATURE, SUFFICIENT_DECREASE, Trial, search

FIRST_STEPS = [1e-3, 1e-1, 1e1, 1e3]


def run(function, first, **options):
    """The result, the start, and the steps that were tried, for a function of a step to value and slope."""
    tried = []

    def at(step):
        tried.append(step)
        with np.errstate(all="ignore"):
            return Trial(step, *map(float, function(np.float64(step))))

    start = Trial(0.0, *map(float, function(np.float64(0.0))))
    assert start.slope < 0
    return search(at, start, first, **options), start, tried


def has_wolfe(trial, start, curvature=CURVATURE):
    falls = trial.value <= start.value + SUFFICIENT_DECREASE * trial.step * start.slope
    return falls and abs(trial.slope) <= curvature * abs(start.slope)


# The functions of section 5 of Moré & Thuente 1994: a pole-like bowl, a fifth power, an oscillating one, and sums of
# two roots, whose minima are hard to meet from far away.
def bowl(a):
    return -a / (a * a + 2), (a * a - 2) / (a * a + 2) ** 2


def power(a, b=0.004):
    return (a + b) ** 5 - 2 * (a + b) ** 4, 5 * (a + b) ** 4 - 8 * (a + b) ** 3


def wavy(a, b=0.01, n=39):
    if a <= 1 - b:
        value, slope = 1 - a, -1.0
    elif a >= 1 + b:
        value, slope = a - 1, 1.0
    else:
        value, slope = (a - 1) ** 2 / (2 * b) + b / 2, (a - 1) / b
    angle = n * math.pi / 2 * a
    return value + 2 * (1 - b) / (n * math.pi) * math.sin(angle), slope + (1 - b) * math.cos(angle)


def roots(b1, b2):
    def gamma(b):
        return math.sqrt(1 + b * b) - b

    def function(a):
        one, two = math.hypot(1 - a, b2), math.hypot(a, b1)
        value = gamma(b1) * one + gamma(b2) * two
        return value, gamma(b1) * (a - 1) / one + gamma(b2) * a / two

    return function


FUNCTIONS = [bowl, power, wavy, roots(0.001, 0.001), roots(0.01, 0.001), roots(0.001, 0.01)]


@pytest.mark.parametrize("first", FIRST_STEPS)
@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("curvature", [CURVATURE, 0.1])
def test_functions_of_the_paper(function, first, curvature):
    """The authors need at most 16 evaluations, from any of these first steps."""
    found, start, tried = run(function, first, curvature=curvature)

    assert found.is_wolfe
    assert has_wolfe(found.best, start, curvature)
    assert len(tried) <= 16
    assert found.best.step == tried[-1]


@given(
    st.lists(st.floats(-5, 5), min_size=4, max_size=4), st.floats(1e-2, 10), st.floats(1e-3, 30),
    st.sampled_from([0.9, 0.5, 0.1]),
)  # fmt: skip
def test_on_random_quartics(shape, width, first, curvature):
    """Bounded below by their highest power; what is said to meet the conditions does, and nothing ends higher."""
    c1, c2, c3, c4 = shape
    c1, c4 = -abs(c1) - 0.01, abs(c4) + 0.1

    def function(t):
        u = t / width
        return ((c4 * u + c3) * u + c2) * u * u + c1 * u, (((4 * c4 * u + 3 * c3) * u + 2 * c2) * u + c1) / width

    found, start, tried = run(function, first, curvature=curvature)

    assert found.is_wolfe == has_wolfe(found.best, start, curvature)
    assert found.best.value < start.value
    assert len(tried) <= 20
    assert all(step > 0 for step in tried)


def test_a_good_first_step_is_taken():
    found, _, tried = run(lambda t: ((t - 1) ** 2, 2 * (t - 1)), 1.0)

    assert (found.best.step, found.is_wolfe, tried) == (1.0, True, [1.0])


@pytest.mark.parametrize("first", [0.5, 1.0, 5.0, 1e9])
def test_numbers_that_are_not_finite_lead_back(first):
    """-log(1 - t) / 4 - t: its minimum is at 3/4, and from 1 on it is not finite."""
    found, start, _ = run(lambda t: (-np.log(1 - t) / 4 - t, 0.25 / (1 - t) - 1), first)

    assert found.is_wolfe
    assert has_wolfe(found.best, start)
    assert found.best.step < 1


def test_downhill_to_the_border_of_what_is_finite():
    """A slope that stays until an overflow cannot meet the second condition; the step before it is good enough."""
    found, start, tried = run(lambda t: (-t, -1.0) if t < 7 else (np.nan, np.nan), 100.0)

    assert not found.is_wolfe
    assert start.value > found.best.value
    assert len(tried) <= 20


@pytest.mark.parametrize("value", [1.0, math.inf, math.nan])
def test_without_a_lower_value_it_ends_at_the_start(value):
    """A slope that promises what no value keeps."""
    start = Trial(0.0, 0.5, -1.0, "start")
    tried = []

    def at(step):
        tried.append(step)
        return Trial(step, value, -1.0)

    found = search(at, start, 1.0, most=12)

    assert (found.best.point, found.is_wolfe) == ("start", False)
    assert len(tried) <= 12


def test_a_limit_of_evaluations_returns_the_lowest():
    found, start, tried = run(lambda t: ((t - 1000) ** 2, 2 * (t - 1000)), 1e-3, most=3, curvature=0.01)

    assert len(tried) == 3
    assert not found.is_wolfe
    assert found.best.step == max(tried)
    assert found.best.value < start.value


def test_a_kink_does_not_hold_it_up():
    """|t - 1|: no slope is small, so that the interval shrinks until nothing is left of it, at its lowest point."""
    found, _, tried = run(lambda t: (abs(t - 1), float(np.sign(t - 1)) or 1.0), 0.3)

    assert found.best.value < 0.1
    assert len(tried) <= 20
