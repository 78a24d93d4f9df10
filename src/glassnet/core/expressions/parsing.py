"""Parses users' formulas, which are never executed as code.

Grammar, from lowest to highest precedence::

    formula    = sum ["if" comparison "else" formula]
    comparison = sum ("<" | "<=" | ">" | ">=") sum
    sum        = product (("+" | "-") product)*
    product    = signed (["*" | "·" | "/"] signed)*          juxtaposition is a product; from left to right
    signed     = "-" signed | power
    power      = atom ["^" signed]
    atom       = number | letter | function "(" formula, ... ")" | "(" formula ")" | "|" formula "|"
"""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, NoReturn

from glassnet.core.expressions.tree import COMPARISONS, FUNCTIONS, Expression, Letter, Number, Operation, where
from glassnet.errors import ParameterError

MAX_LENGTH = 1000
MAX_DEPTH = 40
"""Maximum nesting of operations; each level takes a few Python calls."""

_TOKEN = re.compile(r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)|(?P<word>[^\W\d]\w*)|<=|>=|\*\*|\S")
_SAME = {"·": "*", "×": "*", "−": "-", "**": "^", "≤": "<=", "≥": ">=", "÷": "/"}
_SIGNS = {sign: name for name, sign in COMPARISONS.items()}


def parse(text: Any, letters: Iterable[str], *, what: str = "the formula") -> Expression:
    """Return the tree of a formula in the given letters.

    Raises
    ------
    ParameterError
        If it is invalid; with the position, counted from 1.

    Examples
    --------
    >>> from glassnet.core.expressions.dialects.text import text
    >>> text(parse("log(1 + exp(z - 1)) - 0.08 z", ["z"]))
    'log(1 + exp(z - 1)) - 0.08 z'
    >>> parse("2 y", ["z"])
    Traceback (most recent call last):
    ...
    glassnet.errors.ParameterError: the formula '2 y': 'y' at position 3 is not known; its letters are: z.
    """
    if not isinstance(text, str) or not text.strip():
        raise ParameterError(f"{what} is {text!r}; expected a text such as 'log(1 + exp(z))'.")
    if len(text) > MAX_LENGTH:
        raise ParameterError(f"{what} has {len(text):,} characters; at most {MAX_LENGTH:,} are read.")
    return _Parser(text, tuple(letters), what).parse()


class _Parser:
    """A recursive-descent parser with one method per precedence level."""

    def __init__(self, text: str, letters: tuple[str, ...], what: str) -> None:
        self.text, self.letters, self.what = text, letters, what
        self.tokens = [(_kind(match), _SAME.get(match[0], match[0]), match.start()) for match in _TOKEN.finditer(text)]
        self.at = self.depth = 0
        self.bars = [False]
        self.depths: dict[int, int] = {}

    def parse(self) -> Expression:
        tree = self.formula()
        if self.kind() != "end":
            self.fail("was not expected here; an operator such as + or * was")
        return tree

    def formula(self) -> Expression:
        self.deeper()
        value = self.sum()
        if self.word() == "if":
            self.at += 1
            condition = self.comparison()
            if self.word() != "else":
                self.fail("was not expected here; 'else' was")
            self.at += 1
            value = where(condition, value, self.formula())
        self.depth -= 1
        return value

    def comparison(self) -> Expression:
        left, sign = self.sum(), self.kind()
        if sign not in _SIGNS:
            self.fail("was not expected here; a comparison such as z > 0 was")
        self.at += 1
        return Operation(_SIGNS[sign], (left, self.sum()))

    def sum(self) -> Expression:
        value, n_terms = self.product(), 0
        while (sign := self.kind()) in ("+", "-"):
            self.count(n_terms := n_terms + 1)
            self.at += 1
            value = value + self.product() if sign == "+" else value - self.product()
        return value

    def product(self) -> Expression:
        value, n_factors = self.signed(), 0
        while True:
            sign = self.kind()
            if sign not in ("*", "/") and not self.is_beside():
                return value
            self.count(n_factors := n_factors + 1)
            self.at += sign in ("*", "/")
            value = value / self.signed() if sign == "/" else value * self.signed()

    def is_beside(self) -> bool:
        """Whether a factor follows without an operator; numbers only come first, so that "0. 5" is not 0 times 5."""
        kind = self.kind()
        if kind == "word":
            return self.word() not in ("if", "else")
        return kind == "(" or (kind == "|" and not self.bars[-1])

    def signed(self) -> Expression:
        if self.kind() not in ("-", "+"):
            return self.power()
        is_minus = self.kind() == "-"
        self.at += 1
        self.deeper()
        value = self.signed()
        self.depth -= 1
        if not is_minus:
            return value
        return Number(-value.value) if isinstance(value, Number) else -value

    def power(self) -> Expression:
        base = self.atom()
        if self.kind() != "^":
            return base
        self.at += 1
        self.deeper()
        exponent = self.signed()
        self.depth -= 1
        return base**exponent

    def atom(self) -> Expression:
        kind = self.kind()
        if kind == "number":
            return self.number()
        if kind == "word" and self.word() not in ("if", "else"):
            return self.named()
        if kind == "(":
            return self.enclosed(")", is_bar=False)
        if kind == "|":
            return Operation("abs", (self.enclosed("|", is_bar=True),))
        self.fail("was not expected here; a number, a letter, a function or '(' was")

    def number(self) -> Number:
        value = float(self.tokens[self.at][1])
        if value in (float("inf"), -float("inf")):
            self.fail("is too large for a number")
        self.at += 1
        return Number(int(value) if value.is_integer() and abs(value) < 1e15 else value)

    def named(self) -> Expression:
        name = self.word()
        if name in self.letters:
            self.at += 1
            return Letter(name)
        if name not in FUNCTIONS:
            near = get_close_matches(name, [*self.letters, *FUNCTIONS], n=1, cutoff=0.6)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            self.fail(f"is not known; its letters are: {', '.join(self.letters)}.{hint}", end="")
        start = self.at
        self.at += 1
        if self.kind() != "(":
            self.at = start
            self.fail(f"is a function; write {name}(...)")
        operands = self.arguments(name)
        if len(operands) != FUNCTIONS[name]:
            self.at = start
            self.fail(f"takes {FUNCTIONS[name]} argument{'s' * (FUNCTIONS[name] > 1)}, but has {len(operands)}")
        return Operation(name, tuple(operands))

    def arguments(self, name: str) -> list[Expression]:
        """Return the arguments of a function; "where" begins with a comparison."""
        opening = self.at
        self.at += 1
        self.bars.append(False)
        operands = [self.comparison() if name == "where" else self.formula()]
        while self.kind() == ",":
            self.at += 1
            operands.append(self.formula())
        self.close(")", opening)
        return operands

    def enclosed(self, closing: str, *, is_bar: bool) -> Expression:
        opening = self.at
        self.at += 1
        self.bars.append(is_bar)
        value = self.formula()
        self.close(closing, opening)
        return value

    def close(self, sign: str, opening: int) -> None:
        if self.kind() == "end":
            self.at = opening
            self.fail("is never closed")
        if self.kind() != sign:
            self.fail(f"was not expected here; an operator or {sign!r} was")
        self.bars.pop()
        self.at += 1

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"is nested in more than {MAX_DEPTH} operations; try a simpler formula")

    def count(self, n: int) -> None:
        if n > MAX_DEPTH:
            self.fail(f"joins more than {MAX_DEPTH} terms or factors; try a simpler formula")

    def kind(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else "end"

    def word(self) -> str:
        return self.tokens[self.at][1] if self.kind() == "word" else ""

    def fail(self, problem: str, end: str = ".") -> NoReturn:
        if self.kind() == "end":
            raise ParameterError(
                f"{self.what} {self.text!r} ends too early: a number, a letter, a function or '(' was expected."
            )
        _, shown, position = self.tokens[self.at]
        raise ParameterError(f"{self.what} {self.text!r}: {shown!r} at position {position + 1} {problem}{end}")


def _kind(match: re.Match[str]) -> str:
    return match.lastgroup or _SAME.get(match[0], match[0])
