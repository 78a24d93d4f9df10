"""The polynomials against mpmath, at most four units in the last place, and what they make of the ends of the line."""

import mpmath
import numpy as np
import pytest

from glassnet.engines.cpu.compiling.decorators import entry
from glassnet.engines.cpu.kernels.simd import math_functions

mpmath.mp.prec = 120


@entry
def exp_all(x, y):
    for k in range(x.shape[0]):
        y[k] = math_functions.exp_of(x[k])


@entry
def expm1_all(x, y):
    for k in range(x.shape[0]):
        y[k] = math_functions.expm1_of(x[k])


@entry
def tanh_all(x, y):
    for k in range(x.shape[0]):
        y[k] = math_functions.tanh_of(x[k])


@entry
def log_all(x, y):
    for k in range(x.shape[0]):
        y[k] = math_functions.log_of(x[k])


@entry
def log1p_all(x, y):
    for k in range(x.shape[0]):
        y[k] = math_functions.log1p_of(x[k])


@entry
def cosine_all(x, y):
    for k in range(x.shape[0]):
        y[k] = math_functions.cosine_of_turns(x[k])


@entry
def sine_all(x, y):
    for k in range(x.shape[0]):
        y[k] = math_functions.sine_of_turns(x[k])


# name: the loop, the oracle, where it is tried, and its values at NaN, inf, -inf, 0, -1 and -2
FUNCTIONS = {
    "cosine of turns": (cosine_all, lambda t: mpmath.cospi(2 * t), (-1000, 1000), [np.nan, np.nan, np.nan, 1, 1, 1]),
    "sine of turns": (sine_all, lambda t: mpmath.sinpi(2 * t), (-1000, 1000), [np.nan, np.nan, np.nan, 0, 0, 0]),
    "exp": (exp_all, mpmath.exp, (-87, 88), [np.nan, np.inf, 0, 1, np.exp(-1), np.exp(-2)]),
    "expm1": (expm1_all, mpmath.expm1, (-40, 88), [np.nan, np.inf, -1, 0, np.expm1(-1), np.expm1(-2)]),
    "tanh": (tanh_all, mpmath.tanh, (-30, 30), [np.nan, 1, -1, 0, np.tanh(-1), np.tanh(-2)]),
    "log": (log_all, mpmath.log, (1e-30, 1e30), [np.nan, np.inf, np.nan, -np.inf, np.nan, np.nan]),
    "log1p": (log1p_all, mpmath.log1p, (-0.999, 1e6), [np.nan, np.inf, np.nan, 0, -np.inf, np.nan]),
}


def values(function, x):
    y = np.empty_like(x)
    function(x, y)
    return y


def trials(low, high, dtype):
    """Evenly spread, close to 0, and close to 1; whatever the function takes of them."""
    rng = np.random.default_rng(0)
    near = rng.normal(size=600) * np.exp(-rng.uniform(0, 14, 600))
    x = np.concatenate([rng.uniform(low, high, 600), near, 1 + near / 50, np.geomspace(1e-30, 1, 200)]).astype(dtype)
    return x[(x >= low) & (x <= high)]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_at_most_four_units_in_the_last_place(name, dtype):
    function, oracle, (low, high), _ = FUNCTIONS[name]
    x = trials(low, high, dtype)
    for given, found in zip(x.tolist(), values(function, x), strict=True):
        true = oracle(mpmath.mpf(given))
        unit = np.spacing(np.abs(np.asarray(float(true), dtype)))
        assert abs(mpmath.mpf(float(found)) - true) <= 4 * float(unit), (given, found, true)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_ends_of_the_line(name, dtype):
    function, _, _, expected = FUNCTIONS[name]
    x = np.asarray([np.nan, np.inf, -np.inf, 0, -1, -2], dtype)

    np.testing.assert_allclose(values(function, x), np.asarray(expected, dtype), rtol=1e-6)


@pytest.mark.parametrize(("dtype", "largest"), [("float32", 88.7), ("float64", 709.7)])
def test_exp_reaches_the_largest_and_the_smallest_numbers(dtype, largest):
    x = np.asarray([largest, largest + 0.2, -largest - 10, -2 * largest], dtype)
    y = values(exp_all, x)

    assert np.isfinite(y[0])
    assert y[1] == np.inf
    assert 0 < y[2] < np.finfo(dtype).tiny  # below the normal numbers
    assert y[3] == 0


def test_one_number_alone_has_the_bits_it_has_among_others():
    x = np.linspace(-5, 5, 1001)
    for function in (exp_all, tanh_all, cosine_all, sine_all):
        alone = [values(function, x[k : k + 1])[0] for k in range(1001)]
        np.testing.assert_array_equal(values(function, x), alone)
