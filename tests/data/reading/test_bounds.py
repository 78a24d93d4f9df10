"""Files of unknown origin: too large ones are refused before they take the memory."""

import bz2
import gzip
import lzma
import tempfile
import tracemalloc
import zipfile

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from glassnet.data.bounds import Bounds
from glassnet.data.reading.sources import read
from glassnet.errors import SourceError

BOUNDS = Bounds(n_bytes=1_000_000, n_rows=1_000, n_columns=100, n_cells=5_000)


def refused(path, **options):
    with pytest.raises(SourceError) as caught:
        read(path, bounds=BOUNDS, **options)
    return str(caught.value)


def test_a_table_within_the_bounds_is_read_as_without_them(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "1,x\n" * 1_000)
    assert read(path, bounds=BOUNDS).table["a"].tolist() == read(path).table["a"].tolist() == [1.0] * 1_000


@pytest.mark.parametrize(
    ("n_rows", "n_columns", "words"),
    [
        (1, 101, "has 101 columns, but at most 100 are read here"),
        (1_001, 1, "has 1,001 rows, but at most 1,000 are read here"),
        (51, 100, "has 5,100 cells, but at most 5,000 are read here"),
    ],
)
def test_shapes(tmp_path, n_rows, n_columns, words):
    names = [f"c{k}" for k in range(n_columns)]
    csv, parquet, json = tmp_path / "a.csv", tmp_path / "a.parquet", tmp_path / "a.json"
    csv.write_text("\n".join([",".join(names), *[",".join(["1"] * n_columns)] * n_rows]))
    pq.write_table(pa.table({name: [1] * n_rows for name in names}), parquet)
    json.write_text(
        "["
        + ", ".join([pa.table({name: [1] for name in names}).to_pandas().to_json(orient="records")[1:-1]] * n_rows)
        + "]"
    )

    for path in (csv, parquet, json):
        assert f"{path} {words}; try a part of it." == refused(path)


def test_a_hundred_thousand_columns(tmp_path):
    path = tmp_path / "wide.csv"
    path.write_text(",".join(f"c{k}" for k in range(100_000)) + "\n" + ",".join(["1"] * 100_000))
    assert "at most" in refused(path)
    parquet = tmp_path / "wide.parquet"
    pq.write_table(pa.table({f"c{k}": [1] for k in range(5_000)}), parquet)
    assert refused(parquet) == f"{parquet} has 5,000 columns, but at most 100 are read here; try a part of it."


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_compressed_bombs(tmp_path, monkeypatch, pack):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(pack(b"a\n") + 20 * pack(b"1\n" * 1_000_000))  # several streams are soon packed and are one file
    tracemalloc.start()
    words = refused(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert words == f"{path} unpacks to more than 1 MB, the most that is read here; try a part of it."
    assert peak < 20_000_000
    assert [each.name for each in tmp_path.iterdir()] == ["bomb.csv.gz"]


def test_zip_bombs(tmp_path):
    """One large member, and many that are small."""
    one, many = tmp_path / "one.zip", tmp_path / "many.zip"
    with zipfile.ZipFile(one, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "a\n" + "1\n" * 5_000_000)
    with zipfile.ZipFile(many, "w", zipfile.ZIP_DEFLATED) as archive:
        for k in range(50):
            archive.writestr(f"{k}.csv", "a\n" + "1\n" * 100_000)

    assert "unpacks to more than 1 MB" in refused(one)
    assert "unpacks to more than 1 MB" in refused(many)


def test_parquet_bombs(tmp_path):
    """A few bytes for many rows, and for long texts."""
    rows, texts = tmp_path / "rows.parquet", tmp_path / "texts.parquet"
    pq.write_table(pa.table({"a": pa.array([7] * 5_000_000)}), rows)
    pq.write_table(pa.table({"a": pa.array(["x" * 10_000] * 1_000)}), texts)

    assert refused(rows) == f"{rows} has 5,000,000 rows, but at most 1,000 are read here; try a part of it."
    assert refused(texts) == f"{texts} unpacks to more than 1 MB, the most that is read here; try a part of it."


def test_kinds_whose_size_shows_only_when_they_are_read(tmp_path):
    """A workbook of five kilobytes with one cell in its last row and column takes 512 gigabytes."""
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "a", 1
    book.save(tmp_path / "bomb.xlsx")
    pa.feather.write_feather(pa.table({"a": [1]}), tmp_path / "a.feather")

    for name, kind in (("bomb.xlsx", "Excel"), ("a.feather", "Arrow")):
        assert refused(tmp_path / name) == (
            f"{tmp_path / name} is {kind}, whose size shows only when it is read; try saving it as CSV or Parquet."
        )


def test_a_title_stands_for_the_path_in_messages(tmp_path):
    path = tmp_path / "0123abcd.csv"
    path.write_text("7,9\n3,4\n")
    with pytest.raises(SourceError, match=r"^the first line of rain\.csv is all numbers"):
        read(path, title="rain.csv")
    path.write_text("a\n1\n")
    source = read(path, title="rain.csv")
    assert source.description == "rain.csv"
    assert source.table["a"].tolist() == [1.0]


def test_nothing_but_the_file_can_be_opened(tmp_path):
    """Nor written: not by the reader's own statements, whatever a file makes of them."""
    from glassnet.data.reading.readers import Reading

    mine, other = tmp_path / "mine.csv", tmp_path / "other.csv"
    mine.write_text("a\n1\n")
    other.write_text("a\n2\n")
    with Reading(BOUNDS) as reading:
        duck = reading._only(mine)
        assert duck.execute("SELECT * FROM read_csv(?)", [str(mine)]).fetchall() == [(1,)]
        with pytest.raises(duckdb.PermissionException):
            duck.execute("SELECT * FROM read_csv(?)", [str(other)])
        with pytest.raises(duckdb.PermissionException):
            duck.execute(f"COPY (SELECT 1) TO '{other}'")


def test_windows_1252_and_archives_are_read_within_the_bounds(tmp_path):
    """Both are read from copies."""
    path, packed = tmp_path / "a.csv", tmp_path / "a.zip"
    path.write_bytes("name\nZo\u00eb\nx\n".encode("cp1252"))
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(path, "a.csv")
    for each in (path, packed):
        assert read(each, bounds=BOUNDS).table["name"].tolist() == ["Zo\u00eb", "x"]
