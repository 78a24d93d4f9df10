"""`Rule`: a check of a subject, with its name, what it looks for, and where it comes from."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from glassnet.diagnosis.finding import Finding
from glassnet.diagnosis.subject import Subject


@dataclass(frozen=True)
class Listening:
    """How a rule listens to a training.

    Attributes
    ----------
    after : float
        Share of the planned epochs during which it says nothing, as the network may only be on its way.
    seconds : float
        What it takes on top of the statistics of the layers, if that is long.
    """

    after: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True)
class Rule:
    """A check.

    Attributes
    ----------
    name : str
    looks_for : str
        One sentence.
    source : str
        Where the idea or the formula comes from.
    check : callable
        ``check(subject)`` yields its findings.
    needs_rows : bool
        Whether it looks at rows, and not at the network and its history alone.
    listening : Listening or None
        How it listens to a training; None if it looks at trained networks only.
    """

    name: str
    looks_for: str
    source: str
    check: Callable[[Subject], Iterable[Finding]]
    needs_rows: bool = True
    listening: Listening | None = None
