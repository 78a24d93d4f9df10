"""`glassnet predict`: every row, in order, with probabilities; whole files or none."""

import csv
import io
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import glassnet as gn

CLASSES = ["Adelie", "Chinstrap", "Gentoo"]


def test_csv_on_stdout_has_every_row_in_order(run, penguins_model):
    outcome = run("predict", penguins_model, "penguins.csv")
    lines = list(csv.DictReader(io.StringIO(outcome.out)))
    model, table = gn.load(penguins_model), pd.read_csv("penguins.csv")

    assert [int(line["row"]) for line in lines] == list(range(344))
    assert [line["predicted species"] for line in lines] == model.predict(table).tolist()
    shown = np.asarray([[float(line[f"P(species={label})"]) for label in CLASSES] for line in lines])
    np.testing.assert_allclose(shown.sum(axis=1), 1.0, atol=1e-12)
    np.testing.assert_array_equal(shown, model.predict_proba(table))


def test_rows_in_another_order_get_the_same_numbers(run, penguins_model, folder):
    table = pd.read_csv("penguins.csv")
    order = np.random.default_rng(0).permutation(len(table))
    table.iloc[order].to_csv("shuffled.csv", index=False)
    one = run("predict", penguins_model, "penguins.csv", "--json").json
    other = run("predict", penguins_model, "shuffled.csv", "--json").json

    assert [{**one[i], "row": k} for k, i in enumerate(order)] == other


def test_the_target_is_not_needed(run, penguins_model):
    pd.read_csv("penguins.csv").drop(columns="species").head(5).to_csv("new.csv", index=False)
    outcome = run("predict", penguins_model, "new.csv")

    assert len(outcome.out.splitlines()) == 6


def test_a_new_level_and_a_missing_value_are_predicted(run, penguins_model):
    table = pd.read_csv("penguins.csv").head(2)
    table.loc[0, "island"] = "Atlantis"
    table.loc[1, "body_mass_g"] = np.nan
    table.to_csv("new.csv", index=False)

    assert len(run("predict", penguins_model, "new.csv", "--json").json) == 2


def test_inputs_come_along_unchanged(run, penguins_model):
    records = run("predict", penguins_model, "penguins.csv", "--with-inputs", "--json").json

    assert list(records[0])[:2] == ["row", "species"]
    assert records[0]["bill_length_mm"] == 39.1
    assert records[3]["bill_length_mm"] is None
    assert set(records[0]) > {"predicted species", "island"}


READERS = {".csv": pd.read_csv, ".json": pd.read_json, ".parquet": pd.read_parquet}


@pytest.mark.parametrize("ending", sorted(READERS))
def test_files_hold_what_stdout_shows(ending, run, penguins_model, folder):
    printed = pd.read_csv(io.StringIO(run("predict", penguins_model, "penguins.csv", "--with-inputs").out))
    outcome = run("predict", penguins_model, "penguins.csv", "--with-inputs", "--output", f"out{ending}")
    written = READERS[ending](f"out{ending}")

    assert (outcome.code, outcome.out) == (0, "")
    assert "344 predictions written to" in outcome.err
    pd.testing.assert_frame_equal(written, printed, check_dtype=False, check_exact=False, rtol=1e-12)
    assert {path.name for path in folder.iterdir()} == {"penguins.csv", "penguins.glassnet", f"out{ending}"}


def test_force_replaces_a_file(run, penguins_model, folder):
    (folder / "out.csv").write_text("old")

    assert run("predict", penguins_model, "penguins.csv", "--output", "out.csv", "--force").code == 0
    assert len((folder / "out.csv").read_text().splitlines()) == 345


def test_a_failure_while_writing_leaves_the_old_file(run, penguins_model, folder, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device", "out.csv")

    (folder / "out.csv").write_text("old")
    monkeypatch.setattr("glassnet.data.writing.in_parts.write_lines", full)
    outcome = run("predict", penguins_model, "penguins.csv", "--output", "out.csv", "--force")

    assert outcome.code == 1
    assert outcome.err == "Error: 'out.csv': no space left on device.\n"
    assert (folder / "out.csv").read_text() == "old"
    assert len(list(folder.iterdir())) == 3


def test_a_reader_who_has_seen_enough(penguins_model, folder):
    """`glassnet predict ... | head -n 1`, with more output than a pipe holds, ends without a word."""
    many = pd.concat([pd.read_csv("penguins.csv")] * 20)
    many.to_csv("many.csv", index=False)
    command = [sys.executable, "-m", "glassnet", "predict", str(penguins_model), "many.csv"]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout.readline().startswith(b"row,")
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()

    assert process.wait(60) == 1
    assert err == b""


def test_a_model_of_several_labels_tells_each(run, tmp_path):
    """Trained in Python; one column alone cannot judge it."""
    rows = pd.DataFrame({"warm": [0.0, 1.0, 2.0, 3.0] * 5, "rain": [1, 1, 0, 0] * 5})
    model = gn.GlassClassifier((3,), max_iter=5, random_state=0)
    model.fit(rows[["warm"]], rows[["rain"]].assign(sun=[0, 1, 1, 1] * 5)).save(tmp_path / "sky.glassnet")
    rows.to_csv(tmp_path / "sky.csv", index=False)
    lines = run("predict", tmp_path / "sky.glassnet", tmp_path / "sky.csv", "--json").json
    refused = run("evaluate", tmp_path / "sky.glassnet", tmp_path / "sky.csv", "--target", "rain")

    assert list(lines[0]) == ["row", "predicted rain", "predicted sun", "P(rain)", "P(sun)"]
    assert [[line["P(rain)"], line["P(sun)"]] for line in lines] == model.predict_proba(rows[["warm"]]).tolist()
    assert [line["predicted sun"] for line in lines] == model.predict(rows[["warm"]])[:, 1].tolist()
    assert refused.code == 2
    assert (
        "this model predicts 2 columns at once (rain, sun), so the column 'rain' alone cannot judge it" in refused.err
    )


@pytest.mark.skipif(os.name != "posix", reason="a POSIX shell and its devices")
@pytest.mark.parametrize(
    "line",
    [
        "{glassnet} - < penguins.csv",
        "cat penguins.csv | {glassnet} -",
        "gzip -c penguins.csv | {glassnet} /dev/stdin",
        "{glassnet} <(head -200 penguins.csv) <(head -1 penguins.csv; tail -n +201 penguins.csv)",
    ],
    ids=["-", "a pipe", "/dev/stdin", "<(...)"],
)
def test_rows_from_stdin_and_from_another_command(line, run, penguins_model):
    """In a real shell: the same table as from the file itself."""
    program = f"{sys.executable} -m glassnet predict penguins.glassnet"
    command = ["bash", "-c", line.replace("{glassnet}", program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == run("predict", penguins_model, "penguins.csv").out


def test_notes_about_the_data_stand_beside_the_predictions(run, folder, penguins_model):
    (folder / "many").mkdir()
    (folder / "many" / "a.csv").write_text((folder / "penguins.csv").read_text())
    (folder / "many" / "notes.md").write_text("not a table")

    predicted = run("predict", "penguins.glassnet", "many")

    assert predicted.code == 0
    assert predicted.out.startswith("row,predicted species,")
    assert predicted.err == "Note: of the folder many notes.md was not read: not a table of this folder.\n"
