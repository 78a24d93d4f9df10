"""Many steps in one call: gather a minibatch, forward, cost, backward, update; nothing is allocated on the way.

All threads run the same code. Each carries some rows of the minibatch forward and back; then, the others having done
so too, it sums up the gradient of some units over all rows and moves their weights. No sum is shared between threads,
and rows and units are dealt out in pieces whose borders do not depend on the number of threads; so no result does.
"""

import math

import numpy as np

from glassnet.engines.cpu.compiling.decorators import entry, inlined, kernel
from glassnet.engines.cpu.kernels.activations import (
    SOFTMAX,
    activate,
    pull_back,
    pull_back_softmax,
    softmax,
    softmax_in_squares,
)
from glassnet.engines.cpu.kernels.buffers import (
    B_AT,
    BACK_AT,
    CODE,
    F_AT,
    FIRST,
    HAS_OWN,
    LAST,
    LAYER,
    N_INPUTS,
    OWNER,
    PANELS_AT,
    PART_AT,
    PART_END,
    PART_GRAD,
    PARTS_AT,
    PARTS_END,
    ROW,
    ROWS_AT,
    SIZE,
    SLOPE_AT,
    STRIPS_AT,
    TURN_BLOCKS_AT,
    TURN_BLOCKS_END,
    TURN_OWNER,
    TURN_PARTS_AT,
    TURN_PARTS_END,
    U_AT,
    U_ROW,
    W_AT,
)
from glassnet.engines.cpu.kernels.costs import (
    NO_METRIC,
    SIGMOID_COMBINED,
    blame_outputs,
    losses_of,
    score,
    weigh_rows,
)
from glassnet.engines.cpu.kernels.dropout import drop
from glassnet.engines.cpu.kernels.front import blame_front, enter, has_front, leave
from glassnet.engines.cpu.kernels.optimizers import factors_of, update
from glassnet.engines.cpu.kernels.simd.math_functions import is_finite
from glassnet.engines.cpu.kernels.simd.matmul import (
    copy_row,
    multiply,
    pack,
    pack_transposed,
    rows_in_panel,
    sum_columns,
)
from glassnet.engines.cpu.kernels.simd.vectors import lanes_of, move_vector, place_of
from glassnet.engines.cpu.kernels.slopes import join_blame, lean, part_blame
from glassnet.engines.cpu.kernels.sparse import blame_entries, weigh_entries
from glassnet.engines.cpu.threads.barrier import meet

# As integers of one type: a literal is a type of its own to Numba, and everything is compiled again for it.
ZERO, ONE = np.int64(0), np.int64(1)

PIECE = 16  # rows that are activated at a time

ABANDONED = -1  # what a thread returns when another one has failed or was interrupted

# Rows of the sums that a run keeps of each epoch.
COST, METRIC, NORM, PENALTY, STEPS = range(5)


@kernel
def forward_rows(net, theta, room, first, last, dropout, seed, step, X, rows, n):  # core.forward.forward
    """Carry the rows `first` to `last` of the minibatch from the inputs to the outputs."""
    plan, params = net
    Zs, As, _, panels, _, strips, nothing, largest, logs = room
    side = lanes_of(theta)
    panel = 2 * side
    rates, share = dropout
    if has_front(plan):
        enter(plan, theta, As, first, last)
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
                lean(theta, plan[layer, SLOPE_AT], Z, A, F, end - piece, m, row)
            if rate > 0:
                drop(A, seed, step, layer, rate, piece, end, m, row)
        if plan[layer, STRIPS_AT] >= 0:
            pack((As, at, row), m, first, last, n, strips, plan[layer, STRIPS_AT])


@kernel
def backward_rows(net, theta, room, first, last, dropout, seed, step):  # core.backward: delta[l-1] from delta[l]
    """Carry the blame of the rows `first` to `last` from the outputs to the first layer."""
    plan, params = net
    Zs, As, deltas, _, back, _, nothing, _, _ = room
    panel = 2 * lanes_of(theta)
    rates, share = dropout
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
        multiply(C, D, W, (place_of(nothing, ZERO), ZERO), last - first, n_in, m)
        rate, code = rates[layer - 1] * share, plan[layer - 1, CODE]
        slope = plan[layer - 1, SLOPE_AT]
        f_at = plan[layer - 1, F_AT] if slope >= 0 else below
        grown = theta.dtype.type(1.0 if slope >= 0 else 1.0 / (1.0 - rate))
        for piece in range(first, last, PIECE):
            end = min(piece + PIECE, last)
            begin, stop = below + piece * row_below, below + end * row_below
            Z, F, D = Zs[begin:stop], As[f_at + piece * row_below : f_at + end * row_below], deltas[begin:stop]
            E = deltas[f_at + piece * row_below : f_at + end * row_below]
            if rate > 0:
                drop(D, seed, step, layer - 1, rate, piece, end, n_in, row_below)
            if slope >= 0:
                part_blame(theta, slope, D, E, end - piece, n_in, row_below)
            if code == SOFTMAX:
                pull_back_softmax(Z, D, end - piece, n_in, row_below)
            else:
                pull_back(code, params[layer - 1], Z, F, grown, D)
            if slope >= 0:
                join_blame(theta, slope, Z, F, D, E, end - piece, n_in, row_below)
    if has_front(plan):
        leave(plan, theta, deltas, first, last)


@kernel
def blame_rows(net, cost, metric, room, batch, first, last):  # core.costs.output_delta, cost_of_trace
    """Compare the rows `first` to `last` with their targets: losses, marks, and delta of the output layer."""
    plan, params = net
    Zs, As, deltas, _, _, _, _, largest, logs = room
    Y, weights, losses, marks = batch
    L = plan.shape[0] - 1
    m, row, at = plan[L, SIZE], plan[L, ROW], plan[L, ROWS_AT]
    for piece in range(first, last, PIECE):
        end = min(piece + PIECE, last)
        begin, stop = at + piece * row, at + end * row
        Z, A, D = Zs[begin:stop], As[begin:stop], deltas[begin:stop]
        targets = Y[piece * row : end * row]
        losses_of(cost, Z, A, targets, largest[piece:end], logs[piece:end], losses[piece:end], m, row)
        blame_outputs(cost, A, targets, D)
        if weights.shape[0] > 0:
            weigh_rows(weights[piece:end], losses[piece:end], D, row)
        if cost[0] < SIGMOID_COMBINED:
            if plan[L, CODE] == SOFTMAX:
                pull_back_softmax(Z, D, end - piece, m, row)
            else:
                pull_back(plan[L, CODE], params[L], Z, A, A.dtype.type(1), D)
        if metric != NO_METRIC:
            score(metric, A, targets, marks[piece:end], m, row)


@inlined
def gather(net, room, data, batch, rows, first, last, n):
    """Copy the rows `first` to `last` of the minibatch from the data to where forward_rows wants them.

    A thread that has inputs of its own copies those of all n rows, as it needs them for the gradient.
    """
    plan = net[0]
    X, Y, weights, _ = data
    As, side = room[1], lanes_of(room[1])
    Y_batch, w_batch = batch[0], batch[1]
    L = plan.shape[0] - 1
    size, row, at = plan[0, N_INPUTS], plan[0, U_ROW], plan[0, U_AT]
    m, row_out = plan[L, SIZE], plan[L, ROW]
    has_own = plan[0, HAS_OWN] >= 0
    if X.shape[0] > 0:
        for i in range(0 if has_own else first, n if has_own else last):
            copy_row(X, rows[i] * size, As, at + i * row, size)
    for i in range(first, last):
        here = rows[i]
        if row_out == side:  # what comes after a short row is not looked at
            move_vector(Y, here * m, Y_batch, i * row_out)
        else:
            copy_row(Y, here * m, Y_batch, i * row_out, m)
        if weights.shape[0] > 0:
            w_batch[i] = weights[here]


@inlined
def sum_up(net, theta, room, block, parts, n, grad, X, rows):  # core.backward: dW = delta.T @ A, db, dslope
    """Sum the gradient of a block over all rows, not yet divided by n."""
    plan = net[0]
    _, As, deltas, _, _, strips, nothing, _, _ = room
    panel = 2 * lanes_of(grad)
    layer, first, last = block[LAYER], block[FIRST], block[LAST]
    if layer == 0:
        blame_front(plan, theta, room, first, last, n, grad, parts)
        return
    row, row_below, n_in = plan[layer, ROW], plan[layer - 1, ROW], plan[layer - 1, SIZE]
    at, g_at = plan[layer, ROWS_AT] + first, parts[0, PART_GRAD]
    if layer == 1 and X[2].shape[0] > 1:
        blame_entries(X, rows, n, deltas, at, row, last - first, grad, g_at, n_in)
    else:
        if plan[layer - 1, STRIPS_AT] >= 0:
            A = (place_of(strips, plan[layer - 1, STRIPS_AT]), n * panel, panel)
        else:
            A = (place_of(As, plan[layer - 1, ROWS_AT]), panel, row_below)
        C, D = (place_of(grad, g_at), n_in), (place_of(deltas, at), ONE, row)
        multiply(C, D, A, (place_of(nothing, ZERO), ZERO), last - first, n_in, n)
    if plan[layer, B_AT] >= 0:
        sum_columns(deltas, at, row, n, grad, parts[1, PART_GRAD], last - first)
    if plan[layer, SLOPE_AT] >= 0:
        own = parts[parts.shape[0] - 1, PART_GRAD]
        sum_columns(deltas, plan[layer, F_AT] + first, row, n, grad, own, last - first)


@inlined
def finish_gradient(theta, grad, factor, n, l1, l2):  # engines.reference.ReferenceEngine._step
    """Divide by n, add the penalty, leave frozen parameters out; return the sum of squares."""
    real = theta.dtype.type
    share, zero, one = real(1.0 / n), real(0), real(1)
    if l1 > 0 or l2 > 0:
        l1, l2 = real(l1), real(l2)
        for k in range(grad.shape[0]):
            sign = one if theta[k] > 0 else (-one if theta[k] < 0 else zero)
            grad[k] = (grad[k] * share + (l1 * sign + l2 * theta[k])) * factor
    else:
        for k in range(grad.shape[0]):
            grad[k] *= share * factor
    squares = 0.0
    for k in range(grad.shape[0]):
        squares += np.float64(grad[k]) * np.float64(grad[k])
    return squares


@inlined
def finish_parts(flat, penalty, parts, rates, n):
    """Finish the gradient of some parts of theta; return the sum of squares."""
    theta, grad, _ = flat
    squares = 0.0
    for p in range(parts.shape[0]):
        begin, end, g_at = parts[p, PART_AT], parts[p, PART_END], parts[p, PART_GRAD]
        factor = theta.dtype.type(1 if rates[p, 0] > 0 else 0)
        l1, l2 = penalty[0] * rates[p, 1], penalty[1] * rates[p, 1]
        squares += finish_gradient(theta[begin:end], grad[g_at : g_at + end - begin], factor, n, l1, l2)
    return squares


@inlined
def move(net, flat, solver, room, work, turn, scale, factors, eta, fade):
    """Let the solver move the units of a turn, and lay their weights out anew; return how many are not finite."""
    theta, grad, memory = flat
    _, _, blocks, _, _, order, _, parts, rates = work
    n_bad = 0
    real = theta.dtype.type
    for p in range(turn[TURN_PARTS_AT], turn[TURN_PARTS_END]):
        begin, end, g_at = parts[p, PART_AT], parts[p, PART_END], parts[p, PART_GRAD]
        g, moved = grad[g_at : g_at + end - begin], theta[begin:end]
        if scale != 1:
            for place in range(g.shape[0]):
                g[place] *= real(scale)
        rate, decay = real(eta * rates[p, 0]), real(fade * rates[p, 1])
        update(solver, moved, g, memory[0][begin:end], memory[1][begin:end], factors, rate, decay)
        for place in range(moved.shape[0]):
            n_bad += 0 if is_finite(moved[place]) else 1
    for k in range(turn[TURN_BLOCKS_AT], turn[TURN_BLOCKS_END]):
        lay_out(net[0], theta, room, blocks[order[k]])
    return n_bad


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


@kernel
def penalty_of(theta, penalty, parts, rates):  # core.penalties.Penalty.value
    total = 0.0
    if penalty[0] == 0 and penalty[1] == 0:
        return total
    for p in range(parts.shape[0]):
        if rates[p, 1] > 0:
            absolute = squares = 0.0
            for place in range(parts[p, PART_AT], parts[p, PART_END]):
                absolute += abs(theta[place])
                squares += np.float64(theta[place]) * np.float64(theta[place])
            total += penalty[0] * absolute if penalty[0] > 0 else 0.0
            total += 0.5 * penalty[1] * squares if penalty[1] > 0 else 0.0
    return total


@inlined
def norm_of(squares):
    """Return the root of the sum."""
    total = 0.0
    for b in range(squares.shape[0]):
        total += squares[b]
    return math.sqrt(total)


@entry
def run_steps(thread, n_threads, barrier, nets, data, problem, flat, room, batch, work, order, pace, steps, sums):
    """Take steps until all are done or one is not finite; return how many were taken.

    `pace` holds the learning rate of each step, then the factors on its dropout and its weight decay.
    `steps` is (rows in a minibatch, steps before the first of `order`, those of `order` taken before, and by the end,
    whether the weights lie in their panels).

    Equals `engines.reference.ReferenceEngine.run`. `nets` and `work` are what `shapes.Shape` returns.
    """
    plan = nets[0][thread]
    net = plan, nets[1]
    cost, solver, penalty, clip, seed, dropout, metric = problem
    batch_size, first_step, n_before, n_steps, is_laid_out = steps
    squares, bad, blocks, parts, rates, block_order, turns, _, _ = work
    entries = data[3]
    losses, marks = batch[2], batch[3]
    n_epochs, n_samples = order.shape
    per_epoch, n_sweeps = -(-n_samples // batch_size), 2 if clip < np.inf else 1
    done = n_before
    for b in range(blocks.shape[0]):
        if blocks[b, OWNER] == thread and not is_laid_out:
            lay_out(plan, flat[0], room, blocks[b])
    if not meet(barrier, n_threads):
        return ABANDONED
    for epoch in range(n_before // per_epoch, n_epochs):
        for start in range((done - epoch * per_epoch) * batch_size, n_samples, batch_size):
            if done == n_steps:
                return done - n_before
            n = min(batch_size, n_samples - start)
            rows = order[epoch, start : start + n]
            t = first_step + done
            factors = factors_of(solver, t + 1)
            dropped = dropout, pace[1, done]
            n_pieces = -(-n // PIECE)
            first, last = n_pieces * thread // n_threads * PIECE, min(n, n_pieces * (thread + 1) // n_threads * PIECE)
            gather(net, room, data, batch, rows, first, last, n)
            forward_rows(net, flat[0], room, first, last, dropped, seed, t, entries, rows, n)
            blame_rows(net, cost, metric, room, batch, first, last)
            backward_rows(net, flat[0], room, first, last, dropped, seed, t)
            if not meet(barrier, n_threads):
                return ABANDONED
            loss = mark = 0.0
            for i in range(n):
                loss += losses[i]
            if metric != NO_METRIC:
                for i in range(n):
                    mark += marks[i]
            norm, scale = 0.0, 1.0
            for sweep in range(n_sweeps):  # to clip, the whole gradient is needed before anything moves
                for k in range(turns.shape[0]):
                    turn = turns[k]
                    if turn[TURN_OWNER] != thread:
                        continue
                    if sweep == 0:
                        for place in range(turn[TURN_BLOCKS_AT], turn[TURN_BLOCKS_END]):
                            b = block_order[place]
                            block = blocks[b]
                            own = parts[block[PARTS_AT] : block[PARTS_END]]
                            sum_up(net, flat[0], room, block, own, n, flat[1], entries, rows)
                            squares[b] = finish_parts(flat, penalty, own, rates[block[PARTS_AT] : block[PARTS_END]], n)
                    if sweep == n_sweeps - 1:
                        bad[k] = move(net, flat, solver, room, work, turn, scale, factors, pace[0, done], pace[2, done])
                if not meet(barrier, n_threads):
                    return ABANDONED
                if sweep == 0:
                    norm = norm_of(squares)
                    if not is_finite(norm):
                        return done - n_before
                    scale = clip / norm if norm > clip else 1.0
            n_bad = 0
            for k in range(turns.shape[0]):
                n_bad += bad[k]
            if not is_finite(loss) or n_bad > 0:
                return done - n_before
            done += 1
            if thread == 0:
                sums[COST, epoch] += loss
                sums[METRIC, epoch] += mark
                sums[NORM, epoch] += norm
                sums[STEPS, epoch] += 1
        if thread == 0:
            sums[COST, epoch] /= n_samples
            sums[METRIC, epoch] /= n_samples
            sums[NORM, epoch] /= sums[STEPS, epoch]
            sums[PENALTY, epoch] = penalty_of(flat[0], penalty, parts, rates)
    return done - n_before


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
