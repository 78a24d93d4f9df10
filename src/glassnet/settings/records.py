"""`Recipe`: the settings that an estimator was fitted with, as a record."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, kw_only=True, eq=False)
class Recipe(Mapping[str, Any]):
    """What an estimator was fitted with: its parameters, with every "auto" replaced.

    It can also be read like a dictionary, ``recipe["alpha"]``.
    """

    hidden_layer_sizes: Any
    activation: Any
    preset: str
    solver: Any
    alpha: float
    batch_size: int | None
    learning_rate: Any
    learning_rate_init: float
    power_t: float
    max_iter: int
    shuffle: bool
    random_state: Any
    tol: float
    verbose: bool
    warm_start: bool
    momentum: float
    nesterovs_momentum: bool
    early_stopping: bool
    validation_fraction: float
    refit: bool
    beta_1: float
    beta_2: float
    epsilon: float
    n_iter_no_change: int | None
    max_fun: int
    l1: float
    dropout: Any
    dropout_schedule: Any
    weight_decay: float
    decay_schedule: Any
    clip: float | None
    init: str
    rates: str
    bias_rate: float
    numeric_embedding: str | None
    input_scaling: bool
    learned_slope: bool
    monitor: str | None
    time_limit: float | None
    snapshots: int
    kept_states: int
    keep: Any
    callback: Any
    n_networks: int
    bagged: bool
    dtype: str
    engine: str
    n_jobs: int | None

    def __getitem__(self, name: str) -> Any:
        if name in self:
            return getattr(self, name)
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return name in self.__dataclass_fields__

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(each.name for each in fields(self)))  # in the order of scikit-learn's get_params

    def __len__(self) -> int:
        return len(fields(self))


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassifierRecipe(Recipe):
    """The recipe of a `GlassClassifier`."""

    class_weight: Any
    label_smoothing: float
    temperature_scaling: bool
    threshold: Any


@dataclass(frozen=True, kw_only=True, eq=False)
class RegressorRecipe(Recipe):
    """The recipe of a `GlassRegressor`."""

    loss: Any
    clip_predictions: bool


def recipe_of(values: Mapping[str, Any]) -> ClassifierRecipe | RegressorRecipe:
    """Return the record of an estimator's parameters."""
    return RegressorRecipe(**values) if "loss" in values else ClassifierRecipe(**values)
