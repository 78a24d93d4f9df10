"""`Rule`: a check of a subject, with its name, what it looks for, and where it comes from."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from glassnet.diagnosis.finding import Finding
from glassnet.diagnosis.subject import Subject


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
    """

    name: str
    looks_for: str
    source: str
    check: Callable[[Subject], Iterable[Finding]]
    needs_rows: bool = True
