"""`glassnet train` on files that do not fit into the memory allowed."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import glassnet as gn
from glassnet.cli import main
from glassnet.data.reading.sources import read
from glassnet.data.rows import opening
from glassnet.estimators.fitting import streamed

N = 4000


@pytest.fixture
def folder(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(N, 2)).astype(np.float32)
    word = np.asarray(["a", "b", "c"])[rng.integers(0, 3, N)]
    y = np.where(x[:, 0] + (word == "a") + 0.2 * rng.normal(size=N) > 0.5, "yes", "no")
    for k in range(2):
        some = slice(k * N // 2, (k + 1) * N // 2)
        columns = {"x0": x[some, 0], "x1": x[some, 1], "word": word[some], "id": [f"K{i}" for i in range(N)][some]}
        table = pa.table(columns | {"y": y[some]})
        pq.write_table(table, tmp_path / f"{k}.parquet", row_group_size=300)
    monkeypatch.setattr(opening, "GROWTH", 10**9)
    monkeypatch.setattr(streamed, "BYTES_PER_CELL", 10**9)
    monkeypatch.setattr(streamed, "SMALLEST_WINDOW", 700)
    monkeypatch.setattr(streamed, "SHARE_OF_WINDOW", 0.0)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_train_streams_what_does_not_fit(folder, capsys):
    """The same report: columns, split, test beside simple models; and a model that predicts."""
    words = [
        "train",
        "*.parquet",
        "--target",
        "y",
        "--epochs",
        "6",
        "--memory",
        "4GB",
        "--output",
        "m.glassnet",
        "--json",
    ]
    assert main(words) == 0
    found = json.loads(capsys.readouterr().out)

    assert found["split"]["how"].startswith("The rows do not fit into the memory allowed and are streamed. At random")
    sizes = [found["split"][part] for part in ("train", "validation", "test")]
    assert sum(sizes) == N
    assert abs(sizes[2] / N - 0.2) < 0.03
    assert found["test"]["n_rows"] == sizes[2]
    assert found["test"]["model"]["accuracy"] > 0.85
    assert [column["name"] for column in found["schema"]["columns"]] == ["x0", "x1", "word"]
    assert found["schema"]["left_out"][0]["reason"] == "id"
    model = gn.load(folder / "m.glassnet")
    table = read(str(folder / "*.parquet")).table
    assert model.score(table.drop(["y"]), table["y"]) > 0.85
    assert model.report_["test"]["n_rows"] == sizes[2]


def test_it_is_told_in_words(folder, capsys):
    assert main(["train", "*.parquet", "-t", "y", "--epochs", "2", "--hidden", "4", "--memory", "4GB"]) == 0
    said = " ".join(capsys.readouterr().out.split())

    assert "The rows do not fit into the memory allowed and are streamed. At random, row by row:" in said
    assert "Training will take" in said


def test_a_split_by_a_column_needs_the_table(folder, capsys):
    assert main(["train", "*.parquet", "-t", "y", "--group", "word", "--memory", "4GB"]) == 2
    said = " ".join(capsys.readouterr().err.split())

    assert (
        "--group 'word' splits by a column, which needs all rows in memory, but they do not fit; leave it out" in said
    )


def test_memory_is_a_size(folder, capsys):
    assert main(["train", "*.parquet", "-t", "y", "--memory", "much"]) in (1, 2)
    assert "--memory much must be a size, such as '400MB'" in " ".join(capsys.readouterr().err.split())
