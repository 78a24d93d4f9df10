"""Every activation and its derivative against mpmath, which knows none of our formulas' rearrangements."""

import mpmath as mp
import numpy as np
import pytest

from glassnet.core.catalog.activation import ACTIVATIONS, resolve_activation

# Klambauer et al. 2017, equation 14: the fixed point (0, 1) of mean and variance, in closed form.
_TAIL = mp.erfc(1 / mp.sqrt(2))
SELU_ALPHA = -mp.sqrt(2 / mp.pi) / (_TAIL * mp.exp(mp.mpf(1) / 2) - 1)
SELU_SCALE = (
    (1 - _TAIL * mp.sqrt(mp.e))
    * mp.sqrt(2 * mp.pi)
    / mp.sqrt(
        2 * mp.erfc(mp.sqrt(2)) * mp.e**2
        + mp.pi * _TAIL**2 * mp.e
        - 2 * (2 + mp.pi) * _TAIL * mp.sqrt(mp.e)
        + mp.pi
        + 2
    )
)


def above_zero(z, below):
    return z if z > 0 else below


EXACT = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + mp.exp(-z)),
    "tanh": lambda z: (mp.exp(2 * z) - 1) / (mp.exp(2 * z) + 1),
    "relu": lambda z: above_zero(z, mp.mpf(0)),
    "leaky_relu": lambda z: above_zero(z, z / 100),
    "elu": lambda z: above_zero(z, mp.exp(z) - 1),
    "selu": lambda z: SELU_SCALE * above_zero(z, SELU_ALPHA * (mp.exp(z) - 1)),
    "gelu": lambda z: z / 2 * (1 + mp.tanh(mp.sqrt(2 / mp.pi) * (z + mp.mpf("0.044715") * z**3))),
    "silu": lambda z: z / (1 + mp.exp(-z)),
    "mish": lambda z: z * mp.tanh(mp.log(1 + mp.exp(z))),
    "softplus": lambda z: mp.log(1 + mp.exp(z)),
    "softsign": lambda z: z / (1 + abs(z)),
    "hard_sigmoid": lambda z: min(max(z + 3, 0), 6) / 6,
}
POINTS = [-40.0, -9.0, -3.5, -2.9, -1.0, -0.3, -1e-3, 1e-3, 0.3, 1.0, 2.9, 3.5, 9.0, 40.0]
Z = np.asarray([POINTS])


def exact(function, points=POINTS):
    with mp.workdps(60):
        return np.asarray([[float(function(mp.mpf(z))) for z in points]])


@pytest.mark.parametrize("name", EXACT)
def test_values(name):
    """Right to a few units in the last place, also far out, where naive forms lose all digits.

    Only gelu's 1 + tanh cancels on the far left, as in every library; there it is right to 1e-15 beside 1.
    """
    absolute = 1e-15 if name == "gelu" else 0.0

    np.testing.assert_allclose(ACTIVATIONS[name](Z), exact(EXACT[name]), rtol=4e-15, atol=absolute)


@pytest.mark.parametrize("name", EXACT)
def test_derivatives(name):
    """The slope that mpmath measures; near saturation 1 - a² has only a's digits left, hence the absolute part."""
    sigma = ACTIVATIONS[name]
    with mp.workdps(60):
        slopes = np.asarray([[float(mp.diff(EXACT[name], mp.mpf(z), h=mp.mpf("1e-20"))) for z in POINTS]])

    np.testing.assert_allclose(sigma.prime(Z, sigma(Z)), slopes, rtol=1e-13, atol=2e-15)


@pytest.mark.parametrize("name", ["leaky_relu", "elu"])
def test_parameters_reach_function_and_derivative(name):
    key, below = {"leaky_relu": ("slope", lambda z: z / 4), "elu": ("alpha", lambda z: (mp.exp(z) - 1) / 4)}[name]
    sigma = resolve_activation((name, {key: 0.25}))
    with mp.workdps(60):
        slopes = [[float(mp.diff(lambda z: above_zero(z, below(z)), mp.mpf(z), h=mp.mpf("1e-20"))) for z in POINTS]]

    np.testing.assert_allclose(sigma(Z), exact(lambda z: above_zero(z, below(z))), rtol=4e-15)
    np.testing.assert_allclose(sigma.prime(Z, sigma(Z)), slopes, rtol=1e-13, atol=1e-16)


@pytest.mark.parametrize(
    ("name", "points", "published"),
    [
        # The examples in Keras' documentation, computed there in float32.
        ("softplus", [-20, -1, 0, 1, 20], [2.0611537e-09, 3.1326166e-01, 6.9314718e-01, 1.3132616, 20.0]),
        ("softsign", [-1, 0, 1], [-0.5, 0.0, 0.5]),
        ("gelu", [-3, -1, 0, 1, 3], [-0.00363752, -0.15880796, 0.0, 0.841192, 2.9963627]),
    ],
)
def test_published_values(name, points, published):
    values = ACTIVATIONS[name](np.asarray([points], dtype=np.float64))

    np.testing.assert_allclose(values[0], published, rtol=2e-6, atol=2e-7)


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name not in ("step", "softmax")])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_far_out_nothing_overflows(name, dtype):
    """At |z| = 1e4 value and slope are finite, in the precision of z, and no warning is raised.

    gelu's cube and the like grow, but stay far below the largest float32.
    """
    sigma = ACTIVATIONS[name]
    far = np.asarray([[-1e4, -800.0, -100.0, 100.0, 800.0, 1e4]], dtype=dtype)
    A = sigma(far)
    slope = sigma.prime(far, A)

    assert np.isfinite(A).all()
    assert np.isfinite(slope).all()
    assert A.dtype == slope.dtype == np.dtype(dtype)


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "softmax"])
def test_values_stay_in_the_range_of_the_table(name):
    """The range decides which costs fit, so it must be true; rounding may reach an open end far out only."""
    low, high = ACTIVATIONS[name].range
    A = ACTIVATIONS[name](np.linspace(-15.0, 15.0, 30001)[:, None])

    assert A.min() >= low
    assert A.max() <= high
    if not ACTIVATIONS[name].reaches_ends:
        assert A.min() > low
        assert A.max() < high


@pytest.mark.parametrize(
    ("name", "at_zero", "slope_at_zero"),
    [
        ("step", 1.0, 0.0),
        ("relu", 0.0, 0.0),
        ("leaky_relu", 0.0, 0.01),
        ("elu", 0.0, 1.0),
        ("hard_sigmoid", 0.5, 1 / 6),
    ],
)
def test_at_the_kink_the_documented_side_counts(name, at_zero, slope_at_zero):
    sigma, zero = ACTIVATIONS[name], np.zeros((1, 1))

    assert sigma(zero).item() == at_zero
    assert sigma.prime(zero, sigma(zero)).item() == slope_at_zero


def test_step_is_a_threshold():
    assert ACTIVATIONS["step"](np.asarray([[-1.0, -1e-300, 0.0, 1e-300]])).tolist() == [[0.0, 0.0, 1.0, 1.0]]


@pytest.mark.parametrize("name", ["step", *EXACT])
def test_not_a_number_stays_one(name):
    """A NaN must reach the divergence report, not be hidden by a branch; the piecewise constants cannot show it."""
    A = ACTIVATIONS[name](np.asarray([[np.nan]]))

    assert np.isnan(A).all() or name in {"step", "relu"}
