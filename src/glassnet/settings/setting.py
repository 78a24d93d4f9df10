"""`Setting`: one entry of the table."""

from dataclasses import dataclass
from typing import Any

from glassnet.settings.kinds import Kind

AUTO = "auto"
"""The default of a setting that the preset decides."""


@dataclass(frozen=True)
class Place:
    """A setting as an argument of `glassnet.train` or a parameter of the estimators.

    Attributes
    ----------
    name : str
    default : object
    doc : str
        Its documentation, where it differs from that of the setting.
    kind : Kind, optional
        What it may be, where it differs.
    """

    name: str
    default: Any = None
    doc: str = ""
    kind: Kind | None = None


@dataclass(frozen=True)
class Auto:
    """What "auto" stands for: in the preset "plain", and in "tabular" for large and small tables.

    None stands for a rule in `glassnet.estimators.fitting.recipe`, or for the setting switched off.
    """

    plain: Any
    large: Any
    small: Any


@dataclass(frozen=True)
class Option:
    """A setting as an option of ``glassnet train``.

    Attributes
    ----------
    name : str
    metavar : str
        What stands for the value in the help; empty for a flag.
    help : str
    panel : str
        The heading of the help that lists it.
    """

    name: str
    metavar: str
    help: str
    panel: str

    @property
    def argument(self) -> str:
        """The name of the command's argument in Python."""
        return self.name.split("/")[0].lstrip("-").replace("-", "_")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting, wherever it applies.

    Attributes
    ----------
    kind : Kind
        What it may be.
    doc : str
        Its documentation.
    required : bool
        Whether `glassnet.train` has no default for it.
    train : Place or None
        The argument of `glassnet.train`.
    estimators : Place or None
        The parameter of the estimators.
    only : str
        "classifier" or "regressor", if the other has no such parameter.
    auto : Auto or None
        The values of the presets.
    option : Option or None
        The option of ``glassnet train``.
    """

    kind: Kind
    doc: str
    required: bool = False
    train: Place | None = None
    estimators: Place | None = None
    only: str = ""
    auto: Auto | None = None
    option: Option | None = None

    @property
    def argument(self) -> "Parameter | None":
        """The argument of `glassnet.train`."""
        return None if self.train is None else self._at(self.train)

    @property
    def parameter(self) -> "Parameter | None":
        """The parameter of the estimators."""
        return None if self.estimators is None else self._at(self.estimators)

    def _at(self, place: Place) -> "Parameter":
        return Parameter(place.name, place.default, place.kind or self.kind, place.doc or self.doc, self)


@dataclass(frozen=True)
class Parameter:
    """A setting in one of its places, with everything that holds there.

    Attributes
    ----------
    name : str
    default : object
    kind : Kind
    doc : str
    setting : Setting
    """

    name: str
    default: Any
    kind: Kind
    doc: str
    setting: Setting

    def is_default(self, value: Any) -> bool:
        """Return whether a value is the default, which needs no check: most are, in every call of `fit`."""
        default = self.default
        return type(value) is type(default) and value == default and not self.setting.required

    def check(self, value: Any) -> Any:
        """Return the value in its usual type, or raise a ParameterError."""
        return self.kind.check(self.name, value)
