"""The cost of one row: the loss of every output, and their sum."""

import math
from dataclasses import dataclass

import numpy as np

from glassnet.core.catalog.costs import COMBINED, Cost, cost_of_trace
from glassnet.explanation.subject.subject import Subject


@dataclass(frozen=True)
class OutputLoss:
    """The loss of one output."""

    name: str
    output: float
    target: float
    loss: float


@dataclass(frozen=True)
class CostPart:
    """The cost of one row.

    Attributes
    ----------
    cost : Cost
        The formula.
    outputs : tuple of OutputLoss
        One per output.
    total : float
        Their sum, the cost of this row without penalty.
    is_from_z : bool
        Whether the losses were computed from z, which stays exact where an output rounds to 0 or 1.
    """

    cost: Cost
    outputs: tuple[OutputLoss, ...]
    total: float
    is_from_z: bool

    def largest(self, n: int) -> tuple[tuple[OutputLoss, ...], float]:
        """Return the outputs with the largest nonzero losses, in order, and the sum of all others."""
        ranked = sorted(range(len(self.outputs)), key=lambda j: -abs(self.outputs[j].loss))[:n]
        shown = [j for j in sorted(ranked) if self.outputs[j].loss != 0 or len(self.outputs) <= 2]
        rest = math.fsum(each.loss for j, each in enumerate(self.outputs) if j not in shown)
        return tuple(self.outputs[j] for j in shown), rest


def cost_part(subject: Subject) -> CostPart | None:
    """Return the cost of a subject with a target."""
    if subject.Y is None or subject.cost is None:
        return None
    sigma, entry = subject.network.activation[-1], subject.cost
    Z, A, Y = subject.trace.Z[-1], subject.trace.A[-1], subject.Y
    combined = COMBINED.get((sigma.builtin_name, entry.builtin_name))
    with np.errstate(all="ignore"):
        losses = combined(Z, Y) if combined else entry.of_outputs(A, Y)  # (1, n_out)
        total = float(cost_of_trace(entry, sigma, Z, A, Y))
    rows = zip(subject.names[-1], A[0].tolist(), Y[0].tolist(), losses[0].tolist(), strict=True)
    return CostPart(entry, tuple(OutputLoss(*row) for row in rows), total, combined is not None)
