"""Activation functions by code, as vectorizing loops: they equal `core.catalog.activations`.

Z, A and dA are flat parts of a layer, row after row.
"""

from glassnet.core.catalog.activations import GELU_CUBIC, GELU_SLOPE, SELU_ALPHA, SELU_SCALE
from glassnet.engines.cpu.compiling.decorators import exact, kernel, strict
from glassnet.engines.cpu.kernels.simd.math_functions import exp_of, expm1_of, log1p_of, log_of, tanh_of
from glassnet.engines.cpu.kernels.simd.vectors import columns_of, rows_of, turn_square

# The index is the code; softmax, the last one, needs whole rows.
CODES = (
    "identity", "step", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "softplus", "mish",
    "softsign", "hard_sigmoid", "softmax",
)  # fmt: skip
(IDENTITY, STEP, SIGMOID, TANH, RELU, LEAKY_RELU, ELU, SELU, GELU, SILU, SOFTPLUS, MISH, SOFTSIGN, HARD_SIGMOID,
 SOFTMAX) = range(len(CODES))  # fmt: skip
BOTH = len(CODES)
"""Added to a code: the forward pass overwrites Z with the slopes, which share most of their arithmetic with A."""
WITH_SLOPES = ("gelu", "silu", "mish")
GELU_BOTH, SILU_BOTH, MISH_BOTH = BOTH + GELU, BOTH + SILU, BOTH + MISH


@exact
def sigmoid_of(z):  # core.catalog.activations.sigmoid
    one = type(z)(1)
    e = exp_of(-abs(z))
    return (one if z >= 0 else e) / (one + e)


@exact
def softplus_of(z):  # core.catalog.activations.softplus
    return (type(z)(0) if z < 0 else z) + log1p_of(exp_of(-abs(z)))


@exact
def elu_of(z, alpha):  # core.catalog.activations.elu
    return z if z > 0 else alpha * expm1_of(z)


@exact
def gelu_part(z):  # the tanh in core.catalog.activations.gelu
    real = type(z)
    return tanh_of(real(GELU_SLOPE) * (z + real(GELU_CUBIC) * z * z * z))


@exact
def gelu_by(z, t):  # core.catalog.activations.gelu
    real = type(z)
    return real(0.5) * z * (real(1) + t)


@exact
def gelu_slope_by(z, t):  # core.catalog.activations.gelu_prime
    real = type(z)
    inner = real(GELU_SLOPE) * (real(1) + real(3 * GELU_CUBIC) * z * z)
    return real(0.5) * (real(1) + t) + real(0.5) * z * (real(1) - t * t) * inner


@exact
def silu_slope_by(z, s):  # core.catalog.activations.silu_prime
    one = type(z)(1)
    return s + z * s * (one - s)


@exact
def mish_part(z):
    """Return the one exp of core.catalog.activations.mish: with w = e^z (e^z + 2), tanh(softplus(z)) is w / (w + 2)."""
    return exp_of(type(z)(20) if z > 20 else z)  # beyond, w / (w + 2) rounds to 1


@exact
def mish_by(z, e):  # core.catalog.activations.mish
    two = type(z)(2)
    w = e * (e + two)
    return z * (w * (type(z)(1) / (w + two)))


@exact
def mish_slope_by(z, e):  # core.catalog.activations.mish_prime, by the same w
    real = type(z)
    w = e * (e + real(2))
    q = real(1) / (w + real(2))
    return w * q + z * (real(4) * e * (e + real(1)) * q * q)


@exact
def hard_sigmoid_of(z):  # core.catalog.activations.hard_sigmoid
    real = type(z)
    a = z / real(6) + real(0.5)
    a = real(0) if z <= -3 else a
    return real(1) if z >= 3 else a


@strict
def activate(code, p, Z, A):  # core.forward: A = sigma(Z)
    n = Z.shape[0]
    real = Z.dtype.type
    zero, one = real(0), real(1)
    if code == IDENTITY:
        for k in range(n):
            A[k] = Z[k]
    elif code == STEP:
        for k in range(n):
            A[k] = one if Z[k] >= 0 else zero
    elif code == SIGMOID:
        for k in range(n):
            A[k] = sigmoid_of(Z[k])
    elif code == TANH:
        for k in range(n):
            A[k] = tanh_of(Z[k])
    elif code == RELU:
        for k in range(n):
            A[k] = zero if Z[k] <= 0 else Z[k]
    elif code == LEAKY_RELU:
        for k in range(n):
            A[k] = Z[k] if Z[k] > 0 else p * Z[k]
    elif code == ELU:
        for k in range(n):
            A[k] = elu_of(Z[k], p)
    elif code == SELU:
        for k in range(n):
            A[k] = real(SELU_SCALE) * elu_of(Z[k], real(SELU_ALPHA))
    elif code == GELU:
        for k in range(n):
            A[k] = gelu_by(Z[k], gelu_part(Z[k]))
    elif code == SILU:
        for k in range(n):
            A[k] = Z[k] * sigmoid_of(Z[k])
    elif code == SOFTPLUS:
        for k in range(n):
            A[k] = softplus_of(Z[k])
    elif code == MISH:
        for k in range(n):
            A[k] = mish_by(Z[k], mish_part(Z[k]))
    elif code == SOFTSIGN:
        for k in range(n):
            A[k] = Z[k] / (one + abs(Z[k]))
    elif code == HARD_SIGMOID:
        for k in range(n):
            A[k] = hard_sigmoid_of(Z[k])
    elif code == GELU_BOTH:
        for k in range(n):
            z, t = Z[k], gelu_part(Z[k])
            A[k], Z[k] = gelu_by(z, t), gelu_slope_by(z, t)
    elif code == SILU_BOTH:
        for k in range(n):
            z, s = Z[k], sigmoid_of(Z[k])
            A[k], Z[k] = z * s, silu_slope_by(z, s)
    elif code == MISH_BOTH:
        for k in range(n):
            z, e = Z[k], mish_part(Z[k])
            A[k], Z[k] = mish_by(z, e), mish_slope_by(z, e)


@kernel
def pull_back(code, p, Z, A, grown, dA):  # core.catalog.activation.Activation.pullback, in place: dA becomes delta
    """Multiply dA by the slope at Z; dropout has multiplied the kept activations A by `grown`."""
    n = Z.shape[0]
    real = Z.dtype.type
    zero, one = real(0), real(1)
    back = one / grown
    if code >= BOTH:
        for k in range(n):
            dA[k] *= Z[k]
    elif code == STEP:
        for k in range(n):
            dA[k] *= zero
    elif code == SIGMOID:
        for k in range(n):
            dA[k] *= (A[k] * back) * (one - A[k] * back)
    elif code == TANH:
        for k in range(n):
            dA[k] *= one - (A[k] * back) * (A[k] * back)
    elif code == RELU:
        for k in range(n):
            dA[k] *= one if Z[k] > 0 else zero
    elif code == LEAKY_RELU:
        for k in range(n):
            dA[k] *= one if Z[k] > 0 else p
    elif code == ELU:
        for k in range(n):
            dA[k] *= one if Z[k] > 0 else A[k] * back + p
    elif code == SELU:
        for k in range(n):
            dA[k] *= real(SELU_SCALE) if Z[k] > 0 else A[k] * back + real(SELU_SCALE * SELU_ALPHA)
    elif code == GELU:
        for k in range(n):
            dA[k] *= gelu_slope_by(Z[k], gelu_part(Z[k]))
    elif code == SILU:
        for k in range(n):
            dA[k] *= silu_slope_by(Z[k], sigmoid_of(Z[k]))
    elif code == SOFTPLUS:
        for k in range(n):
            dA[k] *= sigmoid_of(Z[k])
    elif code == MISH:
        for k in range(n):
            dA[k] *= mish_slope_by(Z[k], mish_part(Z[k]))
    elif code == SOFTSIGN:
        for k in range(n):
            q = one / (one + abs(Z[k]))
            dA[k] *= q * q
    elif code == HARD_SIGMOID:
        for k in range(n):
            dA[k] *= real(1.0 / 6.0) if -3 < Z[k] < 3 else zero


@strict
def total_of(a):
    """Return the sum of a row, computed by four independent sums."""
    one = two = three = four = a.dtype.type(0)
    whole = a.shape[0] // 4 * 4
    for j in range(0, whole, 4):
        one += a[j]
        two += a[j + 1]
        three += a[j + 2]
        four += a[j + 3]
    for j in range(whole, a.shape[0]):
        one += a[j]
    return (one + two) + (three + four)


@strict
def softmax_in_squares(Z, A, at, n_rows, m, side, largest, logs):
    """Softmax of rows that are `side` apart, the length of a vector: side by side, as columns of squares.

    A `side` known only at run time makes LLVM write vector loops over it, instead of scalar code.
    """
    for first in range(0, n_rows, side):
        begin = at + first * side
        turn_square(Z, begin, side, A, begin, side)
        most, total = largest[first : first + side], logs[first : first + side]
        for i in range(side):
            most[i] = A[begin : begin + side][i]
            total[i] = Z.dtype.type(0)
        for j in range(1, m):
            a = A[begin + j * side : begin + (j + 1) * side]
            for i in range(side):
                most[i] = a[i] if not a[i] <= most[i] else most[i]
        for j in range(m):
            a = A[begin + j * side : begin + (j + 1) * side]
            for i in range(side):
                a[i] -= most[i]
        a = A[begin : begin + m * side]
        for k in range(m * side):
            a[k] = exp_of(a[k])
        for j in range(m):
            a = A[begin + j * side : begin + (j + 1) * side]
            for i in range(side):
                total[i] += a[i]
        for j in range(m):
            a = A[begin + j * side : begin + (j + 1) * side]
            for i in range(side):
                a[i] /= total[i]
        turn_square(A, begin, side, A, begin, side)
    for i in range(n_rows):
        logs[i] = log_of(logs[i])


@strict
def softmax_of_few(Z, A, at, n_rows, m, side, largest, logs):
    """Softmax of rows of at most four numbers, as `softmax_in_squares`, in one loop over the rows of a square."""
    zero = Z.dtype.type(0)
    for first in range(0, n_rows, side):
        begin = at + first * side
        columns_of(Z, begin, side, A, begin, side)
        most, log = largest[first : first + side], logs[first : first + side]
        a0, a1, a2, a3 = A[begin:], A[begin + side :], A[begin + 2 * side :], A[begin + 3 * side :]
        for i in range(side):
            z0, z1, z2, z3 = a0[i], a1[i], a2[i], a3[i]
            z = z0
            z = z1 if m > 1 and not z1 <= z else z
            z = z2 if m > 2 and not z2 <= z else z
            z = z3 if m > 3 and not z3 <= z else z
            e0 = exp_of(z0 - z)
            e1 = exp_of(z1 - z) if m > 1 else zero
            e2 = exp_of(z2 - z) if m > 2 else zero
            e3 = exp_of(z3 - z) if m > 3 else zero
            total = e0 + e1 + e2 + e3
            a0[i], a1[i], a2[i], a3[i] = e0 / total, e1 / total, e2 / total, e3 / total
            most[i], log[i] = z, log_of(total)
        rows_of(A, begin, side, A, begin, side)


@strict
def softmax(Z, A, n_rows, m, row, largest, logs):  # core.catalog.activations.softmax
    """Turn rows of m numbers, `row` apart, into shares; store each row's largest z and the rest of its log-sum."""
    for i in range(n_rows):
        z, a = Z[i * row : i * row + m], A[i * row : i * row + m]
        most = z[0]
        for j in range(1, m):
            most = z[j] if not z[j] <= most else most  # NaN stays
        largest[i] = most
        for j in range(m):
            a[j] = z[j] - most
    flat = A[: n_rows * row]
    for k in range(flat.shape[0]):
        flat[k] = exp_of(flat[k])
    for i in range(n_rows):
        a = A[i * row : i * row + m]
        total = total_of(a)
        logs[i] = total
        share = Z.dtype.type(1) / total
        for j in range(m):
            a[j] *= share
    for i in range(n_rows):
        logs[i] = log_of(logs[i])


@kernel
def pull_back_softmax(Z, dA, n_rows, m, row):
    """core.catalog.activations.softmax_pullback; computes the shares again, since dropout may have changed them."""
    for i in range(n_rows):
        z, d = Z[i * row : i * row + m], dA[i * row : i * row + m]
        largest = z[0]
        for j in range(1, m):
            largest = max(largest, z[j])
        total = along = Z.dtype.type(0)
        for j in range(m):
            e = exp_of(z[j] - largest)
            total += e
            along += d[j] * e
        for j in range(m):
            d[j] = exp_of(z[j] - largest) / total * (d[j] - along / total)


def code_of(name: str, *, keeps_slopes: bool = False) -> int:
    """Return the code of a built-in activation; with `keeps_slopes`, of the variant that leaves slopes in Z, if any."""
    return CODES.index(name) + (BOTH if keeps_slopes and name in WITH_SLOPES else 0)


def parameter_of(parameters: dict[str, float]) -> float:
    """Return the only parameter of an activation, if any."""
    return float(next(iter(parameters.values()), 0.0))
