"""Models, tables, pictures, workbooks and recordings of what is on the page."""

import io
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data.typed_values import plain
from glassnet.data.writing.tables import write_csv
from glassnet.drawing.diagram.draw import draw
from glassnet.errors import ParameterError
from glassnet.explanation.explain import explain
from glassnet.studio.recording.document import document
from glassnet.studio.recording.record import record_of
from glassnet.studio.recording.sources import OF_LBFGS, Opened, Run, Source
from glassnet.studio.session.courses.course import Course, is_lbfgs
from glassnet.studio.session.opened.projects import NetworkProject
from glassnet.studio.session.taking_away.names import table_name
from glassnet.studio.session.taking_away.shown import Download, Shown

BESIDE = 5  # rows of a recording, besides the chosen one
MOST_DRAWN = 10  # neurons of a layer
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
    page = document(record_of(_source(shown), None, MOST_DRAWN))
    return Download("run.html", "text/html", page.encode())


def _source(shown: Shown) -> Source:
    """Return the training so far with some rows, the chosen one first."""
    built, numbers = shown.built, shown.built.numbers
    others = numbers[np.linspace(0, len(numbers) - 1, min(len(numbers), BESIDE)).astype(np.intp)]
    return Source(
        network=shown.course.now().network,
        names=built.names,
        run=_run(shown.course),
        cost=built.cost,
        rows=tuple(built.row(int(number)) for number in dict.fromkeys([shown.row, *others.tolist()])),
        words=lambda A: built.prediction(A).words,
    )


def _run(course: Course) -> Run:
    """Return the run with the weights that were set by hand in it, which no replay would have."""
    n, within, history = course.n_epochs, course.within, course.history
    epochs: Sequence[int] = range(n + 1 + (within > 0))
    notes: tuple[str, ...] = ()
    if is_lbfgs(course.plan):
        epochs, notes = sorted({0, *history.snapshots, n}), (OF_LBFGS,)

    def opened(wanted: Sequence[int]) -> Iterator[Opened]:
        for epoch in wanted:
            moment, step = (course.at(epoch), 0) if epoch <= n else (course.at(n, within), within)
            yield Opened(epoch, step, moment.network, moment.solver, moment.learning_rate)

    return Run(history, epochs, opened, notes)


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
