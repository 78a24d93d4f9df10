"""The parameters of an estimator in a model file, with types and ranges.

The same records describe the recipe, in which every "auto" is replaced. Parameters of a session or machine (`n_jobs`,
`verbose`, `callback`, `random_state`) are not read from a file, although older files contain the first two.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Generic, Literal, TypeAlias, TypeVar

from msgspec import UNSET, Meta, Raw, UnsetType

from glassnet.data.records import Record
from glassnet.training.saving.formula_records import LARGEST, Ends, Formula, Number

Auto: TypeAlias = Literal["auto"]
Flag: TypeAlias = bool | Literal[0, 1]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=LARGEST)]
Size: TypeAlias = Annotated[int, Meta(ge=1, le=2**32)]
Scalar: TypeAlias = bool | Number | str | None
Rate: TypeAlias = Literal[0] | Annotated[float, Meta(ge=0.0, lt=1.0)]

T = TypeVar("T")


class TupleOf(Record, Generic[T], frozen=True):
    """A tuple, which JSON lacks: ``{"tuple": [64, 32]}``."""

    tuple: list[T]


class Weights(Record, frozen=True):
    """A dictionary with keys of any type: ``{"dict": [[0, 1.0], [1, 2.5]]}``."""

    dict: "list[_Weight]"


_Weight: TypeAlias = tuple[bool | Number | str, Number]


class Marked(Record, frozen=True, kw_only=True):
    """A part of a `Spec`: ``{"tuple": [...]}``, ``{"dict": [[key, value], ...]}``, or an activation or cost by name."""

    tuple: "list[str | Marked] | UnsetType" = UNSET
    dict: "list[_Pair] | UnsetType" = UNSET
    activation: str | UnsetType = UNSET
    cost: str | UnsetType = UNSET
    parameters: "_Numbers | UnsetType" = UNSET
    formula: Formula | UnsetType = UNSET
    range: Ends | UnsetType = UNSET
    outputs: Ends | UnsetType = UNSET
    targets: Ends | UnsetType = UNSET

    def __post_init__(self) -> None:
        if set(self.given()) not in _FORMS:
            raise ValueError("Expected one of `tuple`, `dict`, or `activation` or `cost` with its `parameters`")

    def given(self) -> Mapping[str, Any]:
        """Return the fields present in the file."""
        return {name: getattr(self, name) for name in self.__struct_fields__ if getattr(self, name) is not UNSET}


_FORMS = (
    {"tuple"},
    {"dict"},
    {"activation", "parameters"},
    {"activation", "parameters", "formula", "range"},
    {"cost", "parameters", "formula", "outputs", "targets"},
)
_Pair: TypeAlias = tuple[str, Scalar]
_Numbers: TypeAlias = dict[str, Number]
Spec: TypeAlias = str | Marked | list[str | Marked]
"""A named choice: its name, its name with parameters, or several of them."""


class Parameters(Record, frozen=True, kw_only=True):
    """Parameters of both estimators; older files lack newer parameters."""

    activation: Spec | UnsetType = UNSET
    alpha: Auto | Number | UnsetType = UNSET
    bagged: Flag | UnsetType = UNSET
    batch_size: Auto | Count | UnsetType | None = UNSET
    beta_1: Number | UnsetType = UNSET
    beta_2: Auto | Number | UnsetType = UNSET
    bias_rate: Auto | Number | UnsetType = UNSET
    clip: Number | UnsetType | None = UNSET
    decay_schedule: Spec | UnsetType = UNSET
    dropout: Auto | Rate | list[Rate] | TupleOf[Rate] | UnsetType = UNSET
    dropout_schedule: Spec | UnsetType = UNSET
    dtype: Literal["auto", "float32", "float64"] | UnsetType = UNSET
    early_stopping: Auto | Flag | UnsetType = UNSET
    engine: str | UnsetType = UNSET
    epsilon: Number | UnsetType = UNSET
    front: Literal["auto", "scaling", "pbld", "pbld+scaling"] | UnsetType | None = UNSET  # in older files
    hidden_layer_sizes: Auto | Size | list[Size] | TupleOf[Size] | UnsetType = UNSET
    init: str | UnsetType = UNSET
    input_scaling: Auto | Flag | UnsetType = UNSET
    keep: str | list[str] | TupleOf[str] | UnsetType | None = UNSET
    kept_states: Count | UnsetType = UNSET
    l1: Number | UnsetType = UNSET
    learned_slope: Auto | Flag | UnsetType = UNSET
    learning_rate: Spec | UnsetType = UNSET
    learning_rate_init: Auto | Number | UnsetType = UNSET
    max_fun: Number | UnsetType = UNSET
    max_iter: Auto | Count | UnsetType = UNSET
    momentum: Number | UnsetType = UNSET
    monitor: Literal["cost", "validation_cost", "validation_metric"] | UnsetType | None = UNSET
    n_iter_no_change: Auto | Count | UnsetType | None = UNSET
    n_jobs: Raw | UnsetType = UNSET
    n_networks: Count | UnsetType = UNSET
    nesterovs_momentum: Flag | UnsetType = UNSET
    numeric_embedding: Literal["auto", "pbld"] | UnsetType | None = UNSET
    power_t: Number | UnsetType = UNSET
    preset: Literal["tabular", "plain"] | UnsetType = UNSET
    rates: str | UnsetType = UNSET
    refit: Flag | UnsetType = UNSET
    shuffle: Flag | UnsetType = UNSET
    snapshots: Count | UnsetType = UNSET
    solver: Spec | UnsetType = UNSET
    time_limit: Number | UnsetType | None = UNSET
    tol: Number | UnsetType = UNSET
    validation_fraction: Number | UnsetType = UNSET
    verbose: Raw | UnsetType = UNSET
    warm_start: Flag | UnsetType = UNSET
    weight_decay: Auto | Number | UnsetType | None = UNSET  # None in recipes of older files

    def __post_init__(self) -> None:
        if (self.numeric_embedding is UNSET) != (self.input_scaling is UNSET):
            raise ValueError("Expected both or neither of `numeric_embedding` and `input_scaling`")
        if UNSET not in (self.front, self.numeric_embedding):
            raise ValueError("Expected `front`, or in its place `numeric_embedding` and `input_scaling`, but not both")


class ClassifierParameters(Parameters, frozen=True, kw_only=True):
    """Parameters of a `GlassClassifier`."""

    class_weight: Literal["balanced"] | Weights | UnsetType | None = UNSET
    label_smoothing: Auto | Number | UnsetType = UNSET
    temperature_scaling: Auto | Flag | UnsetType = UNSET
    threshold: str | Number | UnsetType = UNSET


class RegressorParameters(Parameters, frozen=True, kw_only=True):
    """Parameters of a `GlassRegressor`."""

    clip_predictions: Auto | Flag | UnsetType = UNSET
    loss: Spec | UnsetType = UNSET
