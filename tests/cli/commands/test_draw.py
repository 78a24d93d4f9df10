"""`glassnet draw` and `glassnet activations --plot`."""

from xml.etree import ElementTree

import pandas as pd
import pytest


def words_of(svg):
    return {part for element in ElementTree.fromstring(svg).iter() for part in element.itertext()}


def test_svg_on_stdout_shows_columns_and_classes(run, penguins_model):
    outcome = run("draw", penguins_model)

    assert outcome.code == 0
    assert outcome.err == ""
    assert {"Adelie", "bill_depth_mm", "hidden layer", "8 neurons"} <= words_of(outcome.out)


@pytest.mark.parametrize(
    ("name", "start"), [("net.svg", b"<svg"), ("net.png", b"\x89PNG"), ("net.pdf", b"%PDF"), ("net.html", b"<!doctype")]
)
def test_files(run, penguins_model, folder, name, start):
    outcome = run("draw", penguins_model, "--output", name, "--theme", "dark")

    assert outcome.code == 0
    assert outcome.out == ""
    assert f"drawn in {name}" in outcome.err
    assert (folder / name).read_bytes().startswith(start)


def test_a_row_with_its_blame(run, penguins_model):
    """Row 0 is an Adelie penguin with a bill of 39.1 mm, and the first row unless another one is named."""
    outcome = run("draw", penguins_model, "penguins.csv", "--row", "0")
    words = words_of(outcome.out)

    assert {"= 39.1", "target 1", "blame flowing back, dashed where negative"} <= words
    assert run("draw", penguins_model, "penguins.csv").out == outcome.out
    assert run("draw", penguins_model, "penguins.csv", "--row", "1").out != outcome.out
    assert "target 1" not in words_of(run("draw", penguins_model, "penguins.csv", "--no-target").out)


def test_a_row_without_target_says_why_there_is_no_blame(run, penguins_model):
    pd.read_csv("penguins.csv").drop(columns="species").head(3).to_csv("new.csv", index=False)
    outcome = run("draw", penguins_model, "new.csv")

    assert outcome.code == 0
    assert "no blame is drawn: the data has no column 'species'." in " ".join(outcome.err.split())
    assert "= 39.1" in words_of(outcome.out)


def test_json_holds_what_is_drawn(run, penguins_model, folder):
    record = run("draw", penguins_model, "penguins.csv", "--json", "--output", "net.svg").json

    assert record["output"] == "net.svg"
    assert (folder / "net.svg").exists()
    assert record["layers"][-1]["neurons"][0]["name"] == "Adelie"
    assert sum(neuron["value"] for neuron in record["layers"][-1]["neurons"]) == pytest.approx(1)
    assert record["blame"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--row", "3"], 2, "--row, --target and --no-target need DATA, but none was given."),
        (["penguins.csv", "--row", "999"], 2, "there is no row 999; rows count from 0, and the last one here is 343."),
        (["--output", "net.gif"], 2, "net.gif ends in '.gif'; pictures are written as .svg, .png, .pdf, .html."),
        (["--output", "no/net.svg"], 1, "the directory 'no' does not exist"),
        (["--output", "penguins.svg"], 1, "'penguins.svg' is there already; choose another name, or replace it with"),
        (["--theme", "blue"], 2, "--theme blue is not one of the themes; choose from: light, dark, auto."),
        (["--most", "1"], 2, "--most 1 leaves no room for neurons beside a group; expected 3 or more."),
    ],
)
def test_wrong_use_is_one_sentence(run, penguins_model, folder, one_sentence, arguments, code, message):
    (folder / "penguins.svg").write_text("mine")
    outcome = run("draw", penguins_model, *arguments)

    assert outcome.code == code
    assert outcome.out == ""
    assert message in one_sentence(outcome.err)
    assert (folder / "penguins.svg").read_text() == "mine"


def test_activations_as_curves(run, folder):
    outcome = run("activations", "--plot", "curves.svg", "--theme", "light")

    assert outcome.code == 0
    assert outcome.out == run("activations").out
    assert {"sigmoid", "hard_sigmoid", "slope σ′(z)"} <= words_of((folder / "curves.svg").read_text(encoding="utf-8"))
    assert run("activations", "--plot", "curves.svg").code == 1
    assert run("activations", "--plot", "curves.svg", "--force", "--json").json[0]["name"] == "step"
