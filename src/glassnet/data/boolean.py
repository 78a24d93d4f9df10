"""Boolean functions as data: parses an expression and computes its truth table."""

import re
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias

import numpy as np

from glassnet.data.table import Table
from glassnet.errors import ExpressionError
from glassnet.typing import Array

MAX_VARIABLES = 16
MAX_DEPTH = 40
"""Maximum nesting of parentheses; each level takes a few Python calls."""

Node: TypeAlias = tuple[Any, ...]
"""("var", name), ("const", 0 or 1), ("not", node), ("and" | "xor" | "or", node, node, ...)."""

_OPERATORS = {
    **dict.fromkeys(("+", "|", "||", "or", "∨"), "or"),
    **dict.fromkeys(("^", "xor", "⊕"), "xor"),
    **dict.fromkeys(("*", "&", "&&", "and", "∧", "·"), "and"),
    **dict.fromkeys(("~", "!", "not", "¬"), "not"),
    **dict.fromkeys(("'", "’", "′"), "prime"),
    "(": "(",
    ")": ")",
}
_TOKEN = re.compile(r"[A-Za-z]+|_?[0-9]+|&&|\|\||\S")
_SIGNS = {"or": " + ", "xor": " ^ ", "and": "*"}
_BINDING = {"or": 0, "xor": 1, "and": 2}


@dataclass(frozen=True, eq=False)
class TruthTable:
    """All combinations of the variables, with the function's values.

    Parameters
    ----------
    expression : str
        In normal form: ``*``, ``+``, ``^``, ``~`` and only the required parentheses.
    variables : tuple of str
        In alphabetical order, x2 before x10.
    X : array of shape (2**n_variables, n_variables)
        0 and 1 in counting order, the first variable slowest; float64.
    F : array of shape (2**n_variables,)
        The function's values, 0 and 1; float64.
    """

    expression: str
    variables: tuple[str, ...]
    X: Array
    F: Array

    def to_table(self) -> Table:
        """Return the variables and the column F as a `Table`."""
        return Table((*self.variables, "F"), (*self.X.T, self.F))

    def to_text(self) -> str:
        """Return the table for a terminal.

        >>> print(truth_table("x*y").to_text())
        x y | F      F = x*y
        0 0 | 0
        0 1 | 0
        1 0 | 0
        1 1 | 1
        """
        widths = [len(name) for name in self.variables]
        header = " ".join(self.variables) + f" | F      F = {self.expression}"
        return "\n".join([header, *(_line(bits, value, widths) for bits, value in zip(self.X, self.F, strict=True))])

    def to_csv(self) -> str:
        r"""Return the table as CSV.

        >>> truth_table("~x").to_csv()
        'x,F\n0,1\n1,0\n'
        """
        rows = [(*self.variables, "F"), *(map(int, (*bits, value)) for bits, value in zip(self.X, self.F, strict=True))]
        return "".join(",".join(map(str, row)) + "\n" for row in rows)


def _line(bits: Array, value: float, widths: list[int]) -> str:
    cells = " ".join(f"{int(bit):>{width}}" for bit, width in zip(bits, widths, strict=True))
    return f"{cells} | {int(value)}"


def truth_table(expression: str) -> TruthTable:
    """Return the truth table of a Boolean expression.

    The operators are, by decreasing precedence: not (``'`` after or ``~ ! not`` before the operand), and (``* & and``
    or juxtaposition), xor (``^ xor``), or (``+ | or``). 0 and 1 are constants. Adjacent letters are a product,
    ``xy`` = ``x*y``, unless they spell and, or, not, xor (in any case); a letter with a number, ``x1`` or ``x_1``, is
    one variable.

    Parameters
    ----------
    expression : str
        An expression with at most 16 variables.

    Returns
    -------
    TruthTable
        ``.X`` has one row per combination of the variables, ``.F`` the function's values.

    Raises
    ------
    ExpressionError
        If the expression is invalid, or has no variables or too many.

    Examples
    --------
    >>> table = truth_table("xy + z'")
    >>> table.expression, table.variables
    ('x*y + ~z', ('x', 'y', 'z'))
    >>> table.F.astype(int).tolist()
    [1, 0, 1, 0, 1, 0, 1, 1]
    """
    node = _Parser(expression).parse()
    variables = tuple(sorted(_variables(node), key=_natural))
    if not variables:
        raise ExpressionError(f"{expression!r} has no variable, so it has no table; try something like 'x*y + ~z'.")
    if len(variables) > MAX_VARIABLES:
        raise ExpressionError(
            f"the expression has {len(variables)} variables, but at most {MAX_VARIABLES} are tabulated; words "
            f"are read as "
            "products of their letters, so try single letters or x1, x2, ..."
        )
    n = len(variables)
    bits = np.arange(2**n)[:, None] >> np.arange(n - 1, -1, -1) & 1  # (2**n, n)
    values = _evaluate(node, {name: bits[:, k].astype(bool) for k, name in enumerate(variables)})
    F = np.broadcast_to(np.asarray(values), (2**n,)).astype(np.float64)
    return TruthTable(_written(node), variables, bits.astype(np.float64), F)


class _Parser:
    """A recursive-descent parser with one method per precedence level; positions in messages count from 1."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.at = 0
        self.depth = 0

    def parse(self) -> Node:
        if not self.tokens:
            raise ExpressionError("the expression is empty; try something like 'x*y + ~z'.")
        node = self.level("or")
        if self.at < len(self.tokens):
            self.fail("has no opening parenthesis")  # any other token continues an operand
        return node

    def level(self, operator: str) -> Node:
        """Parse operands joined by `operator`; "and" needs no sign."""
        operands = [self.operand(operator)]
        while self.kind() == operator or (operator == "and" and self.kind() in ("var", "const", "not", "(")):
            self.at += self.kind() == operator
            operands.append(self.operand(operator))
        return operands[0] if len(operands) == 1 else (operator, *operands)

    def operand(self, operator: str) -> Node:
        return self.negated() if operator == "and" else self.level({"or": "xor", "xor": "and"}[operator])

    def negated(self) -> Node:
        negations = 0
        while self.kind() == "not":
            negations += 1
            self.at += 1
        node = self.atom()
        while self.kind() == "prime":
            negations += 1
            self.at += 1
        if negations % 2 == 0:
            return node
        inner: Node = node[1] if node[0] == "not" else ("not", node)  # two negations cancel
        return inner

    def atom(self) -> Node:
        kind = self.kind()
        if kind == "(":
            return self.parenthesized()
        if kind not in ("var", "const"):
            self.fail("was not expected here: a variable, 0, 1 or '(' was")
        node: Node = self.tokens[self.at][:2]
        self.at += 1
        return node

    def parenthesized(self) -> Node:
        opening = self.at
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"opens parenthesis {self.depth} inside others, but at most {MAX_DEPTH} are read")
        self.at += 1
        node = self.level("or")
        if self.kind() == "end":
            self.at = opening
            self.fail("is never closed")
        self.at += 1
        self.depth -= 1
        return node

    def kind(self) -> str:
        return str(self.tokens[self.at][0]) if self.at < len(self.tokens) else "end"

    def fail(self, what: str) -> NoReturn:
        if self.at >= len(self.tokens):
            raise ExpressionError(
                f"the expression {self.text!r} ends too early: a variable, 0, 1 or '(' was expected; try completing it."
            )
        position = self.tokens[self.at][2]
        raise ExpressionError(f"{self.text[position]!r} at position {position + 1} of {self.text!r} {what}.")


def _tokens(text: str) -> list[tuple[str, Any, int]]:
    """Return (kind, value, position) of each token; each letter of a word is a variable."""
    tokens: list[tuple[str, Any, int]] = []
    for match in _TOKEN.finditer(text):
        word, start = match.group(), match.start()
        if word.lower() in _OPERATORS:
            tokens.append((_OPERATORS[word.lower()], word, start))
        elif word[0].isascii() and word.isalpha():
            tokens += [("var", letter, start + k) for k, letter in enumerate(word)]
        elif tokens and tokens[-1][0] == "var" and tokens[-1][2] + 1 == start and word[-1].isdigit():
            tokens[-1] = ("var", tokens[-1][1] + word, tokens[-1][2])
        elif word in ("0", "1"):
            tokens.append(("const", int(word), start))
        else:
            raise ExpressionError(
                f"{word!r} at position {start + 1} of {text!r} means nothing here; expected letters, 0, 1, "
                f"parentheses and "
                "+ * ~ ' ! & | ^ and or not xor."
            )
    return tokens


def _variables(node: Node) -> set[str]:
    if node[0] in ("var", "const"):
        return {node[1]} if node[0] == "var" else set()
    return set().union(*(_variables(child) for child in node[1:]))


def _natural(name: str) -> tuple[str, int, str]:
    return name[0].lower(), int(name[1:].lstrip("_") or -1), name


def _evaluate(node: Node, values: dict[str, Array]) -> Any:
    kind, *rest = node
    if kind == "var":
        return values[rest[0]]
    if kind == "const":
        return np.bool_(rest[0])
    operands = [_evaluate(child, values) for child in rest]
    if kind == "not":
        return ~operands[0]
    combine = {"and": np.logical_and, "or": np.logical_or, "xor": np.logical_xor}[kind]
    result = operands[0]
    for operand in operands[1:]:
        result = combine(result, operand)
    return result


def _written(node: Node, binding: int = -1) -> str:
    """Return a node in normal form, in parentheses if its precedence is lower than that of its parent."""
    kind, *rest = node
    if kind in ("var", "const"):
        return str(rest[0])
    if kind == "not":
        return "~" + _written(rest[0], 3)
    text = _SIGNS[kind].join(_written(child, _BINDING[kind]) for child in rest)
    return f"({text})" if _BINDING[kind] < binding else text
