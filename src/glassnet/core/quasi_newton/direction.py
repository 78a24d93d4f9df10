r"""The direction of L-BFGS: the gradient times an estimate of the inverse Hessian from the last steps.

Sources: Nocedal 1980, "Updating quasi-Newton matrices with limited storage", for the two loops; Liu & Nocedal 1989, "On
the limited memory BFGS method for large scale optimization", for the scaling; Nocedal & Wright 2006, chapter 7.
"""

from typing import NamedTuple

from glassnet.arrays import namespace
from glassnet.typing import Array

LEAST_CURVATURE = 2.0**-52


class CurvatureMemory(NamedTuple):
    """The last steps s of the parameters, and the changes y of the gradient along them: a ring of rows.

    Both are in the precision of the parameters, which is enough for an estimate; everything else is in float64.
    """

    steps: Array  # (history, n_params)
    changes: Array  # (history, n_params)
    curvatures: Array  # (history,): s·y of each row, float64
    n_seen: int  # steps that were remembered, of which the last `history` are left
    n_evaluations: int  # of cost and gradient so far


def rows_of_memory(memory: CurvatureMemory) -> list[int]:
    """Return the rows that hold a step, the latest first.

    >>> import numpy as np
    >>> rows_of_memory(CurvatureMemory(np.zeros((3, 5)), np.zeros((3, 5)), np.zeros(3), 4, 0))
    [0, 2, 1]
    """
    history = memory.curvatures.shape[0]
    return [k % history for k in range(memory.n_seen - 1, max(memory.n_seen - history, 0) - 1, -1)]


def is_curved(curvature: float, square: float) -> bool:
    """Whether a step with these s·y and y·y is to be remembered.

    If the gradient grows along each step, the estimate is positive definite; rounding can make very small curvatures.

    >>> is_curved(0.5, 1.0), is_curved(-0.5, 1.0), is_curved(0.0, 0.0)
    (True, False, False)
    """
    return curvature > LEAST_CURVATURE * square


def direction(grad: Array, memory: CurvatureMemory) -> Array:
    r"""Return the direction :math:`-H \nabla f`; without remembered steps, H is 1.

    .. math:: H_{k+1} = V_k^T H_k V_k + \rho_k s_k s_k^T, \quad V_k = I - \rho_k y_k s_k^T, \quad
              \rho_k = \frac{1}{y_k^T s_k}, \quad H_0 = \frac{s^T y}{y^T y} I \text{ of the latest step}

    Parameters
    ----------
    grad : array of shape (n_params,)
        The gradient.
    memory : CurvatureMemory
        The last steps.

    Returns
    -------
    array of shape (n_params,)

    Examples
    --------
    With the steps along both axes, the minimum of the quadratic x² + 4 y² is one step away:

    >>> import numpy as np
    >>> steps = np.eye(2)
    >>> changes = np.asarray([[2.0, 0.0], [0.0, 8.0]])
    >>> x = np.asarray([3.0, 1.0])
    >>> x + direction(np.asarray([2.0, 8.0]) * x, CurvatureMemory(steps, changes, np.asarray([2.0, 8.0]), 2, 3))
    array([0., 0.])
    """
    xp, rows = namespace(grad), rows_of_memory(memory)
    q, shares = grad, []
    for k in rows:
        share = xp.sum(memory.steps[k, :] * q) / memory.curvatures[k]
        q = q - share * memory.changes[k, :]  # (n_params,)
        shares.append(share)
    r = q
    if rows:
        latest = xp.astype(memory.changes[rows[0], :], grad.dtype)
        r = memory.curvatures[rows[0]] / xp.sum(latest * latest) * q  # (n_params,)
    for k, share in zip(reversed(rows), reversed(shares), strict=True):
        r = r + (share - xp.sum(memory.changes[k, :] * r) / memory.curvatures[k]) * memory.steps[k, :]  # (n_params,)
    return -r
