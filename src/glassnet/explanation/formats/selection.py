"""Which weights of a layer are shown, and what they are called."""

from dataclasses import dataclass

import numpy as np

from glassnet.explanation.words.lines import paragraph
from glassnet.explanation.words.numbers import number
from glassnet.typing import Array

FEW = 3
"""Weights shown of a layer that has too many to show all."""


@dataclass(frozen=True)
class Chosen:
    """The weights of one layer that are shown.

    Attributes
    ----------
    weights : tuple of (j, k)
        Into neuron j from neuron k, both counted from 0; k is None for a bias.
    n_left, largest_left : int, float
        How many are not shown, and the largest gradient among them.
    """

    weights: tuple[tuple[int, int | None], ...]
    n_left: int
    largest_left: float

    def words(self, width: int, indent: int) -> list[str]:
        """Say what is not shown."""
        if not self.n_left:
            return []
        return paragraph(
            f"and {self.n_left:,} more, gradients up to {number(self.largest_left)} in size", width, indent
        )


def choose_weights(dW: Array, db: Array | None, limit: int) -> Chosen:
    """Return all weights and biases of a layer with up to `limit` weights, else those with the largest gradients.

    >>> import numpy as np
    >>> choose_weights(np.asarray([[0.1, -0.2]]), None, 4).weights
    ((0, 0), (0, 1))
    """
    n_out, n_in = dW.shape
    weights: list[tuple[int, int | None]] = (
        [(j, k) for j in range(n_out) for k in range(n_in)] if dW.size <= limit else []
    )
    if weights:
        biases: list[tuple[int, int | None]] = [] if db is None else [(j, None) for j in range(n_out)]
        return Chosen((*weights, *biases), 0, 0.0)
    sizes = np.abs(dW if db is None else np.column_stack([dW, db]))
    n_shown = min(FEW, limit, sizes.size)
    flat = sizes.ravel()
    top = np.argsort(-flat, kind="stable")[: n_shown + 1]
    places = [divmod(int(place), sizes.shape[1]) for place in top[:n_shown]]
    chosen = tuple((j, None if k == n_in else k) for j, k in places)
    return Chosen(chosen, sizes.size - n_shown, float(flat[top[n_shown]]) if len(top) > n_shown else 0.0)
