"""Symbolic differentiation of formulas, with enough simplification to keep derivatives readable."""

from collections.abc import Callable

from glassnet.core.expressions.tree import (
    Expression,
    Letter,
    Number,
    Operation,
    Over,
    Same,
    as_expression,
    exp,
    log,
    replaced,
    sign,
    sqrt,
    walk,
    where,
    without_shorthand,
)

ZERO, ONE = Number(0), Number(1)


def derivative(expression: Expression, by: Letter) -> Expression:
    """Return the derivative of a formula by one of its letters.

    >>> from glassnet.core.expressions.dialects.text import text
    >>> from glassnet.core.expressions.tree import tanh
    >>> z = Letter("z")
    >>> text(derivative(z * tanh(2 * z), z))
    'tanh(2 z) + 2 z (1 - tanh(2 z)^2)'
    """
    return _derivative(_Simplifier(), without_shorthand(expression), by)


class _Simplifier:
    """Simplifies each shared part of a formula once: in a derivative, every factor occurs many times."""

    def __init__(self) -> None:
        self._done: dict[int, tuple[Expression, Expression]] = {}  # keeps the formula, so that its id is not reused

    def of(self, expression: Expression) -> Expression:
        if not expression.parts:
            return expression
        if id(expression) not in self._done:
            parts = tuple(map(self.of, expression.parts))
            is_new = any(new is not old for new, old in zip(parts, expression.parts))
            simple = _simple(expression.with_parts(parts) if is_new else expression)
            self._done[id(expression)] = expression, simple
            self._done[id(simple)] = simple, simple
        return self._done[id(expression)][1]


def _derivative(simplify: _Simplifier, expression: Expression, by: Letter) -> Expression:
    if isinstance(expression, Letter):
        if expression.name != by.name:
            return ZERO
        return ONE if expression.index == by.index else Same(expression.index, by.index)
    if isinstance(expression, Over):  # only the term of the sum with the index of `by` depends on it
        if expression.kind != "sum":
            raise TypeError("the largest of several has no derivative here")
        inner = _derivative(simplify, expression.body, Letter(by.name, expression.index))
        return replaced(inner, Letter(by.name, expression.index), by)
    if not isinstance(expression, Operation):
        return ZERO
    if expression.name == "where":
        condition, x, y = expression.operands
        return simplify.of(where(condition, _derivative(simplify, x, by), _derivative(simplify, y, by)))
    total: Expression = ZERO
    for slope, operand in zip(_slopes(expression, by), expression.operands, strict=True):
        inner = _derivative(simplify, operand, by)
        if inner != ZERO:
            total = simplify.of(total + simplify.of(_product(slope(), inner)))
    return total


def _product(slope: Expression, inner: Expression) -> Expression:
    return inner if slope == ONE else slope if inner == ONE else slope * inner


def _slopes(expression: Operation, by: Letter) -> list[Callable[[], Expression]]:
    """Return the derivative by each operand, as functions that are called only if needed."""
    x, *rest = expression.operands
    if expression.name in _OF_ONE:
        return [lambda: _OF_ONE[expression.name](x, expression)]
    if expression.name == "add":
        return [lambda: ONE] * len(expression.operands)
    y = rest[0]
    if expression.name in ("max", "min"):
        return _of_extreme(expression.name, x, y, by)
    if expression.name == "clip":
        low, high = rest
        return [
            lambda: where(x <= low, 0, where(x >= high, 0, 1)),
            lambda: where(x <= low, 1, 0),
            lambda: where(x <= low, 0, where(x >= high, 1, 0)),
        ]
    first, second = _OF_TWO[expression.name]
    return [lambda: first(x, y), lambda: second(x, y)]


def _of_extreme(name: str, x: Expression, y: Expression, by: Letter) -> list[Callable[[], Expression]]:
    """Where both are equal, the constant one counts: the slope of max(0, z) is 0 at 0."""
    varies = any(isinstance(part, Letter) and part.name == by.name for part in walk(y))
    chosen, other = (y, x) if varies else (x, y)
    wins = chosen > other if name == "max" else chosen < other
    of_chosen, of_other = (lambda: where(wins, 1, 0)), (lambda: where(wins, 0, 1))
    return [of_other, of_chosen] if varies else [of_chosen, of_other]


_OF_ONE: dict[str, Callable[[Expression, Expression], Expression]] = {
    "negative": lambda x, f: Number(-1),
    "exp": lambda x, f: f,
    "log": lambda x, f: 1 / x,
    "log1p": lambda x, f: 1 / (1 + x),
    "expm1": lambda x, f: exp(x),
    "sqrt": lambda x, f: 1 / (2 * sqrt(x)),
    "abs": lambda x, f: sign(x),
    "sign": lambda x, f: ZERO,
    "tanh": lambda x, f: 1 - f**2,
    "sin": lambda x, f: Operation("cos", (x,)),
    "cos": lambda x, f: -Operation("sin", (x,)),
    "atan": lambda x, f: 1 / (1 + x**2),
    "sigmoid": lambda x, f: f * (1 - f),
    "softplus": lambda x, f: Operation("sigmoid", (x,)),
}  # fmt: skip
_OF_TWO: dict[str, tuple[Callable[..., Expression], Callable[..., Expression]]] = {
    "subtract": (lambda x, y: ONE, lambda x, y: Number(-1)),
    "multiply": (lambda x, y: y, lambda x, y: x),
    "divide": (lambda x, y: 1 / y, lambda x, y: -x / y**2),
    "power": (lambda x, y: y * x ** simplified(y - 1), lambda x, y: x**y * log(x)),
    "xlogy": (lambda x, y: log(y), lambda x, y: x / y),
}


def simplified(expression: Expression) -> Expression:
    """Return a formula without additions of 0, products with 0 or 1, and operations on two numbers.

    >>> from glassnet.core.expressions.dialects.text import text
    >>> z = Letter("z")
    >>> text(simplified(0 + 1 * z - (-z) * (2 - 1)))
    'z + z'
    """
    return _Simplifier().of(expression)


def _simple(node: Expression) -> Expression:
    """Return a formula simplified at its root; its parts are already simple."""
    if not isinstance(node, Operation):
        return node
    if node.name == "where":
        return node.operands[1] if node.operands[1] == node.operands[2] else node
    if node.name == "add":
        return _simple_sum(node)
    simpler = _SIMPLER.get(node.name)
    return node if simpler is None else simpler(*node.operands)


def _simple_sum(node: Operation) -> Expression:
    terms = [term for term in node.operands if term != ZERO]
    if not terms:
        return ZERO
    if all(isinstance(term, Number) for term in terms):
        return Number(sum(term.value for term in terms if isinstance(term, Number)))
    total = terms[0]
    for term in terms[1:]:
        opposite = _opposite(term)
        total = total + term if opposite is None else total - opposite
    return total


def _opposite(term: Expression) -> Expression | None:
    """Return x for -x, and c x for (-c) x."""
    if isinstance(term, Number):
        return Number(-term.value) if term.value < 0 else None
    if isinstance(term, Operation) and term.name == "negative":
        return term.operands[0]
    if isinstance(term, Operation) and term.name in ("multiply", "divide"):
        first = _opposite(term.operands[0])
        return None if first is None else _SIMPLER[term.name](first, term.operands[1])
    return None


def _simple_difference(x: Expression, y: Expression) -> Expression:
    if isinstance(x, Number) and isinstance(y, Number):
        return Number(x.value - y.value)
    opposite = _opposite(y)
    if opposite is not None:
        return _simple(x + opposite)
    return x if y == ZERO else _simple_negative(y) if x == ZERO else x - y


def _simple_product(x: Expression, y: Expression) -> Expression:
    if ZERO in (x, y):
        return ZERO
    if isinstance(x, Number) and isinstance(y, Number):
        return Number(x.value * y.value)
    if ONE in (x, y):
        return y if x == ONE else x
    if isinstance(y, Number):  # numbers come first, multiplied into one
        x, y = y, x
    if isinstance(x, Number) and isinstance(y, Operation) and y.name == "multiply":
        first, second = y.operands
        if isinstance(first, Number):
            return _simple_product(Number(x.value * first.value), second)
    for one, other in ((x, y), (y, x)):
        if one == Number(-1):
            return _simple_negative(other)
        if isinstance(one, Operation) and one.name == "divide" and one.operands[0] == ONE:  # 1/x · y is y / x
            return _simple_quotient(other, one.operands[1])
        if isinstance(one, Operation) and one.name == "negative":
            return _simple_negative(_simple_product(*((one.operands[0], y) if one is x else (x, one.operands[0]))))
    if isinstance(y, Operation) and y.name == "multiply":  # from left to right, without parentheses
        return _simple_product(_simple_product(x, y.operands[0]), y.operands[1])
    return x * y


def _simple_quotient(x: Expression, y: Expression) -> Expression:
    return ZERO if x == ZERO else x if y == ONE else as_expression(x / y)


def _simple_power(x: Expression, y: Expression) -> Expression:
    return ONE if y == ZERO else x if y == ONE else x**y


def _simple_negative(x: Expression) -> Expression:
    if isinstance(x, Number):
        return Number(-x.value if x.value else 0)
    if isinstance(x, Operation) and x.name == "subtract":
        return _simple_difference(x.operands[1], x.operands[0])
    opposite = _opposite(x)
    return -x if opposite is None else opposite


_SIMPLER: dict[str, Callable[..., Expression]] = {
    "subtract": _simple_difference,
    "multiply": _simple_product,
    "divide": _simple_quotient,
    "power": _simple_power,
    "negative": _simple_negative,
}
