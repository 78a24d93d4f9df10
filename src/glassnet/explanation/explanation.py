"""The record of a worked row: everything that `explain` returns."""

from dataclasses import dataclass
from typing import Any

from glassnet.core.network import Network
from glassnet.core.records import ByLayer
from glassnet.data.encoder import EncodedColumn
from glassnet.explanation.as_dict import MAX_WEIGHTS, as_dict
from glassnet.explanation.backward_part import BackwardLayer
from glassnet.explanation.cost_part import CostPart
from glassnet.explanation.forward_part import ForwardLayer
from glassnet.explanation.prediction import Prediction
from glassnet.explanation.text import as_text
from glassnet.explanation.update_part import Update


@dataclass(frozen=True, eq=False)
class Explanation:
    """The arithmetic behind one row, from the user's values to the updated weights.

    Attributes
    ----------
    network : Network
        In float64; dropout plays no part.
    prediction : Prediction
        The answer in the user's words.
    inputs : tuple of EncodedColumn
        How each raw value became inputs.
    forward : ByLayer of ForwardLayer
        Every neuron's weighted sum and activation: ``forward[1].neuron("hidden1.3").terms``.
    target : object
        The target in the user's words; None if none was given, as are the next three.
    cost : CostPart or None
        The loss of each output and the total.
    backward : ByLayer of BackwardLayer or None
        Every neuron's delta and every weight's gradient: ``backward[1].weight("age", "hidden1.3")``.
    update : Update or None
        One step of gradient descent on this row.
    notes : tuple of str
        What else is to know, such as the precision of training.
    """

    network: Network
    prediction: Prediction
    inputs: tuple[EncodedColumn, ...]
    forward: ByLayer[ForwardLayer]
    target: Any = None
    cost: CostPart | None = None
    backward: ByLayer[BackwardLayer] | None = None
    update: Update | None = None
    notes: tuple[str, ...] = ()

    def to_text(self, *, width: int = 88, terms: int = 6, neurons: int = 12) -> str:
        """Return the explanation for a terminal, in six significant digits.

        Parameters
        ----------
        width : int
            Columns to fill at most, from 60.
        terms : int
            Terms of a sum that are written out; the others are added up in one line, so that the sum stays exact.
        neurons : int
            Neurons of a layer that are shown; the others are named.
        """
        return as_text(self, width=width, terms=terms, neurons=neurons)

    def to_dict(self, *, max_weights: int | None = MAX_WEIGHTS) -> dict[str, Any]:
        """Return the explanation as strict JSON in full precision.

        Parameters
        ----------
        max_weights : int or None
            Layers with more weights than this come without the matrices of old weights, gradients and new weights;
            None leaves nothing out.
        """
        return as_dict(self, max_weights)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        words = self.prediction.words[0]
        return f"Explanation of one row: {words}" + ("" if self.cost is None else f"; cost {self.cost.total:.6g}")
