"""Penalties on large weights: L1, L2 and both (elastic net). Separate from the cost; biases are excluded."""

from dataclasses import dataclass

from glassnet.arrays import namespace
from glassnet.errors import ParameterError
from glassnet.typing import Array


@dataclass(frozen=True)
class Penalty:
    r"""Elastic net on the weights that decay.

    .. math:: P = \lambda_1 \sum |w| + \tfrac{\lambda_2}{2} \sum w^2, \qquad
              \frac{\partial P}{\partial w} = \lambda_1\,\mathrm{sign}(w) + \lambda_2 w

    Parameters
    ----------
    l1, l2 : float
        The strengths; 0 disables a part. Independent of the minibatch size.

    Raises
    ------
    ParameterError
        If a strength is negative or not a number.

    Notes
    -----
    scikit-learn divides its ``alpha`` by the minibatch size, so that its effective strength depends on it. On
    glassnet's estimators, ``alpha`` becomes ``l2 = alpha / n_train`` for any minibatch size.

    Examples
    --------
    >>> import numpy as np
    >>> w = np.asarray([3.0, -4.0])
    >>> Penalty(l1=1.0, l2=0.1).value(w, np.ones(2))
    8.25
    """

    l1: float = 0.0
    l2: float = 0.0

    def __post_init__(self) -> None:
        for name, value in (("l1", self.l1), ("l2", self.l2)):
            if not 0 <= value < float("inf"):
                raise ParameterError(f"penalty {name}={value!r} must be a number from 0 upwards; 0 switches it off.")

    def __bool__(self) -> bool:
        return self.l1 > 0 or self.l2 > 0

    def value(self, theta: Array, decays: Array) -> float:
        """Return P; `decays` (n_params,) is 1 for weights and 0 for biases."""
        return float(self.term(theta, decays))

    def term(self, theta: Array, decays: Array) -> Array:
        """Return P as an array without dimensions, which can be traced or complex."""
        xp = namespace(theta)
        w = theta * decays  # (n_params,)
        total = xp.zeros((), dtype=w.dtype)
        if self.l1 > 0:
            real = xp.real(w) if xp.isdtype(w.dtype, "complex floating") else w
            total = total + self.l1 * xp.sum(xp.sign(real) * w)
        if self.l2 > 0:  # 0 times an overflowing square would be NaN
            total = total + 0.5 * self.l2 * xp.sum(w * w)
        return total

    def gradient(self, theta: Array, decays: Array) -> Array:
        """Return dP/dtheta (n_params,); at 0 the L1 part is 0."""
        xp = namespace(theta)
        return (self.l1 * xp.sign(theta) + self.l2 * theta) * decays
