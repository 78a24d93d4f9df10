"""No command writes over what it reads, however the file is named."""

import os
from pathlib import Path

import pytest

WAYS = {
    "by its name": ["penguins.csv"],
    "by another path": ["./penguins.csv"],
    "by a link": ["link.csv"],
    "by a hard link": ["hard.csv"],
    "by a pattern": ["pen*.csv"],
    "by its folder": ["folder"],
    "in a query": ["SELECT * FROM 'penguins.csv'"],
    "in a WITH of a query": ["WITH p AS (SELECT * FROM read_csv(['penguins.csv'])) SELECT * FROM p"],
    "beside another": ["other.csv", "penguins.csv"],
}
TRAIN = ("train", "--target", "species", "--hidden", "4", "--epochs", "2", "--force", "--output", "penguins.csv")
PREDICT = ("predict", "penguins.glassnet", "--force", "--output", "penguins.csv")
EXPLAIN = ("explain", "penguins.glassnet", "--force", "--format", "text", "--output", "penguins.csv")


@pytest.fixture
def linked(penguins_model, folder):
    """The penguins, reachable in several ways; the folder of that name holds a hard link only."""
    os.symlink("penguins.csv", "link.csv")
    os.link("penguins.csv", "hard.csv")
    Path("other.csv").write_bytes(Path("penguins.csv").read_bytes())
    os.mkdir("folder")
    os.link("penguins.csv", "folder/some.csv")
    return folder


@pytest.mark.parametrize("command", [TRAIN, PREDICT, EXPLAIN], ids=["train", "predict", "explain"])
@pytest.mark.parametrize("data", WAYS.values(), ids=WAYS)
def test_an_output_that_is_read_is_refused(command, data, run, linked, one_sentence):
    before = Path("penguins.csv").read_bytes()
    name, *options = command
    outcome = run(name, *options[: name != "train"], *data, *options[name != "train" :])

    assert outcome.code == 2
    assert one_sentence(outcome.err) == (
        "Error: 'penguins.csv' is also read by this command; choose another name for the output."
    )
    assert Path("penguins.csv").read_bytes() == before


def test_draw_does_not_write_over_its_row(run, linked, one_sentence):
    os.link("penguins.csv", "row.svg")
    outcome = run("draw", "penguins.glassnet", "SELECT * FROM 'penguins.csv'", "--force", "--output", "row.svg")

    assert outcome.code == 2
    assert "'row.svg' is also read by this command" in one_sentence(outcome.err)


def test_an_output_that_is_redirected_to_stdin_is_refused(run, linked, monkeypatch, one_sentence):
    with open("penguins.csv") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        outcome = run("train", "-", *TRAIN[1:])

    assert outcome.code == 2
    assert "'penguins.csv' is also read by this command" in one_sentence(outcome.err)


def test_the_model_that_is_used_is_no_output(run, linked, one_sentence):
    os.link("penguins.glassnet", "model.csv")
    outcome = run("predict", "penguins.glassnet", "penguins.csv", "--force", "--output", "model.csv")

    assert outcome.code == 2
    assert "'model.csv' is also read by this command" in one_sentence(outcome.err)
