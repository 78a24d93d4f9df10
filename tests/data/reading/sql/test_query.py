"""A query can read the files that it names, with our missing markers, and do nothing else."""

import itertools
import os
import tempfile
import zipfile
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from glassnet.data import duckdb_sandbox
from glassnet.data.columns.schema_inference import infer_schema
from glassnet.data.duckdb_sandbox import lock, open_connection
from glassnet.data.reading.readers import Reading
from glassnet.data.reading.sources import files_read_by, read
from glassnet.data.reading.sql import query as query_module
from glassnet.data.reading.sql.files_in_query import only_given
from glassnet.data.reading.sql.statements import Validator
from glassnet.errors import ColumnError, DataError, SourceError

PENGUINS = Path(__file__).parents[4] / "examples" / "penguins.csv"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("victim.txt").write_text("precious")
    Path("data.csv").write_text("a,b\n1,NA\n2,4\n3,?\n")
    Path("plain.csv").write_text("a,b\n1,5\n2,4\n3,6\n")
    return tmp_path


def listing():
    return {path: Path(path).read_bytes() if Path(path).is_file() else None for path in os.listdir()}


PLACES = {
    "alone": "{0}",
    "with": "WITH x AS ({0}) SELECT * FROM x",
    "with, not used": "WITH x AS ({0}) SELECT 1 AS a",
    "with, recursive": "WITH RECURSIVE x(n) AS ({0}) SELECT 1 AS a",
    "with, in a subquery": "SELECT * FROM (WITH x AS ({0}) SELECT 1 AS a)",
    "from": "SELECT * FROM ({0})",
    "where": "SELECT 1 AS a WHERE EXISTS ({0})",
    "select": "SELECT ({0}) AS a",
    "union": "SELECT 1 AS a UNION ALL ({0})",
    "lateral": "SELECT * FROM 'data.csv' d, LATERAL ({0})",
    "with, in a lateral": "SELECT * FROM 'data.csv' d, LATERAL (WITH x AS ({0}) SELECT 1 AS c)",
    "limit": "SELECT 1 AS a LIMIT (WITH x AS ({0}) SELECT 1)",
    "order": "SELECT 1 AS a ORDER BY (WITH x AS ({0}) SELECT 1)",
    "lambda": "SELECT list_transform([1], lambda x: (WITH y AS ({0}) SELECT 1)) AS a",
    "query()": "SELECT * FROM query('{1}')",
    "a query() in a query()": "SELECT * FROM query('SELECT * FROM query(''{2}'')')",
    "describe": "SELECT * FROM (DESCRIBE {0})",
    "second": "SELECT 1 AS a; {0}",
    "first": "{0}; SELECT 1 AS a",
    "insert": "INSERT INTO t {0}",
    "macro": "CREATE MACRO m() AS TABLE {0}",
    "explain": "EXPLAIN ANALYZE {0}",
}
WRITES = [
    "COPY (SELECT 1) TO 'victim.txt'",
    "COPY (SELECT 1 AS a) TO 'new.parquet'",
    "INSERT INTO t VALUES (1) RETURNING *",
    "DELETE FROM t RETURNING *",
    "UPDATE t SET a = 1 RETURNING *",
    "MERGE INTO t USING 'data.csv' AS s ON true WHEN MATCHED THEN DELETE RETURNING *",
    "ATTACH 'new.db'",
    "SET threads = 1",
    "CALL force_checkpoint()",
    "PRAGMA enable_profiling",
    "EXPORT DATABASE 'new'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "CREATE TABLE t AS SELECT 1",
    "DROP TABLE t",
    "VACUUM",
]


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_nothing_but_select_stands_anywhere(place):
    before = listing()
    for write in WRITES if "WITH x" in place[:6] else WRITES[:5]:
        once = write.replace("'", "''")
        with pytest.raises(SourceError) as caught:
            read(place.format(write, once, once.replace("'", "''")))
        assert "\n" not in str(caught.value)
        assert listing() == before, write


def test_what_overwrote_a_file_and_ended_well_is_refused():
    with pytest.raises(SourceError, match=r"the query (holds COPY|cannot be run)"):
        read("WITH x AS (COPY (SELECT 1) TO 'victim.txt') SELECT 1 AS a")
    assert Path("victim.txt").read_text() == "precious"


NO_TABLES = [
    "query('SELECT 1')",
    "query_table('data.csv')",
    "json_execute_serialized_sql('{}')",
    "glob('*')",
    "read_text('victim.txt')",
    "read_blob('victim.txt')",
    "sniff_csv('data.csv')",
    "duckdb_settings()",
    "duckdb_secrets()",
    "pragma_version()",
    "checkpoint()",
    "force_checkpoint()",
    "enable_logging()",
    "parquet_metadata('a.parquet')",
    "read_duckdb('a.db')",
    "no_such_function()",
]


@pytest.mark.parametrize("table", NO_TABLES)
def test_only_readers_and_pure_functions_stand_behind_from(table):
    name = table.partition("(")[0]
    with pytest.raises(SourceError, match=rf"the query reads from {name}\(\), but only files are read: by a name"):
        read(f"SELECT * FROM {table}")


@pytest.mark.parametrize(
    "call",
    ["nextval('s')", "getenv('HOME')", "getvariable('x')", "current_setting('threads')", "setseed(1)", "write_log('x')",
     "pg_sleep(1)", "json_serialize_plan('SELECT 1')", "finalize(NULL)", "error('x')", "no_such_function(1)"],
)  # fmt: skip
def test_only_pure_functions_are_called(call):
    name = call.partition("(")[0]
    with pytest.raises(SourceError, match=rf"the query calls {name}\(\), but only functions that compute a value"):
        read(f"SELECT {call} AS a")


REFUSED = [
    ("SELECT * FROM 'new.db'", "there is no file new.db; paths are relative to"),
    ("SELECT * FROM information_schema.tables", "the table 'tables' of 'information_schema', but only files can be read"),
    ("SELECT * FROM sqlite_master", "Table with name sqlite_master does not exist. Name a file in single quotes"),
    ("SELECT * FROM read_csv('data.csv', store_rejects = true)", r"the option 'store_rejects' of read_csv\(\) is not"),
    ("SELECT * FROM read_csv('da' || 'ta.csv')", r"read_csv\(\) needs a path or a list"),
    ("SELECT * FROM read_csv((SELECT 'data.csv'))", r"read_csv\(\) needs a path"),
    ("SELECT * FROM read_parquet('data.csv')", r"read_parquet\(\) cannot read data.csv, which is text; name the file"),
    ("SELECT * FROM read_csv('https://x.org/a.csv')", r"is on a network \(https\), but only files on this machine"),
    ("SELECT * FROM 's3://b/a.parquet'", r"is on a network \(s3\), .*: aws s3 cp s3://b/a.parquet \."),
    ("SELECT ? AS a", r"the query has a parameter \(\? or \$1\) without a value; try writing the value itself"),
    ("SUMMARIZE 'data.csv'", "the query holds DESCRIBE, SUMMARIZE or SHOW, but sources are read-only"),
    ("PIVOT 'data.csv' ON b USING sum(a)", "the query (needs several|holds 2) statements"),
    ("SELECT '\ud800' AS a", r"the query contains a lone surrogate, half of a character; check its text"),
    ("SELECT '\0' AS a", "the query contains a NUL character"),
    ("SELECT " + "(" * 5000 + "1" + ")" * 5000, "the query is nested 5000 deep; try splitting it with WITH"),
    ("SELECT " + "1 + " * 3000 + "1 AS a", "the query cannot be run; DuckDB says: Parser Error: Max expression depth"),
    ("SELECT 1 AS a" + " " * 1_000_000, "the query has 1,000,013 characters; try one of at most 1,000,000"),
    ("WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r", "the query is recursive"),
    ("SELECT 'infinity'::DATE AS a", "the query cannot be run; DuckDB says: Conversion Error"),
]  # fmt: skip


@pytest.mark.parametrize("sql, sentence", REFUSED, ids=range(len(REFUSED)))
def test_sentences(sql, sentence):
    with pytest.raises(SourceError, match=sentence) as caught:
        read(sql)
    assert "\n" not in str(caught.value)


def test_cells_that_are_no_cells_are_refused_before_they_are_fetched():
    for value, kind in (("[1]", r"INTEGER\[\]"), ("{'a': 1}", "STRUCT"), ("'x'::BLOB", "BLOB"), ("'1'::BIT", "BIT")):
        with pytest.raises(ColumnError, match=rf"column 'a' of the query's result is nested \({kind}"):
            read(f"SELECT {value} AS a")


ALLOWED = [
    "SELECT a, sum(a) OVER (PARTITION BY b ORDER BY a) AS s FROM 'plain.csv' ORDER BY ALL",
    "FROM 'plain.csv' AS d SEMI JOIN (VALUES (1), (2)) AS v(a) USING (a) SELECT d.a ORDER BY a",
    "SELECT DISTINCT ON (a) * REPLACE (a + 1 AS a) FROM 'plain.csv' ORDER BY a LIMIT 1 + 1 OFFSET 1",
    "SELECT a, list_transform([a], lambda x: x + 1)[1] AS c, CASE WHEN a > 1 THEN 'x' END AS d FROM 'plain.csv' ORDER BY a",
    "SELECT * FROM 'plain.csv' PIVOT (count(*) FOR a IN (1, 2)) ORDER BY ALL",
    "SELECT * FROM (SELECT a, a + 1 AS c FROM 'plain.csv') UNPIVOT (v FOR k IN (a, c)) ORDER BY ALL",
    "SELECT a FROM 'plain.csv' WHERE a IN (SELECT range FROM range(3)) AND EXISTS (SELECT 1) ORDER BY a",
    "SELECT a, random() < 2 AS r, strftime(DATE '2020-01-31', '%Y') AS y FROM 'plain.csv' ORDER BY a",
    "SELECT a FROM read_csv('plain.csv', header = true, names = ['a', 'b']) ORDER BY a",
    "SELECT a FROM 'plain.csv' UNION ALL BY NAME SELECT 9 AS a ORDER BY a",
    '-- what it is for\nSELECT a FROM "plain.csv" ORDER BY a',
    "(SELECT a FROM 'plain.csv') ORDER BY a",
]


@pytest.mark.parametrize("sql", ALLOWED, ids=range(len(ALLOWED)))
def test_what_selects_is_read_as_duckdb_alone_reads_it(sql):
    import duckdb

    with duckdb.connect() as plain:
        names = [column[0] for column in plain.execute(sql).description]
        rows = plain.fetchall()
    table = read(sql).table

    assert list(table.names) == names
    assert table.n_rows == len(rows)
    assert [str(value) for value in table.columns[0]] == [
        str(float(row[0]) if isinstance(row[0], int) else row[0]) for row in rows
    ]


def test_the_missing_markers_of_a_file_hold_inside_a_query():
    frame = pd.read_csv(PENGUINS)
    for source in (f"'{PENGUINS}'", f"read_csv('{PENGUINS}')", f"read_csv(['{PENGUINS}'], sample_size = 5)"):
        table = read(f"SELECT bill_length_mm / bill_depth_mm AS ratio FROM {source}").table
        np.testing.assert_allclose(table["ratio"], frame.bill_length_mm / frame.bill_depth_mm, equal_nan=True)


def test_the_markers_are_those_of_the_caller():
    Path("m.csv").write_text("a,b\n-9, none\n1,2\n")

    table = read("SELECT a + b AS c FROM 'm.csv'", missing=("-9", "none")).table

    np.testing.assert_array_equal(table["c"], [np.nan, 3.0])
    assert read("SELECT count(b) AS n FROM read_csv('m.csv', nullstr = '2')").table["n"].tolist() == [1.0]


def test_types_are_decided_over_the_whole_file():
    """DuckDB looks at 20,480 rows; what comes later is no error and changes nothing in silence."""
    Path("late.csv").write_text("a\n" + "\n" * 0 + "NA\n" * 30_000 + "10\n9\n")

    assert read("SELECT max(a) AS m FROM 'late.csv'").table["m"].tolist() == [10.0]


@pytest.mark.parametrize(
    "kind", ["HUGEINT", "UHUGEINT", "BIGNUM", "DECIMAL(38, 0)", "DECIMAL(38, 2)", "UBIGINT", "VARCHAR"]
)
def test_long_ids_keep_their_identity_whatever_type_holds_them(kind):
    """NumPy has no type for some, and a float that takes two ids for one for others; smaller numbers are numbers."""
    long = 2**53 + 1
    lines = [f"{long - k % 2},{k % 3}.25" for k in range(12)]
    Path("ids.csv").write_text("\n".join(["id,x", *lines]) + "\n")

    table = read(
        f'SELECT id::{kind} AS id, x::DECIMAL(4, 2) AS x, 7::HUGEINT AS "n""" FROM \'ids.csv\' ORDER BY x'
    ).table

    assert infer_schema(table)["id"].levels == (str(long - 1), str(long))
    assert table["x"].tolist() == [0.25] * 4 + [1.25] * 4 + [2.25] * 4
    assert table['n"'].tolist() == [7.0] * 12


def test_decimal_ids_of_a_parquet_file_keep_their_identity():
    """As databases export NUMBER(38, 0)."""
    long = 2**53 + 1
    ids = pa.array([Decimal(long), None, Decimal(long - 1), Decimal(long), Decimal(long - 1)], pa.decimal128(38, 0))
    pq.write_table(pa.table({"id": ids}), "ids.parquet")

    assert read("ids.parquet").table["id"].tolist() == [str(long), None, str(long - 1), str(long), str(long - 1)]


def test_a_number_that_no_float_holds_is_told_by_its_row():
    table = read(f"SELECT a, CASE a WHEN 2 THEN 1{'0' * 400} ELSE a END AS x FROM 'plain.csv' ORDER BY a").table
    with pytest.raises(
        DataError, match=r"column 'x' is infinite, or too large for a float, in row 1 \(counted from 0\)"
    ):
        infer_schema(table)


@pytest.mark.parametrize("date", ["DATE '20000-01-01'", "DATE '0044-03-15 (BC)'", "TIMESTAMP '12000-01-01 10:00:00'"])
def test_dates_beyond_the_calendar_are_told_by_row(date):
    table = read(
        f"SELECT a, CASE a WHEN 2 THEN {date} ELSE DATE '2020-01-01' END AS d FROM 'plain.csv' ORDER BY a"
    ).table
    with pytest.raises(DataError, match=r"column 'd' has a date before the year 1 or after 9999 in row 1 \("):
        infer_schema(table)


def test_every_kind_of_file_can_be_queried():
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "NA"]})
    frame.to_excel("t.xlsx", index=False)
    frame.to_feather("t.feather")
    frame.to_parquet("t.parquet")
    frame.to_csv("t.csv.bz2", index=False)
    frame.to_csv("latin.csv", index=False)
    Path("latin.csv").write_bytes("a;b\n1;é\n2;NA\n".encode("latin-1"))
    with zipfile.ZipFile("t.zip", "w") as archive:
        archive.writestr("t.csv", "a,b\n1,x\n2,NA\n")
    for name in ("t.xlsx", "t.feather", "t.parquet", "t.csv.bz2", "t.zip", "latin.csv"):
        assert read(f"SELECT a + 1 AS c FROM '{name}' WHERE b IS NOT NULL OR a > 1 ORDER BY a").table["c"].tolist() == [
            2.0,
            3.0,
        ]


def test_a_with_name_hides_a_file_only_where_duckdb_sees_it():
    """The name is seen after its own definition; inside it and beside it the file is meant."""
    sql = "WITH \"data.csv\" AS (SELECT a * 10 AS a FROM 'data.csv') SELECT a FROM 'data.csv' ORDER BY a"
    apart = "SELECT a FROM (WITH \"data.csv\" AS (SELECT 7 AS a) SELECT a FROM 'data.csv') UNION ALL SELECT a FROM 'data.csv' ORDER BY a"

    assert read(sql).table["a"].tolist() == [10.0, 20.0, 30.0]
    assert read(apart).table["a"].tolist() == [1.0, 2.0, 3.0, 7.0]


def test_only_letters_of_ascii_are_compared_without_case():
    with pytest.raises(SourceError, match=r"there is no file k\.csv"):  # the first K is the sign of Kelvin
        read("WITH \"\u212a.csv\" AS (SELECT 1 AS a) SELECT * FROM 'k.csv'")
    assert read("WITH \"K.csv\" AS (SELECT 1 AS a) SELECT * FROM 'k.csv'").table["a"].tolist() == [1.0]


def test_files_that_a_query_names_are_found_wherever_they_stand():
    for name in ("x.csv", "y.csv", "z.csv"):
        Path(name).write_text("a\n1\n")
    sql = (
        "WITH w AS (SELECT * FROM 'x.csv') SELECT (SELECT max(a) FROM read_csv(['y.csv'])) AS m FROM w "
        "WHERE EXISTS (FROM 'z*.csv') AND 'data.csv' <> ''"
    )

    assert sorted(map(str, files_read_by(sql))) == ["x.csv", "y.csv", "z.csv"]


def test_the_second_wall_holds_alone():
    """What would get past the check of the tree finds a connection that opens the given files and nothing else."""
    import duckdb

    given = Path("data.csv").resolve()
    with open_connection() as locked:
        lock(locked, only=[given])
        assert locked.execute("SELECT count(*) FROM read_csv(?)", [str(given)]).fetchall() == [(3,)]
        for sql in (*WRITES[:2], "ATTACH 'new.db'", "INSTALL httpfs", "FROM glob('*')", "FROM read_text('victim.txt')",
                    "SET enable_external_access = true", "EXPORT DATABASE 'new'"):  # fmt: skip
            with pytest.raises(duckdb.Error, match=r"disabled by configuration|has been locked"):
                locked.execute(sql).fetchall()
    assert sorted(os.listdir()) == ["data.csv", "plain.csv", "victim.txt"]


def test_the_text_that_runs_is_checked_again():
    """Should a text be parsed to more than the tree it was made from, the tables and files in it are refused."""
    with Reading() as reading, open_connection() as connection:
        files = query_module.FilesInQuery(connection, reading, ())
        again = Validator(query_module.pure_functions(connection), *only_given(files))
        for sql, sentence in (
            ("SELECT * FROM 'data.csv'", "Table with name data.csv does not exist"),
            ("SELECT * FROM read_csv(['data.csv'])", "the file names in the query cannot be resolved"),
        ):
            with pytest.raises(SourceError, match=sentence):
                again.statement(query_module._parsed(connection, sql))


@pytest.mark.parametrize("call", ["read_csv('data.csv')", "range(3)", "'data.csv'"])
def test_every_part_of_a_table_is_walked(call):
    """Also those parts that the grammar fills in no place where a table stands, such as a FILTER."""
    with open_connection() as connection:
        pure = query_module.pure_functions(connection)
        tree = query_module._parsed(connection, f"SELECT * FROM {call}")
        table = tree["statements"][0]["node"]["from_table"]
        validator = Validator(pure, lambda tree: tree, lambda tree, validator: tree)
        validator.statement(tree)
        for part in {"function", "sample"} & set(table):
            (table[part] if part == "function" else table)["sample"] = {"type": "COPY_QUERY_NODE"}
            with pytest.raises(SourceError, match="the query holds COPY, but sources are read-only"):
                validator.statement(tree)
            (table[part] if part == "function" else table)["sample"] = None


def test_a_result_that_does_not_fit_is_told(monkeypatch):
    for module in (duckdb_sandbox, query_module):
        monkeypatch.setattr(module, "most_rows", lambda n_columns: 320 // n_columns)

    assert read("SELECT range AS a FROM range(320)").table.n_rows == 320
    assert read("SELECT range AS a, 1 AS b FROM range(900) LIMIT 3").table.n_rows == 3
    with pytest.raises(SourceError, match="the query's result has more than 320 rows, which do not fit into memory"):
        read("SELECT * FROM range(100000000000)")
    with pytest.raises(SourceError, match="has more than 160 rows"):
        read("SELECT range AS a, 1 AS b FROM range(161) LIMIT 99999999999")


def test_own_limits_stay_as_they_are():
    for limit, expected in itertools.product(("LIMIT 2", "LIMIT (SELECT 2)", "LIMIT 20%", "OFFSET 8"), (2,)):
        assert read(f"SELECT range AS a FROM range(10) {limit}").table.n_rows == expected


def test_what_does_not_fit_into_memory_goes_to_the_temporary_folder():
    """By default DuckDB makes a folder .tmp where one works."""
    with open_connection() as connection:
        ((folder,),) = connection.execute("SELECT current_setting('temp_directory')").fetchall()

        assert Path(folder).is_relative_to(tempfile.gettempdir())
    assert not Path(folder).parent.exists()
