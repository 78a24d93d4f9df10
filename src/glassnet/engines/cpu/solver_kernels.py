"""Solvers by code, each one pass over the flat parameters: they equal `core.optimizers`."""

import math

from numba import njit

from glassnet.engines.cpu.flags import OPTIONS

# The order is the code; `memory` has up to two rows, in the order of the state's arrays.
CODES = ("gd", "sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "nadam", "rprop")


@njit(**OPTIONS)
def update(code, theta, grad, memory, t, eta, rates, decays, p):
    """Move theta against the gradient; `t` counts this step from 1, `p` are the solver's parameters in their order."""
    if code <= 1:  # core.optimizers.gd_step
        for k in range(theta.shape[0]):
            theta[k] -= eta * rates[k] * grad[k]
    elif code <= 3:
        roll(theta, grad, memory[0], eta, rates, p[0], code == 3)
    elif code == 4:  # core.optimizers.adagrad_step
        for k in range(theta.shape[0]):
            memory[0, k] += grad[k] * grad[k]
            theta[k] -= eta * rates[k] * grad[k] / (math.sqrt(memory[0, k]) + p[0])
    elif code == 5:  # core.optimizers.rmsprop_step
        for k in range(theta.shape[0]):
            memory[0, k] = p[0] * memory[0, k] + (1 - p[0]) * grad[k] * grad[k]
            theta[k] -= eta * rates[k] * grad[k] / (math.sqrt(memory[0, k]) + p[1])
    elif code <= 8:
        adapt(code, theta, grad, memory, t, eta, rates, decays, p)
    else:
        resilient(theta, grad, memory, rates, p)


@njit(**OPTIONS)
def roll(theta, grad, velocity, eta, rates, mu, looks_ahead):  # core.optimizers.momentum_step, nesterov_step
    for k in range(theta.shape[0]):
        push = eta * rates[k] * grad[k]
        velocity[k] = mu * velocity[k] - push
        theta[k] += mu * velocity[k] - push if looks_ahead else velocity[k]


@njit(**OPTIONS)
def adapt(code, theta, grad, memory, t, eta, rates, decays, p):  # core.optimizers.adam_step, adamw_step, nadam_step
    m, v = memory[0], memory[1]
    real = theta.dtype.type
    beta1, beta2, epsilon = real(p[0]), real(p[1]), real(p[2])
    keep1, keep2 = real(1 - p[0]), real(1 - p[1])
    unbias1, unbias2 = real(1 / (1 - p[0] ** t)), real(1 / (1 - p[1] ** t))
    ahead = real(p[0] / (1 - p[0] ** (t + 1)))
    now = real((1 - p[0]) / (1 - p[0] ** t))
    decay = real(p[3]) if code == 7 else real(0)
    for k in range(theta.shape[0]):
        g = grad[k]
        m[k] = beta1 * m[k] + keep1 * g
        v[k] = beta2 * v[k] + keep2 * g * g
        rate = eta * rates[k]
        m_hat = ahead * m[k] + now * g if code == 8 else m[k] * unbias1
        theta[k] -= rate * decay * decays[k] * theta[k] + rate * m_hat / (math.sqrt(v[k] * unbias2) + epsilon)


@njit(**OPTIONS)
def resilient(theta, grad, memory, rates, p):  # core.optimizers.rprop_step
    sizes, last = memory[0], memory[1]
    for k in range(theta.shape[0]):
        g = grad[k]
        turned = g * last[k]
        if turned > 0:
            sizes[k] *= p[1]
        elif turned < 0:
            sizes[k] *= p[0]
            g = 0
        sizes[k] = min(max(sizes[k], p[2]), p[3])
        if g > 0:
            theta[k] -= sizes[k]
        elif g < 0:
            theta[k] += sizes[k]
        last[k] = g
