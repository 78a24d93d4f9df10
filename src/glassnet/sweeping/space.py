"""`Space`: what a sweep may choose for each parameter of the estimators."""

import json
import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from glassnet.data.suggestions import suggestion
from glassnet.errors import ParameterError
from glassnet.settings.setting import AUTO
from glassnet.settings.table import OF_ESTIMATORS

SIZES = "hidden_layer_sizes"
LAYERS, WIDTH = "hidden layers", "hidden width"
"""The two choices behind `hidden_layer_sizes` of equal layers."""

OF_THE_SWEEP = (
    "callback", "engine", "keep", "kept_states", "n_jobs", "n_networks", "bagged", "random_state", "refit", "snapshots",
    "threshold", "time_limit", "validation_fraction", "verbose", "warm_start",
)  # fmt: skip
"""Parameters that are the same for all candidates."""

_FORMS = (
    "write a list of choices such as [0.0, 0.1], a range such as {low = 0.001, high = 0.1, log = true}, or one value"
)


@dataclass(frozen=True)
class Choices:
    """One of some values, which may be anything that TOML and JSON can write."""

    values: tuple[Any, ...]

    @property
    def labels(self) -> tuple[Any, ...]:
        """The values as optuna stores them: plain ones as they are, others as JSON."""
        return tuple(value if value is None or isinstance(value, bool | int | float | str) else json.dumps(value)
                     for value in self.values)  # fmt: skip

    def to_dict(self) -> Any:
        """Return the choices as plain data."""
        return list(self.values)


@dataclass(frozen=True)
class Range:
    """The numbers from `low` to `high`, both included; whole ones if both are whole."""

    low: float
    high: float
    log: bool = False
    step: float | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the numbers are whole."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    def to_dict(self) -> Any:
        """Return the range as plain data."""
        found: dict[str, Any] = {"low": self.low, "high": self.high}
        return found | ({"log": True} if self.log else {}) | ({} if self.step is None else {"step": self.step})


Entry: TypeAlias = Choices | Range


@dataclass(frozen=True)
class Space:
    """What a sweep chooses from: an entry for each parameter; fixed ones are the same for all candidates.

    Examples
    --------
    >>> space = Space.of(
    ...     {"learning_rate_init": {"low": 0.001, "high": 0.1, "log": True}, "activation": ["relu", "silu"]}
    ... )
    >>> space.entries["learning_rate_init"]
    Range(low=0.001, high=0.1, log=True, step=None)
    >>> space.parameters({"learning_rate_init": 0.01, "activation": "relu"})
    {'learning_rate_init': 0.01, 'activation': 'relu'}
    >>> space = Space.of({"hidden_layer_sizes": {"layers": [1, 2], "width": {"low": 8, "high": 64}}, "alpha": 0.1})
    >>> space.parameters({"hidden layers": 2, "hidden width": 30})
    {'alpha': 0.1, 'hidden_layer_sizes': [30, 30]}
    """

    entries: Mapping[str, Entry]
    fixed: Mapping[str, Any]

    @classmethod
    def of(cls, given: Any, *, known: Any = None) -> "Space":
        """Return a space from a mapping, or from the path of a TOML file.

        Parameters
        ----------
        given : mapping, str or path
            For each parameter a list of choices, a range ``{"low": ..., "high": ...}`` with ``"log": True`` or
            ``"step": ...``, or one value for all. ``hidden_layer_sizes`` also takes ``{"layers": ..., "width": ...}``.
        known : collection of str, optional
            The parameters of the estimator.

        Raises
        ------
        ParameterError
            If a parameter is unknown, or what is given for it has no such form or values that cannot work.
        """
        if isinstance(given, str | os.PathLike):
            given = read_space_file(Path(given))
        if not isinstance(given, Mapping):
            raise ParameterError(
                f"space is of the type {type(given).__name__}, but a dict such as {{'alpha': [0.0, 1.0]}} or the path "
                f"of a TOML file was expected."
            )
        names = [name for name in (OF_ESTIMATORS if known is None else known) if name not in OF_THE_SWEEP]
        entries: dict[str, Entry] = {}
        fixed: dict[str, Any] = {}
        for name, value in given.items():
            _check_name(name, names)
            if name == SIZES and isinstance(value, Mapping) and "layers" in value:
                entries |= _equal_layers(value)
                continue
            entry = _entry(name, value)
            if entry is None:
                fixed[name] = value
            elif isinstance(entry, Choices) and len(entry.values) == 1:
                fixed[name] = entry.values[0]
            else:
                entries[name] = entry
        for name, value in fixed.items():
            _check_value(name, value)
        if not entries:
            raise ParameterError(
                "space leaves nothing to choose: each parameter has one value; give one of them a list or a range."
            )
        return cls(entries, fixed)

    def parameters(self, chosen: Mapping[str, Any]) -> dict[str, Any]:
        """Return the estimator's parameters for what was chosen, by the labels of `Choices`."""
        found = dict(self.fixed)
        layers, width = 0, 0
        for name, label in chosen.items():
            entry = self.entries[name]
            value = entry.values[entry.labels.index(label)] if isinstance(entry, Choices) else label
            if name == LAYERS:
                layers = int(value)
            elif name == WIDTH:
                width = int(value)
            else:
                found[name] = value
        return found | ({SIZES: [width] * layers} if LAYERS in chosen else {})

    def to_dict(self) -> dict[str, Any]:
        """Return the space as plain data, in the order in which it was given."""
        return {name: entry.to_dict() for name, entry in self.entries.items()} | dict(self.fixed)


def read_space_file(path: Path) -> dict[str, Any]:
    """Return what a TOML file says."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {str(path)!r}; a space is a TOML file, or leave it out.")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ParameterError(f"{str(path)!r} is not TOML: {error}; write lines such as activation = [...].") from None


def _check_name(name: Any, names: list[str]) -> None:
    if name in OF_THE_SWEEP:
        raise ParameterError(f"space names {name!r}, which is the same for all candidates; set it on the estimator.")
    if name not in names:
        raise ParameterError(f"space names no parameter {name!r}; {suggestion(str(name), names, 'those are')}")


def _entry(name: str, value: Any) -> Entry | None:
    """Return the entry of a parameter, None if it is a single value."""
    if isinstance(value, list | tuple) and not (name == SIZES and all(_is_whole(each) for each in value)):
        return _choices(name, value)
    return _range(name, value) if isinstance(value, Mapping) else None


def _choices(name: str, values: Any) -> Choices:
    if len(values) == 0:
        raise ParameterError(f"space gives {name!r} no choices; {_FORMS}.")
    kept: list[Any] = []
    for value in values:
        if name in OF_ESTIMATORS:
            _check_value(name, value)
        if any(type(value) is type(other) and value == other for other in kept):
            raise ParameterError(f"space gives {name!r} the choice {value!r} twice; leave one of them out.")
        kept.append(value)
    return Choices(tuple(kept))


def _range(name: str, value: Mapping[str, Any]) -> Range:
    unknown = [key for key in value if key not in ("low", "high", "log", "step")]
    if unknown or not {"low", "high"} <= value.keys():
        wrong = f"has {unknown[0]!r}" if unknown else "lacks 'low' or 'high'"
        raise ParameterError(f"the range of {name!r} {wrong}; {_FORMS}.")
    low, high, log, step = value["low"], value["high"], value.get("log", False), value.get("step")
    for end in (low, high, *(() if step is None else (step,))):
        if isinstance(end, bool) or not isinstance(end, int | float) or not math.isfinite(end):
            raise ParameterError(f"the range of {name!r} has {end!r}, but its ends and its step are numbers.")
    if not low < high:
        raise ParameterError(f"the range of {name!r} goes from {low!r} to {high!r}; its low end must be smaller.")
    if not isinstance(log, bool):
        raise ParameterError(f"the range of {name!r} has log={log!r}; write true or false.")
    if log and low <= 0:
        raise ParameterError(f"the range of {name!r} begins at {low!r}, which has no logarithm; begin above 0.")
    if step is not None and (log or step <= 0):
        raise ParameterError(f"the range of {name!r} has the step {step!r}; a step is above 0, and without log.")
    if not (_is_whole(low) and _is_whole(high)):
        low, high = float(low), float(high)
    elif step is not None and not _is_whole(step):
        raise ParameterError(f"the range of {name!r} is of whole numbers, but its step {step!r} is not.")
    if name in OF_ESTIMATORS:
        for end in (low, high):
            _check_value(name, end)
    return Range(low, high, log, step)


def _equal_layers(value: Mapping[str, Any]) -> dict[str, Entry]:
    """Return the entries of a number of layers of equal width."""
    if value.keys() != {"layers", "width"}:
        raise ParameterError(f"the {SIZES} of the space have {', '.join(map(repr, value))}; give layers and width.")
    found: dict[str, Entry] = {}
    for name, key in ((LAYERS, "layers"), (WIDTH, "width")):
        given = value[key]
        entry = _entry(name, given) or Choices((given,))
        ends = entry.values if isinstance(entry, Choices) else (entry.low, entry.high)
        if not all(_is_whole(end) and end > 0 for end in ends):
            raise ParameterError(f"the {key} of {SIZES} are {list(ends)}, but whole numbers from 1 were expected.")
        found[name] = entry
    layers, width = (max(entry.values) if isinstance(entry, Choices) else entry.high for entry in found.values())
    _check_value(SIZES, [int(width)] * int(layers))
    return found


def _check_value(name: str, value: Any) -> None:
    known = OF_ESTIMATORS[name]
    if (value == "auto" and known.default == AUTO) or known.is_default(value):
        return
    known.check(value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
