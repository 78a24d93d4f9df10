"""The cost landscape: the training cost over a plane in parameter space, with the path of the descent on it."""

from collections.abc import Mapping
from math import sqrt
from time import perf_counter
from typing import Any

import numpy as np

from glassnet.core.catalog.costs import cost_of_trace
from glassnet.core.forward import forward
from glassnet.core.network import Network
from glassnet.drawing.figures.directions import RANDOM
from glassnet.drawing.figures.surface import CostSurface, surface_of
from glassnet.studio.understanding.numbers import finite, rows_of
from glassnet.studio.understanding.options import one_of
from glassnet.studio.understanding.records import Landscape, PathPoint
from glassnet.studio.understanding.seen import Seen
from glassnet.studio.understanding.words import number, percent
from glassnet.typing import Array

MOST_SIDE, LEAST_SIDE = 31, 11  # points along each direction
SECONDS = 1.5  # for all of them, on a machine that is as busy as it is
WORK = 1e9  # products of a weight and an activation
LEAST_ROWS, MOST_ROWS = 64, 2_000
MOST_EPOCHS = 100  # on the path
MOST_NUMBERS = 10_000_000  # of their parameters, in memory
DECADES = 20.0  # costs that span more than this factor are shaded by their logarithm
OPTIONS = ("plane",)


def landscape(seen: Seen, options: Mapping[str, Any]) -> Landscape:
    """Return the cost landscape.

    Option: ``plane`` is "descent" for the two directions in which the recorded epochs differ most, or "random" for two
    random ones, normalized by neuron (Li et al. 2018).
    """
    plane = one_of(options, "plane", ("descent", "random"))
    network, part = seen.subject.network, seen.parts[0]
    judged = part.sample(int(min(MOST_ROWS, max(LEAST_ROWS, WORK // (MOST_SIDE**2 * network.n_params)))))
    X, Y = seen.model.encoded(judged.X), seen.model.targets(judged.y)
    path = dict(seen.subject.path(max(3, min(MOST_EPOCHS, MOST_NUMBERS // network.n_params))))
    path[seen.epoch] = np.asarray(network.theta)
    with np.errstate(all="ignore"):  # weights that were set by hand can be of any size
        found = surface_of(
            network,
            X,
            Y,
            seen.subject.cost,
            snapshots=path if len(path) > 1 else {},
            along=RANDOM if plane == "random" else None,
            span=None,
            seed=0,
            side=_side(network, X),
        )
        known = found.cost[np.isfinite(found.cost)]
        low, high = (float(known.min()), float(known.max())) if len(known) else (np.nan, np.nan)
        trace = forward(network, X)
        here = float(cost_of_trace(seen.subject.cost, network.activation[-1], trace.Z[-1], trace.A[-1], Y))
    return Landscape(
        epoch=seen.epoch,
        names=found.names,
        u=tuple(found.u.tolist()),
        v=tuple(found.v.tolist()),
        cost=rows_of(found.cost),
        cost_name=seen.subject.cost.name.replace("_", " "),
        low=finite(low),
        high=finite(high),
        here=finite(here),
        is_log=bool(low > 0 and high > DECADES * low),
        path=tuple(
            PathPoint(epoch, u, v) for epoch, (u, v) in zip(found.path_epochs, found.path.tolist(), strict=True)
        ),
        share=found.path_share,
        words=_words(found, low, high, part.words(len(judged)), network.n_params),
    )


def _side(network: Network, X: Array) -> int:
    """Return how many points along each direction can be looked at in time, measured by two passes."""
    seconds = []
    for _ in range(2):
        start = perf_counter()
        forward(network.with_theta(network.theta), X)
        seconds.append(perf_counter() - start)
    return int(max(LEAST_SIDE, min(MOST_SIDE, sqrt(SECONDS / max(min(seconds), 1e-6)))))


def _words(found: CostSurface, low: float, high: float, rows: str, n_params: int) -> str:
    parts = [f"The cost lies between {number(low)} and {number(high)} on this plane, over {rows}."]
    if found.path_share is not None:
        parts.append(
            f"The plane holds {percent(found.path_share)} of the descent's squared length, in two of "
            f"{n_params:,} directions."
        )
    else:
        parts.append("No other epoch is recorded, so there is no path to draw, and the directions are random.")
    return " ".join(parts)
