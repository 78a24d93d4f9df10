"""The sheet of inputs: the user's raw values, which are editable, and the encoding as formulas."""

from glassnet.data.encoding.categorical import LevelsStep
from glassnet.data.encoding.encoder import EncodedColumn, Encoder
from glassnet.data.encoding.numeric import NumberStep
from glassnet.explanation.formats.workbook.cells import Cell, Sheet
from glassnet.explanation.record import ExplanationRecord

TOP = 4


def write_inputs(sheet: Sheet, explanation: ExplanationRecord) -> Cell:
    """Write the sheet; return the cell of the first input; the others are below it."""
    sheet.words(sheet.at(0, 0), "Inputs", "title")
    sheet.words(sheet.at(1, 0), "Change a raw value: the inputs, the prediction and everything else follow.", "dim")
    for at, head in enumerate(("column", "raw value", "input", "value")):
        sheet.words(sheet.at(TOP - 1, at), head, "number head" if at == 3 else "head")
    row = TOP
    for k, column in enumerate(explanation.inputs):
        row = _column(sheet, row, column, explanation.encoder, k)
    sheet.column_width(0, 26)
    sheet.column_width(1, 16)
    sheet.column_width(2, 30)
    sheet.column_width(3, 14)
    sheet.freeze(TOP, 0)
    return sheet.at(TOP, 3)


def _column(sheet: Sheet, row: int, column: EncodedColumn, encoder: Encoder | None, k: int) -> int:
    """Write one column of the user's table and its inputs; return the next free row."""
    step = None if encoder is None else encoder.steps[k]
    raw, is_live = sheet.at(row, 1), True
    sheet.words(sheet.at(row, 0), column.column)
    if encoder is None:
        formulas = [str(raw)]
        sheet.value(raw, column.values[0])
    elif isinstance(step, NumberStep):
        formulas = _number(step, raw)
        sheet.value(raw, float(column.raw) if isinstance(column.raw, bool) else column.raw, "raw")
    elif isinstance(step, LevelsStep):
        formulas = _levels(step, raw)
        sheet.value(raw, column.raw if isinstance(column.raw, bool | int | float | None) else str(column.raw), "raw")
    else:  # spreadsheets do not agree on formulas for dates
        is_live, formulas = False, []
        sheet.words(raw, "missing" if column.raw is None else str(column.raw))
    for i, (name, value) in enumerate(zip(column.inputs, column.values)):
        sheet.words(sheet.at(row + i, 2), name)
        if is_live:
            sheet.formula(sheet.at(row + i, 3), formulas[i], value)
        else:
            sheet.value(sheet.at(row + i, 3), value)
    return row + max(1, len(column.inputs))


def _number(step: NumberStep, raw: Cell) -> list[str]:
    scale = step.scale
    if scale.is_clipped:
        z = f"({raw}-({scale.center!r}))*{scale.factor!r}"
        words = f"IF(ISBLANK({raw}),0,{z}/SQRT(1+({z}/3)^2))"
    else:
        words = f"IF(ISBLANK({raw}),{scale.center!r},{raw})"
    return [words, f"IF(ISBLANK({raw}),1,0)"][: len(step.input_names)]


def _levels(step: LevelsStep, raw: Cell) -> list[str]:
    wanted = step.levels[1:] if step.is_single else step.levels
    known = [_equals(raw, level) for level in step.levels]
    formulas = [f"IF({_equals(raw, level)},1,0)" for level in wanted]
    if step.has_other:
        formulas.append(f"IF(OR(ISBLANK({raw}),{','.join(known or ['FALSE'])}),0,1)")
    if step.has_flag:
        formulas.append(f"IF(ISBLANK({raw}),1,0)")
    return formulas


def _equals(raw: Cell, level: object) -> str:
    """Return a comparison as in Python: case-sensitive, and without conversion between types."""
    if isinstance(level, bool):
        return f"AND(ISLOGICAL({raw}),{raw}={str(level).upper()})"
    if isinstance(level, int | float):
        return f"AND(ISNUMBER({raw}),{raw}={level!r})"
    text = str(level).replace('"', '""')
    return f'EXACT({raw},"{text}")'
