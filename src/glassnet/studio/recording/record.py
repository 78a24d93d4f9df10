"""The record that a page receives: plain data, as described in page/recording.d.ts."""

import json
from typing import Any

import numpy as np

from glassnet.core.network import Network
from glassnet.drawing.diagram.scene import Scene, scene_of
from glassnet.errors import ParameterError
from glassnet.escaping import placeholders
from glassnet.explanation.subject.step import memory_letters
from glassnet.explanation.words.numbers import number
from glassnet.studio.recording import formulas
from glassnet.studio.recording.document import document
from glassnet.studio.recording.epochs import USUAL, spread
from glassnet.studio.recording.numbers import encoded, frame
from glassnet.studio.recording.sources import Opened, Row, Source
from glassnet.training.history import History
from glassnet.typing import Array

MOST_BYTES = 2_950_000  # of a page, a little under 3 MB
AS_TEXT = 4 / 3  # the length of numbers in base64, relative to their bytes
MOST_POINTS = 4_000  # of a curve; a longer history is thinned
MOST_COLUMNS = 40  # whose encoding is described, besides those of the drawn inputs
LEAST = 2  # frames


def record_of(source: Source, frames: tuple[int, ...] | int | None, most: int) -> dict[str, Any]:
    """Return the record of a run.

    Parameters
    ----------
    source : Source
    frames : tuple of int, int or None
        The epochs, or their number at most; None for the usual number.
    most : int
        Maximum number of drawn neurons per layer.

    Raises
    ------
    ParameterError
        If not even two frames fit into a page.
    """
    network = source.network
    scene = scene_of(network, source.names, most=most)
    fixed = _visible(
        {
            "title": f"Training of a {'-'.join(map(str, network.sizes))} network",
            "sizes": list(network.sizes),
            "names": [list(names) for names in source.names],
            "scene": scene.to_dict(),
            "rows": [_row(row, source, scene) for row in source.rows],
            "has_front": network.front is not None,
            "history": _history(source.run.history),
        }
    )
    room = MOST_BYTES - len(document(fixed))
    epochs, n_bytes, notes = _epochs(source, frames, scene, room)
    opened = list(source.run.open(epochs))
    made = [frame(each.network, scene.drawn, source.rows, source.cost) for each in opened]
    values = np.asarray([numbers for numbers, _ in made])  # (n_frames, n_values)
    return {
        **fixed,
        "layers": _layers(network, values, scene),
        "cost": formulas.of_cost(source.cost, network.activation[network.n_layers]),
        "solver": _solver(opened[0]),
        "frames": [_frame(each, outputs, source) for each, (_, outputs) in zip(opened, made, strict=True)],
        "numbers": {"bytes": n_bytes, "data": encoded(values, n_bytes)},
        "notes": _visible([*source.run.notes, *source.notes, *notes]),
    }


def _frame(opened: Opened, outputs: Array, source: Source) -> dict[str, Any]:
    """Return what a frame has besides its numbers; `outputs` are those of each row, (n_rows, n_out)."""
    return {
        "epoch": opened.epoch,
        "step": opened.step,
        "learning_rate": opened.learning_rate,
        "parameters": formulas.numbers_of(opened.solver.parameters),
        "predictions": _visible([list(source.words(A)) for A in outputs]),
    }


def _epochs(
    source: Source, frames: tuple[int, ...] | int | None, scene: Scene, room: int
) -> tuple[tuple[int, ...], int, tuple[str, ...]]:
    """Return the epochs of the frames that fit, the bytes of a number, and what a reader has to know about both."""
    network, available = source.network, source.run.epochs
    wanted = min(USUAL if frames is None else frames if isinstance(frames, int) else len(frames), len(available))
    (first,) = source.run.open(available[:1])
    numbers, outputs = frame(first.network, scene.drawn, source.rows, source.cost)
    words = 1.5 * len(json.dumps(_frame(first, outputs, source)))  # other outputs may need more digits
    lengths = {n_bytes: AS_TEXT * n_bytes * len(numbers) + words for n_bytes in (8, 4)}
    n_bytes = 8 if lengths[8] * wanted <= room else 4
    fit = int(room // lengths[n_bytes])
    if fit < min(LEAST, wanted):
        raise ParameterError(
            f"a recording of this {'-'.join(map(str, network.sizes))} network needs {lengths[4] / 1e6:.1f} MB per "
            f"frame, but its page has {max(room, 0) / 1e6:.1f} MB for them; record fewer rows, or draw fewer neurons: "
            f"most=6."
        )
    epochs = spread(
        frames if isinstance(frames, tuple) else available, min(wanted, fit), (source.run.history.best_epoch,)
    )
    notes = []
    if fit < wanted:
        size = lengths[n_bytes] / 1e3
        notes.append(f"The page holds {len(epochs)} frames instead of {wanted}: each takes {size:.0f} kB.")
    if n_bytes == 4:
        notes.append("Numbers are stored in float32, so the sixth digit may differ from gn.explain's.")
    return epochs, n_bytes, tuple(notes)


def _layers(network: Network, values: Any, scene: Scene) -> list[dict[str, Any]]:
    """Return what is known of each layer 1..L besides its numbers: formulas, rates, and the scale of its lines."""
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


def _solver(opened: Opened) -> dict[str, Any]:
    """Return the solver's formulas, and its memory before its first step."""
    solver, eta = opened.solver, max(opened.learning_rate, 1e-12)
    memory = memory_letters(solver.start(np.zeros(1), eta))
    start = {letter: float(np.ravel(value)[0]) for letter, value in memory.items()}
    return {**formulas.of_solver(solver), "memory": start}


def _row(row: Row, source: Source, scene: Scene) -> dict[str, Any]:
    """Return a row: its values and target in words and in numbers; of wide tables, the columns of drawn inputs."""
    shown = {source.names[0][k] for k in scene.drawn[0]}
    columns = [c for c in row.columns if len(row.columns) <= MOST_COLUMNS or shown & {c.column, *c.inputs}]
    return {
        "index": row.index,
        "target": row.target,
        "Y": [float(y) for y in row.Y],
        "X": None if source.network.front is not None else [float(x) for x in row.X],
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


def _history(history: History) -> dict[str, Any]:
    """Return the curves, and why the run stopped."""
    n = len(history)
    stride = max(1, -(-n // MOST_POINTS))
    places = np.asarray(sorted({*range(0, n, stride), *([n - 1] if n else [])}), dtype=np.intp)
    names = ("cost", "validation_cost", "metric", "validation_metric")
    curves = {name: history[name][places] for name in names}
    return {
        "n_epochs": n,
        "epochs": (places + 1).tolist() if stride > 1 else None,
        "curves": {name: encoded(curve, 8) for name, curve in curves.items() if not np.isnan(curve).all()},
        "metric_name": history.metric_name,
        "stopped": history.stopped,
        "reason": history.stop_reason,
        "best_epoch": history.best_epoch,
        "divergence": None if history.divergence is None else str(history.divergence),
        "thinned": f"The curves show one epoch in {stride}, of {n:,}." if stride > 1 else None,
    }


def _visible(value: Any) -> Any:
    """Return plain data with control and invisible characters of names replaced, as in pictures."""
    if isinstance(value, str):
        return placeholders(value)
    if isinstance(value, dict):
        return {key: _visible(each) for key, each in value.items()}
    return [_visible(each) for each in value] if isinstance(value, list | tuple) else value
