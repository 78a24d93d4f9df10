"""What the command line says of columns: how they were read, which are left out, and which row a message means."""

import json
from pathlib import Path

import numpy as np

WORDS = ("good kind clean quiet fine", "bad loud dirty rude cold")


def write(name, columns):
    heads = list(columns)
    lines = [",".join(heads), *(",".join(map(str, row)) for row in zip(*columns.values()))]
    Path(name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_a_column_that_is_left_out_is_told_once_with_the_way_to_keep_it(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, size=80)
    write("t.csv", {
        "code of it": [f"K{k:03}" for k in range(80)],
        "when": ["01/02/2020"] * 40 + ["03/04/2021"] * 40,
        "x": rng.normal(size=80).round(3),
        "review": [f"the room was {WORDS[k]} on day {i} of our stay" for i, k in enumerate(y)],
        "y": y,
    })  # fmt: skip

    outcome = run("train", "t.csv", "--target", "y", "--epochs", "1")

    whole = " ".join((outcome.out + outcome.err).split())
    assert outcome.code == 0
    for sentence in (
        "column 'code of it' is text that differs in every row like an id and is left out. To use it: "
        "--keep 'code of it'.",
        "column 'review' is free text, which this kind of network cannot use, and is left out. To use it: "
        "--keep review.",
        "column 'when' is text that was read as dates: '01/02/2020' is 2020-01-02, the month first, but could also",
    ):
        assert whole.count(sentence) == 1
    assert whole.count("could also mean") == 1
    assert "keep=[" not in whole
    assert "linear model with 'code of it', 'review'" in whole

    told = json.loads(run("train", "t.csv", "--target", "y", "--epochs", "1", "--json").out)
    assert any("--keep 'code of it'" in notice for notice in told["notices"])
    scores = {entry["name"]: entry["accuracy"] for entry in told["test"]["baselines"]}
    assert scores["linear model with 'code of it', 'review'"] > 0.9  # the signal was in the text, and shows


def test_new_files_are_read_as_the_training_file_was(run, tmp_path, monkeypatch):
    """A file whose values alone mean thousands: the model knows that they are decimals."""
    monkeypatch.chdir(tmp_path)
    numbers = [k / 8 for k in range(80)]
    write("t.csv", {"x": [f'"{x:.3f}"'.replace(".", ",") for x in numbers], "y": [2 * x for x in numbers]})
    write("new.csv", {"x": ['"1,125"', '"2,250"']})
    write("plain.csv", {"x": ["oops", '"2,250"']})
    assert run("train", "t.csv", "--target", "y", "--epochs", "1", "--output", "m.glassnet").code == 0

    explained = run("explain", "m.glassnet", "new.csv", "--row", "0")
    assert "1.125" in explained.out
    refused = run("predict", "m.glassnet", "plain.csv")
    assert (refused.code, refused.out) == (1, "")
    assert "has 'oops' in row 0 (counted from 0)" in " ".join(refused.err.split())


def test_a_message_names_the_row_of_the_file(run, tmp_path, monkeypatch):
    """Rows without a target before it, and the split, do not move the row that `--row` opens."""
    monkeypatch.chdir(tmp_path)
    rows = 60
    x = [str(k % 7) for k in range(rows)]
    y: list[object] = ["NA", "NA", *(k % 2 for k in range(2, rows))]
    x[41] = "inf"
    write("t.csv", {"x": x, "y": y})
    outcome = run("train", "t.csv", "--target", "y")
    assert "column 'x' is infinite, or too large for a float, in row 41 (counted from 0)" in " ".join(
        outcome.err.split()
    )

    x[41] = "1"
    day = [f"2020-01-{k % 28 + 1:02}" for k in range(rows)]
    day[30] = "NA"
    write("t.csv", {"x": x, "y": y, "day": day})
    outcome = run("train", "t.csv", "--target", "y", "--time", "day")
    assert "column 'day' is missing in row 30 (counted from 0), but the rows are split by it" in " ".join(
        outcome.err.split()
    )


def test_a_class_that_only_the_validation_part_has_is_told_by_the_row_of_the_file(run, tmp_path, monkeypatch):
    """By time, the late rows may have a class that the early ones lack."""
    monkeypatch.chdir(tmp_path)
    rows = 100
    y = ["NA", *("ab"[k % 2] for k in range(1, rows))]
    y[75] = "c"  # in the validation part: after the first 72 of 99, before the last 20
    write("t.csv", {"x": [k % 7 for k in range(rows)], "t": list(range(rows)), "y": y})
    outcome = run("train", "t.csv", "--target", "y", "--time", "t", "--early-stopping")
    assert "y has the class 'c' in row 75 (counted from 0), which training did not have" in " ".join(
        outcome.err.split()
    )
