"""What LaTeX and MathML share: fractions, exponents and cases stand above each other, numbers have powers of 10."""

from collections.abc import Callable, Mapping
from typing import ClassVar

from glassnet.core.expressions.dialect import ATOM, OVER, Dialect
from glassnet.core.expressions.dialects.text import text
from glassnet.core.expressions.signs import Value
from glassnet.core.expressions.tree import Expression, Number, Operation


class Typeset(Dialect):
    """`escape` is how names of people are written in the language."""

    levels: ClassVar[Mapping[str, float]] = {**Dialect.levels, "where": ATOM, "divide": OVER}

    def __init__(self, escape: Callable[[str], str]) -> None:
        self.escape = escape

    def digits(self, shown: str) -> str:
        """Return a number that text shows like this, such as ``-1.5e-07``."""
        raise NotImplementedError

    def number(self, node: Number) -> str:
        """A number as in text, with its power of ten."""
        return self.digits(text(node))

    def value(self, node: Value) -> str:
        """A number as it is to be shown."""
        return self.digits(text(node))

    def base(self, x: Expression) -> str:
        """Return what an exponent stands at: a function in parentheses, which |x| and roots do not need."""
        is_call = isinstance(x, Operation) and x.name not in ("abs", "sqrt")
        return self.enclosed(self.spell(x)) if is_call else self.at(x, ATOM)

    def cases(self, condition: Expression, x: Expression, y: Expression) -> tuple[list[tuple[str, str]], str]:
        """Return each value with its condition, and the value where none holds; cases within y are further ones."""
        rows = [(self.write(x), self.spell(condition))]
        while isinstance(y, Operation) and y.name == "where":
            rows.append((self.write(y.operands[1]), self.spell(y.operands[0])))
            y = y.operands[2]
        return rows, self.write(y)
