"""Formulas in MathML, which browsers set without any help: fractions, roots, cases."""

from collections.abc import Callable, Mapping
from html import escape
from typing import ClassVar

from glassnet.core.expressions.dialect import LET, OVER, SIGN, SUM, is_put_in, parts_of_letter
from glassnet.core.expressions.dialects.typeset import Typeset
from glassnet.core.expressions.signs import Name, Partial, Phrase
from glassnet.core.expressions.tree import Expression, Let, Letter, Number, Operation, Over, Same

_TIMES = '<mo lspace=".1em" rspace=".1em">\u2062</mo>'  # invisible
_MINUS = '<mo form="prefix">−</mo>'


class MathML(Typeset):
    """The elements of a formula in a row, without the ``<math>`` around them.

    `escape` is how names of people are written in HTML.

    >>> from glassnet.core.expressions.tree import letters
    >>> z, slope = letters("z slope")
    >>> MathML().element(z / slope)
    '<math><mfrac><mrow><mi>z</mi></mrow><mrow><mi>slope</mi></mrow></mfrac></math>'
    """

    plus, minus, prefix = '<mo form="infix">+</mo>', '<mo form="infix">−</mo>', _MINUS
    comparisons: ClassVar[Mapping[str, str]] = {
        "less": "<mo>&lt;</mo>", "less_equal": "<mo>≤</mo>", "greater": "<mo>&gt;</mo>", "greater_equal": "<mo>≥</mo>",
    }  # fmt: skip

    def __init__(self, escape: Callable[[str], str] = escape) -> None:
        super().__init__(escape)

    def element(self, expression: Expression) -> str:
        """Return a formula as one element."""
        return f"<math>{self.write(expression)}</math>"

    def line(self, expression: Expression) -> str:
        """Return a formula for running text: an element for each term of a sum, so that a line may break between."""
        is_sum = isinstance(expression, Operation) and expression.name == "add"
        terms = self.terms(*expression.parts) if is_sum else [self.write(expression)]
        return " ".join(f"<math>{term}</math>" for term in terms)

    def enclosed(self, text: str) -> str:
        """Parentheses, which grow with what they enclose only where that is high."""
        if any(tag in text for tag in ("<mfrac", "<msup", "<mtable", "<msqrt")):
            return f"<mrow><mo>(</mo>{text}<mo>)</mo></mrow>"
        return f'<mrow><mo stretchy="false">(</mo>{text}<mo stretchy="false">)</mo></mrow>'

    def call(self, name: str, *operands: Expression) -> str:
        """``exp(x)``."""
        return f"<mi>{name}</mi>{self.enclosed('<mo>,</mo>'.join(map(self.write, operands)))}"

    def digits(self, shown: str) -> str:
        """A number, with its minus and its power of ten as elements of their own."""
        sign, shown = (_MINUS, shown[1:]) if shown.startswith("-") else ("", shown)
        mantissa, e, exponent = shown.partition("e")
        if not e:
            return f"{sign}<mn>{shown}</mn>"
        power = str(int(exponent)).replace("-", "−")
        return f"{sign}<mn>{mantissa}</mn><mo>×</mo><msup><mn>10</mn><mn>{power}</mn></msup>"

    def letter(self, node: Letter) -> str:
        """A letter with what stands below or above it."""
        sign, below, above = parts_of_letter(node.name)
        spelled = f"<mi>{self.escape(sign)}</mi>"
        if above:
            spelled = f"<mover>{spelled}<mo>^</mo></mover>"
        below += node.index
        return f"<msub>{spelled}<mi>{below}</mi></msub>" if below else spelled

    def name(self, node: Name) -> str:
        """Upright."""
        return f"<mtext>{self.escape(node.name)}</mtext>"

    def partial(self, node: Partial) -> str:
        """A fraction."""
        above, below = (f"<mrow><mo>∂</mo>{self.spell(part)}</mrow>" for part in (node.above, node.below))
        return f"<mfrac>{above}{below}</mfrac>"

    def multiply(self, x: Expression, y: Expression) -> str:
        """Side by side, or with a dot where numbers were put in or words meet."""
        has_dot = is_put_in(x) or is_put_in(y) or isinstance(y, Number) or _is_word(y) or _is_word(x)
        return f"{self.at(x, SIGN)}{'<mo>·</mo>' if has_dot else _TIMES}{self.at(y, OVER)}"

    def divide(self, x: Expression, y: Expression) -> str:
        """A fraction."""
        return f"<mfrac>{_row(self.write(x))}{_row(self.write(y))}</mfrac>"

    def power(self, x: Expression, y: Expression) -> str:
        """``x`` with its exponent."""
        return f"<msup>{_row(self.base(x))}{_row(self.write(y))}</msup>"

    def sqrt(self, x: Expression) -> str:
        """A root."""
        return f"<msqrt>{self.write(x)}</msqrt>"

    def abs(self, x: Expression) -> str:
        """Between bars."""
        return f"<mrow><mo>|</mo>{self.write(x)}<mo>|</mo></mrow>"

    def where(self, condition: Expression, x: Expression, y: Expression) -> str:
        """The cases below each other."""
        cases, last = self.cases(condition, x, y)
        rows = [(value, f"<mtext>if\u00a0</mtext>{holds}") for value, holds in cases]
        rows.append((last, "<mtext>else</mtext>"))
        cells = "".join(f"<mtr><mtd>{left}</mtd><mtd>{right}</mtd></mtr>" for left, right in rows)
        return f"<mrow><mo>{{</mo><mtable>{cells}</mtable></mrow>"

    def over(self, node: Over) -> str:
        """A sum sign."""
        sign = "<mo>∑</mo>" if node.kind == "sum" else "<mi>max</mi>"
        return f"{f'<munder>{sign}<mi>{node.index}</mi></munder>' if node.index else sign}{self.at(node.body, SIGN)}"

    def same(self, node: Same) -> str:
        """``[j = k]``."""
        return f"<mo>[</mo><mi>{node.first}</mi><mo>=</mo><mi>{node.second}</mi><mo>]</mo>"

    def let(self, node: Let) -> str:
        """A formula and its shorthand."""
        meanings = [f"{self.spell(letter)}<mo>=</mo>{self.at(meaning, LET)}" for letter, meaning in node.meanings]
        return f"{self.write(node.body)}<mtext>\u00a0with\u00a0</mtext>{'<mo>,</mo>'.join(meanings)}"

    def phrase(self, node: Phrase) -> str:
        """Words upright."""
        return "<mspace width='.35em'/>".join(
            f"<mtext>{self.escape(piece)}</mtext>" if isinstance(piece, str) else self.at(piece, SUM)
            for piece in node.pieces
        )


def _row(elements: str) -> str:
    return f"<mrow>{elements}</mrow>"


def _is_word(expression: Expression) -> bool:
    """Whether a letter is a word, such as slope, which would run into its neighbor."""
    return isinstance(expression, Partial) or (
        isinstance(expression, Letter) and len(parts_of_letter(expression.name)[0]) > 1
    )
