"""What is on the page, and a file that is made of it."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.studio.session.built import Built
from glassnet.studio.session.courses.course import Course, Moment
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

    @property
    def place(self) -> int:
        """The place of the chosen row among the rows of the training."""
        return int(np.flatnonzero(self.built.numbers == self.row)[0])

    @property
    def is_kept(self) -> bool:
        """Whether the shown network is the one that a fit of the same length keeps."""
        kept = self.course.training.result().network.theta
        return bool(np.array_equal(kept, self.moment.network.theta))

    def model(self) -> Any:
        """Return the fitted estimator of the shown moment; None for a network without a table."""
        return self.built.model_at(self.course, self.moment)
