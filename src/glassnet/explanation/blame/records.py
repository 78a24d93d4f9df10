"""The records of blame: by neuron, by column, by class and by row, and the whole that prints itself."""

from dataclasses import dataclass
from typing import Any


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
class BlameRecord:
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
