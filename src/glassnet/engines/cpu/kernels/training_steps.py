"""Many steps in one call: gather a minibatch, forward, cost, backward, update; without allocations.

All threads run the same code. Each computes the forward and backward pass of some rows of the minibatch; after a
barrier, it sums the gradient of some units over all rows and updates their weights. No sum is shared between threads,
and rows and units are divided at borders that are independent of the number of threads; so are the results.
"""

import math

import numpy as np

from glassnet.engines.cpu.compiling.decorators import entry, inlined, kernel
from glassnet.engines.cpu.kernels.backward_pass import backward_rows, compare_with_targets, sum_up
from glassnet.engines.cpu.kernels.buffers import (
    ACCUMULATE,
    APPLY,
    DECAY,
    DECAY_FACTOR,
    DROPOUT_FACTOR,
    ETA,
    HAS_OWN,
    ITEM_BLOCKS_AT,
    ITEM_BLOCKS_END,
    ITEM_OWNER,
    ITEM_PARTS_AT,
    ITEM_PARTS_END,
    N_INPUTS,
    OWNER,
    PART_AT,
    PART_END,
    PART_GRAD,
    PARTS_AT,
    PARTS_END,
    PIECE,
    RATE,
    ROW,
    SIZE,
    U_AT,
    U_ROW,
    WHOLE,
    ZERO,
    Data,
    Dropout,
    Entries,
    Flat,
    Minibatch,
    Net,
    Objective,
    Schedule,
    Steps,
    Workspace,
)
from glassnet.engines.cpu.kernels.costs import NO_METRIC
from glassnet.engines.cpu.kernels.forward_pass import forward_rows, inputs_of, lay_out
from glassnet.engines.cpu.kernels.optimizers import factors_of, update
from glassnet.engines.cpu.kernels.simd.math_functions import is_finite
from glassnet.engines.cpu.kernels.simd.matmul import copy_row
from glassnet.engines.cpu.kernels.simd.vectors import lanes_of, move_vector
from glassnet.engines.cpu.threads.barrier import barrier_wait

ABANDONED = -1  # returned by a thread if another one has failed or was interrupted

# Rows of the sums of each epoch.
COST, METRIC, NORM, PENALTY, STEPS = range(5)


@inlined
def rows_of_thread(thread, n_threads, n):
    """Return the range of rows of a thread in a minibatch of n: whole pieces."""
    n_pieces = -(-n // PIECE)
    return n_pieces * thread // n_threads * PIECE, min(n, n_pieces * (thread + 1) // n_threads * PIECE)


@inlined
def gather_inputs(plan, workspace, data, rows, first, last, n):
    """Copy the inputs of the rows `first` to `last` of the minibatch into the workspace, unless they are sparse.

    A thread with its own copy of the inputs copies all n rows, which it needs for the gradient.
    """
    size, row, at = plan[0, N_INPUTS], plan[0, U_ROW], plan[0, U_AT]
    has_own = plan[0, HAS_OWN] >= 0
    if data.X.shape[0] > 0:
        for i in range(0 if has_own else first, n if has_own else last):
            copy_row(data.X, rows[i] * size, workspace.A, at + i * row, size)


@inlined
def gather_targets(plan, data, batch, rows, first, last):
    """Copy the targets and weights of the rows `first` to `last` of the minibatch."""
    L, side = plan.shape[0] - 1, lanes_of(batch.Y)
    m, row_out = plan[L, SIZE], plan[L, ROW]
    for i in range(first, last):
        here = rows[i]
        if row_out == side:  # the rest of a short row is ignored
            move_vector(data.Y, here * m, batch.Y, i * row_out)
        else:
            copy_row(data.Y, here * m, batch.Y, i * row_out, m)
        if data.weights.shape[0] > 0:
            batch.weights[i] = data.weights[here]


@inlined
def finish_gradient(theta, grad, factor, n, l1, l2):  # engines.reference.ReferenceEngine._step
    """Divide by n, add the penalty, zero frozen parameters; return the sum of squares."""
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
    theta, grad = flat.theta, flat.grad
    l1, l2 = penalty
    squares = 0.0
    for p in range(parts.shape[0]):
        begin, end, g_at = parts[p, PART_AT], parts[p, PART_END], parts[p, PART_GRAD]
        factor = theta.dtype.type(1 if rates[p, RATE] > 0 else 0)
        decay, own = rates[p, DECAY], grad[g_at : g_at + end - begin]
        squares += finish_gradient(theta[begin:end], own, factor, n, l1 * decay, l2 * decay)
    return squares


@inlined
def sum_gradients(net, flat, penalty, workspace, schedule, item, n, entries, rows, work):
    """Sum the gradients of the blocks of a work item, unless they are given, and finish them, unless rows are left."""
    for place in range(item[ITEM_BLOCKS_AT], item[ITEM_BLOCKS_END]):
        b = schedule.order[place]
        block = schedule.blocks[b]
        begin, end = block[PARTS_AT], block[PARTS_END]
        parts, rates = schedule.parts[begin:end], schedule.part_rates[begin:end]
        if work != APPLY:
            sum_up(net, flat, workspace, inputs_of(net.plan, workspace), block, parts, n, entries, rows)
        if work != ACCUMULATE:
            schedule.squares[b] = finish_parts(flat, penalty, parts, rates, n)


@inlined
def move(net, flat, solver, workspace, schedule, item, scale, factors, eta, decay_factor):
    """Update the units of a work item and lay out their weights; return the number of non-finite parameters."""
    theta, grad, memory = flat
    parts, rates = schedule.item_parts, schedule.item_rates
    n_bad = np.int32(0)  # as wide as the numbers, or half as wide: wider ones would have to be taken apart
    real = theta.dtype.type
    for p in range(item[ITEM_PARTS_AT], item[ITEM_PARTS_END]):
        begin, end, g_at = parts[p, PART_AT], parts[p, PART_END], parts[p, PART_GRAD]
        g, moved = grad[g_at : g_at + end - begin], theta[begin:end]
        if scale != 1:
            for place in range(g.shape[0]):
                g[place] *= real(scale)
        rate, decay = real(eta * rates[p, RATE]), real(decay_factor * rates[p, DECAY])
        update(solver, moved, g, memory[0][begin:end], memory[1][begin:end], factors, rate, decay)
        for place in range(moved.shape[0]):
            n_bad = np.int32(n_bad + (0 if is_finite(moved[place]) else 1))
    for place in range(item[ITEM_BLOCKS_AT], item[ITEM_BLOCKS_END]):
        lay_out(net.plan, theta, workspace, schedule.blocks[schedule.order[place]])
    return n_bad


@kernel
def penalty_of(theta, penalty, parts, rates):  # core.catalog.penalties.Penalty.value
    total = 0.0
    l1, l2 = penalty
    if l1 == 0 and l2 == 0:
        return total
    for p in range(parts.shape[0]):
        if rates[p, DECAY] > 0:
            absolute = squares = 0.0
            for place in range(parts[p, PART_AT], parts[p, PART_END]):
                absolute += abs(theta[place])
                squares += np.float64(theta[place]) * np.float64(theta[place])
            total += l1 * absolute if l1 > 0 else 0.0
            total += 0.5 * l2 * squares if l2 > 0 else 0.0
    return total


@inlined
def norm_of(squares):
    """Return the root of the sum of squares."""
    total = 0.0
    for b in range(squares.shape[0]):
        total += squares[b]
    return math.sqrt(total)


@entry
def run_steps(
    thread, n_threads, barrier, nets, data, objective, flat, workspace, batch, schedule, order, rates_of_steps, steps,
    sums, part,
):  # fmt: skip
    """Take steps until all are done or one is not finite; return the number taken.

    Equals `engines.reference.ReferenceEngine.run`, or, for one minibatch, its `accumulate` or `apply`: then the
    gradient is in the order of theta, sums are not divided, and the caller checks whether numbers are finite.
    `buffers` describes the arguments; `nets` is a `Net` with the plans of all threads. `part` is None or a `Part`: its
    type decides, so that whole steps are compiled without the other branches, which would slow a small network down.
    """
    if part is None:
        work, position = WHOLE, ZERO
    else:
        work, position = part
    plans, params = nets
    X, Y, sample_weights, entries = data
    net, data = Net(plans[thread], params), Data(X, Y, sample_weights, Entries(*entries))
    objective, flat, workspace, batch = Objective(*objective), Flat(*flat), Workspace(*workspace), Minibatch(*batch)
    schedule, steps = Schedule(*schedule), Steps(*steps)
    blocks, items, clip = schedule.blocks, schedule.items, objective.clip
    n_epochs, n_samples = order.shape
    # A step is not a separate function: even inlined, it would make the smallest network two percent slower.
    per_epoch, n_sweeps = -(-n_samples // steps.batch_size), 2 if clip < np.inf and work != ACCUMULATE else 1
    done = steps.n_before
    for b in range(blocks.shape[0]):
        if blocks[b, OWNER] == thread and not steps.is_laid_out:
            lay_out(net.plan, flat.theta, workspace, blocks[b])
    if not barrier_wait(barrier, n_threads):
        return ABANDONED
    for epoch in range(steps.n_before // per_epoch, n_epochs):
        for start in range((done - epoch * per_epoch) * steps.batch_size, n_samples, steps.batch_size):
            if done == steps.n_steps:
                return done - steps.n_before
            n = min(steps.batch_size, n_samples - start)
            rows = order[epoch, start : start + n]
            t = steps.first + done
            factors = factors_of(objective.solver, t + 1)
            factor = rates_of_steps[DROPOUT_FACTOR, done]
            dropout = Dropout(objective.dropout, factor, objective.seed, t, position)
            eta, decay_factor = rates_of_steps[ETA, done], rates_of_steps[DECAY_FACTOR, done]
            first, last = rows_of_thread(thread, n_threads, n)
            loss = score = 0.0
            if work != APPLY:
                gather_inputs(net.plan, workspace, data, rows, first, last, n)
                gather_targets(net.plan, data, batch, rows, first, last)
                inputs = inputs_of(net.plan, workspace)
                forward_rows(net, flat.theta, workspace, inputs, first, last, dropout, data.entries, rows, n)
                compare_with_targets(net, objective.cost, objective.metric, workspace, batch, first, last)
                backward_rows(net, flat.theta, workspace, first, last, dropout)
                if not barrier_wait(barrier, n_threads):
                    return ABANDONED
                for i in range(n):
                    loss += batch.losses[i]
                if objective.metric != NO_METRIC:
                    for i in range(n):
                        score += batch.scores[i]
            norm, scale = 0.0, 1.0
            for sweep in range(n_sweeps):  # clipping needs the whole gradient before any update
                for k in range(items.shape[0]):
                    item = items[k]
                    if item[ITEM_OWNER] != thread:
                        continue
                    if sweep == 0:
                        sum_gradients(
                            net, flat, objective.penalty, workspace, schedule, item, n, data.entries, rows, work
                        )
                    if sweep == n_sweeps - 1 and work != ACCUMULATE:
                        schedule.n_bad[k] = move(
                            net, flat, objective.solver, workspace, schedule, item, scale, factors, eta, decay_factor
                        )
                if not barrier_wait(barrier, n_threads):
                    return ABANDONED
                if sweep == 0 and work != ACCUMULATE:
                    norm = norm_of(schedule.squares)
                    if work == WHOLE and not is_finite(norm):
                        return done - steps.n_before
                    scale = clip / norm if norm > clip else 1.0
            n_bad = 0
            for k in range(items.shape[0]):
                n_bad += schedule.n_bad[k]
            if work == WHOLE and (not is_finite(loss) or n_bad > 0):
                return done - steps.n_before
            done += 1
            if thread == 0:
                sums[COST, epoch] += loss
                sums[METRIC, epoch] += score
                sums[NORM, epoch] += norm
                sums[STEPS, epoch] += 1
        if thread == 0 and work == WHOLE:
            sums[COST, epoch] /= n_samples
            sums[METRIC, epoch] /= n_samples
            sums[NORM, epoch] /= sums[STEPS, epoch]
            sums[PENALTY, epoch] = penalty_of(flat.theta, objective.penalty, schedule.parts, schedule.part_rates)
    return done - steps.n_before
