"""The page of scaling: which half of the measurements judges the model, and that the page has what the script writes."""

import subprocess
import sys

import pytest
from benchmarks.scaling.model import CostModel, Step
from benchmarks.scaling.switch import Link

from benchmarks.scaling import report

ENTRIES = [
    {"link": link, "hosts": hosts, "numbers": numbers, "seconds": 1.0}
    for link in ("none", "1 ms", "10 ms")
    for hosts in (2, 4)
    for numbers in (10, 100, 1000)
]


def test_each_half_has_every_link_number_of_hosts_and_size():
    used = report.halves(ENTRIES)

    assert used.sum() == len(ENTRIES) // 2
    for half in (used, ~used):
        chosen = [entry for entry, is_in in zip(ENTRIES, half) if is_in]
        for key in ("link", "hosts", "numbers"):
            assert {entry[key] for entry in chosen} == {entry[key] for entry in ENTRIES}


def test_steps_are_never_fitted():
    """Other times of steps give the same model."""
    results = report.read()
    changed = {**results, "steps": [{**entry, "seconds": 9.0} for entry in results["steps"]]}

    assert report.model_from(changed) == report.model_from(results)


def test_the_judging_half_is_never_fitted():
    results = report.read()
    used = report.halves(results["allreduce"])
    changed = [entry if is_in else {**entry, "seconds": 9.0} for entry, is_in in zip(results["allreduce"], used)]

    assert report.model_from({**results, "allreduce": changed}) == report.model_from(results)


def test_the_page_has_the_figures_of_the_measurements():
    text = report.PAGE.read_text(encoding="utf-8")

    assert report.page_with(text, report.parts_of(report.read())) == text


def test_a_page_without_markers_is_refused():
    with pytest.raises(
        ValueError, match=r"lacks the markers of steps: <!-- steps: from benchmarks/scaling/results\.json"
    ):
        report.page_with("# How training scales\n", {"steps": ["| |"]})


def test_the_most_hosts_are_the_last_that_train_at_half_speed():
    """1 ms of computing, and 1 ms for each message of the ring: 1 of 2 ms with 2 hosts, 1 of 4 ms with 4."""
    model = CostModel((1e-3, 0.0, 0.0), (0.0, 0.0, 1e-3, 0.0, 0.0, 0.0, 0.0))
    step = Step(2, 64, 1000, Link("none"))

    assert report.most_hosts(model, step, 0) == "2"
    assert report.most_hosts(model, step, 0, tree=True) == "2"
    assert report.most_hosts(CostModel((1e-3, 0.0, 0.0), (0.0,) * 7), step, 0) == "1,024 or more"
    assert report.most_hosts(CostModel((1e-3, 0.0, 0.0), (2e-3, *(0.0,) * 6)), step, 0) == "1"


def test_who_may_not_make_namespaces_is_told(monkeypatch):
    from benchmarks.scaling import hosts

    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr("shutil.which", lambda name: "/usr/sbin/ip")

    assert hosts.why_not() == "simulated hosts are network namespaces, which only root can make; run this as root"
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert "try: apt install iproute2" in hosts.why_not()


def test_check_says_whether_the_page_is_up_to_date():
    command = [sys.executable, "-m", "benchmarks.scaling", "--check"]

    assert subprocess.run(command, cwd=report.ROOT).returncode == 0
