"""The speed suite runs from end to end, and what it writes holds what a reader needs and nothing that names a machine."""

import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks.speed.cases import CASES
from benchmarks.speed.processes.worker import reason_of
from benchmarks.speed.reporting import readme
from benchmarks.speed.reporting.report import print_report
from benchmarks.speed.reporting.summary import steps_rows
from benchmarks.speed.sgemm import flops_of_run
from benchmarks.speed.task import Task
from benchmarks.speed.where_time_goes import measure

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """Return the document of a quick run."""
    folder = tmp_path_factory.mktemp("results")
    command = [sys.executable, "-m", "benchmarks", "--quick", "--results", str(folder)]
    run = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"COLUMNS": "160"}, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    (path,) = folder.glob("*.json")
    return path, run.stdout


def test_quick_run(result):
    document = json.loads(result[0].read_text())
    (entry,) = document["results"]["steps"]
    contenders = entry["contenders"]

    assert set(contenders) == {"glassnet", "scikit-learn"}
    assert all(each["status"] == "ok" and len(each["seconds"]) == 2 for each in contenders.values())
    assert all(each["agreement"]["deviation"] < 1e-5 for each in contenders.values())
    assert all(each["microseconds_per_step"] > 0 and each["peak_bytes"] >= 0 for each in contenders.values())
    assert document["machine"]["cores"] >= 1
    assert document["versions"]["scikit-learn"]


def test_result_names_no_machine(result):
    text = result[0].read_text()

    assert os.uname().nodename not in text
    assert str(Path.home()) not in text
    assert str(ROOT) not in text


def test_report_shows_both(result):
    assert "glassnet" in result[1]
    assert "scikit-learn" in result[1]
    assert "µs per step" in result[1]


def test_readme_is_what_the_newest_result_says():
    text = readme.README.read_text(encoding="utf-8")

    assert readme.replaced(text, readme.text_of(readme.newest())) == text


def test_readme_text_of_a_result(result):
    document = json.loads(result[0].read_text())
    (row,) = steps_rows(document["results"]["steps"])
    text = readme.text_of(result[0])

    assert "| T | 3-3-3 relu, 8 rows, minibatch 8 |" in text
    assert (
        f"{row.peers['scikit-learn'] / row.ours:.0f}×" in text or f"{row.peers['scikit-learn'] / row.ours:.1f}×" in text
    )
    assert (
        readme.replaced(f"a {readme.BEGIN} old {readme.END} z", "new") == f"a {readme.BEGIN}\n\nnew\n\n{readme.END} z"
    )


def test_newest_is_by_date(tmp_path):
    assert readme.newest(tmp_path) is None
    for name in ("2026-09-30-b.json", "2026-10-02-a.json", "2026-10-01-c.json"):
        (tmp_path / name).touch()

    assert readme.newest(tmp_path).name == "2026-10-02-a.json"


def test_a_missing_peer_is_told_with_its_reason(result):
    from rich.console import Console

    document = json.loads(result[0].read_text())
    missing = {"status": "missing", "reason": "ModuleNotFoundError: No module named 'thinc'"}
    document["results"]["steps"][0]["contenders"]["thinc"] = missing
    console = Console(record=True, width=160, file=io.StringIO())
    print_report(document, console)

    assert "thinc: missing: ModuleNotFoundError: No module named 'thinc'" in console.export_text()


def test_reasons_hold_no_paths():
    error = OSError("cannot open /usr/lib/somewhere/libx.so.1: no such file\nsecond line")

    assert reason_of(error) == "OSError: cannot open libx.so.1: no such file"


def test_task_survives_its_file(tmp_path):
    task = CASES["S"].task()
    task.save(tmp_path / "task.npz")
    loaded = Task.load(tmp_path / "task.npz")

    assert loaded.settings == task.settings
    assert np.array_equal(loaded.X, task.X)
    assert all(np.array_equal(W, V) and np.array_equal(b, c) for (W, b), (V, c) in zip(loaded.layers, task.layers))


@pytest.mark.parametrize("name", ["T", "S", "M", "P", "S-descent"])
def test_probe_is_the_first_ten_steps(name):
    """Ten steps of whole minibatches."""
    probe = CASES[name].task().probe()

    assert probe.n_steps == 10
    assert len(probe.X) == probe.settings.n_samples
    assert {rows.stop - rows.start for rows in probe.minibatches} == {probe.settings.batch_size}


def test_flops_by_hand():
    """3-3-3 on 8 rows: 9 weights a layer; Z and dW of both layers, delta of the second: 5 products of 2 · 8 · 9."""
    assert flops_of_run(CASES["T"].task()) == CASES["T"].epochs * 5 * 2 * 8 * 9


def test_machine_code_is_a_part_of_the_whole_call():
    task = CASES["T"].task()
    whole, inside = measure(replace(task, settings=replace(task.settings, epochs=20)), n_jobs=1, repeats=1)

    assert 0 < inside < whole
