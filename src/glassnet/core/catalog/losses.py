r"""Losses and their derivatives, in pairs: `squared_error`, `squared_error_prime`; below each pair its two formulas.

Each takes output activations `A` and targets `Y`, both (n_batch, n_out), and returns one number per element. The cost
is their sum over outputs and mean over samples; only `costs.py` divides. Each derivative is
:math:`\partial\,loss / \partial A`. As in `activations.py`, branches test only the real part. The formulas are for one
output o with target t.

The last two functions take the pre-activations `Z` of a sigmoid or softmax instead: the same losses, but exact when a
probability rounds to 0 or 1.
"""

from glassnet.arrays import namespace
from glassnet.core.catalog.activations import SHIFTS, _magnitude, _real, m, relu, total, z, z_j
from glassnet.core.expressions.tree import Let, Number, clip, exp, largest, letters, log, sign, where
from glassnet.typing import Array

o, t = letters("o t")


def error(A: Array, Y: Array) -> Array:
    """t - o: signed, so that opposite mistakes cancel."""
    return Y - A


def error_prime(A: Array, Y: Array) -> Array:
    """-1 for every mistake, which is why networks cannot learn from it."""
    return namespace(A).full(A.shape, -1.0, dtype=A.dtype)


ERROR = t - o
ERROR_PRIME = Number(-1)


def absolute_error(A: Array, Y: Array) -> Array:
    """abs(t - o)."""
    return _magnitude(Y - A)


def absolute_error_prime(A: Array, Y: Array) -> Array:
    """The sign of o - t; 0 where they are equal."""
    xp = namespace(A)
    return xp.astype(xp.sign(_real(A - Y)), A.dtype)


ABSOLUTE_ERROR = abs(t - o)
ABSOLUTE_ERROR_PRIME = sign(o - t)


def half_squared_error(A: Array, Y: Array) -> Array:
    """1/2 (t - o)²."""
    return 0.5 * (Y - A) * (Y - A)


def half_squared_error_prime(A: Array, Y: Array) -> Array:
    """o - t."""
    return A - Y


HALF_SQUARED_ERROR = Number(1) / 2 * (t - o) ** 2
HALF_SQUARED_ERROR_PRIME = o - t


def squared_error(A: Array, Y: Array) -> Array:
    """(t - o)²."""
    return (Y - A) * (Y - A)


def squared_error_prime(A: Array, Y: Array) -> Array:
    """2 (o - t)."""
    return 2.0 * (A - Y)


SQUARED_ERROR = (t - o) ** 2
SQUARED_ERROR_PRIME = 2 * (o - t)


def huber(A: Array, Y: Array, delta: float = 1.0) -> Array:
    """1/2 e² up to abs(e) = delta, then the straight line delta (abs(e) - delta/2)."""
    e = _magnitude(A - Y)
    return namespace(A).where(_real(e) <= delta, 0.5 * e * e, delta * (e - 0.5 * delta))


def huber_prime(A: Array, Y: Array, delta: float = 1.0) -> Array:
    """O - t, cut off at -delta and delta."""
    xp = namespace(A)
    e = A - Y
    return xp.where(_real(_magnitude(e)) <= delta, e, delta * xp.astype(xp.sign(_real(e)), A.dtype))


(delta,) = letters("delta")
HUBER = where(abs(t - o) <= delta, Number(1) / 2 * (t - o) ** 2, delta * (abs(t - o) - delta / 2))
HUBER_PRIME = clip(o - t, -delta, delta)


def binary_cross_entropy(A: Array, Y: Array) -> Array:
    """-t log(o) - (1 - t) log(1 - o), where 0 log 0 counts as 0."""
    return _times_log(-Y, A) + _times_log(Y - 1.0, 1.0 - A)


def binary_cross_entropy_prime(A: Array, Y: Array) -> Array:
    """(o - t) / (o (1 - o))."""
    return (A - Y) / (A * (1.0 - A))


BINARY_CROSS_ENTROPY = -t * log(o) - (1 - t) * log(1 - o)
BINARY_CROSS_ENTROPY_PRIME = (o - t) / (o * (1 - o))


def cross_entropy(A: Array, Y: Array) -> Array:
    """-t log(o), where 0 log 0 counts as 0."""
    return _times_log(-Y, A)


def cross_entropy_prime(A: Array, Y: Array) -> Array:
    """-t / o."""
    return -Y / A


CROSS_ENTROPY = -t * log(o)
CROSS_ENTROPY_PRIME = -t / o


def poisson(A: Array, Y: Array) -> Array:
    """The mean minus t log(mean): Poisson's negative log-likelihood without the constant log(t!)."""
    return A - _times_log(Y, A)


def poisson_prime(A: Array, Y: Array) -> Array:
    """1 - t / o."""
    return 1.0 - Y / A


POISSON = o - t * log(o)
POISSON_PRIME = 1 - t / o


def pinball(A: Array, Y: Array, quantile: float = 0.5) -> Array:
    """Quantile · (t - o) if o is too low, (1 - quantile) · (o - t) if o is too high."""
    e = Y - A
    return namespace(A).where(_real(e) >= 0, quantile * e, (quantile - 1.0) * e)


def pinball_prime(A: Array, Y: Array, quantile: float = 0.5) -> Array:
    """-quantile if o is too low, 1 - quantile if it is too high, 0 if they are equal."""
    xp = namespace(A)
    e = _real(Y - A)
    slope = xp.where(e > 0, xp.full_like(e, -quantile), xp.full_like(e, 1.0 - quantile))
    return xp.astype(xp.where(e == 0, xp.zeros_like(e), slope), A.dtype)


(quantile,) = letters("quantile")
PINBALL = where(t > o, quantile * (t - o), (1 - quantile) * (o - t))
PINBALL_PRIME = where(t > o, -quantile, where(t < o, 1 - quantile, 0))


def binary_cross_entropy_of_z(Z: Array, Y: Array) -> Array:
    """log(1 + e^z) - t z: the loss of o = sigmoid(z) without computing o.

    The large terms max(0, z) and t z come first: for a correct output they cancel, and the small rest keeps its digits.
    """
    xp = namespace(Z)
    return (relu(Z) - Y * Z) + xp.log1p(xp.exp(-_magnitude(Z)))


BINARY_CROSS_ENTROPY_OF_Z = largest(0, z) - t * z + log(1 + exp(-abs(z)))


def cross_entropy_of_z(Z: Array, Y: Array) -> Array:
    """t (log sum_k e^{z_k} - z): the loss of o = softmax(z) without computing o."""
    xp = namespace(Z)
    shifted = Z - xp.max(_real(Z), axis=-1, keepdims=True)
    return Y * (xp.log(xp.sum(xp.exp(shifted), axis=-1, keepdims=True)) - shifted)


(t_j,) = letters("t_j")
CROSS_ENTROPY_OF_Z = Let(t_j * (log(total) - (z_j - m)), SHIFTS)
COMBINED_DELTA = o - t
"""The error signal at z of a sigmoid or softmax whose loss is computed from z."""


def _times_log(factor: Array, A: Array) -> Array:
    """Return factor · log(A), and 0 where the factor is 0, for any A."""
    xp = namespace(A, factor)
    absent = _real(factor) == 0
    one = xp.ones_like(A)
    return xp.where(absent, factor * one, factor * xp.log(xp.where(absent, one, A)))
