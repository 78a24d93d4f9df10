"""Many steps in one call: gather a minibatch, forward, cost, backward, update; nothing is allocated on the way.

All threads run the same code. Each carries some rows of the minibatch forward and back; then, the others having done
so too, it sums up the gradient of some units over all rows and moves their weights. No sum is shared between threads,
and rows and units are dealt out in pieces whose borders do not depend on the number of threads; so no result does.
"""

import math

import numpy as np

from glassnet.engines.cpu.compiling.decorators import entry, inlined, kernel
from glassnet.engines.cpu.kernels.backward_pass import backward_rows, backward_rows_of_layer, sum_up
from glassnet.engines.cpu.kernels.buffers import (
    HAS_OWN,
    N_INPUTS,
    OWNER,
    PART_AT,
    PART_END,
    PART_GRAD,
    PARTS_AT,
    PARTS_END,
    PIECE,
    ROW,
    SIZE,
    TURN_BLOCKS_AT,
    TURN_BLOCKS_END,
    TURN_OWNER,
    TURN_PARTS_AT,
    TURN_PARTS_END,
    U_AT,
    U_ROW,
)
from glassnet.engines.cpu.kernels.costs import (
    NO_METRIC,
)
from glassnet.engines.cpu.kernels.forward_pass import forward_rows, lay_out
from glassnet.engines.cpu.kernels.optimizers import factors_of, update
from glassnet.engines.cpu.kernels.simd.math_functions import is_finite
from glassnet.engines.cpu.kernels.simd.matmul import (
    copy_row,
)
from glassnet.engines.cpu.kernels.simd.vectors import lanes_of, move_vector
from glassnet.engines.cpu.threads.barrier import barrier_wait

ABANDONED = -1  # what a thread returns when another one has failed or was interrupted

# Rows of the sums that a run keeps of each epoch.
COST, METRIC, NORM, PENALTY, STEPS = range(5)


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
    if not barrier_wait(barrier, n_threads):
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
            backward_rows_of_layer(net, cost, metric, room, batch, first, last)
            backward_rows(net, flat[0], room, first, last, dropped, seed, t)
            if not barrier_wait(barrier, n_threads):
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
                if not barrier_wait(barrier, n_threads):
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
