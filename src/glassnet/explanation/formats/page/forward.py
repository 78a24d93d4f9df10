"""The forward pass on a page: every neuron's sum and activation, wide layers folded."""

import numpy as np

from glassnet.core.expressions.signs import Value, phrase
from glassnet.core.expressions.tree import Expression
from glassnet.core.slope import SLOPE_FORMULA
from glassnet.explanation.formats.calculations import Equation, activation_chains, equation
from glassnet.explanation.formats.page.document import Block, Equations, Heading, Prose, grid
from glassnet.explanation.formats.selection import choose_neurons
from glassnet.explanation.parts.forward import ForwardLayer, ForwardNeuron
from glassnet.explanation.record import ExplanationRecord
from glassnet.explanation.words.formulas import SOFTMAX, activation_formula, of_f
from glassnet.explanation.words.letters import a, b, total, w
from glassnet.explanation.words.lines import more
from glassnet.explanation.words.numbers import number


def forward_blocks(explanation: ExplanationRecord, terms: int, neurons: int) -> list[Block]:
    """Return the section of all layers."""
    has_bias = any(layer.b is not None for layer in explanation.forward)
    weighted = phrase("sum of", w * a)
    z = equation("", "z", weighted + b if has_bias else weighted)
    blocks: list[Block] = [Heading("Forward"), Equations((z,))]
    for layer in explanation.forward:
        is_output = layer.layer == explanation.network.n_layers
        blocks += _layer(layer, is_output, terms, neurons)
    return blocks


def _layer(layer: ForwardLayer, is_output: bool, terms: int, neurons: int) -> list[Block]:
    n = len(layer)
    kind = ("output" if is_output else "neuron") + ("s" if n > 1 else "")
    blocks: list[Block] = [
        Heading(f"Layer {layer.layer}: {n} {kind}, {layer.activation.name}", 2, "output" if is_output else "hidden"),
        Equations(tuple(_formulas(layer))),
    ]
    whole, beside = choose_neurons(layer, is_output, terms, neurons)
    if len(layer.sources) <= terms:
        blocks.append(Equations(tuple(row for j in whole for row in _inline(layer, j))))
    else:
        for j in whole:
            blocks += _stacked(layer, j, terms)
        if beside:
            rows = [(layer.names[j], float(layer.z[j]), float(layer.a[j])) for j in beside]
            blocks.append(grid(("neuron", "z", "a"), rows))
    left = sorted(set(range(n)) - {*whole, *beside})
    if left:
        largest = number(float(np.max(np.abs(layer.a[left]))))
        blocks.append(Prose(f"and {more(layer.names, left, named=is_output)}, activations up to {largest} in size"))
    return blocks


def _formulas(layer: ForwardLayer) -> list[Equation]:
    sigma = layer.activation
    letter, has_slope = ("a", []) if layer.slope is None else ("f", [equation("", "a", SLOPE_FORMULA)])
    if sigma.builtin_name == "softmax":
        top = float(np.max(layer.z))
        exps = equation("s, the sum of exp(z - m)", "s", float(np.sum(np.exp(layer.z - top))))
        return [equation("m, the largest z", "m", top), exps, equation("", letter, SOFTMAX), *has_slope]
    formula = activation_formula(sigma)
    if has_slope:
        return [equation("", "f", of_f(formula, sigma)), *has_slope]
    values = [equation("", name, float(value)) for name, value in sigma.parameters.items()
              if isinstance(value, int | float)]  # fmt: skip
    return [equation("", "a", formula), *values]


def _inline(layer: ForwardLayer, j: int) -> list[Equation]:
    neuron = layer.at(j)
    terms: list[Expression] = [Value(term.weight) * Value(term.value) for term in neuron.terms]
    if neuron.bias is not None:
        terms.append(Value(neuron.bias))
    members: list[str | float | Expression] = ["z", total(terms), neuron.z]
    if layer.notation.kind != "names":
        members.insert(1, total(layer.in_symbols(j)))
    return [equation(neuron.name, *members), *_activation(layer, neuron)]


def _stacked(layer: ForwardLayer, j: int, n: int) -> list[Block]:
    neuron = layer.at(j)
    shown, rest = neuron.largest(n)
    shown = tuple(term for term in shown if term.product != 0)
    rows: list[tuple[str | float, ...]] = [(t.source, t.weight, t.value, t.product) for t in shown]
    left = len(neuron.terms) - len(shown)
    if left:
        rows.append((f"the {left} other terms", "", "", rest))
    if neuron.bias is not None:
        rows.append(("bias", "", "", neuron.bias))
    rows.append((f"sum: z of {neuron.name}", "", "", neuron.z))
    return [
        grid((f"into {neuron.name} from", "weight", "value", "product"), rows),
        Equations(tuple(_activation(layer, neuron, neuron.name))),
    ]


def _activation(layer: ForwardLayer, neuron: ForwardNeuron, name: str = "") -> list[Equation]:
    chains = activation_chains(layer, neuron)
    return [equation(name if i == 0 else "", *chain) for i, chain in enumerate(chains)]
