"""The measured precision of each rule, in the file that ships and in every format of a finding."""

import json

import pytest

from glassnet.diagnosis import measured
from glassnet.diagnosis.diagnosis import Diagnosis
from glassnet.diagnosis.finding import Finding
from glassnet.diagnosis.measured import FILE, Measured, measured_rules
from glassnet.diagnosis.rules import RULES

OUTSIDE = Finding("outside", "note", "new rows 0", "far", 1.0, 0.0, "guesses", "check")


@pytest.fixture
def twenty_cases(monkeypatch):
    rows = {"outside": Measured(20, 0.95, 10, 1.0), "unsteady": Measured(3, None, 0, None)}
    monkeypatch.setattr(measured, "measured_rules", lambda: rows)


def test_every_rule_has_a_row_and_nothing_else_does():
    """A rule that was not measured yet stands in measured.json as null."""
    assert set(json.loads(FILE.read_text())["rules"]) == {rule.name for rule in RULES}


def test_rows_are_shares_of_counts():
    for row in measured_rules().values():
        for share, of in ((row.precision, row.findings), (row.recall, row.faults)):
            assert share is None or (0 <= share <= 1 and share * of == pytest.approx(round(share * of), abs=6e-5 * of))


@pytest.mark.parametrize("rule, expected", [("outside", 0.95), ("unsteady", None), ("not-finite", None)])
def test_a_finding_has_the_precision_of_its_rule(twenty_cases, rule, expected):
    found = Finding(rule, "note", "new rows 0", "far", 1.0, 0.0, "guesses", "check")
    assert found.precision == expected
    assert found.to_dict()["precision"] == expected


def test_text_and_html_say_how_often_the_rule_was_right(twenty_cases):
    found = Diagnosis((OUTSIDE,), 10, 5, ("outside",))
    assert found.to_text().splitlines()[-1] == "  This rule was right in 95 of 100 cases."
    assert "<small>This rule was right in 95 of 100 cases.</small>" in found.to_html()


def test_a_rule_that_was_not_measured_says_nothing_of_it(monkeypatch):
    monkeypatch.setattr(measured, "measured_rules", dict)
    found = Diagnosis((OUTSIDE,), 10, 5, ("outside",))
    assert found.to_text().splitlines()[-1] == "  Next: check"
    assert "<small>" not in found.to_html()
