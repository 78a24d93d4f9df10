"""Machine code of the backward pass and the gradient sums."""

from glassnet.engines.cpu.compiling.decorators import inlined, kernel
from glassnet.engines.cpu.kernels.activations import SOFTMAX, pull_back, pull_back_softmax
from glassnet.engines.cpu.kernels.buffers import (
    B_AT,
    BACK_AT,
    CODE,
    F_AT,
    FIRST,
    LAST,
    LAYER,
    ONE,
    PART_GRAD,
    ROW,
    ROWS_AT,
    SIZE,
    SLOPE_AT,
    STRIPS_AT,
    W_AT,
    ZERO,
    rows_together,
)
from glassnet.engines.cpu.kernels.costs import NO_METRIC, SIGMOID_COMBINED, losses_of, output_deltas, score, weigh_rows
from glassnet.engines.cpu.kernels.dropout import drop
from glassnet.engines.cpu.kernels.front import front_backward, front_gradients, has_front
from glassnet.engines.cpu.kernels.simd.matmul import multiply, sum_columns
from glassnet.engines.cpu.kernels.simd.vectors import lanes_of, place_of
from glassnet.engines.cpu.kernels.slopes import join_slope_gradients, slope_gradient_part
from glassnet.engines.cpu.kernels.sparse import sparse_gradient


@kernel
def backward_rows(net, theta, workspace, first, last, dropout):  # core.backward: delta[l-1] from delta[l]
    """Compute the error signals of the rows `first` to `last` from the outputs to the first layer."""
    plan, params = net
    Zs, As, deltas, back = workspace.Z, workspace.A, workspace.deltas, workspace.back
    panel = 2 * lanes_of(theta)
    lowest = 0 if has_front(plan) else 1
    for layer in range(plan.shape[0] - 1, lowest, -1):
        m, row, row_below = plan[layer, SIZE], plan[layer, ROW], plan[layer - 1, ROW]
        at, below, n_in = plan[layer, ROWS_AT], plan[layer - 1, ROWS_AT], plan[layer - 1, SIZE]
        C = place_of(deltas, below + first * row_below), row_below
        D = place_of(deltas, at + first * row), row, ONE
        if plan[layer, BACK_AT] >= 0:
            W = (place_of(back, plan[layer, BACK_AT]), m * panel, panel)
        else:
            W = (place_of(theta, plan[layer, W_AT]), panel, n_in)
        multiply(C, D, W, (place_of(workspace.zeros, ZERO), ZERO), last - first, n_in, m)
        rate, code = dropout.rates[layer - 1] * dropout.factor, plan[layer - 1, CODE]
        slope = plan[layer - 1, SLOPE_AT]
        f_at = plan[layer - 1, F_AT] if slope >= 0 else below
        grown = theta.dtype.type(1.0 if slope >= 0 else 1.0 / (1.0 - rate))
        together = rows_together(row_below)
        for piece in range(first, last, together):
            end = min(piece + together, last)
            begin, stop = below + piece * row_below, below + end * row_below
            Z, F, D = Zs[begin:stop], As[f_at + piece * row_below : f_at + end * row_below], deltas[begin:stop]
            E = deltas[f_at + piece * row_below : f_at + end * row_below]
            if rate > 0:
                drop(D, dropout, layer - 1, rate, piece, end, n_in, row_below)
            if slope >= 0:
                slope_gradient_part(theta, slope, D, E, end - piece, n_in, row_below)
            if code == SOFTMAX:
                pull_back_softmax(Z, D, end - piece, n_in, row_below)
            else:
                pull_back(code, params[layer - 1], Z, F, grown, D)
            if slope >= 0:
                join_slope_gradients(theta, slope, Z, F, D, E, end - piece, n_in, row_below)
    if has_front(plan):
        front_backward(plan, theta, deltas, first, last)


@kernel
def compare_with_targets(net, cost, metric, workspace, batch, first, last):  # core.catalog.costs.output_delta
    """Fill the losses, the scores and delta[L] of the rows `first` to `last` of the minibatch."""
    plan, params = net
    Zs, As, deltas, largest, logs = workspace.Z, workspace.A, workspace.deltas, workspace.largest, workspace.logs
    Y, weights, losses, scores = batch
    code, _ = cost
    L = plan.shape[0] - 1
    m, row, at = plan[L, SIZE], plan[L, ROW], plan[L, ROWS_AT]
    together = rows_together(row)
    for piece in range(first, last, together):
        end = min(piece + together, last)
        begin, stop = at + piece * row, at + end * row
        Z, A, D = Zs[begin:stop], As[begin:stop], deltas[begin:stop]
        targets = Y[piece * row : end * row]
        losses_of(cost, Z, A, targets, largest[piece:end], logs[piece:end], losses[piece:end], m, row)
        output_deltas(cost, A, targets, D)
        if weights.shape[0] > 0:
            weigh_rows(weights[piece:end], losses[piece:end], D, row)
        if code < SIGMOID_COMBINED:
            if plan[L, CODE] == SOFTMAX:
                pull_back_softmax(Z, D, end - piece, m, row)
            else:
                pull_back(plan[L, CODE], params[L], Z, A, A.dtype.type(1), D)
        if metric != NO_METRIC:
            score(metric, A, targets, scores[piece:end], m, row)


@inlined
def sum_up(net, flat, workspace, inputs, block, parts, n, entries, rows):  # core.backward: dW = delta.T @ A, ...
    """Sum the gradient of a block over all rows, without dividing by n; `inputs` as for `forward_rows`."""
    plan, grad = net.plan, flat.grad
    As, deltas, strips = workspace.A, workspace.deltas, workspace.strips
    panel = 2 * lanes_of(grad)
    layer, first, last = block[LAYER], block[FIRST], block[LAST]
    if layer == 0:
        front_gradients(plan, flat.theta, workspace, first, last, n, grad, parts)
        return
    row, n_in = plan[layer, ROW], plan[layer - 1, SIZE]
    at, g_at = plan[layer, ROWS_AT] + first, parts[0, PART_GRAD]
    if layer == 1 and entries.starts.shape[0] > 1:
        sparse_gradient(entries, rows, n, deltas, at, row, last - first, grad, g_at, n_in)
    else:
        if plan[layer - 1, STRIPS_AT] >= 0:
            A = (place_of(strips, plan[layer - 1, STRIPS_AT]), n * panel, panel)
        else:
            A, row_below = (place_of(As, plan[layer - 1, ROWS_AT]), plan[layer - 1, ROW]) if layer > 1 else inputs
            A = (A, panel, row_below)
        C, D = (place_of(grad, g_at), n_in), (place_of(deltas, at), ONE, row)
        multiply(C, D, A, (place_of(workspace.zeros, ZERO), ZERO), last - first, n_in, n)
    if plan[layer, B_AT] >= 0:
        sum_columns(deltas, at, row, n, grad, parts[1, PART_GRAD], last - first)
    if plan[layer, SLOPE_AT] >= 0:
        own = parts[parts.shape[0] - 1, PART_GRAD]
        sum_columns(deltas, plan[layer, F_AT] + first, row, n, grad, own, last - first)
