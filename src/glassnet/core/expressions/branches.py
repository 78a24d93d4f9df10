"""Where the branches of a formula meet: its kinks, at which the derivative may jump."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from glassnet.core.expressions.evaluation import evaluate
from glassnet.core.expressions.tree import COMPARISONS, Expression, Operation, walk
from glassnet.typing import Array


def switches(expression: Expression) -> Iterator[Expression]:
    """Yield the formulas at whose zeros a branch changes: x of abs(x), x - y of max(x, y) and of x > y.

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
    """Return the points of a line at which a branch changes, each found to the last bits by bisection.

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
            found |= _zeros(switch, name, parameters, [float(z) for z in line], [float(v) for v in values])
    return tuple(sorted(found))


def _zeros(
    switch: Expression, name: str, parameters: Mapping[str, Any], points: list[float], values: list[float]
) -> set[float]:
    """Return where a formula changes its sign, and the ends of where it is 0."""

    def value(z: float) -> float:
        return float(evaluate(switch, {**parameters, name: z}))

    found = set()
    for low, high, below, above in zip(points, points[1:], values, values[1:]):
        if below * above < 0.0:
            found.add(_between(value, low, high, below))
        elif (below == 0.0) != (above == 0.0):
            found.add(low if below == 0.0 else high)
    return found


def _between(value: Callable[[float], float], low: float, high: float, below: float) -> float:
    while low < (middle := 0.5 * (low + high)) < high:
        at = value(middle)
        if at == 0.0:
            return middle
        low, high = (middle, high) if at * below > 0 else (low, middle)
    return low
