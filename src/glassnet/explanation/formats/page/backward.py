"""The backward pass on a page: every neuron's delta, and the chain rule for the weights."""

from glassnet.core.catalog.losses import COMBINED_DELTA
from glassnet.core.expressions.signs import Value
from glassnet.core.expressions.tree import Expression
from glassnet.core.records import ByLayer
from glassnet.core.slope import DE_DA, DF_DZ, SLOPE_BACKWARD
from glassnet.explanation.formats.calculations import Equation, derivative_chains, equation, summands
from glassnet.explanation.formats.page.document import Block, Equations, Heading, Prose, grid
from glassnet.explanation.formats.selection import choose_deltas, choose_weights
from glassnet.explanation.formats.sentences import blamed_words
from glassnet.explanation.parts.backward import BackwardLayer
from glassnet.explanation.words.formulas import (
    cost_derivative_formula,
    cost_derivative_with_numbers,
    derivative_formula,
    of_f,
)
from glassnet.explanation.words.letters import (
    DA_DZ,
    DE_DW,
    DE_DZ,
    DZ_DW,
    MIXED,
    MIXED_WITH_SLOPE,
    ONWARD,
    delta,
    product,
    total,
)
from glassnet.explanation.words.numbers import minuend, number


def backward_blocks(layers: ByLayer[BackwardLayer], terms: int, neurons: int) -> list[Block]:
    """Return the section of all layers, from the outputs back."""
    blocks: list[Block] = [
        Heading("Backward"),
        Prose("delta is a neuron's blame. The gradient of a weight is the delta of the neuron it leads into times the "
              "value it carries."),
        Equations((equation("", delta, DE_DZ, DE_DA * DA_DZ), equation("", DE_DW, delta * DZ_DW))),
    ]  # fmt: skip
    for layer in reversed(list(layers)):
        blocks += _layer(layer, terms, neurons)
    return blocks


def _layer(layer: BackwardLayer, terms: int, neurons: int) -> list[Block]:
    kind = "output" if not layer.above else "hidden"
    blocks: list[Block] = [Heading(f"Back through layer {layer.layer}", 2, kind), Equations(tuple(_rule(layer)))]
    shown, left = choose_deltas(layer, terms, neurons)
    blocks.append(Equations(tuple(row for j in shown for row in _delta(layer, j, terms))))
    if left:
        j = left[0]
        blocks.append(Prose(f"and {len(left):,} more with less blame, next {layer.names[j]} "
                            f"({number(float(layer.delta[j]))})"))  # fmt: skip
    blocks += _gradients(layer, neurons)
    return blocks


def _rule(layer: BackwardLayer) -> list[Equation]:
    sigma, cost = layer.activation, layer.cost
    if layer.is_combined and cost is not None:
        return [equation(f"{sigma.name} with {cost.name}", "delta", COMBINED_DELTA)]
    rows = []
    if cost is not None:
        rows.append(equation(cost.name, DE_DA, cost_derivative_formula(cost)))
    else:
        rows.append(equation("", DE_DA, ONWARD))
    if layer.da_dz is None:
        mixed = MIXED if layer.slope is None else MIXED_WITH_SLOPE
        rows.append(equation("softmax mixes its layer", delta, mixed))
    elif layer.slope is not None:
        rows.append(equation(sigma.name, DF_DZ, of_f(derivative_formula(sigma), sigma)))
        rows.append(equation("", DA_DZ, SLOPE_BACKWARD))
    else:
        rows.append(equation(sigma.name, DA_DZ, derivative_formula(sigma)))
    return rows


def _delta(layer: BackwardLayer, j: int, terms: int) -> list[Equation]:
    name, value, a = layer.names[j], float(layer.delta[j]), float(layer.a[j])
    if layer.is_combined:
        assert layer.target is not None
        return [equation(name, delta, Value(a, minuend(a, value)) - Value(float(layer.target[j])), value)]
    neuron = layer.at(j)
    arrived = neuron.dE_da or 0.0
    if layer.cost is not None and layer.target is not None:
        words = cost_derivative_with_numbers(layer.cost, a, float(layer.target[j]))
    else:
        words = total(summands(neuron, terms))
    rows = [equation(name, DE_DA, words, arrived)]
    if neuron.da_dz is None:
        return [*rows, equation("", delta, value)]
    slopes = {"a": DA_DZ, "f": DF_DZ}
    rows += [equation("", slopes[letter], each, slope) for letter, each, slope in derivative_chains(layer, neuron, j)]
    return [*rows, equation("", delta, product(Value(arrived), Value(neuron.da_dz)), value)]


def _gradients(layer: BackwardLayer, neurons: int) -> list[Block]:
    chosen = choose_weights(layer.dW, layer.db, neurons)
    has_factors = layer.dE_da is not None and layer.da_dz is not None
    factors: tuple[str | Expression, ...] = (DE_DA, DA_DZ) if has_factors else ("delta",)
    heads = ("weight", *factors, DZ_DW, "gradient")
    rows = []
    for j, k in chosen.weights:
        incoming = 1.0 if k is None else float(layer.a_in[k])
        gradient = float(layer.delta[j]) if k is None else float(layer.dW[j, k])
        neuron = layer.at(j)
        first = (neuron.dE_da, neuron.da_dz) if has_factors else (neuron.delta,)
        rows.append((layer.label(j, k), *(value or 0.0 for value in (*first, incoming, gradient))))
    blocks: list[Block] = [grid(heads, rows)]
    words = [*chosen.words(10_000, 0), *blamed_words(layer)]
    if words:
        blocks.append(Prose("; ".join(words)))
    return blocks
