"""What predict writes: harmless in a spreadsheet if asked, and one sentence when it cannot be written."""

import csv
import io

import pandas as pd
import pytest

from glassnet.estimators.streaming.prediction_file import write_predictions

FORMULAS = ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\tx", "\rx", " =1", "＝1", "a;=1"]


@pytest.fixture
def hostile(penguins_model):
    """Penguins whose islands and one column's name are formulas."""
    table = pd.read_csv("penguins.csv").head(len(FORMULAS) + 2)
    table["island"] = [*FORMULAS, "-1.5", "Dream"]
    table["=HYPERLINK(1)"] = range(len(table))
    table.to_parquet("hostile.parquet")
    return penguins_model


def test_formulas_are_neutralized_on_request(run, hostile):
    outcome = run("predict", hostile, "hostile.parquet", "--with-inputs", "--spreadsheet-safe")
    first, *lines = list(csv.reader(io.StringIO(outcome.out, newline="")))
    islands = [line[first.index("island")] for line in lines]

    assert "'=HYPERLINK(1)" in first
    # a blank in front is stripped when the table is read
    assert islands == ["'=1+1", "'+cmd", "'-2+3", "'@SUM(A1)", "x", "x", "'=1", "'＝1", "a;=1", "-1.5", "Dream"]
    assert '"a;=1"' in outcome.out  # in quotes, so that a spreadsheet that splits at ; sees one cell
    assert lines[0][first.index("bill_length_mm")] == "39.1"
    assert ",39.1," in outcome.out
    assert not any(cell[:1] in ("=", "+", "-", "@", "\t", "\r") for line in lines for cell in line if cell != "-1.5")


def test_without_the_request_texts_are_as_they_were(run, hostile):
    run("predict", hostile, "hostile.parquet", "--with-inputs", "--output", "out.csv")

    assert pd.read_csv("out.csv")["island"].tolist()[:4] == FORMULAS[:4]
    assert "=HYPERLINK(1)" in pd.read_csv("out.csv").columns


def test_a_file_is_neutralized_too(run, hostile):
    run("predict", hostile, "hostile.parquet", "--with-inputs", "--spreadsheet-safe", "--output", "out.csv")

    assert pd.read_csv("out.csv")["island"].tolist()[0] == "'=1+1"


@pytest.mark.parametrize("options", [["--json"], ["--output", "out.parquet"], ["--output", "out.json"]])
def test_other_forms_are_no_spreadsheets(options, run, hostile, one_sentence):
    outcome = run("predict", hostile, "hostile.parquet", "--spreadsheet-safe", *options)

    assert outcome.code == 2
    assert "--spreadsheet-safe applies to CSV only; leave it out, or end --output in .csv." in one_sentence(outcome.err)


@pytest.mark.parametrize("name", ["out.parquet", "out.csv", "out.json"])
def test_a_file_that_cannot_grow_is_told_in_one_sentence(name, run, penguins_model, folder, monkeypatch, one_sentence):
    """As on a full disk: DuckDB's errors have no number, and become the system's."""
    resource = pytest.importorskip("resource", reason="file sizes are limited on Unix only")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def limited(*arguments, **options):
        resource.setrlimit(resource.RLIMIT_FSIZE, (700, hard))
        try:
            write_predictions(*arguments, **options)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    monkeypatch.setattr("glassnet.cli.commands.predict.write_predictions", limited)
    before = sorted(path.name for path in folder.iterdir())
    outcome = run("predict", "penguins.glassnet", "penguins.csv", "--output", name)

    assert outcome.code == 1
    assert one_sentence(outcome.err) == f"Error: '{name}': file too large."
    assert sorted(path.name for path in folder.iterdir()) == before


def test_no_space_in_the_words_of_the_system(tmp_path, monkeypatch):
    import duckdb

    from glassnet.data.writing import tables

    for message, sentence in (
        ('IO Error: Could not write file "x": No space left on device', "No space left on device"),
        ("IO Error: something new", r"the Parquet file cannot be written; DuckDB says: IO Error: something new\. Try"),
    ):

        def fail(message=message):
            raise duckdb.IOException(message)

        monkeypatch.setattr(tables, "connection", fail)
        with pytest.raises(OSError, match=sentence):
            tables.write_table(tmp_path / "a.parquet", ".parquet", ["a"], [])
