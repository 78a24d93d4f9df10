"""The formulas of activations, costs and solvers as cells, from the formula trees in core.

`cells` are addresses by letter: z, a, f, t ...; ``z_k`` and ``e_k`` are a layer's columns of z and of exp(z - max z).
"""

from collections.abc import Iterable, Mapping

from glassnet.core.catalog.activation import Activation
from glassnet.core.catalog.activations import SHIFTED_SOFTMAX, SHIFTS
from glassnet.core.catalog.costs import COMBINED_FORMULAS, Cost
from glassnet.core.catalog.optimizers import Rule
from glassnet.core.expressions.dialects.spreadsheet import spreadsheet
from glassnet.core.expressions.stable import stable
from glassnet.core.expressions.tree import Expression, Let, names_in
from glassnet.errors import ParameterError
from glassnet.explanation.words.formulas import (
    activation_formula,
    cost_derivative_formula,
    derivative_formula,
    loss_formula,
)

MAX_Z, SHIFTED_EXP, SUM_OF_EXPS = SHIFTS


def cell(expression: Expression, cells: Mapping[str, str], parameters: Mapping[str, object] | None = None) -> str:
    """Return a formula in spreadsheet syntax, with numbers for its parameters.

    >>> from glassnet.core.catalog.activation import ACTIVATIONS
    >>> sigma = ACTIVATIONS["leaky_relu"]
    >>> cell(sigma.expression, {"z": "B4"}, sigma.parameters)
    'IF(B4>0,B4,0.01*B4)'
    """
    numbers = {name: _number(value) for name, value in (parameters or {}).items() if isinstance(value, int | float)}
    return spreadsheet(stable(expression), {**numbers, **cells})


def activation_cell(sigma: Activation, cells: Mapping[str, str]) -> str:
    """Return the formula of an activation."""
    if sigma.builtin_name == "softmax":
        return cell(Let(SHIFTED_SOFTMAX, (SUM_OF_EXPS,)), cells)
    return cell(activation_formula(sigma), cells, sigma.parameters)


def shifted_exp_cell(cells: Mapping[str, str]) -> str:
    """Return the formula of exp(z - max z) for softmax.

    >>> shifted_exp_cell({"z": "B4", "z_k": "B4:B6"})
    'EXP(B4-MAX(B4:B6))'
    """
    return cell(Let(SHIFTED_EXP[1], (MAX_Z,)), cells)


def derivative_cell(sigma: Activation, cells: Mapping[str, str]) -> str:
    """Return the formula of an activation's derivative."""
    return cell(derivative_formula(sigma), cells, sigma.parameters)


def loss_cell(sigma: Activation, cost: Cost, cells: Mapping[str, str]) -> str:
    """Return the formula of one output's loss; from z if only that is exact when an output rounds to 0 or 1."""
    formula = COMBINED_FORMULAS.get((sigma.builtin_name, cost.builtin_name)) or loss_formula(cost)
    if isinstance(formula, Let):  # exp(z - max z) has a separate column
        formula = Let(formula.body, tuple(pair for pair in formula.meanings if pair != SHIFTED_EXP))
    return cell(formula, {**cells, "o": cells["a"]}, cost.parameters)


def cost_derivative_cell(cost: Cost, cells: Mapping[str, str]) -> str:
    """Return the formula of ``∂loss/∂output``."""
    return cell(cost_derivative_formula(cost), {**cells, "o": cells["a"]}, cost.parameters)


def rule_template(rule: Rule) -> str:
    """Return one rule of a solver's step as a template with a field per letter.

    >>> from glassnet.core.catalog.optimizers import GD
    >>> rule_template(GD[0])
    '{old}-{eta}*{g}'
    """
    return spreadsheet(rule.formula, {name: f"{{{name}}}" for name in names_in(rule.formula)})


def fields(rule: Rule) -> list[str]:
    """Return the fields of a rule's template."""
    return names_in(rule.formula)


def check_formulas(activations: Iterable[Activation], cost: Cost | None) -> None:
    """Reject user-defined functions without a formula, which a spreadsheet cannot compute."""
    for sigma in activations:
        if sigma.expression is None:
            raise ParameterError(
                f"activation {sigma.name!r} is user-defined without a formula for a spreadsheet; try to_html(), or "
                f"define it with gn.Activation.from_formula."
            )
    if cost is not None and cost.expression is None:
        raise ParameterError(
            f"cost {cost.name!r} is user-defined without a formula for a spreadsheet; try to_html(), or define it "
            f"with gn.Cost.from_formula."
        )


def _number(value: float) -> str:
    text = repr(float(value)).upper()
    return f"({text})" if value < 0 else text
