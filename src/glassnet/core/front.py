r"""The front of a network: computes ``A[0]`` from the encoded row, with learned parameters.

The embedding (PBLD: periodic, bias, linear, dense) adds a few learned waves of each number, which resolve details
within a small range of values. Learned scaling changes the influence of an input faster than all of its weights would.
Both follow RealMLP (Holzmüller et al. 2024).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import pi
from typing import Any

from glassnet.arrays import namespace
from glassnet.errors import ParameterError
from glassnet.typing import Array

EMBEDDINGS = ("pbld",)
FRONTS: Mapping[str, Mapping[str, Any]] = {
    "scaling": {"numeric_embedding": None, "input_scaling": True},
    "pbld": {"numeric_embedding": "pbld", "input_scaling": False},
    "pbld+scaling": {"numeric_embedding": "pbld", "input_scaling": True},
}
"""The kinds of front, each with its settings of `Network.create`."""

N_FREQUENCIES = 16  # per embedded number
N_WAVES = 3  # new columns per embedded number, each a mixture of the frequencies
FREQUENCY_SPREAD = 0.1

# Factors of the learning rate: a scale acts like all weights of its input; frequencies overshoot easily.
SCALE_FACTOR, EMBEDDING_FACTOR = 6.0, 0.1


@dataclass(frozen=True)
class Front:
    r"""The embedded columns of X, and whether the columns of ``A[0]`` are scaled.

    .. math::
        e_{ir} = c_r + \sum_h V_{rh} \cos(2 \pi w_h x_i + \beta_h), \qquad
        a^{[0]}_j = s_j u_j, \qquad u = (x_1, \dots, x_n, e_{11}, e_{12}, e_{13}, e_{21}, \dots)

    The slots of layer 0 hold s as ``scale``, w as ``frequency``, :math:`\beta` as ``phase``, V as ``mix`` and c as
    ``shift``. Penalties do not apply to them, since the weights that multiply them are already penalized.

    Parameters
    ----------
    n_inputs : int
        Columns of X.
    embedded : tuple of int
        Indices of the embedded columns; empty without an embedding.
    has_scaling : bool
        Whether every column of ``A[0]`` has a learned scale.

    Examples
    --------
    >>> front = Front(4, embedded=(0, 2), has_scaling=True)
    >>> front, front.n_outputs
    (pbld+scaling of 4 inputs, 2 of them embedded, 10)
    >>> front.names_of(("age", "sex", "dose", "ward"))[4:8]
    ('age wave 1', 'age wave 2', 'age wave 3', 'dose wave 1')
    """

    n_inputs: int
    embedded: tuple[int, ...] = ()
    has_scaling: bool = False

    @property
    def kind(self) -> str:
        """One of `FRONTS`."""
        return "+".join(name for name, there in (("pbld", self.embedded), ("scaling", self.has_scaling)) if there)

    @property
    def settings(self) -> str:
        """The settings of `Network.create` for this front, for messages."""
        return " and ".join(f"{name}={value!r}" for name, value in FRONTS[self.kind].items() if value)

    @property
    def n_outputs(self) -> int:
        """Columns of ``A[0]``."""
        return self.n_inputs + N_WAVES * len(self.embedded)

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """The shape of each slot, in order."""
        m = len(self.embedded)
        shapes: dict[str, tuple[int, ...]] = {"scale": (self.n_outputs,)} if self.has_scaling else {}
        if m:
            shapes |= {"frequency": (m, N_FREQUENCIES), "phase": (m, N_FREQUENCIES)}
            shapes |= {"mix": (m, N_WAVES, N_FREQUENCIES), "shift": (m, N_WAVES)}
        return shapes

    def names_of(self, inputs: Sequence[str]) -> tuple[str, ...]:
        """Return the names of the columns of ``A[0]``, given the names of the columns of X."""
        waves = (f"{inputs[k]} wave {r}" for k in self.embedded for r in range(1, N_WAVES + 1))
        return (*inputs, *waves)

    def draw(self, rng: Any) -> dict[str, Array]:
        """Return initial values: scales 1, frequencies normal and small, the rest uniform, the mix by its fan-in."""
        bound = 1.0 / N_FREQUENCIES**0.5
        draws = {
            "frequency": lambda shape: rng.normal(0.0, FREQUENCY_SPREAD, shape),
            "phase": lambda shape: rng.uniform(-pi, pi, shape),
            "mix": lambda shape: rng.uniform(-bound, bound, shape),
            "shift": lambda shape: rng.uniform(-bound, bound, shape),
            "scale": lambda shape: rng.uniform(1.0, 1.0, shape),
        }
        return {name: draws[name](shape) for name, shape in self.shapes.items()}

    def __repr__(self) -> str:
        embedded = f", {len(self.embedded)} of them embedded" if self.embedded else ""
        return f"{self.kind} of {self.n_inputs} inputs{embedded}"


@dataclass(frozen=True, eq=False)
class FrontTrace:
    """All intermediate numbers from X to ``A[0]``.

    Attributes
    ----------
    X : array of shape (n_batch, n_inputs)
        The inputs.
    angles, waves : arrays of shape (n_batch, n_embedded, 16) or None
        ``2 pi w x + beta`` of each frequency, and their cosines; None without an embedding.
    U : array of shape (n_batch, n_outputs)
        X and the embedding side by side, before scaling.
    """

    X: Array
    angles: Array | None
    waves: Array | None
    U: Array


def resolve_front(
    numeric_embedding: Any, input_scaling: bool, n_inputs: int, embedded: Sequence[int] | None
) -> Front | None:
    """Return the front for the settings of `Network.create`, or None if they need none.

    >>> resolve_front("pbld", False, 3, None)
    pbld of 3 inputs, 3 of them embedded
    """
    check_embedding(numeric_embedding)
    if numeric_embedding is None:
        if embedded is not None:
            raise ParameterError(
                f"embedded={list(embedded)} names columns to embed, but numeric_embedding=None embeds none; use "
                f"numeric_embedding='pbld'."
            )
        return Front(n_inputs, (), True) if input_scaling else None
    chosen = tuple(range(n_inputs)) if embedded is None else tuple(embedded)
    for k in chosen:
        if isinstance(k, bool) or not hasattr(k, "__index__") or not 0 <= k < n_inputs:
            raise ParameterError(
                f"embedded={list(chosen)} has {k!r}; each is the number of a column of X, from 0 to {n_inputs - 1}."
            )
    if len(set(chosen)) < len(chosen):
        raise ParameterError(f"embedded={list(chosen)} names a column twice; name each one once.")
    embeds = tuple(int(k) for k in chosen)
    return Front(n_inputs, embeds, input_scaling) if embeds or input_scaling else None


def check_embedding(numeric_embedding: Any) -> None:
    """Refuse an unknown embedding."""
    if numeric_embedding is not None and numeric_embedding not in EMBEDDINGS:
        raise ParameterError(
            f"numeric_embedding={numeric_embedding!r} is not known. Choose from: {', '.join(EMBEDDINGS)}, or None for "
            f"no embedding."
        )


def front_forward(front: Front, values: Mapping[str, Array], X: Array) -> tuple[FrontTrace, Array]:
    """Return the intermediate numbers and ``A[0]``, (n_batch, n_outputs); `values` are the slots by name."""
    xp = namespace(X)
    angles = waves = None
    U = X
    if front.embedded:
        x = xp.take(X, xp.asarray(front.embedded), axis=1)[:, :, None]  # (n_batch, n_embedded, 1)
        angles = 2.0 * pi * x * values["frequency"] + values["phase"]  # (n_batch, n_embedded, 16)
        xp = namespace(angles)
        waves = xp.cos(angles)
        mixed = xp.matmul(_by_column(waves), xp.permute_dims(values["mix"], (0, 2, 1)))  # (n_embedded, n_batch, 3)
        E = xp.permute_dims(mixed, (1, 0, 2)) + values["shift"]  # (n_batch, n_embedded, 3)
        U = xp.concat([xp.astype(X, E.dtype, copy=False), xp.reshape(E, (X.shape[0], -1))], axis=1)
    A0 = U * values["scale"] if front.has_scaling else U  # (n_batch, n_outputs)
    return FrontTrace(X, angles, waves, U), A0


def front_backward(
    front: Front, values: Mapping[str, Array], trace: FrontTrace, delta: Array, n: int
) -> tuple[dict[str, Array], Array]:
    r"""Return the gradient of each slot, and the error signal of the inputs, (n_batch, n_inputs).

    .. math::
        ds_j = \tfrac1n \sum_i \delta_{ij} u_{ij}, \qquad dc_r = \tfrac1n \sum_i e'_{ir}, \qquad
        dV_{rh} = \tfrac1n \sum_i e'_{ir} \cos\phi_{ih}, \qquad
        \phi'_{ih} = -\sin\phi_{ih} \sum_r V_{rh} e'_{ir}, \qquad
        d\beta_h = \tfrac1n \sum_i \phi'_{ih}, \qquad dw_h = \tfrac1n \sum_i 2 \pi x_i \phi'_{ih}

    with :math:`\delta` the error signal of ``A[0]``, (n_batch, n_outputs), and :math:`e' = s \delta` the error signal
    of the embedding.
    """
    xp = namespace(delta)
    grads: dict[str, Array] = {}
    if front.has_scaling:
        grads["scale"] = xp.sum(delta * trace.U, axis=0) / n  # (n_outputs,)
        delta = delta * values["scale"]  # (n_batch, n_outputs)
    dX = delta[:, : front.n_inputs]  # (n_batch, n_inputs)
    if not front.embedded:
        return grads, dX
    places = xp.asarray(front.embedded)
    x = xp.take(trace.X, places, axis=1)[:, :, None]  # (n_batch, n_embedded, 1)
    dE = xp.reshape(delta[:, front.n_inputs :], (delta.shape[0], -1, N_WAVES))  # (n_batch, n_embedded, 3)
    dwaves = xp.permute_dims(xp.matmul(_by_column(dE), values["mix"]), (1, 0, 2))  # (n_batch, n_embedded, 16)
    dangles = -xp.sin(trace.angles) * dwaves  # (n_batch, n_embedded, 16)
    grads["frequency"] = 2.0 * pi * xp.sum(dangles * x, axis=0) / n  # (n_embedded, 16)
    grads["phase"] = xp.sum(dangles, axis=0) / n  # (n_embedded, 16)
    grads["mix"] = xp.matmul(xp.permute_dims(dE, (1, 2, 0)), _by_column(trace.waves)) / n  # (n_embedded, 3, 16)
    grads["shift"] = xp.sum(dE, axis=0) / n  # (n_embedded, 3)
    dx = 2.0 * pi * xp.sum(dangles * values["frequency"], axis=2)  # (n_batch, n_embedded)
    is_of = xp.astype(places[:, None] == xp.arange(front.n_inputs), delta.dtype)  # (n_embedded, n_inputs)
    return grads, dX + dx @ is_of


def _by_column(values: Array) -> Array:
    """Return (n_embedded, n_batch, ...) from (n_batch, n_embedded, ...): one matrix per embedded column."""
    return namespace(values).permute_dims(values, (1, 0, 2))
