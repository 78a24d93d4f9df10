"""`Samples`: encoded rows with targets and weights; `Rows`: all rows of a fit, encoded when they are needed."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.data.encoding.encoder import Encoder
from glassnet.data.encoding.numeric import NumberStep
from glassnet.data.spill.columns_file import StoredColumn
from glassnet.data.table import Table
from glassnet.estimators.inputs import Inputs, n_rows, refuse_too_large
from glassnet.typing import Array

ENOUGH_ROWS = 2000
ENOUGH_NUMBERS = 1 << 24  # of a sparse matrix made dense


@dataclass(frozen=True, eq=False)
class Samples:
    """Encoded rows with targets and weights, for training or validation.

    Attributes
    ----------
    A0 : array or sparse matrix of shape (n_rows, n_inputs)
        The encoded rows, in the precision of the network, or in float64.
    y : array of shape (n_rows,) or (n_rows, n_targets), or a StoredColumn
        The target in the user's units or classes; where a large one is kept in a file, it is read when it is asked for.
    weights : array of shape (n_rows,) or None
        The user's sample weights.
    """

    A0: Any
    y: Array | StoredColumn
    weights: Array | None = None

    def __len__(self) -> int:
        return len(self.y)


@dataclass(frozen=True, eq=False)
class Rows:
    """All rows of a fit: the user's own numbers, and how to encode them.

    An encoded table takes half as much memory as the user's own, or more. So rows are encoded in parts, each when its
    training begins, and only in the precision that the network computes in.

    Attributes
    ----------
    inputs : Table or sparse matrix
        The columns of the schema.
    y : array of shape (n_rows,) or (n_rows, n_targets), or a StoredColumn
    weights : array of shape (n_rows,) or None
    encoder : Encoder
    dtype : str
        The precision of the network.
    """

    inputs: Inputs
    y: Array | StoredColumn
    weights: Array | None
    encoder: Encoder
    dtype: str

    def __len__(self) -> int:
        return n_rows(self.inputs)

    @property
    def is_sparse(self) -> bool:
        """Whether the encoded rows are a sparse matrix."""
        return not isinstance(self.inputs, Table) and self.encoder.is_sparse

    def encoded(self, part: Array | None = None, dtype: Any = None) -> Samples:
        """Return the rows at these positions, or all rows; by default in the network's precision."""
        A0 = self._inputs(part, dtype or self.dtype)
        if part is None:
            return Samples(A0, self.y, self.weights)
        return Samples(A0, self.y[part], None if self.weights is None else self.weights[part])

    def sample(self, seed: int, part: Array | None = None) -> Array:
        """Return a dense sample of encoded rows in float64, to measure spreads on.

        At most `ENOUGH_ROWS`, or fewer if sparse and wide.
        """
        n_all = len(self) if part is None else len(part)
        n = min(ENOUGH_ROWS, max(2, ENOUGH_NUMBERS // self.encoder.n_inputs)) if self.is_sparse else ENOUGH_ROWS
        if n_all > n:
            chosen = np.sort(np.random.default_rng(seed).choice(n_all, n, replace=False))
            part = chosen if part is None else part[chosen]
        A0 = self._inputs(part, np.float64)
        return A0.toarray() if self.is_sparse else A0

    def check(self) -> None:
        """Raise a DataError if a number is missing where none may be, or exceeds the maximum of the precision."""
        if not isinstance(self.inputs, Table):
            refuse_too_large(self._inputs(None, np.float64), self.dtype, "X")
            return
        largest = [0.0]
        for step in self.encoder.steps:
            if isinstance(step, NumberStep) and not step.scale.is_clipped:  # all others are small
                values = self.inputs[step.name].astype(np.float64, copy=False)
                largest.append(np.abs(step.encode(values, self.inputs.rows)).max(initial=0.0))
        refuse_too_large(np.asarray(largest), self.dtype, "X")

    def _inputs(self, part: Array | None, dtype: Any) -> Any:
        inputs = self.inputs
        if part is not None:
            inputs = inputs.part(part) if isinstance(inputs, Table) else inputs[part]
        own = self._as_given(dtype) if part is None else None
        return self.encoder.transform(inputs, dtype=dtype) if own is None else own

    def _as_given(self, dtype: Any) -> Array | None:
        """Return the user's own array, read-only, if the encoded rows would be a copy of it."""
        inputs, encoder = self.inputs, self.encoder
        matrix = inputs.matrix if isinstance(inputs, Table) and encoder.is_identity else None
        if matrix is None or matrix.dtype != dtype or inputs.names != tuple(step.name for step in encoder.steps):
            return None
        with np.errstate(all="ignore"):
            # a finite sum means that no value is missing; rows of kernels are contiguous and aligned
            is_usable = matrix.flags.c_contiguous and matrix.flags.aligned and np.isfinite(matrix.sum())
        if not is_usable:
            return None
        view = matrix.view()
        view.flags.writeable = False
        return view
