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
from glassnet.errors import ParameterError
from glassnet.typing import Array, Spec

SIDE = 41  # points along each direction
AIR = 0.35  # margin of the plane around the path, relative to its extent


@dataclass(frozen=True, eq=False)
class CostSurface:
    """The cost at ``center + u * directions[0] + v * directions[1]``.

    Attributes
    ----------
    names : (str, str)
        Names of the two directions.
    center : array of shape (n_params,)
    directions : array of shape (2, n_params)
    u, v : arrays of shape (SIDE,)
    cost : array of shape (SIDE, SIDE)
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
) -> CostSurface:
    """Return the cost around a network.

    The plane is spanned by the two parameters in `along`; else by the first two principal components of the snapshots
    (Li et al. 2018); else by two random directions as long as theta.
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
    names, directions = _directions(network, thetas, along, seed)
    path = (thetas - center) @ np.linalg.pinv(directions) if len(thetas) else np.empty((0, 2))  # (n_steps, 2)
    u, v = (_axis(path[:, k] if len(path) else None, span) for k in (0, 1))

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


def _directions(
    network: Network, thetas: Array, along: Sequence[str] | None, seed: int
) -> tuple[tuple[str, str], Array]:
    n = network.n_params
    if along is not None:
        places = [_place(network, name) for name in along]
        if len(set(places)) != 2:
            raise ParameterError(f"along={list(along)!r} are not two parameters; name two, such as 'W[1][0, 0]'.")
        return (along[0], along[1]), np.eye(n)[places]
    if n < 2:
        raise ParameterError("a plane needs two parameters, but this network has one; add a bias or an input.")
    center = np.asarray(network.theta)
    if len(thetas) >= 3 and np.linalg.matrix_rank(thetas - center) >= 2:
        _, _, components = np.linalg.svd(thetas - center, full_matrices=False)
        return ("first direction of the descent", "second direction of the descent"), components[:2]
    drawn, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(n, 2)))
    return ("a random direction", "another random direction"), drawn.T * (np.linalg.norm(center) or 1.0)


def _place(network: Network, name: str) -> int:
    known = [network.layout.name_of(k) for k in range(network.n_params)]
    if name not in known:
        raise ParameterError(f"there is no parameter {name!r}; they are called {known[0]!r} to {known[-1]!r}.")
    return known.index(name)


def _axis(path: Array | None, span: float | None) -> Array:
    """Return the points along one direction, with the network at 0."""
    if span is not None:
        return np.linspace(-span, span, SIDE)
    if path is None:
        return np.linspace(-1.0, 1.0, SIDE)
    low, high = min(0.0, float(path.min())), max(0.0, float(path.max()))
    air = AIR * (high - low) or 1.0
    return np.linspace(low - air, high + air, SIDE)
