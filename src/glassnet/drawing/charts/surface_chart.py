"""Chart of the cost over a plane of parameters, with the path of the descent."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from glassnet.core.network import Network
from glassnet.drawing.charts.chart import Chart
from glassnet.drawing.figures.surface import CostSurface, surface_of
from glassnet.drawing.theme import Theme, check_theme
from glassnet.drawing.words import short
from glassnet.typing import Array, Spec

CELLS = 120  # along each direction
PIXELS = 3 * CELLS  # a whole number per cell prevents seams
DECADES = 20.0  # costs that span more than this factor are shaded by their logarithm


def cost_surface(
    network: Network,
    X: Any,
    Y: Any,
    *,
    cost: Spec,
    snapshots: Mapping[int, Array] | None = None,
    along: Sequence[str] | None = None,
    span: float | None = None,
    seed: int = 0,
    theme: str = "auto",
) -> Chart:
    """Draw the cost over a plane in parameter space around a network.

    Parameters
    ----------
    network : Network
        Center of the plane unless snapshots are given; typically the result of training.
    X : array of shape (n_samples, n_features)
    Y : array of shape (n_samples, n_out)
        Samples for the cost, which excludes the penalty.
    cost : str, tuple or Cost
        One of ``glassnet.costs()``.
    snapshots : dict of int to array (n_params,), optional
        ``gn.train(..., snapshots=1).history.snapshots``: the descent, drawn as a path.
    along : pair of str, optional
        Two parameters that span the plane, such as ``("W[1][0, 0]", "b[1][0]")``. By default the first two principal
        components of the snapshots, or two random directions, normalized by neuron.
    span : float, optional
        Half the width of the plane.
    seed : int
        Seed of random directions.
    theme : {"auto", "light", "dark"}

    Returns
    -------
    Chart
        ``.record`` is a `CostSurface`: ``u``, ``v``, ``cost``, ``path``, ``theta(u, v)``.

    Raises
    ------
    ParameterError
        If the cost, the snapshots or the directions do not fit the network.

    Examples
    --------
    >>> import glassnet as gn
    >>> net = gn.Network.create([1, 1], seed=0)
    >>> X, Y = [[0.0], [1.0], [2.0]], [[0.0], [0.0], [1.0]]
    >>> result = gn.train(net, X, Y, cost="binary_cross_entropy", epochs=5, snapshots=1)
    >>> chart = cost_surface(
    ...     result.network,
    ...     X,
    ...     Y,
    ...     cost="binary_cross_entropy",
    ...     along=("W[1][0, 0]", "b[1][0]"),
    ...     snapshots=result.history.snapshots,
    ... )
    >>> chart.record.path.shape
    (5, 2)
    """
    record = surface_of(network, X, Y, cost, snapshots=snapshots or {}, along=along, span=span, seed=seed)
    name = cost if isinstance(cost, str) else "cost"
    return Chart(
        title=f"Cost surface of a network with {network.n_params} parameters",
        description=_description(record),
        theme=check_theme(theme),
        record=record,
        build=lambda alt, colors: _build(alt, colors, record, along is not None, name.replace("_", " ")),
    )


def _description(record: CostSurface) -> str:
    finite = record.cost[np.isfinite(record.cost)]
    parts = [f"The cost lies between {short(float(finite.min()))} and {short(float(finite.max()))}."]
    parts.append(f"The plane is spanned by {record.names[0]} and {record.names[1]}.")
    if len(record.path):
        parts.append(f"A path of {len(record.path)} snapshots ends at the network.")
    if record.path_share is not None:
        parts.append(f"{record.path_share:.0%} of the descent's squared length lies in the plane.")
    return " ".join(parts)


def _build(alt: Any, theme: Theme, record: CostSurface, is_named: bool, name: str) -> Any:
    # Axes of named parameters show parameter values; other axes start at the network, which is at 0.
    offset = (record.directions @ record.center) if is_named else np.zeros(2)
    us, vs = record.u + offset[0], record.v + offset[1]
    us, vs = (np.linspace(ends[0], ends[-1], CELLS) for ends in (us, vs))
    costs = _between(record.cost)
    bands = _bands(record.cost[np.isfinite(record.cost)], len(theme.ramp))
    axis = alt.Axis(grid=False, tickCount=6)
    x = alt.X("x:Q", title=record.names[0], axis=axis, scale=_scale(alt, us))
    y = alt.Y("y:Q", title=record.names[1], axis=axis, scale=_scale(alt, vs))
    shade = alt.Scale(type="threshold", domain=bands, range=list(theme.ramp[::-1]))
    legend = alt.Legend(type="gradient", gradientLength=PIXELS - 60, format=".2~g")
    areas = (
        alt.Chart(alt.Data(values=_cells(us, vs, costs, bands)))
        .mark_rect(clip=True, stroke=None, aria=False)
        .encode(x=x, x2="x2:Q", y=y, y2="y2:Q", color=alt.Color("cost:Q", title=name, scale=shade, legend=legend))
    )
    layers = [areas, *_path(alt, theme, record, offset, x, y)]
    return alt.layer(*layers).properties(width=PIXELS, height=PIXELS)


def _scale(alt: Any, values: Array) -> Any:
    half = float(values[1] - values[0]) / 2
    return alt.Scale(domain=[float(values[0]) - half, float(values[-1]) + half], nice=False, zero=False)


def _between(costs: Array) -> Array:
    """Return the costs interpolated on a finer grid (CELLS, CELLS), for smooth bands."""
    known, wanted = np.linspace(0.0, 1.0, len(costs)), np.linspace(0.0, 1.0, CELLS)
    rows = np.asarray([np.interp(wanted, known, row) for row in costs])  # (SIDE, CELLS)
    return np.asarray([np.interp(wanted, known, column) for column in rows.T]).T


def _cells(us: Array, vs: Array, costs: Array, bands: list[float]) -> list[dict[str, float]]:
    """Return rectangles of one band each; neighbors in a row of the grid are joined."""
    half_u, half_v = float(us[1] - us[0]) / 2, float(vs[1] - vs[0]) / 2
    band = np.where(np.isfinite(costs), np.searchsorted(bands, costs, side="right"), -1)
    cells = []
    for v, numbers, level in zip(vs.tolist(), costs, band, strict=True):
        changes = (np.flatnonzero(np.diff(level)) + 1).tolist()
        for first, after in zip([0, *changes], [*changes, len(us)], strict=True):
            if level[first] >= 0:
                cells.append({"x": float(us[first]) - half_u, "x2": float(us[after - 1]) + half_u, "y": v - half_v,
                              "y2": v + half_v, "cost": float(numbers[first])})  # fmt: skip
    return cells


def _bands(costs: Array, n: int) -> list[float]:
    """Return the n - 1 limits between n bands of cost, spaced logarithmically if the costs span a wide range."""
    low, high = float(costs.min()), float(costs.max())
    if low > 0 and high > DECADES * low:
        limits = np.geomspace(low, high, n + 1)
    else:
        limits = np.linspace(low, high if high > low else low + 1.0, n + 1)
    return [float(limit) for limit in limits[1:-1]]


def _path(alt: Any, theme: Theme, record: CostSurface, offset: Array, x: Any, y: Any) -> list[Any]:
    steps = [
        {"x": u + offset[0], "y": v + offset[1], "epoch": epoch}
        for (u, v), epoch in zip(record.path.tolist(), record.path_epochs, strict=True)
    ]
    end = alt.Chart(alt.Data(values=[{"x": offset[0], "y": offset[1]}]))
    star = end.mark_point(shape="diamond", filled=True, size=120, color=theme.series[1], stroke=theme.surface,
                          strokeWidth=1.2, opacity=1).encode(x=x, y=y)  # fmt: skip
    if not steps:
        return [star]
    way = alt.Chart(alt.Data(values=steps))
    halo = way.mark_line(color=theme.surface, strokeWidth=4.2, opacity=0.8).encode(x=x, y=y, order="epoch:Q")
    line = way.mark_line(color=theme.series[1], strokeWidth=2.2).encode(x=x, y=y, order="epoch:Q")
    few = steps[:: max(1, len(steps) // 25)]
    dots = alt.Chart(alt.Data(values=few)).mark_circle(color=theme.series[1], size=26, opacity=1).encode(x=x, y=y)
    return [halo, line, dots, star]
