"""CSV and its relatives: any delimiter, gzipped or not, in the encodings that spreadsheets write."""

import codecs
import csv
import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data.duck import connection, fetch, first_line
from glassnet.data.raw import RawTable
from glassnet.errors import SourceError
from glassnet.files import scratch_folder
from glassnet.typing import Array

_NO_NULL = "\ue000"  # a private character: empty cells arrive as '' so that the missing markers alone decide
_BLOCK = 1 << 20
_DELIMITERS = (",", ";", "\t", "|")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECIMAL_COMMA = re.compile(r"\s*[+-]?\d+,\d+([eE][+-]?\d+)?\s*", re.ASCII)
_CONTROL = frozenset(range(32)) - {9, 10, 12, 13, 26}


def read_text_file(path: Path) -> tuple[RawTable, tuple[str, ...]]:
    """Return a CSV's columns as text, and a notice if it was not written in UTF-8.

    The first line is the header. DuckDB splits the lines; nothing is converted to numbers here.
    """
    import duckdb

    encoding = _encoding(path)
    with scratch_folder() as folder:
        readable = path if encoding == "utf-8" else _transcoded(path, encoding, folder)
        delimiter = _delimiter(_first_line_of(readable))
        try:
            with connection() as duck:
                _, _, columns = fetch(duck, *_statement(readable, delimiter, _width(readable, delimiter)))
        except duckdb.Error as error:
            raise SourceError(_explain(path, error)) from None
    cells = [np.ma.filled(np.ma.asarray(column), "") for column in columns]
    header = _header([str(column[0]) for column in cells], path)
    cells = [column[1:] for column in cells]
    notices = [f"{path} is not UTF-8 and was read as Windows-1252."] if encoding == "cp1252" else []
    if delimiter == ";":
        cells, found = _with_decimal_points(cells)
        notices += [f"{path} has decimal commas; 1,5 was read as 1.5."] * found
    return RawTable.checked(header, ["VARCHAR"] * len(header), cells, str(path)), tuple(notices)


def _statement(path: Path, delimiter: str, width: int) -> tuple[str, list[str]]:
    """Return the SQL that reads every cell as text; with all said, a ragged line is an error and no guess."""
    options = f"header = false, all_varchar = true, nullstr = '{_NO_NULL}', max_line_size = 16777216"
    options += ", compression = 'gzip'" if _is_gzip(path) else ", compression = 'none'"
    # A path with * in it is a pattern to DuckDB; brackets take that meaning away.
    literal = "".join(f"[{letter}]" if letter in "*?[" else letter for letter in str(path))
    columns = ", ".join(f"'c{k}': 'VARCHAR'" for k in range(width))
    options += f", delim = ?, quote = '\"', escape = '\"', auto_detect = false, columns = {{{columns}}}"
    return f"SELECT * FROM read_csv(?, {options})", [literal, delimiter]


def _width(path: Path, delimiter: str) -> int:
    return len(next(csv.reader([_first_line_of(path)], delimiter=delimiter)))


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _open(path: Path) -> Any:
    return gzip.open(path, "rb") if _is_gzip(path) else path.open("rb")


def _blocks(path: Path) -> Iterator[bytes]:
    try:
        with _open(path) as file:
            while block := file.read(_BLOCK):
                yield block
    except (EOFError, OSError, zlib.error) as error:
        raise SourceError(
            f"{path} is a damaged gzip file ({error}); a complete one was expected. Try downloading or "
            f"compressing it again."
        ) from None


def _encoding(path: Path) -> str:
    """Return utf-8, utf-8-sig, utf-16 or cp1252; refuse what is not text."""
    start = next(_blocks(path), b"")
    if not start.strip():
        raise SourceError(f"{path} is empty; a table with a line of column names was expected. Check the path.")
    for mark, encoding in _BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return encoding
    if start[1:2] == b"\0" and start[3:4] == b"\0":
        return "utf-16-le"
    _refuse_binary(path, start)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for block in _blocks(path):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _refuse_binary(path: Path, start: bytes) -> None:
    if start.startswith(b"PK\x03\x04"):
        raise SourceError(
            f"{path} is a zip archive or an Excel workbook; a text table was expected. Try saving it as CSV."
        )
    if not _CONTROL.isdisjoint(start):
        raise SourceError(
            f"{path} is not text: it has control bytes; CSV, Parquet or JSON was expected. Check the path."
        )


def _transcoded(path: Path, encoding: str, folder: Path) -> Path:
    target = folder / "utf8.csv"
    # cp1252 leaves five bytes undefined; the mark of replacement shows where they were.
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    with target.open("wb") as file:
        for block in _blocks(path):
            file.write(decoder.decode(block).encode("utf-8"))
    return target


def _first_line_of(path: Path) -> str:
    text = next(_blocks(path)).decode("utf-8", errors="replace")
    return next((line for line in text.splitlines() if line.strip()), "")


def _delimiter(line: str) -> str:
    """Return the delimiter that splits the header into most names; the comma where there is but one."""
    counts = {mark: len(next(csv.reader([line], delimiter=mark))) for mark in _DELIMITERS}
    return max(counts, key=lambda mark: counts[mark])


def _header(names: list[str], path: Path) -> list[str]:
    names = [name.strip() or f"Unnamed: {k}" for k, name in enumerate(names)]  # as pandas calls them
    if all(_is_number(name) for name in names) and not _is_counting(names):
        raise SourceError(
            f"the first line of {path} is all numbers ({', '.join(names[:4])}), but column names were expected; "
            f"try adding a line of names, or the query: SELECT * FROM read_csv('{path}', header = false)."
        )
    return names


def _with_decimal_points(columns: list[Array]) -> tuple[list[Array], bool]:
    """Return the columns with 1,5 as 1.5 where a column has decimal commas and no decimal points."""
    converted = [_decimal_points(column) for column in columns]
    return converted, any(new is not old for new, old in zip(converted, columns, strict=True))


def _decimal_points(column: Array) -> Array:
    cells = column.tolist()
    has_comma = any(_DECIMAL_COMMA.fullmatch(cell) for cell in cells)
    if not has_comma or any("." in cell for cell in cells):
        return column
    array = np.empty(len(cells), dtype=object)
    array[:] = [cell.replace(",", ".") if _DECIMAL_COMMA.fullmatch(cell) else cell for cell in cells]
    return array


def _is_number(name: str) -> bool:
    try:
        float(name)
    except ValueError:
        return False
    return True


def _is_counting(names: list[str]) -> bool:
    """Return whether the names are 0, 1, 2, ... or 1, 2, 3, ...: what a frame without names writes."""
    return any(names == [str(k + start) for k in range(len(names))] for start in (0, 1))


def _explain(path: Path, error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines()]
    details = [
        line
        for line in lines
        if line.startswith(("Expected Number of Columns", "Value with unterminated", "Unterminated"))
    ]
    reason = first_line(error).replace("Invalid Input Error: ", "") + (f" ({details[0]})" if details else "")
    return (
        f"{path} cannot be read as a table of text; DuckDB says: {reason}. Every line needs as many cells as the first."
    )
