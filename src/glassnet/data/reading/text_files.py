"""CSV and similar text files, with any delimiter, in the encodings of spreadsheets."""

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data.bounds import Bounds
from glassnet.data.duckdb_sandbox import CELLS_AT_A_TIME, fetch
from glassnet.data.reading.raw_table import RawTable
from glassnet.data.reading.spool import BLOCK, Spool
from glassnet.errors import SourceError, first_line
from glassnet.escaping import brief

_NO_NULL = "\ue000"  # a private character, so that empty cells arrive as '' and only the missing markers decide
_LONGEST_LINE = 1 << 24
_MOST_COLUMNS = 50_000
_DELIMITERS = (",", ";", "\t", "|")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before utf-16, which starts the same
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = frozenset(range(32)) - {9, 10, 12, 13, 26}


def read_text_file(
    path: Path, name: str, duck: Any, spool: Spool, bounds: Bounds | None = None
) -> tuple[RawTable, tuple[str, ...]]:
    """Return a CSV's columns as text, and notices about its reading.

    The first line is the header. DuckDB splits the lines; nothing is converted to numbers here.
    """
    import duckdb

    file = TextFile.opened(path, name, spool, bounds)
    try:
        _, _, columns = fetch(duck, *file.statement, name, bounds, n_heads=1)
    except duckdb.Error as error:
        raise SourceError(_explain(name, error)) from None
    cells = [np.ma.filled(np.ma.asarray(column), "") for column in columns]
    header = _header([str(column[0]) for column in cells], name)
    cells = [column[1:] for column in cells]
    return RawTable.checked(header, ["VARCHAR"] * len(header), cells, name), file.notices


@dataclass(frozen=True)
class TextFile:
    """A text file in UTF-8, and how its lines are split into cells."""

    path: Path
    name: str
    delimiter: str
    width: int
    notices: tuple[str, ...]

    @classmethod
    def opened(cls, path: Path, name: str, spool: Spool, bounds: Bounds | None = None) -> "TextFile":
        """Return the file, or a copy of it in UTF-8; refuse one that is no table of text."""
        readable, encoding = utf8_copy(path, name, spool)
        delimiter, width = header_shape(readable, name)
        if bounds is not None:
            bounds.check(name, n_columns=width)
        notices = (f"{name} is not UTF-8 and was read as Windows-1252.",) if encoding == "cp1252" else ()
        return cls(readable, name, delimiter, width, notices)

    @property
    def statement(self) -> tuple[str, list[str]]:
        """The SQL that reads every cell as text, the header in the first row; ragged lines are errors."""
        return _statement(self.path, self.delimiter, self.width)

    def header(self, duck: Any) -> tuple[str, ...]:
        """Return the names of the columns, each once."""
        first = [str(name) for name in next(self._rows(duck, 1))[0]]
        return RawTable.checked(_header(first, self.name), [], [], self.name).names

    def parts(self, duck: Any) -> Iterator[list[Sequence[str]]]:
        """Yield the columns of some rows after the others, below the header; no more than these are in the memory."""
        rows = self._rows(duck, max(1, CELLS_AT_A_TIME // self.width))
        below = next(rows)[1:]
        if below:
            yield _columns_of(below)
        yield from map(_columns_of, rows)

    def _rows(self, duck: Any, n_rows: int) -> Iterator[list[tuple[str | None, ...]]]:
        import duckdb

        cursor = duck.cursor()
        try:
            cursor.execute(*self.statement)
            while some := cursor.fetchmany(n_rows):
                yield some
        except duckdb.Error as error:
            raise SourceError(_explain(self.name, error)) from None
        finally:
            cursor.close()


def _columns_of(rows: list[tuple[str | None, ...]]) -> list[Sequence[str]]:
    columns = zip(*rows, strict=True)
    return [["" if cell is None else cell for cell in column] if None in column else column for column in columns]


def header_of(path: Path, name: str, duck: Any) -> list[str]:
    """Return the names in the first line of a UTF-8 file."""
    delimiter, width = header_shape(path, name)
    sql, parameters = _statement(path, delimiter, width)
    row = duck.execute(f"{sql} LIMIT 1", parameters).fetchall()[0]
    return _header(["" if cell is None else str(cell) for cell in row], name)


def rows_of_text(path: Path, name: str, header: Sequence[str]) -> tuple[str, list[str]]:
    """Return the SQL for the rows of a UTF-8 file as text, below its header, with its parameters."""
    delimiter, width = header_shape(path, name)
    sql, parameters = _statement(path, delimiter, width)
    doubled = [column.replace('"', '""') for column in header]
    columns = ", ".join(f'c{k} AS "{column}"' for k, column in enumerate(doubled))
    return f"SELECT {columns} FROM ({sql} OFFSET 1)", parameters


def utf8_copy(path: Path, name: str, spool: Spool) -> tuple[Path, str]:
    """Return a UTF-8 copy of a file, or the file itself if it is UTF-8, and the detected encoding."""
    encoding = _encoding(path, name)
    return (path if encoding == "utf-8" else spool.keep(_transcoded(path, encoding), name)), encoding


def without_byte_order_mark(path: Path, name: str, spool: Spool) -> Path:
    """Return a UTF-8 copy without byte order mark; files without one are returned unchanged."""
    start = next(_blocks(path), b"")
    encoding = next((encoding for mark, encoding in _BYTE_ORDER_MARKS if start.startswith(mark)), None)
    return path if encoding is None else spool.keep(_transcoded(path, encoding), name)


def header_shape(path: Path, name: str) -> tuple[str, int]:
    """Return the delimiter that splits the first line into the most names, a comma by default, and their number.

    A quoted name may contain line breaks and delimiters, and may be as long as a line.
    """
    text = next(_blocks(path), b"").decode("utf-8", errors="replace")
    _refuse_empty(text, name)  # a byte order mark alone is empty, too
    counts = {mark: _n_cells(text, mark) for mark in _DELIMITERS}
    if None in counts.values():  # the first line is longer than a block
        with path.open("rb") as file:
            text = file.read(_LONGEST_LINE).decode("utf-8", errors="replace")
        counts = {mark: _n_cells(text, mark, is_all=path.stat().st_size < _LONGEST_LINE) for mark in _DELIMITERS}
    widths = {mark: n for mark, n in counts.items() if n is not None}
    if max(widths.values(), default=0) > _MOST_COLUMNS:
        raise SourceError(
            f"the first line of {name} has {max(widths.values()):,} cells, but at most {_MOST_COLUMNS:,} columns are "
            "read; try a table with its rows and columns exchanged."
        )
    if not widths:
        raise SourceError(
            f"the first line of {name} is longer than {_LONGEST_LINE >> 20} MB; a line of column names was expected. "
            "Check that it is a table."
        )
    delimiter = max(widths, key=lambda mark: widths[mark])
    return delimiter, widths[delimiter]


def _n_cells(text: str, delimiter: str, *, is_all: bool = False) -> int | None:
    """Return the number of cells of the first non-blank line, or None if its end is not in the text."""
    cell = re.compile(rf'"[^"]*(?:""[^"]*)*"[^{re.escape(delimiter)}\r\n]*|[^{re.escape(delimiter)}\r\n]*')
    blank = re.match(r"(?:[ \t]*[\r\n])*", text)
    at, n_cells = blank.end() if blank else 0, 0
    while True:
        found = cell.match(text, at)
        at = found.end() if found else at
        n_cells += 1
        if at == len(text):
            return n_cells if is_all or len(text.encode()) < BLOCK else None
        if text[at] != delimiter:
            return n_cells
        at += 1


def _statement(path: Path, delimiter: str, width: int) -> tuple[str, list[str]]:
    """Return the SQL that reads every cell as text; with all options fixed, ragged lines are errors."""
    options = f"header = false, all_varchar = true, nullstr = '{_NO_NULL}', max_line_size = {_LONGEST_LINE}"
    options += f", buffer_size = {_LONGEST_LINE}"  # by default 16 longest lines, and several are held
    columns = ", ".join(f"'c{k}': 'VARCHAR'" for k in range(width))
    options += ", compression = 'none', delim = ?, quote = '\"', escape = '\"', auto_detect = false"
    return f"SELECT * FROM read_csv(?, {options}, columns = {{{columns}}})", [str(path), delimiter]


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _encoding(path: Path, name: str) -> str:
    """Return utf-8, utf-8-sig, utf-16, utf-32 or cp1252; raise a SourceError for binary content."""
    start = next(_blocks(path), b"")
    _refuse_empty(start, name)
    for mark, encoding in _BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return encoding
    if start[1:2] == b"\0" and start[3:4] == b"\0":
        return "utf-16-le"
    if start[0:1] == b"\0" and start[2:3] == b"\0":
        return "utf-16-be"
    if not _CONTROL.isdisjoint(start):
        raise SourceError(
            f"{name} is not text: it has control bytes; CSV, Parquet or JSON was expected. Check the path."
        )
    return _utf8_or_windows(path, name)


def _refuse_empty(start: str | bytes, name: str) -> None:
    if not start.strip():
        raise SourceError(f"{name} is empty; a table with a line of column names was expected. Check the path.")


def _utf8_or_windows(path: Path, name: str) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding = "utf-8"
    for block in _blocks(path):
        if b"\0" in block:
            raise SourceError(f"{name} is not a text file: it contains NUL bytes. Try writing the file again.")
        if encoding == "utf-8":
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                encoding = "cp1252"
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        encoding = "cp1252"
    return encoding


def _transcoded(path: Path, encoding: str) -> Iterator[bytes]:
    # cp1252 leaves five bytes undefined; they become replacement characters.
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    for block in _blocks(path):
        yield decoder.decode(block).encode("utf-8")
    yield decoder.decode(b"", final=True).encode("utf-8")


def _header(names: list[str], source: str) -> list[str]:
    names = [name.strip() or f"Unnamed: {k}" for k, name in enumerate(names)]  # as in pandas
    if all(_is_number(name) for name in names) and not _is_counting(names):
        shown = brief(", ".join(names[:4]), 60)
        raise SourceError(
            f"the first line of {source} is all numbers ({shown}), but column names were expected; "
            f"try adding a line of names, or the query: SELECT * FROM read_csv('{source}', header = false)."
        )
    return names


def _is_number(name: str) -> bool:
    try:
        float(name)
    except ValueError:
        return False
    return True


def _is_counting(names: list[str]) -> bool:
    """Return whether the names are 0, 1, 2, ... or 1, 2, 3, ..., as written by frames without names."""
    return any(names == [str(k + start) for k in range(len(names))] for start in (0, 1))


def _explain(source: str, error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines()]
    details = [
        line
        for line in lines
        if line.startswith(("Expected Number of Columns", "Value with unterminated", "Unterminated"))
    ]
    reason = first_line(error).replace("Invalid Input Error: ", "") + (f" ({details[0]})" if details else "")
    return (
        f"{source} cannot be read as a table of text; DuckDB says: {reason}. Every line needs as many cells as the "
        "first."
    )
