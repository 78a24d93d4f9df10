"""One sigmoid neuron without hidden layers is logistic regression: its weights as log-odds per unit of a column."""

import math
from dataclasses import dataclass

from glassnet.data.encoding.dates import DatesStep
from glassnet.data.encoding.encoder import Encoder
from glassnet.data.encoding.numeric import NumberStep
from glassnet.data.encoding.scaling import CLIP, Scale
from glassnet.explanation.subject.subject import Subject


@dataclass(frozen=True)
class LogOdds:
    """What one input does to the log-odds.

    Attributes
    ----------
    input : str
        A column, or one level of it, such as "island=Dream".
    unit : str
        What it is counted in: "unit" of the column, "day", or "level" against the levels without input of their own.
    per_unit : float
        Change of the log-odds for one unit more, the other inputs held fixed.
    odds_ratio : float
        What the odds are multiplied by: e to the power of `per_unit`.
    is_local : bool
        Whether it holds near this row only: a robust scale is bent for outliers, so a unit counts less far out.
    """

    input: str
    unit: str
    per_unit: float
    odds_ratio: float
    is_local: bool


def log_odds_part(subject: Subject) -> tuple[LogOdds, ...]:
    """Return the reading as logistic regression; empty for any other network."""
    network = subject.network
    if network.n_layers > 1 or network.sizes[-1] != 1 or network.activation[-1].name != "sigmoid":
        return ()
    if network.front is not None and network.front.embedded:  # a wave has no odds ratio for a unit of its input
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
    """Return for each input its unit and the scale that it went through."""
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
