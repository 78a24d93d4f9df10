"""Records of activations and costs in model files."""

from typing import Annotated, TypeAlias

from msgspec import Meta

from glassnet.core.expressions.parsing import MAX_LENGTH
from glassnet.data.records import Record

LARGEST = 2**53

Number: TypeAlias = Annotated[int, Meta(ge=-LARGEST, le=LARGEST)] | float
Formula: TypeAlias = Annotated[str, Meta(max_length=MAX_LENGTH)]
Ends: TypeAlias = tuple[Number | None, Number | None]
"""Ends of an interval; None for infinity."""


class ActivationRecord(Record, frozen=True):
    """The activation function of one layer: its name and, for a custom one, its formula if any."""

    activation: str
    parameters: dict[str, Number]
    formula: Formula | None = None
    range: Ends | None = None


class CostRecord(Record, frozen=True):
    """A custom cost, defined by a formula."""

    cost: str
    parameters: dict[str, Number]
    formula: Formula
    outputs: Ends
    targets: Ends
