"""Many steps in one call: gather a minibatch, forward, cost, backward, update; nothing is allocated on the way."""

import math

import numpy as np
from numba import njit

from glassnet.engines.cpu.activation_kernels import activate, add_bias, pull_back
from glassnet.engines.cpu.cost_kernels import cost_and_blame, score
from glassnet.engines.cpu.dropout_kernels import drop
from glassnet.engines.cpu.flags import OPTIONS
from glassnet.engines.cpu.product_kernels import blame_below, blame_weights, weigh
from glassnet.engines.cpu.solver_kernels import update


@njit(**OPTIONS)
def part(buffer, offset, n, m):
    """Return n rows of m numbers from a flat buffer."""
    return buffer[offset : offset + n * m].reshape(n, m)


@njit(**OPTIONS)
def forward_rows(net, theta, room, n, dropout, seed, step):  # core.forward.forward
    sizes, W_at, b_at, codes, params, row_at = net
    Zs, As, _, biases = room
    for layer in range(1, sizes.shape[0]):
        n_in, n_out = sizes[layer - 1], sizes[layer]
        A_below = part(As, row_at[layer - 1], n, n_in)
        Z, A = part(Zs, row_at[layer], n, n_out), part(As, row_at[layer], n, n_out)
        W = theta[W_at[layer] : W_at[layer] + n_out * n_in].reshape(n_out, n_in)
        b = theta[b_at[layer] : b_at[layer] + n_out] if b_at[layer] >= 0 else biases[:n_out]
        weigh(A_below, W, Z)
        add_bias(Z, b)
        activate(codes[layer], params[layer], Z, A)
        if dropout[layer] > 0:
            drop(A, seed, step, layer, dropout[layer])


@njit(**OPTIONS)
def backward_rows(net, theta, grad, room, n, dropout, seed, step):  # core.backward.backward
    sizes, W_at, b_at, codes, params, row_at = net
    Zs, As, deltas, _ = room
    L = sizes.shape[0] - 1
    for layer in range(L, 0, -1):
        n_in, n_out = sizes[layer - 1], sizes[layer]
        delta = part(deltas, row_at[layer], n, n_out)
        A_below = part(As, row_at[layer - 1], n, n_in)
        dW = grad[W_at[layer] : W_at[layer] + n_out * n_in].reshape(n_out, n_in)
        blame_weights(delta, A_below, dW)
        if b_at[layer] >= 0:
            db = grad[b_at[layer] : b_at[layer] + n_out]
            db[:] = 0
            for i in range(n):
                for j in range(n_out):
                    db[j] += delta[i, j]
        if layer > 1:
            W = theta[W_at[layer] : W_at[layer] + n_out * n_in].reshape(n_out, n_in)
            dA = part(deltas, row_at[layer - 1], n, n_in)
            blame_below(delta, W, dA)
            Z = part(Zs, row_at[layer - 1], n, n_in)
            if dropout[layer - 1] > 0:  # the derivative is taken at the activation before dropout scaled it
                drop(dA, seed, step, layer - 1, dropout[layer - 1])
                activate(codes[layer - 1], params[layer - 1], Z, A_below)
            pull_back(codes[layer - 1], params[layer - 1], Z, A_below, dA)


@njit(**OPTIONS)
def finish_gradient(theta, grad, rates, decays, n, l1, l2, clip):
    """Divide by n, add the penalty, leave frozen parameters out, clip; return the norm before clipping."""
    squares = 0.0
    for k in range(grad.shape[0]):
        g = grad[k] / n
        if decays[k] > 0:
            sign = (theta[k] > 0) - (theta[k] < 0)
            g += l1 * sign + l2 * theta[k]
        if rates[k] == 0:
            g *= 0
        grad[k] = g
        squares += g * g
    norm = math.sqrt(squares)
    if norm > clip:
        scale = clip / norm
        for k in range(grad.shape[0]):
            grad[k] *= scale
    return norm


@njit(**OPTIONS)
def run_steps(net, data, problem, flat, room, order, eta, batch_size, first_step):
    """Take all steps of `order`; return per-epoch sums and the number of steps done, fewer if one was not finite.

    Equals `engines.reference.ReferenceEngine.run`.
    """
    sizes, _, _, codes, params, row_at = net
    X, Y, weights = data
    cost_code, cost_p, solver_code, solver_p, l1, l2, clip, seed, dropout, metric = problem
    theta, grad, memory, rates, decays, before = flat
    Zs, As, deltas, _ = room
    L = sizes.shape[0] - 1
    n_epochs, n_samples = order.shape
    sums = np.zeros((3, n_epochs))
    Y_batch, w_batch = np.empty((batch_size, sizes[L]), theta.dtype), np.empty(batch_size, theta.dtype)
    step = 0
    for epoch in range(n_epochs):
        n_steps = 0
        for start in range(0, n_samples, batch_size):
            n = min(batch_size, n_samples - start)
            A0 = part(As, row_at[0], n, sizes[0])
            for i in range(n):
                row = order[epoch, start + i]
                A0[i] = X[row]
                Y_batch[i] = Y[row]
                w_batch[i] = weights[row]
            t = first_step + step
            forward_rows(net, theta, room, n, dropout, seed, t)
            Z, A = part(Zs, row_at[L], n, sizes[L]), part(As, row_at[L], n, sizes[L])
            delta = part(deltas, row_at[L], n, sizes[L])
            losses = cost_and_blame(cost_code, cost_p, Z, A, Y_batch, w_batch, delta)
            sums[1, epoch] += score(metric, A, Y_batch[:n])
            if cost_code < 9:
                pull_back(codes[L], params[L], Z, A, delta)
            backward_rows(net, theta, grad, room, n, dropout, seed, t)
            norm = finish_gradient(theta, grad, rates, decays, n, l1, l2, clip)
            before[:] = theta
            update(solver_code, theta, grad, memory, t + 1, eta[step], rates, decays, solver_p)
            if not (math.isfinite(losses) and math.isfinite(norm) and math.isfinite(theta.sum())):
                theta[:] = before
                return sums, step
            sums[0, epoch] += losses
            sums[2, epoch] += norm
            n_steps += 1
            step += 1
        sums[0, epoch] /= n_samples
        sums[1, epoch] /= n_samples
        sums[2, epoch] /= n_steps
    return sums, step
