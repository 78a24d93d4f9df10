"""The learned slopes on a page: their gradients and their steps."""

from glassnet.core.expressions.signs import Partial
from glassnet.core.slope import SLOPE_GRADIENT
from glassnet.explanation.formats.calculations import equation, update_rows
from glassnet.explanation.formats.page.document import Block, Equations, Heading, Prose, grid
from glassnet.explanation.parts.slopes import SlopePart
from glassnet.explanation.parts.update import Update
from glassnet.explanation.words.letters import E, slope
from glassnet.explanation.words.numbers import factor


def slope_backward_blocks(slopes: SlopePart | None, neurons: int) -> list[Block]:
    """Return the part of the backward pass; empty without slopes."""
    if slopes is None:
        return []
    shown = slopes.largest(neurons)
    rows = [(each.name, " · ".join(factor(value) for _, value in each.factors), each.gradient)
            for each in shown]  # fmt: skip
    n_left = slopes.n_params - len(shown)
    blocks: list[Block] = [
        Heading("Slopes", 2, "hidden"),
        Equations((equation("", Partial(E, slope), SLOPE_GRADIENT),)),
        grid(("slope", "in numbers", "gradient"), rows, (0, 1)),
    ]
    return blocks + ([Prose(f"and {n_left:,} more with smaller gradients")] if n_left else [])


def slope_update_blocks(slopes: SlopePart | None, update: Update, neurons: int) -> list[Block]:
    """Return the slopes' part of the update."""
    if slopes is None:
        return []
    return [grid(("slope", "η", "gradient", "old", "step", "new"), update_rows(slopes.largest(neurons), update))]
