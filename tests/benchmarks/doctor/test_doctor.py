"""The suite that measures the doctor: its counts on hand-made records, and what it writes."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from benchmarks.accuracy.tables import Table
from benchmarks.doctor.cases import rows_of
from benchmarks.doctor.faults import FAULTS, weights

from benchmarks.doctor import counting, report, running, tables, truth
from glassnet.diagnosis.finding import Finding
from glassnet.diagnosis.rules import RULES


def finding(rule, level="warning", where="", rows=(), evidence=""):
    return Finding(rule, level, where, evidence, 0.0, 0.0, "", "", rows=rows)


def found(rule, true, level="warning", named=False, there=False):
    return {"rule": rule, "level": level, "where": "", "value": 0.0, "named": named, "there": there, "true": true}


def record(name, *findings, fault=None):
    return {
        "name": name,
        "table": "t",
        "fault": fault,
        "is_healthy": fault is None,
        "findings": list(findings),
        "seconds": 0.1,
    }


RECORDS = [
    record("a"),
    record("b", found("overfits", True)),
    record("c", found("overfits", False), found("miscalibrated", None)),
    record("d", found("outside", True, "note")),
    *(record(f"e{k}", found("dead-units", True, "error", True, True), fault="dead units") for k in range(9)),
    record("f", found("overfits", False), fault="dead units"),
    record("g", found("dead-units", False, "error", True, False), fault="dead units"),
]


def test_each_table_is_in_one_half():
    choose, report_half = tables.half("choose"), tables.half("report")
    assert sorted(choose + report_half) == sorted(tables.NAMES)
    assert {"digits", "breast_cancer", "attrition", "cells", "chicago"} <= set(choose)
    assert {"magic", "caravan", "chess", "concrete"} <= set(report_half)


ONLY_WHILE_IT_TRAINS = {"large-steps"}  # the suite asks after the training


def test_every_rule_answers_to_a_fault():
    rules = {rule.name for rule in RULES} - ONLY_WHILE_IT_TRAINS
    assert rules <= {rule for fault in FAULTS for rule in fault.rules}


def test_faults_name_rules_that_exist():
    names = {rule.name for rule in RULES}
    assert all(names >= {*fault.rules, *fault.also} for fault in FAULTS)
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 30


class TestCounts:
    def test_a_rule(self):
        dead = next(row for row in counting.of_rules(RECORDS) if row.rule == "dead-units")
        assert dead.everywhere == counting.Verdicts(9, 1, 0)
        assert dead.in_healthy == counting.Verdicts(0, 0, 0)
        assert (dead.faults, dead.found) == (11, 9)
        assert (dead.verdicts.share, dead.recall) == (0.9, 0.8182)

    def test_few_findings_say_nothing(self):
        overfits = next(row for row in counting.of_rules(RECORDS) if row.rule == "overfits")
        assert (overfits.everywhere, overfits.in_healthy) == (counting.Verdicts(1, 2, 0), counting.Verdicts(1, 1, 0))
        assert overfits.verdicts.share is None

    def test_the_precision_is_the_smaller_one_of_all_fits_and_of_healthy_ones(self):
        fits = [record(f"h{k}", found("overfits", k > 4)) for k in range(10)]
        broken = [record(f"b{k}", found("overfits", True), fault="dead units") for k in range(30)]
        (row,) = (each for each in counting.of_rules([*fits, *broken]) if each.rule == "overfits")
        assert (row.everywhere.share, row.in_healthy.share, row.verdicts.share) == (0.875, 0.5, 0.5)

    def test_what_is_mostly_undecided_has_no_precision(self):
        assert counting.Verdicts(10, 0, 11).share is None
        assert counting.Verdicts(10, 0, 10).share == 1.0

    def test_what_another_rule_found_is_no_recall(self):
        hits = [record(f"f{k}", found("worse-than-linear", True, "warning", True, True), fault="noise on the weights")
                for k in range(10)]  # fmt: skip
        (row,) = (each for each in counting.of_rules(hits) if each.rule == "nothing-learned")
        assert (row.faults, row.found) == (10, 0)

    def test_a_fault(self):
        (dead,) = counting.of_faults(RECORDS)
        assert (dead.n, dead.found, dead.there, dict(dead.others)) == (11, 10, 9, {"overfits": 1})

    def test_healthy_fits(self):
        text = report.markdown(RECORDS)
        assert "Of 4 healthy fits to 1 tables (0 more failed: a constant is better for fresh rows):" in text
        assert "- 0 (0.0%) have a finding of level error." in text
        assert "2 (50.0%) have a warning; 1 (25.0%) have one that is not true, and 1 (25.0%) one" in text
        assert (
            "- Of 11 that deserve errors, 10 (90.9%) are found; of the 10 of these that have a place, 9 (90.0%) in the "
            "right one." in text
        )


def test_what_is_written_replaces_what_was(tmp_path, monkeypatch):
    page, file = tmp_path / "doctor.md", tmp_path / "measured.json"
    page.write_text(f"before\n\n{report.BEGIN}\nold\n\n{report.END}\nafter\n")
    monkeypatch.setattr(report, "PAGE", page)
    monkeypatch.setattr(report, "FILE", file)
    report.write(RECORDS)
    once = page.read_text()
    report.write(RECORDS)
    assert page.read_text() == once
    assert once.startswith(f"before\n\n{report.BEGIN}")
    assert once.endswith(f"{report.END}\nafter\n")
    assert "old" not in once
    rules = json.loads(file.read_text())["rules"]
    assert rules["dead-units"] == {"findings": 10, "precision": 0.9, "faults": 11, "recall": 0.8182}
    assert rules["error-signal"] is None
    assert set(rules) == {rule.name for rule in RULES}


def test_a_fit_that_raises_counts_as_missed(monkeypatch, tmp_path):
    fault = next(each for each in FAULTS if each.name == "dead units")

    def broken():
        raise ValueError("no rows")

    monkeypatch.setattr(running, "_cases", lambda *asked: [("t, dead units", fault, broken)])
    (failed,) = running.records("t", "dead-units", 1, 1, [], set())
    assert failed["failed"] == "ValueError: no rows"
    assert "- Of 1 that deserve errors, 0 (0.0%) are found" in report.markdown([failed])
    assert report.markdown([failed]).endswith("the first one was t, dead units: ValueError: no rows\n")


def test_a_line_that_was_cut_off_is_made_again(tmp_path):
    path = tmp_path / "results.jsonl"
    path.write_text(json.dumps(RECORDS[0]) + "\n" + json.dumps(RECORDS[1])[:40])
    assert running.records_of(path) == [RECORDS[0]]
    with path.open("a") as file:
        file.write("\n" + json.dumps(RECORDS[1]) + "\n")
    assert running.records_of(path) == RECORDS[:2]
    assert running.records_of(tmp_path / "none") == []


@pytest.mark.parametrize(
    "where, numbers",
    [
        ("layer 1, units 2, 3 and 1,204 more", (2, 3)),
        ("new rows 0 and 7 (counted from 0)", (0, 7)),
        ("layer 2, units 5", (5,)),
        ("the whole network", ()),
    ],
)
def test_numbers_of_a_place(where, numbers):
    assert truth.numbers_in(where) == numbers


def test_a_place_is_right_if_half_of_it_was_broken():
    fault = next(each for each in FAULTS if each.name == "dead units")
    case = SimpleNamespace(broken=frozenset({1, 2}))
    for units, expected in (("1, 2, 3 and 4", True), ("2, 3 and 4", False)):
        assert running.is_at(finding("dead-units", where=f"layer 1, units {units}"), fault, case) == expected
    assert not running.is_at(finding("dead-units", where="layer 2, units 1"), fault, case)


def test_a_broken_fit_is_judged_from_end_to_end():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 3))
    table = Table("made", pd.DataFrame(X, columns=list("abc")), (X[:, 0] > 0).astype(int), False)
    fault = next(each for each in weights.FAULTS if each.name == "dead units")
    found = running.record_of(fault.make(rows_of(table, 300, 0), 0, 0.6), fault)
    (dead,) = [each for each in found["findings"] if each["rule"] == "dead-units"]
    assert (dead["named"], dead["there"], dead["true"]) == (True, True, True)
    assert running.record_of(None, fault) is None
