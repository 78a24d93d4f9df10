"""The records of an activation and of a cost in a model file."""

from typing import Annotated, TypeAlias

from msgspec import Meta

from glassnet.core.expressions.parsing import MAX_LENGTH
from glassnet.data.records import Record

LARGEST = 2**53

Number: TypeAlias = Annotated[int, Meta(ge=-LARGEST, le=LARGEST)] | float
Formula: TypeAlias = Annotated[str, Meta(max_length=MAX_LENGTH)]
Ends: TypeAlias = tuple[Number | None, Number | None]
"""Of an interval; None where it has no end."""


class ActivationRecord(Record, frozen=True):
    """The activation function of one layer, by name; one of the user's own with its formula, if it comes from one."""

    activation: str
    parameters: dict[str, Number]
    formula: Formula | None = None
    range: Ends | None = None


class CostRecord(Record, frozen=True):
    """A cost of the user's own, which comes from a formula."""

    cost: str
    parameters: dict[str, Number]
    formula: Formula
    outputs: Ends
    targets: Ends
