"""UPDATE: the weights before and after one step, and the cost before and after."""

from typing import TYPE_CHECKING

from glassnet.explanation.layout import paragraph
from glassnet.explanation.numbers import aligned, number
from glassnet.explanation.weights import choose_weights, weight_name

if TYPE_CHECKING:
    from glassnet.explanation.explanation import Explanation


def update_lines(explanation: "Explanation", width: int, neurons: int) -> list[str]:
    """Return the section: one line per weight shown."""
    update, backward = explanation.update, explanation.backward
    assert update is not None
    assert backward is not None
    names: list[str] = []
    numbers: list[tuple[float, float, float, float]] = []
    n_left = 0
    for l in range(explanation.network.n_layers, 0, -1):
        layer, old_b, new_b = backward[l], explanation.network.b[l], update.b[l]
        chosen = choose_weights(layer.dW, layer.db, neurons)
        n_left += chosen.n_left + max(0, len(chosen.weights) - 2) * (chosen.n_left > 0)
        shown = chosen.weights if not chosen.n_left else chosen.weights[:2]
        for j, k in shown:
            names.append(weight_name(layer.sources, layer.names, j, k))
            if k is not None:
                old, new, gradient = explanation.network.W[l][j, k], update.W[l][j, k], layer.dW[j, k]
            else:
                assert old_b is not None
                assert new_b is not None
                old, new, gradient = old_b[j], new_b[j], layer.delta[j]
            numbers.append((float(old), update.rates[l]["W" if k is not None else "b"], float(gradient), float(new)))
    old_text, eta_text, gradient_text, new_text = (
        aligned(column, parentheses=i == 2) for i, column in enumerate(zip(*numbers, strict=True))
    )
    wide = max(len("weight"), *map(len, names))
    size = max(len(old_text[0]), len("old")), len(eta_text[0]), max(len(gradient_text[0]), len("gradient"))
    eta = f"η{' ' * (size[1] - 1)}"
    lines = ["UPDATE  new = old - η · gradient, with the learning rate η = " + number(update.learning_rate)]
    lines.append(f"    {'weight'.ljust(wide)}  {'old'.ljust(size[0])} - {eta} · {'gradient'.ljust(size[2])} = new")
    for i, name in enumerate(names):
        left = f"{old_text[i].ljust(size[0])} - {eta_text[i]} · {gradient_text[i].ljust(size[2])}"
        lines.append(f"    {name.ljust(wide)}  {left} = {new_text[i]}")
    if n_left:
        lines.append(f"    and {n_left:,} more in the same way")
    lines += ["", f"    cost of this row: {_change(update.cost_before, update.cost_after)}"]
    return [*lines, "", *paragraph(update.words, width, 2)]


def _change(before: float, after: float) -> str:
    """Both costs, and about how far they are apart where six digits do not show it."""
    words = f"{number(before)} before, {number(after)} after"
    gap = after - before
    if number(before) != number(after) or not abs(gap) > 1e-14 * max(1.0, abs(before)):
        return words
    return f"{words} (about {abs(gap):.0e} {'less' if gap < 0 else 'more'})"
