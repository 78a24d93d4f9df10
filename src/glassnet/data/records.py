"""Typed records of a schema, an encoder and a target in model files.

`msgspec` decodes them from JSON and rejects wrong types, numbers out of range, and unknown or missing fields.
`glassnet.data.agreement` checks the consistency of the parts.
"""

from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from glassnet.errors import ModelFileError

Natural = Annotated[int, Meta(ge=0, le=2**53)]
Whole = Annotated[int, Meta(ge=1, le=2**31)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Positive = Annotated[float, Meta(gt=0.0)]
FromZero = Annotated[float, Meta(ge=0.0)]  # JSON has only finite numbers

R = TypeVar("R")


class Record(Struct, frozen=True, forbid_unknown_fields=True):
    """A strict record: exactly these fields with these types."""


class TextLabel(Record, frozen=True, array_like=True, tag="str"):
    """``["str", "Adelie"]``."""

    value: str


class WholeLabel(Record, frozen=True, array_like=True, tag="int"):
    """``["int", "3"]``: as text, because many JSON readers keep only 53 bits of a number."""

    value: Annotated[str, Meta(pattern=r"\A-?[0-9]{1,100}\Z")]


class NumberLabel(Record, frozen=True, array_like=True, tag="float"):
    """``["float", 1.0]``; JSON has no infinite numbers."""

    value: float | Literal["inf", "-inf"]


class TruthLabel(Record, frozen=True, array_like=True, tag="bool"):
    """``["bool", true]``."""

    value: bool


class NothingLabel(Record, frozen=True, array_like=True, tag="none"):
    """``["none", null]``."""

    value: None


Label = TextLabel | WholeLabel | NumberLabel | TruthLabel
Bound = NothingLabel | NumberLabel | TextLabel


class ColumnRecord(Record, frozen=True):
    """One column of a schema."""

    name: str
    kind: Literal["numeric", "boolean", "categorical", "datetime"]
    missing: Share
    n_distinct: Natural
    minimum: Bound
    maximum: Bound
    levels: list[Label]
    notation: str = ""


class LeftOutRecord(Record, frozen=True):
    """An excluded column."""

    name: str
    reason: str
    sentence: str


class SchemaRecord(Record, frozen=True):
    """A `glassnet.data.columns.schema.Schema`."""

    columns: list[ColumnRecord]
    target: list[ColumnRecord] | ColumnRecord | None
    task: Literal["binary", "multiclass", "regression"] | None
    left_out: list[LeftOutRecord]
    missing_markers: list[str]
    n_rows: Natural
    notices: list[str]
    is_array: bool


class ScaleRecord(Record, frozen=True):
    """A `glassnet.data.encoding.scaling.Scale`."""

    center: float
    factor: FromZero
    is_clipped: bool


class NumberStepRecord(Record, frozen=True, tag_field="type", tag="number"):
    """A `glassnet.data.encoding.numeric.NumberStep`."""

    name: str
    scale: ScaleRecord
    has_flag: bool
    refuses_missing: bool


class LevelsStepRecord(Record, frozen=True, tag_field="type", tag="levels"):
    """A `glassnet.data.encoding.categorical.LevelsStep`."""

    name: str
    levels: list[Label]
    is_boolean: bool
    has_other: bool
    has_flag: bool


class DatesStepRecord(Record, frozen=True, tag_field="type", tag="dates"):
    """A `glassnet.data.encoding.dates.DatesStep`."""

    name: str
    origin: Annotated[str, Meta(pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}\Z")]
    parts: list[Literal["year", "month", "day of week", "hour"]]
    scales: Annotated[list[ScaleRecord], Meta(min_length=1)]
    has_flag: bool


class EncoderRecord(Record, frozen=True):
    """A `glassnet.data.encoding.encoder.Encoder`."""

    steps: Annotated[list[NumberStepRecord | LevelsStepRecord | DatesStepRecord], Meta(min_length=1)]


class TargetRecord(Record, frozen=True, kw_only=True):
    """A `glassnet.data.encoding.target_encoder.TargetEncoder`; files of older versions lack clipping and thresholds."""

    task: Literal["binary", "multiclass", "multilabel", "regression"]
    classes: Annotated[list[Label], Meta(min_length=2)] | None
    dtype: Annotated[str, Meta(pattern=r"\A(\|O|\|b1|[<>|]?[iu][1248]|[<>]?f[248]|[<>]U[0-9]{1,9})\Z")] | None
    means: list[float] | None
    scales: list[Positive] | None
    lows: list[float] | None = None
    highs: list[float] | None = None
    threshold: Share | list[Share] = 0.5
    n_dimensions: Literal[1, 2]
    target_names: list[str]


def value_of(label: Label | Bound) -> Any:
    """Return the value of a label.

    >>> value_of(WholeLabel("3")), value_of(TextLabel("3"))
    (3, '3')
    """
    if isinstance(label, NumberLabel):
        return float(label.value)
    return int(label.value) if isinstance(label, WholeLabel) else label.value


def decoded(record: Any, kind: type[R]) -> R:
    """Decode plain JSON data to a record.

    Raises
    ------
    ModelFileError
        If it does not match the record.

    Examples
    --------
    >>> decoded({"center": 2, "factor": 0.5, "is_clipped": True}, ScaleRecord)
    ScaleRecord(center=2.0, factor=0.5, is_clipped=True)
    """
    try:
        return msgspec.convert(record, kind)
    except msgspec.ValidationError as error:
        raise ModelFileError(f"the description is not in the form of a {kind.__name__}: {error}.") from None
