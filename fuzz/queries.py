"""SQL that tries to write: statements of every kind in every place where a query can stand.

A case is a query in a folder with files that are worth something. It may be refused or give a table; afterwards the
folder is as it was.
"""

import hashlib
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

from fuzz.child import run_cases
from fuzz.tally import Tally

FILES = {
    "victim.txt": b"precious",
    "victim.csv": b"a,b\n1,NA\n2,x\n",
    "data.csv": b"a,b,c\n1,2.5,x\n2,NA,y\n3,4.5,x\n",
    "data.json": b'[{"a": 1, "b": "x"}, {"a": 2, "b": null}]',
}
"""What lies in the folder, besides a Parquet file and a database."""

STATEMENTS = (
    "COPY (SELECT 1 AS a) TO 'victim.txt'",
    "COPY (SELECT 1 AS a) TO 'victim.csv' (FORMAT csv, HEADER)",
    "COPY (SELECT 1 AS a) TO 'new.parquet' (FORMAT parquet)",
    "COPY (SELECT 1 AS a) TO 'new' (PARTITION_BY a, FORMAT csv)",
    "COPY t FROM 'victim.csv'",
    "COPY t TO 'victim.txt'",
    "COPY FROM DATABASE memory TO victim",
    "INSERT INTO t VALUES (1) RETURNING *",
    "INSERT INTO 'victim.csv' SELECT 1, 2",
    "INSERT OR REPLACE INTO victim.t SELECT * FROM 'data.csv' RETURNING a",
    "DELETE FROM t WHERE a = 1 RETURNING *",
    "DELETE FROM 'victim.csv'",
    "UPDATE t SET a = 2 RETURNING *",
    "UPDATE 'victim.csv' SET a = 2",
    "MERGE INTO t USING 'data.csv' AS s ON t.a = s.a WHEN MATCHED THEN DELETE RETURNING merge_action, *",
    "MERGE INTO t USING (SELECT 1 AS a) s USING (a) WHEN NOT MATCHED THEN INSERT RETURNING *",
    "TRUNCATE t",
    "ATTACH 'new.db'",
    "ATTACH 'victim.db' AS v",
    "ATTACH IF NOT EXISTS 'new.db' AS n (READ_WRITE)",
    "DETACH memory",
    "USE memory.main",
    "SET threads = 1",
    "SET GLOBAL temp_directory = 'new'",
    "SET VARIABLE x = 1",
    "RESET threads",
    "CALL pragma_version()",
    "CALL force_checkpoint()",
    "CALL enable_logging(storage_path = 'new')",
    "PRAGMA version",
    "PRAGMA enable_profiling = 'json'",
    "PRAGMA profiling_output = 'new.json'",
    "PRAGMA import_database('new')",
    "EXPORT DATABASE 'new'",
    "IMPORT DATABASE 'new'",
    "INSTALL httpfs",
    "INSTALL 'victim.txt'",
    "FORCE INSTALL spatial FROM community",
    "LOAD httpfs",
    "LOAD './victim.txt'",
    "CREATE TABLE t AS SELECT 1 AS a",
    "CREATE OR REPLACE TEMP TABLE u (a INTEGER)",
    "CREATE VIEW w AS SELECT 1 AS a",
    "CREATE MACRO m(x) AS x + 1",
    "CREATE MACRO m(x) AS TABLE SELECT x",
    "CREATE SEQUENCE s",
    "CREATE TYPE e AS ENUM ('a')",
    "CREATE PERSISTENT SECRET k (TYPE http)",
    "CREATE SCHEMA z",
    "CREATE INDEX i ON t (a)",
    "DROP TABLE IF EXISTS t",
    "ALTER TABLE t ADD COLUMN b INTEGER",
    "COMMENT ON TABLE t IS 'x'",
    "VACUUM",
    "CHECKPOINT",
    "FORCE CHECKPOINT",
    "BEGIN TRANSACTION",
    "COMMIT",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "DEALLOCATE p",
    "ANALYZE",
    "SHOW TABLES",
    "EXPLAIN ANALYZE SELECT 1",
    "DESCRIBE SELECT 1 AS a",
    "SUMMARIZE 'data.csv'",
    "PIVOT 'data.csv' ON c USING sum(a)",
)

IN_A_WITH = tuple(text for text in STATEMENTS if text.startswith(("COPY", "INSERT", "DELETE", "UPDATE", "MERGE")))
"""Statements that DuckDB's grammar takes inside a WITH, from where they run."""

TABLES = (
    "query({quoted})",
    "query_table('victim.csv')",
    "query_table(['data.csv'], true)",
    "json_execute_serialized_sql((SELECT json_serialize_sql({quoted})))",
    "json_execute_serialized_sql('{{}}')",
    "glob('*')",
    "read_text('victim.txt')",
    "read_blob('*')",
    "read_duckdb('victim.db')",
    "'victim.db'",
    "'victim.db'.t",
    "sniff_csv('victim.csv')",
    "parquet_metadata('data.parquet')",
    "read_csv('victim.csv', store_rejects = true, rejects_table = 'r', rejects_scan = 's')",
    "read_csv('data.csv', rejects_limit = 1)",
    "read_csv((SELECT 'victim.txt'))",
    "read_csv('vic' || 'tim.csv')",
    "read_csv(['data.csv', 'victim.csv'])",
    "read_csv('http://127.0.0.1:9/a.csv')",
    "'s3://bucket/a.parquet'",
    "'hf://datasets/a/b.csv'",
    "checkpoint()",
    "force_checkpoint()",
    "duckdb_settings()",
    "duckdb_secrets()",
    "duckdb_functions()",
    "information_schema.tables",
    "sqlite_master",
    "pragma_version()",
    "pragma_table_info('t')",
    "enable_logging(storage_path = 'new')",
    "enable_profiling(save_location = 'new.json')",
    "create_external_resource('a', 'b')",
    "test_all_types()",
    "python_map_function()",
    "arrow_scan(0, 0, 0)",
    "pandas_scan(0)",
    "seq_scan()",
    "t",
)
"""What a query may be made to read from that is no table of the user."""

VALUES = (
    "nextval('s')",
    "setval('s', 1)",
    "currval('s')",
    "getenv('HOME')",
    "getvariable('x')",
    "current_setting('home_directory')",
    "setseed(0.5)",
    "write_log('x')",
    "error('x')",
    "sleep_ms(1)",
    "pg_sleep(0.001)",
    "txid_current()",
    "json_serialize_plan({quoted})",
    "json_deserialize_sql('{{}}')",
    "finalize('x'::BLOB)",
    "list_aggregate([1, 2], {quoted})",
    "query({quoted})",
    "read_csv('victim.csv')",
    "no_such_function(1)",
    "?",
    "$x",
)

GOOD_TABLES = (
    "'data.csv'",
    "'data.parquet'",
    "'data.json'",
    "'data*.csv'",
    "read_csv('data.csv')",
    "read_csv('data.csv', nullstr = 'x', sample_size = 5)",
    "read_parquet(['data.parquet'])",
    "range(5) r(a)",
    "(VALUES (1, 2), (3, 4)) v(a, b)",
    "unnest([1, 2]) u(a)",
)
GOOD_VALUES = ("1", "a", "'x'", "NULL", "random()", "sum(a) OVER ()", "a + 1", "[1, 2][1]", "DATE '2020-01-01'")


class Draw(random.Random):
    """Random choices, and how often a harmful one is made where there is a choice."""

    harm: float = 0.5


def statement(rng: Draw, depth: int) -> str:
    """Return one statement, mostly one that should not run."""
    if rng.random() >= 2 * rng.harm:
        return query(rng, depth - 1)
    if rng.random() < 0.3:
        return rng.choice(IN_A_WITH)
    if depth <= 0 or rng.random() < 0.4:
        return rng.choice(STATEMENTS)
    return rng.choice(
        (
            lambda: f"COPY ({query(rng, depth - 1)}) TO 'victim.txt'",
            lambda: f"CREATE TABLE n AS {query(rng, depth - 1)}",
            lambda: f"INSERT INTO t {query(rng, depth - 1)} RETURNING *",
            lambda: f"DELETE FROM t WHERE a IN ({query(rng, depth - 1)}) RETURNING *",
            lambda: f"UPDATE t SET a = ({query(rng, depth - 1)})",
            lambda: f"CREATE MACRO m() AS TABLE {query(rng, depth - 1)}",
            lambda: f"PREPARE p AS {query(rng, depth - 1)}",
            lambda: f"EXPLAIN ANALYZE {query(rng, depth - 1)}",
            lambda: f"DESCRIBE {query(rng, depth - 1)}",
            lambda: f"SUMMARIZE {query(rng, depth - 1)}",
            lambda: f"MERGE INTO t USING ({query(rng, depth - 1)}) s ON t.a = s.a WHEN MATCHED THEN DELETE RETURNING *",
            lambda: query(rng, depth - 1),
        )
    )()


def query(rng: Draw, depth: int) -> str:
    """Return a query with something else in one or several of the places where a query, table or value can stand."""
    if depth <= 0:
        return f"SELECT {value(rng, 0)} AS a FROM {table(rng, 0)}"
    if rng.random() < rng.harm / 2:
        sql = _with(rng, depth - 1)
        return sql if rng.random() < 0.4 else rng.choice(PLACES)(rng, depth - 1, lambda: sql)
    inner = (lambda: statement(rng, depth - 1)) if rng.random() < rng.harm else (lambda: query(rng, depth - 1))
    return rng.choice(PLACES)(rng, depth - 1, inner)


def _with(rng: Draw, depth: int) -> str:
    """Return a query with a statement in a WITH, whose name is used or not."""
    names = rng.choice(("x", "RECURSIVE x", "x(a)", '"data.csv"', "y AS (SELECT 1 AS a), x"))
    kind = rng.choice(("", "MATERIALIZED ", "NOT MATERIALIZED "))
    return f"WITH {names} AS {kind}({statement(rng, depth)}) SELECT * FROM {rng.choice(('x', table(rng, depth)))}"


Inner = Callable[[], str]
PLACES: tuple[Callable[[Draw, int, Inner], str], ...] = (
    lambda rng, d, q: f"WITH x AS ({q()}) SELECT * FROM x",
    lambda rng, d, q: f"WITH x AS MATERIALIZED ({q()}), y AS ({q()}) SELECT 1 AS a FROM {table(rng, d)}",
    lambda rng, d, q: f"WITH RECURSIVE x(n) AS ({q()} UNION ALL SELECT n + 1 FROM x WHERE n < 3) SELECT * FROM x",
    lambda rng, d, q: f"WITH \"data.csv\" AS ({q()}) SELECT * FROM 'data.csv'",
    lambda rng, d, q: f"SELECT * FROM ({q()}) AS s",
    lambda rng, d, q: f"FROM ({q()})",
    lambda rng, d, q: f"FROM {table(rng, d)} SELECT {value(rng, d)} AS a",
    lambda rng, d, q: f"SELECT a FROM {table(rng, d)} WHERE a IN ({q()})",
    lambda rng, d, q: f"SELECT 1 AS a FROM {table(rng, d)} WHERE EXISTS ({q()})",
    lambda rng, d, q: f"SELECT ({q()}) AS a, {value(rng, d)} AS b",
    lambda rng, d, q: f"SELECT ARRAY({q()})[1] AS a",
    lambda rng, d, q: f"SELECT 1 AS a UNION ALL ({q()})",
    lambda rng, d, q: f"{q()} EXCEPT {q()}",
    lambda rng, d, q: f"({q()}) UNION BY NAME ({q()})",
    lambda rng, d, q: f"SELECT * FROM {table(rng, d)} AS l, LATERAL ({q()}) AS m",
    lambda rng, d, q: f"SELECT l.* FROM {table(rng, d)} AS l JOIN ({q()}) AS m ON true",
    lambda rng, d, q: f"SELECT l.a FROM {table(rng, d)} AS l SEMI JOIN {table(rng, d)} AS m USING (a)",
    lambda rng, d, q: f"SELECT sum(a) AS a FROM {table(rng, d)} GROUP BY ({q()}) HAVING ({q()}) > 0",
    lambda rng, d, q: f"SELECT a FROM {table(rng, d)} ORDER BY ({q()})",
    lambda rng, d, q: f"SELECT a FROM {table(rng, d)} LIMIT ({q()}) OFFSET ({q()})",
    lambda rng, d, q: f"SELECT row_number() OVER (ORDER BY ({q()})) AS a FROM {table(rng, d)}",
    lambda rng, d, q: f"SELECT sum(a) FILTER (WHERE ({q()}) = 1) AS a FROM {table(rng, d)} QUALIFY true",
    lambda rng, d, q: f"SELECT CASE WHEN ({q()}) = 1 THEN {value(rng, d)} ELSE 2 END AS a",
    lambda rng, d, q: f"SELECT CAST(({q()}) AS VARCHAR) AS a",
    lambda rng, d, q: f"SELECT list_transform([1], lambda x: x + ({q()}))[1] AS a",
    lambda rng, d, q: f"SELECT COLUMNS(*) FROM ({q()}) USING SAMPLE 50%",
    lambda rng, d, q: f"SELECT * REPLACE (({q()}) AS a) FROM {table(rng, d)}",
    lambda rng, d, q: f"SELECT * FROM ({q()}) PIVOT (sum(a) FOR c IN ('x', 'y'))",
    lambda rng, d, q: f"SELECT * FROM (PIVOT ({q()}) ON a USING count(*))",
    lambda rng, d, q: f"SELECT * FROM ({q()}) UNPIVOT (v FOR k IN (a, b))",
    lambda rng, d, q: f"SELECT * FROM (DESCRIBE {q()})",
    lambda rng, d, q: f"SELECT * FROM (SUMMARIZE {q()})",
    lambda rng, d, q: f"SELECT * FROM (SHOW TABLES), {table(rng, d)}",
    lambda rng, d, q: f"SELECT * FROM query({quoted(q())})",
    lambda rng, d, q: f"SELECT * FROM query((SELECT {quoted(q())}))",
    lambda rng, d, q: f"SELECT * FROM read_csv(({q()}))",
    lambda rng, d, q: f"SELECT * FROM range(({q()}))",
    lambda rng, d, q: f"SELECT * FROM (VALUES (({q()}), {value(rng, d)})) v(a, b)",
    lambda rng, d, q: f"VALUES (({q()}))",
    lambda rng, d, q: f"SELECT {value(rng, d)} AS a, {value(rng, d)} AS b FROM {table(rng, d)}",
    lambda rng, d, q: f"SELECT 1 AS a; {q()}",
    lambda rng, d, q: f"{q()}; SELECT 1 AS a",
    lambda rng, d, q: f"SELECT 1 AS a -- \n; {q()}",
    lambda rng, d, q: f"/* SELECT */ {q()}",
    lambda rng, d, q: f"SELECT $tag$ {q()} $tag$ AS a",
)


def table(rng: Draw, depth: int) -> str:
    """Return what stands behind FROM."""
    return rng.choice(GOOD_TABLES) if rng.random() >= rng.harm else _filled(rng, depth, rng.choice(TABLES))


def value(rng: Draw, depth: int) -> str:
    """Return what stands for a value."""
    return rng.choice(GOOD_VALUES) if rng.random() >= rng.harm else _filled(rng, depth, rng.choice(VALUES))


def quoted(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _filled(rng: Draw, depth: int, form: str) -> str:
    return form.format(quoted=quoted(statement(rng, depth - 1)))


def mutated(rng: Draw, sql: str) -> str:
    """Return the text with some of its words lost, doubled or exchanged."""
    words = sql.split(" ")
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(words))
        other = rng.randrange(len(words))
        words[at] = rng.choice(
            (words[other], "", words[at] + " " + words[at], "(" + words[at], words[at] + ")", "\x00")
        )
    return " ".join(words)


def make(seed: int, case: int) -> str:
    """Return the SQL of a case."""
    rng = Draw(f"{seed}:{case}")
    rng.harm = rng.choice((0.0, 0.1, 0.5))
    make_one = rng.choices((query, _with, statement), (70, 20, 10))[0]  # the grammar takes most writes outermost only
    sql = make_one(rng, rng.randrange(1, 4))
    return mutated(rng, sql) if rng.random() < 0.15 else sql


def prepare() -> None:
    """Fill the working directory, and read once: what all cases share."""
    import duckdb

    from glassnet.data.reading.sources import read

    Path("temporary").mkdir()
    tempfile.tempdir = str(Path("temporary").resolve())  # so that what is left behind is seen, and only ours
    for name, content in FILES.items():
        Path(name).write_bytes(content)
    with duckdb.connect() as duck:
        duck.execute("COPY (SELECT range AS a, range * 0.5 AS b FROM range(5)) TO 'data.parquet'")
        duck.execute("ATTACH 'victim.db' AS v; CREATE TABLE v.t AS SELECT 1 AS a; DETACH v")
    read("SELECT * FROM 'data.csv' ORDER BY a")


def attack(seed: int, case: int) -> str:
    """Read one query; raise if anything but a refusal or a table comes of it, or if a file is new or changed."""
    from glassnet.data.reading.sources import read
    from glassnet.errors import ColumnError, SourceError

    before = _state()
    try:
        read(make(seed, case))
        outcome = "tables"
    except (SourceError, ColumnError) as error:
        if "\n" in str(error) or not str(error):
            raise AssertionError(f"not one sentence: {str(error)!r}") from None
        outcome = "refused"
    after = _state()
    if before != after:
        raise AssertionError(f"files changed: {sorted(before.items() ^ after.items())}")
    return outcome


def _state() -> dict[str, str]:
    """Return what the files in the folder are, and the names of what lies in DuckDB's."""
    here = {str(path): _digest(path) for path in sorted(Path.cwd().rglob("*"))}
    return here | {str(path): "" for path in (Path.home() / ".duckdb").rglob("*")}


def _digest(path: Path) -> str:
    """Return what a file is: also one that is written anew with the same content counts as changed."""
    if not path.is_file():
        return "folder"
    status = path.stat()
    return f"{hashlib.sha256(path.read_bytes()).hexdigest()} {status.st_ino} {status.st_mtime_ns}"


def run(n: int, seed: int) -> Tally:
    """Try the queries 0 to n - 1."""
    return run_cases("queries", "fuzz.queries:attack", n, seed)
