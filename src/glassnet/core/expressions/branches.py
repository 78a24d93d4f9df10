"""Kinks of a formula: the points where its branches meet and the derivative may jump."""

from collections.abc import Iterator, Mapping
from typing import Any

from glassnet.arrays import namespace
from glassnet.core.expressions.evaluation import evaluate
from glassnet.core.expressions.tree import COMPARISONS, Expression, Operation, walk
from glassnet.typing import Array

BISECTIONS = 60


def switches(expression: Expression) -> Iterator[Expression]:
    """Yield the formulas whose zeros separate branches: x for abs(x), x - y for max(x, y) and x > y.

    >>> from glassnet.core.expressions.dialects.text import text
    >>> from glassnet.core.expressions.tree import largest, letters
    >>> (z,) = letters("z")
    >>> [text(switch) for switch in switches(largest(0, z) + abs(z - 3))]
    ['0 - z', 'z - 3']
    """
    for part in walk(expression):
        if not isinstance(part, Operation):
            continue
        x, *rest = part.operands
        if part.name in ("abs", "sign"):
            yield x
        elif part.name in ("max", "min", "clip", *COMPARISONS):
            yield from (x - y for y in rest)


def kinks(expression: Expression, name: str, parameters: Mapping[str, Any], line: Array) -> tuple[float, ...]:
    """Return the points of a line where the branch changes, each located to the last bits by bisection.

    >>> from glassnet.core.expressions.tree import letters
    >>> (z,) = letters("z")
    >>> import numpy as np
    >>> kinks(abs(z - 0.3), "z", {}, np.asarray([-1.0, 0.0, 1.0]))
    (0.3,)
    """
    found: set[float] = set()
    for switch in switches(expression):
        values = evaluate(switch, {**parameters, name: line})
        if getattr(values, "shape", None) == line.shape:
            found |= _zeros(switch, name, parameters, line, values)
    return tuple(sorted(found))


def _zeros(switch: Expression, name: str, parameters: Mapping[str, Any], line: Array, values: Array) -> set[float]:
    """Return the points where a formula changes its sign, and the ends of intervals where it is 0."""
    xp = namespace(line)
    zero = values == 0.0
    ends = xp.where(zero[:-1], line[:-1], line[1:])[zero[:-1] != zero[1:]]
    crosses = values[:-1] * values[1:] < 0.0
    low, high, below = line[:-1][crosses], line[1:][crosses], values[:-1][crosses]
    for _ in range(BISECTIONS if low.shape[0] else 0):
        middle = 0.5 * (low + high)
        side = evaluate(switch, {**parameters, name: middle}) * below
        low, high = xp.where(side >= 0.0, middle, low), xp.where(side <= 0.0, middle, high)
    return {float(z) for z in ends} | {float(z) for z in low}
