"""The learned slopes as text: the factors of their gradients, and their steps."""

from glassnet.core.expressions.dialects.text import written
from glassnet.core.slope import SLOPE_GRADIENT
from glassnet.explanation.formats.text.update import update_table
from glassnet.explanation.parts.slopes import SlopePart
from glassnet.explanation.parts.update import Update
from glassnet.explanation.words.lines import hanging, paragraph
from glassnet.explanation.words.numbers import number


def slope_backward_lines(slopes: SlopePart, width: int, neurons: int) -> list[str]:
    """Return the part of the backward pass: the rule, and the largest gradients."""
    lines = paragraph(f"slopes: ∂E/∂slope = {written(SLOPE_GRADIENT)}", width, 2)
    shown = slopes.largest(neurons)
    wide = max(len(each.name) for each in shown)
    for each in shown:
        lines += hanging(f"    {each.name.ljust(wide)}  ", f"{each.in_words()} = {number(each.gradient)}", width)
    n_left = slopes.n_params - len(shown)
    return lines + ([f"    and {n_left:,} more with smaller gradients"] if n_left else [])


def slope_update_lines(slopes: SlopePart, update: Update, width: int, neurons: int) -> list[str]:
    """Return the slopes' part of the update, one line for each of the largest gradients."""
    lines = paragraph("slopes: by the same rule, with a separate learning rate", width, 2)
    return lines + update_table(slopes.largest(neurons), update)
