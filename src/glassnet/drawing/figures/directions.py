"""The two directions that span a plane in parameter space."""

from collections.abc import Sequence

import numpy as np

from glassnet.core.network import Network
from glassnet.errors import ParameterError
from glassnet.typing import Array

RANDOM = "random"


def directions_of(
    network: Network, thetas: Array, along: Sequence[str] | None, seed: int
) -> tuple[tuple[str, str], Array]:
    """Return the names of two directions, and the directions (2, n_params).

    They are the two parameters in `along`; by default the first two principal components of the path `thetas`
    (n_steps, n_params) around the network. Without a path, or along "random", they are random.
    """
    n = network.n_params
    if along is not None and along != RANDOM:
        places = [_place(network, name) for name in along]
        if len(set(places)) != 2:
            raise ParameterError(f"along={list(along)!r} are not two parameters; name two, such as 'W[1][0, 0]'.")
        return (along[0], along[1]), np.eye(n)[places]
    if n < 2:
        raise ParameterError("a plane needs two parameters, but this network has one; add a bias or an input.")
    center = np.asarray(network.theta)
    if along is None and len(thetas) >= 3:
        _, lengths, components = np.linalg.svd(thetas - center, full_matrices=False)
        if lengths[1] > lengths[0] * max(thetas.shape) * np.finfo(np.float64).eps:  # they do not lie on one line
            return ("first direction of the descent", "second direction of the descent"), components[:2]
    rng = np.random.default_rng(seed)
    drawn = [filter_normalized(network, rng.normal(size=n)) for _ in range(2)]
    return ("a random direction", "another random direction"), np.asarray(drawn)


def filter_normalized(network: Network, direction: Array) -> Array:
    """Return a direction in which each neuron moves as far as its own parameters are long.

    The weights and the bias into a neuron are scaled to the length that they have in the network, so that neurons of
    large and of small weights move in proportion (Li et al. 2018, section 4). All other parameters of a layer, such as
    learned slopes, are scaled together.

    >>> net = Network.from_weights([([[3.0, 4.0], [0.6, 0.8]], None)], output="identity")
    >>> filter_normalized(net, np.asarray([1.0, 0.0, 0.0, -2.0])).tolist()
    [5.0, 0.0, 0.0, -1.0]
    """
    group_of = np.empty(len(direction), dtype=np.intp)
    n_groups = first = 0
    for slot in network.layout.slots:
        here = slice(slot.offset, slot.offset + slot.size)
        if slot.name == "b":  # with the neurons of its W, the slot before
            group_of[here] = first + np.arange(slot.size)
            continue
        first, n = n_groups, slot.shape[0] if slot.name == "W" else 1
        group_of[here] = first + np.repeat(np.arange(n), slot.size // n)
        n_groups += n
    wanted, found = (
        np.sqrt(np.bincount(group_of, weights=np.square(values))) for values in (np.asarray(network.theta), direction)
    )
    return direction * (wanted / np.where(found > 0, found, 1.0))[group_of]


def _place(network: Network, name: str) -> int:
    known = [network.layout.name_of(k) for k in range(network.n_params)]
    if name not in known:
        raise ParameterError(f"there is no parameter {name!r}; they are called {known[0]!r} to {known[-1]!r}.")
    return known.index(name)
