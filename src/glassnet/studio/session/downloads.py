"""What a reader can take away: one function for each kind."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from glassnet.data.suggestions import suggestion
from glassnet.errors import ParameterError
from glassnet.studio.session.building import Built
from glassnet.studio.session.course import Course, Moment
from glassnet.studio.session.opened.projects import Project


@dataclass(frozen=True)
class Download:
    """A file for the reader.

    Attributes
    ----------
    name, media_type : str
    content : bytes
    """

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, eq=False)
class Shown:
    """What is on the page.

    Attributes
    ----------
    project : Project
    built : Built
    course : Course
    moment : Moment
    row : int
        The number of the chosen row.
    """

    project: Project
    built: Built
    course: Course
    moment: Moment
    row: int


def model_file(shown: Shown) -> Download:
    """Return the model of the shown moment; `glassnet.load` reads it."""
    fit = shown.built.fit
    if fit is None:
        raise ParameterError(
            "a network of a textbook has no table, and a model file is of a table's model; take the Python program, "
            "which has the weights."
        )
    fit = replace(fit, training=shown.course.training)
    kept, moment = fit.training.result().network, shown.moment
    at = None if np.array_equal(kept.theta, moment.network.theta) else (moment.network, moment.epoch)
    with tempfile.TemporaryDirectory(prefix="glassnet-") as folder:
        path = Path(folder) / "model.glassnet"
        fit.fitted(at=at).save(path)
        return Download("model.glassnet", "application/octet-stream", path.read_bytes())


DOWNLOADS: Mapping[str, Callable[[Shown], Download]] = {"model": model_file}
"""From the kind of a download to the function that makes it."""


def download(kind: str, shown: Shown) -> Download:
    """Return a download of what is on the page.

    Raises
    ------
    ParameterError
        If there is no such kind.
    """
    if kind not in DOWNLOADS:
        raise ParameterError(f"there is no download {kind!r}; {suggestion(kind, tuple(DOWNLOADS))}")
    return DOWNLOADS[kind](shown)
