"""Formulas for spreadsheet cells, with the functions common to Excel and LibreOffice."""

from collections.abc import Mapping

from glassnet.core.expressions.dialect import ATOM, OVER, SIGN, Dialect
from glassnet.core.expressions.signs import Value
from glassnet.core.expressions.tree import COMPARISONS, Expression, Letter, Number, Operation, Over

_NAMES = {"log": "LN"}


class Spreadsheet(Dialect):
    """`cells` maps letters to addresses; a letter with an index, "z_k", may have a whole range."""

    plus, minus = "+", "-"
    comparisons = COMPARISONS

    def __init__(self, cells: Mapping[str, str]) -> None:
        self.cells = cells

    def call(self, name: str, *operands: Expression) -> str:
        """``EXP(x)``."""
        return f"{_NAMES.get(name, name.upper())}({','.join(map(self.write, operands))})"

    def number(self, node: Number) -> str:
        """All digits."""
        value = float(node.value)
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value).upper()

    def value(self, node: Value) -> str:
        """All digits."""
        return self.number(Number(node.value))

    def letter(self, node: Letter) -> str:
        """A cell, or a range."""
        return self.cells.get(f"{node.name}_{node.index}") or self.cells[node.name]

    def negative(self, x: Expression) -> str:
        """``-x``; a power in parentheses, since spreadsheets read -3^2 as (-3)^2."""
        return f"-{self.at(x, ATOM)}"

    def multiply(self, x: Expression, y: Expression) -> str:
        """``x*y``."""
        return f"{self.at(x, SIGN)}*{self.at(y, OVER)}"

    def divide(self, x: Expression, y: Expression) -> str:
        """``x/y``."""
        return f"{self.at(x, SIGN)}/{self.at(y, OVER)}"

    def power(self, x: Expression, y: Expression) -> str:
        """``x^y``."""
        return f"{self.at(x, ATOM)}^{self.at(y, ATOM)}"

    def where(self, condition: Expression, x: Expression, y: Expression) -> str:
        """``IF(condition,x,y)``."""
        return f"IF({self.spell(condition)},{self.write(x)},{self.write(y)})"

    def clip(self, x: Expression, low: Expression, high: Expression) -> str:
        """``MIN(MAX(x,low),high)``."""
        return f"MIN(MAX({self.write(x)},{self.write(low)}),{self.write(high)})"

    def log1p(self, x: Expression) -> str:
        """By its series for small x, since spreadsheets lack this function."""
        text = self.at(x, ATOM)
        return f"IF(ABS({text})<0.00001,{text}-{text}^2/2,LN(1+{text}))"

    def expm1(self, x: Expression) -> str:
        """By the hyperbolic sine, which loses no digits."""
        half = f"{self.at(x, OVER)}/2"
        return f"(2*EXP({half})*SINH({half}))"

    def sigmoid(self, x: Expression) -> str:
        """From exp(-|x|), which does not overflow."""
        text = self.write(x)
        e = f"EXP(-ABS({text}))"
        return f"IF({text}>=0,1/(1+{e}),{e}/(1+{e}))"

    def softplus(self, x: Expression) -> str:
        """From exp(-|x|)."""
        small = Operation("exp", (-Operation("abs", (x,)),))
        return f"(MAX({self.write(x)},0)+{self.log1p(small)})"

    def xlogy(self, x: Expression, y: Expression) -> str:
        """0 for x = 0."""
        text = self.write(x)
        return f"IF({text}=0,0,{self.at(x, SIGN)}*LN({self.write(y)}))"

    def over(self, node: Over) -> str:
        """Over a range."""
        is_range = isinstance(node.body, Letter)
        name = "MAX" if node.kind == "max" else "SUM" if is_range else "SUMPRODUCT"
        return f"{name}({self.write(node.body)})"

    def level(self, expression: Expression) -> float:
        """All except operators are functions."""
        if isinstance(expression, Operation) and expression.name in ("where", "xlogy", "sigmoid"):
            return ATOM
        return ATOM if isinstance(expression, Over) else super().level(expression)


def spreadsheet(expression: Expression, cells: Mapping[str, str]) -> str:
    """Return a formula with cells for its letters, without the leading ``=``.

    >>> from glassnet.core.expressions.tree import letters, where
    >>> z, slope = letters("z slope")
    >>> spreadsheet(where(z > 0, z, slope * z), {"z": "B4", "slope": "0.01"})
    'IF(B4>0,B4,0.01*B4)'
    """
    return Spreadsheet(cells).write(expression)
