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
def add_multiple(share, a, b):
    """Add a multiple of a to b."""
    for k in range(a.shape[0]):
        b[k] += share * np.float64(a[k])


@entry
def fill_direction(grad, steps, changes, curvatures, shares, n_seen):  # core.quasi_newton.direction.direction
    """Turn the gradient into the direction; `shares` (history,) is workspace."""
    history = curvatures.shape[0]
    oldest = max(n_seen - history, 0)
    for age in range(n_seen - oldest):
        row = (n_seen - 1 - age) % history
        shares[row] = inner(steps[row], grad) / curvatures[row]
        add_multiple(-shares[row], changes[row], grad)
    scale = -1.0
    if n_seen > 0:
        latest = (n_seen - 1) % history
        scale = -curvatures[latest] / inner(changes[latest], changes[latest])
    for k in range(grad.shape[0]):
        grad[k] *= scale
    for place in range(oldest, n_seen):
        row = place % history
        add_multiple(-shares[row] - inner(changes[row], grad) / curvatures[row], steps[row], grad)
