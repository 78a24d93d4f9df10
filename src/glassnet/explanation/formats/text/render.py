"""The explanation for a terminal: INPUTS, FORWARD, COST, BACKWARD, UPDATE."""

from glassnet.core.expressions.dialects.text import written
from glassnet.data.encoding.encoder import EncodedColumn
from glassnet.escaping import visible
from glassnet.explanation.formats.selection import SHOWN_COLUMNS, check_folding
from glassnet.explanation.formats.sentences import cost_words, encoding_words, network_words, raw_words, target_words
from glassnet.explanation.formats.text.backward import backward_lines
from glassnet.explanation.formats.text.forward import forward_lines
from glassnet.explanation.formats.text.front import front_backward_lines, front_lines, front_update_lines
from glassnet.explanation.formats.text.log_odds import log_odds_lines
from glassnet.explanation.formats.text.slopes import slope_backward_lines, slope_update_lines
from glassnet.explanation.formats.text.update import update_lines
from glassnet.explanation.parts.cost import CostPart
from glassnet.explanation.record import ExplanationRecord
from glassnet.explanation.words.formulas import loss_formula, loss_with_numbers
from glassnet.explanation.words.lines import columns, hanging, paragraph
from glassnet.explanation.words.numbers import number


def as_text(explanation: ExplanationRecord, *, width: int, terms: int, neurons: int) -> str:
    """Return the explanation in lines of about `width` columns."""
    check_folding(width=width, terms=terms, neurons=neurons)
    lines = [*_head(explanation, width), "", *inputs_lines(explanation.inputs, width)]
    if explanation.front is not None:
        lines += ["", *front_lines(explanation.front, width, terms, neurons)]
    lines += ["", *forward_lines(explanation, width, terms, neurons)]
    if explanation.log_odds:
        bias, z = explanation.forward[1].b, float(explanation.forward[1].z[0])
        lines += ["", *log_odds_lines(explanation.log_odds, z, None if bias is None else float(bias[0]), width)]
    if explanation.cost is not None:
        lines += ["", *cost_lines(explanation.cost, width, neurons)]
    if explanation.backward is not None:
        lines += ["", *backward_lines(explanation.backward, width, terms, neurons)]
        if explanation.front is not None:
            lines += ["", *front_backward_lines(explanation.front, width, terms, neurons)]
        if explanation.slopes is not None:
            lines += ["", *slope_backward_lines(explanation.slopes, width, neurons)]
    if explanation.update is not None:
        lines += ["", *update_lines(explanation, width, neurons)]
        if explanation.front is not None:
            lines += ["", *front_update_lines(explanation.front, explanation.update, width, neurons)]
        if explanation.slopes is not None:
            lines += ["", *slope_update_lines(explanation.slopes, explanation.update, width, neurons)]
    for note in explanation.notes:
        lines += ["", *paragraph(note, width)]
    return "\n".join(visible(line.rstrip()) for line in lines)


def _head(explanation: ExplanationRecord, width: int) -> list[str]:
    lines = paragraph(f"Network {network_words(explanation.network)}", width)
    for i, words in enumerate(explanation.prediction.words):
        lines += hanging("Prediction: " if i == 0 else " " * 12, words, width)
    target = target_words(explanation)
    if target is None:
        return [*lines, "No target given: forward only."]
    return [*lines, *hanging("Target:     ", target, width)]


def inputs_lines(encoded: tuple[EncodedColumn, ...], width: int) -> list[str]:
    """One line per column: raw value, the arithmetic of the encoding, the inputs."""
    lines = ["INPUTS"]
    if not any(column.steps for column in encoded):  # plain numbers
        named = max((len(column.column) for column in encoded[: 2 * SHOWN_COLUMNS]), default=0)
        cells = [f"{column.column.ljust(named)}  {number(column.values[0])}" for column in encoded]
        if len(cells) <= 6:
            return lines + [f"  {cell}" for cell in cells]
        return lines + columns(cells[: 2 * SHOWN_COLUMNS], width, 2) + _more(len(cells) - 2 * SHOWN_COLUMNS, "inputs")
    shown = encoded[:SHOWN_COLUMNS]
    names = [column.column for column in shown]
    raws = [raw_words(column) for column in shown]
    name_width, raw_width = max(map(len, names)), max(map(len, raws))
    for name, raw, column in zip(names, raws, shown, strict=True):
        head = f"  {name.ljust(name_width)}  {raw.ljust(raw_width)}  "
        for i, words in enumerate(encoding_words(column)):
            lines += hanging(head if i == 0 else " " * len(head), words, width)
    return lines + _more(len(encoded) - SHOWN_COLUMNS, "columns")


def _more(n: int, what: str) -> list[str]:
    return [f"  and {n} more {what}"] if n > 0 else []


def cost_lines(part: CostPart, width: int, neurons: int) -> list[str]:
    """Return the loss of each output and their sum."""
    entry = part.cost
    several = "summed over outputs, " if len(part.outputs) > 1 else ""
    formula = written(loss_formula(entry))
    lines = hanging("COST  ", f"E = {formula}, {several}with target t and output o ({cost_words(entry)})", width)
    shown, rest = part.largest(neurons)
    names = max((len(each.name) for each in shown), default=len("total"))
    for each in shown:
        words = written(loss_with_numbers(entry, each.output, each.target))
        lines += hanging(f"    {each.name.ljust(names)}  ", f"{words} = {number(each.loss)}", width)
    n_left = len(part.outputs) - len(shown)
    if n_left:
        lines.append(f"    the {n_left} other outputs add {number(rest)}: E = {number(part.total)}")
    elif len(shown) > 1:
        lines.append(f"    {'sum'.ljust(names)}  E = {number(part.total)}")
    if part.is_from_z and any(number(each.output) in ("0", "1") for each in part.outputs):
        lines.append("    (computed from z, which stays exact where an output rounds to 0 or 1)")
    return lines
