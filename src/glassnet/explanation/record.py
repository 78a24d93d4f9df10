"""What an explanation holds, of one network and of an ensemble; nothing here renders."""

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
    notation : Notation
        What neurons and weights are called.
    target : object
        The target in the user's words; None if none was given, as are the next three.
    cost : CostPart or None
        The loss of each output and the total.
    backward : ByLayer of BackwardLayer or None
        Every neuron's delta and every weight's gradient: ``backward[1].weight("age", "hidden1.3")``.
    update : Update or None
        One step of a solver on this row, with its memory.
    log_odds : tuple of LogOdds
        For a single sigmoid neuron, what one unit of each column does to the log-odds; empty for other networks.
    notes : tuple of str
        What else is to know, such as the precision of training.
    encoder : Encoder or None
        What made the inputs; None where the row is the inputs.
    front : FrontPart or None
        How learned scales and waves made ``A[0]`` of the inputs, their gradients; None without a front.
    slopes : SlopePart or None
        The gradients of learned slopes: ``slopes.parameter("hidden1.3: slope")``; None without any, or a target.
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
    """The arithmetic behind an ensemble's answer: the networks side by side, and their mean.

    Attributes
    ----------
    prediction : Prediction
        The ensemble's answer in the user's words.
    names : tuple of str
        Of the outputs.
    outputs : array of shape (n_networks, n_out)
        ``A[L]`` of each network, bit by bit as the model predicts.
    mean : array of shape (n_out,)
        Their mean: what the prediction is made of.
    members : tuple of ExplanationRecord
        Each network's own arithmetic for the row; ``member(k)`` is one of them.
    inputs : tuple of EncodedColumn
        How each raw value became inputs, which all networks share.
    target : object
        In the user's words; None if none was given, as is the cost.
    cost : CostPart or None
        Of the mean.
    notes : tuple of str
        What else is to know.
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
