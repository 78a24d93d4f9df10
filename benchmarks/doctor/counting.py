"""Counts from the records of the suite: false alarms, recall, places, precision, and which rules answer to a fault."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.doctor.faults import FAULTS
from benchmarks.doctor.faults.fault import Fault
from benchmarks.doctor.running import Record
from glassnet.diagnosis.rules import RULES

FEWEST = 10  # findings or faults of which a share says something

Test = Callable[[Any], bool]


@dataclass(frozen=True)
class OfFault:
    """What was found of a kind of fault."""

    fault: Fault
    n: int
    found: int
    there: int
    by: Counter[str]  # rules that found it
    others: Counter[str]  # rules of level error or warning that do not name the fault, and how often


@dataclass(frozen=True)
class OfRule:
    """The findings of a rule: judged right or wrong, or undecided; and its faults."""

    rule: str
    right: int
    wrong: int
    undecided: int
    alarms: int  # healthy fits with an untrue finding
    faults: int
    found: int

    @property
    def precision(self) -> float | None:
        """The share of right findings among those that could be judged; None if these are few, or the fewer ones."""
        n = self.right + self.wrong
        return None if n < max(FEWEST, self.undecided) else round(self.right / n, 4)

    @property
    def recall(self) -> float | None:
        """The share of faults that name this rule first and were found, in the right place."""
        return None if self.faults < FEWEST else round(self.found / self.faults, 4)


def healthy(records: Sequence[Record]) -> list[Record]:
    """Return the fits that were meant to be healthy and are better than a constant for the fresh rows."""
    return [record for record in records if record["is_healthy"]]


def share_with(records: Sequence[Record], is_one: Test) -> tuple[int, int]:
    """Return the number of fits with such a finding, and of all."""
    return sum(any(map(is_one, record["findings"])) for record in records), len(records)


def of_faults(records: Sequence[Record]) -> list[OfFault]:
    found = []
    for fault in FAULTS:
        cases = [record["findings"] for record in records if record["fault"] == fault.name]
        if cases:
            hits = [[each for each in case if each["named"]] for case in cases]
            others = Counter(each["rule"] for case in cases
                             for each in case if not each["named"] and each["level"] != "note")  # fmt: skip
            there = sum(any(each["there"] for each in case) for case in hits)
            by = Counter(each["rule"] for case in hits for each in case)
            found.append(OfFault(fault, len(cases), sum(map(bool, hits)), there, by, others))
    return found


def of_rules(records: Sequence[Record]) -> list[OfRule]:
    """Return a row for each rule. Faults count for the rule that they name first."""
    by_fault, fits = of_faults(records), healthy(records)
    found = []
    for rule in RULES:
        verdicts = Counter(
            each["true"] for record in records for each in record["findings"] if each["rule"] == rule.name
        )
        alarms = [each["rule"] == rule.name and each["true"] is False for record in fits for each in record["findings"]]
        own = [each for each in by_fault if each.fault.rules[0] == rule.name]
        found.append(OfRule(rule.name, verdicts[True], verdicts[False], verdicts[None], sum(alarms),
                            sum(row.n for row in own), sum(row.there for row in own)))  # fmt: skip
    return found
