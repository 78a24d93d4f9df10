"""Activation functions by code, as loops over flat arrays: they equal `core.activations`."""

import math

from numba import njit

from glassnet.core.activations import GELU_CUBIC, GELU_SLOPE, SELU_ALPHA, SELU_SCALE
from glassnet.engines.cpu.flags import OPTIONS

# The order is the code; -1 is softmax, which needs whole rows.
CODES = (
    "identity", "step", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "softplus", "mish",
    "softsign", "hard_sigmoid",
)  # fmt: skip
SOFTMAX = -1


@njit(**OPTIONS)
def sigmoid_of(z):  # core.activations.sigmoid
    one = type(z)(1)
    e = math.exp(-abs(z))
    return one / (one + e) if z >= 0 else e / (one + e)


@njit(**OPTIONS)
def softplus_of(z):  # core.activations.softplus
    return max(z, type(z)(0)) + math.log1p(math.exp(-abs(z)))


@njit(**OPTIONS)
def value_of(code, p, z):  # core.activations, one number at a time
    real = type(z)
    if code == 0:
        return z
    if code == 1:
        return real(1) if z >= 0 else real(0)
    if code == 2:
        return sigmoid_of(z)
    if code == 3:
        return math.tanh(z)
    if code == 4:
        return z if z > 0 or z != z else real(0)
    if code == 5:
        return z if z > 0 else p * z
    if code == 6:
        return z if z > 0 else p * math.expm1(z)
    if code == 7:
        return real(SELU_SCALE) * (z if z > 0 else real(SELU_ALPHA) * math.expm1(z))
    if code == 8:
        return real(0.5) * z * (real(1) + math.tanh(real(GELU_SLOPE) * (z + real(GELU_CUBIC) * z * z * z)))
    if code == 9:
        return z * sigmoid_of(z)
    if code == 10:
        return softplus_of(z)
    if code == 11:
        return z * math.tanh(softplus_of(z))
    if code == 12:
        return z / (real(1) + abs(z))
    if z != z:
        return z
    return min(max(z / real(6) + real(0.5), real(0)), real(1))


@njit(**OPTIONS)
def slope_of(code, p, z, a):  # core.activations, the *_prime functions
    real = type(z)
    one = real(1)
    if code == 0:
        return one
    if code == 1:
        return real(0)
    if code == 2:
        return a * (one - a)
    if code == 3:
        return one - a * a
    if code == 4:
        return one if z > 0 else real(0)
    if code == 5:
        return one if z > 0 else p
    if code == 6:
        return one if z > 0 else a + p
    if code == 7:
        return real(SELU_SCALE) if z > 0 else a + real(SELU_SCALE * SELU_ALPHA)
    if code == 8:
        t = math.tanh(real(GELU_SLOPE) * (z + real(GELU_CUBIC) * z * z * z))
        inner = real(GELU_SLOPE) * (one + real(3 * GELU_CUBIC) * z * z)
        return real(0.5) * (one + t) + real(0.5) * z * (one - t * t) * inner
    if code == 9:
        s = sigmoid_of(z)
        return s + a * (one - s)
    if code == 10:
        return sigmoid_of(z)
    if code == 11:
        t = math.tanh(softplus_of(z))
        return t + z * (one - t * t) * sigmoid_of(z)
    if code == 12:
        q = one / (one + abs(z))
        return q * q
    return real(1.0 / 6.0) if -3 < z < 3 else real(0)


@njit(**OPTIONS)
def add_bias(Z, b):  # core.forward: Z = Z + b
    n, m = Z.shape
    for i in range(n):
        for j in range(m):
            Z[i, j] += b[j]


@njit(**OPTIONS)
def activate(code, p, Z, A):  # core.forward: A = sigma(Z)
    n, m = Z.shape
    if code == SOFTMAX:
        softmax_rows(Z, A)
        return
    if code == 4:  # the usual one, spelled out so that it vectorizes
        for i in range(n):
            for j in range(m):
                A[i, j] = Z[i, j] if Z[i, j] > 0 or Z[i, j] != Z[i, j] else 0
        return
    for i in range(n):
        for j in range(m):
            A[i, j] = value_of(code, p, Z[i, j])


@njit(**OPTIONS)
def softmax_rows(Z, A):  # core.activations.softmax
    n, m = Z.shape
    for i in range(n):
        largest = Z[i, 0]
        for j in range(1, m):
            largest = max(largest, Z[i, j])
        total = Z.dtype.type(0)
        for j in range(m):
            A[i, j] = math.exp(Z[i, j] - largest)
            total += A[i, j]
        for j in range(m):
            A[i, j] /= total


@njit(**OPTIONS)
def pull_back(code, p, Z, A, dA):  # core.activation.Activation.pullback, in place: dA becomes delta
    n, m = Z.shape
    if code == SOFTMAX:
        for i in range(n):
            along = Z.dtype.type(0)
            for j in range(m):
                along += dA[i, j] * A[i, j]
            for j in range(m):
                dA[i, j] = A[i, j] * (dA[i, j] - along)
        return
    for i in range(n):
        for j in range(m):
            dA[i, j] *= slope_of(code, p, Z[i, j], A[i, j])


def code_of(name: str) -> int:
    """Return the code of a built-in activation."""
    return SOFTMAX if name == "softmax" else CODES.index(name)


def parameter_of(parameters: dict[str, float]) -> float:
    """Return the one parameter that an activation may have."""
    return float(next(iter(parameters.values()), 0.0))
