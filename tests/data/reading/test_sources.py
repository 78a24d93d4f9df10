"""Every way a real file comes, and every way it can be broken: one sentence each."""

import bz2
import gzip
import io
import json
import lzma
import os
import sys
import threading
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.datasets import load_iris, load_wine

from glassnet.data.columns.schema_inference import infer_schema
from glassnet.data.reading import spool, workbooks
from glassnet.data.reading.sources import files_read_by, read
from glassnet.data.reading.tabular import table_from
from glassnet.errors import ColumnError, MissingExtraError, SourceError

PENGUINS = Path(__file__).parents[3] / "examples" / "penguins.csv"
ACCENTS = "age,city,sex\n41,Malmö,NA\n?,Tromsø,f\n"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name, content):
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return name


def test_penguins_have_the_same_schema_by_every_way():
    """CSV, SQL, pandas, polars, Arrow, Parquet and columns of text agree on every kind, range, level and share."""
    expected = infer_schema(read(PENGUINS).table, target="species")
    frame = pd.read_csv(PENGUINS)
    frame.to_parquet("penguins.parquet")
    ways = {
        "sql": read(f"SELECT * FROM '{PENGUINS}'").table,
        "parquet": read("penguins.parquet").table,
        "pandas": table_from(frame),
        "pandas text": table_from(pd.read_csv(PENGUINS, dtype=str, keep_default_na=False)),
        "pandas nullable": table_from(frame.convert_dtypes()),
        "pandas categories": table_from(frame.astype({"sex": "category", "island": "category"})),
        "polars": table_from(pl.read_csv(PENGUINS, null_values="NA")),
        "polars text": table_from(pl.read_csv(PENGUINS, infer_schema=False)),
        "collected": table_from(pl.scan_csv(PENGUINS, null_values="NA").collect()),
        "arrow": table_from(pa.Table.from_pandas(frame)),
        "dict": table_from(frame.to_dict("list")),
    }

    assert expected["bill_length_mm"].kind == "numeric"
    assert expected["sex"].levels == ("female", "male")
    for way, table in ways.items():
        assert infer_schema(table, target="species") == expected, way


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1"])
@pytest.mark.parametrize("is_gzipped", [False, True])
def test_odd_encodings(encoding, is_gzipped):
    content = ACCENTS.encode(encoding)
    source = read(write("a.csv", gzip.compress(content) if is_gzipped else content))

    assert source.table["city"].tolist() == ["Malmö", "Tromsø"]
    np.testing.assert_array_equal(source.table["age"], [41.0, np.nan])
    assert source.table["sex"].tolist() == [None, "f"]
    assert source.notices == (("a.csv is not UTF-8 and was read as Windows-1252.",) if encoding == "latin-1" else ())


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_other_delimiters_on_real_data(delimiter):
    frame = load_wine(as_frame=True).frame
    frame.to_csv("wine.txt", sep=delimiter, index=False)

    table = read("wine.txt").table

    assert table.names == tuple(frame.columns)
    np.testing.assert_array_equal(np.column_stack(table.columns), frame.to_numpy())


def test_iris_with_text_classes_and_decimal_commas():
    iris = load_iris(as_frame=True)
    frame = iris.frame.assign(target=iris.target_names[iris.target])
    frame.to_csv("iris.csv", sep=";", decimal=",", index=False)

    source = read("iris.csv")

    np.testing.assert_array_equal(source.table["sepal length (cm)"], frame["sepal length (cm)"])
    assert source.notices == ()
    schema = infer_schema(source.table, target="target")
    assert schema["sepal length (cm)"].notation == "1.234,56"
    assert "column 'sepal length (cm)' is text that was read as numbers: '1.234,56' is 1234.56." in schema.notices


def test_quotes_line_breaks_one_column_and_odd_names():
    assert read(write("q.csv", 'a,b\n"x, ""y""",2\n"two\nlines",3\n')).table["a"].tolist() == ['x, "y"', "two\nlines"]
    assert read(write("one.csv", "a\r\n1\r\n2\r\n")).table["a"].tolist() == [1.0, 2.0]
    assert read(write("odd*[1].csv", "a,b\n1,2\n")).table["b"].tolist() == [2.0]
    assert read(write("index.csv", ",b\n1,2\n")).table.names == ("Unnamed: 0", "b")
    assert read(write("counted.csv", "0,1\n5,6\n")).table.names == ("0", "1")


def test_json_and_ndjson():
    records = '[{"age": 41, "sex": "NA"}, {"age": null, "sex": "f"}]'
    lines = '{"age": 41, "sex": "NA"}\n{"age": null, "sex": "f"}\n'
    for name, content in (("a.json", records), ("a.ndjson", lines), ("a.jsonl.gz", gzip.compress(lines.encode()))):
        table = read(write(name, content)).table
        np.testing.assert_array_equal(table["age"], [41.0, np.nan])
        assert table["sex"].tolist() == [None, "f"]
    assert read(write("mixed.json", '[{"a": 1}, {"a": "x"}]')).table["a"].tolist() == ["1", "x"]


def test_patterns_and_lists_keep_their_order():
    write("b.csv", "x,y\n3,c\n")
    write("a.csv", "x,y\n1,a\n2,b\n")

    assert read("*.csv").table["x"].tolist() == [1.0, 2.0, 3.0]
    assert read(["b.csv", Path("a.csv")]).table["y"].tolist() == ["c", "a", "b"]
    assert read("SELECT * FROM '*.csv' ORDER BY x DESC").table["x"].tolist() == [3.0, 2.0, 1.0]


def test_types_are_decided_over_all_files_together():
    write("a.csv", "x\n1\n")
    write("b.csv", "x\nhello\n")

    assert read("*.csv").table["x"].tolist() == ["1", "hello"]


def test_markers_can_be_changed():
    write("a.csv", "a,b\n-1,NA\n-9,x\n")

    table = read("a.csv", missing=("-9",)).table

    np.testing.assert_array_equal(table["a"], [-1.0, np.nan])
    assert table["b"].tolist() == ["NA", "x"]


ORDERED = [
    ("SELECT 1 AS a ORDER BY a", True),
    ("WITH t AS (SELECT 1 AS a) FROM t ORDER BY ALL", True),
    ("SELECT 1 AS a UNION ALL SELECT 2 ORDER BY 1", True),
    ("select 'order by' AS a", False),
    ("SELECT row_number() OVER (ORDER BY a) AS r FROM (SELECT 1 AS a)", False),
    ("SELECT * FROM (SELECT 1 AS a ORDER BY a)", False),
    ("SELECT 1 AS a -- ORDER BY a", False),
]


@pytest.mark.parametrize("sql, is_ordered", ORDERED)
def test_only_an_outermost_order_by_counts(sql, is_ordered):
    notices = read(sql).notices

    assert is_ordered == (notices == ())
    assert is_ordered or notices[0].startswith(
        "the query has no ORDER BY, so a rerun may return its rows in another order"
    )


BROKEN = [
    ("note.csv", b"# a note\na,b\n1,2\n", r"note.csv cannot be read .* Line: 2 \(Expected .*: 1 Found: 2\)"),
    ("empty.csv", b"", "empty.csv is empty; a table with a line of column names was expected"),
    ("mark.csv", b"\xff\xfe", "mark.csv is empty; a table with a line of column names was expected"),
    ("mark8.csv", b"\xef\xbb\xbf \n", "mark8.csv is empty; a table with a line of column names was expected"),
    ("blank.csv", b"\n \n", "blank.csv is empty"),
    ("header.csv", b"a,b\n", "header.csv has column names but no rows"),
    ("binary.csv", bytes(range(256)) * 9, "binary.csv is not text: it has control bytes"),
    ("book.csv", b"PK\x03\x04 zip", "book.csv is a zip archive or an Excel workbook"),
    ("ragged.csv", b"a,b,c\n1,2,3\n4,5\n", r"ragged.csv cannot be read .* Line: 3 \(Expected .*: 3 Found: 2\)"),
    (
        "quote.csv",
        b'a,b\n"x,2\n3,4\n',
        "quote.csv cannot be read as a table of text; DuckDB says: CSV Error on Line: 2",
    ),
    ("data.csv", b"5.1,3.5\n4.9,3\n", r"the first line of data.csv is all numbers \(5.1, 3.5\), but column names were"),
    ("cut.csv.gz", gzip.compress(b"a,b\n" + b"1,2\n" * 99)[:30], "cut.csv.gz is a damaged gzip file"),
    ("bad.csv.gz", gzip.compress(b"a,b\n1,2\n")[:12] + b"\xff" * 20, "bad.csv.gz is a damaged gzip file"),
    ("bad.parquet", b"PAR1 broken", "bad.parquet cannot be read as Parquet; DuckDB says"),
    ("empty.json", b"", "empty.json is empty; a JSON table was expected"),
    ("list.json", b"[1, 2]", "list.json is JSON but not a table; a list of records was expected"),
    ("half.json", b'[{"a": 1', "half.json cannot be read as JSON; DuckDB says: Invalid Input Error: Malformed JSON"),
]


@pytest.mark.parametrize("name, content, sentence", BROKEN, ids=[case[0] for case in BROKEN])
def test_broken_files_are_told_in_one_sentence(name, content, sentence):
    with pytest.raises(SourceError, match=sentence) as caught:
        read(write(name, content))
    assert "\n" not in str(caught.value)


def test_a_file_without_a_line_of_names_is_told_to_get_one():
    with pytest.raises(ColumnError, match=r"'0\.5' occurs 2 times .* try adding a first line with the names"):
        read(write("d.csv", "0.5,0.5,a\n1.5,2.5,b\n"))


def test_doubled_names_and_nested_cells():
    with pytest.raises(ColumnError, match="the column name 'a' occurs 2 times"):
        read(write("d.csv", "a,b,a\n1,2,3\n"))
    with pytest.raises(ColumnError, match="the column name 'a' occurs 2 times"):
        read("SELECT 1 AS a, 2 AS a")
    with pytest.raises(ColumnError, match=r"column 'a' of n.json is nested \(BIGINT\[\]\)"):
        read(write("n.json", '[{"a": [1]}]'))
    with pytest.raises(ColumnError, match=r"is nested \(STRUCT\(\"x\\n") as told:  # the type spells every name inside
        read(write("n.json", json.dumps([{"a": {"x\n" + "y" * 1000: 1}}])))
    assert len(str(told.value)) < 250
    with pytest.raises(SourceError, match=r"is all numbers \(9{60}\.\.\.\)"):
        read(write("n.csv", "9" * 1000 + "\n1\n"))


def test_paths_that_lead_nowhere():
    write("penguins.csv", "a\n1\n")
    os.mkdir("sub")
    with pytest.raises(SourceError, match=r"there is no file pengiuns.csv; did you mean penguins.csv\?"):
        read("pengiuns.csv")
    with pytest.raises(SourceError, match=r"there is no file no/such.csv; paths are relative to"):
        read("no/such.csv")
    with pytest.raises(SourceError, match=r"the folder sub holds no table; files that end in .csv, .* were expected"):
        read("sub")
    with pytest.raises(SourceError, match=r"no file matches '\*.xyz'"):
        read("*.xyz")
    with pytest.raises(SourceError, match="the list of files is empty"):
        read([])


def test_no_permission(monkeypatch):
    write("secret.csv", "a\n1\n")

    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # root may read everything, so the file's mode would prove nothing
    with pytest.raises(SourceError, match=r"no permission to read secret.csv; try chmod u\+r"):
        read("secret.csv")


def test_files_of_a_pattern_with_other_columns():
    write("a.csv", "x,y\n1,2\n")
    write("b.csv", "x,z\n1,2\n")
    with pytest.raises(
        SourceError, match=r"b.csv does not have the columns of a.csv: it lacks 'y' and has 'z' in addition"
    ):
        read("*.csv")


QUERIES = [
    ("SELECT 1; SELECT 2", "the query holds 2 statements, but exactly one SELECT is read"),
    ("SELECT 1; DROP TABLE t", "the query holds 2 statements"),
    ("COPY (SELECT 1) TO 'x.csv'", "the query is of the kind COPY, but sources are read-only"),
    ("CREATE TABLE t (a INT)", "the query is of the kind CREATE"),
    ("WITH t AS (SELECT 1) INSERT INTO u SELECT * FROM t", "the query is of the kind INSERT"),
    ("SELECT * FORM t", 'the query cannot be run; DuckDB says: Parser Error: syntax error at or near "t"'),
    ("SELECT a FROM (SELECT 1 AS b)", "the query cannot be run; DuckDB says: Binder Error"),
    ("SELECT * FROM nowhere", "Table with name nowhere does not exist. Name a file in single quotes instead"),
    ("SELECT * FROM 'https://example.org/a.csv'", r"is on a network \(https\), .*: curl -LO https://example.org/a.csv"),
    ("SELECT 1 AS a WHERE false", "the query's result has column names but no rows"),
]


@pytest.mark.parametrize("sql, sentence", QUERIES)
def test_queries_that_are_refused(sql, sentence):
    with pytest.raises(SourceError, match=sentence) as caught:
        read(sql)
    assert "\n" not in str(caught.value)
    assert os.listdir() == []


def test_a_query_does_not_see_python_variables():
    secret = pd.DataFrame({"a": [1]})
    with pytest.raises(SourceError, match="Table with name secret does not exist"):
        read("SELECT * FROM secret")
    assert len(secret) == 1


def test_a_query_cannot_change_the_configuration():
    with pytest.raises(SourceError, match="of the kind SET"):
        read("SET threads = 1")


def test_a_file_named_like_sql_is_read_as_a_file():
    assert read(write("select me.csv", "a,b\n1,2\n")).table["a"].tolist() == [1.0]


def test_parquet_with_dates_decimals_and_dictionaries():
    frame = pa.table(
        {"day": pa.array(["2024-01-01", None]).cast(pa.date32()), "c": pa.array(["x", None]).dictionary_encode()}
    )
    pq.write_table(frame, "a.parquet")

    table = read("a.parquet").table

    assert table["day"].dtype == "datetime64[us]"
    assert table["c"].tolist() == ["x", None]


def test_files_of_one_pattern_may_hold_other_types():
    pq.write_table(pa.table({"a": [1, None]}), "a.parquet")
    pq.write_table(pa.table({"a": ["x", "NA"]}), "b.parquet")

    assert read("*.parquet").table["a"].tolist() == ["1", None, "x", None]


def test_a_text_too_long_for_a_path_is_a_query():
    assert read("SELECT 1 AS a" + " " * 5000 + "ORDER BY a").table["a"].tolist() == [1.0]


TEXT = "age,city\n41,Malmö\n?,Oslo\n"
FRAME = pd.DataFrame({"age": [41.0, None], "city": ["Malmö", "Oslo"]})


def check(source):
    """Check that the two rows above were read, whatever they were packed in."""
    assert source.table.names == ("age", "city")
    np.testing.assert_array_equal(source.table["age"], [41.0, np.nan])
    assert source.table["city"].tolist() == ["Malmö", "Oslo"]
    return source


def zipped(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def arrow_stream(table):
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress], ids=["gz", "bz2", "xz"])
@pytest.mark.parametrize("name", ["a.csv", "a"])
def test_compressed_files_are_recognized_by_their_content(pack, name):
    check(read(write(name, pack(TEXT.encode()))))


def test_zstd(monkeypatch):
    zstd = pytest.importorskip("backports.zstd", reason="Python 3.14 has it in its own library")
    content = zstd.compress(TEXT.encode())

    check(read(write("a.csv.zst", content)))
    with pytest.raises(SourceError, match=r"cut.csv.zst is a damaged zstd file"):
        read(write("cut.csv.zst", content[:-4]))
    monkeypatch.setitem(sys.modules, "backports", None)
    with pytest.raises(MissingExtraError, match=r"needs the package backports.zstd; try: pip install backports.zstd$"):
        read("a.csv.zst")


def test_arrow_and_feather(monkeypatch):
    table = pa.Table.from_pandas(FRAME)
    FRAME.to_feather("a.feather")
    FRAME.astype({"city": "category"}).to_feather("categories.feather")
    write("a.arrows", arrow_stream(table))
    write("named.anyhow", Path("a.feather").read_bytes())

    for name in ("a.feather", "categories.feather", "a.arrows", "named.anyhow"):
        check(read(name))
    with pytest.raises(SourceError, match=r"half.feather cannot be read as Arrow: .*\. Try writing the file again"):
        read(write("half.feather", Path("a.feather").read_bytes()[:200]))
    with pytest.raises(SourceError, match=r"text.feather is named like Arrow, but has other content"):
        read(write("text.feather", TEXT))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"needs the package pyarrow; try: pip install pyarrow$"):
        read("a.feather")


def test_workbooks(monkeypatch):
    with pd.ExcelWriter("two.xlsx") as book:
        FRAME.to_excel(book, sheet_name="people", index=False)
        FRAME.head(1).to_excel(book, sheet_name="more", index=False)

    assert check(read("two.xlsx")).notices == ("two.xlsx has 2 sheets, of which the first was read: people.",)
    pd.DataFrame().to_excel("empty.xlsx", index=False)
    with pytest.raises(
        SourceError, match=r"the first sheet of empty.xlsx is empty; a row of column names was expected"
    ):
        read("empty.xlsx")
    with pytest.raises(SourceError, match=r"old.xls cannot be read as a workbook: .*\. Try saving it again"):
        read(write("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)))
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(
        MissingExtraError, match=r"needs the package python-calamine; try: pip install python-calamine$"
    ):
        read("two.xlsx")


def test_cells_far_from_the_table():
    """The rectangle around them would take 512 GB. Of cells that only look different, calamine reads nothing."""
    for name, change in (
        ("far.xlsx", lambda cell: setattr(cell, "value", 1)),
        ("styled.xlsx", lambda cell: setattr(cell, "font", openpyxl.styles.Font(bold=True))),
    ):
        book = openpyxl.Workbook()
        for row in (("age", "dose"), (30, 2.5), (40, 3.5)):
            book.active.append(row)
        change(book.active.cell(1_048_576, 16_384))
        book.save(name)

    with pytest.raises(
        SourceError,
        match=r"a sheet of far.xlsx has 7 cells that spread over 1,048,576 rows and 16,384 columns; delete the cells",
    ):
        read("far.xlsx")
    assert read("styled.xlsx").table["dose"].tolist() == [2.5, 3.5]


def test_cells_without_a_place_follow_the_one_before():
    """By hand: A1, B1, C1, then B7 and C7; in blocks of 50 bytes, whose edges cut some of the places."""
    xml = b"""<x:row r="1"><x:c><x:v>1</x:v></x:c><x:c t="n"><x:v>2</x:v></x:c><x:c r='C1'><x:v>3</x:v></x:c></x:row>
        <x:row spans="1:3" r="7"><x:c s="1" r="A7"/><x:c r="B7"><x:v>4</x:v></x:c><x:c><x:v>5</x:v></x:c></x:row>
        <x:row r="99"><x:c r="ZZ99" s="1"/></x:row>"""
    cut = io.BytesIO(xml)
    cut.read = lambda _, read=cut.read: read(50)

    assert workbooks._extent(io.BytesIO(xml)) == (5, 7, 3)
    assert workbooks._extent(cut) == (5, 7, 3)


def test_a_tag_without_an_end_is_read_once():
    """With each place tried as the only one, it would take minutes."""
    assert workbooks._extent(io.BytesIO(b"<c" + b' r="A1"' * 140_000 + b"<")) == (0, 0, 0)


def test_dates_and_numbers_of_a_workbook_keep_their_types():
    frame = pd.DataFrame(
        {"day": pd.to_datetime(["2024-01-31", "2024-02-29"]), "n": [1, 2], "x": [0.5, None], "t": ["a", ""]}
    )
    frame.to_excel("typed.xlsx", index=False)
    table = read("typed.xlsx").table

    assert table["day"].tolist() == frame["day"].dt.to_pydatetime().tolist()
    assert table["n"].tolist() == [1.0, 2.0]
    np.testing.assert_array_equal(table["x"], [0.5, np.nan])
    assert table["t"].tolist() == ["a", None]


def test_zip_archives():
    check(read(write("one.zip", zipped({"a.csv": TEXT}))))
    two = read(
        write("two.zip", zipped({"b.csv": "x\n3\n", "a.csv": "x\n1\n", "README.md": "notes", "__MACOSX/._a.csv": "x"}))
    )

    assert two.table["x"].tolist() == [1.0, 3.0]
    assert (
        two.notices == ("of the zip archive two.zip README.md was not read: not a table.",)
        or "MACOSX" in two.notices[0]
    )
    for content, sentence in (
        (
            zipped({"README.md": "x"}),
            r"the zip archive z.zip holds no table \(README.md\); a CSV, Parquet or JSON file was",
        ),
        (zipped({"a.csv": TEXT, "b.json": "[]"}), r"z.zip holds a.csv, b.json, but tables of one kind were expected"),
        (zipped({"a.zip": zipped({"a.csv": TEXT})}), r"z.zip holds a.zip, but tables of one kind were expected"),
        (
            zipped({"a.csv": gzip.compress(gzip.compress(b"a"))}),
            r"z.zip/a.csv is packed twice over; try unpacking it first",
        ),
        (zipped({"a.csv": TEXT})[:60], r"z.zip is a zip archive or an Excel workbook, but it is damaged"),
    ):
        with pytest.raises(SourceError, match=sentence):
            read(write("z.zip", content))


def test_a_name_in_an_archive_is_no_path():
    with zipfile.ZipFile("evil.zip", "w") as archive:
        archive.writestr("../../evil.csv", "x\n1\n")
        archive.writestr("/evil.csv", "x\n2\n")

    assert read("evil.zip").table["x"].tolist() == [1.0, 2.0]
    assert os.listdir() == ["evil.zip"]
    assert not Path("../../evil.csv").exists()


def test_bombs_are_not_unpacked(monkeypatch):
    monkeypatch.setattr(spool, "ALWAYS_ALLOWED", 1 << 20)
    zeros = b"a\n" + b"0" * (8 << 20)
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", zeros)
    for name, content in (
        ("bomb.csv.gz", gzip.compress(zeros)),
        ("bomb.csv.bz2", bz2.compress(zeros)),
        ("bomb.zip", zipped({"a.csv": zeros})),
        ("bomb.xlsx", book.getvalue()),
    ):
        with pytest.raises(SourceError, match=rf"{name}.* but unpacks to more than .* MB, like a zip bomb"):
            read(write(name, content))


def test_folders():
    os.mkdir("d")
    write("d/b.csv", "x\n2\n")
    write("d/a.csv.gz", gzip.compress(b"x\n1\n"))
    write("d/README.md", "notes")
    write("d/_SUCCESS", "")
    os.mkdir("d/sub")
    source = read("d")

    assert source.table["x"].tolist() == [1.0, 2.0]
    assert source.notices == ("of the folder d README.md, sub was not read: not a table of this folder.",)
    os.mkdir("parquet")
    for name, value in (("part-1", 5), ("part-0", 4)):
        pd.DataFrame({"x": [value]}).to_parquet(f"parquet/{name}.parquet")
    assert read("parquet").table["x"].tolist() == [4.0, 5.0]
    pd.DataFrame({"x": [3]}).to_parquet("d/c.parquet")
    with pytest.raises(
        SourceError, match=r"the folder d contains tables of different formats \(a.csv.gz, c.parquet\), but one"
    ):
        read("d")
    os.makedirs("parts/year=2024")
    with pytest.raises(
        SourceError, match=r"parts holds no table itself, only folders such as year=2024; try the pattern"
    ):
        read("parts")


@pytest.mark.parametrize(
    "content",
    [TEXT, gzip.compress(TEXT.encode()), '[{"age": 41, "city": "Malmö"}, {"age": null, "city": "Oslo"}]',
     '{"age": 41, "city": "Malmö"}\n{"city": "Oslo"}\n', arrow_stream(pa.Table.from_pandas(FRAME)), zipped({"a.csv": TEXT})],
    ids=["csv", "gz", "json", "ndjson", "arrow", "zip"],
)  # fmt: skip
def test_stdin_is_recognized_by_its_content(content, monkeypatch):
    read_end, write_end = os.pipe()
    os.write(write_end, content if isinstance(content, bytes) else content.encode())
    os.close(write_end)
    with os.fdopen(read_end) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        source = check(read("-"))

    assert source.description == "stdin"


def test_stdin_is_read_once(monkeypatch):
    read_end, write_end = os.pipe()
    os.write(write_end, TEXT.encode())
    os.close(write_end)
    with os.fdopen(read_end) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        with pytest.raises(SourceError, match="stdin is given twice, but it can be read only once; remove one '-'"):
            read(["-", "-"])


def test_stdin_that_cannot_be_read(monkeypatch):
    with open(os.devnull) as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        with pytest.raises(SourceError, match="stdin is empty; a table with a line of column names was expected"):
            read("-")
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(SourceError, match="stdin is closed; pipe a table into the command, or name a file"):
        read("-")


def test_pipes_are_read_once_and_whole():
    os.mkfifo("pipe")
    writer = threading.Thread(target=lambda: Path("pipe").write_text(TEXT))
    writer.start()
    check(read("pipe"))
    writer.join()
    read_end, write_end = os.pipe()
    os.write(write_end, TEXT.encode())
    os.close(write_end)
    check(read(f"/dev/fd/{read_end}"))  # as <(...) of a shell
    os.close(read_end)


def test_a_pipe_without_a_writer_is_given_up(monkeypatch):
    monkeypatch.setattr(spool, "SECONDS_FOR_A_WRITER", 0.05)
    os.mkfifo("pipe")
    with pytest.raises(SourceError, match=r"nothing writes into the pipe pipe \(waited 0 s\); start its writer"):
        read("pipe")


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="/proc is Linux's")
def test_files_that_are_no_files():
    assert read("/proc/self/maps").table.n_rows > 10  # has content but no size, and changes while it is read
    for path, sentence in (
        ("/dev/zero", "/dev/zero is a device or a socket, but a file or a pipe was expected"),
        ("/dev/null", "/dev/null is a device or a socket"),
        ("/proc/self/mem", "/proc/self/mem cannot be read: input/output error"),
        ("/proc/self/environ", "/proc/self/environ is not text: it has control bytes"),
    ):
        with pytest.raises(SourceError, match=sentence):
            read(path)


PATHS = [
    ("http://example.org/a.csv", r"on a network \(http\), .*: curl -LO http://example.org/a.csv"),
    ("https://example.org/a.csv", r"on a network \(https\), .*: curl -LO https://example.org/a.csv"),
    ("s3://bucket/a.csv", r"on a network \(s3\), .*: aws s3 cp s3://bucket/a.csv \."),
    ("gs://bucket/a.csv", r"on a network \(gs\), .*: gcloud storage cp gs://bucket/a.csv \."),
    ("ftp://example.org/a.csv", r"on a network \(ftp\)"),
    ("file:///a.csv", "is an address, but a path was expected; try it without file://"),
    ("a\0b", r"the path 'a\\x00b' contains a NUL character"),
    ("x" * 5000, r"'xxx.*\.\.\.' cannot be a path: file name too long"),
    ("", "a path is empty; name a file"),
    ("a\nb.csv", r"there is no file a\\nb.csv; did you mean real.csv\?"),
    ("real.csv/x", "'real.csv/x' cannot be a path: not a directory"),
    ("link.csv", r"link.csv is a link to a file that is not there \(nowhere\)"),
]


@pytest.mark.parametrize("path, sentence", PATHS, ids=range(len(PATHS)))
def test_paths_that_cannot_be(path, sentence):
    write("real.csv", "a\n1\n")
    os.symlink("nowhere", "link.csv")
    with pytest.raises(SourceError, match=sentence) as caught:
        read(path)
    assert "\n" not in str(caught.value)


def test_names_that_only_bytes_can_spell():
    name = os.fsdecode(b"\xff.csv")
    write(name, "a\n1\n")

    assert read(name).table["a"].tolist() == [1.0]


def test_odd_headers():
    long = "a" * 200_000
    assert read(write("long.csv", f"{long},b\n1,2\n")).table.names == (long, "b")
    wider = '"' + "a" * (1 << 20) + '",b'
    assert read(write("block.csv", f"{wider}\n1,2\n")).table["b"].tolist() == [2.0]
    assert read(write("lines.csv", '"a\nb",c\n1,2\n')).table.names == ("a\nb", "c")
    assert read(write("separator.csv", "a\u2028x,b\n1,2\n")).table.names == ("a\u2028x", "b")
    with pytest.raises(SourceError, match=r"endless.csv is longer than 16 MB; a line of column names was expected"):
        read(write("endless.csv", "a" * (17 << 20)))
    with pytest.raises(SourceError, match=r"wide.csv has 60,000 cells, but at most 50,000 columns are read"):
        read(write("wide.csv", ",".join(map(str, range(60_000))) + "\n"))


def test_odd_bytes():
    assert read(write("end.csv", "a,b\n1,2")).table["b"].tolist() == [2.0]
    for encoding in ("utf-16-be", "utf-32", "utf-32-le"):
        mark = b"\xff\xfe\0\0" if encoding == "utf-32-le" else b""
        check(read(write("u.csv", mark + TEXT.encode(encoding))))
    check(read(write("mark.json", b'\xef\xbb\xbf[{"age": 41, "city": "Malm\xc3\xb6"}, {"city": "Oslo"}]')))
    assert read(write("surrogate.csv", b"a\n\xed\xa0\x80\n")).notices[0].endswith("was read as Windows-1252.")
    with pytest.raises(SourceError, match=r"late.csv is not a text file: it contains NUL bytes"):
        read(write("late.csv", b"a,b\n" + b"1,2\n" * 300_000 + b"\0,2\n"))
    with pytest.raises(SourceError, match=r"half.json cannot be read as JSON; DuckDB says: .* no low surrogate"):
        read(write("half.json", '[{"a": "\\ud800"}]'))


def test_a_file_that_vanishes_or_grows_while_it_is_read(monkeypatch):
    from glassnet.data.reading import readers

    write("gone.csv", "a\n1\n")
    seen = readers.readable

    def remove(path, name, folder):
        found = seen(path, name, folder)
        path.unlink()
        return found

    monkeypatch.setattr(readers, "readable", remove)
    with pytest.raises(SourceError, match=r"gone.csv cannot be read: no such file or directory"):
        read("gone.csv")


def test_files_share_one_connection(monkeypatch):
    from glassnet.data.reading import readers

    opened = []
    connect = readers.connection
    monkeypatch.setattr(readers, "connection", lambda: opened.append(1) or connect())
    for i in range(5):
        write(f"{i}.csv", f"a\n{i}\n")

    assert read("*.csv").table["a"].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert opened == [1]


def test_files_read_by_a_source_are_known_before_it_is_read(monkeypatch):
    os.mkdir("d")
    for name in ("a.csv", "b.csv", "d/c.csv"):
        write(name, "x\n1\n")
    with open("a.csv") as redirected:
        monkeypatch.setattr(sys, "stdin", redirected)
        (stdin,) = files_read_by("-")
        assert stdin.samefile("a.csv")

    assert sorted(map(str, files_read_by(["*.csv", "d"]))) == ["a.csv", "b.csv", "d/c.csv"]
