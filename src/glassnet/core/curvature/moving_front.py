"""The front of a network while its parameters move: rates of change of its outputs and of its gradient."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import pi

from glassnet.arrays import namespace
from glassnet.core.front import N_WAVES, Front, FrontTrace
from glassnet.typing import Array


@dataclass(frozen=True, eq=False)
class MovingFront:
    """Rates of change of a front's intermediate numbers; None without an embedding.

    Attributes
    ----------
    Rangles, Rwaves : arrays of shape (n_batch, n_embedded, 16) or None
    RU, RA0 : arrays of shape (n_batch, n_outputs)
    """

    Rangles: Array | None
    Rwaves: Array | None
    RU: Array
    RA0: Array


def moving_forward(front: Front, values: Mapping[str, Array], V: Mapping[str, Array], trace: FrontTrace) -> MovingFront:
    r"""Return the rates of change as the parameters `values` move along `V`; see `glassnet.core.front.front_forward`.

    .. math::
        R\{\phi\} = 2 \pi x V_w + V_\beta, \qquad R\{\cos\phi\} = -\sin\phi\, R\{\phi\}, \qquad
        R\{a^{[0]}\} = R\{u\} s + u V_s
    """
    xp = namespace(trace.U)
    Rangles = Rwaves = None
    RU = xp.zeros_like(trace.U)
    if front.embedded:
        x = xp.take(trace.X, xp.asarray(front.embedded), axis=1)[:, :, None]  # (n_batch, n_embedded, 1)
        Rangles = 2.0 * pi * x * V["frequency"] + V["phase"]  # (n_batch, n_embedded, 16)
        Rwaves = -xp.sin(trace.angles) * Rangles  # (n_batch, n_embedded, 16)
        RE = _mixed(Rwaves, values["mix"]) + _mixed(trace.waves, V["mix"]) + V["shift"]  # (n_batch, n_embedded, 3)
        RX = xp.zeros(trace.X.shape, dtype=RE.dtype)
        RU = xp.concat([RX, xp.reshape(RE, (trace.X.shape[0], -1))], axis=1)
    RA0 = RU * values["scale"] + trace.U * V["scale"] if front.has_scaling else RU  # (n_batch, n_outputs)
    return MovingFront(Rangles, Rwaves, RU, RA0)


def moving_backward(
    front: Front,
    values: Mapping[str, Array],
    V: Mapping[str, Array],
    trace: FrontTrace,
    moving: MovingFront,
    delta: Array,
    Rdelta: Array,
    n: int,
) -> dict[str, Array]:
    """Return the rate of change of each slot's gradient; `delta` is the error signal of ``A[0]``.

    See `glassnet.core.front.front_backward`, whose lines these are, by the product rule.
    """
    xp = namespace(delta)
    rates: dict[str, Array] = {}
    if front.has_scaling:
        rates["scale"] = xp.sum(Rdelta * trace.U + delta * moving.RU, axis=0) / n  # (n_outputs,)
        Rdelta = Rdelta * values["scale"] + delta * V["scale"]  # (n_batch, n_outputs)
        delta = delta * values["scale"]  # (n_batch, n_outputs)
    if not front.embedded:
        return rates
    x = xp.take(trace.X, xp.asarray(front.embedded), axis=1)[:, :, None]  # (n_batch, n_embedded, 1)
    shape = (delta.shape[0], -1, N_WAVES)
    dE = xp.reshape(delta[:, front.n_inputs :], shape)  # (n_batch, n_embedded, 3)
    RdE = xp.reshape(Rdelta[:, front.n_inputs :], shape)  # (n_batch, n_embedded, 3)
    dwaves = _unmixed(dE, values["mix"])  # (n_batch, n_embedded, 16)
    Rdwaves = _unmixed(RdE, values["mix"]) + _unmixed(dE, V["mix"])  # (n_batch, n_embedded, 16)
    Rdangles = -xp.cos(trace.angles) * moving.Rangles * dwaves - xp.sin(trace.angles) * Rdwaves
    rates["frequency"] = 2.0 * pi * xp.sum(Rdangles * x, axis=0) / n  # (n_embedded, 16)
    rates["phase"] = xp.sum(Rdangles, axis=0) / n  # (n_embedded, 16)
    rates["mix"] = (_product(RdE, trace.waves) + _product(dE, moving.Rwaves)) / n  # (n_embedded, 3, 16)
    rates["shift"] = xp.sum(RdE, axis=0) / n  # (n_embedded, 3)
    return rates


def _mixed(waves: Array, mix: Array) -> Array:
    """Return (n_batch, n_embedded, 3) from (n_batch, n_embedded, 16) and (n_embedded, 3, 16)."""
    xp = namespace(waves)
    by_column = xp.matmul(xp.permute_dims(waves, (1, 0, 2)), xp.permute_dims(mix, (0, 2, 1)))
    return xp.permute_dims(by_column, (1, 0, 2))


def _unmixed(dE: Array, mix: Array) -> Array:
    """Return (n_batch, n_embedded, 16) from (n_batch, n_embedded, 3) and (n_embedded, 3, 16)."""
    xp = namespace(dE)
    return xp.permute_dims(xp.matmul(xp.permute_dims(dE, (1, 0, 2)), mix), (1, 0, 2))


def _product(dE: Array, waves: Array) -> Array:
    """Return (n_embedded, 3, 16), summed over the batch."""
    xp = namespace(dE)
    return xp.matmul(xp.permute_dims(dE, (1, 2, 0)), xp.permute_dims(waves, (1, 0, 2)))
