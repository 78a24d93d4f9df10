"""Cells of a workbook: addresses, formats, and formulas with cached values."""

import math
from dataclasses import dataclass
from typing import Any

from glassnet.escaping import visible
from glassnet.typing import Array

CELLS = 2_000_000
"""Maximum number of cells; spreadsheets need about a minute to open that many."""


@dataclass(frozen=True)
class Cell:
    """One cell; rows and columns count from 0."""

    sheet: str
    row: int
    column: int

    def __str__(self) -> str:
        return f"'{self.sheet}'!${letters(self.column)}${self.row + 1}"

    def moved(self, rows: int = 0, columns: int = 0) -> "Cell":
        """Return the cell at this offset in rows and columns."""
        return Cell(self.sheet, self.row + rows, self.column + columns)

    def to(self, last: "Cell") -> str:
        """Return the range from this cell to another cell of the sheet.

        >>> Cell("Layer 1", 0, 1).to(Cell("Layer 1", 2, 1))
        "'Layer 1'!$B$1:$B$3"
        """
        return f"{self}:${letters(last.column)}${last.row + 1}"


def letters(column: int) -> str:
    """Return a column's letters.

    >>> letters(0), letters(27)
    ('A', 'AB')
    """
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


class Sheet:
    """One sheet of an unfinished workbook."""

    def __init__(self, book: Any, name: str, formats: dict[str, Any]) -> None:
        self.name, self._formats = name, formats
        self._sheet = book.add_worksheet(name)
        self._sheet.hide_gridlines(2)

    def at(self, row: int, column: int) -> Cell:
        """Return a cell of this sheet."""
        return Cell(self.name, row, column)

    def words(self, cell: Cell, text: str, look: str = "plain") -> None:
        """Write a text, never as a formula, without characters that are invalid in a workbook."""
        self._sheet.write_string(cell.row, cell.column, visible(text), self._formats[look])

    def value(self, cell: Cell, value: Any, look: str = "given") -> None:
        """Write an editable number, text or truth value; None leaves the cell empty."""
        if value is None:
            self._sheet.write_blank(cell.row, cell.column, None, self._formats[look])
        elif isinstance(value, bool):
            self._sheet.write_boolean(cell.row, cell.column, value, self._formats[look])
        elif isinstance(value, int | float):
            self._sheet.write_number(cell.row, cell.column, value, self._formats[look])
        else:
            self.words(cell, str(value), look)

    def formula(self, cell: Cell, formula: str, value: Any, look: str = "worked") -> None:
        """Write a formula, and its value for programs that do not compute."""
        shown = value if not isinstance(value, float) or math.isfinite(value) else str(value)
        shown = visible(shown) if isinstance(shown, str) else shown  # like the cells that a formula compares with
        self._sheet.write_formula(cell.row, cell.column, f"={visible(formula)}", self._formats[look], shown)

    def column_width(self, column: int, width: float, last: int | None = None) -> None:
        """Set the width of a range of columns."""
        self._sheet.set_column(column, column if last is None else last, width)

    def freeze(self, row: int, column: int) -> None:
        """Freeze the panes above and to the left of a cell."""
        self._sheet.freeze_panes(row, column)


def formats(book: Any) -> dict[str, Any]:
    """Return the cell formats; editable cells have a special background."""
    return {
        "plain": book.add_format({}),
        "title": book.add_format({"bold": True, "font_size": 15}),
        "head": book.add_format({"bold": True, "bottom": 1, "font_color": "#57606a"}),
        "number head": book.add_format({"bold": True, "bottom": 1, "font_color": "#57606a", "align": "right"}),
        "section": book.add_format({"bold": True, "font_size": 12}),
        "dim": book.add_format({"font_color": "#57606a"}),
        "given": book.add_format({"bg_color": "#fff1e0", "font_color": "#8a4b08", "num_format": "0.000000"}),
        "raw": book.add_format({"bg_color": "#fff1e0", "font_color": "#8a4b08"}),
        "worked": book.add_format({"num_format": "0.000000"}),
        "result": book.add_format({"bold": True, "num_format": "0.000000", "bg_color": "#e6f4ea"}),
    }


def numbers(values: Array | None) -> list[float]:
    """Return an array as a list of Python numbers, empty for None."""
    return [] if values is None else [float(value) for value in values.ravel()]
