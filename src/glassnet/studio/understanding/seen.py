"""A subject as views see it: estimators and plain networks alike, and training and validation rows apart."""

from dataclasses import dataclass, replace

import numpy as np

from glassnet.data.table import Table
from glassnet.studio.subject import Subject
from glassnet.studio.understanding.models import EstimatorModel, Model, NetworkModel
from glassnet.studio.understanding.records import PartName
from glassnet.typing import Array
from glassnet.wording import counted

SEED = 0  # of samples of rows, so that a view shows the same rows again


@dataclass(frozen=True, eq=False)
class Part:
    """Some rows.

    Attributes
    ----------
    name : {"training", "validation", "all"}
    X : Table
        The columns of the model, in the user's units; of a plain network its inputs.
    y : array of shape (n_rows,) or (n_rows, n_targets)
        Targets in the user's classes or units; of a plain network (n_rows, n_out).
    rows : array of shape (n_rows,)
        Their numbers in the user's table.
    """

    name: PartName
    X: Table
    y: Array
    rows: Array

    def __len__(self) -> int:
        return len(self.rows)

    def sample(self, most: int) -> "Part":
        """Return at most so many of the rows, drawn at random, in their order."""
        if len(self) <= most:
            return self
        return self.take(np.sort(np.random.default_rng(SEED).choice(len(self), most, replace=False)))

    def take(self, places: Array) -> "Part":
        """Return some of the rows."""
        return replace(self, X=self.X.take(places), y=self.y[places], rows=self.rows[places])

    def words(self, n: int) -> str:
        """Return how many of the rows were looked at, such as "2,000 of 5,000 training rows, drawn at random"."""
        kind = "" if self.name == "all" else f"{self.name} "
        if n == len(self):
            return counted(n, f"{kind}row")
        return f"{n:,} of {len(self):,} {kind}rows, drawn at random"


@dataclass(frozen=True, eq=False)
class Seen:
    """A subject as views see it: its model in one form, and its rows in parts.

    Attributes
    ----------
    subject : Subject
    model : Model
    parts : tuple of Part
        The training and the validation rows; all rows if none are held out.
    """

    subject: Subject
    model: Model
    parts: tuple[Part, ...]

    @property
    def epoch(self) -> int:
        """The moment."""
        return self.subject.epoch

    def part(self, name: str) -> Part:
        """Return a part by its name."""
        return next(part for part in self.parts if part.name == name)

    def chosen(self) -> Part | None:
        """Return the chosen row as a part of one row."""
        for part in self.parts:
            found = np.flatnonzero(part.rows == self.subject.row)
            if len(found):
                return part.take(found[:1])
        return None


def seen_of(subject: Subject) -> Seen:
    """Return the subject as views see it."""
    X, y, model = subject.table, subject.target, subject.model
    if model is None or X is None or y is None:
        names = subject.names[0][: subject.network.n_inputs]  # without the waves of a front
        X, y = Table(names, tuple(subject.X.T)), subject.Y
        looked: Model = NetworkModel(subject.network, subject.names[-1], subject.Y)
    else:
        looked = EstimatorModel(model)
    whole = Part("all", X, y, subject.rows)
    if not subject.held_out.any():
        return Seen(subject, looked, (whole,))
    return Seen(
        subject, looked, (_some("training", whole, ~subject.held_out), _some("validation", whole, subject.held_out))
    )


def _some(name: PartName, whole: Part, mask: Array) -> Part:
    """Return the rows of a part, of which no column is copied before it is used."""
    places = np.flatnonzero(mask)
    return Part(name, whole.X.part(places), whole.y[places], whole.rows[places])
