"""Learned slopes: they equal `core.slope`.

What the activation function gave, F, has rows of its own behind those of all layers, and so has, in the deltas, what
the gradient of the slopes is the sum of. Everything is rounded as it is written: a row has the same bits in every
compiled function that it comes by.
"""

from glassnet.engines.cpu.compiling.decorators import strict


@strict
def apply_slope(theta, slope, Z, A, F, n_rows, m, row):  # core.slope.apply_slope
    """Move what is in A to F, and let A lean towards Z: rows of m numbers, `row` apart."""
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
    """Keep the error signal dA in E, and leave in D the part of it that goes through the activation function."""
    s = theta[slope : slope + m]
    for i in range(n_rows):
        d, e = D[i * row : i * row + m], E[i * row : i * row + m]
        for j in range(m):
            e[j] = d[j]
        for j in range(m):
            d[j] = s[j] * e[j]


@strict
def join_slope_gradients(theta, slope, Z, F, D, E, n_rows, m, row):  # core.slope.slope_backward, slope_gradient
    """Add to D the part of the error signal that went by the activation function; fill E with dA · (F - Z)."""
    one = theta.dtype.type(1)
    s = theta[slope : slope + m]
    for i in range(n_rows):
        z, f = Z[i * row : i * row + m], F[i * row : i * row + m]
        d, e = D[i * row : i * row + m], E[i * row : i * row + m]
        for j in range(m):
            d[j] += (one - s[j]) * e[j]
        for j in range(m):
            e[j] *= f[j] - z[j]
