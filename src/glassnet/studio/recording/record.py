"""The record that a page receives: plain data, as described in page/recording.d.ts."""

import json
from typing import Any

import numpy as np

from glassnet.drawing.diagram.scene import Scene, scene_of
from glassnet.errors import ParameterError
from glassnet.studio.recording import formulas
from glassnet.studio.recording.document import document
from glassnet.studio.recording.epochs import USUAL, spread
from glassnet.studio.recording.numbers import encoded, frame
from glassnet.studio.recording.picture import layers_of, outline_of, row_of, solver_of, visible
from glassnet.studio.recording.sources import Opened, Source
from glassnet.training.history import History
from glassnet.typing import Array

MOST_BYTES = 2_950_000  # of a page, a little under 3 MB
AS_TEXT = 4 / 3  # the length of numbers in base64, relative to their bytes
MOST_POINTS = 4_000  # of a curve; a longer history is thinned
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
    fixed = visible(
        {
            **outline_of(network, source.names, scene),
            "rows": [row_of(row, network, source.names, scene) for row in source.rows],
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
        "layers": layers_of(network, values, scene),
        "cost": formulas.of_cost(source.cost, network.activation[network.n_layers]),
        "solver": solver_of(opened[0].solver, opened[0].learning_rate),
        "frames": [_frame(each, outputs, source) for each, (_, outputs) in zip(opened, made, strict=True)],
        "numbers": {"bytes": n_bytes, "data": encoded(values, n_bytes)},
        "notes": visible([*source.run.notes, *source.notes, *notes]),
    }


def _frame(opened: Opened, outputs: Array, source: Source) -> dict[str, Any]:
    """Return what a frame has besides its numbers; `outputs` are those of each row, (n_rows, n_out)."""
    return {
        "epoch": opened.epoch,
        "step": opened.step,
        "learning_rate": opened.learning_rate,
        "parameters": formulas.numbers_of(opened.solver.parameters),
        "predictions": visible([list(source.words(A)) for A in outputs]),
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
