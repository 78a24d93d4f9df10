"""Validates that a query is read-only: every node of its parse tree must be on an allow-list."""

from collections.abc import Callable
from typing import Any

from glassnet.data.reading.finding import shown
from glassnet.data.reading.sql.allowed import EXPRESSIONS, PARTS, PURE_TABLES, READERS
from glassnet.errors import SourceError

Tree = dict[str, Any]


class Validator:
    """A traversal of a parse tree that rejects disallowed nodes and may replace file names.

    Parameters
    ----------
    pure : frozenset of str
        Functions that depend only on their arguments.
    table, reader : function of a tree
        Called for each table that is not a WITH name of the query, and for each function that reads files; they return
        the replacement.
    """

    def __init__(
        self, pure: frozenset[str], table: Callable[[Tree], Tree], reader: Callable[[Tree, "Validator"], Tree]
    ) -> None:
        self._pure = pure
        self._table = table
        self._reader = reader

    def statement(self, root: Tree) -> Tree:
        """Return the validated tree of a whole query."""
        try:
            return self._dict(root, frozenset())
        except RecursionError:
            raise SourceError("the query is nested too deeply; try splitting it with WITH.") from None

    def expression(self, value: Any) -> Any:
        """Return a validated expression outside of a table."""
        return self._any(value, frozenset())

    def _any(self, value: Any, names: frozenset[str]) -> Any:
        if isinstance(value, list):
            return [self._any(item, names) for item in value]
        return self._dict(value, names) if isinstance(value, dict) else value

    def _dict(self, tree: Tree, names: frozenset[str]) -> Tree:
        kind = tree.get("type")
        if "class" in tree:
            self._admit_expression(tree)
        elif isinstance(kind, str):
            _admit_part(tree, kind)
            if kind == "BASE_TABLE":
                return self._named_table(tree, names)
            if kind == "TABLE_FUNCTION":
                return self._table_function(tree, names)
        return self._with_names(tree, names)

    def _with_names(self, tree: Tree, names: frozenset[str]) -> Tree:
        """Visit the parts with the WITH names in scope after their definition."""
        new = dict(tree)
        if isinstance(tree.get("cte_map"), dict):
            entries = []
            for entry in tree["cte_map"]["map"]:
                entries.append({"key": entry["key"], "value": self._any(entry["value"], names)})
                names |= {lowered(entry["key"])}
            new["cte_map"] = {**tree["cte_map"], "map": entries}
        own = lowered(tree["cte_name"]) if isinstance(tree.get("cte_name"), str) else None
        for key, value in tree.items():
            if key != "cte_map":
                # A name is in scope after its definition, not inside it.
                is_seen = own is not None and not (tree.get("type") == "CTE_NODE" and key == "query")
                new[key] = self._any(value, names | {own} if is_seen and own is not None else names)
        return new

    def _named_table(self, tree: Tree, names: frozenset[str]) -> Tree:
        qualified = tree.get("schema_name") or tree.get("catalog_name")
        if qualified or tree.get("at_clause"):
            raise SourceError(
                f"the query names the table {tree['table_name']!r} of {qualified or 'another time'!r}, but only files "
                "can be read; try a file's name in single quotes."
            )
        validated = self._with_names(tree, names)
        return validated if lowered(tree["table_name"]) in names else self._table(validated)

    def _table_function(self, tree: Tree, names: frozenset[str]) -> Tree:
        """Visit all parts of a call; the arguments of a reader are left to the callback."""
        function = tree["function"]
        is_reader = self._admit_table_function(function) in READERS
        left = arguments_key(function) if is_reader else None
        validated = {key: value if key == left else self._any(value, names) for key, value in function.items()}
        new = {**self._with_names({**tree, "function": None}, names), "function": validated}
        return self._reader(new, self) if is_reader else new

    def _admit_expression(self, tree: Tree) -> None:
        if tree["class"] == "PARAMETER":
            raise SourceError("the query has a parameter (? or $1) without a value; try writing the value itself.")
        if tree["class"] not in EXPRESSIONS:
            raise _refused(f"an expression of the kind {tree['class']}")
        name = lowered(tree.get("function_name") or "")
        if name and name not in self._pure:
            raise SourceError(
                f"the query calls {shown(name)}(), but only functions that compute a value from the data's values are "
                "allowed; try a query without it."
            )

    @staticmethod
    def _admit_table_function(function: Tree) -> str:
        name = lowered(function.get("function_name") or "")
        if function.get("class") != "FUNCTION" or name not in READERS | PURE_TABLES:
            raise SourceError(
                f"the query reads from {shown(name)}(), but only files are read: by a name in single quotes, read_csv, "
                "read_parquet or read_json; try one of these."
            )
        return name


def arguments_key(function: Tree) -> str:
    """Return the key of a function's arguments, which differs between versions of DuckDB."""
    return "arguments" if "arguments" in function else "children"


def named_argument(entry: Tree) -> tuple[str, Tree]:
    """Return the name of an argument ('' if it has none) and its value."""
    name = entry.get("name") or ""
    value = entry["expression"] if "expression" in entry and "class" not in entry else entry
    is_assignment = value.get("type") == "COMPARE_EQUAL" and value["left"].get("class") == "COLUMN_REF"
    if is_assignment and len(value["left"]["column_names"]) == 1:
        return lowered(value["left"]["column_names"][0]), value["right"]
    return lowered(name or value.get("alias") or ""), value


def texts_of(value: Tree) -> list[str] | None:
    """Return the texts of a literal or of a list of literals; None for any other expression."""
    if value.get("class") == "CONSTANT":
        text = _text_of(value)
        return None if text is None else [text]
    is_list = lowered(value.get("function_name") or "") in ("list_value", "array_value")
    if not is_list and value.get("type") != "ARRAY_CONSTRUCTOR":
        return None
    found = [texts_of(named_argument(entry)[1]) for entry in value[arguments_key(value)]]
    return None if not found or any(texts is None for texts in found) else [t for texts in found for t in texts or []]


def _text_of(constant: Tree) -> str | None:
    literal = constant.get("literal")
    if literal is not None:
        return literal["text"] if literal.get("kind") == "STRING" else None
    value = constant.get("value") or {}
    return value.get("value") if value.get("type", {}).get("id") == "VARCHAR" else None


def lowered(name: str) -> str:
    """Return a name in lower case as DuckDB does, for A to Z only."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in name)


_WORDS = {"SHOW_REF": "DESCRIBE, SUMMARIZE or SHOW"}


def _admit_part(tree: Tree, kind: str) -> None:
    if kind in PARTS:
        return
    if kind == "RECURSIVE_CTE_NODE":  # its result does not bound its duration
        raise SourceError("the query is recursive and may never end; try range(1, 100), or a query without RECURSIVE.")
    word = _WORDS.get(kind, kind.removesuffix("_NODE").removesuffix("_QUERY").removesuffix("_REF").replace("_", " "))
    raise _refused(word)


def _refused(what: str) -> SourceError:
    return SourceError(f"the query holds {what}, but sources are read-only; try a query of SELECT alone, over files.")
