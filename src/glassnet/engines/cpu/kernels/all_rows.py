"""Machine code of the gradient of all training rows.

A step of a minibatch divides its rows between the threads, and then its weights, with a barrier between. Here each
thread takes groups of rows as it becomes free, and computes their gradient alone, some rows at a time, so that all
intermediate numbers stay in its core's cache. The groups and the order in which they are added do not depend on the
threads; so neither does the result.
"""

import numpy as np

from glassnet.engines.cpu.compiling.decorators import entry
from glassnet.engines.cpu.kernels.backward_pass import backward_rows, compare_with_targets, sum_up
from glassnet.engines.cpu.kernels.buffers import (
    PARTS_AT,
    PARTS_END,
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
from glassnet.engines.cpu.kernels.forward_pass import forward_rows, lay_out
from glassnet.engines.cpu.kernels.training_steps import COST, METRIC, gather
from glassnet.engines.cpu.threads.barrier import TAKEN, add_atomic, barrier_wait


@entry
def sum_all_rows(
    thread, n_threads, barrier, net, data, objective, theta, grads, workspaces, batches, schedule, order, groups
):  # fmt: skip
    """Fill the sums of each group, and the total of their gradients; `engines.base.Engine.total`.

    Each thread has a row of `grads`, `workspaces` and `batches`. All threads end together.
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
    grad = grads[thread]
    flat = Flat(theta, grad, (grad, grad))
    dropout = Dropout(objective.dropout, 0.0, objective.seed, ZERO, ZERO)
    blocks, n_params, n_groups = schedule.blocks, groups.total.shape[0], groups.starts.shape[0] - 1
    for b in range(blocks.shape[0]):
        lay_out(net.plan, theta, workspace, blocks[b])
    while True:
        g = add_atomic(barrier, TAKEN, 1)
        if g >= n_groups:
            break
        summed = groups.gradients[g]
        for k in range(n_params):
            summed[k] = 0.0
        loss = score = 0.0
        for begin in range(groups.starts[g], groups.starts[g + 1], groups.n_together):
            end = min(begin + groups.n_together, groups.starts[g + 1])
            rows, n = order[begin:end], end - begin
            gather(net, workspace, data, batch, rows, ZERO, n, n)
            forward_rows(net, theta, workspace, ZERO, n, dropout, data.entries, rows, n)
            compare_with_targets(net, objective.cost, objective.metric, workspace, batch, ZERO, n)
            backward_rows(net, theta, workspace, ZERO, n, dropout)
            for b in range(blocks.shape[0]):
                parts = schedule.parts[blocks[b, PARTS_AT] : blocks[b, PARTS_END]]
                sum_up(net, flat, workspace, blocks[b], parts, n, data.entries, rows)
            for k in range(n_params):
                summed[k] += np.float64(grad[k])
            for i in range(n):
                loss += batch.losses[i]
            if objective.metric != NO_METRIC:
                for i in range(n):
                    score += batch.scores[i]
        groups.sums[COST, g], groups.sums[METRIC, g] = loss, score
    if not barrier_wait(barrier, n_threads):
        return
    for k in range(n_params * thread // n_threads, n_params * (thread + 1) // n_threads):
        groups.total[k] = 0.0
    for g in range(n_groups):
        for k in range(n_params * thread // n_threads, n_params * (thread + 1) // n_threads):
            groups.total[k] += groups.gradients[g, k]
    barrier_wait(barrier, n_threads)  # nobody reads or writes after this
