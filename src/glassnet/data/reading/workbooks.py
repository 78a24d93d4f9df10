"""Excel and OpenDocument workbooks: the first sheet, with column names in the first row."""

import re
import zipfile
from collections.abc import Sequence
from functools import cache, reduce
from pathlib import Path
from typing import IO, Any

import numpy as np

from glassnet.data.reading.archives import refuse_bomb
from glassnet.data.reading.raw_table import RawTable
from glassnet.data.reading.spool import BLOCK, Spool
from glassnet.errors import GlassnetError, MissingExtraError, SourceError
from glassnet.typing import Array

SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
FILLED = re.compile(  # a cell with a value, and its place; or the number of a row, as its cells may have no place
    # possessive (?+ and *+): in a long tag without an end, other places would be tried over and over
    rb"<(?:\w+:)?(?:c\b(?:[^<>]*?\br\s*=\s*[\"']([A-Za-z]{1,3})([0-9]{1,7})[\"'])?+[^<>]*+(?<!/)>(?=\s*<[^/])"
    rb"|row\b[^<>]*?\br\s*=\s*[\"']([0-9]{1,7})[\"'])"
)
OVERLAP = 1 << 10  # bytes that two blocks share, so that no place is cut
MOST_CELLS = 1 << 26  # of the rectangle around all cells, which takes 2 GB
LEAST_SHARE = 0.05  # of a larger one that cells must fill


def read_workbook(path: Path, name: str, spool: Spool) -> tuple[RawTable, tuple[str, ...]]:
    """Return the table on a workbook's first sheet, and a notice if it has more."""
    library = _library(name)
    if zipfile.is_zipfile(path):
        refuse_bomb(path, name, spool)
        _refuse_stray_cells(path, name)
    try:
        book = library.CalamineWorkbook.from_path(str(path))
        sheets = list(book.sheet_names)
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=True) if sheets else []
    except GlassnetError:
        raise
    except (library.CalamineError, OSError, ValueError) as error:
        raise SourceError(f"{name} cannot be read as a workbook: {_reason(error)}. Try saving it again.") from None
    rows = [row for row in rows if any(cell not in ("", None) for cell in row)]
    if not rows:
        raise SourceError(f"the first sheet of {name} is empty; a row of column names was expected there.")
    names = [_name(cell, k) for k, cell in enumerate(rows[0])]
    columns = [_column([row[k] for row in rows[1:]]) for k in range(len(names))]
    more = f"{name} has {len(sheets)} sheets, of which the first was read: {sheets[0]}."
    return RawTable.checked(names, ["VARCHAR"] * len(names), columns, name), (more,) * (len(sheets) > 1)


def _refuse_stray_cells(path: Path, name: str) -> None:
    """Reject a workbook with cells so far apart that the rectangle around them, which is read, ends the process."""
    with zipfile.ZipFile(path) as archive:
        for member in filter(SHEET.fullmatch, archive.namelist()):
            with archive.open(member) as sheet:
                n_cells, n_rows, n_columns = _extent(sheet)
            if n_rows * n_columns > max(MOST_CELLS, n_cells / LEAST_SHARE):
                raise SourceError(
                    f"a sheet of {name} has {n_cells:,} cells that spread over {n_rows:,} rows and {n_columns:,} "
                    f"columns; delete the cells that lie far from the table, or save the table as CSV."
                )


def _extent(sheet: IO[bytes]) -> tuple[int, int, int]:
    """Return how many cells of a sheet have a value, and their last row and column, counted from 1."""
    n_cells = n_rows = n_columns = row = column = 0
    rest = b""
    while block := sheet.read(BLOCK):
        text, end = rest + block, 0
        for found in FILLED.finditer(text):
            letters, of_cell, of_row = found.groups()
            end = found.end()
            if of_row:
                row, column = int(of_row), 0
                continue
            row, column = (int(of_cell), _number_of(letters)) if letters else (row, column + 1)
            n_cells, n_rows, n_columns = n_cells + 1, max(n_rows, row), max(n_columns, column)
        rest = text[max(end, len(text) - OVERLAP) :]
    return n_cells, n_rows, n_columns


@cache
def _number_of(column: bytes) -> int:
    """Return the number of a column by its letters.

    >>> _number_of(b"A"), _number_of(b"Z"), _number_of(b"AA"), _number_of(b"XFD")
    (1, 26, 27, 16384)
    """
    return reduce(lambda number, letter: number * 26 + letter - 64, column.upper(), 0)


def _library(name: str) -> Any:
    try:
        import python_calamine
    except ImportError:
        raise MissingExtraError(
            f"{name} is a workbook, and reading it needs the package python-calamine; try: pip install python-calamine"
        ) from None
    return python_calamine


def _reason(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


def _name(cell: Any, k: int) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell).strip() or f"Unnamed: {k}"


def _column(cells: Sequence[Any]) -> Array:
    array = np.empty(len(cells), dtype=object)
    array[:] = [None if cell == "" else cell for cell in cells]
    return array
