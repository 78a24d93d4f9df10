"""The section on sharing parameters, on hand-made results. What needs PyTorch checks itself whenever it measures."""

import json

import pandas as pd
import pytest

from benchmarks.accuracy import shared_ensemble as shared
from benchmarks.accuracy import tables


def written(tmp_path, rows):
    """Write results of glassnet's own models and of the others; return the section."""
    paths = []
    for name, column, own in (("results.csv", "model", True), ("shared.csv", "variant", False)):
        found = [
            {"table": table, column: model, "fold": 0, "nrmse": None, "log_loss": None, "gigaflop": None, **numbers}
            for (table, model), numbers in rows.items()
            if model.startswith("glassnet") == own
        ]
        paths.append(tmp_path / name)
        pd.DataFrame(found).to_csv(paths[-1], index=False)
    return shared.text_of(paths[1], paths[0]).splitlines()


@pytest.fixture
def lines(tmp_path):
    """On digits eight networks halve the error and eight members take off a fifth; on splice both halve it."""
    rows = {
        ("digits", "glassnet"): {"error": 0.1, "seconds": 1.0},
        ("digits", "glassnet-8"): {"error": 0.05, "seconds": 9.0},
        ("digits", "one"): {"error": 0.1, "seconds": 2.0, "gigaflop": 10.0, "n_parameters": 100},
        ("digits", "mini-8"): {"error": 0.08, "seconds": 6.0, "gigaflop": 80.0, "n_parameters": 120},
        ("digits", "rate-2"): {"error": 0.16, "seconds": 6.0, "gigaflop": 80.0, "n_parameters": 120},
        ("digits", "steps-1"): {"seconds": 2.0},
        ("digits", "steps-8"): {"seconds": 1.5},
        ("splice", "glassnet"): {"error": 0.1, "seconds": 1.0},
        ("splice", "glassnet-8"): {"error": 0.05, "seconds": 9.0},
        ("splice", "one"): {"error": 0.1, "seconds": 2.0, "gigaflop": 10.0, "n_parameters": 100},
        ("splice", "mini-8"): {"error": 0.05, "seconds": 6.0, "gigaflop": 80.0, "n_parameters": 120},
    }
    return written(tmp_path, rows)


@pytest.mark.parametrize(
    "line",
    [
        # sqrt(0.8 * 0.5) of the one network's error, and sqrt(1.6 * 1) of the eight networks'
        "| mini-8 | 2 | 0.632 (0.500 to 0.800; 2) | 0.632 (0.500 to 0.800; 2) | 1.265 (1.000 to 1.600; 2) | – | – | – |",
        "| glassnet-8 | 2 | 0.500 (0.500 to 0.500; 2) | 0.500 (0.500 to 0.500; 2) | 1 | – | – | 1 |",
        "| mini-8 | 8 | 3 | 1.2 | about 6 |",  # 8 steps of 1.5 for each one of 2
        "| glassnet-8 | 8 | – | 8 | 9 |",
        "| digits | 1 | 0.1000 | 0.1000 | 0.0800 | 0.0500 |",
        f"| rate-2: `{json.dumps(shared.VARIANTS['rate-2'])}` | 2.000 (1) | – |",
    ],
)
def test_section(lines, line):
    assert line in lines


def test_section_without_results(tmp_path):
    assert "No measurement is in" in shared.text_of(tmp_path / "none.csv")


def test_section_is_what_the_results_say():
    shared.write(check=True)


def test_section_that_is_not_up_to_date(tmp_path, monkeypatch):
    page = tmp_path / "accuracy.md"
    page.write_text("before\n" + "\n".join(shared.MARKS) + "\nafter\n")
    monkeypatch.setattr(shared, "PAGE", page)
    with pytest.raises(SystemExit, match=r"is not what the results say: run .*shared_ensemble --report"):
        shared.write(check=True)
    shared.write()
    shared.write(check=True)


@pytest.mark.parametrize(("column", "usual"), [([1.5, 2.5], "normal"), (pd.Categorical(["a", "b"]), "signs")])
def test_scalings_that_a_table_has_anyway(column, usual):
    table = tables.Table("t", pd.DataFrame({"x": column}), None, is_regression=False)

    assert [shared.is_default(table, {"scalings": each}) for each in ("normal", "signs")] == [
        usual == "normal",
        usual == "signs",
    ]
    assert not shared.is_default(table, {"n_members": 8})
