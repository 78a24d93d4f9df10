"""What a page knows of a network besides its numbers, as described in page/recording.d.ts: places, formulas, rows."""

from typing import Any

import numpy as np

from glassnet.core.catalog.costs import Cost
from glassnet.core.catalog.solvers import Solver
from glassnet.core.network import Network
from glassnet.core.records import ByLayer
from glassnet.drawing.diagram.scene import Scene
from glassnet.escaping import placeholders
from glassnet.explanation.subject.step import memory_letters
from glassnet.explanation.words.numbers import number
from glassnet.studio.recording import formulas
from glassnet.studio.recording.sources import Row

MOST_COLUMNS = 40  # whose encoding is described, besides those of the drawn inputs


def picture_of(
    network: Network,
    names: ByLayer[tuple[str, ...]],
    scene: Scene,
    values: Any,
    *,
    cost: Cost,
    solver: Solver,
    learning_rate: float,
) -> dict[str, Any]:
    """Return a `Picture`: what a recording has without its rows, frames and history.

    `values` are the numbers of one or more frames, (n_frames, n_values), which say how wide lines are drawn.
    """
    return {
        **visible(outline_of(network, names, scene)),
        "layers": layers_of(network, values, scene),
        "cost": formulas.of_cost(cost, network.activation[network.n_layers]),
        "solver": solver_of(solver, learning_rate),
    }


def outline_of(network: Network, names: ByLayer[tuple[str, ...]], scene: Scene) -> dict[str, Any]:
    """Return sizes, names and places."""
    return {
        "title": f"Training of a {'-'.join(map(str, network.sizes))} network",
        "sizes": list(network.sizes),
        "names": [list(each) for each in names],
        "scene": scene.to_dict(),
        "has_front": network.front is not None,
    }


def layers_of(network: Network, values: Any, scene: Scene) -> list[dict[str, Any]]:
    """Return what is known of each layer 1..L besides its numbers: formulas, rates, and the scale of its lines.

    `values` are the numbers of all frames, (n_frames, n_values), whose weights come first.
    """
    made, at = [], 0
    for l, of_layer in enumerate(formulas.of_layers(network), start=1):
        n_drawn, n_in = len(scene.drawn[l]), network.sizes[l - 1]
        slots = [slot for slot in network.layout.slots if slot.layer == l and slot.name in ("W", "b")]
        W = values[:, at : at + n_drawn * n_in].reshape(len(values), n_drawn, n_in)
        has_bias, has_slope = network.b[l] is not None, network.slope[l] is not None
        b = values[:, at + n_drawn * n_in : at + n_drawn * (n_in + 1)] if has_bias else None
        made.append(
            {
                **of_layer,
                "has_bias": has_bias,
                "has_slope": has_slope,
                "widest": _widest(l, W, b, scene),
                "rates": {slot.name: 0.0 if slot.frozen else slot.factor for slot in slots},
                "decays": {slot.name: float(slot.decays) for slot in slots},
            }
        )
        at += n_drawn * (n_in + has_bias + has_slope)
    return made


def _widest(l: int, W: Any, b: Any, scene: Scene) -> float:
    """Return the weight that is drawn with the widest line in all frames, so that lines are seen to grow.

    It is the largest drawn one, but at most four times as large as in half of the frames, because a diverging run
    ends with weights beside which all others would vanish.
    """
    at = {index: place for place, index in enumerate(scene.drawn[l])}
    drawn = [c for c in scene.view.connections if c.layer == l]
    each = [b[:, at[c.j]] if c.k is None else W[:, at[c.j], c.k] for c in drawn]
    sizes = np.abs(np.asarray(each)).max(axis=0, initial=0.0)  # (n_frames,)
    sizes = sizes[np.isfinite(sizes)]
    return float(min(sizes.max(), 4.0 * np.median(sizes))) if len(sizes) else 1.0


def solver_of(solver: Solver, learning_rate: float) -> dict[str, Any]:
    """Return the solver's formulas, and its memory before its first step."""
    memory = memory_letters(solver.start(np.zeros(1), max(learning_rate, 1e-12)))
    start = {letter: float(np.ravel(value)[0]) for letter, value in memory.items()}
    return {**formulas.of_solver(solver), "memory": start}


def row_of(row: Row, network: Network, names: ByLayer[tuple[str, ...]], scene: Scene) -> dict[str, Any]:
    """Return a row: its values and target in words and in numbers; of wide tables, the columns of drawn inputs."""
    shown = {names[0][k] for k in scene.drawn[0]}
    columns = [c for c in row.columns if len(row.columns) <= MOST_COLUMNS or shown & {c.column, *c.inputs}]
    return {
        "index": row.index,
        "target": row.target,
        "Y": [float(y) for y in row.Y],
        "X": None if network.front is not None else [float(x) for x in row.X],
        "columns": [
            {
                "name": column.column,
                "raw": _raw(column.raw),
                "steps": list(column.steps),
                "inputs": list(column.inputs),
                "values": [float(value) for value in column.values],
            }
            for column in columns
        ],
        "n_columns": len(row.columns),
    }


def _raw(value: Any) -> str:
    """Return a value of the user's table in words."""
    if value is None:
        return "missing"
    return number(value) if isinstance(value, float) else str(value)


def visible(value: Any) -> Any:
    """Return plain data with control and invisible characters of names replaced, as in pictures."""
    if isinstance(value, str):
        return placeholders(value)
    if isinstance(value, dict):
        return {key: visible(each) for key, each in value.items()}
    return [visible(each) for each in value] if isinstance(value, list | tuple) else value
