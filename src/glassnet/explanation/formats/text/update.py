"""UPDATE: the weights before and after one step, the solver's memory, and the cost before and after."""

from glassnet.core.catalog.optimizers import GD
from glassnet.core.expressions.dialects.text import written
from glassnet.core.expressions.tree import Letter, replaced
from glassnet.explanation.formats.calculations import update_rows
from glassnet.explanation.formats.selection import Place, most_moved, shown_weights
from glassnet.explanation.formats.sentences import change, settings
from glassnet.explanation.parts.update import Update
from glassnet.explanation.parts.worked_parameter import WorkedParameter
from glassnet.explanation.record import ExplanationRecord
from glassnet.explanation.words.lines import hanging, paragraph
from glassnet.explanation.words.numbers import aligned, number

INDENT = 4


def update_lines(explanation: ExplanationRecord, width: int, neurons: int) -> list[str]:
    """Return the section: the rules of a solver with memory, then one line per weight."""
    update = explanation.update
    assert update is not None
    places, n_left = shown_weights(explanation, neurons)
    lines = _plain_table(explanation, places) if not update.has_memory else _with_memory(explanation, places, width)
    if n_left:
        lines.append(f"    and {n_left:,} more in the same way")
    lines += ["", f"    cost of this row: {change(update.cost_before, update.cost_after)}"]
    return [*lines, "", *paragraph(update.words, width, 2)]


def _plain_table(explanation: ExplanationRecord, places: list[Place]) -> list[str]:
    """One line per weight: old - η · gradient = new."""
    update, names = explanation.update, [explanation.notation.label(*place) for place in places]
    assert update is not None
    steps = [update.at(*place) for place in places]
    columns = [aligned((step[letter] for step in steps), parentheses=letter == "g") for letter in
               ("old", "eta", "g", "new")]  # fmt: skip
    wide = max(len("weight"), *map(len, names))
    size = max(len(columns[0][0]), len("old")), len(columns[1][0]), max(len(columns[2][0]), len("gradient"))
    eta = f"η{' ' * (size[1] - 1)}"
    step = written(replaced(GD[0].formula, Letter("g"), Letter("gradient")))
    lines = [f"UPDATE  new = {step}, with the learning rate η = {number(update.learning_rate)}"]
    lines.append(f"    {'weight'.ljust(wide)}  {'old'.ljust(size[0])} - {eta} · {'gradient'.ljust(size[2])} = new")
    for name, old, rate, gradient, new in zip(names, *columns):
        left = f"{old.ljust(size[0])} - {rate} · {gradient.ljust(size[2])}"
        lines.append(f"    {name.ljust(wide)}  {left} = {new}")
    return lines


def _with_memory(explanation: ExplanationRecord, places: list[Place], width: int) -> list[str]:
    """The rules in letters, one weight with its numbers, and the results for the others."""
    update, space = explanation.update, " " * INDENT
    assert update is not None
    lines = hanging("UPDATE  ", f"{update.solver.name}, with {settings(update)}; g is the gradient", width)
    lines += [f"{space}{rule.letter} = {rule.in_symbols()}" for rule in update.rules]
    example = most_moved(update, places)
    values = update.at(*example)
    before = [f"{letter} = {number(values[letter])}" for letter in ("old", "g", *update.memory)
              if letter in ("old", "g") or letter.endswith("_old")]  # fmt: skip
    lines += ["", *hanging(f"{space}{explanation.notation.label(*example)}: ", ", ".join(before), width)]
    for rule in update.rules:
        worked = f"{rule.with_numbers(values)} = {number(values[rule.letter])}"
        lines += hanging(f"{space}  {rule.letter} = ", worked, width)
    names = [explanation.notation.label(*place) for place in places]
    rows = [update.at(*place) for place in places]
    heads = ["gradient", "old", "step", "new"]
    cells = [aligned(column) for column in zip(*((row["g"], row["old"], row["new"] - row["old"], row["new"])
                                                for row in rows))]  # fmt: skip
    widths = [max(len(head), len(cell[0])) for head, cell in zip(heads, cells)]
    wide = max(len("weight"), *map(len, names))
    lines += ["", f"{space}{'weight'.ljust(wide)}  " + "  ".join(map(str.ljust, heads, widths)).rstrip()]
    for i, name in enumerate(names):
        lines.append(f"{space}{name.ljust(wide)}  " + "  ".join(cell[i].ljust(w) for cell, w in zip(cells, widths)))
    return lines


def update_table(parameters: tuple[WorkedParameter, ...], update: Update) -> list[str]:
    """Return the rows in columns below their heads."""
    shown = [tuple(each if isinstance(each, str) else number(each) for each in row)
             for row in update_rows(parameters, update)]  # fmt: skip
    rows = [("parameter", "η", "gradient", "old", "step", "new"), *shown]
    wide = [max(len(row[k]) for row in rows) for k in range(6)]
    return ["    " + "  ".join(cell.ljust(w) for cell, w in zip(row, wide)).rstrip() for row in rows]
