"""A DuckDB sandbox: an in-memory connection with access to files only, or only to given files."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data.bounds import Bounds
from glassnet.data.notation.column_reading import EXACT
from glassnet.errors import ColumnError, SourceError
from glassnet.escaping import brief
from glassnet.files import scratch_folder
from glassnet.typing import Array

CELLS_AT_A_TIME = 1 << 18
_RESULT = "glassnet_result"

_CLOSED: dict[str, Any] = {
    "python_enable_replacements": "false",  # a query must not access the caller's Python variables
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
}

_CELLS = ("BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER",
          "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL", "VARCHAR", "ENUM", "UUID", "DATE", "TIMESTAMP", "TIME",
          "INTERVAL", "JSON", "NULL", '"NULL"', "BIGNUM")  # fmt: skip
"""Prefixes of scalar type names: numbers, text, dates, True/False."""

_TEXTS = ("VARCHAR", "JSON")

_LONG = ("HUGEINT", "DECIMAL")
"""Types that become floats in NumPy, exact only up to 2**53."""

_FOREIGN = ("UHUGEINT", "BIGNUM")
"""Types without a NumPy equivalent."""

_BYTES_PER_CELL = 64  # for DuckDB's vector, NumPy's array and Python's objects together


@contextmanager
def connection() -> Iterator[Any]:
    """Open an in-memory connection without extensions and Python variables, with a locked configuration.

    >>> with connection() as duck:
    ...     duck.execute("SELECT 1 + 1").fetchall()
    [(2,)]
    """
    with open_connection() as duck:
        lock(duck)
        yield duck


@contextmanager
def open_connection() -> Iterator[Any]:
    """Open such a connection without locking its configuration yet."""
    import duckdb

    most = f"{shutil.disk_usage(tempfile.gettempdir()).free // 2}B"  # limit of a query's temporary disk space
    with scratch_folder() as overflow:  # by default, DuckDB creates .tmp in the working directory
        places = {"temp_directory": str(overflow / "overflow"), "max_temp_directory_size": most}
        duck = duckdb.connect(":memory:", config={**_CLOSED, **places})
        try:
            duck.execute("SET enable_progress_bar = false")
            duck.execute("SET preserve_insertion_order = true")
            yield duck
        except RuntimeError as error:
            if str(error) == "Query interrupted":  # DuckDB's own error for Ctrl-C
                raise KeyboardInterrupt from None
            raise
        finally:
            duck.close()


def lock(duck: Any, only: Sequence[Path] | None = None, folder: Path | None = None) -> None:
    """Lock the configuration; with `only`, no other file can be read, and none can be written, attached or loaded.

    Files in `folder` can be used as well.
    """
    if folder is not None:
        duck.execute(f"SET allowed_directories = [{quoted(str(folder))}]")
    if only is not None:
        duck.execute(f"SET allowed_paths = [{', '.join(quoted(str(path)) for path in only)}]")
        duck.execute("SET enable_external_access = false")
    duck.execute("SET lock_configuration = true")


def quoted(text: str) -> str:
    """Return a text as an SQL literal.

    >>> print(quoted("it's"))
    'it''s'
    """
    return "'" + text.replace("'", "''") + "'"


def answer(duck: Any, sql: str, parameters: Sequence[Any] = ()) -> Any:
    """Return the value of a query with a single result."""
    return duck.execute(sql, list(parameters)).fetchall()[0][0]  # fetch all, which frees the connection


def described(
    duck: Any, sql: str, parameters: Sequence[Any] = (), where: str = "the query's result"
) -> tuple[list[str], list[str]]:
    """Return the names and DuckDB types of a query's columns without running it; nested columns are rejected."""
    found = duck.sql(sql, params=list(parameters))
    names, types = list(found.columns), [str(kind) for kind in found.types]
    refuse_nested(names, types, where)
    return names, types


def fetch(
    duck: Any,
    sql: str,
    parameters: Sequence[Any] = (),
    where: str = "the query's result",
    bounds: Bounds | None = None,
    n_heads: int = 0,
) -> tuple[list[str], list[str], list[Array]]:
    """Return the names, DuckDB types and columns of a query's result, in row order.

    A result out of bounds is refused; its first ``n_heads`` rows are no data.

    DuckDB converts a whole result to arrays in one call, which for millions of rows takes many seconds and ignores
    Ctrl-C. So the result is first stored in a DuckDB table and then fetched in batches.
    """
    names, types = described(duck, sql, parameters, where)
    if bounds is not None:
        bounds.check(where, n_columns=len(names))
        n_rows = answer(duck, f"SELECT count(*) FROM ({sql})", parameters) - n_heads
        bounds.check(where, n_columns=len(names), n_rows=n_rows)
        bounds.check_bytes(where, _n_text_bytes(duck, sql, parameters, types))
    try:
        if len({name.lower() for name in names}) < len(names) or any("NULL" in kind for kind in types):
            execute(duck, sql, parameters)  # raises for columns that a table cannot have
            return names, types, list(duck.fetchnumpy().values())
        execute(duck, f"CREATE OR REPLACE TEMP TABLE {_RESULT} AS {sql}", parameters)
        n_rows = answer(duck, f"SELECT count(*) FROM {_RESULT}")
        step = max(1, CELLS_AT_A_TIME // len(names))
        exact = _exact(duck, names, types)
        parts = [_some_rows(duck, names, exact, start, start + step) for start in range(0, max(1, n_rows), step)]
        duck.execute(f"DROP TABLE {_RESULT}")
        return names, types, [_joined([part[k] for part in parts]) for k in range(len(names))]
    except MemoryError:
        raise SourceError(f"{where} does not fit into memory; try fewer rows or columns.") from None


def _n_text_bytes(duck: Any, sql: str, parameters: Sequence[Any], types: list[str]) -> int:
    """Return the length of all text in a result; a small Parquet file may repeat a long text a billion times."""
    places = ", ".join(f"c{k}" for k in range(len(types)))
    lengths = [f"coalesce(sum(strlen(c{k})), 0)" for k, kind in enumerate(types) if kind in _TEXTS]
    return int(answer(duck, f"SELECT {' + '.join(['0', *lengths])} FROM ({sql}) AS result({places})", parameters))


def execute(duck: Any, sql: str, parameters: Sequence[Any] = ()) -> None:
    """Execute a statement in another thread, so that Ctrl-C can interrupt DuckDB at once."""
    with ThreadPoolExecutor(1, thread_name_prefix="glassnet-duckdb") as pool:
        running = pool.submit(duck.execute, sql, list(parameters))
        try:
            running.result()
        except KeyboardInterrupt:
            duck.interrupt()
            raise


def _exact(duck: Any, names: Sequence[str], types: Sequence[str]) -> set[str]:
    """Return the columns whose numbers floats cannot represent exactly, such as ids with twenty digits."""
    long = [name for name, kind in zip(names, types, strict=True) if kind.startswith(_LONG)]
    is_long = [f"coalesce(max({_named(name)}) > {EXACT} OR min({_named(name)}) < -{EXACT}, false)" for name in long]
    found = duck.execute(f"SELECT {', '.join(is_long)} FROM {_RESULT}").fetchall()[0] if long else ()
    foreign = {name for name, kind in zip(names, types, strict=True) if kind.startswith(_FOREIGN)}
    return foreign | {name for name, is_beyond in zip(long, found, strict=True) if is_beyond}


def _named(name: str) -> str:
    """Return a column's name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _some_rows(duck: Any, names: Sequence[str], exact: set[str], start: int, end: int) -> list[Array]:
    """Return a batch of rows; exact columns are fetched as text and returned as Python decimals."""
    as_text = [f"{_named(name)}::VARCHAR AS {_named(name)}" for name in names if name in exact]
    columns = f"* REPLACE ({', '.join(as_text)})" if as_text else "*"
    found = duck.execute(f"SELECT {columns} FROM {_RESULT} LIMIT ? OFFSET ?", [end - start, start]).fetchnumpy()
    return [_decimals(column) if name in exact else column for name, column in zip(names, found.values(), strict=True)]


def _decimals(column: Array) -> Array:
    words = np.ma.asarray(column).tolist()
    numbers = np.empty(len(words), dtype=object)
    numbers[:] = [None if word is None else Decimal(word) for word in words]
    return numbers


def _joined(parts: list[Array]) -> Array:
    if len(parts) == 1:
        return parts[0]
    is_masked = any(isinstance(part, np.ma.MaskedArray) for part in parts)
    join: Any = np.ma.concatenate if is_masked else np.concatenate
    return join(parts)


def refuse_nested(names: Sequence[str], types: Sequence[str], where: str) -> None:
    """Reject columns with cells other than a number, text, date or True/False."""
    for name, kind in zip(names, types, strict=True):
        if kind.endswith("]") or not kind.startswith(_CELLS):
            raise ColumnError(
                f"column {name!r} of {where} is nested ({brief(kind, 60)}), but each cell must be one number, text, "
                "date or True/False; try a query that unpacks it or leaves it out."
            )


def most_rows(n_columns: int) -> int:
    """Return the number of result rows that fit into half of this machine's memory."""
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # not a Unix
        memory = 8 << 30
    return max(memory // 2 // (_BYTES_PER_CELL * max(n_columns, 1)), 1)
