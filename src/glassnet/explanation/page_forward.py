"""The forward pass on a page: every neuron's sum and activation, wide layers folded."""

from typing import TYPE_CHECKING

import numpy as np

from glassnet.explanation.document import Block, Equation, Equations, Heading, Prose, equation, grid, marked
from glassnet.explanation.formulas import LEANS, of_f
from glassnet.explanation.forward_part import ForwardLayer, ForwardNeuron
from glassnet.explanation.layout import more
from glassnet.explanation.numbers import factor, joined, number
from glassnet.explanation.text_forward import activation_chains, choose_neurons

if TYPE_CHECKING:
    from glassnet.explanation.explanation import Explanation


def forward_blocks(explanation: "Explanation", terms: int, neurons: int) -> list[Block]:
    """Return the section of all layers."""
    has_bias = any(layer.b is not None for layer in explanation.forward)
    z = equation("", "z", f"sum of w·a{' + b' if has_bias else ''}")
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
            rows = [(layer.names[j], number(float(layer.z[j])), number(float(layer.a[j]))) for j in beside]
            blocks.append(grid(("neuron", "z", "a"), rows))
    left = sorted(set(range(n)) - {*whole, *beside})
    if left:
        largest = number(float(np.max(np.abs(layer.a[left]))))
        blocks.append(Prose(f"and {more(layer.names, left, named=is_output)}, activations up to {largest} in size"))
    return blocks


def _formulas(layer: ForwardLayer) -> list[Equation]:
    sigma = layer.activation
    letter, leans = ("a", []) if layer.slope is None else ("f", [equation("", "a", LEANS)])
    if sigma.name == "softmax":
        top = float(np.max(layer.z))
        total = float(np.sum(np.exp(layer.z - top)))
        a = [equation("m, the largest z", "m", number(top)), equation("s, the sum of exp(z - m)", "s", number(total)),
             equation("", letter, "exp(z - m) / s")]  # fmt: skip
        return [*a, *leans]
    if leans:
        return [equation("", "f", of_f(sigma.formula, sigma) or f"{marked(sigma.name)}(z)"), *leans]
    values = [equation("", name, number(value)) for name, value in sigma.parameters.items()
              if isinstance(value, int | float)]  # fmt: skip
    return [equation("", "a", sigma.formula or f"{marked(sigma.name)}(z)"), *values]


def _inline(layer: ForwardLayer, j: int) -> list[Equation]:
    neuron = layer.at(j)
    terms = [f"{number(term.weight)}·{factor(term.value)}" for term in neuron.terms]
    if neuron.bias is not None:
        terms.append(number(neuron.bias))
    members = ["z", _sum(terms), number(neuron.z)]
    if layer.notation.kind != "names":
        members.insert(1, " + ".join(layer.in_symbols(j, marked)))
    return [equation(neuron.name, *members), *_activation(layer, neuron)]


def _stacked(layer: ForwardLayer, j: int, n: int) -> list[Block]:
    neuron = layer.at(j)
    shown, rest = neuron.largest(n)
    shown = tuple(term for term in shown if term.product != 0)
    rows = [(t.source, number(t.weight), number(t.value), number(t.product)) for t in shown]
    left = len(neuron.terms) - len(shown)
    if left:
        rows.append((f"the {left} other terms", "", "", number(rest)))
    if neuron.bias is not None:
        rows.append(("bias", "", "", number(neuron.bias)))
    rows.append((f"sum: z of {neuron.name}", "", "", number(neuron.z)))
    return [
        grid((f"into {neuron.name} from", "weight", "value", "product"), rows),
        Equations(tuple(_activation(layer, neuron, neuron.name))),
    ]


def _activation(layer: ForwardLayer, neuron: ForwardNeuron, name: str = "") -> list[Equation]:
    chains = activation_chains(layer, neuron)
    return [equation(name if i == 0 else "", *chain) for i, chain in enumerate(chains)]


def _sum(terms: list[str]) -> str:
    return " ".join(joined(term, first=i == 0) for i, term in enumerate(terms)) or "0"
