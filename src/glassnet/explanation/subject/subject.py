"""The subject of an explanation: one row, a float64 network, the names of its neurons, and the cost."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.core.catalog.costs import Cost
from glassnet.core.forward import Trace, forward
from glassnet.core.network import Network
from glassnet.core.records import ByLayer
from glassnet.data.encoding.encoder import EncodedColumn, Encoder
from glassnet.explanation.subject.notation import Notation
from glassnet.explanation.subject.prediction import Prediction
from glassnet.explanation.subject.step import Step
from glassnet.explanation.words.numbers import number
from glassnet.typing import Array


@dataclass(frozen=True, eq=False)
class Subject:
    """One row in a network.

    Attributes
    ----------
    network : Network
        The network in float64.
    trace : Trace
        Forward pass of this row; arrays (1, n_out).
    notation : Notation
        Names of inputs (layer 0), neurons and weights.
    inputs : tuple of EncodedColumn
        The encoding of ``A[0]``.
    Y : array (1, n_out) or None
        The encoded target, if given.
    cost : Cost or None
        The cost.
    target : object
        The target in the user's labels or units.
    step : Step
        The solver's step for the update.
    encoder : Encoder or None
        Encoder of ``A[0]``; None if the row itself is the input.
    """

    network: Network
    trace: Trace
    notation: Notation
    inputs: tuple[EncodedColumn, ...]
    prediction: Prediction
    Y: Array | None
    cost: Cost | None
    target: Any
    step: Step
    encoder: Encoder | None = None
    notes: tuple[str, ...] = ()

    @property
    def names(self) -> ByLayer[tuple[str, ...]]:
        """The names of the inputs (layer 0) and neurons."""
        return self.notation.names


def in_float64(network: Network) -> Network:
    """Return the network with its parameters as float64 NumPy arrays."""
    return network.with_theta(np.asarray(network.theta, dtype=np.float64))


def float32_note(network: Network, A0: Array, trace: Trace) -> tuple[str, ...]:
    """Return a note with the model's float32 outputs if they visibly differ from float64."""
    if str(network.theta.dtype).rsplit(".", maxsplit=1)[-1] != "float32":
        return ()
    own = network.with_theta(np.asarray(network.theta))
    with np.errstate(all="ignore"):
        A = forward(own, A0[:1].astype(np.float32)).A[-1][0].tolist()
    exact = trace.A[-1][0].tolist()
    if [number(a) for a in A] == [number(a) for a in exact]:
        return ("The weights were trained in float32; all numbers here are computed from them in float64.",)
    differing = [(a32, a64) for a32, a64 in zip(A, exact, strict=True) if number(a32) != number(a64)]
    shown = ", ".join(f"{number(a32)} instead of {number(a64)}" for a32, a64 in differing[:4])
    return (
        "The weights were trained in float32; all numbers here are computed from them in float64. In float32 "
        f"{'an output is' if len(differing) == 1 else 'outputs are'} {shown}.",
    )
