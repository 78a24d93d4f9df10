"""Numerically stable forms of formulas, for evaluation."""

from glassnet.core.expressions.derivatives import simplified
from glassnet.core.expressions.tree import (
    Expression,
    Letter,
    Number,
    Operation,
    tanh,
    walk,
    without_shorthand,
)

ONE = Number(1)


def stable(expression: Expression) -> Expression:
    r"""Return an equivalent formula with stable functions for parts that overflow or lose digits.

    ``log(1 + exp(x))`` becomes softplus(x), ``1 / (1 + exp(-x))`` and ``exp(x) / (1 + exp(x))`` become sigmoid(x), the
    quotient of exponentials of tanh(x) becomes tanh(x), and ``x log(y)`` is 0 for x = 0.

    >>> from glassnet.core.expressions.evaluation import evaluate
    >>> from glassnet.core.expressions.tree import exp, letters, log
    >>> (z,) = letters("z")
    >>> float(evaluate(stable(log(1 + exp(z - 1))), {"z": 1001.0}))
    1000.0
    """
    return _stable(without_shorthand(expression))


def _stable(expression: Expression) -> Expression:
    if not expression.parts:
        return expression
    found = _tanh(expression) or _sigmoid(expression) or _softplus(expression) or _logarithm(expression)
    if found is not None:
        return found
    return expression.with_parts(tuple(map(_stable, expression.parts)))


def _is(expression: Expression, name: str) -> bool:
    return isinstance(expression, Operation) and expression.name == name


def _exponent(expression: Expression) -> Expression | None:
    """Return x for exp(x)."""
    return expression.parts[0] if _is(expression, "exp") else None


def _beside_one(expression: Expression) -> Expression | None:
    """Return x for 1 + exp(x), in either order."""
    if not _is(expression, "add") or len(expression.parts) != 2 or ONE not in expression.parts:
        return None
    return _exponent(expression.parts[1] if expression.parts[0] == ONE else expression.parts[0])


def _softplus(expression: Expression) -> Expression | None:
    if not _is(expression, "log"):
        return None
    x = _beside_one(expression.parts[0])
    return None if x is None else Operation("softplus", (_stable(x),))


def _sigmoid(expression: Expression) -> Expression | None:
    """``y / (1 + exp(-x))`` is y times the sigmoid of x."""
    if not _is(expression, "divide"):
        return None
    above, below = expression.parts
    x = _beside_one(below)
    if x is None:
        return None
    if _exponent(above) == x:
        return Operation("sigmoid", (_stable(x),))
    sigmoid = Operation("sigmoid", (_stable(simplified(-x)),))
    return sigmoid if above == ONE else _stable(above) * sigmoid


def _tanh(expression: Expression) -> Expression | None:
    """``(exp(x) - exp(-x)) / (exp(x) + exp(-x))``."""
    if not _is(expression, "divide"):
        return None
    above, below = expression.parts
    if not _is(above, "subtract") or not _is(below, "add") or set(above.parts) != set(below.parts):
        return None
    x, y = map(_exponent, above.parts)
    return None if x is None or y is None or y != -x else tanh(_stable(x))


def _logarithm(expression: Expression) -> Expression | None:
    """``x log(y)`` is 0 for x = 0 and any y."""
    if not _is(expression, "multiply") or not _is(expression.parts[1], "log"):
        return None
    x, y = expression.parts[0], expression.parts[1].parts[0]
    if not any(isinstance(part, Letter) for part in walk(x)) or _beside_one(y) is not None:
        return None
    return Operation("xlogy", (_stable(x), _stable(y)))
