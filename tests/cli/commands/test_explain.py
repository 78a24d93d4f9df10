"""`glassnet explain`: one row of the file, with its target where there is one."""

import re
from pathlib import Path

import pandas as pd
import pytest


def test_text_shows_the_way_of_the_row(run, penguins_model):
    outcome = run("explain", penguins_model, "penguins.csv", "--row", "0")

    assert outcome.code == 0
    for phrase in ("INPUTS", "FORWARD", "39.1", "Adelie", "softmax"):
        assert phrase in outcome.out
    assert "BACKWARD" in outcome.out.upper()


def test_rows_count_from_zero_in_the_files_order(run, penguins_model):
    """Row 343 is the file's last line: a penguin of 3775 g."""

    def mass(*options):
        record = run("explain", penguins_model, "penguins.csv", *options, "--json").json
        return record["row"], next(column["raw"] for column in record["inputs"] if column["column"] == "body_mass_g")

    assert mass() == mass("--row", "0") == (0, 3750.0)
    assert mass("--row", "343") == (343, 3775.0)


def test_without_a_target_only_the_forward_pass_is_shown_and_it_says_so(run, penguins_model):
    pd.read_csv("penguins.csv").drop(columns="species").head(3).to_csv("new.csv", index=False)
    for arguments, why in (
        (("new.csv",), "the data has no column 'species'"),
        (("penguins.csv", "--no-target"), "--no-target was given"),
    ):
        outcome = run("explain", penguins_model, *arguments)
        assert f"forward pass only: {why}." in outcome.out
        assert "BACKWARD" not in outcome.out
        assert run("explain", penguins_model, *arguments, "--json").json["notices"]


def test_an_unknown_class_is_no_target(run, penguins_model):
    table = pd.read_csv("penguins.csv").head(2)
    table.loc[0, "species"] = "Emperor"
    table.to_csv("new.csv", index=False)

    assert "'Emperor', a class unknown to the model" in run("explain", penguins_model, "new.csv").out


@pytest.mark.parametrize(
    ("name", "ending", "start"),
    [
        ("text", "txt", b"Network 14-8-3"),
        ("markdown", "md", b"# The arithmetic of one row"),
        ("latex", "tex", rb"\documentclass"),
        ("html", "html", b"<!DOCTYPE html>"),
        ("json", "json", b'{\n  "network"'),
        ("xlsx", "xlsx", b"PK\x03\x04"),
    ],
)
def test_every_format_in_a_file_and_on_stdout(run, penguins_model, name, ending, start):
    by_ending = run("explain", penguins_model, "penguins.csv", "--output", f"row.{ending}")
    assert (by_ending.code, by_ending.out, by_ending.err) == (0, "", f"row 0 written to row.{ending}\n")
    assert Path(f"row.{ending}").read_bytes().startswith(start)
    assert run("explain", penguins_model, "penguins.csv", "--format", name, "--output", "row.any").code == 0
    if name != "xlsx":
        assert Path("row.any").read_bytes() == Path(f"row.{ending}").read_bytes()
        shown = run("explain", penguins_model, "penguins.csv", "--format", name)
        assert (shown.code, shown.out) == (0, Path(f"row.{ending}").read_text())


def test_one_weight(run, penguins_model):
    outcome = run("explain", penguins_model, "penguins.csv", "--weight", "island=Dream -> hidden1.3", "--solver", "gd")
    assert outcome.code == 0
    assert outcome.out.startswith("island=Dream -> hidden1.3 = ")
    assert "\n∂z/∂w = a of island=Dream = " in outcome.out
    assert "new w = old - η·g" in outcome.out
    record = run("explain", penguins_model, "penguins.csv", "--weight", "w1", "--json").json
    assert record["words"].endswith("-> hidden1.1")


def test_the_step_and_the_notation_asked_for(run, penguins_model):
    options = ("--solver", "momentum", "--learning-rate", "0.5", "--notation", "by_input")
    outcome = run("explain", penguins_model, "penguins.csv", *options)
    assert "UPDATE  momentum, with η = 0.5, μ = 0.9" in outcome.out
    assert re.search(r"w\d+ \(\S+ -> hidden1\.\d\)", outcome.out)


def test_a_text_in_another_format_has_its_notes_on_stderr(run, penguins_model):
    outcome = run("explain", penguins_model, "penguins.csv", "--no-target", "--format", "html")
    assert "Note: forward pass only: --no-target was given." in outcome.err
    assert "forward pass only: --no-target" not in outcome.out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--output", "row.doc"), "--output 'row.doc' has an unknown ending; end it in one of .txt, .md"),
        (("--format", "word"), "--format 'word' is not known; choose from text, markdown, latex, html, json, xlsx."),
        (("--format", "xlsx"), "a workbook must be written to a file; try --output row.xlsx."),
        (("--format", "html", "--json"), "--json and --format html contradict each other"),
        (("--weight", "w1", "--output", "row.txt"), "--weight prints one weight on the terminal; leave --output out."),
        (("--weight", "w99999"), "there is no 'w99999'"),
        (("--weight", "w1", "--no-target"), "a weight's gradient and step need a target"),
        (("--notation", "greek"), "--notation greek is not known"),
        (("--solver", "lbfgs"), "--solver lbfgs has no single step"),
        (("--output", "penguins.csv"), "'penguins.csv' has an unknown ending"),
        (("--output", "penguins.csv", "--format", "text"), "'penguins.csv' is also read by this command"),
    ],
)
def test_wrong_use(run, penguins_model, one_sentence, options, message):
    before = Path("penguins.csv").read_bytes()
    outcome = run("explain", penguins_model, "penguins.csv", *options)
    assert outcome.code == 2
    assert message in one_sentence(outcome.err)
    assert Path("penguins.csv").read_bytes() == before


def test_a_file_that_is_there_is_kept(run, penguins_model, one_sentence):
    Path("row.html").write_text("mine")
    outcome = run("explain", penguins_model, "penguins.csv", "--output", "row.html")
    assert outcome.code == 1
    assert "'row.html' is there already" in one_sentence(outcome.err)
    assert Path("row.html").read_text() == "mine"
    assert run("explain", penguins_model, "penguins.csv", "--output", "row.html", "--force").code == 0
