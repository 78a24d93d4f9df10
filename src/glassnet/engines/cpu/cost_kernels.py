"""Costs by code, one row at a time: they equal `core.losses` and the combined pairs of `core.costs`."""

import math

from numba import njit

from glassnet.engines.cpu.flags import OPTIONS

# The order is the code; the last two are the combined pairs, whose loss is taken from Z and whose delta is A - Y.
CODES = (
    "error", "absolute_error", "half_squared_error", "squared_error", "huber", "binary_cross_entropy", "cross_entropy",
    "poisson", "pinball",
)  # fmt: skip
SIGMOID_COMBINED, SOFTMAX_COMBINED = 9, 10


@njit(**OPTIONS)
def times_log(factor, a):  # core.losses._times_log
    return type(a)(0) if factor == 0 else factor * math.log(a)


@njit(**OPTIONS)
def loss_of(code, p, a, y):  # core.losses, one number at a time
    e = a - y
    half = type(a)(0.5)
    one = type(a)(1)
    if code == 0:
        return -e
    if code == 1:
        return abs(e)
    if code == 2:
        return half * e * e
    if code == 3:
        return e * e
    if code == 4:
        return half * e * e if abs(e) <= p else p * (abs(e) - half * p)
    if code == 5:
        return times_log(-y, a) + times_log(y - one, one - a)
    if code == 6:
        return times_log(-y, a)
    if code == 7:
        return a - times_log(y, a)
    return -p * e if e <= 0 else (one - p) * e


@njit(**OPTIONS)
def loss_prime_of(code, p, a, y):  # core.losses, the *_prime functions
    e = a - y
    one = type(a)(1)
    if code == 0:
        return -one
    if code == 1:
        return one if e > 0 else (-one if e < 0 else e)
    if code == 2:
        return e
    if code == 3:
        return e + e
    if code == 4:
        return e if abs(e) <= p else (p if e > 0 else -p)
    if code == 5:
        return e / (a * (one - a))
    if code == 6:
        return -y / a
    if code == 7:
        return one - y / a
    return -p if e < 0 else (one - p if e > 0 else e)


@njit(**OPTIONS)
def cost_and_blame(code, p, Z, A, Y, weights, dA):  # core.costs.cost_of_trace, output_delta before the pullback
    """Fill dA with the loss's derivative (for a combined pair: delta itself) and return the sum of the losses."""
    n, m = A.shape
    total = 0.0
    for i in range(n):
        row = 0.0
        if code == SOFTMAX_COMBINED:
            row = cross_entropy_of_row(Z[i], Y[i])
        for j in range(m):
            if code == SIGMOID_COMBINED:
                row += (max(Z[i, j], 0) - Y[i, j] * Z[i, j]) + math.log1p(math.exp(-abs(Z[i, j])))
            elif code != SOFTMAX_COMBINED:
                row += loss_of(code, p, A[i, j], Y[i, j])
            blame = A[i, j] - Y[i, j] if code >= SIGMOID_COMBINED else loss_prime_of(code, p, A[i, j], Y[i, j])
            dA[i, j] = blame * weights[i]
        total += row * weights[i]
    return total


@njit(**OPTIONS)
def cross_entropy_of_row(z, y):  # core.losses.cross_entropy_of_z
    largest = z[0]
    for j in range(1, z.shape[0]):
        largest = max(largest, z[j])
    total = type(largest)(0)
    for j in range(z.shape[0]):
        total += math.exp(z[j] - largest)
    log_total = math.log(total)
    loss = 0.0
    for j in range(z.shape[0]):
        loss += y[j] * (log_total - (z[j] - largest))
    return loss


@njit(**OPTIONS)
def score(kind, A, Y):  # training.metrics: the sum over rows of what the metric counts
    n, m = A.shape
    total = 0.0
    for i in range(n):
        if kind == 0:
            best = right = 0
            for j in range(1, m):
                best = j if A[i, j] > A[i, best] else best
                right = j if Y[i, j] > Y[i, right] else right
            total += best == right
        elif kind == 1:
            agree = True
            for j in range(m):
                agree = agree and ((A[i, j] >= 0.5) == (Y[i, j] >= 0.5))
            total += agree
        elif kind == 2:
            for j in range(m):
                total += (A[i, j] - Y[i, j]) ** 2
    return total
