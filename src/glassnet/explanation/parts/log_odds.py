"""A single sigmoid neuron as logistic regression: its weights as log-odds per unit of a column."""

import math
from dataclasses import dataclass

from glassnet.data.encoding.dates import DatesStep
from glassnet.data.encoding.encoder import Encoder
from glassnet.data.encoding.numeric import NumberStep
from glassnet.data.encoding.scaling import CLIP, Scale
from glassnet.explanation.subject.subject import Subject


@dataclass(frozen=True)
class LogOdds:
    """The effect of one input on the log-odds.

    Attributes
    ----------
    input : str
        A column, or one level of it, such as "island=Dream".
    unit : str
        "unit" of the column, "day", or "level", relative to the levels without a separate input.
    per_unit : float
        Change of the log-odds per unit, with the other inputs held fixed.
    odds_ratio : float
        Factor on the odds: e to the power of `per_unit`.
    is_local : bool
        Whether it holds only near this row, since the robust scale compresses outliers.
    """

    input: str
    unit: str
    per_unit: float
    odds_ratio: float
    is_local: bool


def log_odds_part(subject: Subject) -> tuple[LogOdds, ...]:
    """Return the log-odds of a logistic regression; empty for any other network."""
    network = subject.network
    if network.n_layers > 1 or network.sizes[-1] != 1 or network.activation[-1].builtin_name != "sigmoid":
        return ()
    if network.front is not None and network.front.embedded:  # waves have no constant odds ratio per unit
        return ()
    weights, values = network.fold().W[1][0].tolist(), subject.trace.X[0].tolist()
    rows = []
    kinds = _kinds(subject.encoder, len(weights))
    for name, w, a, (unit, scale) in zip(subject.names[0], weights, values, kinds):
        slope = 1.0 if scale is None or not scale.is_clipped else scale.factor * (1 - (a / CLIP) ** 2) ** 1.5
        per_unit = w * slope
        is_local = scale is not None and scale.is_clipped
        rows.append(LogOdds(name, unit, per_unit, math.exp(min(per_unit, 700.0)), is_local))
    return tuple(rows)


def _kinds(encoder: Encoder | None, n_inputs: int) -> list[tuple[str, Scale | None]]:
    """Return the unit and the scale of each input."""
    if encoder is None:
        return [("unit", None)] * n_inputs
    kinds: list[tuple[str, Scale | None]] = []
    for step in encoder.steps:
        if isinstance(step, NumberStep):
            own: list[tuple[str, Scale | None]] = [("unit", step.scale)]
        elif isinstance(step, DatesStep):
            own = [("day", step.scales[0]), *(("unit", scale) for scale in step.scales[1:])]
        else:
            own = []
        left = len(step.input_names) - len(own)
        kinds += [*own, *[("level", None)] * left]
    return kinds
