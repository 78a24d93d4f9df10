"""Machine code of the forward pass."""

from glassnet.engines.cpu.compiling.decorators import entry, inlined, kernel
from glassnet.engines.cpu.kernels.activations import SOFTMAX, activate, softmax, softmax_in_squares, softmax_of_few
from glassnet.engines.cpu.kernels.buffers import (
    B_AT,
    BACK_AT,
    CODE,
    F_AT,
    FIRST,
    LAST,
    LAYER,
    N_INPUTS,
    ONE,
    PANELS_AT,
    ROW,
    ROWS_AT,
    SIZE,
    SLOPE_AT,
    STRIPS_AT,
    U_AT,
    U_ROW,
    W_AT,
    ZERO,
    Dropout,
    Entries,
    Net,
    Workspace,
    rows_together,
)
from glassnet.engines.cpu.kernels.dropout import drop
from glassnet.engines.cpu.kernels.front import front_forward, has_front
from glassnet.engines.cpu.kernels.simd.matmul import copy_row, multiply, pack, pack_transposed, rows_in_panel
from glassnet.engines.cpu.kernels.simd.vectors import FEW, few_of, lanes_of, moved, place_of
from glassnet.engines.cpu.kernels.slopes import apply_slope
from glassnet.engines.cpu.kernels.sparse import weigh_entries


@inlined
def inputs_of(plan, workspace):
    """Return the place of A[0] in the workspace, and the distance of its rows."""
    return place_of(workspace.A, plan[0, ROWS_AT]), plan[0, ROW]


@kernel
def forward_rows(net, theta, workspace, inputs, first, last, dropout, entries, rows, n):  # core.forward.forward
    """Compute the activations of the rows `first` to `last` of the minibatch from the inputs to the outputs.

    `inputs` is `inputs_of` the workspace; without a front and strips, A[0] may also be elsewhere.
    """
    plan, params = net
    Zs, As, panels, strips, zeros = workspace.Z, workspace.A, workspace.panels, workspace.strips, workspace.zeros
    largest, logs = workspace.largest, workspace.logs
    side = lanes_of(theta)
    panel = 2 * side
    if has_front(plan):
        front_forward(plan, theta, As, first, last)
    if plan[0, STRIPS_AT] >= 0:
        A0 = As, plan[0, ROWS_AT], plan[0, ROW]
        pack(A0, plan[0, SIZE], first, last, n, strips, plan[0, STRIPS_AT])
    for layer in range(1, plan.shape[0]):
        m, row, at = plan[layer, SIZE], plan[layer, ROW], plan[layer, ROWS_AT]
        n_in = plan[layer - 1, SIZE]
        has_bias, rate = plan[layer, B_AT] >= 0, dropout.rates[layer] * dropout.factor
        if layer == 1 and entries.starts.shape[0] > 1:
            biases, b_at = (theta, plan[1, B_AT]) if has_bias else (zeros, ZERO)
            own = panels[plan[1, PANELS_AT] :]
            weigh_entries(entries, rows, first, last, Zs, at, row, m, own, n_in, biases, b_at, has_bias)
        else:
            A, row_below = (place_of(As, plan[layer - 1, ROWS_AT]), plan[layer - 1, ROW]) if layer > 1 else inputs
            C, A = (place_of(Zs, at + first * row), row), (moved(A, first * row_below), row_below, ONE)
            W = (place_of(panels, plan[layer, PANELS_AT]), rows_in_panel(n_in, side) * panel, panel)
            b = (place_of(theta, plan[layer, B_AT]), panel) if has_bias else (place_of(zeros, ZERO), ZERO)
            multiply(C, A, W, b, last - first, m, n_in)
        is_square = plan[layer, CODE] == SOFTMAX and row == side
        if is_square:
            if m <= FEW and few_of(Zs) == FEW:
                softmax_of_few(Zs, As, at + first * row, last - first, m, row, largest[first:], logs[first:])
            else:
                softmax_in_squares(Zs, As, at + first * row, last - first, m, row, largest[first:], logs[first:])
        together = rows_together(row)
        for piece in range(first, last, together):
            end = min(piece + together, last)
            Z, A = Zs[at + piece * row : at + end * row], As[at + piece * row : at + end * row]
            if plan[layer, CODE] != SOFTMAX:
                activate(plan[layer, CODE], params[layer], Z, A)
            elif not is_square:
                softmax(Z, A, end - piece, m, row, largest[piece:end], logs[piece:end])
            if plan[layer, SLOPE_AT] >= 0:
                F = As[plan[layer, F_AT] + piece * row : plan[layer, F_AT] + end * row]
                apply_slope(theta, plan[layer, SLOPE_AT], Z, A, F, end - piece, m, row)
            if rate > 0:
                drop(A, dropout, layer, rate, piece, end, m, row)
        if plan[layer, STRIPS_AT] >= 0:
            pack((As, at, row), m, first, last, n, strips, plan[layer, STRIPS_AT])


@kernel
def lay_out(plan, theta, workspace, block):
    """Copy the weights of a block of units into panels, for the products."""
    layer, first, last = block[LAYER], block[FIRST], block[LAST]
    if layer == 0:
        return
    n_in, m = plan[layer - 1, SIZE], plan[layer, SIZE]
    pack_transposed(theta, plan[layer, W_AT], n_in, first, last, workspace.panels, plan[layer, PANELS_AT])
    if plan[layer, BACK_AT] >= 0:
        pack((theta, plan[layer, W_AT], n_in), n_in, first, last, m, workspace.back, plan[layer, BACK_AT])


@entry
def lay_out_all(net, theta, workspace, blocks):
    """Copy all weights into panels."""
    net, workspace = Net(*net), Workspace(*workspace)
    for b in range(blocks.shape[0]):
        lay_out(net.plan, theta, workspace, blocks[b])


@entry
def forward_many(net, theta, workspace, rates, X, entries, n_rows, capacity, Z_L, A_L):
    """Fill Z[L] and A[L] (n_rows, n_out) from X (n_rows, n_in), all flat, at most `capacity` rows at a time."""
    net, workspace, entries = Net(*net), Workspace(*workspace), Entries(*entries)
    dropout = Dropout(rates, 1.0, ZERO, ZERO, ZERO)
    plan, As = net.plan, workspace.A
    L = plan.shape[0] - 1
    size, row, at = plan[0, N_INPUTS], plan[0, U_ROW], plan[0, U_AT]
    m, row_out, at_out = plan[L, SIZE], plan[L, ROW], plan[L, ROWS_AT]
    for start in range(0, n_rows, capacity):
        n = min(capacity, n_rows - start)
        for i in range(n):
            copy_row(X, (start + i) * size, As, at + i * row, size)
        forward_rows(net, theta, workspace, inputs_of(plan, workspace), 0, n, dropout, entries, entries.starts, n)
        for i in range(n):
            copy_row(workspace.Z, at_out + i * row_out, Z_L, (start + i) * m, m)
            copy_row(As, at_out + i * row_out, A_L, (start + i) * m, m)
