"""Selects the shown weights and neurons of a layer."""

from dataclasses import dataclass

import numpy as np

from glassnet.errors import ParameterError
from glassnet.explanation.parts.backward import BackwardLayer
from glassnet.explanation.parts.forward import ForwardLayer
from glassnet.explanation.parts.front import FrontPart, FrontValue
from glassnet.explanation.parts.log_odds import LogOdds
from glassnet.explanation.parts.update import Update
from glassnet.explanation.record import ExplanationRecord
from glassnet.explanation.words.lines import paragraph
from glassnet.explanation.words.numbers import number
from glassnet.typing import Array

FEW = 3
"""Number of shown weights of a layer that is too large to show all."""


@dataclass(frozen=True)
class Chosen:
    """The shown weights of one layer.

    Attributes
    ----------
    weights : tuple of (j, k)
        Into neuron j from neuron k, both counted from 0; k is None for a bias.
    n_left, largest_left : int, float
        Number of omitted weights, and the largest gradient among them.
    """

    weights: tuple[tuple[int, int | None], ...]
    n_left: int
    largest_left: float

    def words(self, width: int, indent: int) -> list[str]:
        """Return a line about the omitted weights."""
        if not self.n_left:
            return []
        return paragraph(
            f"and {self.n_left:,} more, gradients up to {number(self.largest_left)} in size", width, indent
        )


def choose_weights(dW: Array, db: Array | None, limit: int) -> Chosen:
    """Return all weights and biases of a layer with up to `limit` weights, else the ones with the largest gradients.

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


def choose_neurons(layer: ForwardLayer, is_output: bool, terms: int, neurons: int) -> tuple[list[int], list[int]]:
    """Return the most active neurons to show with their sums, and the neurons to show with z and a only."""
    order = np.argsort(-np.abs(layer.a), kind="stable").tolist()
    if len(layer.sources) <= terms:
        return sorted(order[:neurons]), []
    n_whole = max(1, neurons // 12)
    n_beside = neurons if is_output else neurons // 3
    return order[:n_whole], sorted(order[n_whole : n_whole + n_beside])


def choose_deltas(layer: BackwardLayer, terms: int, neurons: int) -> tuple[list[int], list[int]]:
    """Return the neurons whose delta is shown, in order, and the others by decreasing error signal."""
    order = np.argsort(-np.abs(layer.delta), kind="stable").tolist()
    is_narrow = len(layer.above) <= terms and len(layer) <= neurons
    n_shown = neurons if is_narrow or layer.is_combined else max(1, neurons // 12)
    return sorted(order[:n_shown]), order[n_shown:]


Place = tuple[int, int, int | None]


def shown_weights(explanation: ExplanationRecord, neurons: int) -> tuple[list[Place], int]:
    """Return the weights whose steps are shown, starting at the outputs, and the number of omitted ones."""
    assert explanation.backward is not None
    places: list[Place] = []
    n_left = 0
    for l in range(explanation.network.n_layers, 0, -1):
        layer = explanation.backward[l]
        chosen = choose_weights(layer.dW, layer.db, neurons)
        shown = chosen.weights if not chosen.n_left else chosen.weights[:2]
        n_left += chosen.n_left + len(chosen.weights) - len(shown)
        places += [(l, j, k) for j, k in shown]
    return places, n_left


def most_moved(update: Update, places: list[Place]) -> Place:
    """Return the weight with the largest gradient; its step is shown in full."""
    return max(places, key=lambda place: abs(update.at(*place)["g"]))


def shown_values(front: FrontPart, neurons: int) -> tuple[list[FrontValue], int]:
    """Return the largest numbers, in order, and the number of omitted ones."""
    order = sorted(range(len(front.values)), key=lambda j: -abs(front.values[j].a))[:neurons]
    return [front.values[j] for j in sorted(order)], len(front.values) - len(order)


def most_blamed(front: FrontPart, neurons: int) -> list[int]:
    """Return the numbers with the largest error signals, in order."""
    assert front.delta is not None
    delta = front.delta.tolist()
    return sorted(sorted(range(len(delta)), key=lambda j: -abs(delta[j]))[:neurons])


SHOWN = 24


def shown_log_odds(rows: tuple[LogOdds, ...]) -> tuple[LogOdds, ...]:
    """Return all rows if there are few, else the strongest."""
    return rows if len(rows) <= SHOWN else tuple(sorted(rows, key=lambda row: -abs(row.per_unit))[:SHOWN])


SHOWN_COLUMNS = 24


def check_folding(**limits: int) -> None:
    """Reject a width or a number of terms or neurons that is too small."""
    for name, value in limits.items():
        least = 60 if name == "width" else 1
        if type(value) is not int or value < least:
            raise ParameterError(f"{name}={value!r} must be a whole number from {least} upwards.")
