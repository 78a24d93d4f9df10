"""The letters of the backward pass, and its formulas besides activations, costs and solvers."""

from glassnet.core.catalog.activations import SOFTMAX_PULLBACK
from glassnet.core.expressions.signs import Name, Partial, Phrase, Value, phrase
from glassnet.core.expressions.tree import Expression, Letter, Over, letters
from glassnet.core.slope import DE_DA, SOFTMAX_SLOPE_BACKWARD

E, a, z, w, b, u, x, delta, slope, f = letters("E a z w b u x delta slope f")
DE_DZ, DE_DW, DA_DZ, DZ_DW, DE_DU = (
    Partial(E, z), Partial(E, w), Partial(a, z), Partial(z, w), Partial(E, u)
)  # fmt: skip
ONWARD = phrase("sum of", w * delta, "onward")
"""∂E/∂a of a hidden neuron."""


def _without_indices(expression: Expression) -> Expression:
    """Return a formula of one neuron of a softmax, with the sum over its layer in words, and d for ∂E/∂a."""
    if isinstance(expression, Letter):
        return DE_DA if expression.name == "d" else Letter(expression.name)
    parts = tuple(map(_without_indices, expression.parts))
    return phrase("sum of", parts[0]) if isinstance(expression, Over) else expression.with_parts(parts)


MIXED, MIXED_WITH_SLOPE = map(_without_indices, (SOFTMAX_PULLBACK, SOFTMAX_SLOPE_BACKWARD))
"""The error signal of a softmax neuron, without and with learned slopes."""


def total(terms: list[Expression]) -> Expression:
    """Return the sum of terms; 0 without terms."""
    if not terms:
        return Value(0.0)
    first, *rest = terms
    return sum(rest, start=first)


def product(*factors: Expression) -> Expression:
    """Return the product of factors."""
    first, *rest = factors
    for factor in rest:
        first = first * factor
    return first


def remaining(value: float, n: int) -> Expression:
    """Return the sum of n omitted terms."""
    return Phrase((Value(value), f"({n} more)"))


def named(name: str, *, is_letter: bool = False) -> Letter | Name:
    """Return the symbol of a neuron's value in formulas: its name, or a letter such as a6."""
    return Letter(name) if is_letter else Name(name)
