"""Formulas as plain text, for tables and for explanations in a terminal or Markdown."""

from glassnet.core.expressions.dialect import (
    ATOM,
    CONDITION,
    LET,
    OVER,
    SIGN,
    SUM,
    Dialect,
    is_put_in,
)
from glassnet.core.expressions.signs import Name, Partial, Phrase, Value
from glassnet.core.expressions.tree import Expression, Let, Letter, Number, Operation, Over, Same, log

DIGITS = 6


class Text(Dialect):
    """One line of text. In tables, products are juxtaposed, ``2 (o - t)``, as in users' formulas."""

    dot = " "

    def write(self, expression: Expression) -> str:
        """Return a whole formula; a product has spaces around its dots."""
        factors = _factors(expression)
        if len(factors) > 1 and self._dot(expression) == "·":
            first, *rest = (self.at(factor, SIGN if i == 0 else OVER) for i, factor in enumerate(factors))
            return " · ".join([first, *rest])
        return super().write(expression)

    def call(self, name: str, *operands: Expression) -> str:
        """``exp(x)``."""
        return f"{name}({', '.join(self.at(operand, LET) for operand in operands)})"

    def number(self, node: Number) -> str:
        """Return a number in six significant digits."""
        text = f"{node.value:.{DIGITS}g}"
        return "0" if text == "-0" else text

    def value(self, node: Value) -> str:
        """Return a number as it is shown."""
        return node.shown or self.number(Number(node.value))

    def letter(self, node: Letter) -> str:
        """Return a letter by its name."""
        return f"{node.name}_{node.index}" if node.index else node.name

    def name(self, node: Name) -> str:
        """Return a name as it is."""
        return node.name

    def partial(self, node: Partial) -> str:
        """Return ``∂E/∂a``."""
        return f"∂{self.spell(node.above)}/∂{self.spell(node.below)}"

    def multiply(self, x: Expression, y: Expression) -> str:
        """Juxtaposed, or with a dot if numbers were substituted."""
        right = self.at(y, OVER)
        if _is_turn(Operation("multiply", (x, y))):
            return f"{self.spell(x)}{right}"
        dot = "·" if right[0].isdigit() else self._dot(Operation("multiply", (x, y)))
        return f"{self.at(x, SIGN)}{dot}{right}"

    def divide(self, x: Expression, y: Expression) -> str:
        """``x / y``, or ``z/2`` if short."""
        is_short = isinstance(y, Number) and isinstance(x, (Letter, Number, Value))
        return f"{self.at(x, SIGN)}{'/' if is_short else ' / '}{self.at(y, OVER)}"

    def power(self, x: Expression, y: Expression) -> str:
        """``x^y``."""
        return f"{self.at(x, ATOM)}^{self.at(y, ATOM)}"

    def abs(self, x: Expression) -> str:
        """``|x|``."""
        return f"|{self.at(x, LET)}|"

    def where(self, condition: Expression, x: Expression, y: Expression) -> str:
        """``x if condition else y``."""
        return f"{self.at(x, CONDITION + 1)} if {self.spell(condition)} else {self.at(y, CONDITION)}"

    def over(self, node: Over) -> str:
        """``sum_k exp(z_k)``."""
        return f"{node.kind}{f'_{node.index}' if node.index else ''} {self.at(node.body, SIGN)}"

    def same(self, node: Same) -> str:
        """``[j = k]``."""
        return f"[{node.first} = {node.second}]"

    def let(self, node: Let) -> str:
        """``s + a (1 - s) with s = ...``."""
        meanings = ", ".join(f"{self.spell(letter)} = {self.at(meaning, LET)}" for letter, meaning in node.meanings)
        return f"{self.write(node.body)} with {meanings}"

    def phrase(self, node: Phrase) -> str:
        """Words and formulas in a row."""
        return " ".join(piece if isinstance(piece, str) else self.at(piece, SUM) for piece in node.pieces)

    def level(self, expression: Expression) -> float:
        """2π binds like a single letter."""
        return OVER if _is_turn(expression) else super().level(expression)

    def _dot(self, product: Expression) -> str:
        return "·" if is_put_in(product) else self.dot


class Written(Text):
    """The text of explanations: Greek letters, and dots in all products."""

    dot = "·"

    def letter(self, node: Letter) -> str:
        """Return a letter, in Greek if it has a Greek sign."""
        name = _SHORT.get(node.name, node.name)
        return f"{name}_{node.index}" if node.index else name


_PI = Letter("pi")
_SHORT = {
    "eta": "η", "mu": "μ", "rho": "ρ", "beta1": "β1", "beta2": "β2", "epsilon": "ε", "weight_decay": "λ", "pi": "π",
}  # fmt: skip


def _is_turn(expression: Expression) -> bool:
    """Whether a formula is a number times π."""
    if not isinstance(expression, Operation) or expression.name != "multiply":
        return False
    x, y = expression.operands
    return isinstance(x, Number) and y == _PI


def _factors(expression: Expression) -> tuple[Expression, ...]:
    """Return the factors of a product from left to right."""
    if isinstance(expression, Operation) and expression.name in ("multiply", "xlogy") and not _is_turn(expression):
        x, y = expression.operands
        return (*_factors(x), y if expression.name == "multiply" else log(y))
    return (expression,)


_TEXT, _WRITTEN = Text(), Written()


def text(expression: Expression) -> str:
    """Return a formula as shown in tables and read by `parse`.

    >>> from glassnet.core.expressions.tree import letters, where
    >>> z, slope = letters("z slope")
    >>> text(where(z > 0, z, slope * z))
    'z if z > 0 else slope z'
    """
    return _TEXT.write(expression)


def written(expression: Expression, level: float = LET) -> str:
    """Return a formula as explanations show it; within a sum (``level=SUM``), without spaces around its dots.

    >>> from glassnet.core.expressions.tree import letters
    >>> a, eta = letters("a eta")
    >>> written(a * (1 - a)), written(a - eta * Value(-0.5))
    ('a · (1 - a)', 'a - η·(-0.5)')
    """
    return _WRITTEN.write(expression) if level == LET else _WRITTEN.at(expression, level)
