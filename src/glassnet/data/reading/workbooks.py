"""Excel and OpenDocument workbooks: the first sheet, with column names in the first row."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data.reading.archives import refuse_bomb
from glassnet.data.reading.raw_table import RawTable
from glassnet.data.reading.spool import Spool
from glassnet.errors import GlassnetError, MissingExtraError, SourceError
from glassnet.typing import Array


def read_workbook(path: Path, name: str, spool: Spool) -> tuple[RawTable, tuple[str, ...]]:
    """Return the table on a workbook's first sheet, and a notice if it has more."""
    library = _library(name)
    if zipfile.is_zipfile(path):
        refuse_bomb(path, name, spool)
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
