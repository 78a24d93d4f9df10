"""The outermost eigenvalues of a symmetric matrix that is known by its products alone."""

from collections.abc import Callable
from dataclasses import dataclass

from glassnet.arrays import namespace
from glassnet.typing import Array

FLAT = 1e-12  # of the largest entry: what is left of a vector in a space that the products do not leave


@dataclass(frozen=True, eq=False)
class Spectrum:
    """The eigenvalues of a symmetric matrix, as seen from a vector.

    Attributes
    ----------
    values : array of shape (n_steps,)
        Approximate eigenvalues, ascending; the outermost ones are the most exact.
    shares : array of shape (n_steps,)
        How much of the vector's squared length lies in the direction of each; they sum to 1.
    """

    values: Array
    shares: Array

    @property
    def largest(self) -> float:
        """The largest eigenvalue among the directions that the vector has a part in."""
        return float(self.values[-1])


def spectrum(times: Callable[[Array], Array], start: Array, n_steps: int, tolerance: float = 0.0) -> Spectrum:
    r"""Return the spectrum of a symmetric matrix from repeated products, by the Lanczos algorithm.

    .. math:: \beta_k q_{k+1} = H q_k - \alpha_k q_k - \beta_{k-1} q_{k-1}, \qquad T = Q^\top H Q

    The eigenvalues of the tridiagonal T, with the alphas on its diagonal and the betas beside it, approach those of H
    from within, the outermost first (Golub & Van Loan, section 10.1). Each new vector is made orthogonal to all
    earlier ones, so that rounding does not repeat an eigenvalue.

    Parameters
    ----------
    times : callable
        ``times(v)`` returns the product of the matrix with a vector (n,).
    start : array of shape (n,)
        Any vector but 0.
    n_steps : int
        Most products to take.
    tolerance : float
        Stop once the largest eigenvalue is exact to this share of it.

    Examples
    --------
    >>> import numpy as np
    >>> found = spectrum(lambda v: np.asarray([1.0, 2.0, 5.0]) * v, np.ones(3), 3)
    >>> found.values.round(6), found.shares.round(6)
    (array([1., 2., 5.]), array([0.333333, 0.333333, 0.333333]))
    """
    xp = namespace(start)
    q = start / xp.linalg.vector_norm(start)  # (n,)
    Q = [q]
    alphas: list[float] = []
    betas: list[float] = []
    while True:
        w = times(Q[-1])  # (n,)
        size = float(xp.max(xp.abs(w)))
        alphas.append(float(xp.vecdot(Q[-1], w)))
        for _ in range(2):  # once is not enough in floating point
            for q in Q:
                w = w - xp.vecdot(q, w) * q
        beta = float(xp.linalg.vector_norm(w))
        values, vectors = _eigh(alphas, betas, xp, start.dtype)
        error = beta * abs(float(vectors[-1, -1]))
        # not >, so that numbers that are not finite end it
        if len(alphas) == n_steps or not beta > FLAT * size or error <= tolerance * abs(float(values[-1])):
            return Spectrum(values, vectors[0, :] ** 2)
        betas.append(beta)
        Q.append(w / beta)


def _eigh(alphas: list[float], betas: list[float], xp: object, dtype: object) -> tuple[Array, Array]:
    """Return the eigenvalues and eigenvectors of a tridiagonal matrix."""
    n = len(alphas)
    rows = [[0.0] * n for _ in range(n)]
    for k, alpha in enumerate(alphas):
        rows[k][k] = alpha
    for k, beta in enumerate(betas):
        rows[k][k + 1] = rows[k + 1][k] = beta
    return tuple(xp.linalg.eigh(xp.asarray(rows, dtype=dtype)))  # type: ignore[attr-defined]
