"""Opens a file: a table or a model."""

from os import PathLike
from pathlib import Path

from glassnet.data.bounds import Bounds
from glassnet.data.reading.finding import refuse_missing
from glassnet.data.reading.sources import read
from glassnet.errors import DataError
from glassnet.estimators.loading import load
from glassnet.studio.messages import Limits
from glassnet.studio.session.opened.limits import check_table
from glassnet.studio.session.opened.projects import Origin, Project, model_project, table_project

MODEL = ".glassnet"


def open_file(
    path: str | PathLike[str],
    title: str,
    limits: Limits,
    *,
    target: str | None = None,
    beside: Project | None = None,
    bounds: Bounds | None = None,
) -> Project:
    """Return the project of a file; `title` is its name on the reader's machine.

    A model is shown with the rows of the project `beside`, if they fit. An upload is read within `bounds`.

    Raises
    ------
    GlassnetError
        If it cannot be read or is too large.
    """
    if title.lower().endswith(MODEL):
        return model_project(title, Origin("model", title), load(path), beside)
    refuse_missing(Path(path))
    size = Path(path).stat().st_size
    if size > limits.upload_bytes:
        raise DataError(
            f"{title} has {size / 1e6:,.0f} MB, but the studio takes {limits.upload_bytes / 1e6:,.0f} MB at most; try "
            f"a part of it, or train it by glassnet train."
        )
    source = read(path, bounds=bounds, title=title)
    check_table(source.table, limits)
    return table_project(title, Origin("file", title), source.table, source.notices, target=target)
