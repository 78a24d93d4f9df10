"""Substitution of numbers for letters: the arithmetic of a formula, worked out by hand."""

from collections.abc import Mapping
from typing import Any

from glassnet.core.expressions.evaluation import evaluate
from glassnet.core.expressions.signs import Value
from glassnet.core.expressions.tree import Expression, Let, Letter, Operation, names_in


def put_in(expression: Expression, values: Mapping[str, float], *, choose: bool = True) -> Expression:
    """Return a formula with numbers for its letters, and only the branch that applies.

    With ``choose=False``, all branches stay.

    >>> from glassnet.core.expressions.dialects.text import written
    >>> from glassnet.core.expressions.tree import exp, letters, where
    >>> z, slope = letters("z slope")
    >>> written(put_in(1 / (1 + exp(-z)), {"z": -0.9}))
    '1 / (1 + exp(0.9))'
    >>> written(put_in(where(z > 0, z, slope * z), {"z": -2.0, "slope": 0.01}))
    '0.01 · (-2)'
    """
    if isinstance(expression, Let):
        return _without_meanings(expression, values, choose)
    if isinstance(expression, Letter):
        return Value(float(values[expression.name])) if expression.name in values else expression
    if choose and isinstance(expression, Operation) and expression.name == "where":
        condition, x, y = expression.operands
        if set(names_in(condition)) <= set(values):
            return put_in(x if bool(evaluate(condition, values)) else y, values)
    parts = tuple(put_in(part, values, choose=choose) for part in expression.parts)
    if isinstance(expression, Operation) and expression.name == "negative" and isinstance(parts[0], Value):
        return Value(-parts[0].value)
    return expression.with_parts(parts)


def _without_meanings(expression: Let, values: Mapping[str, float], choose: bool) -> Expression:
    """Replace shorthand determined by the numbers with its value; other shorthand stays."""
    known: dict[str, Any] = dict(values)
    left = []
    for letter, meaning in expression.meanings:
        if set(names_in(meaning)) <= set(known):
            known[letter.name] = float(evaluate(meaning, known))
        else:
            left.append((letter, put_in(meaning, known, choose=choose)))
    body = put_in(expression.body, known, choose=choose)
    return Let(body, tuple(left)) if left else body
