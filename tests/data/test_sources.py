"""Every way a real file comes, and every way it can be broken: one sentence each."""

import gzip
import os
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.datasets import load_iris, load_wine

from glassnet.data.schema import infer_schema
from glassnet.data.sources import read
from glassnet.data.table import table_from
from glassnet.errors import ColumnError, SourceError

PENGUINS = Path(__file__).parents[2] / "examples" / "penguins.csv"
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
    assert source.notices == ("iris.csv has decimal commas; 1,5 was read as 1.5.",)


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


def test_doubled_names_and_nested_cells():
    with pytest.raises(ColumnError, match="the column name 'a' occurs 2 times"):
        read(write("d.csv", "a,b,a\n1,2,3\n"))
    with pytest.raises(ColumnError, match="the column name 'a' occurs 2 times"):
        read("SELECT 1 AS a, 2 AS a")
    with pytest.raises(ColumnError, match=r"column 'a' of n.json is nested \(BIGINT\[\]\)"):
        read(write("n.json", '[{"a": [1]}]'))


def test_paths_that_lead_nowhere():
    write("penguins.csv", "a\n1\n")
    os.mkdir("sub")
    with pytest.raises(SourceError, match=r"there is no file pengiuns.csv; did you mean penguins.csv\?"):
        read("pengiuns.csv")
    with pytest.raises(SourceError, match=r"there is no file no/such.csv; paths are relative to"):
        read("no/such.csv")
    with pytest.raises(SourceError, match=r"sub is a directory, but a file was expected; try the pattern 'sub/\*.csv'"):
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
    with pytest.raises(SourceError, match=r"secret.csv may not be read by you: permission denied. Try chmod u\+r"):
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
    ("COPY (SELECT 1) TO 'x.csv'", "the query is of the kind COPY, but a source is only ever read"),
    ("CREATE TABLE t (a INT)", "the query is of the kind CREATE"),
    ("WITH t AS (SELECT 1) INSERT INTO u SELECT * FROM t", "the query is of the kind INSERT"),
    ("SELECT * FORM t", 'the query cannot be run; DuckDB says: Parser Error: syntax error at or near "t"'),
    ("SELECT a FROM (SELECT 1 AS b)", "the query cannot be run; DuckDB says: Binder Error"),
    ("SELECT * FROM nowhere", "Table with name nowhere does not exist. Name a file in single quotes instead"),
    ("SELECT * FROM 'https://example.org/a.csv'", "Extensions are off here; try a local CSV, Parquet or JSON file"),
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
