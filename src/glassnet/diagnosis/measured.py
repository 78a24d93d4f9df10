"""How often the findings of each rule were right in benchmarks/doctor: numbers that ship in measured.json."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("measured.json")


@dataclass(frozen=True)
class Measured:
    """What the benchmark counted for a rule, over healthy fits and seeded faults.

    Attributes
    ----------
    findings : int
        Number of its findings that rows could judge which nobody had seen.
    precision : float or None
        The share of them that were true, or that in healthy fits if it is smaller; None if there were too few to say.
    faults : int
        Number of seeded faults that the rule should find.
    recall : float or None
        The share of them that it found, in the right place; None if there were too few.
    """

    findings: int
    precision: float | None
    faults: int
    recall: float | None


@cache
def measured_rules() -> dict[str, Measured]:
    """Return what was counted for each rule; the file is read at the first call."""
    rules = json.loads(FILE.read_text(encoding="utf-8"))["rules"]
    return {name: Measured(**row) for name, row in rules.items() if row is not None}


def precision_of(rule: str) -> float | None:
    """Return the share of a rule's findings that were right; None if it was not measured, or too few to say."""
    row = measured_rules().get(rule)
    return None if row is None else row.precision


def precision_in_words(precision: float | None) -> str:
    """Return the sentence for people; "" if nothing was measured. 100 of 100 means that none was wrong.

    >>> precision_in_words(0.966), precision_in_words(0.999), precision_in_words(None)
    ('This rule was right in 96 of 100 cases.', 'This rule was right in 99 of 100 cases.', '')
    """
    return "" if precision is None else f"This rule was right in {int(100 * precision + 1e-9)} of 100 cases."
