"""The records of blame: by neuron, by column, by class and by row, and the whole that prints itself."""

from dataclasses import asdict, dataclass
from html import escape
from typing import Any

from glassnet.core.records import Listing
from glassnet.errors import ParameterError
from glassnet.explanation.blame.text import blame_text, cells_of
from glassnet.explanation.formats.as_json import strict


@dataclass(frozen=True)
class NeuronBlame:
    """How much of the error one neuron carries, as a mean over rows.

    Attributes
    ----------
    layer, name : int, str
    activity : float
        Mean of its activation's size.
    error_signal : float
        Mean size of its delta.
    blame : float
        Mean of the sizes of the gradients of its weights onward, added up; for an output, which has none, its error
        signal.
    share : float
        Of its layer's blame.
    """

    layer: int
    name: str
    activity: float
    error_signal: float
    blame: float
    share: float


@dataclass(frozen=True)
class ColumnBlame:
    """How much of the error comes in by one column of the table, its inputs taken together.

    Attributes
    ----------
    column : str
    inputs : int
        Into how many inputs it is encoded.
    pull : float
        Mean size of the cost's slope by its inputs: how much a small change of them would change the cost.
    blame : float
        As of a neuron: the gradients of the weights that its inputs carry.
    share : float
    """

    column: str
    inputs: int
    pull: float
    blame: float
    share: float


@dataclass(frozen=True)
class ClassBlame:
    """How much of the error the rows of one class make.

    Attributes
    ----------
    label : object
    rows, wrong : int
        How many there are, and how many are taken for another class.
    cost : float
        Mean over its rows.
    share : float
        Of the whole cost.
    taken_for : object
        The class that its wrong rows are taken for most often; None if none is wrong.
    """

    label: Any
    rows: int
    wrong: int
    cost: float
    share: float
    taken_for: Any


@dataclass(frozen=True)
class RowBlame:
    """How much one row is at odds with what networks make of it.

    Attributes
    ----------
    row : int
        From 0, in the order of the data.
    target, predicted : object
        What the data say, and what the networks say.
    probability : float or None
        That they give to the target's class; None for quantities.
    blame : float
        The row's cost.
    is_suspect : bool
        Whether the target is probably a mistake: another class is as probable as it usually is for its own rows
        (confident learning, Northcutt et al. 2021); for quantities a robust z-score beyond 3.5.
    """

    row: int
    target: Any
    predicted: Any
    probability: float | None
    blame: float
    is_suspect: bool


@dataclass(frozen=True)
class Blame:
    """Who carries the error over a data set.

    Attributes
    ----------
    cost : float
        Mean over the rows.
    cost_name : str
    n_rows : int
    neurons : tuple of NeuronBlame
        Hidden layers and outputs, the most blamed of each layer first, from the outputs back.
    columns : tuple of ColumnBlame
        Most blamed first.
    classes : tuple of ClassBlame
        Of a classifier, most costly first; empty for others.
    rows : tuple of RowBlame
        Most blamed first.
    is_out_of_fold : bool
        Whether the rows are judged by networks that have not seen them.
    """

    cost: float
    cost_name: str
    n_rows: int
    neurons: tuple[NeuronBlame, ...]
    columns: tuple[ColumnBlame, ...]
    classes: tuple[ClassBlame, ...]
    rows: tuple[RowBlame, ...]
    is_out_of_fold: bool

    @property
    def suspects(self) -> tuple[RowBlame, ...]:
        """The rows whose target is probably a mistake, most blamed first."""
        return tuple(row for row in self.rows if row.is_suspect)

    def table(self, what: str) -> Listing:
        """Return a table that prints itself, in terminal and notebook.

        Parameters
        ----------
        what : {"neurons", "columns", "classes", "rows", "suspects"}
        """
        kinds = ("neurons", "columns", "classes", "rows", "suspects")
        if what not in kinds:
            raise ParameterError(f"there is no table of {what!r}. Choose from: {', '.join(kinds)}.")
        records = getattr(self, what)
        if not records:
            raise ParameterError(f"there are no {what} to show.")
        return Listing(tuple(cells_of(record) for record in records))

    def to_text(self, *, shown: int = 8) -> str:
        """Return who is blamed most, so many of each kind."""
        return blame_text(self, shown)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as strict JSON in full precision."""
        record: dict[str, Any] = strict(asdict(self))
        return record

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return f"Blame over {self.n_rows} rows: {self.cost_name} {self.cost:.6g}, {len(self.suspects)} suspect rows"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.to_text())}</pre>"
