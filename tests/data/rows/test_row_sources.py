"""Sources of rows give what the reader of whole tables gives, group by group."""

import datetime as dt
import decimal
import os

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from glassnet.data.reading.sources import read
from glassnet.data.reading.tabular import table_from
from glassnet.data.rows.in_memory import TableSource
from glassnet.data.rows.parquet import ParquetSource
from glassnet.data.rows.row_source import RowSource
from glassnet.errors import ColumnError, ShapeError, SourceError

N = 23


def values(seed: int) -> pa.Table:
    rng = np.random.default_rng(seed)
    words = rng.choice(["a", " b", "NA", "?", "c"], N).tolist()
    days = [None if k % 5 == 0 else dt.date(2020, 1 + k % 12, 1 + k % 28) for k in range(N)]
    return pa.table(
        {
            "f4": pa.array(rng.normal(size=N).astype("f4")),
            "gaps": pa.array([None if k % 3 == 0 else float(k) for k in range(N)], pa.float32()),
            "whole": pa.array(rng.integers(0, 9, N), pa.int32()),
            "holes": pa.array([None if k % 4 == 0 else k for k in range(N)], pa.int64()),
            "long": pa.array([2**60 + 1 + k for k in range(N)]),
            "ids": pa.array([2**60 + 1 + k % 3 for k in range(N)]),
            "yes": pa.array([k % 2 == 0 for k in range(N)]),
            "maybe": pa.array([None if k == N - 1 else k % 2 == 0 for k in range(N)]),
            "day": pa.array(days),
            "moment": pa.array([dt.datetime(2020, 1, 1, k) for k in range(N)], pa.timestamp("ns")),
            "time": pa.array([dt.time(k, 5) for k in range(N)]),
            "price": pa.array([None if k == 3 else decimal.Decimal(k) / 4 for k in range(N)], pa.decimal128(9, 2)),
            "word": pa.array(words),
            "category": pa.array(words).dictionary_encode(),
            "number": pa.array([None if k == 2 else f"{k},5" for k in range(N)]),
            "german": pa.array([f"{1 + k:02d}.01.2020" for k in range(N)]),
            "truth": pa.array(["true" if k % 2 else "False" for k in range(N)], pa.large_string()),
            "empty": pa.array(["NA"] * N),
        }
    )


@pytest.fixture
def files(tmp_path):
    """Two files with row groups of several sizes; the second has the columns in another order."""
    one, two = values(0), values(1)
    pq.write_table(one, tmp_path / "a.parquet", row_group_size=7)
    pq.write_table(two.select(two.column_names[::-1]), tmp_path / "b.parquet", row_group_size=10)
    return tmp_path


def equal(column, expected):
    assert column.dtype == expected.dtype
    assert [repr(value) for value in column.tolist()] == [repr(value) for value in expected.tolist()]


def sources(files) -> list[RowSource]:
    return [
        ParquetSource.open(str(files / "*.parquet")),
        TableSource(read(str(files / "*.parquet")).table, rows_per_group=8),
    ]


@pytest.mark.parametrize("which", [0, 1], ids=["parquet", "memory"])
def test_groups_are_the_table(files, which):
    """One group after the other, a source has the columns, types and readings of the whole table."""
    source, table = sources(files)[which], read(str(files / "*.parquet")).table
    groups = [source.group(k) for k in range(len(source.group_sizes))]

    assert source.names == table.names
    assert source.n_rows == table.n_rows == sum(source.group_sizes) == 2 * N
    assert tuple(group.n_rows for group in groups) == source.group_sizes
    assert all(group.readings == table.readings for group in groups)
    assert np.concatenate([group.rows for group in groups]).tolist() == list(range(2 * N))
    for name in table.names:
        equal(np.concatenate([group[name] for group in groups]), table[name])


@pytest.mark.parametrize("which", [0, 1], ids=["parquet", "memory"])
def test_take_and_select(files, which):
    """Rows come in the order that is asked for, across groups and files, with the asked columns alone."""
    source, table = sources(files)[which], read(str(files / "*.parquet")).table
    order = np.random.default_rng(3).permutation(2 * N)[:31]
    taken = source.select(["word", "f4", "maybe"]).take(order)

    assert taken.names == ("word", "f4", "maybe")
    assert taken.in_row(0) == f"in row {order[0]} (counted from 0)"
    for name in taken.names:
        equal(taken[name], table.take(order)[name])
    with pytest.raises(ShapeError, match="row 46 was asked for, but the source has the rows 0 to 45"):
        source.take([46])
    assert source.take(np.empty(0, int)).n_rows == 0


def test_columns_keep_their_precision(files):
    """Numbers become float64 when a column is asked for; until then a group holds them as the file does."""
    group = ParquetSource.open(files / "a.parquet").group(0)

    assert group.columns.stored[0].dtype == np.float32
    assert group["f4"].dtype == np.float64


def test_notations_of_a_model_are_kept(tmp_path):
    """Text is read in the notation of training, even where its words alone mean something else."""
    pq.write_table(pa.table({"x": ["1,234", "2,5"]}), tmp_path / "a.parquet")
    trained = table_from({"x": ["1.234,5", "2,5"]})

    assert ParquetSource.open(tmp_path / "a.parquet", notations=trained.notations).group(0)["x"].tolist() == [
        1.234,
        2.5,
    ]


def test_what_cannot_be_read(tmp_path):
    """Files that are no tables of one kind are refused by a sentence that names them."""
    pq.write_table(pa.table({"x": [1], "y": [2]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"x": [1], "z": [2]}), tmp_path / "b.parquet")
    pq.write_table(pa.table({"x": pa.array([], pa.int64())}), tmp_path / "c.parquet")
    pq.write_table(pa.table({"x": [[1, 2]]}), tmp_path / "d.parquet")
    (tmp_path / "e.parquet").write_bytes(b"PAR1 and then nothing")

    with pytest.raises(SourceError, match=r"b.parquet does not have the columns of .*a.parquet: it lacks 'y' and has"):
        ParquetSource.open([tmp_path / "a.parquet", tmp_path / "b.parquet"])
    with pytest.raises(SourceError, match=r"c.parquet has column names but no rows"):
        ParquetSource.open(tmp_path / "c.parquet")
    with pytest.raises(ColumnError, match=r"column 'x' of .*d.parquet is nested"):
        ParquetSource.open(tmp_path / "d.parquet")
    with pytest.raises(SourceError, match=r"e.parquet cannot be read as Parquet: .*Try writing the file again"):
        ParquetSource.open(tmp_path / "e.parquet")
    with pytest.raises(SourceError, match="there is no file"):
        ParquetSource.open(tmp_path / "f.parquet")
    with pytest.raises(SourceError, match="the list of files is empty"):
        ParquetSource.open([])


def test_a_file_that_changes(tmp_path):
    """A file that is cut off, replaced or removed after it was opened gives a sentence and no wrong numbers."""
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"x": np.arange(100_000.0)}), path, row_group_size=10_000, compression="none")
    source, content = ParquetSource.open(path), path.read_bytes()
    path.write_bytes(content[:1000])
    with pytest.raises(SourceError, match=r"a.parquet has changed since it was opened, but must stay as it is while"):
        source.group(9)
    os.utime(path, ns=(0, source._files[0].stamp[1]))
    path.write_bytes(content[:1000] + bytes(len(content) - 1000))  # zeros of the same size
    os.utime(path, ns=(0, source._files[0].stamp[1]))
    with pytest.raises(SourceError, match=r"row group 9 of .*a.parquet cannot be read: .*Check that the file stays"):
        source.group(9)
    path.unlink()
    with pytest.raises(SourceError, match=r"row group 9 of .*a.parquet cannot be read: .*No such file"):
        source.group(9)


@pytest.mark.parametrize(
    "one, other, message",
    [
        (
            pa.array([1]),
            pa.array(["a"]),
            r"'x' is text \(string\) in .*b.parquet, but a number \(int64\) in .*a.parquet;",
        ),
        (
            pa.array([1.5]),
            pa.array([1], pa.date32()),
            r"'x' is a date \(date32\[day\]\) in .*, but a number \(double\)",
        ),
        (pa.array([1]), pa.array([[1]]), r"'x' is nested \(list<element: int64>\) in .*, but a number"),
        (pa.array([dt.time(1)]), pa.array([1]), r"'x' is a number \(int64\) in .*, but a time \(time64\[us\]\) in"),
    ],
)
def test_columns_of_different_types(tmp_path, one, other, message):
    pq.write_table(pa.table({"x": one}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"x": other}), tmp_path / "b.parquet")
    with pytest.raises(SourceError, match=message):
        ParquetSource.open(tmp_path / "*.parquet")


@pytest.mark.parametrize(
    "known, gap",
    [
        (pa.array([1.5], pa.float32()), np.nan),
        (pa.array([2**60]), np.nan),
        (pa.array([True]), None),
        (pa.array(["word"]), None),
        (pa.array([dt.date(2020, 1, 2)]), None),
    ],
)
@pytest.mark.parametrize("first", [0, 1])
def test_a_file_without_values_of_a_column(tmp_path, known, gap, first):
    """Its type is that of the other files, in which there are values."""
    files = [pa.table({"x": pa.nulls(2)}), pa.table({"x": known})]
    pq.write_table(files[first], tmp_path / "a.parquet")
    pq.write_table(files[1 - first], tmp_path / "b.parquet")
    source = ParquetSource.open(tmp_path / "*.parquet")
    alone = ParquetSource.open(tmp_path / ("b.parquet" if first == 0 else "a.parquet")).group(0)["x"]
    gaps, values = (source.group(k)["x"] for k in (first, 1 - first))

    assert repr(gaps.tolist()) == repr([gap, gap])
    assert values.astype(object).tolist() == alone.astype(object).tolist()
    assert gaps.dtype == values.dtype


def test_a_column_that_later_files_lack(tmp_path):
    pq.write_table(pa.table({"x": [1], "y": [2]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"x": [1]}), tmp_path / "b.parquet")
    with pytest.raises(SourceError, match=r"b.parquet does not have the columns of .*a.parquet: it lacks 'y'\. Files"):
        ParquetSource.open(tmp_path / "*.parquet")
    with pytest.raises(SourceError, match=r"a.parquet does not have the columns .*: it has 'y' in addition\. Files"):
        ParquetSource.open([tmp_path / "b.parquet", tmp_path / "a.parquet"])


def test_text_that_is_not_utf8(tmp_path):
    text = pa.StringArray.from_buffers(1, pa.py_buffer(np.asarray([0, 1], np.int32)), pa.py_buffer(b"\xff"))
    pq.write_table(pa.table({"x": text}), tmp_path / "a.parquet")
    with pytest.raises(SourceError, match="column 'x' has a text that is not UTF-8, which text in Parquet and Arrow"):
        ParquetSource.open(tmp_path / "a.parquet")


def test_a_long_text_that_is_repeated(tmp_path):
    """A file of some bytes whose text would take 64 GB is read by its codes."""
    text = pa.DictionaryArray.from_arrays(np.zeros(1 << 16, np.int8), ["long " * 200_000])
    pq.write_table(pa.table({"x": text, "y": np.arange(1 << 16)}), tmp_path / "a.parquet", store_schema=False)
    source = ParquetSource.open(tmp_path / "a.parquet")
    words = source.select(["x"]).group(0)["x"]

    assert source._files[0].kind("x") == pa.string()
    assert len(words) == 1 << 16
    assert words[0] is words[-1]
    assert len(words[0]) == 999_999


def test_a_footer_with_another_number_of_rows(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"x": np.arange(50.0)}), path)
    file = ParquetSource.open(path)._files[0]
    file.__dict__["group_sizes"] = (60,)
    with pytest.raises(
        SourceError, match=r"row group 0 of .*a.parquet has 50 rows, but the footer of the file says 60"
    ):
        file.read(0, ["x"])
    with pytest.raises(
        SourceError, match=r"row group 0 of .*a.parquet has 50 rows, but the footer of the file says 60"
    ):
        list(file.read_in_parts(0, ["x"], 20))
