"""Formulas as nested lists, for readers in other languages that evaluate them without running code."""

from typing import Any

from glassnet.core.expressions.signs import Value
from glassnet.core.expressions.tree import Expression, Letter, Number, Operation, walk, without_shorthand


def as_data(expression: Expression) -> Any:
    """Return a formula as plain data: a number, the name of a letter, or a list of an operation and its operands.

    >>> from glassnet.core.expressions.tree import letters, where
    >>> z, slope = letters("z slope")
    >>> as_data(where(z > 0, z, slope * z))
    ['where', ['greater', 'z', 0], 'z', ['multiply', 'slope', 'z']]
    """
    if isinstance(expression, (Number, Value)):
        return expression.value
    if isinstance(expression, Letter):
        return expression.name
    if isinstance(expression, Operation):
        return [expression.name, *map(as_data, expression.operands)]
    raise TypeError(f"{type(expression).__name__} is not arithmetic of one neuron")


def is_arithmetic(expression: Expression) -> bool:
    """Whether a formula consists of numbers, letters and operations alone, once its shorthand is expanded.

    >>> from glassnet.core.catalog.activations import RELU, SOFTMAX
    >>> is_arithmetic(RELU), is_arithmetic(SOFTMAX)
    (True, False)
    """
    return all(isinstance(part, (Number, Value, Letter, Operation)) for part in walk(without_shorthand(expression)))
