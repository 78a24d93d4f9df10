"""Files that do not fit into the memory become Parquet in a temporary folder, and read as they do in memory."""

import gzip
import shutil
import tempfile
from collections import namedtuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest

from glassnet.data.reading.sources import read
from glassnet.data.rows import arrow_columns, spooled
from glassnet.data.rows.opening import are_large, opened_rows
from glassnet.data.rows.parquet import ParquetSource
from glassnet.data.rows.row_source import whole_table
from glassnet.errors import ColumnError, SourceError

TEXT = "\n".join(
    [
        '"a ""name""",number,price,day,truth,maybe,word,empty,id',
        *(
            f'{k},{k / 7},"{k % 90},5",{1 + k % 28:02d}.03.2021,{"true" if k % 2 else "False"},'
            f"{'NA' if k == 3 else k % 3 == 0},{['x', ' y', '?'][k % 3]},NA,{10**17 + k // 2}"
            for k in range(500)
        ),
    ]
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(spooled, "ROWS_PER_GROUP", 64)
    return tmp_path


def check(source, table):
    made = whole_table(source)
    assert made.names == table.names
    assert made.readings == table.readings
    for name in table.names:
        assert made[name].dtype == table[name].dtype
        assert list(map(repr, made[name].tolist())) == list(map(repr, table[name].tolist()))


@pytest.mark.parametrize("form", ["csv", "gz", "json", "two", "cp1252"])
def test_text_reads_as_in_memory(folder, form):
    """Types, notations, missing values and notices are those of the reader of whole tables; nothing is left behind."""
    path = folder / {"gz": "a.csv.gz", "json": "a.json"}.get(form, "a.csv")
    path.write_text(TEXT)
    given = [path]
    if form == "gz":
        path.write_bytes(gzip.compress(TEXT.encode()))
    if form == "json":
        path.write_text(
            "\n".join(f'{{"x": {k}, "word": "w{k % 3}", "on": {"true" if k % 2 else "null"}}}' for k in range(300))
        )
    if form == "two":
        given.append(folder / "b.csv")
        given[1].write_text(TEXT.replace("x", "z"))
    if form == "cp1252":
        path.write_bytes(TEXT.replace("x", "ä").encode("cp1252"))
    table = read(given).table
    with opened_rows(given, left=0) as source:
        assert isinstance(source, ParquetSource)
        assert list((folder / "tmp").iterdir())
        check(source, table)
    assert not list((folder / "tmp").iterdir())


def test_small_files_stay_in_memory(folder):
    (folder / "a.csv").write_text(TEXT)
    with opened_rows(folder / "a.csv", left=10**9) as source:
        assert not isinstance(source, ParquetSource)
        check(source, read(folder / "a.csv").table)


def test_more_words_than_are_kept(folder, monkeypatch):
    """A column of ever new numbers needs the memory of some of its words, and gets the notation of all."""
    monkeypatch.setattr(arrow_columns, "MOST_WORDS", 100)
    lines = [
        "n,t,d,w",
        *(f'"{k},{k}",{k}.5,{1 + k % 12:02d}/{1 + k % 28:02d}/2020 {k % 24}:00,word {k}' for k in range(800)),
    ]
    (folder / "a.csv").write_text("\n".join(lines))
    with opened_rows(folder / "a.csv", left=0) as source:
        check(source, read(folder / "a.csv").table)


def test_readers_of_batches(folder):
    data = pa.table({"x": np.arange(300.0), "word": ["a", "b", None] * 100})
    with opened_rows(data.to_reader(max_chunksize=70), left=0) as source:
        assert sum(source.group_sizes) == 300
        assert whole_table(source)["word"].tolist() == ["a", "b", None] * 100
    assert not list((folder / "tmp").iterdir())


BATCH = pa.record_batch({"x": [1.0, 2.0]})


def of(batches, schema=BATCH.schema):
    return pa.RecordBatchReader.from_batches(schema, batches)


def breaks(error):
    yield BATCH
    raise error


@pytest.mark.parametrize(
    ("reader", "error", "message"),
    [
        (lambda: of(iter(())), SourceError, "the record batches have no rows; at least one was expected. A reader can"),
        (
            lambda: of(breaks(OSError("the network is gone"))),
            SourceError,
            "cannot be read to their end: the network is",
        ),
        (lambda: of(breaks(ZeroDivisionError("mine"))), ZeroDivisionError, "mine"),
        (
            lambda: of(iter([BATCH, pa.record_batch({"z": [1.0]})])),
            SourceError,
            "the record batches differ: one has the columns z instead of x; each needs the columns of the reader's",
        ),
        (
            lambda: of(iter(()), pa.schema([("x", pa.list_(pa.int8()))])),
            ColumnError,
            r"column 'x' of the record batches is nested \(list<item: int8>\), but each cell must be one number",
        ),
        (
            lambda: of(iter(()), pa.schema([("x", pa.int8()), ("x", pa.int8())])),
            ColumnError,
            "the column name 'x' occurs 2 times in the record batches",
        ),
    ],
)
def test_readers_that_break_off(folder, reader, error, message):
    """Each is told in a sentence, the user's own exception as it is, and nothing is left behind."""
    with pytest.raises(error, match=message), opened_rows(reader(), left=0):
        pass
    assert not list((folder / "tmp").iterdir())


def test_a_scanner(folder):
    """As a dataset, of which it is a part."""
    data = pyarrow.dataset.dataset(pa.table({"x": np.arange(300.0), "word": ["a", "b", None] * 100}))
    with opened_rows(data.scanner(filter=pyarrow.dataset.field("x") < 40), left=0) as source:
        assert whole_table(source)["x"].tolist() == list(range(40))


def test_the_rows_of_a_small_parquet_file_may_be_many(folder):
    """A column of one value takes some bytes in a file, but all of its rows in the memory."""
    pq.write_table(pa.table({"x": np.zeros(500_000, np.int8)}), folder / "a.parquet")
    (folder / "odd.parquet").write_bytes(b"PAR1 and nothing else")

    assert (folder / "a.parquet").stat().st_size < 10_000
    assert are_large([folder / "a.parquet"], left=10**6)
    assert not are_large([folder / "a.parquet"], left=10**7)
    assert not are_large([folder / "odd.parquet"], left=10**6)


def test_a_small_disk_is_refused(folder, monkeypatch):
    """Before anything is written, a sentence says how much is missing and where."""
    (folder / "a.csv").write_text(TEXT)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**6, 0, 1000))
    with (
        pytest.raises(
            SourceError, match=r"its copy as Parquet needs up to 0 MB in .*tmp, of which 0 MB are free; free"
        ),
        opened_rows(folder / "a.csv", left=0),
    ):
        pass
    assert not list((folder / "tmp").iterdir())


def test_a_disk_that_becomes_full(folder, monkeypatch):
    """DuckDB's words, which have no error number, become those of the system."""
    (folder / "a.csv").write_text(TEXT)

    def full(*_):
        raise duckdb.IOException('IO Error: {"message": "Could not write file: No space left on device"}')

    monkeypatch.setattr(spooled, "execute", full)
    with (
        pytest.raises(
            SourceError,
            match=r"the temporary copy of the table in .*tmp cannot be written: no space left on device\. F",
        ),
        opened_rows(folder / "a.csv", left=0),
    ):
        pass
    assert not list((folder / "tmp").iterdir())


def test_ragged_lines_are_refused(folder):
    (folder / "a.csv").write_text("a,b\n1,2\n3\n")
    with (
        pytest.raises(
            SourceError, match=r"a.csv cannot be converted to Parquet; DuckDB says: .*Every line needs as many"
        ),
        opened_rows(folder / "a.csv", left=0),
    ):
        pass
