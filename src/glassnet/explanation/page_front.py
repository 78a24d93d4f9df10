"""The front on a page: how ``A[0]`` came from the encoded row, the gradients of its parameters, and their steps."""

from glassnet.core.front import N_FREQUENCIES
from glassnet.explanation.document import Block, Equations, Heading, Prose, equation, grid
from glassnet.explanation.front_part import FrontPart
from glassnet.explanation.numbers import factor, joined, number
from glassnet.explanation.text_front import (
    WAVE,
    chain_of,
    most_blamed,
    share_terms,
    shown_values,
    wave_terms,
)
from glassnet.explanation.update_part import Update
from glassnet.explanation.worked_parameter import update_rows


def front_blocks(front: FrontPart | None, terms: int, neurons: int) -> list[Block]:
    """Return the section of the front's forward pass; nothing without one."""
    if front is None:
        return []
    rules = [equation("every number that the first layer takes", "a", "scale · u" if front.has_scaling else "u")]
    if front.has_waves:
        rules.append(equation("a wave of an input x", "u", WAVE))
    shown, n_left = shown_values(front, neurons)
    rows = []
    for value in shown:
        if value.terms:
            rows.append(equation(value.name, "u", signed(wave_terms(value, terms)), number(value.u)))
        label = "" if value.terms else value.name
        if value.scale is not None:
            rows.append(equation(label, "a", f"{number(value.scale)}·{factor(value.u)}", number(value.a)))
        elif not value.terms:
            rows.append(equation(label, "a", number(value.a)))
    told = [Prose(front.in_words())] if front.has_waves else []
    blocks: list[Block] = [Heading("Front", kind="input"), Equations(tuple(rules)), *told, Equations(tuple(rows))]
    if any(len(value.terms) > terms for value in shown):
        blocks.append(Prose(f"The last number of a wave's sum is that of its {N_FREQUENCIES - terms} other terms."))
    return blocks + ([Prose(f"and {n_left:,} more in the same way")] if n_left else [])


def signed(terms: list[str]) -> str:
    """Return terms as one sum."""
    return " ".join(joined(term, first=i == 0) for i, term in enumerate(terms))


def front_backward_blocks(front: FrontPart | None, terms: int, neurons: int) -> list[Block]:
    """Return the part of the backward pass."""
    if front is None:
        return []
    assert front.delta is not None
    delta = front.delta.tolist()
    blames = [equation(front.values[j].name, "delta", signed(share_terms(front, j, terms)), number(delta[j]))
              for j in most_blamed(front, neurons)]  # fmt: skip
    rows = [(each.name, " · ".join(letter for letter, _ in each.factors),
             " · ".join(factor(value) for _, value in each.factors), number(each.gradient))
            for each in front.largest(neurons)]  # fmt: skip
    n_left = sum(slot.size for slot in front.slots) - len(rows)
    blocks: list[Block] = [
        Heading("Back through the front", 2, "input"),
        Equations((equation("", "delta", "sum of w·delta onward"), *blames)),
        Equations(tuple(equation("", f"∂E/∂{letter}", rule) for letter, rule in chain_of(front))),
        grid(("parameter", "factors", "in numbers", "gradient"), rows, (0, 1)),
    ]
    return blocks + ([Prose(f"and {n_left:,} more with smaller gradients")] if n_left else [])


def front_update_blocks(front: FrontPart | None, update: Update, neurons: int) -> list[Block]:
    """Return the part of the update."""
    if front is None:
        return []
    heads = ("parameter of the front", "η", "gradient", "old", "step", "new")
    return [grid(heads, update_rows(front.largest(neurons), update))]
