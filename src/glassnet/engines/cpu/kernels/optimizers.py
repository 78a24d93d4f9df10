"""Solvers by code, each one pass over a piece of the flat parameters: they equal `core.catalog.optimizers`."""

import math

import numpy as np

from glassnet.engines.cpu.compiling.decorators import inlined, kernel
from glassnet.engines.cpu.kernels.simd.math_functions import expm1_of

# The order is the code; `m` and `v` are the state's arrays in their order, as far as a solver has them.
CODES = ("gd", "sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "nadam", "rprop")
LOG_BETA1, LOG_BETA2 = 4, 5  # places behind the solver's parameters
GD, SGD, MOMENTUM, NESTEROV, ADAGRAD, RMSPROP, ADAM, ADAMW, NADAM, RPROP = range(len(CODES))


def parameters_of(parameters):
    """Return a solver's parameters in their order, and the logarithms of those that may be powers' bases."""
    p = np.zeros(6)
    p[: len(parameters)] = list(parameters.values())
    with np.errstate(divide="ignore"):
        p[LOG_BETA1], p[LOG_BETA2] = np.log(np.abs(p[:2]))
    return p


@inlined
def factors_of(solver, t):
    """Return what Adam's kind multiplies m, the gradient and v by in step t, which counts from 1; once for all."""
    code, p = solver
    if not ADAM <= code <= NADAM:
        return 1.0, 0.0, 1.0
    of_m, of_v = -1 / expm1_of(t * p[LOG_BETA1]), -1 / expm1_of(t * p[LOG_BETA2])  # 1 / (1 - beta^t)
    if code == NADAM:  # its m_hat looks one step ahead
        return -p[0] / expm1_of((t + 1) * p[LOG_BETA1]), (1 - p[0]) * of_m, of_v
    return of_m, 0.0, of_v


@inlined
def update(solver, theta, grad, m, v, factors, eta, decays):
    """Move theta against the gradient, with the solver's parameters in their order and the step's factors."""
    code, p = solver
    if code <= SGD:  # core.catalog.optimizers.gd_step
        for k in range(theta.shape[0]):
            theta[k] -= eta * grad[k]
    elif code <= NESTEROV:
        momentum(theta, grad, m, eta, theta.dtype.type(p[0]), code == NESTEROV)
    elif code == ADAGRAD:
        adagrad(theta, grad, m, eta, theta.dtype.type(p[0]))
    elif code == RMSPROP:
        rmsprop(theta, grad, m, eta, theta.dtype.type(p[0]), theta.dtype.type(p[1]))
    elif code <= NADAM:
        decay = eta * theta.dtype.type(p[3]) * decays if code == ADAMW else theta.dtype.type(0)
        adam(theta, grad, m, v, factors, eta, decay, p)
    else:
        rprop(theta, grad, m, v, p)


@kernel
def momentum(theta, grad, velocity, eta, mu, looks_ahead):  # core.catalog.optimizers.momentum_step, nesterov_step
    for k in range(theta.shape[0]):
        push = eta * grad[k]
        velocity[k] = mu * velocity[k] - push
        theta[k] += mu * velocity[k] - push if looks_ahead else velocity[k]


@kernel
def adagrad(theta, grad, squares, eta, epsilon):  # core.catalog.optimizers.adagrad_step
    for k in range(theta.shape[0]):
        squares[k] += grad[k] * grad[k]
        theta[k] -= eta * grad[k] / (math.sqrt(squares[k]) + epsilon)


@kernel
def rmsprop(theta, grad, squares, eta, rho, epsilon):  # core.catalog.optimizers.rmsprop_step
    rest = theta.dtype.type(1) - rho
    for k in range(theta.shape[0]):
        squares[k] = rho * squares[k] + rest * grad[k] * grad[k]
        theta[k] -= eta * grad[k] / (math.sqrt(squares[k]) + epsilon)


@kernel
def adam(theta, grad, m, v, factors, eta, decay, p):  # core.catalog.optimizers.adam_step, adamw_step, nadam_step
    real = theta.dtype.type
    beta1, beta2, epsilon = real(p[0]), real(p[1]), real(p[2])
    keep1, keep2 = real(1 - p[0]), real(1 - p[1])
    of_m, of_g, of_v = eta * real(factors[0]), eta * real(factors[1]), real(factors[2])
    for k in range(theta.shape[0]):
        g = grad[k]
        m[k] = beta1 * m[k] + keep1 * g
        v[k] = beta2 * v[k] + keep2 * (g * g)
        theta[k] -= decay * theta[k] + (of_m * m[k] + of_g * g) / (math.sqrt(v[k] * of_v) + epsilon)


@kernel
def rprop(theta, grad, sizes, last, p):  # core.catalog.optimizers.rprop_step
    real = theta.dtype.type
    shrink, grow, smallest, largest = real(p[0]), real(p[1]), real(p[2]), real(p[3])
    for k in range(theta.shape[0]):
        g = grad[k]
        turned = g * last[k]
        if turned > 0:
            sizes[k] *= grow
        elif turned < 0:
            sizes[k] *= shrink
            g = real(0)
        sizes[k] = min(max(sizes[k], smallest), largest)
        if g > 0:
            theta[k] -= sizes[k]
        elif g < 0:
            theta[k] += sizes[k]
        last[k] = g
