"""The nodes of a formula, and the operators and functions that build them.

>>> from glassnet.core.expressions.dialects.text import text
>>> z = Letter("z")
>>> text(1 / (1 + exp(-z)))
'1 / (1 + exp(-z))'
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass


class Expression:
    """A formula: a number, a letter, or an operation on formulas. Formulas are equal if written alike."""

    __slots__ = ()

    @property
    def parts(self) -> "tuple[Expression, ...]":
        """Its subformulas."""
        return ()

    def with_parts(self, parts: "tuple[Expression, ...]") -> "Expression":
        """Return the same node with other subformulas."""
        return self

    def __add__(self, other: "Expression | float") -> "Expression":
        terms = self.parts if isinstance(self, Operation) and self.name == "add" else (self,)
        return Operation("add", (*terms, as_expression(other)))

    def __radd__(self, other: float) -> "Expression":
        return as_expression(other) + self

    def __sub__(self, other: "Expression | float") -> "Expression":
        return Operation("subtract", (self, as_expression(other)))

    def __rsub__(self, other: float) -> "Expression":
        return as_expression(other) - self

    def __mul__(self, other: "Expression | float") -> "Expression":
        return Operation("multiply", (self, as_expression(other)))

    def __rmul__(self, other: float) -> "Expression":
        return as_expression(other) * self

    def __truediv__(self, other: "Expression | float") -> "Expression":
        return Operation("divide", (self, as_expression(other)))

    def __rtruediv__(self, other: float) -> "Expression":
        return as_expression(other) / self

    def __pow__(self, other: "Expression | float") -> "Expression":
        return Operation("power", (self, as_expression(other)))

    def __neg__(self) -> "Expression":
        return Operation("negative", (self,))

    def __abs__(self) -> "Expression":
        return Operation("abs", (self,))

    def __lt__(self, other: "Expression | float") -> "Expression":
        return Operation("less", (self, as_expression(other)))

    def __le__(self, other: "Expression | float") -> "Expression":
        return Operation("less_equal", (self, as_expression(other)))

    def __gt__(self, other: "Expression | float") -> "Expression":
        return Operation("greater", (self, as_expression(other)))

    def __ge__(self, other: "Expression | float") -> "Expression":
        return Operation("greater_equal", (self, as_expression(other)))


@dataclass(frozen=True, slots=True)
class Number(Expression):
    """A number written in the formula, such as 0.044715."""

    value: float


@dataclass(frozen=True, slots=True)
class Letter(Expression):
    """A quantity with a name of one or more letters; `index` is its position in a layer, such as j in z_j."""

    name: str
    index: str = ""


@dataclass(frozen=True, slots=True)
class Operation(Expression):
    """An operation or a function on its operands; "add" takes any number of them."""

    name: str
    operands: tuple[Expression, ...]

    @property
    def parts(self) -> tuple[Expression, ...]:
        """The operands."""
        return self.operands

    def with_parts(self, parts: tuple[Expression, ...]) -> Expression:
        """Return the same operation with other operands."""
        return Operation(self.name, parts)


@dataclass(frozen=True, slots=True)
class Over(Expression):
    """The sum or maximum of a formula over an index, or over the outputs if it has none.

    `kind` is "sum" or "max".
    """

    kind: str
    index: str
    body: Expression

    @property
    def parts(self) -> tuple[Expression, ...]:
        """The body."""
        return (self.body,)

    def with_parts(self, parts: tuple[Expression, ...]) -> Expression:
        """Return the same sum or maximum with another body."""
        return Over(self.kind, self.index, parts[0])


@dataclass(frozen=True, slots=True)
class Same(Expression):
    """1 if two indices are equal, else 0: Kronecker's delta, written [j = k]."""

    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Let(Expression):
    """A formula with shorthand letters and their meanings; each meaning may use the letters before it."""

    body: Expression
    meanings: tuple[tuple[Letter, Expression], ...]

    @property
    def parts(self) -> tuple[Expression, ...]:
        """The body, and the meanings in their order."""
        return (self.body, *(meaning for _, meaning in self.meanings))

    def with_parts(self, parts: tuple[Expression, ...]) -> Expression:
        """Return the same letters with another body and other meanings."""
        return Let(parts[0], tuple(zip((letter for letter, _ in self.meanings), parts[1:], strict=True)))

    def expanded(self) -> Expression:
        """Return the formula without shorthand."""
        body = self.body
        for letter, meaning in reversed(self.meanings):
            body = replaced(body, letter, meaning)
            others = {part.index for part in walk(body) if isinstance(part, Letter) and part.name == letter.name}
            for index in others:  # e_k, if e_j has a meaning
                body = replaced(body, Letter(letter.name, index), _counted(meaning, letter.index, index))
        return body


def as_expression(value: "Expression | float") -> Expression:
    """Return a formula unchanged, and a number as a formula."""
    return value if isinstance(value, Expression) else Number(value)


def letters(names: str) -> tuple[Letter, ...]:
    """Return the letters with these names: ``z, a = letters("z a")``; z_j is z with the index j.

    >>> letters("z_j m_hat")
    (Letter(name='z', index='j'), Letter(name='m_hat', index=''))
    """
    return tuple(Letter(name[:-2], name[-1]) if name[-2:-1] == "_" else Letter(name) for name in names.split())


FUNCTIONS = {
    "exp": 1, "log": 1, "log1p": 1, "expm1": 1, "sqrt": 1, "abs": 1, "sign": 1, "tanh": 1, "sin": 1, "cos": 1,
    "atan": 1, "sigmoid": 1, "softplus": 1, "max": 2, "min": 2, "clip": 3, "where": 3,
}  # fmt: skip
"""The functions allowed in formulas, with their numbers of arguments."""

COMPARISONS = {"less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">="}


def _function(name: str) -> Callable[..., Expression]:
    def make(*operands: "Expression | float") -> Expression:
        return Operation(name, tuple(map(as_expression, operands)))

    return make


exp, log, log1p, sqrt, sign, tanh = map(_function, ("exp", "log", "log1p", "sqrt", "sign", "tanh"))
largest, smallest, clip, where = map(_function, ("max", "min", "clip", "where"))


def over(kind: str, index: str, body: Expression) -> Expression:
    """Return the sum ("sum") or maximum ("max") of a formula over an index."""
    return Over(kind, index, body)


def let(body: Expression, **meanings: Expression) -> Expression:
    """Return a formula with shorthand: ``let(s + a * (1 - s), s=1 / (1 + exp(-z)))``."""
    return Let(body, tuple((Letter(name), meaning) for name, meaning in meanings.items()))


def walk(expression: Expression) -> Iterator[Expression]:
    """Yield a formula and all its subformulas."""
    yield expression
    for part in expression.parts:
        yield from walk(part)


def names_in(expression: Expression) -> list[str]:
    """Return the names of a formula's letters, each once, in order of appearance.

    >>> z, slope = letters("z slope")
    >>> names_in(where(z > 0, z, slope * z))
    ['z', 'slope']
    """
    return list(dict.fromkeys(part.name for part in walk(expression) if isinstance(part, Letter)))


def replaced(expression: Expression, old: Expression, new: Expression) -> Expression:
    """Return a formula with `old` replaced by `new`."""
    if expression == old:
        return new
    parts = tuple(replaced(part, old, new) for part in expression.parts)
    return expression.with_parts(parts) if parts != expression.parts else expression


def _counted(expression: Expression, old: str, new: str) -> Expression:
    """Return a formula of z_j as a formula of z_k."""
    if isinstance(expression, Letter):
        return Letter(expression.name, new) if expression.index == old else expression
    return expression.with_parts(tuple(_counted(part, old, new) for part in expression.parts))


def without_shorthand(expression: Expression) -> Expression:
    """Return a formula with all shorthand expanded."""
    return expression.expanded() if isinstance(expression, Let) else expression
