"""Activation functions and their slopes over a range of z."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glassnet.core.catalog.activation import ACTIVATIONS, Activation, resolve_activation
from glassnet.errors import ParameterError
from glassnet.typing import Array, Spec

POINTS = 201
BESIDE = 1e-9  # distance of extra points on both sides of a kink, so that a jump is drawn vertically


@dataclass(frozen=True, eq=False)
class ActivationCurve:
    """One activation function.

    Attributes
    ----------
    name, formula, derivative_formula : str
    z, a, slope : arrays of shape (n_points,)
        z, sigma(z) and sigma'(z).
    """

    name: str
    formula: str
    derivative_formula: str
    z: Array
    a: Array
    slope: Array


def activation_curves_of(specs: Sequence[Spec] | None, low: float, high: float) -> tuple[ActivationCurve, ...]:
    """Return the curves of the named activations; None means all with a curve.

    >>> (curve,) = activation_curves_of(["sigmoid"], -2.0, 2.0)
    >>> float(curve.a[curve.z == 0.0][0]), float(curve.slope.max())
    (0.5, 0.25)
    """
    if not low < high:
        raise ParameterError(f"low={low:g} and high={high:g} are not a range; low must be below high.")
    if specs is None:
        entries = [entry for entry in ACTIVATIONS.values() if entry.name != "softmax"]
    else:
        entries = [resolve_activation(spec) for spec in specs]
    return tuple(_curve(entry, low, high) for entry in entries)


def _curve(entry: Activation, low: float, high: float) -> ActivationCurve:
    if entry.builtin_name == "softmax":
        raise ParameterError("softmax has no curve: each of its outputs depends on every z of the layer.")
    beside = [kink + side for kink in entry.kinks for side in (-BESIDE, BESIDE)]
    inside = [z for z in beside if low < z < high]
    z = np.unique(np.concatenate([np.linspace(low, high, POINTS), inside]))  # (n_points,)
    a = np.asarray(entry(z[None, :]))  # (1, n_points)
    slope = np.asarray(entry.prime(z[None, :], a))
    return ActivationCurve(entry.name, entry.formula, entry.derivative_formula, z, a[0], slope[0])
