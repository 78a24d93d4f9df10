"""BACKWARD: every neuron's delta, and the three factors of the chain rule for the weights."""

from glassnet.core.catalog.losses import COMBINED_DELTA
from glassnet.core.expressions.dialect import SUM
from glassnet.core.expressions.dialects.text import written
from glassnet.core.records import ByLayer
from glassnet.core.slope import SLOPE_BACKWARD
from glassnet.explanation.formats.calculations import chain, derivative_chains, summands
from glassnet.explanation.formats.selection import Chosen, choose_deltas, choose_weights
from glassnet.explanation.formats.sentences import blamed_words
from glassnet.explanation.parts.backward import BackwardLayer
from glassnet.explanation.words.formulas import (
    cost_derivative_formula,
    cost_derivative_with_numbers,
    derivative_formula,
    of_f,
)
from glassnet.explanation.words.letters import MIXED, MIXED_WITH_SLOPE
from glassnet.explanation.words.lines import hanging, paragraph, summed
from glassnet.explanation.words.numbers import aligned, factor, minuend, number

INDENT = 4


def backward_lines(layers: ByLayer[BackwardLayer], width: int, terms: int, neurons: int) -> list[str]:
    """Return the section of all layers, from the outputs back."""
    words = "delta = ∂E/∂a · ∂a/∂z, a neuron's blame; gradient = delta · ∂z/∂w, ∂z/∂w = incoming value"
    if len(layers) > 1:
        words += "; hidden: ∂E/∂a = weights onward · their deltas"
    lines = hanging("BACKWARD  ", words, width)
    for layer in reversed(list(layers)):
        lines += ["", *_rule(layer, width)]
        lines += _deltas(layer, width, terms, neurons)
        lines += _gradients(layer, choose_weights(layer.dW, layer.db, neurons), width)
    return lines


def _rule(layer: BackwardLayer, width: int) -> list[str]:
    """Return this layer's delta as one formula."""
    sigma, cost = layer.activation, layer.cost
    if layer.is_combined and cost is not None:
        words = f"delta = {written(COMBINED_DELTA)}, what ∂E/∂a · ∂a/∂z comes to ({sigma.name} with {cost.name})"
    elif layer.da_dz is None and layer.slope is not None:
        words = f"delta = {written(MIXED_WITH_SLOPE)}, as every softmax value depends on every z of its layer"
    elif layer.da_dz is None:
        words = f"delta = {written(MIXED)}, as every softmax value depends on every z of its layer"
    elif layer.slope is not None:
        words = f"∂f/∂z = {written(of_f(derivative_formula(sigma), sigma))}, ∂a/∂z = {written(SLOPE_BACKWARD)}"
    else:
        words = f"∂a/∂z = {written(derivative_formula(sigma))}"
    if cost is not None and not layer.is_combined:
        words = f"∂E/∂a = {written(cost_derivative_formula(cost))}, {words}"
    return paragraph(f"layer {layer.layer}: {words}", width, 2)


def _deltas(layer: BackwardLayer, width: int, terms: int, neurons: int) -> list[str]:
    shown, left = choose_deltas(layer, terms, neurons)
    names = max(len(layer.names[j]) for j in shown)
    lines: list[str] = []
    for j in shown:
        head = f"{' ' * INDENT}{layer.names[j].ljust(names)}  "
        lines += _combined(layer, j, head) if layer.is_combined else _delta(layer, j, head, terms, width)
    if left:
        following = ", ".join(f"{layer.names[j]} ({number(float(layer.delta[j]))})" for j in left[:1])
        lines += paragraph(f"and {len(left):,} more with less blame, next {following}", width, INDENT)
    return lines


def _combined(layer: BackwardLayer, j: int, head: str) -> list[str]:
    assert layer.target is not None
    target = factor(float(layer.target[j]))
    a, delta = float(layer.a[j]), float(layer.delta[j])
    return [f"{head}delta = {minuend(a, delta)} - {target} = {number(delta)}"]


def _delta(layer: BackwardLayer, j: int, head: str, n: int, width: int) -> list[str]:
    """Return the incoming error, the slope of the activation, and their product, delta."""
    neuron, under = layer.at(j), " " * len(head)
    a, arrived = float(layer.a[j]), neuron.dE_da or 0.0
    if layer.cost is not None and layer.target is not None:
        words = cost_derivative_with_numbers(layer.cost, a, float(layer.target[j]))
        lines = [f"{head}∂E/∂a = {chain(words, arrived)}"]
    else:
        terms = [written(term, SUM) for term in summands(neuron, n)]
        lines = summed(f"{head}∂E/∂a = ", terms, number(arrived), width)
    if neuron.da_dz is None:
        return [*lines, f"{under}delta = {number(neuron.delta)}"]
    for letter, words, value in derivative_chains(layer, neuron, j):
        lines += hanging(f"{under}∂{letter}/∂z = ", chain(words, value), width)
    product = f"{number(arrived)} · {factor(neuron.da_dz)}"
    return [*lines, f"{under}delta = {product} = {number(neuron.delta)}"]


def _gradients(layer: BackwardLayer, chosen: Chosen, width: int) -> list[str]:
    """Return the chain rule for the chosen weights, in columns."""
    rows: list[tuple[float, ...]] = []
    for j, k in chosen.weights:
        incoming = 1.0 if k is None else float(layer.a_in[k])
        gradient = float(layer.delta[j]) if k is None else float(layer.dW[j, k])
        if layer.dE_da is not None and layer.da_dz is not None:
            rows.append((float(layer.dE_da[j]), float(layer.da_dz[j]), incoming, gradient))
        else:
            rows.append((float(layer.delta[j]), incoming, gradient))
    heads = ["∂E/∂a", "∂a/∂z", "∂z/∂w"] if len(rows[0]) == 4 else ["delta", "∂z/∂w"]
    cells = [aligned(values, parentheses=i > 0) for i, values in enumerate(list(zip(*rows, strict=True))[:-1])]
    names = [layer.label(j, k) for j, k in chosen.weights]
    name_width = max(len("gradient of the weight"), *map(len, names))
    widths = [max(len(head), len(cell[0])) for head, cell in zip(heads, cells, strict=True)]
    head = " · ".join(text.ljust(size) for text, size in zip(heads, widths, strict=True))
    lines = [f"{' ' * INDENT}{'gradient of the weight'.ljust(name_width)}  {head} = gradient"]
    results = aligned(row[-1] for row in rows)
    for i, name in enumerate(names):
        product = " · ".join(cell[i].ljust(size) for cell, size in zip(cells, widths, strict=True))
        lines.append(f"{' ' * INDENT}{name.ljust(name_width)}  {product} = {results[i]}")
    lines += chosen.words(width, INDENT)
    for words in blamed_words(layer):
        lines += paragraph(words, width, INDENT)
    return lines
