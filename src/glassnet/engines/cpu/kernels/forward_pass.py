"""Machine code for the forward pass."""

from glassnet.engines.cpu.compiling.decorators import entry, kernel
from glassnet.engines.cpu.kernels.activations import SOFTMAX, activate, softmax, softmax_in_squares
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
    PIECE,
    ROW,
    ROWS_AT,
    SIZE,
    SLOPE_AT,
    STRIPS_AT,
    U_AT,
    U_ROW,
    W_AT,
    ZERO,
)
from glassnet.engines.cpu.kernels.dropout import drop
from glassnet.engines.cpu.kernels.front import front_forward, has_front
from glassnet.engines.cpu.kernels.simd.matmul import copy_row, multiply, pack, pack_transposed, rows_in_panel
from glassnet.engines.cpu.kernels.simd.vectors import lanes_of, place_of
from glassnet.engines.cpu.kernels.slopes import apply_slope
from glassnet.engines.cpu.kernels.sparse import weigh_entries


@kernel
def forward_rows(net, theta, room, first, last, dropout, seed, step, X, rows, n):  # core.forward.forward
    """Carry the rows `first` to `last` of the minibatch from the inputs to the outputs."""
    plan, params = net
    Zs, As, _, panels, _, strips, nothing, largest, logs = room
    side = lanes_of(theta)
    panel = 2 * side
    rates, share = dropout
    if has_front(plan):
        front_forward(plan, theta, As, first, last)
    if plan[0, STRIPS_AT] >= 0:
        A0 = As, plan[0, ROWS_AT], plan[0, ROW]
        pack(A0, plan[0, SIZE], first, last, n, strips, plan[0, STRIPS_AT])
    for layer in range(1, plan.shape[0]):
        m, row, row_below = plan[layer, SIZE], plan[layer, ROW], plan[layer - 1, ROW]
        at, below = plan[layer, ROWS_AT], plan[layer - 1, ROWS_AT] + first * row_below
        n_in = plan[layer - 1, SIZE]
        has_bias, rate = plan[layer, B_AT] >= 0, rates[layer] * share
        if layer == 1 and X[2].shape[0] > 1:
            biases, b_at = (theta, plan[1, B_AT]) if has_bias else (nothing, ZERO)
            weigh_entries(
                X, rows, first, last, Zs, at, row, m, panels[plan[1, PANELS_AT] :], n_in, biases, b_at, has_bias
            )
        else:
            C, A = (place_of(Zs, at + first * row), row), (place_of(As, below), row_below, ONE)
            W = (place_of(panels, plan[layer, PANELS_AT]), rows_in_panel(n_in, side) * panel, panel)
            b = (place_of(theta, plan[layer, B_AT]), panel) if has_bias else (place_of(nothing, ZERO), ZERO)
            multiply(C, A, W, b, last - first, m, n_in)
        is_square = plan[layer, CODE] == SOFTMAX and row == side
        if is_square:
            softmax_in_squares(Zs, As, at + first * row, last - first, m, row, largest[first:], logs[first:])
        for piece in range(first, last, PIECE):
            end = min(piece + PIECE, last)
            Z, A = Zs[at + piece * row : at + end * row], As[at + piece * row : at + end * row]
            if plan[layer, CODE] != SOFTMAX:
                activate(plan[layer, CODE], params[layer], Z, A)
            elif not is_square:
                softmax(Z, A, end - piece, m, row, largest[piece:end], logs[piece:end])
            if plan[layer, SLOPE_AT] >= 0:
                F = As[plan[layer, F_AT] + piece * row : plan[layer, F_AT] + end * row]
                apply_slope(theta, plan[layer, SLOPE_AT], Z, A, F, end - piece, m, row)
            if rate > 0:
                drop(A, seed, step, layer, rate, piece, end, m, row)
        if plan[layer, STRIPS_AT] >= 0:
            pack((As, at, row), m, first, last, n, strips, plan[layer, STRIPS_AT])


@kernel
def lay_out(plan, theta, room, block):
    """Copy the weights of a block of units into the panels that the products read."""
    panels, back = room[3], room[4]
    layer, first, last = block[LAYER], block[FIRST], block[LAST]
    if layer == 0:
        return
    n_in, m = plan[layer - 1, SIZE], plan[layer, SIZE]
    pack_transposed(theta, plan[layer, W_AT], n_in, first, last, panels, plan[layer, PANELS_AT])
    if plan[layer, BACK_AT] >= 0:
        pack((theta, plan[layer, W_AT], n_in), n_in, first, last, m, back, plan[layer, BACK_AT])


@entry
def lay_out_all(net, theta, room, blocks):
    """Copy all weights into panels."""
    for b in range(blocks.shape[0]):
        lay_out(net[0], theta, room, blocks[b])


@entry
def forward_many(net, theta, room, dropout, X, entries, n_rows, capacity, Z_L, A_L):
    """Fill Z[L] and A[L] (n_rows, n_out) from X (n_rows, n_in), all flat, at most `capacity` rows at a time."""
    plan = net[0]
    As = room[1]
    L = plan.shape[0] - 1
    size, row, at = plan[0, N_INPUTS], plan[0, U_ROW], plan[0, U_AT]
    m, row_out, at_out = plan[L, SIZE], plan[L, ROW], plan[L, ROWS_AT]
    for start in range(0, n_rows, capacity):
        n = min(capacity, n_rows - start)
        for i in range(n):
            copy_row(X, (start + i) * size, As, at + i * row, size)
        forward_rows(net, theta, room, 0, n, (dropout, 1.0), 0, 0, entries, entries[2], n)
        for i in range(n):
            copy_row(room[0], at_out + i * row_out, Z_L, (start + i) * m, m)
            copy_row(As, at_out + i * row_out, A_L, (start + i) * m, m)
