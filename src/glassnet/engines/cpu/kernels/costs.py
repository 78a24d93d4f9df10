"""Costs by code, row by row: they equal `core.catalog.losses` and the combined pairs of `core.catalog.costs`."""

from glassnet.engines.cpu.compiling.decorators import exact, kernel
from glassnet.engines.cpu.kernels.simd.math_functions import exp_of, log1p_of, log_of

# The index is the code; the next two are the combined pairs, with the loss computed from Z and delta = A - Y.
CODES = (
    "error", "absolute_error", "half_squared_error", "squared_error", "huber", "binary_cross_entropy", "cross_entropy",
    "poisson", "pinball",
)  # fmt: skip
ERROR, ABSOLUTE, HALF_SQUARED, SQUARED, HUBER, BINARY, CROSS, POISSON, PINBALL = range(len(CODES))
SIGMOID_COMBINED, SOFTMAX_COMBINED = len(CODES), len(CODES) + 1


@exact
def times_log(factor, a):  # core.catalog.losses._times_log
    return type(a)(0) if factor == 0 else factor * log_of(a)


@exact
def loss_of(code, p, a, y):  # core.catalog.losses, one number at a time
    e = a - y
    half = type(a)(0.5)
    one = type(a)(1)
    if code == ERROR:
        return -e
    if code == ABSOLUTE:
        return abs(e)
    if code == HALF_SQUARED:
        return half * e * e
    if code == SQUARED:
        return e * e
    if code == HUBER:
        return half * e * e if abs(e) <= p else p * (abs(e) - half * p)
    if code == BINARY:
        return times_log(-y, a) + times_log(y - one, one - a)
    if code == CROSS:
        return times_log(-y, a)
    if code == POISSON:
        return a - times_log(y, a)
    return -p * e if e <= 0 else (one - p) * e


@exact
def loss_prime_of(code, p, a, y):  # core.catalog.losses, the *_prime functions
    e = a - y
    one = type(a)(1)
    if code == ERROR:
        return -one
    if code == ABSOLUTE:
        return one if e > 0 else (-one if e < 0 else e)
    if code == HALF_SQUARED:
        return e
    if code == SQUARED:
        return e + e
    if code == HUBER:
        return e if abs(e) <= p else (p if e > 0 else -p)
    if code == BINARY:
        return e / (a * (one - a))
    if code == CROSS:
        return -y / a
    if code == POISSON:
        return one - y / a
    return -p if e < 0 else (one - p if e > 0 else e)


@kernel
def losses_of(cost, Z, A, Y, largest, logs, losses, m, row):  # core.catalog.costs.cost_of_trace, before the mean
    """Fill `losses` with one loss per row."""
    code, p = cost
    zero = Z.dtype.type(0)
    if row == 1 and code < SIGMOID_COMBINED:  # a loop over rows alone vectorizes
        for i in range(losses.shape[0]):
            losses[i] = loss_of(code, p, A[i], Y[i])
        return
    for i in range(losses.shape[0]):
        begin = i * row
        y, loss = Y[begin : begin + m], zero
        if code == SOFTMAX_COMBINED:  # core.catalog.losses.cross_entropy_of_z
            z = Z[begin : begin + m]
            for j in range(m):
                loss += y[j] * (logs[i] - (z[j] - largest[i]))
        elif code == SIGMOID_COMBINED:  # core.catalog.losses.binary_cross_entropy_of_z
            z = Z[begin : begin + m]
            for j in range(m):
                loss += (max(z[j], zero) - y[j] * z[j]) + log1p_of(exp_of(-abs(z[j])))
        else:
            a = A[begin : begin + m]
            for j in range(m):
                loss += loss_of(code, p, a[j], y[j])
        losses[i] = loss


@kernel
def output_deltas(cost, A, Y, dA):  # core.catalog.costs.output_delta
    """Fill dA with the loss's derivative by A, or by Z for a combined pair."""
    code, p = cost
    if code >= SIGMOID_COMBINED:
        for k in range(dA.shape[0]):
            dA[k] = A[k] - Y[k]
    else:
        for k in range(dA.shape[0]):
            dA[k] = loss_prime_of(code, p, A[k], Y[k])


@kernel
def weigh_rows(weights, losses, dA, row):
    """Multiply each row by its sample weight."""
    for i in range(losses.shape[0]):
        losses[i] *= weights[i]
        for k in range(i * row, (i + 1) * row):
            dA[k] *= weights[i]


BEST_CLASS, ALL_SIDES, SQUARED_ERRORS, NO_METRIC = range(4)


@kernel
def score(kind, A, Y, scores, m, row):  # training.metrics: the metric's per-sample sums
    if kind == SQUARED_ERRORS and row == 1:
        for i in range(scores.shape[0]):
            scores[i] = (A[i] - Y[i]) ** 2
        return
    for i in range(scores.shape[0]):
        a, y = A[i * row : i * row + m], Y[i * row : i * row + m]
        found = 0.0
        if kind == BEST_CLASS:
            best, right, most, most_true = 0, 0, a[0], y[0]
            for j in range(1, m):
                best, most = (j, a[j]) if a[j] > most else (best, most)
                right, most_true = (j, y[j]) if y[j] > most_true else (right, most_true)
            found = 1.0 if best == right else 0.0
        elif kind == ALL_SIDES:
            agree = True
            for j in range(m):
                agree = agree and ((a[j] >= 0.5) == (y[j] >= 0.5))
            found = 1.0 if agree else 0.0
        elif kind == SQUARED_ERRORS:
            for j in range(m):
                found += (a[j] - y[j]) ** 2
        scores[i] = found
