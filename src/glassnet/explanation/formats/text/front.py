"""FRONT: the inputs of the first layer, computed from the encoded row, and the gradients of the front's parameters."""

from glassnet.core.expressions.dialect import SUM
from glassnet.core.expressions.dialects.text import written
from glassnet.core.expressions.signs import Partial
from glassnet.core.expressions.tree import Expression
from glassnet.core.front import N_FREQUENCIES
from glassnet.explanation.formats.calculations import SCALED, WAVE, chain, chain_of, share_terms, wave_terms
from glassnet.explanation.formats.selection import most_blamed, shown_values
from glassnet.explanation.formats.text.update import update_table
from glassnet.explanation.parts.front import FrontPart
from glassnet.explanation.parts.update import Update
from glassnet.explanation.words.letters import E, u
from glassnet.explanation.words.lines import hanging, paragraph, summed
from glassnet.explanation.words.numbers import factor, number


def front_lines(front: FrontPart, width: int, terms: int, neurons: int) -> list[str]:
    """Return the section about the front's forward pass."""
    rules = [chain("a", SCALED if front.has_scaling else u), "u an input"]
    if front.has_waves:
        rules[1] = f"u an input x, or a wave of one: {written(WAVE)}"
    lines = hanging("FRONT  ", ", ".join(rules), width) + paragraph(front.in_words(), width, 2)
    shown, n_left = shown_values(front, neurons)
    wide = max((len(value.name) for value in shown), default=0)
    for value in shown:
        head = f"    {value.name.ljust(wide)}  "
        if value.terms:
            lines += summed(f"{head}u = ", _texts(wave_terms(value, terms)), number(value.u), width)
            head = " " * len(head)
        if value.scale is not None:
            lines.append(f"{head}a = {number(value.scale)}·{factor(value.u)} = {number(value.a)}")
        elif not value.terms:
            lines.append(f"{head}a = x = {number(value.a)}")
    if any(len(value.terms) > terms for value in shown):
        lines += paragraph(
            f"the last number of a wave's sum is that of its {N_FREQUENCIES - terms} other terms", width, 4
        )
    return lines + ([f"    and {n_left:,} more in the same way"] if n_left else [])


def _texts(summands: list[Expression]) -> list[str]:
    return [written(term, SUM) for term in summands]


def front_backward_lines(front: FrontPart, width: int, terms: int, neurons: int) -> list[str]:
    """Return the part of the backward pass: the rules, and the factors of the largest gradients."""
    rules = "; ".join(chain(Partial(E, letter), rule) for letter, rule in chain_of(front))
    lines = paragraph(f"front: delta = weights onward · deltas; {rules}", width, 2)
    assert front.delta is not None
    blamed = most_blamed(front, neurons)
    wide = max(len(front.values[j].name) for j in blamed)
    for j in blamed:
        head = f"    {front.values[j].name.ljust(wide)}  delta = "
        lines += summed(head, _texts(share_terms(front, j, terms)), number(float(front.delta[j])), width)
    shown = front.largest(neurons)
    wide = max((len(each.name) for each in shown), default=0)
    for each in shown:
        lines += hanging(f"    {each.name.ljust(wide)}  ", f"{each.in_words()} = {number(each.gradient)}", width)
    n_left = sum(slot.size for slot in front.slots) - len(shown)
    return lines + ([f"    and {n_left:,} more with smaller gradients"] if n_left else [])


def front_update_lines(front: FrontPart, update: Update, width: int, neurons: int) -> list[str]:
    """Return the front's part of the update, one line for each of the largest gradients."""
    lines = paragraph("front: by the same rule, with separate learning rates", width, 2)
    return lines + update_table(front.largest(neurons), update)
