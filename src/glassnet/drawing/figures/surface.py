"""The cost over a plane in parameter space, and the path of training on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.core.catalog.costs import cost_of_trace, resolve_cost
from glassnet.core.catalog.pairs import check_pair, check_targets
from glassnet.core.forward import forward
from glassnet.core.matrices import as_matrix, as_targets
from glassnet.core.network import Network
from glassnet.drawing.figures.directions import directions_of
from glassnet.errors import ParameterError
from glassnet.typing import Array, Spec

SIDE = 41  # points along each direction
AIR = 0.35  # margin of the plane around the path, relative to its extent
LARGEST = 1e150  # of the parameters: squares of larger numbers overflow


@dataclass(frozen=True, eq=False)
class CostSurface:
    """The cost at ``center + u * directions[0] + v * directions[1]``.

    Attributes
    ----------
    names : (str, str)
        Names of the two directions.
    center : array of shape (n_params,)
    directions : array of shape (2, n_params)
    u, v : arrays of shape (side,)
    cost : array of shape (side, side)
        At ``[row of v, column of u]``, without penalty.
    path : array of shape (n_steps, 2)
        The steps of the descent, projected onto the plane; empty without snapshots.
    path_epochs : tuple of int
    path_share : float or None
        Share of the path's squared length that lies in the plane.
    """

    names: tuple[str, str]
    center: Array
    directions: Array
    u: Array
    v: Array
    cost: Array
    path: Array
    path_epochs: tuple[int, ...]
    path_share: float | None

    def theta(self, u: float, v: float) -> Array:
        """Return the parameters at a point of the plane, (n_params,)."""
        return self.center + u * self.directions[0] + v * self.directions[1]


def surface_of(
    network: Network,
    X: Any,
    Y: Any,
    cost: Spec,
    *,
    snapshots: Mapping[int, Array],
    along: Sequence[str] | None,
    span: float | None,
    seed: int,
    side: int = SIDE,
) -> CostSurface:
    """Return the cost around a network.

    The plane is spanned by the two parameters in `along`; else by the first two principal components of the snapshots;
    else, or along "random", by two random directions that are normalized by neuron (both Li et al. 2018). It has
    `side` points along each direction.
    """
    network = network.with_theta(np.asarray(network.theta, dtype=np.float64))
    X = as_matrix(X, "X")
    entry = resolve_cost(cost)
    check_pair(network.activation[-1], entry, network.sizes[-1])
    Y = as_targets(Y, forward(network, X).A[-1])
    check_targets(entry, Y)
    center = np.asarray(network.theta)
    thetas = np.asarray([snapshots[epoch] for epoch in sorted(snapshots)], dtype=np.float64)  # (n_steps, n_params)
    if len(thetas) and thetas.shape[1:] != center.shape:
        raise ParameterError(
            f"the snapshots have {thetas.shape[1]} parameters, but this network has {len(center)}; "
            "pass its own history."
        )
    largest = float(np.max([np.abs(each).max(initial=0.0) for each in (center, thetas)]))  # NaN if one is
    if not largest < LARGEST:  # the factorization of a path with squares that overflow may never end
        raise ParameterError(
            f"the parameters of the network, or of its snapshots, reach {largest:.3g}, and the distances between them "
            f"overflow; expected less than {LARGEST:g}. Scale the inputs, or train with a smaller learning rate."
        )
    names, directions = directions_of(network, thetas, along, seed)
    path = (thetas - center) @ np.linalg.pinv(directions) if len(thetas) else np.empty((0, 2))  # (n_steps, 2)
    u, v = (_axis(path[:, k] if len(path) else None, span, side) for k in (0, 1))

    def at(a: float, b: float) -> float:
        trace = forward(network.with_theta(center + a * directions[0] + b * directions[1]), X)
        return float(cost_of_trace(entry, network.activation[-1], trace.Z[-1], trace.A[-1], Y))

    with np.errstate(all="ignore"):
        costs = np.asarray([[at(a, b) for a in u] for b in v])
    moved = float(np.sum((thetas - center) ** 2)) if len(thetas) else 0.0
    seen = float(np.sum((path @ directions) ** 2)) if len(thetas) else 0.0
    return CostSurface(
        names, center, directions, u, v, costs, path, tuple(sorted(snapshots)), seen / moved if moved > 0 else None
    )


def _axis(path: Array | None, span: float | None, side: int) -> Array:
    """Return the points along one direction, with the network at 0."""
    if span is not None:
        return np.linspace(-span, span, side)
    if path is None:
        return np.linspace(-1.0, 1.0, side)
    low, high = min(0.0, float(path.min())), max(0.0, float(path.max()))
    air = AIR * (high - low) or 1.0
    return np.linspace(low - air, high + air, side)
