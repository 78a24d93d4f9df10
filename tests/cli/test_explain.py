"""`glassnet explain`: one row of the file, with its target where there is one."""

import pandas as pd


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

    assert "'Emperor', a class that the model does not know" in run("explain", penguins_model, "new.csv").out
