"""The front of a network: from the numbers that come in to A[0], and back to its own parameters.

Each row has a place behind those of all layers, ``[u | waves]``: X and the embedding side by side, and the cosines that
this one is mixed of. Without scaling u is A[0] itself. The error signal of u is in the same place of the deltas.

A unit of the front is one scale, or all the parameters of one embedded column; the scales come first. Sums are taken
as they are written: a row has the same bits in every compiled function that it comes by.
"""

import math

from glassnet.core.front import N_FREQUENCIES, N_WAVES
from glassnet.engines.cpu.compiling.decorators import inlined, strict
from glassnet.engines.cpu.kernels.buffers import (
    EMBEDDED,
    FREQUENCY_AT,
    MIX_AT,
    N_INPUTS,
    PART_GRAD,
    PHASE_AT,
    ROW,
    ROWS_AT,
    SCALE_AT,
    SHIFT_AT,
    SIZE,
    U_AT,
    U_ROW,
)
from glassnet.engines.cpu.kernels.simd.math_functions import cosine_of_turns, fused, sine_of_turns

N_MIX = N_WAVES * N_FREQUENCIES
TURN = 2 * math.pi


@inlined
def has_front(plan):
    return plan[0, SCALE_AT] >= 0 or plan[0, N_INPUTS] < plan[0, SIZE]


@strict
def turns_of(theta, plan, e, x, turns):
    """Fill `turns` with how often each wave of an embedded number has gone round: its angle divided by 2 pi."""
    real = theta.dtype.type
    per_turn = real(1 / TURN)
    frequency, phase = plan[0, FREQUENCY_AT] + e * N_FREQUENCIES, plan[0, PHASE_AT] + e * N_FREQUENCIES
    for h in range(N_FREQUENCIES):
        turns[h] = fused(theta[frequency + h], x, theta[phase + h] * per_turn)


@strict
def front_forward(plan, theta, A, first, last):  # core.front.front_forward
    """Fill the rows `first` to `last` of A[0] from X, which has been laid down at the front's own place."""
    size, row, at = plan[0, SIZE], plan[0, ROW], plan[0, ROWS_AT]
    n_inputs, scale = plan[0, N_INPUTS], plan[0, SCALE_AT]
    n_embedded = (size - n_inputs) // N_WAVES
    for i in range(first, last):
        begin = plan[0, U_AT] + i * plan[0, U_ROW]
        u = A[begin : begin + size]
        waves = A[begin + size : begin + size + n_embedded * N_FREQUENCIES]
        for e in range(n_embedded):
            turns_of(theta, plan, e, u[plan[0, EMBEDDED + e]], waves[e * N_FREQUENCIES : (e + 1) * N_FREQUENCIES])
        for h in range(n_embedded * N_FREQUENCIES):  # all in one loop, which vectorizes; so few at a time do not
            waves[h] = cosine_of_turns(waves[h])
        for e in range(n_embedded):
            first_wave = e * N_FREQUENCIES
            mix, shift = plan[0, MIX_AT] + e * N_MIX, plan[0, SHIFT_AT] + e * N_WAVES
            e0, e1, e2 = theta[shift], theta[shift + 1], theta[shift + 2]
            for h in range(N_FREQUENCIES):  # three sums at a time: each has to wait for itself
                wave = waves[first_wave + h]
                e0 = fused(theta[mix + h], wave, e0)
                e1 = fused(theta[mix + N_FREQUENCIES + h], wave, e1)
                e2 = fused(theta[mix + 2 * N_FREQUENCIES + h], wave, e2)
            own = n_inputs + e * N_WAVES
            u[own], u[own + 1], u[own + 2] = e0, e1, e2
        if scale >= 0:
            a, s = A[at + i * row : at + i * row + size], theta[scale : scale + size]
            for j in range(size):
                a[j] = u[j] * s[j]


@strict
def front_backward(plan, theta, deltas, first, last):  # core.front.front_backward: the error signal of u
    """Pass the error signal of the rows `first` to `last` of A[0] back through the scales, where there are any."""
    size, row, at, scale = plan[0, SIZE], plan[0, ROW], plan[0, ROWS_AT], plan[0, SCALE_AT]
    if scale < 0:
        return
    s = theta[scale : scale + size]
    for i in range(first, last):
        begin = plan[0, U_AT] + i * plan[0, U_ROW]
        delta, delta_u = deltas[at + i * row : at + i * row + size], deltas[begin : begin + size]
        for j in range(size):
            delta_u[j] = delta[j] * s[j]


@strict
def front_gradients(plan, theta, workspace, first, last, n, grad, parts):  # core.front.front_backward
    """Sum the gradient of some units of the front over all rows, not yet divided by n."""
    A, deltas = workspace.A, workspace.deltas
    size, row, at, u_row = plan[0, SIZE], plan[0, ROW], plan[0, ROWS_AT], plan[0, U_ROW]
    e, g_at = first - size, parts[0, PART_GRAD]
    if e < 0:
        ds = grad[g_at : g_at + last - first]
        ds[:] = 0
        for i in range(n):
            begin = plan[0, U_AT] + i * u_row + first
            delta, u = deltas[at + i * row + first : at + i * row + last], A[begin : begin + last - first]
            for j in range(last - first):
                ds[j] += delta[j] * u[j]
        return
    turn = theta.dtype.type(TURN)
    column, own = plan[0, EMBEDDED + e], plan[0, N_INPUTS] + e * N_WAVES
    mix = plan[0, MIX_AT] + e * N_MIX
    dbeta_at, dV_at, dc = parts[1, PART_GRAD], parts[2, PART_GRAD], parts[3, PART_GRAD]
    dw, dbeta = grad[g_at : g_at + N_FREQUENCIES], grad[dbeta_at : dbeta_at + N_FREQUENCIES]
    V, dV = theta[mix : mix + N_MIX], grad[dV_at : dV_at + N_MIX]
    dw[:] = 0
    dbeta[:] = 0
    dV[:] = 0
    grad[dc : dc + N_WAVES] = 0
    for i in range(n):
        begin = plan[0, U_AT] + i * u_row
        x = A[begin + column]
        turns = deltas[begin + size + e * N_FREQUENCIES : begin + size + (e + 1) * N_FREQUENCIES]
        waves = A[begin + size + e * N_FREQUENCIES : begin + size + (e + 1) * N_FREQUENCIES]
        turns_of(theta, plan, e, x, turns)
        delta0, delta1, delta2 = deltas[begin + own], deltas[begin + own + 1], deltas[begin + own + 2]
        grad[dc] += delta0
        grad[dc + 1] += delta1
        grad[dc + 2] += delta2
        # loops of few arrays each, which vectorize
        for h in range(N_FREQUENCIES):
            arrived = delta0 * V[h] + delta1 * V[N_FREQUENCIES + h] + delta2 * V[2 * N_FREQUENCIES + h]
            turns[h] = -sine_of_turns(turns[h]) * arrived
        for h in range(N_FREQUENCIES):
            dV[h] += delta0 * waves[h]
            dV[N_FREQUENCIES + h] += delta1 * waves[h]
            dV[2 * N_FREQUENCIES + h] += delta2 * waves[h]
        for h in range(N_FREQUENCIES):
            dbeta[h] += turns[h]
            dw[h] += turn * x * turns[h]
