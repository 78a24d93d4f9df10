"""SQL over files: one SELECT, read only."""

import json
import re
from pathlib import Path
from typing import Any

from glassnet.data.duck import connection, fetch, first_line
from glassnet.data.raw import RawTable
from glassnet.errors import SourceError

_BEGINS_LIKE_SQL = re.compile(r"\s*(select|with|from)\s", re.IGNORECASE)
_OTHER_SQL = re.compile(
    r"\s*(insert|update|delete|create|drop|alter|copy|attach|detach|install|load|pragma|set|call|export|import|merge|"
    r"truncate|vacuum|values|table|describe|explain|show|begin|commit)\s",
    re.IGNORECASE,
)

ORDER_NOTICE = (
    "the query has no ORDER BY, so a rerun may return its rows in another order and split them differently; "
    "add ORDER BY over columns that tell the rows apart."
)


def is_query(source: str) -> bool:
    """Return whether a text is SQL and not a path: it begins with an SQL word and a blank, and no such file exists.

    >>> is_query("SELECT * FROM 'penguins.csv'"), is_query("penguins.csv"), is_query("DROP TABLE penguins")
    (True, False, True)
    """
    if _BEGINS_LIKE_SQL.match(source) is None and _OTHER_SQL.match(source) is None:
        return False
    try:
        return not Path(source).exists()
    except (OSError, ValueError):  # far too long for a path, or with a character that no path has
        return True


def read_query(sql: str) -> tuple[RawTable, tuple[str, ...]]:
    """Return the rows of one SELECT, and a notice if their order is not settled."""
    import duckdb

    with connection() as duck:
        _check_statement(duck, sql)
        try:
            names, types, columns = fetch(duck, sql)
        except duckdb.Error as error:
            raise SourceError(_explain(error)) from None
        notices = () if _is_ordered(duck, sql) else (ORDER_NOTICE,)
    return RawTable.checked(names, types, columns, "the query's result"), notices


def _check_statement(duck: Any, sql: str) -> None:
    import duckdb

    try:
        statements = duck.extract_statements(sql)
    except duckdb.Error as error:
        raise SourceError(_explain(error)) from None
    if len(statements) > 1:
        raise SourceError(
            f"the query holds {len(statements)} statements, but exactly one SELECT is read; try removing what "
            f"follows the first ';'."
        )
    kind = str(statements[0].type).rpartition(".")[2] if statements else "nothing"
    if kind != "SELECT":
        raise SourceError(
            f"the query is of the kind {kind}, but a source is only ever read; try a query that begins with "
            f"SELECT or WITH."
        )


def _is_ordered(duck: Any, sql: str) -> bool:
    """Return whether the outermost query has an ORDER BY: asked of DuckDB's own parse, not of the text."""
    (parsed,) = duck.execute("SELECT json_serialize_sql(?::VARCHAR)", [sql]).fetchone()
    statements = json.loads(parsed).get("statements", [])
    modifiers = statements[0].get("node", {}).get("modifiers", []) if statements else []
    return any(modifier.get("type") == "ORDER_MODIFIER" for modifier in modifiers)


def _explain(error: Exception) -> str:
    reason = first_line(error)
    if "Table with name" in reason:
        return f"DuckDB says: {reason}. Name a file in single quotes instead: SELECT * FROM 'data.csv'."
    if "requires the extension" in reason:
        return f"DuckDB says: {reason}. Extensions are off here; try a local CSV, Parquet or JSON file."
    return f"the query cannot be run; DuckDB says: {reason}. Try the query in the DuckDB shell, or name the file alone."
