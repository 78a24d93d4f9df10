"""`TrainSettings`: the settings that `glassnet.train` is given, as a record."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from glassnet.typing import Spec


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainSettings:
    """The settings of `glassnet.train`, which documents them.

    Examples
    --------
    >>> TrainSettings(cost="cross_entropy", epochs=0).checked()
    Traceback (most recent call last):
    ...
    glassnet.errors.ParameterError: epochs=0 must be a whole number from 1 upwards.
    """

    cost: Spec
    solver: Spec = "adam"
    epochs: int = 100
    batch_size: int | None = None
    learning_rate: float | None = None
    schedule: Spec = "constant"
    dropout_schedule: Spec = "constant"
    decay_schedule: Spec = "constant"
    l1: float = 0.0
    l2: float = 0.0
    dropout: float | list[float] | tuple[float, ...] = 0.0
    clip: float | None = None
    monitor: str | None = None
    patience: int | None = None
    tolerance: float = 0.0
    shuffle: bool = True
    snapshots: int = 0
    kept_states: int = 0
    time_limit: float | None = None
    metric: str | None = "auto"
    callback: Any = None
    engine: str = "auto"
    n_jobs: int | None = None
    seed: Any = 0

    @classmethod
    def among(cls, arguments: Mapping[str, Any]) -> "TrainSettings":
        """Return the settings among the arguments of a function."""
        return cls(**{name: arguments[name] for name in cls.__dataclass_fields__ if name in arguments})

    def checked(self) -> "TrainSettings":
        """Return the same settings with each value checked and in its usual type.

        Raises
        ------
        ParameterError
            At the first invalid value; the message names it and what was expected.
        """
        from glassnet.settings.table import OF_TRAIN  # on first use, as it takes a tenth of the time of all imports

        changed = {}
        for name, each in OF_TRAIN.items():
            value, default = getattr(self, name), each.default
            if value is not default or each.setting.required:
                checked = value if each.is_default(value) else each.check(value)
                if checked is not value:
                    changed[name] = checked
        return replace(self, **changed) if changed else self
