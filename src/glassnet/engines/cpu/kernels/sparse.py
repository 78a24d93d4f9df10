"""The first layer on sparse rows (CSR): only the entries that are there are multiplied."""

from glassnet.engines.cpu.compiling.decorators import kernel
from glassnet.engines.cpu.kernels.simd.math_functions import fused
from glassnet.engines.cpu.kernels.simd.matmul import rows_in_panel
from glassnet.engines.cpu.kernels.simd.vectors import lanes_of


@kernel
def weigh_entries(entries, rows, first, last, Z, z_at, z_row, m, panels, n_in, b, b_at, b_step):
    """core.forward: Z = X @ W.T + b for the minibatch's rows `first` to `last`; W comes in panels."""
    values, columns, starts = entries
    panel = 2 * lanes_of(Z)
    height = rows_in_panel(n_in, lanes_of(Z))
    for i in range(first, last):
        of_row = range(starts[rows[i]], starts[rows[i] + 1])
        for strip in range(0, m, panel):
            width = min(panel, m - strip)
            z = Z[z_at + i * z_row + strip : z_at + i * z_row + strip + width]
            bias = b_at + strip * b_step
            for j in range(width):
                z[j] = b[bias + j * b_step]
            for place in of_row:
                begin = strip * height + columns[place] * panel
                w = panels[begin : begin + width]
                for j in range(width):
                    z[j] = fused(values[place], w[j], z[j])  # as tiles do


@kernel
def sparse_gradient(entries, rows, n, delta, d_at, d_row, n_units, grad, g_at, n_in):
    """core.backward: dW = delta.T @ X for some units, not yet divided by n."""
    values, columns, starts = entries
    grad[g_at : g_at + n_units * n_in] = 0
    for i in range(n):
        for place in range(starts[rows[i]], starts[rows[i] + 1]):
            column, value = columns[place], values[place]
            for j in range(n_units):
                own = g_at + j * n_in + column
                grad[own] = fused(delta[d_at + i * d_row + j], value, grad[own])
