"""The data of an explanation, for one network and for an ensemble, without rendering."""

from dataclasses import dataclass
from typing import Any

from glassnet.core.network import Network
from glassnet.core.records import ByLayer
from glassnet.data.encoding.encoder import EncodedColumn, Encoder
from glassnet.explanation.parts.backward import BackwardLayer
from glassnet.explanation.parts.cost import CostPart
from glassnet.explanation.parts.forward import ForwardLayer
from glassnet.explanation.parts.front import FrontPart
from glassnet.explanation.parts.log_odds import LogOdds
from glassnet.explanation.parts.slopes import SlopePart
from glassnet.explanation.parts.update import Update
from glassnet.explanation.subject.notation import Notation
from glassnet.explanation.subject.prediction import Prediction
from glassnet.typing import Array


@dataclass(frozen=True, eq=False)
class ExplanationRecord:
    """The arithmetic of one row, from the user's values to the updated weights.

    Attributes
    ----------
    network : Network
        The network in float64, without dropout.
    prediction : Prediction
        The prediction in the user's labels or units.
    inputs : tuple of EncodedColumn
        The encoding of each raw value.
    forward : ByLayer of ForwardLayer
        Every neuron's weighted sum and activation: ``forward[1].neuron("hidden1.3").terms``.
    notation : Notation
        Names of neurons and weights.
    target : object
        The target in the user's labels or units; without one, it and the next three are None.
    cost : CostPart or None
        The loss of each output and the total.
    backward : ByLayer of BackwardLayer or None
        Every neuron's delta and every weight's gradient: ``backward[1].weight("age", "hidden1.3")``.
    update : Update or None
        One step of a solver on this row, with its memory.
    log_odds : tuple of LogOdds
        For a single sigmoid neuron, the effect of one unit of each column on the log-odds; else empty.
    notes : tuple of str
        Further remarks, such as the precision of training.
    encoder : Encoder or None
        Encoder of the inputs; None if the row itself is the input.
    front : FrontPart or None
        Learned scales and waves that compute ``A[0]``, and their gradients; None without a front.
    slopes : SlopePart or None
        Gradients of learned slopes: ``slopes.parameter("hidden1.3: slope")``; None without slopes or target.
    """

    network: Network
    prediction: Prediction
    inputs: tuple[EncodedColumn, ...]
    forward: ByLayer[ForwardLayer]
    notation: Notation
    target: Any = None
    cost: CostPart | None = None
    backward: ByLayer[BackwardLayer] | None = None
    update: Update | None = None
    log_odds: tuple[LogOdds, ...] = ()
    notes: tuple[str, ...] = ()
    encoder: Encoder | None = None
    front: FrontPart | None = None
    slopes: SlopePart | None = None


@dataclass(frozen=True, eq=False)
class EnsembleRecord:
    """The arithmetic of an ensemble's prediction: the outputs of each network, and their mean.

    Attributes
    ----------
    prediction : Prediction
        The ensemble's prediction in the user's labels or units.
    names : tuple of str
        Names of the outputs.
    outputs : array of shape (n_networks, n_out)
        ``A[L]`` of each network, bit-identical to the model's predictions.
    mean : array of shape (n_out,)
        Their mean, from which the prediction follows.
    members : tuple of ExplanationRecord
        The arithmetic of each network for the row; ``member(k)`` is one of them.
    inputs : tuple of EncodedColumn
        The encoding of each raw value, shared by all networks.
    target : object
        The target in the user's labels or units; without one, it and the cost are None.
    cost : CostPart or None
        Cost of the mean.
    notes : tuple of str
        Further remarks.
    """

    prediction: Prediction
    names: tuple[str, ...]
    outputs: Array
    mean: Array
    members: tuple[ExplanationRecord, ...]
    inputs: tuple[EncodedColumn, ...]
    target: Any = None
    cost: CostPart | None = None
    notes: tuple[str, ...] = ()
