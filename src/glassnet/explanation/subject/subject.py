"""What is explained: one row, a float64 network, the names of its neurons, and what the target is compared by."""

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
    """One row on its way through a network.

    Attributes
    ----------
    network : Network
        In float64.
    trace : Trace
        Of this row; arrays (1, n_out).
    notation : Notation
        The names of inputs (layer 0), neurons and weights.
    inputs : tuple of EncodedColumn
        How ``A[0]`` came about.
    Y : array (1, n_out) or None
        The target, None if none was given.
    cost : Cost or None
        What outputs and target are compared by.
    target : object
        The target in the user's words.
    step : Step
        What the update is taken by.
    encoder : Encoder or None
        What made ``A[0]``; None where the row is the inputs.
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
    """Return the network with its parameters in NumPy and float64, whatever it was trained in."""
    return network.with_theta(np.asarray(network.theta, dtype=np.float64))


def float32_note(network: Network, A0: Array, trace: Trace) -> tuple[str, ...]:
    """Say what the run's own float32 outputs are where they differ from float64 in the digits that text shows."""
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
