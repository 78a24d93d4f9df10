"""FRONT: how each number that the first layer takes came from the encoded row; and the gradients of its parameters."""

from glassnet.core.expressions.dialect import SUM
from glassnet.core.expressions.dialects.text import written
from glassnet.core.expressions.signs import Partial, Value, phrase
from glassnet.core.expressions.tree import Expression, Letter, Operation, letters
from glassnet.core.front import N_FREQUENCIES
from glassnet.explanation.formats.page.document import chain
from glassnet.explanation.parts.front import FrontPart, FrontValue, WaveTerm
from glassnet.explanation.parts.update import Update
from glassnet.explanation.parts.worked_parameter import update_table
from glassnet.explanation.words.letters import DE_DU, E, delta, u, x
from glassnet.explanation.words.lines import hanging, paragraph, summed
from glassnet.explanation.words.numbers import factor, number

scale, mix, frequency, phase, shift, cos, sin, pi = letters("scale mix frequency phase shift cos sin pi")
SCALED = scale * u
WAVE = shift + phrase("sum of", mix * Operation("cos", (2 * pi * frequency * x + phase,)))
CHAIN: tuple[tuple[Letter, Expression], ...] = (
    (scale, delta * u),
    (u, delta * scale),
    (shift, DE_DU),
    (mix, DE_DU * cos),
    (phase, phrase("sum of", DE_DU * mix * -sin, "over the three waves")),
    (frequency, Partial(E, phase) * (2 * pi) * x),
)


def front_lines(front: FrontPart, width: int, terms: int, neurons: int) -> list[str]:
    """Return the section of the front's forward pass."""
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


def shown_values(front: FrontPart, neurons: int) -> tuple[list[FrontValue], int]:
    """Return the largest numbers, in their order, and how many are not shown."""
    order = sorted(range(len(front.values)), key=lambda j: -abs(front.values[j].a))[:neurons]
    return [front.values[j] for j in sorted(order)], len(front.values) - len(order)


def wave_terms(value: FrontValue, terms: int) -> list[Expression]:
    """Return the summands of a wave: the shift, the largest terms, and the sum of the others."""
    shown, rest = value.largest(terms)
    summands = [Value(value.shift), *(wave_term(term, value.x) for term in shown)]
    return summands + ([Value(rest)] if len(value.terms) > len(shown) else [])


def _texts(summands: list[Expression]) -> list[str]:
    return [written(term, SUM) for term in summands]


def wave_term(term: WaveTerm, x: float) -> Expression:
    """Return one summand with its numbers put in.

    >>> written(wave_term(WaveTerm(0.5, 0.1, -2.0, 0.0), 3.0), SUM)
    '0.5·cos(2π·0.1·3 - 2)'
    """
    angle = 2 * pi * Value(term.frequency) * Value(x) + Value(term.phase)
    return Value(term.mix) * Operation("cos", (angle,))


def chain_of(front: FrontPart) -> list[tuple[Letter, Expression]]:
    """Return the rules by which blame reaches the parameters that this front has."""
    names = {slot.name for slot in front.slots} | ({"u"} if front.has_scaling and front.has_waves else set())
    rules = [(letter, rule) for letter, rule in CHAIN if letter.name in names]
    return rules if front.has_scaling else [(u, delta), *rules]


def most_blamed(front: FrontPart, neurons: int) -> list[int]:
    """Return which numbers have the most blame, in their order."""
    assert front.delta is not None
    delta = front.delta.tolist()
    return sorted(sorted(range(len(delta)), key=lambda j: -abs(delta[j]))[:neurons])


def share_terms(front: FrontPart, j: int, terms: int) -> list[Expression]:
    """Return the summands of a number's blame: the largest, and the sum of the others."""
    shown, rest = front.shares(j, terms)
    assert front.delta_onward is not None
    summands: list[Expression] = [Value(w) * Value(delta) for w, delta in shown]
    return summands + ([Value(rest)] if len(front.delta_onward) > len(shown) else [])


def front_backward_lines(front: FrontPart, width: int, terms: int, neurons: int) -> list[str]:
    """Return the part of the backward pass: the rules, and the largest gradients, factor by factor."""
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
    """Return the part of the update: a line for each of the largest gradients."""
    lines = paragraph("front: by the same rule, at learning rates of its own", width, 2)
    return lines + update_table(front.largest(neurons), update)
