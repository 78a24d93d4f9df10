"""The update on a page: the solver's rules, one weight with its numbers, and the weights before and after."""

from glassnet.core.expressions.put_in import put_in
from glassnet.explanation.formats.calculations import equation
from glassnet.explanation.formats.page.document import Block, Equations, Heading, Prose, grid
from glassnet.explanation.formats.selection import most_moved, shown_weights
from glassnet.explanation.formats.sentences import change, settings
from glassnet.explanation.record import ExplanationRecord


def update_blocks(explanation: ExplanationRecord, neurons: int) -> list[Block]:
    """Return the section."""
    update = explanation.update
    assert update is not None
    places, n_left = shown_weights(explanation, neurons)
    label = explanation.notation.label
    blocks: list[Block] = [
        Heading(f"Update by {update.solver.name}"),
        Prose(f"With {settings(update)}; g is the gradient."),
        Equations(tuple(equation("", rule.letter, rule.formula) for rule in update.rules)),
    ]
    example = most_moved(update, places)
    values = update.at(*example)
    before = ["old", "g", *(letter for letter in update.memory if letter.endswith("_old"))]
    worked = [equation(label(*example) if i == 0 else "", letter, values[letter])
              for i, letter in enumerate(before)]  # fmt: skip
    worked += [equation("", rule.letter, put_in(rule.formula, values, choose=False), values[rule.letter])
               for rule in update.rules]  # fmt: skip
    blocks.append(Equations(tuple(worked)))
    rows = []
    for place in places:
        step = update.at(*place)
        rows.append((label(*place), step["g"], step["old"], step["new"] - step["old"], step["new"]))
    blocks.append(grid(("weight", "gradient", "old", "step", "new"), rows))
    if n_left:
        blocks.append(Prose(f"and {n_left:,} more in the same way"))
    costs = change(update.cost_before, update.cost_after)
    return [*blocks, Prose(f"Cost of this row: {costs}."), Prose(update.words)]
