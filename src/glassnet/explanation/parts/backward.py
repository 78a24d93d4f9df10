"""The backward pass of one row: every neuron's error signal, and the chain rule for every weight."""

import math
from dataclasses import dataclass

import numpy as np

from glassnet.core.backward import Gradients, backward
from glassnet.core.catalog import activations
from glassnet.core.catalog.activation import Activation
from glassnet.core.catalog.costs import COMBINED, Cost
from glassnet.explanation.parts.forward import Term, position
from glassnet.explanation.subject.notation import Notation
from glassnet.explanation.subject.subject import Subject
from glassnet.typing import Array


@dataclass(frozen=True)
class BackwardNeuron:
    """One neuron's error signal: ``delta = ∂E/∂a · ∂a/∂z``.

    For a hidden neuron ``∂E/∂a`` is the sum of its `terms`, weight times the downstream neuron's delta. With a learned
    slope, ``∂a/∂z = slope·∂f/∂z + 1 - slope``, where f is the value of the activation function; without one, `df_dz` is
    ``∂a/∂z``. Factors that exist only as a product are None (see `BackwardLayer`).
    """

    name: str
    terms: tuple[Term, ...]
    dE_da: float | None
    da_dz: float | None
    delta: float
    df_dz: float | None = None

    def largest(self, n: int) -> tuple[tuple[Term, ...], float]:
        """Return the n largest terms, largest first, and the sum of all others."""
        ranked = sorted(self.terms, key=lambda term: -abs(term.product))
        return tuple(ranked[:n]), math.fsum(term.product for term in ranked[n:])


@dataclass(frozen=True)
class WeightGradient:
    """The chain rule for one weight: ``gradient = ∂E/∂a · ∂a/∂z · ∂z/∂w``, with ``delta = ∂E/∂a · ∂a/∂z``."""

    source: str
    target: str
    dE_da: float | None
    da_dz: float | None
    delta: float
    dz_dw: float
    gradient: float


@dataclass(frozen=True, eq=False)
class BackwardLayer:
    """The backward pass through one layer.

    Attributes
    ----------
    layer : int
        l, from 1.
    names, sources, above : tuple of str
        Names of its neurons, of the previous layer, and of the next layer (empty for the outputs).
    activation : Activation
        sigma, whose derivative is ``∂f/∂z``.
    cost : Cost or None
        The cost E, for the output layer.
    dE_da, da_dz : array (n_out,) or None
        The factors of delta. None if they exist only as a product: softmax mixes all outputs of its layer, and sigmoid
        or softmax with its cross-entropy gives exactly output - target.
    df_dz : array (n_out,) or None
        The derivative of sigma; equal to ``∂a/∂z`` without a learned slope.
    delta : array (n_out,)
        Error signal of each neuron, ``∂E/∂z``.
    dW, db, dslope : array (n_out, n_in); arrays (n_out,) or None
        Gradients of weights, biases and learned slopes.
    a_in : array (n_in,)
        ``∂z/∂w``: the incoming values.
    W_above, delta_above : array (n_above, n_out), array (n_above,); or None
        Weights and deltas of the next layer.
    is_combined : bool
        Whether delta is exactly output - target.
    z, f, a, target : arrays (n_out,); target None in hidden layers
        Results of the forward pass, and the target.
    slope : array (n_out,) or None
        The learned slopes.
    """

    layer: int
    names: tuple[str, ...]
    sources: tuple[str, ...]
    above: tuple[str, ...]
    activation: Activation
    cost: Cost | None
    dE_da: Array | None
    da_dz: Array | None
    df_dz: Array | None
    delta: Array
    dW: Array
    db: Array | None
    dslope: Array | None
    a_in: Array
    W_above: Array | None
    delta_above: Array | None
    is_combined: bool
    z: Array
    f: Array
    a: Array
    slope: Array | None
    target: Array | None
    notation: Notation

    def __len__(self) -> int:
        return len(self.names)

    @property
    def most_blamed(self) -> str | None:
        """The most active upstream neuron, whose connections get the largest gradients; None if all are silent."""
        k = int(np.argmax(np.abs(self.a_in)))
        return self.sources[k] if self.a_in[k] != 0 and np.any(self.delta != 0) else None

    def neuron(self, name: str) -> BackwardNeuron:
        """Return one neuron's error signal by its name, such as "hidden1.3"."""
        return self.at(position(name, self.names))

    def label(self, j: int, k: int | None) -> str:
        """Return the label of the weight into neuron j from neuron k; k is None for a bias."""
        return self.notation.label(self.layer, j, k)

    def at(self, j: int) -> BackwardNeuron:
        """Return the error signal of neuron j, counted from 0."""
        terms: tuple[Term, ...] = ()
        if self.W_above is not None and self.delta_above is not None:
            rows = zip(self.above, self.W_above[:, j].tolist(), self.delta_above.tolist(), strict=True)
            terms = tuple(Term(*row) for row in rows)
        factors = _item(self.dE_da, j), _item(self.da_dz, j), float(self.delta[j])
        return BackwardNeuron(self.names[j], terms, *factors, _item(self.df_dz, j))

    def weight(self, source: str, target: str) -> WeightGradient:
        """Return the chain rule for the weight from one neuron to another, by their names."""
        return self.weight_at(position(target, self.names), position(source, self.sources))

    def weight_at(self, j: int, k: int) -> WeightGradient:
        """Return the chain rule for the weight into neuron j from neuron k, both counted from 0."""
        factors = _item(self.dE_da, j), _item(self.da_dz, j), float(self.delta[j]), float(self.a_in[k])
        return WeightGradient(self.sources[k], self.names[j], *factors, float(self.dW[j, k]))


def _item(values: Array | None, j: int) -> float | None:
    return None if values is None else float(values[j])


def gradients(subject: Subject) -> Gradients:
    """Return the gradients of a subject with a target."""
    with np.errstate(all="ignore"):
        return backward(subject.network, subject.trace, subject.Y, cost=subject.cost)


def backward_layers(subject: Subject, grads: Gradients) -> list[BackwardLayer]:
    """Return the layers of a subject's backward pass, from the first to the last."""
    return [_layer(subject, grads, l) for l in range(1, subject.network.n_layers + 1)]


def _layer(subject: Subject, grads: Gradients, l: int) -> BackwardLayer:
    network, trace, names = subject.network, subject.trace, subject.names
    is_output = l == network.n_layers
    sigma = network.activation[l]
    cost = subject.cost if is_output else None
    is_combined = cost is not None and (sigma.builtin_name, cost.builtin_name) in COMBINED
    mixes = sigma.derivative is activations.softmax_pullback
    with np.errstate(all="ignore"):
        dE_da = cost.prime(trace.A[l], subject.Y)[0] if cost else (grads.delta[l + 1] @ network.W[l + 1])[0]
        df_dz = None if mixes or is_combined else sigma.prime(trace.Z[l], trace.F[l])[0]
    slope = network.slope[l]
    return BackwardLayer(
        layer=l,
        names=names[l],
        sources=names[l - 1],
        above=() if is_output else names[l + 1],
        activation=sigma,
        cost=cost,
        dE_da=None if is_combined else dE_da,
        da_dz=df_dz if slope is None or df_dz is None else slope * df_dz + (1.0 - slope),
        df_dz=df_dz,
        delta=grads.delta[l][0],
        dW=grads.dW[l],
        db=grads.db[l],
        dslope=grads.dslope[l],
        a_in=trace.A[l - 1][0],
        W_above=None if is_output else network.W[l + 1],
        delta_above=None if is_output else grads.delta[l + 1][0],
        is_combined=is_combined,
        z=trace.Z[l][0],
        f=trace.F[l][0],
        a=trace.A[l][0],
        slope=slope,
        target=subject.Y[0] if is_output and subject.Y is not None else None,
        notation=subject.notation,
    )
