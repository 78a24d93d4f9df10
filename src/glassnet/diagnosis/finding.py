"""`Finding`: what a rule has found, in words and numbers."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from glassnet.diagnosis.measured import precision_of
from glassnet.diagnosis.remedy import Remedy
from glassnet.drawing.small.plot import Plot

Level = Literal["error", "warning", "note"]
LEVELS: tuple[Level, ...] = ("error", "warning", "note")


@dataclass(frozen=True)
class Finding:
    """What a rule has found.

    Attributes
    ----------
    rule : str
        Name of the rule.
    level : {"error", "warning", "note"}
        "error": the network cannot learn so. "warning": it is worse than it could be, or its scores mislead. "note":
        good to know.
    where : str
        The layer, units, column, class or rows.
    evidence : str
        What was measured, in words.
    value, threshold : float
        The measured number, and the one from which the rule speaks.
    meaning : str
        What that means, in one sentence.
    next : str
        What to do next, if possible as a parameter that can be pasted.
    rows : tuple of int
        All rows that the finding is about, if it is about rows: their numbers in the user's data, from 0, the worst
        first.
    plot : Plot or None
        The evidence as a small plot: plain numbers.
    remedies : tuple of Remedy
        Changes of settings or columns that `glassnet.try_fixes` tries.
    source : str
        Where the idea or the formula of the rule comes from.
    """

    rule: str
    level: Level
    where: str
    evidence: str
    value: float
    threshold: float
    meaning: str
    next: str
    rows: tuple[int, ...] = ()
    plot: Plot | None = None
    remedies: tuple[Remedy, ...] = ()
    source: str = ""

    @property
    def precision(self) -> float | None:
        """How often findings of this rule were right in the benchmark, a share; None if too few were judged."""
        return precision_of(self.rule)

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain data."""
        remedies = [each.to_dict() for each in self.remedies]
        return {**asdict(self), "remedies": remedies, "precision": self.precision}
