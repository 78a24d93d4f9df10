"""UPDATE: the weights before and after one step, the solver's memory, and the cost before and after."""

from typing import TYPE_CHECKING

from glassnet.core.catalog.optimizers import GD
from glassnet.core.expressions.dialects.text import written
from glassnet.core.expressions.tree import Letter, replaced
from glassnet.explanation.formats.selection import choose_weights
from glassnet.explanation.parts.update import Update
from glassnet.explanation.words.lines import hanging, paragraph
from glassnet.explanation.words.numbers import aligned, number

if TYPE_CHECKING:
    from glassnet.explanation.explanation import Explanation

INDENT = 4
Place = tuple[int, int, int | None]


def update_lines(explanation: "Explanation", width: int, neurons: int) -> list[str]:
    """Return the section: one line per weight, after the rules of a solver that has a memory."""
    update = explanation.update
    assert update is not None
    places, n_left = shown_weights(explanation, neurons)
    lines = _plain_table(explanation, places) if not update.has_memory else _with_memory(explanation, places, width)
    if n_left:
        lines.append(f"    and {n_left:,} more in the same way")
    lines += ["", f"    cost of this row: {change(update.cost_before, update.cost_after)}"]
    return [*lines, "", *paragraph(update.words, width, 2)]


def shown_weights(explanation: "Explanation", neurons: int) -> tuple[list[Place], int]:
    """Return which weights' steps are shown, the outputs' first, and how many are not."""
    assert explanation.backward is not None
    places: list[Place] = []
    n_left = 0
    for l in range(explanation.network.n_layers, 0, -1):
        layer = explanation.backward[l]
        chosen = choose_weights(layer.dW, layer.db, neurons)
        shown = chosen.weights if not chosen.n_left else chosen.weights[:2]
        n_left += chosen.n_left + len(chosen.weights) - len(shown)
        places += [(l, j, k) for j, k in shown]
    return places, n_left


def most_moved(update: Update, places: list[Place]) -> Place:
    """Return the weight of the largest gradient: the one whose step is worked in full."""
    return max(places, key=lambda place: abs(update.at(*place)["g"]))


def settings(update: Update) -> str:
    """Return the numbers that hold for all weights: "η = 0.001, β1 = 0.9, t = 1"."""
    known = {"eta": update.learning_rate, **update.solver.parameters}
    if "t" in update.quantities:
        known["t"] = update.quantities["t"]
    return ", ".join(f"{written(Letter(name))} = {number(value)}" for name, value in known.items())


def change(before: float, after: float) -> str:
    """Both costs, and about how far they are apart where six digits do not show it."""
    words = f"{number(before)} before, {number(after)} after"
    gap = after - before
    if number(before) != number(after) or not abs(gap) > 1e-14 * max(1.0, abs(before)):
        return words
    return f"{words} (about {abs(gap):.0e} {'less' if gap < 0 else 'more'})"


def _plain_table(explanation: "Explanation", places: list[Place]) -> list[str]:
    """One weight a line: old - η · gradient = new."""
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


def _with_memory(explanation: "Explanation", places: list[Place], width: int) -> list[str]:
    """The rules in letters, one weight with its numbers put in, and what became of the others."""
    update, space = explanation.update, " " * INDENT
    assert update is not None
    lines = hanging("UPDATE  ", f"{update.solver.name}, with {settings(update)}; g is the gradient", width)
    lines += [f"{space}{rule.letter} = {rule.in_symbols()}" for rule in update.rules]
    opened = most_moved(update, places)
    values = update.at(*opened)
    before = [f"{letter} = {number(values[letter])}" for letter in ("old", "g", *update.memory)
              if letter in ("old", "g") or letter.endswith("_old")]  # fmt: skip
    lines += ["", *hanging(f"{space}{explanation.notation.label(*opened)}: ", ", ".join(before), width)]
    for rule in update.rules:
        told = f"{rule.with_numbers(values)} = {number(values[rule.letter])}"
        lines += hanging(f"{space}  {rule.letter} = ", told, width)
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
