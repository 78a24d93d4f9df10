"""An ensemble's explanation as an Excel workbook: editable outputs, and their means as formulas."""

import io
from pathlib import Path

from glassnet.explanation.formats.workbook.cells import Sheet, formats
from glassnet.explanation.formats.workbook.render import library
from glassnet.explanation.record import EnsembleRecord
from glassnet.files import write_atomically

FIRST_ROW = 4


def write_ensemble(explanation: EnsembleRecord, path: Path) -> None:
    """Write the workbook, whole or not at all."""
    content = io.BytesIO()
    book = library().Workbook(content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = Sheet(book, "Ensemble", formats(book))
    n = len(explanation.members)
    sheet.words(sheet.at(0, 0), f"The mean of {n} networks for one row", "title")
    for row, words in enumerate(explanation.prediction.words[:1], start=1):
        sheet.words(sheet.at(row, 0), words, "dim")
    sheet.words(sheet.at(FIRST_ROW - 1, 0), "network", "head")
    for k in range(n):
        sheet.words(sheet.at(FIRST_ROW + k, 0), f"network {k}")
    sheet.words(sheet.at(FIRST_ROW + n, 0), "mean", "head")
    for j, name in enumerate(explanation.names, start=1):
        sheet.words(sheet.at(FIRST_ROW - 1, j), name, "number head")
        cells = [sheet.at(FIRST_ROW + k, j) for k in range(n)]
        for cell, output in zip(cells, explanation.outputs[:, j - 1].tolist(), strict=True):
            sheet.value(cell, output)
        total = "+".join(map(str, cells))
        sheet.formula(sheet.at(FIRST_ROW + n, j), f"({total})/{n}", float(explanation.mean[j - 1]), "result")
    sheet.column_width(0, 30)
    sheet.column_width(1, 15, max(1, len(explanation.names)))
    sheet.freeze(FIRST_ROW, 1)
    book.close()
    write_atomically(path, content.getvalue())
