"""Arrays as plain numbers, of which JSON knows only finite ones."""

import math

import numpy as np

from glassnet.drawing.small.plot import bin_edges
from glassnet.typing import Array


def finite(value: float) -> float | None:
    """Return a number, or None if it is not finite.

    >>> finite(0.5), finite(float("nan"))
    (0.5, None)
    """
    return float(value) if math.isfinite(value) else None


def rows_of(values: Array) -> tuple[tuple[float | None, ...], ...]:
    """Return a matrix row by row.

    >>> import numpy as np
    >>> rows_of(np.asarray([[1.0, np.inf]]))
    ((1.0, None),)
    """
    return tuple(tuple(map(finite, row)) for row in values.tolist())


def histogram(values: Array, bins: int) -> tuple[Array, Array]:
    """Return how many of some finite numbers lie in each bar, and the edges; one bar if they allow no more.

    >>> counts, edges = histogram(np.asarray([-1.0, -1.0 + 1e-16]), bins=20)
    >>> counts.tolist(), edges.tolist()
    ([2], [-1.0, -0.9999999999999999])
    """
    return np.histogram(values, bin_edges(values, bins))


def thinned(n: int, most: int) -> list[int]:
    """Return at most `most` of the places 0 to n - 1, evenly, with the first and the last.

    >>> thinned(5, 3), thinned(2, 3)
    ([0, 2, 4], [0, 1])
    """
    if n <= most:
        return list(range(n))
    return [round(k * (n - 1) / (most - 1)) for k in range(most)]
