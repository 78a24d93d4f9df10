"""DuckDB, locked up: one in-memory connection per call that sees files and nothing else."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from glassnet.typing import Array

_CLOSED: dict[str, Any] = {
    "python_enable_replacements": "false",  # a query must not see the caller's Python variables
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
}


@contextmanager
def connection() -> Iterator[Any]:
    """Open an in-memory connection with extension loading and Python variables off and the configuration locked.

    >>> with connection() as duck:
    ...     duck.execute("SELECT 1 + 1").fetchall()
    [(2,)]
    """
    import duckdb

    duck = duckdb.connect(":memory:", config=_CLOSED)
    try:
        duck.execute("SET enable_progress_bar = false")
        duck.execute("SET preserve_insertion_order = true")
        duck.execute("SET lock_configuration = true")
        yield duck
    finally:
        duck.close()


def fetch(duck: Any, sql: str, parameters: Sequence[Any] = ()) -> tuple[list[str], list[str], list[Array]]:
    """Return the names, the DuckDB types and the columns of a query's result, in the result's row order."""
    result = duck.execute(sql, list(parameters))
    names = [str(entry[0]) for entry in result.description]
    types = [str(entry[1]) for entry in result.description]
    return names, types, list(result.fetchnumpy().values())


def first_line(error: Exception) -> str:
    r"""Return the first line of DuckDB's message without its final mark: the lines below it repeat the query.

    >>> first_line(ValueError("Parser Error: syntax error\n\nLINE 1: ..."))
    'Parser Error: syntax error'
    """
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".!: ")
