"""FORWARD: each neuron's weighted sum and activation, with numbers."""

import numpy as np

from glassnet.core.expressions.dialect import SUM
from glassnet.core.expressions.dialects.text import written
from glassnet.core.expressions.tree import Letter
from glassnet.core.slope import SLOPE_FORMULA
from glassnet.explanation.formats.calculations import activation_chains, chain
from glassnet.explanation.formats.selection import choose_neurons
from glassnet.explanation.parts.forward import ForwardLayer, ForwardNeuron
from glassnet.explanation.record import ExplanationRecord
from glassnet.explanation.words.formulas import (
    SOFTMAX,
    activation_formula,
    of_f,
)
from glassnet.explanation.words.lines import columns, hanging, more, paragraph, summed
from glassnet.explanation.words.numbers import aligned, factor, number

INDENT = 4


def forward_lines(explanation: ExplanationRecord, width: int, terms: int, neurons: int) -> list[str]:
    """Return the section of all layers."""
    has_bias = any(layer.b is not None for layer in explanation.forward)
    lines = [f"FORWARD  z = w1·a1 + w2·a2 + ...{' + b' if has_bias else ''}"]
    for layer in explanation.forward:
        is_output = layer.layer == explanation.network.n_layers
        lines += ["", *_layer(layer, is_output, width, terms, neurons)]
    return lines


def _layer(layer: ForwardLayer, is_output: bool, width: int, terms: int, neurons: int) -> list[str]:
    n = len(layer)
    kind = ("output" if is_output else "neuron") + ("s" if n > 1 else "")
    lines = paragraph(f"layer {layer.layer}: {n} {kind}, {_formula(layer)}", width, 2)
    whole, beside = choose_neurons(layer, is_output, terms, neurons)
    names = max(len(layer.names[j]) for j in whole)
    for j in whole:
        is_narrow = len(layer.sources) <= terms
        lines += _inline(layer, layer.at(j), names, width) if is_narrow else _stacked(layer, layer.at(j), terms, width)
    lines += _table(layer, beside, width)
    left = sorted(set(range(n)) - {*whole, *beside})
    return lines + _unshown(layer, left, width, named=is_output)


def _formula(layer: ForwardLayer) -> str:
    sigma, slope_words = layer.activation, "" if layer.slope is None else f", a = {written(SLOPE_FORMULA)}"
    letter = "f" if slope_words else "a"
    if sigma.builtin_name == "softmax":
        top = float(np.max(layer.z))
        total = float(np.sum(np.exp(layer.z - top)))
        return (
            f"softmax, {letter} = {written(SOFTMAX)}, where m = {number(top)} is the largest z and s = {number(total)} "
            f"the sum of exp(z - m){slope_words}"
        )
    if slope_words:
        return f"{sigma.name}, f = {written(of_f(activation_formula(sigma), sigma))}{slope_words}"
    parameters = "".join(f", {written(Letter(name))} = {number(value)}" for name, value in sigma.parameters.items()
                         if isinstance(value, int | float))  # fmt: skip
    return f"{sigma.name}, a = {written(activation_formula(sigma))}{parameters}"


def _activation(layer: ForwardLayer, neuron: ForwardNeuron, indent: int, width: int) -> list[str]:
    lines = [hanging(" " * indent, chain(*members), width) for members in activation_chains(layer, neuron)]
    return [line for each in lines for line in each]


def _inline(layer: ForwardLayer, neuron: ForwardNeuron, names: int, width: int) -> list[str]:
    """A narrow neuron: the sum in one line, in the order of its inputs."""
    head = f"{' ' * INDENT}{neuron.name.ljust(names)}  "
    terms = [f"{number(term.weight)}·{factor(term.value)}" for term in neuron.terms]
    if neuron.bias is not None:
        terms.append(number(neuron.bias))
    opening = "z = "
    sums = []
    if layer.notation.kind != "names":  # first letters as in the tutorials, then numbers
        symbols = layer.in_symbols(layer.names.index(neuron.name))
        sums = summed(f"{head}{opening}", [written(term, SUM) for term in symbols], None, width)
        head, opening = " " * len(head), "  = "
    sums += summed(f"{head}{opening}", terms, number(neuron.z), width)
    return [*sums, *_activation(layer, neuron, len(head), width)]


def _stacked(layer: ForwardLayer, neuron: ForwardNeuron, n: int, width: int) -> list[str]:
    """A wide neuron: the largest terms one per line, the sum of the others, the bias, the total."""
    shown, rest = neuron.largest(n)
    shown = tuple(term for term in shown if term.product != 0)
    left = len(neuron.terms) - len(shown)
    products = [term.product for term in shown] + [rest] + ([] if neuron.bias is None else [neuron.bias]) + [neuron.z]
    weights = aligned(term.weight for term in shown)
    values = aligned([term.value for term in shown], parentheses=True)
    factors = [f"{w} · {a}" for w, a in zip(weights, values, strict=True)]
    silent = sum(term.product == 0 for term in neuron.terms)
    others = f"the {left} other terms" + (" (all 0)" if silent == left else "")
    names = [term.source for term in shown] + [others] + ([] if neuron.bias is None else ["bias b"]) + ["z"]
    factors += [""] * (len(names) - len(factors))
    name_width = min(max(map(len, names)), width // 2)
    factor_width = max(map(len, factors))
    lines = [f"{' ' * INDENT}{neuron.name}"]
    for name, product, value in zip(names, factors, aligned(products), strict=True):
        sign = "=" if product or name == "z" else "+"
        lines.append(f"{' ' * (INDENT + 2)}{name.ljust(name_width)}  {product.ljust(factor_width)}  {sign} {value}")
    return [*lines, *_activation(layer, neuron, INDENT + 2, width)]


def _table(layer: ForwardLayer, shown: list[int], width: int) -> list[str]:
    """Neurons shown with z and a only."""
    if not shown:
        return []
    names = max(len(layer.names[j]) for j in shown)
    z, a = (aligned(float(values[j]) for j in shown) for values in (layer.z, layer.a))
    cells = [f"{layer.names[j].ljust(names)}  z = {z[i]}  a = {a[i]}" for i, j in enumerate(shown)]
    return columns(cells, width, INDENT)


def _unshown(layer: ForwardLayer, left: list[int], width: int, *, named: bool) -> list[str]:
    if not left:
        return []
    largest = number(float(np.max(np.abs(layer.a[left]))))
    return paragraph(f"and {more(layer.names, left, named=named)}, |a| up to {largest}", width, INDENT)
