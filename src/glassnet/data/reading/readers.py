"""The resources for reading a source: one connection, one temporary folder, and a reader per kind."""

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from glassnet.data.bounds import Bounds
from glassnet.data.duckdb_sandbox import connection, fetch, lock, open_connection
from glassnet.data.reading import archives, kinds
from glassnet.data.reading.finding import STDIN, files_of, local_path, refuse_missing, shown
from glassnet.data.reading.raw_table import RawTable
from glassnet.data.reading.spool import Spool, readable, taken_from_stdin, unpacked
from glassnet.data.reading.text_files import TextFile, read_text_file, without_byte_order_mark
from glassnet.errors import GlassnetError, SourceError, first_line


@dataclass(frozen=True)
class Plain:
    """An uncompressed file: its path, its name in messages, and its kind."""

    path: Path
    name: str
    kind: str


class Reading:
    """The readers' shared connection and temporary folder, for the duration of the `with` block.

    Examples
    --------
    >>> with Reading() as reading:
    ...     reading.plain("no.csv")
    Traceback (most recent call last):
    glassnet.errors.SourceError: there is no file no.csv; ...
    """

    def __init__(self, bounds: Bounds | None = None, title: str | None = None) -> None:
        self._stack = ExitStack()
        self._duck: Any = None
        self._stdin_is_taken = False
        self._bounds, self._title = bounds, title
        self.spool = self._stack.enter_context(Spool(bounds))
        self.notices: list[str] = []

    def __enter__(self) -> "Reading":
        return self

    def __exit__(self, *problem: Any) -> None:
        self._stack.__exit__(*problem)

    @property
    def duck(self) -> Any:
        """The connection, opened on first use."""
        if self._duck is None:
            self._duck = self._stack.enter_context(connection())
        return self._duck

    def plain(self, entry: str) -> list[Plain]:
        """Return the unpacked files of an entry; an archive may have several."""
        files, notices = files_of(entry)
        self.notices += notices
        return [plain for file in files for plain in self._one(file)]

    def table(self, plain: Plain) -> RawTable:
        """Return the table in one plain file."""
        table: RawTable
        table, notices = clear_errors(plain.name, lambda: self._table(plain))
        self.notices += notices
        return table

    def text_files(self, plains: Sequence[Plain]) -> list[TextFile] | None:
        """Return the files as text files, whose rows can be read in parts; None if one has another kind."""
        if any(plain.kind != kinds.TEXT for plain in plains):
            return None
        found = [
            clear_errors(p.name, partial(TextFile.opened, p.path, p.name, self.spool, self._bounds)) for p in plains
        ]
        self.notices += [notice for file in found for notice in file.notices]
        return found

    def _one(self, file: str) -> list[Plain]:
        name = self._title or ("stdin" if file == STDIN else shown(file))
        found: list[Plain] = clear_errors(name, lambda: self._plain(file, name))
        return found

    def _plain(self, file: str, name: str) -> list[Plain]:
        path = local_path(file)
        if path is None:
            if self._stdin_is_taken:
                raise SourceError("stdin is given twice, but it can be read only once; remove one '-'.")
            self._stdin_is_taken = True
            path = taken_from_stdin(self.spool)
        else:
            refuse_missing(path)
            path = readable(path, name, self.spool)
        return self._unpacked(path, name, by_content=path.name != os.path.basename(file))

    def _unpacked(self, path: Path, name: str, *, by_content: bool, is_member: bool = False) -> list[Plain]:
        kind = kinds.kind_of(path, name, by_content=by_content)
        if kind in kinds.COMPRESSED:
            path = unpacked(path, kind, name, self.spool)
            kind = kinds.kind_of(path, _without_compression(name), by_content=by_content)
        if kind in kinds.COMPRESSED or (kind == kinds.ZIP and is_member):
            raise SourceError(f"{name} is packed twice over; try unpacking it first.")
        if kind == kinds.JSON:
            path = without_byte_order_mark(path, name, self.spool)
        if kind != kinds.ZIP:
            return [Plain(path, name, kind)]
        members, notices = archives.members(path, name, self.spool)
        self.notices += notices
        return [plain for copy, member in members for plain in self._member(copy, member)]

    def _member(self, path: Path, name: str) -> list[Plain]:
        return self._unpacked(path, name, by_content=False, is_member=True)

    def _only(self, path: Path) -> Any:
        """Return a connection that can open nothing but a file of unknown origin, and copies of it."""
        duck = self._stack.enter_context(open_connection())
        lock(duck, [path], self.spool.new().parent)
        return duck

    def _table(self, plain: Plain) -> tuple[RawTable, tuple[str, ...]]:
        if self._bounds is not None and plain.kind in (kinds.EXCEL, kinds.ARROW):
            raise SourceError(
                f"{plain.name} is {plain.kind}, whose size shows only when it is read; try saving it as CSV or Parquet."
            )
        if plain.kind == kinds.EXCEL:
            from glassnet.data.reading.workbooks import read_workbook

            return read_workbook(plain.path, plain.name, self.spool)
        duck = self.duck if self._bounds is None else self._only(plain.path)
        if plain.kind == kinds.TEXT:
            return read_text_file(plain.path, plain.name, duck, self.spool, self._bounds)
        if plain.kind == kinds.ARROW:
            from glassnet.data.reading.arrow import read_arrow

            return read_arrow(plain.path, plain.name, duck), ()
        return _read_structured(plain, duck, self._bounds), ()


def _without_compression(name: str) -> str:
    stem, ending = os.path.splitext(name)
    return stem if ending.lower() in kinds.COMPRESSED_ENDINGS else name


def clear_errors(name: str, read: Callable[[], Any]) -> Any:
    """Call `read`; convert errors of the system to errors about the file."""
    try:
        return read()
    except GlassnetError:
        raise
    except PermissionError:
        raise SourceError(f"no permission to read {name}; try chmod u+r {name}.") from None
    except MemoryError:
        raise SourceError(f"{name} does not fit into memory; try a query that takes part of it.") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SourceError(f"{name} cannot be read: {reason}. Check that the file stays where it is.") from None


def _read_structured(plain: Plain, duck: Any, bounds: Bounds | None) -> RawTable:
    import duckdb

    reader = "read_parquet" if plain.kind == kinds.PARQUET else "read_json"
    if plain.path.stat().st_size == 0:
        raise SourceError(f"{plain.name} is empty; a {plain.kind} table was expected. Check the path.")
    try:
        names, types, columns = fetch(duck, f"SELECT * FROM {reader}(?)", [str(plain.path)], plain.name, bounds)
    except duckdb.Error as error:
        raise SourceError(
            f"{plain.name} cannot be read as {plain.kind}; DuckDB says: {first_line(error)}. Try writing it again."
        ) from None
    if plain.kind == kinds.JSON and names == ["json"]:
        raise SourceError(
            f'{plain.name} is JSON but not a table; a list of records was expected, such as [{{"age": 41}}, '
            '{"age": 50}].'
        )
    return RawTable.checked(names, types, columns, plain.name)
