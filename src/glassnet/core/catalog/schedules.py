r"""Schedules: factors of the learning rate, the dropout or the weight decay, as pure functions of the run's progress.

Each takes `t` in [0, 1), the completed share of all steps, and `epoch`, the number of completed epochs (with its
fraction), both arrays with one element per step, and returns factors of the same shape.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import pi
from typing import Any

from glassnet.arrays import namespace
from glassnet.core.choices import choose
from glassnet.errors import ParameterError
from glassnet.typing import Array, Spec

ADAPTIVE = "adaptive"
"""The name of a schedule of the learning rate that is no function of progress: a run lowers it as costs stand still."""


def constant(t: Array, epoch: Array) -> Array:
    """1."""
    return namespace(t).ones_like(t)


def step(t: Array, epoch: Array, factor: float = 0.5, every: int = 10) -> Array:
    """Factor ^ floor(epoch / every)."""
    return factor ** namespace(t).floor(epoch / every)


def inverse(t: Array, epoch: Array, decay: float = 0.1, power: float = 1.0) -> Array:
    """1 / (1 + decay · epoch)^power."""
    return 1.0 / (1.0 + decay * epoch) ** power


def exponential(t: Array, epoch: Array, rate: float = 0.95) -> Array:
    """Rate ^ epoch."""
    return rate**epoch


def cosine(t: Array, epoch: Array, final: float = 0.0) -> Array:
    """From 1 down to `final` along half a cosine."""
    return final + (1.0 - final) * 0.5 * (1.0 + namespace(t).cos(pi * t))


def flat_cosine(t: Array, epoch: Array) -> Array:
    r"""1 over the first half, then :math:`\frac12 (1 + \cos(\pi (2 t - 1)))` down to 0 (Holzmüller et al. 2024)."""
    xp = namespace(t)
    return 0.5 * (1.0 + xp.cos(pi * xp.clip(2.0 * t - 1.0, 0.0, 1.0)))


def warm_up(t: Array, epoch: Array, share: float = 0.1, then: str = "constant") -> Array:
    """Rise linearly to 1 over the first `share` of the run, then follow the schedule named `then`."""
    xp = namespace(t)
    rest = xp.clip((t - share) / (1.0 - share), 0.0, 1.0)
    return xp.where(t < share, t / share, SCHEDULES[then](rest, epoch))


def coslog4(t: Array, epoch: Array) -> Array:
    r""":math:`\frac12 (1 - \cos(2 \pi \log_2(1 + 15 t)))`: four cycles from 0 to 0 (Holzmüller et al. 2024)."""
    xp = namespace(t)
    return 0.5 * (1.0 - xp.cos(2.0 * pi * xp.log2(1.0 + 15.0 * t)))


@dataclass(frozen=True)
class Schedule:
    """A schedule with its parameters.

    Examples
    --------
    >>> import numpy as np
    >>> resolve_schedule("cosine")(np.asarray([0.0, 0.5]), np.asarray([0.0, 5.0]))
    array([1. , 0.5])
    """

    name: str
    function: Callable[..., Array]
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, t: Array, epoch: Array) -> Array:
        """Return the factor of each step."""
        return self.function(t, epoch, **self.parameters)

    @property
    def spec(self) -> str | tuple[str, dict[str, Any]]:
        """The name, with its parameters if any, as stored in files."""
        return (self.name, dict(self.parameters)) if self.parameters else self.name


SCHEDULES: dict[str, Schedule] = {
    entry.name: entry
    for entry in (
        Schedule("constant", constant),
        Schedule("step", step, {"factor": 0.5, "every": 10}),
        Schedule("inverse", inverse, {"decay": 0.1, "power": 1.0}),
        Schedule("exponential", exponential, {"rate": 0.95}),
        Schedule("cosine", cosine, {"final": 0.0}),
        Schedule("flat_cosine", flat_cosine),
        Schedule("warm_up", warm_up, {"share": 0.1, "then": "constant"}),
        Schedule("coslog4", coslog4),
    )
}


def resolve_schedule(spec: Spec, kind: str = "schedule", also: Sequence[str] = ()) -> Schedule:
    """Return the schedule that `spec` names; `kind` is its name in messages, which list the names in `also` as well.

    Examples
    --------
    >>> resolve_schedule(("step", {"every": 5})).parameters
    {'factor': 0.5, 'every': 5}
    """
    entry = choose(spec, SCHEDULES, kind=kind, record=Schedule, also=also)
    given = entry.parameters
    if entry.name == "warm_up":
        if not 0 < given["share"] < 1:
            raise ParameterError(f"{kind} 'warm_up': share = {given['share']} must lie between 0 and 1; try 0.1.")
        others = [name for name in SCHEDULES if name != "warm_up"]
        if given["then"] not in others:
            raise ParameterError(
                f"{kind} 'warm_up': then = {given['then']!r} is not known. Choose from: {', '.join(others)}."
            )
    if entry.name == "step" and not given["every"] > 0:
        raise ParameterError(f"{kind} 'step': every = {given['every']} must be a positive number of epochs.")
    for name in ("factor", "rate", "decay", "power", "final"):
        if given.get(name, 0.0) < 0:
            raise ParameterError(f"{kind} {entry.name!r}: {name} = {given[name]} must not be negative.")
    return entry
