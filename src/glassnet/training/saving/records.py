"""The text of a checkpoint, as typed records with ranges. Format 1."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
from msgspec import Meta

from glassnet.data.records import FromZero, Natural, Positive, Record, Share
from glassnet.training.saving.formula_records import ActivationRecord, CostRecord

Size = Annotated[int, Meta(ge=1, le=2**32)]
Fingerprint = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Hexadecimal = Annotated[str, Meta(pattern=r"\A[0-9a-f]{1,32}\Z")]
Word32 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{1,8}\Z")]
Word64 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{1,16}\Z")]


class NotFinite(Record, frozen=True):
    """A number that strict JSON has no word for: ``{"float": "nan"}``."""

    float: Literal["nan", "inf", "-inf"]


Number = float | NotFinite


class FrontRecord(Record, frozen=True):
    """A `glassnet.core.front.Front`."""

    n_inputs: Size
    embedded: list[Natural]
    has_scaling: bool


class SlotRecord(Record, frozen=True, array_like=True):
    """What training does with a slot of the layout: factor of the learning rate, decays or not, frozen or not."""

    factor: FromZero
    decays: bool
    frozen: bool


class RunNetworkRecord(Record, frozen=True):
    """The network of a run; its initial parameters are a tensor."""

    sizes: Annotated[list[Size], Meta(min_length=2)]
    activations: list[ActivationRecord]
    has_bias: list[bool]
    has_slope: list[bool]
    front: FrontRecord | None
    slots: list[SlotRecord]


class NamedRecord(Record, frozen=True):
    """A cost, solver or schedule by its name."""

    name: Annotated[str, Meta(max_length=100)]
    parameters: dict[str, int | float | str]


class SettingsRecord(Record, frozen=True, kw_only=True):
    """The settings of a run, as `glassnet.train` takes them, without those that change no number."""

    cost: NamedRecord
    formula: CostRecord | None  # of a cost that comes from one
    solver: NamedRecord
    epochs: Natural
    batch_size: Natural
    learning_rate: Positive
    schedule: NamedRecord
    dropout_schedule: NamedRecord
    decay_schedule: NamedRecord
    l1: FromZero
    l2: FromZero
    dropout: list[Share]
    clip: Positive | None
    monitor: Literal["cost", "validation_cost", "validation_metric"] | None
    patience: Natural | None
    tolerance: FromZero
    shuffle: bool
    snapshots: Natural
    kept_states: Natural
    time_limit: Positive | None
    metric: Literal["accuracy", "r2"] | None
    seed: Natural  # of the dropout masks
    engine: Literal["cpu", "reference", "xla"]
    lanes: Natural | None = None  # of a training on a cluster


class DataRecord(Record, frozen=True, kw_only=True):
    """The fingerprints of the data; None where there were none."""

    X: Fingerprint
    Y: Fingerprint
    weights: Fingerprint | None
    validation_X: Fingerprint | None
    validation_Y: Fingerprint | None
    validation_weights: Fingerprint | None


class PCG64Record(Record, frozen=True, tag="PCG64"):
    """The state of a `numpy.random.PCG64`."""

    state: Hexadecimal
    increment: Hexadecimal
    has_uint32: bool
    uinteger: Word32


class PCG64DXSMRecord(PCG64Record, frozen=True, tag="PCG64DXSM"):
    """The state of a `numpy.random.PCG64DXSM`."""


class MT19937Record(Record, frozen=True, tag="MT19937"):
    """The state of a `numpy.random.MT19937`."""

    key: Annotated[list[Word32], Meta(min_length=624, max_length=624)]
    position: Annotated[int, Meta(ge=0, le=624)]


class PhiloxRecord(Record, frozen=True, tag="Philox"):
    """The state of a `numpy.random.Philox`."""

    counter: Annotated[list[Word64], Meta(min_length=4, max_length=4)]
    key: Annotated[list[Word64], Meta(min_length=2, max_length=2)]
    buffer: Annotated[list[Word64], Meta(min_length=4, max_length=4)]
    position: Annotated[int, Meta(ge=0, le=4)]
    has_uint32: bool
    uinteger: Word32


class SFC64Record(Record, frozen=True, tag="SFC64"):
    """The state of a `numpy.random.SFC64`."""

    state: Annotated[list[Word64], Meta(min_length=4, max_length=4)]
    has_uint32: bool
    uinteger: Word32


GeneratorRecord = PCG64Record | PCG64DXSMRecord | MT19937Record | PhiloxRecord | SFC64Record


class PositionRecord(Record, frozen=True):
    """A `glassnet.engines.seeding.StreamPosition`."""

    generator: GeneratorRecord
    numbers: Annotated[int, Meta(ge=1, le=2**18)]
    taken: Natural


class StateRecord(Record, frozen=True):
    """A `glassnet.engines.base.State` without its arrays, which are tensors."""

    step: Natural
    counts: dict[str, Natural]  # whole numbers of the solver's memory, such as Adam's t


class CheckpointRecord(Record, frozen=True):
    """A `glassnet.training.checkpoints.Checkpoint`; the arrays of its state are tensors."""

    epochs: Natural
    position: PositionRecord
    state: StateRecord | None


class WatchedRecord(Record, frozen=True):
    """A `glassnet.training.run_state.Watched`; its theta is a tensor if it is not the state's."""

    epoch: Natural
    best: Number
    target: Number
    waited: Natural


class DivergenceRecord(Record, frozen=True):
    """A `glassnet.engines.base.Divergence`."""

    step: Natural
    layer: Natural
    unit: Natural
    quantity: str
    epoch: Natural
    row: Natural | None = None
    operation: Annotated[str, Meta(max_length=1000)] = ""


class EndRecord(Record, frozen=True):
    """A `glassnet.training.run_state.End`."""

    stopped: Literal["epochs", "early", "converged", "callback", "diverged", "time"]
    reason: Annotated[str, Meta(max_length=10_000)]
    divergence: DivergenceRecord | None


class RunRecord(Record, frozen=True, kw_only=True):
    """A `glassnet.training.run_state.RunState` without its arrays."""

    n_epochs: Natural
    columns: list[Literal["cost", "penalty", "metric", "validation_cost", "validation_metric", "learning_rate",
                          "gradient_norm", "seconds"]]  # fmt: skip
    state: StateRecord
    position: PositionRecord
    watched: WatchedRecord
    factor: Share
    kept: Annotated[list[CheckpointRecord], Meta(min_length=1)]
    factors: Annotated[list[tuple[Natural, Share]], Meta(min_length=1)]
    seconds: FromZero
    heard: Natural
    end: EndRecord | None


class TaskRecord(Record, frozen=True):
    """Everything that decides a run: what must be the same for a run to be continued."""

    network: RunNetworkRecord
    settings: SettingsRecord
    data: DataRecord


class DescriptionRecord(Record, frozen=True):
    """The text of a checkpoint."""

    task: TaskRecord
    run: RunRecord


def number(value: Any) -> Number:
    """Return a number as strict JSON has it.

    >>> number(np.float64(0.5)), number(float("inf"))
    (0.5, NotFinite(float='inf'))
    """
    return float(value) if np.isfinite(value) else NotFinite(str(float(value)))  # type: ignore[arg-type]


def value_of(record: Number) -> float:
    """Return the number of a record.

    >>> value_of(NotFinite("-inf"))
    -inf
    """
    return float(record.float) if isinstance(record, NotFinite) else float(record)


def named(entry: Any) -> NamedRecord:
    """Return a record of `glassnet.core.catalog` by its name and parameters."""
    parameters: Mapping[str, Any] = entry.parameters
    plain = {name: value if isinstance(value, str | int) else float(value) for name, value in parameters.items()}
    return NamedRecord(entry.name, plain)


def spec_of(record: NamedRecord) -> Any:
    """Return the specification that a record stands for."""
    return (record.name, dict(record.parameters)) if record.parameters else record.name
