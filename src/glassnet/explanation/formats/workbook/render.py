"""The explanation as an Excel workbook of live formulas."""

import io
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.core.expressions.dialects.text import written
from glassnet.core.expressions.tree import Letter
from glassnet.core.forward import forward
from glassnet.errors import MissingExtraError, ParameterError
from glassnet.explanation.formats.workbook.cells import CELLS, Cell, Sheet, formats
from glassnet.explanation.formats.workbook.formulas import check_formulas
from glassnet.explanation.formats.workbook.front_sheet import FrontPlan, FrontWriter, plan_front
from glassnet.explanation.formats.workbook.inputs_sheet import write_inputs
from glassnet.explanation.formats.workbook.layer_cells import Plan, plan_layer
from glassnet.explanation.formats.workbook.layer_sheet import Writer
from glassnet.explanation.record import ExplanationRecord
from glassnet.installing import needs
from glassnet.typing import Array

HOW = (
    "Every number is a live formula. Change any orange cell: a raw value on the sheet Inputs, a weight on the sheet of "
    "its layer, a target, the learning rate; all others follow."
)
MOST_COLUMNS = 16_000  # a sheet has 16,384
FEWEST_BYTES, BYTES_OF_A_CELL = 8_000, 16  # measured on workbooks of 5,000 to 380,000 cells, to 30 percent


def write_workbook(explanation: ExplanationRecord, path: Path) -> None:
    """Write the workbook, whole or not at all."""
    from glassnet.files import write_atomically

    xlsxwriter = library()
    plans = {l: plan_layer(explanation, l) for l in range(1, explanation.network.n_layers + 1)}
    front = plan_front(explanation)
    _check(explanation, plans, front)
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    looks = formats(book)
    start = Sheet(book, "Start", looks)
    inputs = write_inputs(Sheet(book, "Inputs", looks), explanation)
    settings = _start(start, explanation, plans)
    update = explanation.update
    after = None
    if update is not None:
        with np.errstate(all="ignore"):
            after = forward(update.network, _inputs_of(explanation)[None, :])
    sources = inputs, inputs
    if front is not None:
        sheet = Sheet(book, "Front", looks)
        FrontWriter(sheet, explanation, front, plans[1], settings, inputs, after).write()
        sources = front.value("a"), front.value("a" if update is None else "a after")
    for l in plans:
        Writer(Sheet(book, f"Layer {l}", looks), explanation, plans, settings, sources, after, l).write()
    book.close()
    write_atomically(path, content.getvalue())


def library() -> Any:
    """Return xlsxwriter, or raise an error with the install command."""
    try:
        import xlsxwriter
    except ImportError:
        raise MissingExtraError(needs("an Excel workbook", "xlsxwriter", "excel")) from None
    return xlsxwriter


def _inputs_of(explanation: ExplanationRecord) -> Array:
    """Return the inputs, (n_inputs,)."""
    front = explanation.front
    return explanation.forward[1].a_in if front is None else np.asarray([v.x for v in front.values[: front.n_inputs]])


def _check(explanation: ExplanationRecord, plans: dict[int, Plan], front: FrontPlan | None) -> None:
    part = explanation.cost
    check_formulas(explanation.network.activation, None if part is None else part.cost)
    if not np.isfinite(explanation.network.theta).all():
        raise ParameterError("this network has non-finite weights, which a workbook cannot store; try to_html().")
    n_cells = _n_cells(plans, front)
    widest = max(plan.n_in for plan in plans.values())
    if n_cells > CELLS or widest > MOST_COLUMNS:
        raise ParameterError(
            f"the workbook of this network would need {n_cells:,} cells and {widest:,} columns, more than a "
            "spreadsheet handles well; try to_html(), which shortens wide layers, or solver='gd' with the fewest cells."
        )


def _n_cells(plans: dict[int, Plan], front: FrontPlan | None) -> int:
    """Return the number of cells of the large tables; the others are negligible."""
    n_cells = sum(len(plan.blocks) * plan.n_in * plan.n_out for plan in plans.values())
    return n_cells if front is None else n_cells + len(front.letters) * sum(slot.size for slot in front.front.slots)


def estimated_bytes(explanation: ExplanationRecord) -> int:
    """Return the estimated size in bytes of an explanation's workbook, before writing it.

    Examples
    --------
    >>> import glassnet as gn
    >>> estimated_bytes(gn.explain(gn.Network.create([20, 50, 1], seed=0), [1.0] * 20))
    24800
    """
    plans = {l: plan_layer(explanation, l) for l in range(1, explanation.network.n_layers + 1)}
    return FEWEST_BYTES + BYTES_OF_A_CELL * _n_cells(plans, plan_front(explanation))


def _start(sheet: Sheet, explanation: ExplanationRecord, plans: dict[int, Plan]) -> dict[str, str]:
    """Write the first sheet: outputs, cost and settings; return the cells of the settings by letter."""
    network, update = explanation.network, explanation.update
    last = plans[network.n_layers]
    names = ", ".join(sigma.name for sigma in network.activation)
    sheet.words(sheet.at(0, 0), "The arithmetic of one row", "title")
    sheet.words(sheet.at(1, 0), f"Network {'-'.join(map(str, network.sizes))}: {names}", "dim")
    sheet.words(sheet.at(2, 0), HOW, "dim")
    row = 4
    sheet.words(sheet.at(row, 0), "output", "head")
    sheet.words(sheet.at(row, 1), "a", "number head")
    if update is not None:
        sheet.words(sheet.at(row, 2), "after the step", "number head")
    for j, name in enumerate(explanation.forward[-1].names):
        row += 1
        sheet.words(sheet.at(row, 0), name)
        sheet.formula(sheet.at(row, 1), str(last.neuron("a", j)), float(explanation.forward[-1].a[j]), "result")
        if update is not None:
            sheet.formula(sheet.at(row, 2), str(last.neuron("a after", j)), "")
    sheet.column_width(0, 30)
    sheet.column_width(1, 15, 2)
    return {} if update is None else _cost_and_settings(sheet, explanation, last, row + 2)


def _cost_and_settings(sheet: Sheet, explanation: ExplanationRecord, last: Plan, row: int) -> dict[str, str]:
    update, part = explanation.update, explanation.cost
    assert update is not None
    assert part is not None
    costs = (("cost", "loss", update.cost_before), ("cost after the step", "loss after", update.cost_after))
    for name, column, value in costs:
        sheet.words(sheet.at(row, 0), f"{name} ({part.cost.name})" if column == "loss" else name)
        sheet.formula(sheet.at(row, 1), f"SUM({last.all(column)})", value, "result")
        row += 1
    row += 1
    sheet.words(sheet.at(row, 0), f"step of {update.solver.name}", "head")
    known = {"eta": update.learning_rate, **update.solver.parameters}
    if "t" in update.quantities:
        known["t"] = update.quantities["t"]
    settings: dict[str, str] = {}
    for letter, value in known.items():
        row += 1
        cell: Cell = sheet.at(row, 1)
        words = "learning rate η" if letter == "eta" else written(Letter(letter))
        sheet.words(sheet.at(row, 0), words)
        sheet.value(cell, value, "raw")
        settings[letter] = str(cell)
    for rule in update.rules:
        row += 1
        sheet.words(sheet.at(row, 0), f"{rule.letter} = {rule.in_symbols()}", "dim")
    return settings
