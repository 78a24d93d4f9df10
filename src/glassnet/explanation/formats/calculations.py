"""Each calculation as its formula, the formula with numbers, and its value."""

from dataclasses import dataclass

import numpy as np

from glassnet.core.expressions.dialects.text import written
from glassnet.core.expressions.put_in import put_in
from glassnet.core.expressions.signs import Partial, Value, phrase
from glassnet.core.expressions.tree import Expression, Letter, Operation, letters
from glassnet.explanation.parts.backward import BackwardLayer, BackwardNeuron
from glassnet.explanation.parts.forward import ForwardLayer, ForwardNeuron
from glassnet.explanation.parts.front import FrontPart, FrontValue, WaveTerm
from glassnet.explanation.parts.update import Update
from glassnet.explanation.parts.worked_parameter import WorkedParameter
from glassnet.explanation.words.formulas import (
    SOFTMAX,
    activation_with_numbers,
    derivative_with_numbers,
    slope_backward_with_numbers,
    slope_with_numbers,
)
from glassnet.explanation.words.letters import DE_DU, E, delta, remaining, u, x


@dataclass(frozen=True)
class Equation:
    """A chain of equal formulas: z, 0.9·1 + 0.1·1, 1; `label` names its neuron."""

    members: tuple[Expression, ...]
    label: str = ""


def equation(label: str, *members: Expression | str | float) -> Equation:
    """Return an equation without repeated members, such as a formula that is a number.

    A text is a letter, a number is the result.

    >>> [written(member) for member in equation("", "z", Letter("w") * Value(-0.5), -1.0, -1.0).members]
    ['z', 'w · (-0.5)', '-1']
    """
    given = [as_formula(member) for member in members]
    return Equation(tuple(x for i, x in enumerate(given) if i == 0 or not _is_repeated(given[i - 1], x)), label)


def as_formula(member: Expression | str | float) -> Expression:
    """Return a formula; a text is a letter."""
    if isinstance(member, Expression):
        return member
    return Letter(member) if isinstance(member, str) else Value(float(member))


def chain(*members: Expression | str | float) -> str:
    """Return a chain of equal members as text, without repetitions."""
    return " = ".join(written(member) for member in equation("", *members).members)


def _is_repeated(before: Expression, member: Expression) -> bool:
    return written(before).strip("()") == written(member).strip("()")


def activation_chains(layer: ForwardLayer, neuron: ForwardNeuron) -> list[tuple[str, Expression, float]]:
    """Return ("a", formula with numbers, value); with a learned slope, first the same for f."""
    if neuron.slope is None:
        return [("a", _function(layer, neuron), neuron.f)]
    words = slope_with_numbers(neuron.slope, neuron.f, neuron.z)
    return [("f", _function(layer, neuron), neuron.f), ("a", words, neuron.a)]


def _function(layer: ForwardLayer, neuron: ForwardNeuron) -> Expression:
    """Return the activation function with its numbers."""
    if layer.activation.builtin_name != "softmax":
        return activation_with_numbers(layer.activation, neuron.z)
    top = float(np.max(layer.z))
    return put_in(SOFTMAX, {"z": neuron.z, "m": top, "s": float(np.sum(np.exp(layer.z - top)))})


def derivative_chains(layer: BackwardLayer, neuron: BackwardNeuron, j: int) -> list[tuple[str, Expression, float]]:
    """Return ("a", derivative with numbers, value); with a learned slope, first the same for f."""
    assert neuron.df_dz is not None
    assert neuron.da_dz is not None
    words = derivative_with_numbers(layer.activation, float(layer.z[j]), float(layer.f[j]))
    if layer.slope is None:
        return [("a", words, neuron.da_dz)]
    da_dz = slope_backward_with_numbers(float(layer.slope[j]), neuron.df_dz)
    return [("f", words, neuron.df_dz), ("a", da_dz, neuron.da_dz)]


def summands(neuron: BackwardNeuron, n: int) -> list[Expression]:
    """Return weight times delta of the n largest downstream neurons in order, and the sum of the rest."""
    n = n if len(neuron.terms) <= n else max(1, n // 2)
    shown, rest = neuron.largest(n)
    in_order = neuron.terms if len(shown) == len(neuron.terms) else shown
    products: list[Expression] = [Value(term.weight) * Value(term.value) for term in in_order]
    left = len(neuron.terms) - len(shown)
    return [*products, remaining(rest, left)] if left else products


scale, mix, frequency, phase, shift, cos, sin, pi = letters("scale mix frequency phase shift cos sin pi")

SCALED = scale * u

WAVE = shift + phrase("sum of", mix * Operation("cos", (2 * pi * frequency * x + phase,)))

CHAIN: tuple[tuple[Letter, Expression], ...] = (
    (scale, delta * u),
    (u, delta * scale),
    (shift, DE_DU),
    (mix, DE_DU * cos),
    (phase, phrase("sum of", DE_DU * mix * -sin, "over the three waves")),
    (frequency, Partial(E, phase) * (2 * pi) * x),
)


def wave_terms(value: FrontValue, terms: int) -> list[Expression]:
    """Return the terms of a wave: the shift, the largest terms, and the sum of the others."""
    shown, rest = value.largest(terms)
    summands = [Value(value.shift), *(wave_term(term, value.x) for term in shown)]
    return summands + ([Value(rest)] if len(value.terms) > len(shown) else [])


def wave_term(term: WaveTerm, x: float) -> Expression:
    """Return one term with its numbers.

    >>> from glassnet.core.expressions.dialect import SUM
    >>> written(wave_term(WaveTerm(0.5, 0.1, -2.0, 0.0), 3.0), SUM)
    '0.5·cos(2π·0.1·3 - 2)'
    """
    angle = 2 * pi * Value(term.frequency) * Value(x) + Value(term.phase)
    return Value(term.mix) * Operation("cos", (angle,))


def chain_of(front: FrontPart) -> list[tuple[Letter, Expression]]:
    """Return the chain rule for each kind of parameter of this front."""
    names = {slot.name for slot in front.slots} | ({"u"} if front.has_scaling and front.has_waves else set())
    rules = [(letter, rule) for letter, rule in CHAIN if letter.name in names]
    return rules if front.has_scaling else [(u, delta), *rules]


def share_terms(front: FrontPart, j: int, terms: int) -> list[Expression]:
    """Return the terms of a number's error signal: the largest, and the sum of the others."""
    shown, rest = front.shares(j, terms)
    assert front.delta_onward is not None
    summands: list[Expression] = [Value(w) * Value(delta) for w, delta in shown]
    return summands + ([Value(rest)] if len(front.delta_onward) > len(shown) else [])


def update_rows(parameters: tuple[WorkedParameter, ...], update: Update) -> list[tuple[str | float, ...]]:
    """Return (parameter, learning rate, gradient, old, step, new) of each."""
    rows: list[tuple[str | float, ...]] = []
    for each in parameters:
        step = update.at_place(each.place)
        numbers = (step["eta"], step["g"], step["old"], step["new"] - step["old"], step["new"])
        rows.append((each.name, *numbers))
    return rows
