"""Where a formula breaks: its first operation on finite numbers whose result is not finite."""

from collections.abc import Mapping
from typing import Any

from glassnet.arrays import namespace, quietly
from glassnet.core.expressions.dialects.text import text
from glassnet.core.expressions.evaluation import evaluate
from glassnet.core.expressions.stable import stable
from glassnet.core.expressions.tree import COMPARISONS, Expression, Let, Operation, names_in

INF = float("inf")


def breaking(expression: Expression, values: Mapping[str, Any]) -> str:
    """Return the operation that first gives a number that is not finite, with its numbers; "" if there is none.

    The formula is taken in the stable form that functions compute. `values` are single numbers: arrays of shape (1,)
    in the precision of the computation.

    >>> from glassnet.core.expressions.tree import letters, log
    >>> import numpy as np
    >>> o, t = letters("o t")
    >>> breaking(o - t * log(o), {"o": np.asarray([0.0]), "t": np.asarray([3.0])})
    't log(o) is -inf for t = 3, o = 0'
    """
    formula = stable(expression)
    with quietly(namespace(*values.values())):
        found = _first(formula.expanded() if isinstance(formula, Let) else formula, values)
    if found is None:
        return ""
    part, value = found
    numbers = ", ".join(f"{name} = {float(_single(values[name])):.6g}" for name in names_in(part) if name in values)
    return f"{text(part)} is {value:g} for {numbers}"


def _first(node: Expression, values: Mapping[str, Any]) -> tuple[Expression, float] | None:
    if not isinstance(node, Operation) or node.name in COMPARISONS:
        return None
    if node.name == "where":  # the other branch may be anything
        condition, x, y = node.operands
        return _first(x if bool(_single(evaluate(condition, values))) else y, values)
    for part in node.parts:
        found = _first(part, values)
        if found is not None:
            return found
    value = float(_single(evaluate(node, values)))
    return None if -INF < value < INF else (node, value)


def _single(value: Any) -> Any:
    return value[0] if getattr(value, "shape", ()) == (1,) else value
