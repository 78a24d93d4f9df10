"""Machine code of the direction of L-BFGS."""

import numpy as np

from glassnet.engines.cpu.compiling.decorators import entry, inlined


@inlined
def inner(a, b):
    """Return the inner product of two vectors."""
    total = 0.0
    for k in range(a.shape[0]):
        total += np.float64(a[k]) * np.float64(b[k])
    return total


@inlined
def add_multiple(share, a, b, c):
    """Add a multiple of a to b; return the inner product of c with the new b. One loop: to read b again takes time."""
    total = 0.0
    for k in range(a.shape[0]):
        b[k] += share * np.float64(a[k])
        total += np.float64(c[k]) * b[k]
    return total


@entry
def fill_direction(grad, steps, changes, curvatures, shares, n_seen):  # core.quasi_newton.direction.direction
    """Turn the gradient into the direction; `shares` (history,) is workspace."""
    history = curvatures.shape[0]
    n = min(n_seen, history)  # rows that hold a step
    if n == 0:
        for k in range(grad.shape[0]):
            grad[k] = -grad[k]
        return
    latest, oldest = n_seen - 1, n_seen - n
    product = inner(steps[latest % history], grad)
    for place in range(latest, oldest - 1, -1):
        row = place % history
        shares[row] = product / curvatures[row]
        following = steps[(place - 1) % history] if place > oldest else changes[row]
        product = add_multiple(-shares[row], changes[row], grad, following)
    change = changes[latest % history]
    scale = -curvatures[latest % history] / inner(change, change)
    for k in range(grad.shape[0]):
        grad[k] *= scale
    product *= scale
    for place in range(oldest, n_seen):
        row = place % history
        share = -shares[row] - product / curvatures[row]
        product = add_multiple(share, steps[row], grad, changes[(place + 1) % history])
