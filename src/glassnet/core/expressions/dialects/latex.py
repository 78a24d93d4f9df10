"""Formulas in TeX, for math mode."""

from collections.abc import Mapping
from typing import ClassVar

from glassnet.core.expressions.dialect import LET, OVER, SIGN, SUM, is_put_in, parts_of_letter
from glassnet.core.expressions.dialects.typeset import Typeset
from glassnet.core.expressions.signs import Name, Partial, Phrase
from glassnet.core.expressions.tree import Expression, Let, Letter, Over, Same

_GREEK = {
    "η": r"\eta", "μ": r"\mu", "ρ": r"\rho", "β": r"\beta", "ε": r"\varepsilon", "δ": r"\delta", "α": r"\alpha",
    "θ": r"\theta", "λ": r"\lambda", "σ": r"\sigma", "π": r"\pi",
}  # fmt: skip
_FUNCTIONS = {"exp": r"\exp", "log": r"\log", "tanh": r"\tanh", "sin": r"\sin", "cos": r"\cos", "atan": r"\arctan",
              "max": r"\max", "min": r"\min"}  # fmt: skip


class Latex(Typeset):
    """`escape` is how names of people are written in TeX."""

    comparisons: ClassVar[Mapping[str, str]] = {
        "less": " < ", "less_equal": r" \le ", "greater": " > ", "greater_equal": r" \ge ",
    }  # fmt: skip

    def enclosed(self, text: str) -> str:
        """Parentheses as high as what they enclose, where that is higher than a line."""
        return rf"\left({text}\right)" if r"\frac" in text or r"\begin" in text else f"({text})"

    def call(self, name: str, *operands: Expression) -> str:
        """A function of its arguments, with the sign that TeX has for it."""
        function = _FUNCTIONS.get(name, rf"\operatorname{{{name}}}")
        return f"{function}{self.enclosed(', '.join(map(self.write, operands)))}"

    def digits(self, shown: str) -> str:
        r"""``-1.5 \times 10^{-7}``."""
        mantissa, e, exponent = shown.partition("e")
        return rf"{mantissa} \times 10^{{{int(exponent)}}}" if e else shown.replace("inf", r"\infty")

    def letter(self, node: Letter) -> str:
        """One letter in italics, more upright, with what stands below it."""
        sign, below, above = parts_of_letter(node.name)
        spelled = _GREEK.get(sign) or (sign if len(sign) == 1 and sign.isascii() else self._word(sign))
        if above:
            spelled = rf"\hat {spelled}"
        below = rf"\text{{{below}}}" if below.isalpha() else below + node.index
        return f"{spelled}_{{{below}}}" if below else spelled

    def name(self, node: Name) -> str:
        """Upright."""
        return rf"\text{{{self.escape(node.name)}}}"

    def _word(self, sign: str) -> str:
        return rf"\mathrm{{{self.escape(sign)}}}" if sign.isascii() else rf"\text{{{self.escape(sign)}}}"

    def partial(self, node: Partial) -> str:
        """A fraction."""
        return rf"\frac{{\partial {self.spell(node.above)}}}{{\partial {self.spell(node.below)}}}"

    def multiply(self, x: Expression, y: Expression) -> str:
        r"""Side by side; ``\cdot`` where numbers were put in."""
        right = self.at(y, OVER)
        dot = r" \cdot " if is_put_in(x) or is_put_in(y) or right[0].isdigit() else r"\,"
        return f"{self.at(x, SIGN)}{dot}{right}"

    def divide(self, x: Expression, y: Expression) -> str:
        r"""``\frac{x}{y}``."""
        return rf"\frac{{{self.write(x)}}}{{{self.write(y)}}}"

    def power(self, x: Expression, y: Expression) -> str:
        """``x^{y}``."""
        return f"{{{self.base(x)}}}^{{{self.write(y)}}}"

    def sqrt(self, x: Expression) -> str:
        """A root."""
        return rf"\sqrt{{{self.write(x)}}}"

    def abs(self, x: Expression) -> str:
        """``|x|``."""
        return rf"\left|{self.write(x)}\right|"

    def where(self, condition: Expression, x: Expression, y: Expression) -> str:
        """The cases below each other."""
        cases, last = self.cases(condition, x, y)
        rows = r" \\ ".join([*(f"{value} & {holds}" for value, holds in cases), rf"{last} & \text{{else}}"])
        return rf"\begin{{cases}}{rows}\end{{cases}}"

    def over(self, node: Over) -> str:
        r"""``\sum_k``."""
        sign = r"\sum" if node.kind == "sum" else r"\max"
        return rf"{sign}{f'_{node.index}' if node.index else ''} {self.at(node.body, SIGN)}"

    def same(self, node: Same) -> str:
        """``[j = k]``."""
        return f"[{node.first} = {node.second}]"

    def let(self, node: Let) -> str:
        """A formula and its shorthand."""
        meanings = [f"{self.spell(letter)} = {self.at(meaning, LET)}" for letter, meaning in node.meanings]
        return rf"{self.write(node.body)} \text{{ with }} {', '.join(meanings)}"

    def phrase(self, node: Phrase) -> str:
        """Words upright."""
        pieces = [self.at(piece, SUM) if isinstance(piece, Expression) else rf"\text{{{self.escape(piece)}}}"
                  for piece in node.pieces]  # fmt: skip
        return r"\ ".join(pieces)
