"""Models, tables, pictures, workbooks and recordings of what is on the page."""

import io
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data.typed_values import plain
from glassnet.data.writing import write_csv
from glassnet.drawing.diagram.draw import draw
from glassnet.errors import ParameterError
from glassnet.explanation.explain import explain
from glassnet.studio.recording.playback import Playback, playback
from glassnet.studio.session.opened.projects import NetworkProject
from glassnet.studio.session.taking_away.names import table_name
from glassnet.studio.session.taking_away.shown import Download, Shown

BESIDE = 5  # rows of a recording, besides the chosen one
MODEL_NAME = "model.glassnet"


def model_file(shown: Shown) -> Download:
    """Return the model of the shown moment; `glassnet.load` reads it."""
    model = shown.model()
    if model is None:
        raise ParameterError(
            "a network of a textbook has no table, and a model file is of a table's model; take the Python program, "
            "which has the weights."
        )
    return Download(MODEL_NAME, "application/octet-stream", _saved(MODEL_NAME, model.save))


def table_file(shown: Shown) -> Download:
    """Return the open table as CSV, which the programs read if it came from no file."""
    project = shown.project
    if isinstance(project, NetworkProject):
        raise ParameterError("this example has no table; its rows are in the Python program.")
    text = io.StringIO(newline="")
    write_csv(text, project.table.names, project.table.columns)
    return Download(table_name(project.origin), "text/csv", text.getvalue().encode())


def picture(ending: str, media_type: str) -> Callable[[Shown], Download]:
    """Return the function that draws the network with the chosen row."""

    def drawn(shown: Shown) -> Download:
        model, row, target, options = _subject(shown)
        name = f"network.{ending}"
        return Download(name, media_type, _saved(name, draw(model, row, target, **options).save))

    return drawn


def workbook(shown: Shown) -> Download:
    """Return the explanation of the chosen row as a workbook of formulas."""
    model, row, target, options = _subject(shown)
    options["learning_rate"] = shown.moment.learning_rate
    name = f"row-{shown.row}.xlsx"
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return Download(name, media_type, _saved(name, explain(model, row, target, **options).to_xlsx))


def recording(shown: Shown) -> Download:
    """Return the training so far as one page that plays it back."""
    if shown.course.n_epochs == 0:
        raise ParameterError("nothing has been trained yet, so there is nothing to play back; train first.")
    return Download("run.html", "text/html", _recorded(shown).html.encode())


def _recorded(shown: Shown) -> Playback:
    built = shown.built
    n = len(built.numbers)
    others = [int(place) for place in np.linspace(0, n - 1, min(n, BESIDE))]
    places = list(dict.fromkeys([shown.place, *others]))
    result = shown.course.training.result()
    if built.fit is None:
        project = shown.project
        assert isinstance(project, NetworkProject)
        has_no_cost = result.recording is None
        recorded = playback(
            result, project.X, project.Y, rows=places, inputs=project.inputs, outputs=project.outputs,
            cost=built.cost if has_no_cost else None,
        )  # fmt: skip
    else:
        model = replace(built.fit, training=shown.course.training).fitted()
        recorded = playback(model, built.table, built.target, rows=places)
    for row, place in zip(recorded.record["rows"], places, strict=True):
        row["index"] = int(built.numbers[place])
    return recorded


def _subject(shown: Shown) -> tuple[Any, Any, Any, dict[str, Any]]:
    """Return what pictures and explanations are of: a model or a network, the chosen row, its target, and options."""
    place, built = shown.place, shown.built
    model = shown.model()
    if model is None:
        project = shown.project
        assert isinstance(project, NetworkProject)
        return shown.moment.network, project.X[place], project.Y[place], {"cost": built.cost}
    assert built.table is not None
    assert built.target is not None
    return model, built.table.take(np.asarray([place])), plain(built.target[place]), {}


def _saved(name: str, save: Callable[[Path], Any]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="glassnet-") as folder:
        path = Path(folder) / name
        save(path)
        return path.read_bytes()
