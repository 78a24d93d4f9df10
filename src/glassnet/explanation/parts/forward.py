"""The forward pass of one row, neuron by neuron."""

import math
from dataclasses import dataclass

from glassnet.core.catalog.activation import Activation
from glassnet.core.expressions.tree import Expression, Letter
from glassnet.errors import ParameterError
from glassnet.explanation.subject.notation import Notation
from glassnet.explanation.subject.subject import Subject
from glassnet.explanation.words.letters import named
from glassnet.typing import Array


@dataclass(frozen=True)
class Term:
    """One term of a weighted sum: weight times incoming value."""

    source: str
    weight: float
    value: float

    @property
    def product(self) -> float:
        """Weight · value."""
        return self.weight * self.value


@dataclass(frozen=True)
class ForwardNeuron:
    """The arithmetic of one neuron: ``z = w1·a1 + w2·a2 + ... + b`` and ``a = sigma(z)``.

    With a learned slope, ``f = sigma(z)`` and ``a = slope·f + (1 - slope)·z``; otherwise slope is None and f is a.
    """

    name: str
    terms: tuple[Term, ...]
    bias: float | None
    z: float
    a: float
    f: float
    slope: float | None = None

    def largest(self, n: int) -> tuple[tuple[Term, ...], float]:
        """Return the n largest terms, largest first, and the sum of all others."""
        ranked = sorted(self.terms, key=lambda term: -abs(term.product))
        return tuple(ranked[:n]), math.fsum(term.product for term in ranked[n:])


@dataclass(frozen=True, eq=False)
class ForwardLayer:
    """The forward pass through one layer.

    Attributes
    ----------
    layer : int
        l, from 1.
    names, sources : tuple of str
        Names of its neurons, and of the previous layer's neurons or the inputs.
    activation : Activation
        sigma.
    W, b : array (n_out, n_in); array (n_out,) or None
        Weights and biases.
    a_in, z, a : arrays (n_in,), (n_out,), (n_out,)
        ``A[l-1]``, ``Z[l]`` and ``A[l]`` of the row.
    f, slope : array (n_out,); array (n_out,) or None
        ``sigma(z)``, and the learned slopes.
    """

    layer: int
    names: tuple[str, ...]
    sources: tuple[str, ...]
    activation: Activation
    W: Array
    b: Array | None
    a_in: Array
    z: Array
    a: Array
    f: Array
    slope: Array | None
    notation: Notation

    def __len__(self) -> int:
        return len(self.names)

    def neuron(self, name: str) -> ForwardNeuron:
        """Return one neuron's arithmetic by its name, such as "hidden1.3"."""
        return self.at(position(name, self.names))

    def in_symbols(self, j: int) -> list[Expression]:
        """Return the terms of neuron j's weighted sum in letters, including the bias: w10·hidden1.1, ..., b4."""
        l, notation = self.layer, self.notation
        is_letter = notation.kind == "from_to"
        incoming = [named(notation.incoming(l - 1, k), is_letter=is_letter) for k in range(len(self.a_in))]
        terms = [Letter(notation.weight(l, j, k)) * value for k, value in enumerate(incoming)]
        return terms if self.b is None else [*terms, Letter(notation.weight(l, j, None))]

    def at(self, j: int) -> ForwardNeuron:
        """Return the arithmetic of neuron j, counted from 0."""
        weights, values = self.W[j].tolist(), self.a_in.tolist()
        terms = tuple(Term(*term) for term in zip(self.sources, weights, values, strict=True))
        bias = None if self.b is None else float(self.b[j])
        slope = None if self.slope is None else float(self.slope[j])
        return ForwardNeuron(self.names[j], terms, bias, float(self.z[j]), float(self.a[j]), float(self.f[j]), slope)


def position(name: str, names: tuple[str, ...]) -> int:
    """Return the position of a neuron in its layer."""
    if name not in names:
        known = ", ".join(names[:6]) + (", ..." if len(names) > 6 else "")
        raise ParameterError(f"there is no neuron {name!r} in this layer; it has {known}.")
    return names.index(name)


def forward_layers(subject: Subject) -> list[ForwardLayer]:
    """Return the layers of a subject's forward pass."""
    network, trace, names = subject.network, subject.trace, subject.names
    return [
        ForwardLayer(
            layer=l,
            names=names[l],
            sources=names[l - 1],
            activation=sigma,
            W=network.W[l],
            b=network.b[l],
            a_in=trace.A[l - 1][0],
            z=trace.Z[l][0],
            a=trace.A[l][0],
            f=trace.F[l][0],
            slope=network.slope[l],
            notation=subject.notation,
        )
        for l, sigma in network.activation.items()
    ]
