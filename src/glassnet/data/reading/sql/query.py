"""Read-only SQL queries over files."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from glassnet.data.duckdb_sandbox import answer, described, fetch, lock, most_rows, open_connection
from glassnet.data.reading.raw_table import RawTable
from glassnet.data.reading.readers import Reading
from glassnet.data.reading.sql.allowed import pure_functions
from glassnet.data.reading.sql.files_in_query import FilesInQuery, names_in, only_given
from glassnet.data.reading.sql.statements import Tree, Validator, arguments_key
from glassnet.data.type_inference import MISSING_MARKERS
from glassnet.errors import SourceError, first_line

_COMMENTS = r"(?:\s|\(|--[^\n]*\n|/\*.*?\*/)*"
_BEGINS_LIKE_SQL = re.compile(_COMMENTS + r"(select|with|from)(\s|\(|'|\")", re.IGNORECASE | re.DOTALL)
_OTHER_SQL = re.compile(
    _COMMENTS + r"(insert|update|delete|create|drop|alter|copy|attach|detach|install|load|pragma|set|reset|call|export|"
    r"import|merge|truncate|vacuum|values|table|describe|summarize|explain|show|begin|commit|rollback|checkpoint|pivot|"
    r"unpivot|prepare|execute|use|analyze|comment)\s",
    re.IGNORECASE | re.DOTALL,
)

ORDER_NOTICE = (
    "the query has no ORDER BY, so a rerun may return its rows in another order and split them differently; "
    "add ORDER BY over columns that identify the rows."
)
_MOST_CHARACTERS = 1_000_000
_DEEPEST = 200


def is_query(source: str) -> bool:
    """Return whether a text is SQL and not a path: it starts with a SQL keyword and a blank, and no such file exists.

    >>> is_query("SELECT * FROM 'penguins.csv'"), is_query("penguins.csv"), is_query("DROP TABLE penguins")
    (True, False, True)
    """
    if _BEGINS_LIKE_SQL.match(source) is None and _OTHER_SQL.match(source) is None:
        return False
    try:
        return not Path(source).exists()
    except (OSError, ValueError):  # too long for a path, or with an invalid character
        return True


def read_query(sql: str, missing: Sequence[str] = MISSING_MARKERS) -> tuple[RawTable, tuple[str, ...]]:
    """Return the rows of one SELECT, and notices, for example about an undefined row order.

    The text is parsed, the tree is validated, and its files are replaced by readers with our options. The tree is then
    converted to text, which is validated again before it runs on a connection that can open only those files.
    """
    with _clear_errors(), Reading() as reading, open_connection() as duck:
        tree = _parsed(duck, sql)
        pure = pure_functions(duck)
        files = FilesInQuery(duck, reading, missing)
        checked = Validator(pure, files.table, files.reader).statement(tree)
        lock(duck, only=files.paths)
        names, types, columns = _run(duck, checked, Validator(pure, *only_given(files)))
    notices = () if _has(tree, "ORDER_MODIFIER") else (ORDER_NOTICE,)
    return RawTable.checked(names, types, columns, "the query's result"), (*dict.fromkeys(reading.notices), *notices)


def files_named_in(sql: str) -> list[Path]:
    """Return the files of a query, without opening them."""
    found: list[Path] = []
    with _clear_errors(), open_connection() as duck:
        Validator(pure_functions(duck), *names_in(found)).statement(_parsed(duck, sql))
    return found


def _parsed(duck: Any, sql: str) -> Tree:
    """Return the parse tree of exactly one SELECT."""
    _refuse_odd_text(sql)
    statements = duck.extract_statements(sql)
    if len(statements) > 1:
        raise SourceError(
            f"the query holds {len(statements)} statements, but exactly one SELECT is read; try removing what "
            f"follows the first ';'."
        )
    kind = str(statements[0].type).rpartition(".")[2] if statements else "nothing"
    if kind == "MULTI":
        raise SourceError(
            "the query needs several statements, as a PIVOT does without the values of its ON; write them behind IN: "
            "FROM 'data.csv' PIVOT (sum(n) FOR year IN (2024, 2025))."
        )
    if kind != "SELECT":
        raise SourceError(
            f"the query is of the kind {kind}, but sources are read-only; try a query that begins with SELECT or WITH."
        )
    parsed: Tree = json.loads(answer(duck, "SELECT json_serialize_sql(?::VARCHAR)", [sql]))
    if parsed.get("error") or len(parsed.get("statements", [])) != 1:
        raise SourceError(
            f"the query cannot be checked; DuckDB says: {parsed.get('error_message', 'no statement')}. "
            "Try a query of SELECT alone."
        )
    return parsed


def _refuse_odd_text(sql: str) -> None:
    if len(sql) > _MOST_CHARACTERS:
        raise SourceError(f"the query has {len(sql):,} characters; try one of at most {_MOST_CHARACTERS:,}.")
    try:
        sql.encode()
    except UnicodeEncodeError:
        raise SourceError("the query contains a lone surrogate, half of a character; check its text.") from None
    if "\0" in sql:
        raise SourceError("the query contains a NUL character; check its text.")
    depth = deepest = 0
    for mark in re.findall(r"[(\[{)\]}]", sql):
        depth += 1 if mark in "([{" else -1
        deepest = max(deepest, depth)
    if deepest > _DEEPEST:
        raise SourceError(f"the query is nested {deepest} deep; try splitting it with WITH.")


def _run(duck: Any, checked: Tree, validator: Validator) -> tuple[list[str], list[str], list[Any]]:
    """Run the validated tree with a limit on its rows, which depends on the number of columns."""
    names, _ = described(duck, _as_text(duck, checked, validator))
    most = most_rows(len(names))
    names, types, columns = fetch(duck, _as_text(duck, _limited(duck, checked, most + 1), validator))
    if len(columns[0]) > most:
        raise SourceError(
            f"the query's result has more than {most:,} rows, which do not fit into memory; try a WHERE, a LIMIT or "
            "USING SAMPLE."
        )
    return names, types, columns


def _as_text(duck: Any, tree: Tree, validator: Validator) -> str:
    """Return the text of a tree, after parsing and validating it again."""
    text = str(answer(duck, "SELECT json_deserialize_sql(?::JSON)", [json.dumps(tree)]))
    validator.statement(_parsed(duck, text))
    return text


def _limited(duck: Any, tree: Tree, most: int) -> Tree:
    """Return the tree with a row limit: the minimum of `most` and its own limit."""
    root = tree["statements"][0]["node"]
    if _has(tree, "LIMIT_PERCENT_MODIFIER"):
        return tree
    own = [part for part in root["modifiers"] if part["type"] == "LIMIT_MODIFIER"]
    others = [part for part in root["modifiers"] if part["type"] != "LIMIT_MODIFIER"]
    bound = _limit(duck, f"LIMIT {most}")
    if own and own[0].get("limit") is not None:
        bound = _limit(duck, f"LIMIT least(1, {most})")
        key = arguments_key(bound["limit"])
        first, *rest = bound["limit"][key]
        limit = own[0]["limit"]
        bound["limit"][key] = [limit if "class" in first else {**first, "expression": limit}, *rest]
    merged = {**own[0], "limit": bound["limit"]} if own else bound
    statement = {**tree["statements"][0], "node": {**root, "modifiers": [*others, merged]}}
    return {**tree, "statements": [statement]}


def _limit(duck: Any, sql: str) -> Tree:
    """Return the parse tree of a LIMIT in this version of DuckDB."""
    (modifier,) = json.loads(answer(duck, "SELECT json_serialize_sql(?)", [f"SELECT 1 {sql}"]))["statements"][0][
        "node"
    ]["modifiers"]
    return dict(modifier)


def _has(tree: Tree, modifier: str) -> bool:
    """Return whether the outermost query has a modifier, according to its parse tree."""
    return any(part.get("type") == modifier for part in tree["statements"][0]["node"].get("modifiers", []))


@contextmanager
def _clear_errors() -> Iterator[None]:
    """Convert errors of DuckDB, the system or Python to a SourceError."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise SourceError(_explain(error)) from None
    except (RecursionError, UnicodeError) as error:
        raise SourceError(f"the query cannot be read ({first_line(error)}); try a simpler one.") from None
    except MemoryError:
        raise SourceError("the query needs more memory than there is; try fewer rows.") from None


def _explain(error: Exception) -> str:
    reason = first_line(error)
    if "disabled by configuration" in reason:
        return f"DuckDB says: {reason}. A query reads the files that it names in quotes, and nothing else."
    if "requires the extension" in reason:
        return f"DuckDB says: {reason}. Extensions are off here; try a local CSV, Parquet or JSON file."
    return f"the query cannot be run; DuckDB says: {reason}. Try the query in the DuckDB shell, or name the file alone."
