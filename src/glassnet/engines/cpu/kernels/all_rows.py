"""Machine code of the gradient of all training rows.

A step of a minibatch divides its rows between the threads, and then its weights, with a barrier between. Here each
thread takes groups of rows as it becomes free, and computes their gradient alone, some rows at a time, so that all
intermediate numbers stay in its core's cache. The groups and the order in which they are added do not depend on the
threads; so neither does the result.
"""

import numpy as np

from glassnet.engines.cpu.compiling.decorators import entry, inlined
from glassnet.engines.cpu.kernels.backward_pass import backward_rows, compare_with_targets, sum_up
from glassnet.engines.cpu.kernels.buffers import (
    N_INPUTS,
    PARTS_AT,
    PARTS_END,
    STRIPS_AT,
    ZERO,
    Data,
    Dropout,
    Entries,
    Flat,
    Groups,
    Minibatch,
    Net,
    Objective,
    Schedule,
    Workspace,
)
from glassnet.engines.cpu.kernels.costs import NO_METRIC
from glassnet.engines.cpu.kernels.forward_pass import forward_rows, inputs_of, lay_out
from glassnet.engines.cpu.kernels.front import has_front
from glassnet.engines.cpu.kernels.simd.vectors import lanes_of, place_of
from glassnet.engines.cpu.kernels.training_steps import COST, METRIC, gather_inputs, gather_targets
from glassnet.engines.cpu.threads.barrier import (
    TAKEN,
    add_atomic,
    barrier_wait,
    is_called_again,
    load_atomic,
    take_post,
)


@inlined
def n_read(n_rows, row, panel):
    """Return how many numbers products read of rows without gaps: the last panel goes beyond the end."""
    return (n_rows - 1) * row + (row + panel - 1) // panel * panel


@inlined
def fill_groups(barrier, net, data, objective, theta, workspace, batch, schedule, order, groups, grad):
    """Take one group after the other, and fill its sums."""
    plan, blocks, n_params, n_groups = net.plan, schedule.blocks, groups.gradients.shape[1], groups.starts.shape[0] - 1
    size, panel = plan[0, N_INPUTS], 2 * lanes_of(theta)
    may_stay = not has_front(plan) and plan[0, STRIPS_AT] < 0  # whether X, whose rows are in order, may serve as A[0]
    flat = Flat(theta, grad, (grad, grad))
    dropout = Dropout(objective.dropout, 0.0, objective.seed, ZERO, ZERO)
    while True:
        g = add_atomic(barrier, TAKEN, 1)
        if g >= n_groups:
            return
        summed = groups.gradients[g]
        for k in range(n_params):
            summed[k] = 0.0
        loss = score = 0.0
        for begin in range(groups.starts[g], groups.starts[g + 1], groups.n_together):
            end = min(begin + groups.n_together, groups.starts[g + 1])
            rows, n = order[begin:end], end - begin
            if may_stay and begin * size + n_read(n, size, panel) <= data.X.shape[0]:
                inputs = place_of(data.X, begin * size), size
            else:
                gather_inputs(plan, workspace, data, rows, ZERO, n, n)
                inputs = inputs_of(plan, workspace)
            gather_targets(plan, data, batch, rows, ZERO, n)
            forward_rows(net, theta, workspace, inputs, ZERO, n, dropout, data.entries, rows, n)
            compare_with_targets(net, objective.cost, objective.metric, workspace, batch, ZERO, n)
            backward_rows(net, theta, workspace, ZERO, n, dropout)
            for b in range(blocks.shape[0]):
                parts = schedule.parts[blocks[b, PARTS_AT] : blocks[b, PARTS_END]]
                sum_up(net, flat, workspace, inputs, blocks[b], parts, n, data.entries, rows)
            for k in range(n_params):
                summed[k] += np.float64(grad[k])
            for i in range(n):
                loss += batch.losses[i]
            if objective.metric != NO_METRIC:
                for i in range(n):
                    score += batch.scores[i]
        groups.sums[COST, g], groups.sums[METRIC, g] = loss, score


@inlined
def fill_total(thread, n_threads, groups):
    """Sum a thread's share of the parameters over the groups; the first one also sums losses and scores."""
    n_params, n_groups = groups.gradients.shape[1], groups.starts.shape[0] - 1
    first, last = n_params * thread // n_threads, n_params * (thread + 1) // n_threads
    for k in range(first, last):
        groups.total[k] = 0.0
    for g in range(n_groups):
        for k in range(first, last):
            groups.total[k] += groups.gradients[g, k]
    if thread == 0:
        for kind in (COST, METRIC):
            total = 0.0
            for g in range(n_groups):
                total += groups.sums[kind, g]
            groups.total[n_params + kind] = total


@entry
def sum_all_rows(
    thread, n_threads, barrier, post, net, data, objective, theta, grads, workspaces, batches, schedule, order, groups
):  # fmt: skip
    """Fill the sums of each group, and their total; `engines.base.Engine.total`.

    Each thread has a row of `grads`, `workspaces` and `batches`. All threads end together; helpers stay for the next
    call, for which nothing but the contents of theta may change.
    """
    X, Y, sample_weights, entries = data
    net, data = Net(*net), Data(X, Y, sample_weights, Entries(*entries))
    objective, schedule, groups = Objective(*objective), Schedule(*schedule), Groups(*groups)
    Zs, As, deltas, panels, back, strips, zeros, largest, logs = workspaces
    workspace = Workspace(
        Zs[thread], As[thread], deltas[thread], panels[thread], back[thread], strips[thread], zeros[thread],
        largest[thread], logs[thread],
    )  # fmt: skip
    batch_Y, batch_weights, losses, scores = batches
    batch = Minibatch(batch_Y[thread], batch_weights[thread], losses[thread], scores[thread])
    if thread > 0:
        take_post(post)
    while True:
        for b in range(schedule.blocks.shape[0]):
            lay_out(net.plan, theta, workspace, schedule.blocks[b])
        fill_groups(barrier, net, data, objective, theta, workspace, batch, schedule, order, groups, grads[thread])
        if not barrier_wait(barrier, n_threads):
            return
        if thread == 0:
            add_atomic(barrier, TAKEN, -load_atomic(barrier, TAKEN))
        fill_total(thread, n_threads, groups)
        # nobody reads or writes after this
        if not barrier_wait(barrier, n_threads) or thread == 0 or not is_called_again(post):
            return
