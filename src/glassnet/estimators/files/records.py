"""Typed records of a model file's description, with ranges.

Format 1. Fields with a default were added later; older files lack them.
"""

from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from glassnet.data.records import EncoderRecord, Natural, Record, SchemaRecord, Share, TargetRecord, Whole
from glassnet.errors import ModelFileError
from glassnet.escaping import brief
from glassnet.estimators.files.parameters import ClassifierParameters, RegressorParameters
from glassnet.training.saving.formula_records import ActivationRecord
from glassnet.training.saving.records import DivergenceRecord, FrontRecord, NotFinite, Number, Size

Temperature = Annotated[float, Meta(ge=0.049, le=20.1)]  # see `glassnet.estimators.fitting.temperature.HOTTEST`


class NetworkRecord(Record, frozen=True, kw_only=True):
    """A `glassnet.core.network.Network` without its parameters; all networks of an ensemble are alike."""

    sizes: Annotated[list[Size], Meta(min_length=2)]
    activations: list[ActivationRecord]
    has_bias: list[bool]
    has_slope: list[bool] | UnsetType = UNSET
    front: FrontRecord | None = None


class EpochRecord(Record, frozen=True):
    """A `glassnet.training.history.Epoch`."""

    epoch: Natural
    cost: Number
    penalty: Number
    metric: Number | None
    validation_cost: Number | None
    validation_metric: Number | None
    learning_rate: Number
    gradient_norm: Number
    seconds: Number


class HistoryRecord(Record, frozen=True):
    """A `glassnet.training.history.History` without its snapshots."""

    epochs: list[EpochRecord]
    stopped: Literal["epochs", "early", "converged", "callback", "diverged", "interrupted", "time"]
    stop_reason: str
    best_epoch: Natural
    metric_name: str | None
    divergence: DivergenceRecord | None


class ReliabilityRecord(Record, frozen=True):
    """A `glassnet.estimators.fitting.calibration.ReliabilityBin`."""

    n_rows: Natural
    confidence: Share
    accuracy: Share


class CalibrationRecord(Record, frozen=True):
    """A `glassnet.estimators.fitting.calibration.Calibration`."""

    temperature: Temperature
    n_rows: Natural
    log_loss: Number
    log_loss_before: Number
    ece: Number
    ece_before: Number
    ece_null: Number
    ece_p_value: Share
    reliability: list[ReliabilityRecord]


class MemberRecord(Record, frozen=True):
    """The training of one network, whose parameters are a part of the file's tensor."""

    history: HistoryRecord
    calibration: CalibrationRecord | None = None
    n_earlier: Natural = 0
    n_seen: Natural = 0


Score = Literal["accuracy", "log_loss", "rmse", "mae", "r2"]
"""The scores of `glassnet.estimators.judging.scoring.score`."""


class TestRecord(Record, frozen=True):
    """The scores on test rows, of the model and of baselines."""

    n_rows: Natural
    model: Annotated[dict[Score, Number], Meta(min_length=1)]
    baselines: list[dict[str, str | float | NotFinite]]


class ReportRecord(Record, frozen=True):
    """The test report of `glassnet train`."""

    test: TestRecord
    split: str
    rows: str


LONGEST_REPORT = 1 << 20
"""Bytes. A report may have any structure, so only its length bounds the memory to read it."""


def report_of(description: "Description") -> dict[str, Any] | None:
    """Return the report of the user or of `glassnet train`; a test report has a fixed structure.

    Raises
    ------
    ModelFileError
        If it is too long, not a dictionary, or an invalid test report.
    """
    text = bytes(description.report)
    if len(text) > LONGEST_REPORT:
        raise ModelFileError(f"the file has a report of {len(text):,} bytes; the maximum is {LONGEST_REPORT:,}.")
    try:
        report: dict[str, Any] | None = msgspec.json.decode(text, type=dict[str, Any] | None)
        if report is not None and isinstance(report.get("rows"), str):
            msgspec.convert(report, ReportRecord)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ModelFileError(
            f"the file's report cannot be read: {brief(str(error))}; use a copy of the file."
        ) from None
    return report


class _Description(Record, frozen=True, kw_only=True, tag_field="estimator"):
    library: Annotated[str, Meta(max_length=100)]
    own_activations: list[str]
    network: NetworkRecord
    schema: SchemaRecord | None
    encoder: EncoderRecord
    target_encoder: TargetRecord
    target_name: str | None
    members: Annotated[list[MemberRecord], Meta(min_length=1)] | UnsetType = UNSET
    history: HistoryRecord | UnsetType = UNSET
    report: Raw  # any structure: see `report_of`
    n_features_in: Whole
    feature_names_in: list[str] | None
    data_fingerprint: Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]

    @property
    def networks(self) -> list[MemberRecord]:
        """The members; files older than ensembles have one network, with its history at the top level."""
        if self.members is not UNSET:
            return self.members
        return [MemberRecord(self.history)] if self.history is not UNSET else []


class ClassifierDescription(_Description, frozen=True, kw_only=True, tag="GlassClassifier"):
    """The description of a `GlassClassifier`."""

    parameters: ClassifierParameters
    recipe: ClassifierParameters


class RegressorDescription(_Description, frozen=True, kw_only=True, tag="GlassRegressor"):
    """The description of a `GlassRegressor`."""

    parameters: RegressorParameters
    recipe: RegressorParameters


Description: TypeAlias = ClassifierDescription | RegressorDescription

_LONGEST_QUOTE = 300  # letters

_decoder = msgspec.json.Decoder(Description)


def read_description(text: str) -> Description:
    """Return the description from a file's JSON.

    Raises
    ------
    ModelFileError
        If it is invalid; the message gives the place, the value and what was expected.
    """
    try:
        description: Description = _decoder.decode(text)
        return description
    except msgspec.DecodeError as error:
        reason, _, place = str(error).partition(" - at `$.")
        found = brief(f"{place[:-1]}: {reason}" if place else reason, _LONGEST_QUOTE)
    except RecursionError:
        found = "it is nested too deeply"
    raise ModelFileError(
        f"the file does not describe a model that this version can read: {found}; use a copy of the file, or the "
        f"version of glassnet that saved it."
    )
