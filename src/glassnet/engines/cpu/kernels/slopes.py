"""Learned slopes: they equal `core.slope`.

The outputs F of the activation function have rows after those of all layers; the deltas have the summands of the
slopes' gradient in the same rows. Everything is rounded as written: a row has the same bits in every compiled function.
"""

from glassnet.engines.cpu.compiling.decorators import strict


@strict
def apply_slope(theta, slope, Z, A, F, n_rows, m, row):  # core.slope.apply_slope
    """Move the contents of A to F, and mix A with Z: rows of m numbers, `row` apart."""
    one = theta.dtype.type(1)
    s = theta[slope : slope + m]
    for i in range(n_rows):
        z, a, f = Z[i * row : i * row + m], A[i * row : i * row + m], F[i * row : i * row + m]
        for j in range(m):
            f[j] = a[j]
        for j in range(m):
            a[j] = s[j] * f[j] + (one - s[j]) * z[j]


@strict
def slope_gradient_part(theta, slope, D, E, n_rows, m, row):  # core.slope.slope_backward: s · dA
    """Store the error signal dA in E, and leave its part through the activation function in D."""
    s = theta[slope : slope + m]
    for i in range(n_rows):
        d, e = D[i * row : i * row + m], E[i * row : i * row + m]
        for j in range(m):
            e[j] = d[j]
        for j in range(m):
            d[j] = s[j] * e[j]


@strict
def join_slope_gradients(theta, slope, Z, F, D, E, n_rows, m, row):  # core.slope.slope_backward, slope_gradient
    """Add the rest of the error signal, past the activation function, to D; fill E with dA · (F - Z)."""
    one = theta.dtype.type(1)
    s = theta[slope : slope + m]
    for i in range(n_rows):
        z, f = Z[i * row : i * row + m], F[i * row : i * row + m]
        d, e = D[i * row : i * row + m], E[i * row : i * row + m]
        for j in range(m):
            d[j] += (one - s[j]) * e[j]
        for j in range(m):
            e[j] *= f[j] - z[j]
