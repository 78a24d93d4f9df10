"""Counts from the records of the suite: false alarms, recall, places, precision, and which rules answer to a fault."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
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
class Verdicts:
    """What the judge says of the findings of a rule: true, untrue, or that it cannot tell."""

    right: int
    wrong: int
    undecided: int

    @property
    def share(self) -> float | None:
        """The share of right findings among those that could be judged; None if these are few, or the fewer ones."""
        n = self.right + self.wrong
        return None if n < max(FEWEST, self.undecided) else round(self.right / n, 4)


@dataclass(frozen=True)
class OfRule:
    """The findings of a rule in all fits and in healthy ones, and the faults that name it first."""

    rule: str
    everywhere: Verdicts
    in_healthy: Verdicts
    faults: int
    found: int  # by this rule, in the right place

    @property
    def verdicts(self) -> Verdicts:
        """Those with the smaller share of right findings: in all fits, or in healthy ones."""
        known = [each for each in (self.everywhere, self.in_healthy) if each.share is not None]
        return min(known, key=lambda each: each.share or 0.0, default=self.everywhere)

    @property
    def recall(self) -> float | None:
        """The share of faults that name this rule first and that it found, in the right place."""
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
    """Return a row for each rule."""
    fits = healthy(records)
    first = {fault.name: fault.rules[0] for fault in FAULTS}
    found = []
    for rule in RULES:
        own = [record for record in records if record["fault"] and first[record["fault"]] == rule.name]
        n_found, n_faults = share_with(own, partial(_is_hit, rule=rule.name))
        judged = _verdicts(records, rule.name), _verdicts(fits, rule.name)
        found.append(OfRule(rule.name, *judged, n_faults, n_found))
    return found


def _is_hit(finding: Any, rule: str) -> bool:
    return finding["rule"] == rule and finding["there"]


def _verdicts(records: Sequence[Record], rule: str) -> Verdicts:
    said = Counter(each["true"] for record in records for each in record["findings"] if each["rule"] == rule)
    return Verdicts(said[True], said[False], said[None])
