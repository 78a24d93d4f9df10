"""`glassnet activations | costs | solvers | truth-table`."""

import csv
import io

import pytest

import glassnet as gn

LISTINGS = {"activations": gn.activations, "costs": gn.costs, "solvers": gn.solvers}


@pytest.mark.parametrize("command", sorted(LISTINGS))
def test_listings_show_every_name(command, run):
    outcome = run(command)

    assert outcome.code == 0
    assert [line.split()[0] for line in outcome.out.splitlines()[1:]] == list(LISTINGS[command]().names)
    assert run(command, "--json").json == LISTINGS[command]().to_dict()


def expected():
    """Every row of x*y + ~z, by Python's own operators."""
    bits = (0, 1)
    return [(x, y, z, int((x and y) or not z)) for x in bits for y in bits for z in bits]


def test_truth_table_as_text_csv_and_json(run):
    shown = run("truth-table", "x*y + ~z").out.splitlines()
    assert shown[0] == "x y z | F      F = x*y + ~z"
    assert [tuple(int(c) for c in line if c in "01") for line in shown[1:]] == expected()

    lines = list(csv.reader(io.StringIO(run("truth-table", "xy + z'", "--csv").out)))
    assert lines[0] == ["x", "y", "z", "F"]
    assert [tuple(map(int, line)) for line in lines[1:]] == expected()

    record = run("truth-table", "(x and y) or not z", "--json").json
    assert [(*bits, value) for bits, value in zip(record["X"], record["F"])] == expected()


def test_truth_table_is_a_data_set_to_train_on(run, folder):
    assert run("truth-table", "x*y + ~z", "--output", "xyz.csv").code == 0
    outcome = run("train", "xyz.csv", "--target", "F", "--hidden", "4", "--epochs", "5", "--json")

    assert outcome.code == 0
    assert outcome.json["schema"]["task"] == "binary"
