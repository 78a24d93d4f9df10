"""DuckDB, locked up: one in-memory connection per call that sees files and nothing else."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np

from glassnet.typing import Array

CELLS_AT_A_TIME = 1 << 18
_RESULT = "glassnet_result"

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
    except RuntimeError as error:
        if str(error) == "Query interrupted":  # how DuckDB itself tells of Ctrl-C
            raise KeyboardInterrupt from None
        raise
    finally:
        duck.close()


def fetch(duck: Any, sql: str, parameters: Sequence[Any] = ()) -> tuple[list[str], list[str], list[Array]]:
    """Return the names, the DuckDB types and the columns of a query's result, in the result's row order.

    DuckDB makes a whole result into arrays in one go, which for millions of rows takes many seconds and hears no
    Ctrl-C; so the result is a table of DuckDB's first, from which some rows are taken at a time.
    """
    found = duck.sql(sql, params=list(parameters))
    names, types = list(found.columns), [str(kind) for kind in found.types]
    if len({name.lower() for name in names}) < len(names) or any("NULL" in kind for kind in types):
        result = duck.execute(sql, list(parameters))  # such columns a table cannot have
        return names, types, list(result.fetchnumpy().values())
    execute(duck, f"CREATE OR REPLACE TEMP TABLE {_RESULT} AS {sql}", parameters)
    n_rows = duck.execute(f"SELECT count(*) FROM {_RESULT}").fetchone()[0]
    step = max(1, CELLS_AT_A_TIME // len(names))
    parts = [_some_rows(duck, start, start + step) for start in range(0, max(1, n_rows), step)]
    duck.execute(f"DROP TABLE {_RESULT}")
    return names, types, [_joined([part[k] for part in parts]) for k in range(len(names))]


def execute(duck: Any, sql: str, parameters: Sequence[Any] = ()) -> None:
    """Execute a statement in another thread: DuckDB hears Ctrl-C seldom, but is told to stop at once."""
    with ThreadPoolExecutor(1, thread_name_prefix="glassnet-duckdb") as pool:
        running = pool.submit(duck.execute, sql, list(parameters))
        try:
            running.result()
        except KeyboardInterrupt:
            duck.interrupt()
            raise


def _some_rows(duck: Any, start: int, end: int) -> list[Array]:
    found = duck.execute(f"SELECT * FROM {_RESULT} LIMIT ? OFFSET ?", [end - start, start])
    return list(found.fetchnumpy().values())


def _joined(parts: list[Array]) -> Array:
    if len(parts) == 1:
        return parts[0]
    is_masked = any(isinstance(part, np.ma.MaskedArray) for part in parts)
    join: Any = np.ma.concatenate if is_masked else np.concatenate
    return join(parts)


def first_line(error: Exception) -> str:
    r"""Return the first line of DuckDB's message without its final mark: the lines below it repeat the query.

    >>> first_line(ValueError("Parser Error: syntax error\n\nLINE 1: ..."))
    'Parser Error: syntax error'
    """
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".!: ")
