"""The explanation as a page for Markdown, LaTeX and HTML, with the same selection of numbers as the text."""

from glassnet.core.expressions.signs import Value, phrase
from glassnet.data.encoding.encoder import EncodedColumn
from glassnet.explanation.formats.calculations import equation
from glassnet.explanation.formats.page.backward import backward_blocks
from glassnet.explanation.formats.page.document import Block, Document, Equations, Grid, Heading, Prose, grid, shown
from glassnet.explanation.formats.page.forward import forward_blocks
from glassnet.explanation.formats.page.front import front_backward_blocks, front_blocks, front_update_blocks
from glassnet.explanation.formats.page.slopes import slope_backward_blocks, slope_update_blocks
from glassnet.explanation.formats.page.update import update_blocks
from glassnet.explanation.formats.selection import SHOWN_COLUMNS, check_folding, shown_log_odds
from glassnet.explanation.formats.sentences import (
    encoding_words,
    log_odds_words,
    network_words,
    raw_words,
    target_words,
)
from glassnet.explanation.parts.cost import CostPart
from glassnet.explanation.record import ExplanationRecord
from glassnet.explanation.words.formulas import loss_formula, loss_with_numbers
from glassnet.explanation.words.numbers import number


def page(explanation: ExplanationRecord, *, terms: int, neurons: int) -> Document:
    """Return the whole explanation as a page."""
    check_folding(terms=terms, neurons=neurons)
    front = explanation.front
    blocks = [*_head(explanation), *inputs_blocks(explanation.inputs), *front_blocks(front, terms, neurons)]
    blocks += forward_blocks(explanation, terms, neurons)
    blocks += _log_odds(explanation)
    blocks += cost_blocks(explanation.cost, neurons)
    if explanation.backward is not None:
        blocks += backward_blocks(explanation.backward, terms, neurons)
        blocks += front_backward_blocks(front, terms, neurons)
        blocks += slope_backward_blocks(explanation.slopes, neurons)
    if explanation.update is not None:
        blocks += update_blocks(explanation, neurons)
        blocks += front_update_blocks(front, explanation.update, neurons)
        blocks += slope_update_blocks(explanation.slopes, explanation.update, neurons)
    if explanation.notes:
        blocks += [Heading("Notes"), *map(Prose, explanation.notes)]
    document: Document = shown(Document("The arithmetic of one row", tuple(blocks)))
    return document


def _head(explanation: ExplanationRecord) -> list[Block]:
    rows = [
        ("Network", network_words(explanation.network)),
        *(("Prediction" if i == 0 else "", words) for i, words in enumerate(explanation.prediction.words)),
    ]
    rows.append(("Target", target_words(explanation) or "none given: forward only"))
    return [grid(("", ""), rows, (0, 1))]


def inputs_blocks(encoded: tuple[EncodedColumn, ...]) -> list[Block]:
    """Raw values, the arithmetic of the encoding, the inputs; plain numbers in a short table."""
    shown = encoded[:SHOWN_COLUMNS]
    if not any(column.steps for column in encoded):
        table = _side_by_side([(column.column, column.values[0]) for column in shown])
    else:
        rows = [(column.column, raw_words(column), line) if i == 0 else ("", "", line)
                for column in shown for i, line in enumerate(encoding_words(column))]  # fmt: skip
        table = grid(("column", "value", "how it becomes inputs"), rows, (0, 1, 2))
    left = len(encoded) - len(shown)
    return [Heading("Inputs", kind="input"), table, *([Prose(f"and {left:,} more")] if left else [])]


def _side_by_side(pairs: list[tuple[str, float]]) -> Grid:
    """Return names and values in a table: one pair per row if there are few, else four."""
    wide = 4 if len(pairs) > 8 else 1
    rows = [[cell for pair in pairs[i : i + wide] for cell in pair] for i in range(0, len(pairs), wide)]
    padded = [row + [""] * (2 * wide - len(row)) for row in rows]
    return grid(("input", "value") * wide, padded, range(0, 2 * wide, 2))


def _log_odds(explanation: ExplanationRecord) -> list[Block]:
    if not explanation.log_odds:
        return []
    layer = explanation.forward[1]
    shown = shown_log_odds(explanation.log_odds)
    rows = [(row.input, row.unit, row.per_unit, phrase("×", Value(row.odds_ratio))) for row in shown]
    blocks: list[Block] = [Heading("Log-odds"), Prose(f"{log_odds_words(explanation.log_odds, float(layer.z[0]))}.")]
    blocks.append(grid(("input", "per", "log-odds", "odds"), rows, (0, 1)))
    if len(explanation.log_odds) > len(shown):
        blocks.append(Prose(f"and {len(explanation.log_odds) - len(shown):,} more with less"))
    if layer.b is not None:
        blocks.append(Prose(f"bias: log-odds {number(float(layer.b[0]))} where every input is 0"))
    return blocks


def cost_blocks(part: CostPart | None, neurons: int, of: str = "") -> list[Block]:
    """Return the loss of each output and their sum; empty without a target."""
    if part is None:
        return []
    several = ", summed over outputs" if len(part.outputs) > 1 else ""
    parameters = [equation("", name, float(value)) for name, value in part.cost.parameters.items()]
    shown, rest = part.largest(neurons)
    rows = [equation(each.name, loss_with_numbers(part.cost, each.output, each.target), each.loss)
            for each in shown]  # fmt: skip
    n_left = len(part.outputs) - len(shown)
    if n_left:
        rows.append(equation(f"the {n_left} other outputs", rest))
    return [
        Heading("Cost"),
        Prose(f"{part.cost.name}{of}, with target t and output o{several}"),
        Equations((equation("", "E", loss_formula(part.cost)), *parameters, *rows, equation("", "E", part.total))),
    ]
