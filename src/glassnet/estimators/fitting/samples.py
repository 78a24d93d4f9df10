"""`Samples`: encoded rows with targets and weights, for training or validation."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.typing import Array


@dataclass(frozen=True, eq=False)
class Samples:
    """Encoded rows with targets and weights.

    Attributes
    ----------
    A0 : array or sparse matrix of shape (n_rows, n_inputs)
        The encoded rows.
    y : array of shape (n_rows,) or (n_rows, n_targets)
        The target in the user's units or classes.
    weights : array of shape (n_rows,) or None
        The user's sample weights.
    """

    A0: Any
    y: Array
    weights: Array | None = None

    def __len__(self) -> int:
        return len(self.y)

    def take(self, rows: Array) -> "Samples":
        """Return some of the rows, in the order given."""
        return Samples(self.A0[rows], self.y[rows], None if self.weights is None else self.weights[rows])


ENOUGH_ROWS = 2000
ENOUGH_NUMBERS = 1 << 24  # of a sparse matrix made dense


def some_rows(A0: Any, seed: int) -> Array:
    """Return a dense sample of rows to measure spreads on: at most `ENOUGH_ROWS`, fewer if sparse and wide.

    >>> some_rows(np.ones((3, 2)), seed=0).shape, some_rows(np.ones((9999, 2)), seed=0).shape
    ((3, 2), (2000, 2))
    """
    is_sparse = hasattr(A0, "tocsr")
    n = min(ENOUGH_ROWS, max(2, ENOUGH_NUMBERS // A0.shape[1])) if is_sparse else ENOUGH_ROWS
    if A0.shape[0] > n:
        A0 = A0[np.sort(np.random.default_rng(seed).choice(A0.shape[0], n, replace=False))]
    return A0.toarray() if is_sparse else A0
