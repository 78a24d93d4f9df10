"""Replaces the files in a query's parse tree by readers with our options over unpacked copies."""

import glob
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from glassnet.data.duckdb_sandbox import answer, quoted
from glassnet.data.reading import kinds
from glassnet.data.reading.finding import STDIN, files_of, local_path, shown
from glassnet.data.reading.raw_table import stacked
from glassnet.data.reading.readers import Plain, Reading
from glassnet.data.reading.sql.allowed import OPTIONS
from glassnet.data.reading.sql.statements import Tree, Validator, arguments_key, lowered, named_argument, texts_of
from glassnet.data.reading.text_files import header_shape, utf8_copy
from glassnet.errors import SourceError

Callbacks = tuple[Callable[[Tree], Tree], Callable[[Tree, Validator], Tree]]

_KINDS_OF_READERS = {
    "read_parquet": (kinds.PARQUET,),
    "parquet_scan": (kinds.PARQUET,),
    "read_csv": (kinds.TEXT, kinds.JSON),
    "read_csv_auto": (kinds.TEXT, kinds.JSON),
}
_OF_JSON = (kinds.JSON, kinds.TEXT)


class FilesInQuery:
    """Replaces file names in a parse tree.

    A file name becomes ``read_csv``, ``read_parquet`` or ``read_json`` over an unpacked copy, or a table in memory if
    DuckDB has no reader. A reader called in the query keeps its options and gets our missing markers.
    """

    def __init__(self, duck: Any, reading: Reading, missing: Sequence[str]) -> None:
        self._duck = duck
        self._reading = reading
        self._missing = tuple(missing)
        self.paths: list[Path] = []
        self.tables: list[str] = []

    def table(self, tree: Tree) -> Tree:
        """Return the replacement of a file that is named like a table."""
        name = tree["table_name"]
        plain = self._plain(name)
        found = {one.kind for one in plain}
        if found == {kinds.TEXT}:
            new = self._template(self._read_csv(plain))
        elif found == {kinds.PARQUET} or found == {kinds.JSON}:
            reader = "read_parquet" if found == {kinds.PARQUET} else "read_json"
            new = self._template(f"{reader}({self._list(plain)})")
        else:
            new = self._template(self._in_memory(plain, name))
        alias = tree.get("alias") or os.path.basename(name).split(".")[0]  # DuckDB's name of a file
        kept: Tree = {key: tree[key] for key in ("sample", "column_name_alias") if key in tree and key in new}
        return {**new, **kept, "alias": alias}

    def reader(self, tree: Tree, validator: Validator) -> Tree:
        """Return a reader call over unpacked files, with our missing markers unless it has its own."""
        function = tree["function"]
        key = arguments_key(function)
        reader = lowered(function["function_name"])
        texts, options = paths_and_options(function, validator)
        plain = [one for text in texts for one in self._plain(text)]
        _refuse_other_kinds(reader, plain)
        given = {name for name, _ in options}
        new = self._template(self._call(reader, plain, given))["function"]
        ours = [entry for entry in new[key][1:] if named_argument(entry)[0] not in given]
        theirs = [entry for name, entry in options if name != "compression"]  # the copies are not compressed
        return {**tree, "function": {**function, key: [new[key][0], *theirs, *ours]}}

    def _plain(self, name: str) -> list[Plain]:
        _refuse_unknown(name)
        return self._reading.plain(name)

    def _call(self, reader: str, plain: Sequence[Plain], given: set[str]) -> str:
        if not reader.startswith("read_csv"):
            return f"{reader}({self._list(plain)})"
        if "encoding" not in given:
            plain = [self._in_utf8(one) for one in plain]
        markers = "" if given & {"nullstr", "null"} else self._markers()
        return f"{reader}({self._list(plain)}{markers}, sample_size = -1)"

    def _read_csv(self, plain: Sequence[Plain]) -> str:
        plain = [self._in_utf8(one) for one in plain]
        delimiter, _ = header_shape(plain[0].path, plain[0].name)
        options = f", header = true, delim = {quoted(delimiter)}, sample_size = -1"
        return f"read_csv({self._list(plain)}{self._markers()}{options})"

    def _in_utf8(self, one: Plain) -> Plain:
        path, encoding = utf8_copy(one.path, one.name, self._reading.spool)
        if encoding == "cp1252":
            self._reading.notices.append(f"{one.name} is not UTF-8 and was read as Windows-1252.")
        return Plain(path, one.name, one.kind)

    def _markers(self) -> str:
        """Return the option with our missing markers, also with surrounding blanks, as in files."""
        texts = [text for marker in self._missing for text in dict.fromkeys((marker, f" {marker}", f"{marker} "))]
        return f", nullstr = [{', '.join(map(quoted, dict.fromkeys(texts)))}]" if texts else ""

    def _list(self, plain: Sequence[Plain]) -> str:
        paths = [Path(os.path.abspath(one.path)) for one in plain]
        self.paths += paths
        return f"[{', '.join(quoted(str(path)) for path in paths)}]"

    def _in_memory(self, plain: Sequence[Plain], name: str) -> str:
        table = stacked([self._reading.table(one) for one in plain], name).promoted(self._missing)
        self.tables.append(f"glassnet_table_{len(self.tables)}")
        self._duck.register(self.tables[-1], dict(zip(table.names, table.columns, strict=True)))
        return self.tables[-1]

    def _template(self, table: str) -> Tree:
        """Return the parse tree of a table in this version of DuckDB."""
        text = answer(self._duck, "SELECT json_serialize_sql(?)", [f"SELECT * FROM {table}"])
        tree: Tree = json.loads(text)["statements"][0]["node"]["from_table"]
        return tree


def only_given(files: FilesInQuery) -> Callbacks:
    """Return callbacks that reject all tables and paths except the replacements of the query's files."""
    known = {str(path) for path in files.paths}

    def table(tree: Tree) -> Tree:
        if tree["table_name"] not in files.tables:
            raise _no_table(tree["table_name"])
        return tree

    def reader(tree: Tree, validator: Validator) -> Tree:
        texts, _ = paths_and_options(tree["function"], validator)
        if not known.issuperset(texts):
            raise SourceError("the file names in the query cannot be resolved; try plain names in quotes.")
        return tree

    return table, reader


def names_in(found: list[Path]) -> Callbacks:
    """Return callbacks that add the files of a query to `found`."""

    def add(name: str) -> None:
        _refuse_unknown(name)
        paths = (local_path(file) for file in files_of(name)[0])
        found.extend(path for path in paths if path is not None)

    def table(tree: Tree) -> Tree:
        add(tree["table_name"])
        return tree

    def reader(tree: Tree, validator: Validator) -> Tree:
        for text in paths_and_options(tree["function"], validator)[0]:
            add(text)
        return tree

    return table, reader


def paths_and_options(function: Tree, validator: Validator) -> tuple[list[str], list[tuple[str, Tree]]]:
    """Return the paths of a reader call, and its options as (name, argument); reject disallowed options."""
    reader = lowered(function["function_name"])
    entries = function[arguments_key(function)]
    positional = [value for name, value in map(named_argument, entries) if not name]
    texts = texts_of(positional[0]) if len(positional) == 1 else None
    if texts is None:
        raise SourceError(f"{reader}() needs a path or a list of paths; write each path in single quotes.")
    options = [(named_argument(entry)[0], entry) for entry in entries if named_argument(entry)[0]]
    for name, entry in options:
        if name not in OPTIONS:
            raise SourceError(f"the option {name!r} of {reader}() is not allowed in a query; try leaving it out.")
        validator.expression(named_argument(entry)[1])
    return texts, options


def _refuse_unknown(name: str) -> None:
    """Reject a name that is not a file and does not look like one, as it probably means a database table."""
    is_path = name == STDIN or glob.has_magic(name) or "/" in name or "." in name or os.sep in name
    if not is_path and not os.path.exists(name):
        raise _no_table(name)


def _no_table(name: str) -> SourceError:
    return SourceError(
        f"DuckDB says: Table with name {shown(name)} does not exist. Name a file in single quotes instead: "
        "SELECT * FROM 'data.csv'."
    )


def _refuse_other_kinds(reader: str, plain: Sequence[Plain]) -> None:
    fitting = _KINDS_OF_READERS.get(reader, _OF_JSON)
    for one in plain:
        if one.kind not in fitting:
            raise SourceError(f"{reader}() cannot read {one.name}, which is {one.kind}; name the file alone in quotes.")
