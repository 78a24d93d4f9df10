"""The front of the network for one row: ``A[0]`` from the encoded row, and the gradients of its parameters."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from glassnet.core.backward import Gradients
from glassnet.core.front import N_FREQUENCIES, N_WAVES
from glassnet.core.layout import Layout, Slot
from glassnet.errors import ParameterError
from glassnet.explanation.parts.worked_parameter import Factors, WorkedParameter
from glassnet.explanation.subject.subject import Subject
from glassnet.explanation.words.numbers import number
from glassnet.typing import Array

WAVES_IN_WORDS = (
    f"A wave is a learned curve over one number x, a sum of {N_FREQUENCIES} cosines: frequency is the number of cycles "
    "per unit of x, phase the starting point, mix the weight of the cosine. Each embedded number has "
    f"{N_WAVES} waves, which help the network to distinguish values that lie close together."
)


@dataclass(frozen=True)
class WaveTerm:
    """One term of a wave: ``mix · cos(2 pi · frequency · x + phase)``."""

    mix: float
    frequency: float
    phase: float
    cosine: float

    @property
    def product(self) -> float:
        """Mix · cosine."""
        return self.mix * self.cosine


@dataclass(frozen=True)
class FrontValue:
    """One number of ``A[0]``: ``a = scale · u``, where u is an input or a wave of it.

    Attributes
    ----------
    name, input : str
        Its name, and the name of its input.
    x, u, a : float
        The input, and the number before and after scaling.
    scale : float or None
        None without scaling.
    terms : tuple of WaveTerm
        Terms of a wave, in addition to `shift`; empty for an input.
    """

    name: str
    input: str
    x: float
    u: float
    a: float
    scale: float | None
    terms: tuple[WaveTerm, ...] = ()
    shift: float = 0.0

    def largest(self, n: int) -> tuple[tuple[WaveTerm, ...], float]:
        """Return the n largest terms, largest first, and the sum of all others."""
        ranked = sorted(self.terms, key=lambda term: -abs(term.product))
        return tuple(ranked[:n]), math.fsum(term.product for term in ranked[n:])


@dataclass(frozen=True, eq=False)
class FrontPart:
    """The computation of ``A[0]`` and, with a target, the gradient of each parameter.

    Attributes
    ----------
    kind : str
        "scaling", "pbld" or "pbld+scaling".
    values : tuple of FrontValue
        One per number of ``A[0]``: first the inputs, then the waves.
    delta : array (n_outputs,) or None
        The error signal of each of them; None without a target.
    W, delta_onward : array (n_out, n_outputs), array (n_out,) or None
        Weights and error signals of layer 1: ``delta = delta_onward @ W``.
    gradients : dict of str to array
        By slot; empty without a target.
    """

    kind: str
    values: tuple[FrontValue, ...]
    n_inputs: int
    layout: Layout
    theta: Array
    W: Array
    delta: Array | None = None
    delta_onward: Array | None = None
    gradients: Mapping[str, Array] = field(default_factory=dict)

    @property
    def has_scaling(self) -> bool:
        """Whether every number has a learned scale."""
        return "scaling" in self.kind

    @property
    def has_waves(self) -> bool:
        """Whether inputs are embedded as waves."""
        return "pbld" in self.kind

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The slots of layer 0."""
        return tuple(slot for slot in self.layout.slots if slot.layer == 0)

    def in_words(self) -> str:
        """Return a description of the waves and of their fastest cosine; empty without waves."""
        waves = [value for value in self.values if value.terms]
        if not waves:
            return ""
        fastest, frequency = max(
            ((value.input, abs(term.frequency)) for value in waves for term in value.terms), key=lambda pair: pair[1]
        )
        if frequency == 0:
            return WAVES_IN_WORDS
        cycle = number(1 / frequency)
        return f"{WAVES_IN_WORDS} The fastest cosine here is one of {fastest}, with a cycle over {cycle} of x."

    def largest(self, n: int) -> tuple[WorkedParameter, ...]:
        """Return the n parameters with the largest gradients, largest first."""
        found = [(slot, k, abs(float(g))) for slot in self.slots
                 for k, g in enumerate(np.ravel(self.gradients[slot.name]))]  # fmt: skip
        ranked = sorted(found, key=lambda each: -each[2])
        return tuple(self._parameter(slot, k) for slot, k, _ in ranked[:n])

    def parameters(self) -> Iterator[WorkedParameter]:
        """Yield all parameters, in the order of theta."""
        if self.delta is None:
            raise ParameterError("the gradients of the front's parameters need a target; pass target=... to explain.")
        for slot in self.slots:
            for k in range(slot.size):
                yield self._parameter(slot, k)

    def parameter(self, name: str) -> WorkedParameter:
        """Return the parameter with this name, such as "age: scale", or entry, such as "scale[0][3]"."""
        for each in self.parameters():
            if name in (each.name, each.entry):
                return each
        raise ParameterError(
            f"there is no {name!r} in the front; one of its parameters is {next(self.parameters()).name!r}."
        )

    def shares(self, j: int, n: int) -> tuple[list[tuple[float, float]], float]:
        """Return the n largest terms of number j's error signal as (outgoing weight, delta), and the others' sum."""
        assert self.delta_onward is not None
        pairs = list(zip(self.W[:, j].tolist(), self.delta_onward.tolist(), strict=True))
        if len(pairs) > n:
            pairs.sort(key=lambda pair: -abs(pair[0] * pair[1]))
        return pairs[:n], math.fsum(w * delta for w, delta in pairs[n:])

    def blame(self, j: int) -> float:
        """Return the error signal of number j before scaling: its delta times the scale."""
        assert self.delta is not None
        scale = self.values[j].scale
        return float(self.delta[j]) * (1.0 if scale is None else scale)

    def _parameter(self, slot: Slot, k: int) -> WorkedParameter:
        worked = {"scale": self._scale, "mix": self._mix, "shift": self._shift}.get(slot.name, self._angle)
        name, factors = worked(slot.name, k)
        gradient = float(np.ravel(self.gradients[slot.name])[k])
        place = slot.offset + k
        return WorkedParameter(name, slot.entry(k), float(self.theta[place]), gradient, factors, place)

    def _scale(self, letter: str, k: int) -> tuple[str, Factors]:
        assert self.delta is not None
        value = self.values[k]
        return f"{value.name}: {letter}", (("delta", float(self.delta[k])), ("u", value.u))

    def _mix(self, letter: str, k: int) -> tuple[str, Factors]:
        r, h = divmod(k, N_FREQUENCIES)
        j = self.n_inputs + r
        value = self.values[j]
        return f"{value.name}: {letter} {h + 1}", (("∂E/∂u", self.blame(j)), ("cos", value.terms[h].cosine))

    def _shift(self, letter: str, k: int) -> tuple[str, Factors]:
        j = self.n_inputs + k
        return f"{self.values[j].name}: {letter}", (("∂E/∂u", self.blame(j)),)

    def _angle(self, letter: str, k: int) -> tuple[str, Factors]:
        """Return the factors of a phase, or of a frequency, which has one more."""
        e, h = divmod(k, N_FREQUENCIES)
        waves = range(self.n_inputs + e * N_WAVES, self.n_inputs + (e + 1) * N_WAVES)
        value = self.values[waves[0]]
        term = value.terms[h]
        arrived = math.fsum(self.blame(j) * self.values[j].terms[h].mix for j in waves)
        sine = math.sin(2 * math.pi * term.frequency * value.x + term.phase)
        factors: Factors = (("sum of ∂E/∂u · mix", arrived), ("-sin", -sine))
        if letter == "frequency":
            factors = (*factors, ("2π·x", 2 * math.pi * value.x))
        return f"{value.input}: {letter} {h + 1}", factors


def front_part(subject: Subject, grads: Gradients | None = None) -> FrontPart | None:
    """Return the front of a subject, with gradients if there is a target; None without a front."""
    network, trace = subject.network, subject.trace.front
    if network.front is None or trace is None:
        return None
    given, names = network.front_values, subject.names[0]
    n = network.front.n_inputs
    X, U, A = trace.X[0].tolist(), trace.U[0].tolist(), subject.trace.A[0][0].tolist()
    scales = given["scale"].tolist() if "scale" in given else [None] * len(A)
    values = [FrontValue(names[k], names[k], X[k], U[k], A[k], scales[k]) for k in range(n)]
    for j in range(n, len(A)):
        e, r = divmod(j - n, N_WAVES)
        column = network.front.embedded[e]
        assert trace.waves is not None
        parts = (given["mix"][e, r], given["frequency"][e], given["phase"][e], trace.waves[0, e])
        terms = tuple(WaveTerm(*each) for each in zip(*(part.tolist() for part in parts), strict=True))
        shift = float(given["shift"][e, r])
        values.append(FrontValue(names[j], names[column], X[column], U[j], A[j], scales[j], terms, shift))
    common = (network.front.kind, tuple(values), n, network.layout, network.theta, network.W[1])
    if grads is None:
        return FrontPart(*common)
    return FrontPart(*common, grads.delta[0][0], grads.delta[1][0], grads.dfront)
