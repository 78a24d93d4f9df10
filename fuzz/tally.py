"""What came of many cases: how often each outcome, and which cases failed."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """Outcomes of a run.

    Attributes
    ----------
    name : str
        What was attacked.
    seed : int
        With a case's number it repeats the case.
    outcomes : Counter of str
        How many cases ended in each allowed outcome.
    failures : list of (int, str)
        The numbers of the cases that failed, and how.
    seconds : float
        CPU time of the slowest case.
    """

    name: str
    seed: int
    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[int, str]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def n_cases(self) -> int:
        """How many cases were tried."""
        return sum(self.outcomes.values()) + len(self.failures)

    def __str__(self) -> str:
        outcomes = ", ".join(f"{n:,} {outcome}" for outcome, n in self.outcomes.most_common())
        lines = [f"{self.name}: {self.n_cases:,} cases of seed {self.seed}: {outcomes or 'none allowed'}"]
        lines.append(f"  slowest case {self.seconds:.2f} s; {len(self.failures):,} failures")
        for case, reason in self.failures[:20]:
            lines.append(f"  case {case}: {reason}")
        if len(self.failures) > 20:
            lines.append(f"  ... and {len(self.failures) - 20:,} more")
        return "\n".join(lines)
