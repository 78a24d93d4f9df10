"""Reads and validates users' formulas of activations and costs. Imported only when there is one."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from glassnet.arrays import as_floats
from glassnet.core.choices import finite_number
from glassnet.core.expressions.derivatives import derivative
from glassnet.core.expressions.dialects.text import text
from glassnet.core.expressions.parsing import parse
from glassnet.core.expressions.stable import stable
from glassnet.core.expressions.tree import FUNCTIONS, Expression, Letter, names_in
from glassnet.core.formula_function import FormulaFunction
from glassnet.errors import ParameterError
from glassnet.typing import Array

LONGEST_NAME = 60


@dataclass(frozen=True)
class ReadFormula:
    """A user's formula, parsed and differentiated by one of its letters.

    Attributes
    ----------
    expression, derivative : Expression
        The formula as written, and the derivative of its stable form.
    function, slope : FormulaFunction
        The functions that compute them.
    parameters : dict of str to float
    """

    expression: Expression
    derivative: Expression
    function: FormulaFunction
    slope: FormulaFunction
    parameters: dict[str, Any]

    @property
    def fields(self) -> dict[str, Any]:
        """The fields shared by the records of activations and costs, by name."""
        return {
            "parameters": self.parameters,
            "formula": self.function.source.strip(),
            "derivative_formula": text(self.derivative),
            "expression": self.expression,
            "derivative_expression": self.derivative,
        }


def read_formula(
    name: str,
    formula: str,
    parameters: Mapping[str, Any] | None,
    *,
    kind: str,
    letters: tuple[str, ...],
) -> ReadFormula:
    """Return a user's formula, differentiated by its first letter.

    `kind` is "activation" or "cost".

    Raises
    ------
    ParameterError
        If the name or the formula is invalid.
    """
    check_name(name, kind)
    known = _parameters(parameters or {}, f"{kind} {name!r}", letters)
    expression = parse(formula, (*letters, *known), what=f"the formula of {kind} {name!r}")
    unused = [key for key in known if key not in names_in(expression)]
    if unused:
        raise ParameterError(f"{kind} {name!r}: its formula {formula!r} does not have the parameter {unused[0]!r}.")
    computed = stable(expression)
    slope = derivative(computed, Letter(letters[0]))
    arguments = ("z", "a") if letters == ("z",) else letters
    return ReadFormula(
        expression,
        slope,
        FormulaFunction(formula, computed, letters),
        FormulaFunction(formula, slope, arguments),
        known,
    )


def check_name(name: Any, kind: str) -> None:
    """Refuse a name that is not one word."""
    if not isinstance(name, str) or not name.isidentifier() or len(name) > LONGEST_NAME:
        raise ParameterError(
            f"{kind} name {str(name)[: 2 * LONGEST_NAME]!r} must be one word of letters, digits and _, of at most "
            f"{LONGEST_NAME} characters, such as 'swoosh'."
        )


def _parameters(parameters: Mapping[Any, Any], what: str, letters: tuple[str, ...]) -> dict[str, Any]:
    reserved = {*letters, "a", "if", "else", *FUNCTIONS}
    for key in parameters:
        if not isinstance(key, str) or not key.isidentifier() or key in reserved:
            raise ParameterError(
                f"{what} cannot have a parameter {key!r}; take a word such as 'beta' that is neither a letter of the "
                f"formula nor a function."
            )
    return {key: finite_number(value, f"{what}: {key}") for key, value in parameters.items()}


def interval_of(ends: Any, what: str) -> tuple[float, float]:
    """Return the two ends of an interval; `what` names it in the error message.

    >>> interval_of([0, 1], "range")
    (0.0, 1.0)
    """
    pair = tuple(ends) if isinstance(ends, (tuple, list)) else ()
    if len(pair) != 2 or not all(isinstance(end, (int, float)) for end in pair) or not pair[0] < pair[1]:
        raise ParameterError(f"{what}={ends!r} must be two numbers, the lower one first, such as (0.0, 1.0).")
    return float(pair[0]), float(pair[1])


def inside(ends: tuple[float, float], *, closed: bool = False) -> list[float]:
    """Return some points of an interval, including its ends if it is closed.

    >>> inside((0.0, 1.0), closed=True)
    [0.0, 0.15, 0.35, 0.5, 0.8, 0.95, 1.0]
    """
    low, high = ends
    if low > -inf and high < inf:
        points = [low + (high - low) * share for share in (0.15, 0.35, 0.5, 0.8, 0.95)]
    elif low > -inf or high < inf:
        end, side = (low, 1.0) if low > -inf else (high, -1.0)
        points = [end + side * z for z in (0.15, 0.45, 1.1, 2.3, 7.0)]
    else:
        points = [-5.0, -2.7, -1.3, -0.6, -0.2, 0.0, 0.15, 0.45, 1.1, 2.3, 5.0]
    return [*(z for z in (low,) if closed and z > -inf), *points, *(z for z in (high,) if closed and z < inf)]


def line(low: float, high: float, steps: int) -> Array:
    """Return evenly spaced points, in float64."""
    return as_floats([low + (high - low) * i / steps for i in range(steps + 1)])
