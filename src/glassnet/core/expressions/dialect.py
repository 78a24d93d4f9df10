"""The base class of all notations of formulas. A dialect overrides what it writes differently."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from glassnet.core.expressions.signs import Applied, Name, Partial, Phrase, Value
from glassnet.core.expressions.tree import COMPARISONS, Expression, Let, Letter, Number, Operation, Over, Same, exp, log

LET, CONDITION, COMPARISON, SUM, SIGN, PRODUCT, OVER, POWER, ATOM = range(9)
"""Precedence levels, from loosest to tightest."""

GREEK = {
    "eta": "η", "mu": "μ", "rho": "ρ", "beta": "β", "epsilon": "ε", "delta": "δ", "alpha": "α", "theta": "θ",
    "lambda": "λ", "sigma": "σ", "pi": "π", "weight_decay": "λ",
}  # fmt: skip
"""Letters and words written as one sign."""


class Dialect:
    """Writes formulas; each method named after an operation returns its notation.

    Operands get parentheses if their precedence is lower than that of their surroundings.
    """

    plus, minus, prefix = " + ", " - ", "-"
    comparisons: ClassVar[Mapping[str, str]] = {name: f" {sign} " for name, sign in COMPARISONS.items()}

    levels: ClassVar[Mapping[str, float]] = {
        "where": CONDITION, "less": COMPARISON, "less_equal": COMPARISON, "greater": COMPARISON,
        "greater_equal": COMPARISON, "add": SUM, "subtract": SUM, "negative": SIGN, "multiply": PRODUCT,
        "xlogy": PRODUCT, "divide": PRODUCT, "power": POWER,
    }  # fmt: skip

    def write(self, expression: Expression) -> str:
        """Return a whole formula."""
        return self.at(expression, LET)

    def at(self, expression: Expression, level: float) -> str:
        """Return a formula, in parentheses if its precedence is below `level`."""
        text = self.spell(expression)
        return self.enclosed(text) if self.level(expression) < level else text

    def level(self, expression: Expression) -> float:
        """Return the precedence of a formula."""
        if isinstance(expression, (Number, Value)):
            return SIGN if expression.value < 0 else ATOM
        if isinstance(expression, Operation):
            return self.levels.get("divide" if expression.name == "sigmoid" else expression.name, ATOM)
        return {Let: LET, Over: OVER, Phrase: SIGN}.get(type(expression), ATOM)

    def spell(self, expression: Expression) -> str:
        """Return a formula without parentheses around it."""
        if isinstance(expression, Operation):
            if expression.name in COMPARISONS:
                return self.comparisons[expression.name].join(self.at(side, SUM) for side in expression.operands)
            own = getattr(self, expression.name, None)
            return str(own(*expression.operands)) if own else self.call(expression.name, *expression.operands)
        spell: dict[type, Callable[[Any], str]] = {
            Number: self.number, Value: self.value, Letter: self.letter, Name: self.name, Partial: self.partial,
            Over: self.over, Same: self.same, Let: self.let, Phrase: self.phrase,
            Applied: self.applied,
        }  # fmt: skip
        return spell[type(expression)](expression)

    def enclosed(self, text: str) -> str:
        """Return a text in parentheses."""
        return f"({text})"

    def call(self, name: str, *operands: Expression) -> str:
        """Return a function call."""
        return f"{name}({', '.join(map(self.write, operands))})"

    def terms(self, first: Expression, *others: Expression) -> list[str]:
        """Return the terms of a sum, each with its sign; terms that begin with a minus are subtracted."""
        texts = [self.at(first, SUM)]
        for term in others:
            is_less = leads_negative(term)
            own = self.at(opposite(term), PRODUCT) if is_less else self.at(term, SIGN)
            texts.append(f"{self.minus if is_less else self.plus}{own}")
        return texts

    def add(self, *terms: Expression) -> str:
        """Return a sum."""
        return "".join(self.terms(*terms))

    def subtract(self, x: Expression, y: Expression) -> str:
        """Return ``x - y``."""
        right = self.enclosed(self.spell(y)) if leads_negative(y) else self.at(y, SIGN)
        return f"{self.at(x, SUM)}{self.minus}{right}"

    def negative(self, x: Expression) -> str:
        """Return ``-x``."""
        return f"{self.prefix}{self.enclosed(self.spell(x)) if leads_negative(x) else self.at(x, PRODUCT)}"

    def multiply(self, x: Expression, y: Expression) -> str:
        """Return a product."""
        raise NotImplementedError

    def divide(self, x: Expression, y: Expression) -> str:
        """Return a quotient."""
        raise NotImplementedError

    def xlogy(self, x: Expression, y: Expression) -> str:
        """Return ``x log(y)``."""
        return self.multiply(x, log(y))

    def sigmoid(self, x: Expression) -> str:
        """Return the sigmoid, written out."""
        return self.divide(Number(1), 1 + exp(negated(x)))

    def softplus(self, x: Expression) -> str:
        """Return softplus, written out."""
        return self.call("log", 1 + exp(x))

    def number(self, node: Number) -> str:
        """Return a number of a formula."""
        raise NotImplementedError

    def value(self, node: Value) -> str:
        """Return a substituted number."""
        return self.number(Number(node.value))

    def letter(self, node: Letter) -> str:
        """Return a letter."""
        raise NotImplementedError

    def over(self, node: Over) -> str:
        """Return a sum or maximum over an index."""
        raise NotImplementedError

    def name(self, node: Name) -> str:
        """Return the name of a quantity."""
        raise NotImplementedError

    def partial(self, node: Partial) -> str:
        """Return a partial derivative."""
        raise NotImplementedError

    def same(self, node: Same) -> str:
        """Return Kronecker's delta."""
        raise NotImplementedError

    def let(self, node: Let) -> str:
        """Return a formula with its shorthand."""
        raise NotImplementedError

    def phrase(self, node: Phrase) -> str:
        """Return words around a formula."""
        raise NotImplementedError

    def applied(self, node: Applied) -> str:
        """Return a function known only by name."""
        return f"{self.name(Name(node.function))}{self.enclosed(self.write(node.argument))}"


def leads_negative(expression: Expression) -> bool:
    """Whether a formula begins with a minus, as ``-0.5·a`` does."""
    if isinstance(expression, (Number, Value)):
        return expression.value < 0
    if isinstance(expression, Operation) and expression.name in ("multiply", "divide", "xlogy"):
        return leads_negative(expression.operands[0])
    return isinstance(expression, Operation) and expression.name == "negative"


def opposite(expression: Expression) -> Expression:
    """Return a formula without its leading minus."""
    if isinstance(expression, Number):
        return Number(-expression.value)
    if isinstance(expression, Value):
        return Value(-expression.value, expression.shown.removeprefix("-"))
    assert isinstance(expression, Operation)
    if expression.name == "negative":
        return expression.operands[0]
    return Operation(expression.name, (opposite(expression.operands[0]), *expression.operands[1:]))


def negated(expression: Expression) -> Expression:
    """Return -x as it is written: y - x for x - y, and x for -x."""
    if isinstance(expression, Operation) and expression.name == "subtract":
        return Operation("subtract", expression.operands[::-1])
    return opposite(expression) if leads_negative(expression) else -expression


def is_put_in(expression: Expression) -> bool:
    """Whether a formula contains a substituted number."""
    return isinstance(expression, (Value, Name)) or any(map(is_put_in, expression.parts))


def parts_of_letter(name: str) -> tuple[str, str, str]:
    """Return a letter's sign, its subscript, and its accent: ("m", "", "hat"), ("u", "old", "").

    >>> parts_of_letter("beta1"), parts_of_letter("W1,6"), parts_of_letter("v_hat"), parts_of_letter("weight_decay")
    (('β', '1', ''), ('W', '1,6', ''), ('v', '', 'hat'), ('λ', '', ''))
    """
    if name in GREEK:
        return GREEK[name], "", ""
    for ending in ("hat", "old"):
        if name.endswith(f"_{ending}"):
            sign = name.removesuffix(f"_{ending}")
            return GREEK.get(sign, sign), *(("", "hat") if ending == "hat" else ("old", ""))
    sign = name.rstrip("0123456789,")
    return (GREEK.get(sign, sign), name[len(sign) :], "") if sign else (name, "", "")
