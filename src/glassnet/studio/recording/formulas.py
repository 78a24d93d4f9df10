"""The formulas that a page shows and puts numbers into: as MathML to be read, and as data to be evaluated."""

from collections.abc import Mapping
from typing import Any

from glassnet.core.catalog.activation import Activation
from glassnet.core.catalog.activations import softmax_pullback
from glassnet.core.catalog.costs import COMBINED, Cost
from glassnet.core.catalog.losses import COMBINED_DELTA
from glassnet.core.catalog.solvers import Solver
from glassnet.core.expressions.as_data import as_data, is_arithmetic
from glassnet.core.expressions.dialects.mathml import MathML
from glassnet.core.expressions.signs import Applied
from glassnet.core.expressions.stable import stable
from glassnet.core.expressions.tree import Expression, Let, Letter, replaced, walk
from glassnet.core.network import Network
from glassnet.errors import ParameterError
from glassnet.explanation.words.formulas import (
    activation_formula,
    cost_derivative_formula,
    derivative_formula,
    loss_formula,
)
from glassnet.explanation.words.letters import MIXED, MIXED_WITH_SLOPE


class _Marked(MathML):
    """MathML in which every letter is marked, so that a page finds where its number goes."""

    def letter(self, node: Letter) -> str:
        """Return a letter in an element that names it."""
        return f'<mrow data-letter="{self.escape(node.name)}">{super().letter(node)}</mrow>'


def formula(expression: Expression) -> dict[str, Any]:
    """Return a formula for a page.

    ``shown`` is the whole formula and ``body`` the part into which numbers are put, without shorthand; ``shorthand``
    lists the letters of the body with their meanings and ``tree`` is what computes the value. A tree of None is not the
    arithmetic of one neuron, such as the sum of a softmax over its layer.

    >>> from glassnet.core.catalog.activations import RELU
    >>> formula(RELU)["tree"], formula(RELU)["shorthand"]
    (['max', 0, 'z'], [])
    """
    body, meanings = (expression.body, expression.meanings) if isinstance(expression, Let) else (expression, ())
    return {
        "shown": _Marked().write(expression),
        "body": _Marked().write(body),
        "shorthand": [[letter.name, _tree(meaning)] for letter, meaning in meanings],
        "tree": _tree(expression),
    }


def _tree(expression: Expression) -> Any:
    return as_data(stable(expression)) if is_arithmetic(expression) else None


def of_layers(network: Network) -> list[dict[str, Any]]:
    """Return the formulas of each layer's activation."""
    return [_of_activation(network.activation[l], network.slope[l] is not None) for l in range(1, network.n_layers + 1)]


def _of_activation(sigma: Activation, has_slope: bool) -> dict[str, Any]:
    name = f"activation {sigma.name!r}"
    mixes = sigma.derivative is softmax_pullback
    slope = derivative_formula(sigma)
    if has_slope:
        slope = replaced(slope, Letter("a"), Letter("f"))
    backward = (MIXED_WITH_SLOPE if has_slope else MIXED) if mixes else slope
    return {
        "name": sigma.name,
        "parameters": numbers_of(sigma.parameters),
        "mixes": mixes,
        "function": formula(_known(activation_formula(sigma), name)),
        "derivative": formula(_known(backward, name)),
    }


def of_cost(cost: Cost, output: Activation) -> dict[str, Any]:
    """Return the formulas of a cost on an output activation."""
    name = f"cost {cost.name!r}"
    return {
        "name": cost.name,
        "parameters": numbers_of(cost.parameters),
        "loss": formula(_known(loss_formula(cost), name)),
        "derivative": formula(_known(cost_derivative_formula(cost), name)),
        "combined": formula(COMBINED_DELTA) if is_combined(cost, output) else None,
    }


def is_combined(cost: Cost, output: Activation) -> bool:
    """Whether the error signal of the outputs is exactly output - target."""
    return (output.builtin_name, cost.builtin_name) in COMBINED


def of_solver(solver: Solver) -> dict[str, Any]:
    """Return the lines of a solver's step; its memory is that before the first step."""
    return {
        "name": solver.name,
        "rules": [{"letter": rule.letter, **formula(rule.formula)} for rule in solver.rules],
    }


def _known(expression: Expression, name: str) -> Expression:
    if any(isinstance(part, Applied) for part in walk(expression)):
        raise ParameterError(
            f"{name} is user-defined without a formula, and a recording shows the formula with its numbers; create it "
            f"by its formula, such as gn.Activation.from_formula('swoosh', 'log(1 + exp(z - 1)) - 0.08 z')."
        )
    return expression


def numbers_of(parameters: Mapping[str, Any]) -> dict[str, float]:
    """Return the parameters that are numbers."""
    return {name: value for name, value in parameters.items() if isinstance(value, int | float)}
