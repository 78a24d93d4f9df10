"""`glassnet doctor`: a model, a model with data, and data alone."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import glassnet as gn

PENGUINS = Path(__file__).parents[3] / "examples" / "penguins.csv"


def test_a_model_with_its_data_is_diagnosed_as_in_python(run, penguins_model):
    record = run("doctor", penguins_model, "penguins.csv", "--json").json
    table = pd.read_csv("penguins.csv")
    found = gn.diagnose(gn.load(penguins_model), table, table["species"].to_numpy())
    assert record["n_rows"] == 344
    assert [each["rule"] for each in record["findings"]] == [each.rule for each in found.findings]


def test_a_model_alone(run, penguins_model):
    outcome = run("doctor", penguins_model)
    assert outcome.code == 0
    assert "rules in the weights and the history" in outcome.out


def test_new_rows_are_compared_with_those_of_training(run, penguins_model):
    pd.read_csv("penguins.csv").head(60).to_csv("again.csv", index=False)
    outcome = run("doctor", penguins_model, "penguins.csv", "--validation", "again.csv")
    assert "✕ error: repeated-rows (new rows 0, 1, 2, 3, 4, 5 and 54 more (counted from 0))" in outcome.out


@pytest.mark.parametrize("level, code", [("error", 1), ("warning", 1), (None, 0)])
def test_a_finding_can_fail_a_build(run, penguins_model, level, code):
    pd.read_csv("penguins.csv").head(60).to_csv("again.csv", index=False)
    option = [] if level is None else ["--fail-on", level]
    outcome = run("doctor", penguins_model, "penguins.csv", "--validation", "again.csv", *option)
    assert outcome.code == code
    assert "repeated-rows" in outcome.out


def test_notes_fail_no_build(run, penguins_model):
    table = pd.read_csv("penguins.csv").dropna().head(20)
    table["bill_length_mm"] += np.arange(20) + 1e3
    table.to_csv("far.csv", index=False)
    outcome = run("doctor", penguins_model, "penguins.csv", "--validation", "far.csv", "--fail-on", "error")
    assert "outside" in outcome.out
    assert outcome.code == 0


def test_data_alone_train_a_network(run, folder):
    table = pd.read_csv("penguins.csv").dropna()
    table["code"] = table["species"].map({"Adelie": 11, "Chinstrap": 23, "Gentoo": 35})
    for column in ("bill_length_mm", "flipper_length_mm", "body_mass_g", "island"):
        del table[column]
    table.to_csv("leak.csv", index=False)
    outcome = run("doctor", "leak.csv", "--target", "species")
    assert outcome.code == 0
    assert "! warning: giveaway (column 'code')" in outcome.out
    assert "A network with the default settings was trained." in outcome.out
    assert "--drop" in outcome.out


def test_a_page_is_written_beside_the_text(run, penguins_model):
    pd.read_csv("penguins.csv").head(60).to_csv("again.csv", index=False)
    words = ["doctor", penguins_model, "penguins.csv", "--validation", "again.csv", "--html", "found.html"]
    outcome = run(*words)
    assert "✕ error: repeated-rows" in outcome.out
    assert "the findings are written to found.html" in outcome.err
    page = Path("found.html").read_text(encoding="utf-8")
    assert "All 60 rows, counted from 0" in page
    again = run(*words)
    assert again.code == 1
    assert "'found.html' is there already; choose another name, or replace it with --force." in again.err
    assert run(*words, "--force").code == 0


def test_a_page_does_not_replace_what_is_read(run, penguins_model):
    outcome = run("doctor", penguins_model, "penguins.csv", "--html", "penguins.csv", "--force")
    assert "'penguins.csv' is also read by this command; choose another name for the output." in outcome.err


@pytest.fixture(scope="module")
def slow_penguins(tmp_path_factory):
    """A model of which the learning rate is far too small."""
    table = pd.read_csv(PENGUINS).dropna()
    model = gn.GlassClassifier((4,), learning_rate_init=1e-6, max_iter=5, random_state=0)
    place = tmp_path_factory.mktemp("slow") / "slow.glassnet"
    model.fit(table, target="species").save(place)
    return str(place)


def test_fixes_are_tried_and_given_as_options(run, folder, slow_penguins):
    outcome = run("doctor", slow_penguins, "penguins.csv", "--try-fixes", "--seeds", "3")
    assert outcome.code == 0
    assert "error: nothing-learned" in outcome.out
    assert "fixes were tried, and compared on " in " ".join(outcome.out.split())
    assert "Use this: glassnet train ... --" in outcome.out or "Use this: leave out --" in outcome.out
    record = run("doctor", slow_penguins, "penguins.csv", "--try-fixes", "--seeds", "3", "--json").json
    assert record["fixes"]["recommended"]["effect"]["high"] < 0
    assert record["findings"][0]["remedies"]


@pytest.mark.parametrize("labels", [(1, 2, 3), (True, False, True)], ids=["whole", "bool"])
def test_fixes_are_tried_whatever_type_the_classes_have(run, folder, labels):
    table = pd.read_csv(PENGUINS).dropna()
    table["species"] = table["species"].map(dict(zip(("Adelie", "Chinstrap", "Gentoo"), labels, strict=True)))
    table.to_csv("typed.csv", index=False)
    slow = ["--set", "learning_rate_init=1e-6", "--epochs", "5", "--hidden", "4", "--task", "classification"]
    assert run("train", "typed.csv", "--target", "species", *slow, "--output", "typed.glassnet").code == 0
    outcome = run("doctor", "typed.glassnet", "typed.csv", "--try-fixes", "--seeds", "3")
    assert outcome.code == 0, outcome.err
    assert "Use this: glassnet train ... --" in outcome.out or "Use this: leave out --" in outcome.out


@pytest.mark.parametrize(
    "words, message",
    [
        (["penguins.csv"], "'penguins.csv' is not a model file (.glassnet), and --target is missing; name the column to learn, or a model first."),
        (["MODEL", "--fail-on", "note"], "--fail-on 'note' is not known. Choose from: error, warning."),
        (["MODEL", "--try-fixes"], "--try-fixes needs the rows of training as DATA; name them after the model."),
        (["MODEL", "penguins.csv", "--seeds", "3"], "--seeds 3 belongs to --try-fixes; add it, or leave this out."),
        (["MODEL", "--validation", "penguins.csv"], "--validation needs the rows of training as DATA; name them after the model."),
        (["penguins.csv", "--target", "species", "--member", "0"], "--member belongs to a model, but only data were named; leave it out."),
    ],
    ids=["no target", "level", "fixes without data", "seeds alone", "no data", "member"],
)  # fmt: skip
def test_refusals(run, penguins_model, words, message):
    outcome = run("doctor", *[penguins_model if word == "MODEL" else word for word in words])
    assert outcome.code == 2
    assert message in outcome.err


DIVERGED = ["--set", "preset=plain", "--set", "solver=sgd", "--set", "learning_rate_init=1e305"]


def test_data_alone_whose_training_breaks_off(run, folder):
    record = run("doctor", "penguins.csv", "--target", "species", *DIVERGED, "--json").json
    first = record["findings"][0]
    assert (first["rule"], first["level"]) == ("not-finite", "error")
    assert "epoch 1" in first["evidence"]
    assert first["next"].startswith("--learning-rate 0.05, which is usual for this solver")
    assert any(
        "with preset=plain, solver=sgd, learning_rate_init=1e305 was trained" in one for one in record["notices"]
    )


def test_train_names_the_doctor_of_a_training_that_broke_off(run, folder):
    words = ["--preset", "plain", "--solver", "sgd", "--learning-rate", "1e305"]
    outcome = run("train", "penguins.csv", "--target", "species", *words)
    assert outcome.code == 1
    command = "glassnet doctor penguins.csv --target species --set learning_rate_init=1e+305 --set preset=plain --set solver=sgd"
    assert " ".join(command.split()) in " ".join(outcome.err.split())


def test_settings_belong_to_a_training(run, penguins_model):
    outcome = run("doctor", penguins_model, "--set", "alpha=1")
    assert outcome.code == 2
    assert "--set belongs to data alone, but a model was named; leave it out." in outcome.err
