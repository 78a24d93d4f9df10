"""The front on a page: ``A[0]`` from the encoded row, the gradients of the parameters, and their steps."""

from glassnet.core.expressions.signs import Partial, Value
from glassnet.core.front import N_FREQUENCIES
from glassnet.explanation.formats.calculations import (
    SCALED,
    WAVE,
    chain_of,
    equation,
    share_terms,
    update_rows,
    wave_terms,
)
from glassnet.explanation.formats.page.document import Block, Equations, Heading, Prose, grid
from glassnet.explanation.formats.selection import most_blamed, shown_values
from glassnet.explanation.parts.front import FrontPart
from glassnet.explanation.parts.update import Update
from glassnet.explanation.words.letters import ONWARD, E, product, total, u


def front_blocks(front: FrontPart | None, terms: int, neurons: int) -> list[Block]:
    """Return the section of the front's forward pass; empty without a front."""
    if front is None:
        return []
    rules = [equation("every number that the first layer takes", "a", SCALED if front.has_scaling else u)]
    if front.has_waves:
        rules.append(equation("a wave of an input x", "u", WAVE))
    shown, n_left = shown_values(front, neurons)
    rows = []
    for value in shown:
        if value.terms:
            rows.append(equation(value.name, "u", total(wave_terms(value, terms)), value.u))
        label = "" if value.terms else value.name
        if value.scale is not None:
            rows.append(equation(label, "a", Value(value.scale) * Value(value.u), value.a))
        elif not value.terms:
            rows.append(equation(label, "a", value.a))
    waves = [Prose(front.in_words())] if front.has_waves else []
    blocks: list[Block] = [Heading("Front", kind="input"), Equations(tuple(rules)), *waves, Equations(tuple(rows))]
    if any(len(value.terms) > terms for value in shown):
        blocks.append(Prose(f"The last number of a wave's sum is that of its {N_FREQUENCIES - terms} other terms."))
    return blocks + ([Prose(f"and {n_left:,} more in the same way")] if n_left else [])


def front_backward_blocks(front: FrontPart | None, terms: int, neurons: int) -> list[Block]:
    """Return the part of the backward pass."""
    if front is None:
        return []
    assert front.delta is not None
    delta = front.delta.tolist()
    blames = [equation(front.values[j].name, "delta", total(share_terms(front, j, terms)), delta[j])
              for j in most_blamed(front, neurons)]  # fmt: skip
    rows = [(each.name, " · ".join(letter for letter, _ in each.factors),
             product(*(Value(value) for _, value in each.factors)), each.gradient)
            for each in front.largest(neurons)]  # fmt: skip
    n_left = sum(slot.size for slot in front.slots) - len(rows)
    blocks: list[Block] = [
        Heading("Back through the front", 2, "input"),
        Equations((equation("", "delta", ONWARD), *blames)),
        Equations(tuple(equation("", Partial(E, letter), rule) for letter, rule in chain_of(front))),
        grid(("parameter", "factors", "in numbers", "gradient"), rows, (0, 1)),
    ]
    return blocks + ([Prose(f"and {n_left:,} more with smaller gradients")] if n_left else [])


def front_update_blocks(front: FrontPart | None, update: Update, neurons: int) -> list[Block]:
    """Return the front's part of the update."""
    if front is None:
        return []
    heads = ("parameter of the front", "η", "gradient", "old", "step", "new")
    return [grid(heads, update_rows(front.largest(neurons), update))]
